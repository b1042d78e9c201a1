import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runtime } from '../../src/wasm/module.js';
import { Scratch, expectClose, expectSame, kernel, read, recorded, unpack } from './recorded.js';

interface Recorded {
  dtype: 'float32' | 'float64' | 'int64';
  shape: [number];
  first: number[];
  sha256: string;
}

type Seeded = Record<string, Recorded> & {
  'randn(5) twice': Recorded[];
  'DataLoader order, 2 epochs, 100 samples, batch 16, shuffle': number[][];
} & Record<
    `nn.${string}` | `Conv2d${string}`,
    { parameters: number; sha256_of_all_parameters_in_order: string }
  >;

const file = new URL('../fixtures/rng.json', import.meta.url);
const { seeds } = JSON.parse(readFileSync(file, 'utf8')) as { seeds: Record<string, Seeded> };

const scratch = new Scratch();
let state = 0;
beforeEach(() => {
  state = scratch.empty('f64', runtime().kernels.random_state_bytes() / 8);
});
afterEach(() => scratch.free());

const hash = (...parts: Uint8Array[]): string => {
  const sha = createHash('sha256');
  for (const part of parts) sha.update(part);
  return sha.digest('hex');
};

function bytes(ptr: number, length: number): Uint8Array {
  return runtime().heap.u8.slice(ptr, ptr + length);
}

type Fill = (out: number, n: number) => void;
const uniform = (type: 'f32' | 'f64', from: number, to: number): Fill => {
  return (out, n) => kernel('random_uniform', type)(state, out, n, from, to);
};
const normal = (mean: number, std: number): Fill => {
  return (out, n) => kernel('random_normal', 'f32')(state, out, n, mean, std);
};

for (const seed of Object.keys(seeds)) {
  const cases = seeds[seed];

  describe(`seed ${seed}`, () => {
    beforeEach(() => runtime().kernels.random_seed(state, Number(seed), 0));

    const size = { float32: 4, float64: 8, int64: 8 };
    const check = (c: Recorded, fill: Fill): void => {
      const out = scratch.empty('f64', c.shape[0]);
      fill(out, c.shape[0]);
      const found = bytes(out, c.shape[0] * size[c.dtype]);
      expect(hash(found)).toBe(c.sha256);
    };

    test.each<[string, () => Fill]>([
      ['rand(5)', () => uniform('f32', 0, 1)],
      ['rand(100003)', () => uniform('f32', 0, 1)],
      ['randn(5)', () => normal(0, 1)],
      ['randn(20)', () => normal(0, 1)],
      ['randn(100003)', () => normal(0, 1)],
      ['empty(7).normal_(1.5, 0.3)', () => normal(1.5, 0.3)],
      ['empty(1001).uniform_(-0.3, 1.7)', () => uniform('f32', -0.3, 1.7)],
      ['randperm(10)', () => (out, n) => runtime().kernels.random_permutation(state, out, n)],
      ['randperm(50000)', () => (out, n) => runtime().kernels.random_permutation(state, out, n)],
      [
        'randint(0, 1000, (1001,))',
        () => (out, n) => runtime().kernels.random_integer(state, out, n, 0, 1000),
      ],
      ['rand(1001, dtype=float64)', () => uniform('f64', 0, 1)],
      [
        'empty(1001).bernoulli_(0.3)',
        () => (out, n) => kernel('random_bernoulli', 'f32')(state, out, n, 0.3, 1),
      ],
      [
        'dropout(ones(1001), 0.5)',
        () => (out, n) => kernel('random_bernoulli', 'f32')(state, out, n, 0.5, 2),
      ],
    ])('%s', (name, fill) => check(cases[name], fill()));

    test('randn(5) twice: the second call begins with the cached normal', () => {
      for (const c of cases['randn(5) twice']) check(c, normal(0, 1));
    });

    // Default initialisation: U(±1/√fan_in) for the weight, then for the bias; the bound as kaiming_uniform_ computes it.
    const bound = (fan: number): number => Math.sqrt(3) * (Math.sqrt(2 / 6) / Math.sqrt(fan));
    const draw = (n: number, fill: Fill): Uint8Array => {
      const out = scratch.empty('f32', n);
      fill(out, n);
      return bytes(out, n * 4);
    };

    test.each([
      ['nn.Linear(4, 3)', 4, 3],
      ['nn.Linear(512, 1000)', 512, 1000],
    ] as const)('%s', (name, fan, features) => {
      const weight = draw(fan * features, uniform('f32', -bound(fan), bound(fan)));
      const bias = draw(features, uniform('f32', -1 / Math.sqrt(fan), 1 / Math.sqrt(fan)));
      expect(hash(weight, bias)).toBe(cases[name].sha256_of_all_parameters_in_order);
    });

    test('nn.Conv2d, then kaiming_normal_', () => {
      const weight = draw(3136, uniform('f32', -bound(49), bound(49)));
      expect(hash(weight)).toBe(
        cases['nn.Conv2d(1, 64, 7, 2, 3, bias=False)'].sha256_of_all_parameters_in_order,
      );
      const again = draw(3136, normal(0, Math.SQRT2 / Math.sqrt(64 * 49)));
      expect(hash(again)).toBe(
        cases['Conv2d(1,64,7) then kaiming_normal_(fan_out, relu)'].sha256_of_all_parameters_in_order,
      );
    });

    test('DataLoader order', () => {
      const { random_seed, random_u64, random_permutation } = runtime().kernels;
      const own = scratch.empty('f64', runtime().kernels.random_state_bytes() / 8);
      const out = scratch.empty('i64', 100);
      for (const order of cases['DataLoader order, 2 epochs, 100 samples, batch 16, shuffle']) {
        random_u64(state);
        random_seed(own, Number(BigInt.asIntN(32, random_u64(state))), 0);
        random_permutation(own, out, 100);
        expect([...read(out, 'i64', 100)].map(Number)).toEqual(order);
      }
    });
  });
}

