import { IndexError, RuntimeError } from './errors.js';
import { get_rng_state, set_rng_state } from './rng_state.js';
import type { Tensor } from './tensor.js';
import { runtime } from './wasm/module.js';

/** Where the seed stands in the state (assembly/random.ts). */
const SEED_OFFSET = 2520;

/**
 * A source of random numbers: PyTorch's CPU generator (mt19937), bit for bit. Its state lives in WebAssembly memory.
 *
 * @example
 * const g = new torch.Generator().manual_seed(0);
 * console.log(torch.randperm(4, { generator: g }).tolist()); // [ 0, 1, 3, 2 ]
 */
export class Generator {
  private readonly block = runtime().allocator.alloc(runtime().kernels.random_state_bytes());

  constructor() {
    this.manual_seed(67280421310721);
  }

  /** @internal Address of the state, for kernels. */
  get _state(): number {
    return this.block.ptr + this.block.lead;
  }

  /** Starts the stream of `seed` (an integer; as in torch its low 64 bits count). */
  manual_seed(seed: number | bigint): this {
    const value = BigInt.asUintN(64, toBigInt(seed));
    runtime().kernels.random_seed(this._state, Number(value & 0xffffffffn), Number(value >> 32n));
    return this;
  }

  /** Starts the stream of a seed that nobody chose, and returns the seed. */
  seed(): number | bigint {
    this.manual_seed(crypto.getRandomValues(new BigUint64Array(1))[0]);
    return this.initial_seed();
  }

  /** The seed of the stream. */
  initial_seed(): number | bigint {
    const seed = new DataView(runtime().heap.memory.buffer).getBigUint64(this._state + SEED_OFFSET, true);
    return seed <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seed) : seed;
  }

  /** The state as a uint8 tensor of 5,056 elements, in PyTorch's layout. */
  get_state(): Tensor {
    return get_rng_state(this);
  }

  /** Continues from a state that `get_state` gave, here or in PyTorch. */
  set_state(state: Tensor): this {
    set_rng_state(state, this);
    return this;
  }

  /** @internal 64 random bits. */
  _random64(): bigint {
    return BigInt.asUintN(64, runtime().kernels.random_u64(this._state));
  }
}

function toBigInt(seed: number | bigint): bigint {
  if (typeof seed === 'bigint') {
    if (seed < -(2n ** 63n) || seed >= 2n ** 64n) throw new RuntimeError('Overflow when unpacking long');
    return seed;
  }
  if (!Number.isInteger(seed)) throw new TypeError(`manual_seed expected an integer, got ${String(seed)}`);
  if (!Number.isSafeInteger(seed))
    throw new IndexError(`seed ${seed} is not a safe JavaScript integer; give a bigint`);
  return BigInt(seed);
}

let defaultGenerator: Generator | null = null;

/** The generator that is used where none is given. */
export function default_generator(): Generator {
  return (defaultGenerator ??= new Generator());
}

/**
 * Seeds the default generator and returns it. The stream is PyTorch's (1.13.1, x86-64 with AVX2), bit for bit.
 *
 * @example
 * torch.manual_seed(0);
 * console.log(torch.rand(1).item().toFixed(4)); // 0.4963
 */
export function manual_seed(seed: number | bigint): Generator {
  return default_generator().manual_seed(seed);
}

/** The seed of the default generator. */
export function initial_seed(): number | bigint {
  return default_generator().initial_seed();
}

/** Seeds the default generator with a seed that nobody chose, and returns the seed. */
export function seed(): number | bigint {
  return default_generator().seed();
}
