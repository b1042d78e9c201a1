import { afterEach, describe, expect, test } from 'vitest';
import * as op from '../../src/wasm/opcode.js';
import { erf, nearestEven, sigmoid, softplus, pythonMod, abs, big, extremes, shapes } from './reference.js';
import {
  Arena,
  type Dtype,
  type Layout,
  bool,
  difference,
  float32,
  floats,
  held,
  int64,
  integers,
  kernels,
  noise,
  product,
  read,
} from './strided.js';

const arena = new Arena();
afterEach(() => arena.free());

type Fn = (x: number, p0: number, p1: number, p2: number) => number;
interface Case {
  code: number;
  f: Fn;
  range: [number, number];
  p?: [number, number, number];
  /** Absolute tolerance in float32, where the result cancels. */
  atol?: number;
}

const unaryCases: Record<string, Case> = {
  neg: { code: op.U_NEG, f: (x) => -x, range: [-5, 5] },
  abs: { code: op.U_ABS, f: Math.abs, range: [-5, 5] },
  sign: { code: op.U_SIGN, f: Math.sign, range: [-5, 5] },
  sqrt: { code: op.U_SQRT, f: Math.sqrt, range: [0, 50] },
  rsqrt: { code: op.U_RSQRT, f: (x) => 1 / Math.sqrt(x), range: [0.01, 50] },
  reciprocal: { code: op.U_RECIPROCAL, f: (x) => 1 / x, range: [-5, 5] },
  square: { code: op.U_SQUARE, f: (x) => x * x, range: [-5, 5] },
  cube: { code: op.U_CUBE, f: (x) => x * x * x, range: [-5, 5] },
  relu: { code: op.U_RELU, f: (x) => Math.max(x, 0), range: [-5, 5] },
  floor: { code: op.U_FLOOR, f: Math.floor, range: [-5, 5] },
  ceil: { code: op.U_CEIL, f: Math.ceil, range: [-5, 5] },
  round: { code: op.U_ROUND, f: nearestEven, range: [-5, 5] },
  trunc: { code: op.U_TRUNC, f: Math.trunc, range: [-5, 5] },
  frac: { code: op.U_FRAC, f: (x) => x - Math.trunc(x), range: [-5, 5] },
  add_scalar: { code: op.U_ADD_SCALAR, f: (x, p) => x + p, range: [0, 5], p: [1.25, 0, 0] },
  rsub_scalar: { code: op.U_RSUB_SCALAR, f: (x, p) => p - x, range: [-5, 0], p: [1.25, 0, 0] },
  mul_scalar: { code: op.U_MUL_SCALAR, f: (x, p) => x * p, range: [-5, 5], p: [1.25, 0, 0] },
  div_scalar: { code: op.U_DIV_SCALAR, f: (x, p) => x / p, range: [-5, 5], p: [1.25, 0, 0] },
  rdiv_scalar: { code: op.U_RDIV_SCALAR, f: (x, p) => p / x, range: [-5, 5], p: [1.25, 0, 0] },
  clamp: {
    code: op.U_CLAMP,
    f: (x, a, b) => Math.min(Math.max(x, a), b),
    range: [-5, 5],
    p: [-1.5, 2.25, 0],
  },
  clamp_min: { code: op.U_CLAMP_MIN, f: (x, a) => Math.max(x, a), range: [-5, 5], p: [-1.5, 0, 0] },
  clamp_max: { code: op.U_CLAMP_MAX, f: (x, a) => Math.min(x, a), range: [-5, 5], p: [-1.5, 0, 0] },
  leaky_relu: { code: op.U_LEAKY_RELU, f: (x, a) => (x > 0 ? x : x * a), range: [-5, 5], p: [0.125, 0, 0] },
  threshold: { code: op.U_THRESHOLD, f: (x, t, v) => (x > t ? x : v), range: [-5, 5], p: [0.5, 20, 0] },
  hardsigmoid: {
    code: op.U_HARDSIGMOID,
    f: (x) => Math.min(Math.max(x + 3, 0), 6) / 6,
    range: [-5, 5],
    atol: 1e-7,
  },
  hardswish: {
    code: op.U_HARDSWISH,
    f: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
    range: [-5, 5],
    atol: 2e-7,
  },
  nan_to_num: { code: op.U_NAN_TO_NUM, f: (x) => x, range: [-5, 5], p: [1, 2, 3] },
  exp: { code: op.U_EXP, f: Math.exp, range: [-80, 80] },
  expm1: { code: op.U_EXPM1, f: Math.expm1, range: [-3, 3] },
  log: { code: op.U_LOG, f: Math.log, range: [0, 9] },
  log1p: { code: op.U_LOG1P, f: Math.log1p, range: [-0.9, 2] },
  sigmoid: { code: op.U_SIGMOID, f: sigmoid, range: [-20, 20] },
  tanh: { code: op.U_TANH, f: Math.tanh, range: [-3, 3] },
  silu: { code: op.U_SILU, f: (x) => x * sigmoid(x), range: [-20, 20] },
  gelu: { code: op.U_GELU, f: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)), range: [-4, 4], atol: 4e-7 },
  gelu_tanh: {
    code: op.U_GELU_TANH,
    f: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
    range: [-4, 4],
    atol: 4e-7,
  },
  elu: {
    code: op.U_ELU,
    f: (x, a, s, i) => (x <= 0 ? a * s * Math.expm1(x * i) : x * s),
    range: [-5, 5],
    p: [1.5, 1.25, 0.5],
  },
  softplus: {
    code: op.U_SOFTPLUS,
    f: (x, b, t) => (x * b > t ? x : softplus(x * b) / b),
    range: [-20, 20],
    p: [2, 20, 0],
  },
  logsigmoid: { code: op.U_LOGSIGMOID, f: (x) => -softplus(-x), range: [-20, 20] },
  mish: { code: op.U_MISH, f: (x) => x * Math.tanh(softplus(x)), range: [-20, 30] },
  erf: { code: op.U_ERF, f: erf, range: [-2.2, 2.2] },
  exp2: { code: op.U_EXP2, f: (x) => 2 ** x, range: [-20, 20] },
  log2: { code: op.U_LOG2, f: Math.log2, range: [0, 9] },
  log10: { code: op.U_LOG10, f: Math.log10, range: [0, 9] },
  sin: { code: op.U_SIN, f: Math.sin, range: [-50, 50] },
  cos: { code: op.U_COS, f: Math.cos, range: [-50, 50] },
  tan: { code: op.U_TAN, f: Math.tan, range: [-50, 50] },
  asin: { code: op.U_ASIN, f: Math.asin, range: [-1, 1] },
  acos: { code: op.U_ACOS, f: Math.acos, range: [-1, 1] },
  atan: { code: op.U_ATAN, f: Math.atan, range: [-50, 50] },
  sinh: { code: op.U_SINH, f: Math.sinh, range: [-9, 9] },
  cosh: { code: op.U_COSH, f: Math.cosh, range: [-9, 9] },
  asinh: { code: op.U_ASINH, f: Math.asinh, range: [-9, 9] },
  acosh: { code: op.U_ACOSH, f: Math.acosh, range: [1, 9] },
  atanh: { code: op.U_ATANH, f: Math.atanh, range: [-1, 1] },
  pow_2: { code: op.U_POW_SCALAR, f: (x) => x * x, range: [-5, 5], p: [2, 0, 0] },
  pow_3: { code: op.U_POW_SCALAR, f: (x) => x ** 3, range: [-5, 5], p: [3, 0, 0] },
  pow_half: { code: op.U_POW_SCALAR, f: Math.sqrt, range: [0, 5], p: [0.5, 0, 0] },
  pow_minus_half: { code: op.U_POW_SCALAR, f: (x) => 1 / Math.sqrt(x), range: [0, 5], p: [-0.5, 0, 0] },
  pow_minus_1: { code: op.U_POW_SCALAR, f: (x) => 1 / x, range: [-5, 5], p: [-1, 0, 0] },
  pow_minus_2: { code: op.U_POW_SCALAR, f: (x) => 1 / (x * x), range: [-5, 5], p: [-2, 0, 0] },
  pow: { code: op.U_POW_SCALAR, f: (x, p) => x ** p, range: [0, 5], p: [1.75, 0, 0] },
  rpow: { code: op.U_RPOW_SCALAR, f: (x, p) => p ** x, range: [-9, 9], p: [1.75, 0, 0] },
  remainder: { code: op.U_REMAINDER_SCALAR, f: pythonMod, range: [-9, 9], p: [-1.75, 0, 0] },
  fmod: { code: op.U_FMOD_SCALAR, f: (x, p) => x % p, range: [-9, 9], p: [-1.75, 0, 0] },
  floor_div: {
    code: op.U_FLOOR_DIV_SCALAR,
    f: (x, p) => Math.floor(x / p),
    range: [-9, 9],
    p: [-1.75, 0, 0],
  },
  trunc_div: {
    code: op.U_TRUNC_DIV_SCALAR,
    f: (x, p) => Math.trunc(x / p),
    range: [-9, 9],
    p: [-1.75, 0, 0],
  },
};

