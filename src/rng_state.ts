import { uint8 } from './dtype.js';
import { RuntimeError } from './errors.js';
import { default_generator } from './generator.js';
import type { Generator } from './generator.js';
import { dense } from './ops/dense.js';
import type { Tensor } from './tensor.js';
import { address, allocate } from './tensor_handle.js';
import { runtime } from './wasm/module.js';

/**
 * The generator's state in PyTorch's own layout (5,056 bytes, aten/src/ATen/CPUGeneratorImpl.cpp), so that a state saved here can
 * be set there and the other way round. Field offsets: theirs, and those of assembly/random.ts.
 */
const TORCH_BYTES = 5056;
const WORDS = 624;
const OURS = { left: 2496, next: 2500, cache: 2504, cached: 2512, seeded: 2516, seed: 2520 };
const THEIRS = { seed: 0, left: 8, seeded: 12, next: 16, words: 24, cache: 5024, cached: 5040 };

function ourView(generator: Generator): DataView {
  return new DataView(runtime().heap.memory.buffer, generator._state, 2528);
}

function theirView(t: Tensor): DataView {
  return new DataView(runtime().heap.memory.buffer, address(t), TORCH_BYTES);
}

/**
 * The state of a generator (the default one) as a uint8 tensor of 5,056 elements.
 *
 * @example
 * const state = torch.get_rng_state();
 * const first = torch.rand(3);
 * torch.set_rng_state(state);
 * console.log(torch.rand(3).equal(first)); // true
 */
export function get_rng_state(generator: Generator = default_generator()): Tensor {
  const out = allocate([TORCH_BYTES], uint8);
  const from = ourView(generator);
  const to = theirView(out);
  for (let i = 0; i < TORCH_BYTES; i += 8) to.setBigUint64(i, 0n, true);
  to.setBigUint64(THEIRS.seed, from.getBigUint64(OURS.seed, true), true);
  to.setInt32(THEIRS.left, from.getInt32(OURS.left, true), true);
  to.setInt32(THEIRS.seeded, from.getInt32(OURS.seeded, true), true);
  to.setBigUint64(THEIRS.next, BigInt(from.getInt32(OURS.next, true)), true);
  for (let i = 0; i < WORDS; i++) to.setUint32(THEIRS.words + 8 * i, from.getUint32(4 * i, true), true);
  const cached = from.getInt32(OURS.cached, true);
  to.setInt32(THEIRS.cached, cached, true);
  // A cached normal that was used stays where it is here; torch clears it.
  if (cached !== 0) to.setFloat64(THEIRS.cache, from.getFloat64(OURS.cache, true), true);
  return out;
}

/** Sets the state of a generator (the default one) to what `get_rng_state` gave. */
export function set_rng_state(state: Tensor, generator: Generator = default_generator()): void {
  state._live();
  if (state.dtype !== uint8) throw new TypeError('RNG state must be a torch.ByteTensor');
  if (state.numel() !== TORCH_BYTES) {
    throw new RuntimeError(
      `Expected a CPUGeneratorImplState of size ${TORCH_BYTES} but found the input RNG state size to be ${state.numel()}`,
    );
  }
  const source = dense(state);
  const from = theirView(source);
  const left = from.getInt32(THEIRS.left, true);
  const next = from.getBigUint64(THEIRS.next, true);
  if (from.getInt32(THEIRS.seeded, true) !== 1 || left < 1 || left > WORDS || next > BigInt(WORDS)) {
    throw new RuntimeError('Invalid mt19937 state');
  }
  const to = ourView(generator);
  to.setBigUint64(OURS.seed, from.getBigUint64(THEIRS.seed, true), true);
  to.setInt32(OURS.left, left, true);
  to.setInt32(OURS.seeded, 1, true);
  to.setInt32(OURS.next, Number(next), true);
  for (let i = 0; i < WORDS; i++) to.setUint32(4 * i, from.getUint32(THEIRS.words + 8 * i, true), true);
  to.setFloat64(OURS.cache, from.getFloat64(THEIRS.cache, true), true);
  to.setInt32(OURS.cached, from.getInt32(THEIRS.cached, true), true);
  if (source !== state) source.dispose();
}