describe('one generator, drawn from in turn', () => {
  const own = new Scratch();
  let chain = 0;
  beforeAll(() => {
    chain = own.empty('f64', runtime().kernels.random_state_bytes() / 8);
    runtime().kernels.random_seed(chain, 7, 256);
  });
  afterAll(() => own.free());

  type Kind =
    | 'normal'
    | 'normal_scalar'
    | 'uniform'
    | 'exponential'
    | 'bernoulli'
    | 'bernoulli_from'
    | 'integer'
    | 'state';
  for (const { kind, dtype, a, b, tensors } of recorded<{ kind: Kind; a: number; b: number }>('random')) {
    const expected = unpack(tensors['out']!);
    const n = expected.length;

    test(`${kind} ${dtype} (${a}, ${b}), ${n}`, () => {
      if (kind === 'state') {
        kernel('random_normal', 'f32')(chain, scratch.empty('f32', 1), 1, 0, 1);
        expect(torchState(chain)).toEqual(new Uint8Array(expected.buffer));
        return;
      }
      const type = kind === 'integer' ? 'i64' : dtype;
      const out = scratch.empty(type, n);
      if (kind === 'integer') runtime().kernels.random_integer(chain, out, n, a, b - a);
      else if (kind === 'bernoulli') kernel('random_bernoulli', dtype)(chain, out, n, a, 1);
      else if (kind === 'exponential') kernel('random_exponential', dtype)(chain, out, n, a);
      else if (kind === 'bernoulli_from') {
        kernel('random_bernoulli_from', dtype)(chain, scratch.put(unpack(tensors['p']!)), out, n);
      } else kernel(`random_${kind}`, dtype)(chain, out, n, a, b);
      // The logarithm, sine and cosine of f64 are musl's here and glibc's there.
      if (dtype === 'f64' && /normal|exponential/.test(kind))
        expectClose(read(out, type, n), expected, 1e-15, 1e-15, kind);
      else expectSame(read(out, type, n), expected, kind);
    });
  }
});

/** PyTorch's 5056-byte form of a state, by the table in assembly/random.ts. */
function torchState(ptr: number): Uint8Array {
  const from = new DataView(runtime().heap.memory.buffer, ptr);
  const torch = new Uint8Array(5056);
  const to = new DataView(torch.buffer);
  to.setBigUint64(0, from.getBigUint64(2520, true), true);
  to.setInt32(8, from.getInt32(2496, true), true);
  to.setInt32(12, from.getInt32(2516, true), true);
  to.setBigUint64(16, BigInt(from.getInt32(2500, true)), true);
  for (let j = 0; j < 624; j++) to.setBigUint64(24 + 8 * j, BigInt(from.getUint32(4 * j, true)), true);
  to.setFloat64(5024, from.getFloat64(2504, true), true);
  to.setInt32(5040, from.getInt32(2512, true), true);
  return torch;
}