function runUnary(
  dtype: Dtype,
  code: number,
  values: (i: number) => number | bigint,
  sizes: readonly number[],
  layouts: [Layout, Layout],
  p: readonly number[] = [0, 0, 0],
): { x: (number | bigint)[]; y: (number | bigint)[] } {
  const x = arena.fill(dtype, sizes, layouts[1], values);
  const out = arena.empty(dtype, sizes, layouts[0]);
  kernels().unary(
    dtype.code,
    code,
    x.ptr,
    out.ptr,
    arena.desc(sizes, out.strides, x.strides),
    p[0],
    p[1],
    p[2],
  );
  return { x: read(x), y: read(out) };
}

describe('unary, float', () => {
  for (const [name, c] of Object.entries(unaryCases)) {
    for (const dtype of floats) {
      test(`${name} ${dtype.name}`, () => {
        const [low, high] = c.range;
        for (const sizes of shapes) {
          for (const layouts of [
            ['dense', 'dense'],
            ['dense', 'reversed'],
            ['gap', 'dense'],
            ['reversed', 'row'],
            ['dense', 'scalar'],
          ] as [Layout, Layout][]) {
            const random = noise(product(sizes));
            const p = c.p ?? [0, 0, 0];
            const { x, y } = runUnary(dtype, c.code, () => low + random() * (high - low), sizes, layouts, p);
            const want = x.map((v) => c.f(Number(v), p[0], p[1], p[2]));
            const [rtol, atol] =
              dtype === float32 ? [5e-7, c.atol ?? 1e-38] : [2e-14, c.atol ? 1e-12 : 2e-15];
            expect(difference(y, want, rtol, atol), `${sizes} ${layouts}`).toBe('');
          }
        }
      });
    }
  }

  // Values from 50-digit arithmetic.
  const special: [string, number, [number, number][]][] = [
    [
      'erf',
      op.U_ERF,
      [
        [2 ** -33, 1.3136062388023275e-10],
        [0.5, 0.5204998778130465],
        [1, 0.8427007929497149],
        [-2.5, -0.999593047982555],
        [7, 1.0],
      ],
    ],
    [
      'erfc',
      op.U_ERFC,
      [
        [-1, 1.8427007929497148],
        [0.5, 0.4795001221869535],
        [3, 2.209049699858544e-5],
        [10, 2.088487583762545e-45],
        [25, 8.300172571196523e-274],
      ],
    ],
    [
      'erfinv',
      op.U_ERFINV,
      [
        [0.125, 0.11123545184094996],
        [-0.5, -0.4769362762044699],
        [0.9990234375, 2.331467773621948],
        [1 - 2 ** -20, 3.465505025803331],
      ],
    ],
    [
      'lgamma',
      op.U_LGAMMA,
      [
        [0.25, 1.2880225246980774],
        [1.5, -0.12078223763524522],
        [3, Math.LN2],
        [9.5, 11.689333420797269],
        [100, 359.1342053695754],
        [-0.5, 1.2655121234846454],
        [-3.75, -1.3172679424463636],
      ],
    ],
    [
      'digamma',
      op.U_DIGAMMA,
      [
        [0.5, -1.9635100260214235],
        [1, -0.5772156649015329],
        [12.25, 2.464154655185369],
        [-1.5, 0.7031566406452432],
        [1000000.0, 13.815510057964191],
      ],
    ],
  ];
  for (const [name, code, points] of special) {
    test(`${name} at known points`, () => {
      for (const dtype of floats) {
        const { y } = runUnary(dtype, code, (i) => points[i][0], [points.length], ['dense', 'dense']);
        const want = points.map(([, v]) => held(dtype, v));
        expect(difference(y, want, dtype === float32 ? 3e-7 : 5e-14, 1e-300), dtype.name).toBe('');
      }
    });
  }

  test('infinities, NaN, zeros and the ends of the range', () => {
    const rows: [number, number, number][] = [
      [op.U_EXP, Infinity, Infinity],
      [op.U_EXP, -Infinity, 0],
      [op.U_EXP, NaN, NaN],
      [op.U_EXP, 0, 1],
      [op.U_EXP, 1000, Infinity],
      [op.U_EXP, -1000, 0],
      [op.U_LOG, 0, -Infinity],
      [op.U_LOG, -1, NaN],
      [op.U_LOG, Infinity, Infinity],
      [op.U_LOG, NaN, NaN],
      [op.U_LOG1P, -1, -Infinity],
      [op.U_LOG1P, -2, NaN],
      [op.U_LOG1P, Infinity, Infinity],
      [op.U_EXPM1, -Infinity, -1],
      [op.U_EXPM1, Infinity, Infinity],
      [op.U_SIGMOID, -Infinity, 0],
      [op.U_SIGMOID, Infinity, 1],
      [op.U_SIGMOID, NaN, NaN],
      [op.U_TANH, -Infinity, -1],
      [op.U_TANH, NaN, NaN],
      [op.U_ERF, -Infinity, -1],
      [op.U_ERF, NaN, NaN],
      [op.U_RELU, NaN, NaN],
      [op.U_RELU, -Infinity, 0],
      [op.U_SIGN, NaN, 0],
      [op.U_ROUND, 2.5, 2],
      [op.U_ROUND, -3.5, -4],
      [op.U_LGAMMA, 0, Infinity],
      [op.U_LGAMMA, -3, Infinity],
      [op.U_DIGAMMA, 0, -Infinity],
      [op.U_DIGAMMA, -2, NaN],
      [op.U_ERFINV, 1, Infinity],
      [op.U_ERFINV, -1, -Infinity],
      [op.U_ERFINV, 1.5, NaN],
      [op.U_MISH, 1e30, 1e30],
      [op.U_GELU, -Infinity, NaN],
      [op.U_SQRT, -1, NaN],
    ];
    for (const dtype of floats) {
      for (const [code, x, want] of rows) {
        // Nine elements: eight through the vector path, one through the tail.
        const { y } = runUnary(dtype, code, () => x, [9], ['dense', 'dense']);
        expect(
          difference(
            y,
            y.map(() => held(dtype, want)),
          ),
          `op ${code} of ${x} ${dtype.name}`,
        ).toBe('');
      }
    }
  });

  test('clamp and nan_to_num treat NaN and infinities as torch does', () => {
    const values = [NaN, Infinity, -Infinity, 0.5];
    for (const dtype of floats) {
      const run = (code: number, p: number[]): (number | bigint)[] =>
        runUnary(dtype, code, (i) => values[i % 4], [4], ['dense', 'dense'], p).y;
      expect(run(op.U_CLAMP, [-1, 1, 0])).toEqual([NaN, 1, -1, 0.5]);
      expect(run(op.U_CLAMP_MIN, [0.75, 0, 0])).toEqual([NaN, Infinity, 0.75, 0.75]);
      expect(run(op.U_NAN_TO_NUM, [7, 8, -9])).toEqual([7, 8, -9, 0.5]);
    }
  });

  test('float32 exp reaches the subnormals', () => {
    const { x, y } = runUnary(float32, op.U_EXP, (i) => -87 - i * 0.5, [34], ['dense', 'dense']);
    expect(
      difference(
        y,
        x.map((v) => Math.fround(Math.exp(Number(v)))),
        2e-7,
        1.5e-45,
      ),
    ).toBe('');
  });
});

type IntFn = (x: bigint, p: bigint, q: bigint) => bigint;
describe('unary, integer', () => {
  const cases: Record<string, [number, IntFn]> = {
    neg: [op.U_NEG, (x) => -x],
    abs: [op.U_ABS, abs],
    sign: [op.U_SIGN, (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n)],
    square: [op.U_SQUARE, (x) => x * x],
    relu: [op.U_RELU, (x) => big.max(x, 0n)],
    add: [op.U_ADD_SCALAR, (x, p) => x + p],
    rsub: [op.U_RSUB_SCALAR, (x, p) => p - x],
    mul: [op.U_MUL_SCALAR, (x, p) => x * p],
    clamp: [op.U_CLAMP, (x, p, q) => big.min(big.max(x, p), q)],
    clamp_min: [op.U_CLAMP_MIN, (x, p) => big.max(x, p)],
    clamp_max: [op.U_CLAMP_MAX, (x, p) => big.min(x, p)],
    threshold: [op.U_THRESHOLD, (x, p, q) => (x > p ? x : q)],
    pow: [op.U_POW_SCALAR, (x, p) => x ** p],
    remainder: [op.U_REMAINDER_SCALAR, big.mod],
    fmod: [op.U_FMOD_SCALAR, (x, p) => x % p],
    floor_div: [op.U_FLOOR_DIV_SCALAR, big.floorDiv],
    trunc_div: [op.U_TRUNC_DIV_SCALAR, (x, p) => x / p],
    bitwise_not: [op.U_BITWISE_NOT, (x) => ~x],
    floor: [op.U_FLOOR, (x) => x],
  };
  for (const [name, [code, f]] of Object.entries(cases)) {
    test(name, () => {
      for (const dtype of integers) {
        const values = extremes(dtype);
        for (const layouts of [
          ['dense', 'dense'],
          ['gap', 'gap'],
        ] as [Layout, Layout][]) {
          const { y } = runUnary(dtype, code, (i) => values[i], [values.length], layouts, [3, 50, 0]);
          const want = values.map((v) => held(dtype, f(v, 3n, 50n)));
          expect(difference(y, want), `${dtype.name} ${layouts}`).toBe('');
        }
      }
    });
  }

  test('rpow', () => {
    const { y } = runUnary(int64, op.U_RPOW_SCALAR, (i) => BigInt(i), [20], ['dense', 'dense'], [3, 0, 0]);
    expect(y).toEqual(Array.from({ length: 20 }, (_, i) => 3n ** BigInt(i)));
  });

  test('a bool stays 0 or 1', () => {
    const run = (code: number): (number | bigint)[] =>
      runUnary(bool, code, (i) => i % 2, [4], ['dense', 'dense'], [1, 1, 0]).y;
    expect(run(op.U_BITWISE_NOT)).toEqual([1, 0, 1, 0]);
    expect(run(op.U_ADD_SCALAR)).toEqual([1, 1, 1, 1]);
    expect(run(op.U_MUL_SCALAR)).toEqual([0, 1, 0, 1]);
  });
});
