import { afterEach, describe, expect, test } from 'vitest';
import * as op from '../../src/wasm/opcode.js';
import {
  Arena,
  type Dtype,
  type Layout,
  bool,
  difference,
  float32,
  float64,
  floats,
  held,
  int32,
  int64,
  integers,
  kernels,
  noise,
  product,
  read,
} from './strided.js';

const arena = new Arena();
afterEach(() => arena.free());

const shapes: readonly number[][] = [[1], [7], [33], [3, 5], [2, 3, 19]];
type Fn = (x: number, p0: number, p1: number, p2: number) => number;

/** Taylor series, to 1e-12 for |x| <= 3. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 80; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (sum * 2) / Math.sqrt(Math.PI);
}

function nearestEven(x: number): number {
  const f = Math.floor(x);
  const d = x - f;
  if (d !== 0.5) return Math.round(x);
  return f % 2 === 0 ? f : f + 1;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const pythonMod = (a: number, b: number): number => {
  const m = a % b;
  return m !== 0 && m < 0 !== b < 0 ? m + b : m;
};

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
    p[0]!,
    p[1]!,
    p[2]!,
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
        [3, 0.6931471805599453],
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
        const { y } = runUnary(dtype, code, (i) => points[i]![0], [points.length], ['dense', 'dense']);
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
        runUnary(dtype, code, (i) => values[i % 4]!, [4], ['dense', 'dense'], p).y;
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
const abs = (x: bigint): bigint => (x < 0n ? -x : x);
const big = {
  floorDiv: (a: bigint, b: bigint): bigint => (a % b !== 0n && a < 0n !== b < 0n ? a / b - 1n : a / b),
  mod: (a: bigint, b: bigint): bigint => (a % b !== 0n && a < 0n !== b < 0n ? (a % b) + b : a % b),
  max: (a: bigint, b: bigint): bigint => (a > b ? a : b),
  min: (a: bigint, b: bigint): bigint => (a < b ? a : b),
  gcd: (a: bigint, b: bigint): bigint => (b === 0n ? abs(a) : big.gcd(b, a % b)),
};
const extremes = (dtype: Dtype): bigint[] => {
  const top = dtype.signed ? (1n << BigInt(dtype.bits - 1)) - 1n : (1n << BigInt(dtype.bits)) - 1n;
  return [
    0n,
    1n,
    2n,
    3n,
    5n,
    7n,
    100n,
    top,
    top - 1n,
    ...(dtype.signed ? [-1n, -2n, -7n, -100n, -top - 1n] : []),
  ];
};

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
          const { y } = runUnary(dtype, code, (i) => values[i]!, [values.length], layouts, [3, 50, 0]);
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

const pairs: [Layout, Layout, Layout][] = [
  ['dense', 'dense', 'dense'],
  ['dense', 'dense', 'scalar'],
  ['dense', 'scalar', 'dense'],
  ['dense', 'dense', 'row'],
  ['dense', 'column', 'dense'],
  ['dense', 'dense', 'column'],
  ['gap', 'reversed', 'dense'],
  ['reversed', 'gap', 'reversed'],
];

function runBinary(
  dtype: Dtype,
  code: number,
  va: (i: number) => number | bigint,
  vb: (i: number) => number | bigint,
  sizes: readonly number[],
  layouts: [Layout, Layout, Layout],
  p: readonly [number, number] = [1, 0],
): { a: (number | bigint)[]; b: (number | bigint)[]; y: (number | bigint)[]; flag: number } {
  const a = arena.fill(dtype, sizes, layouts[1], va);
  const b = arena.fill(dtype, sizes, layouts[2], vb);
  const out = arena.empty(dtype, sizes, layouts[0]);
  const desc = arena.desc(sizes, out.strides, a.strides, b.strides);
  const flag = kernels().binary(dtype.code, code, a.ptr, b.ptr, out.ptr, desc, p[0], p[1]);
  return { a: read(a), b: read(b), y: read(out), flag };
}

describe('binary, float', () => {
  const phi = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  const cases: Record<string, [number, (a: number, b: number) => number, [number, number]?, number?]> = {
    add: [op.B_ADD, (a, b) => a + b, [1, 0], 1e-6],
    add_minus: [op.B_ADD, (a, b) => a - b, [-1, 0], 1e-6],
    add_scaled: [op.B_ADD, (a, b) => a + 0.375 * b, [0.375, 0], 1e-6],
    sub: [op.B_SUB, (a, b) => a - b, , 1e-6],
    mul: [op.B_MUL, (a, b) => a * b],
    div: [op.B_DIV, (a, b) => a / b],
    maximum: [op.B_MAXIMUM, Math.max],
    minimum: [op.B_MINIMUM, Math.min],
    fmax: [op.B_FMAX, Math.max],
    fmin: [op.B_FMIN, Math.min],
    copysign: [op.B_COPYSIGN, (a, b) => Math.abs(a) * (b < 0 ? -1 : 1)],
    trunc_div: [op.B_TRUNC_DIV, (a, b) => Math.trunc(a / b)],
    floor_div: [op.B_FLOOR_DIV, (a, b) => Math.floor(a / b)],
    remainder: [op.B_REMAINDER, pythonMod, , 1e-6],
    fmod: [op.B_FMOD, (a, b) => a % b],
    relu_backward: [op.B_RELU_BACKWARD, (g, y) => (y <= 0 ? 0 : g)],
    threshold_backward: [op.B_THRESHOLD_BACKWARD, (g, x) => (x <= 0.5 ? 0 : g), [0.5, 0]],
    hardtanh_backward: [op.B_HARDTANH_BACKWARD, (g, x) => (x <= -1 || x >= 1.5 ? 0 : g), [-1, 1.5]],
    leaky_relu_backward: [op.B_LEAKY_RELU_BACKWARD, (g, x) => (x > 0 ? g : g * 0.125), [0.125, 0]],
    sigmoid_backward: [op.B_SIGMOID_BACKWARD, (g, y) => g * (1 - y) * y, , 2e-6],
    tanh_backward: [op.B_TANH_BACKWARD, (g, y) => g * (1 - y * y), , 4e-6],
    silu_backward: [op.B_SILU_BACKWARD, (g, x) => g * sigmoid(x) * (1 + x * (1 - sigmoid(x))), , 2e-6],
    gelu_backward: [op.B_GELU_BACKWARD, (g, x) => g * (0.5 * (1 + erf(x / Math.SQRT2)) + x * phi(x)), , 2e-6],
    pow: [op.B_POW, (a, b) => a ** b],
    atan2: [op.B_ATAN2, Math.atan2],
    hypot: [op.B_HYPOT, Math.hypot],
    xlogy: [op.B_XLOGY, (a, b) => a * Math.log(b)],
    logaddexp: [op.B_LOGADDEXP, (a, b) => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b))), , 1e-6],
    logaddexp2: [op.B_LOGADDEXP2, (a, b) => Math.log2(2 ** a + 2 ** b), , 1e-6],
    heaviside: [op.B_HEAVISIDE, (a, b) => (a === 0 ? b : a < 0 ? 0 : 1)],
  };
  for (const [name, [code, f, p, atol]] of Object.entries(cases)) {
    test(name, () => {
      for (const dtype of floats) {
        for (const sizes of shapes) {
          for (const layouts of pairs) {
            const random = noise(product(sizes));
            const value = (): number => (random() - 0.45) * 8;
            const r = runBinary(dtype, code, value, value, sizes, layouts, p);
            const want = r.a.map((v, i) => f(Number(v), Number(r.b[i])));
            const tolerance = dtype === float32 ? [1e-6, atol ?? 1e-38] : [2e-14, atol ? 1e-11 : 1e-300];
            expect(difference(r.y, want, ...tolerance), `${dtype.name} ${sizes} ${layouts}`).toBe('');
            expect(r.flag).toBe(0);
          }
        }
      }
    });
  }

  test('a scaled addition in float32 is rounded once', () => {
    const random = noise(5);
    const v = (): number => random() - 0.5;
    const r = runBinary(float32, op.B_ADD, v, v, [101], ['dense', 'dense', 'dense'], [0.1, 0]);
    const scale = Math.fround(0.1);
    expect(
      difference(
        r.y,
        r.a.map((a, i) => Math.fround(Number(a) + scale * Number(r.b[i]))),
      ),
    ).toBe('');
  });

  test('NaN wins in maximum and loses in fmax; relu_backward lets it pass', () => {
    for (const dtype of floats) {
      const run = (code: number, a: number, b: number): (number | bigint)[] =>
        runBinary(
          dtype,
          code,
          () => a,
          () => b,
          [9],
          ['dense', 'dense', 'dense'],
        ).y;
      const all = (v: number): number[] => Array<number>(9).fill(v);
      for (const code of [op.B_MAXIMUM, op.B_MINIMUM]) {
        expect(run(code, NaN, 1)).toEqual(all(NaN));
        expect(run(code, 1, NaN)).toEqual(all(NaN));
      }
      for (const code of [op.B_FMAX, op.B_FMIN]) {
        expect(run(code, NaN, 1)).toEqual(all(1));
        expect(run(code, 1, NaN)).toEqual(all(1));
        expect(run(code, NaN, NaN)).toEqual(all(NaN));
      }
      expect(run(op.B_RELU_BACKWARD, 3, NaN)).toEqual(all(3));
      expect(run(op.B_XLOGY, 0, 0)).toEqual(all(0));
      expect(run(op.B_XLOGY, 0, NaN)).toEqual(all(NaN));
      expect(run(op.B_FLOOR_DIV, 1, 0)).toEqual(all(Infinity));
      expect(run(op.B_POW, 1, NaN)).toEqual(all(1));
      expect(run(op.B_POW, -1, Infinity)).toEqual(all(1));
    }
  });
});

describe('binary, integer', () => {
  const cases: Record<string, [number, (a: bigint, b: bigint) => bigint]> = {
    add: [op.B_ADD, (a, b) => a + 3n * b],
    sub: [op.B_SUB, (a, b) => a - b],
    mul: [op.B_MUL, (a, b) => a * b],
    maximum: [op.B_MAXIMUM, big.max],
    minimum: [op.B_MINIMUM, big.min],
    fmax: [op.B_FMAX, big.max],
    fmin: [op.B_FMIN, big.min],
    trunc_div: [op.B_TRUNC_DIV, (a, b) => (b === 0n ? 0n : a / b)],
    floor_div: [op.B_FLOOR_DIV, (a, b) => (b === 0n ? 0n : big.floorDiv(a, b))],
    fmod: [op.B_FMOD, (a, b) => (b === 0n ? 0n : a % b)],
    remainder: [op.B_REMAINDER, (a, b) => (b === 0n ? 0n : big.mod(a, b))],
    and: [op.B_AND, (a, b) => a & b],
    or: [op.B_OR, (a, b) => a | b],
    xor: [op.B_XOR, (a, b) => a ^ b],
    gcd: [op.B_GCD, big.gcd],
  };
  const divisions: number[] = [op.B_TRUNC_DIV, op.B_FLOOR_DIV, op.B_FMOD, op.B_REMAINDER];
  for (const [name, [code, f]] of Object.entries(cases)) {
    test(name, () => {
      for (const dtype of integers) {
        const e = extremes(dtype);
        const n = e.length;
        for (const layouts of [
          ['dense', 'column', 'row'],
          ['gap', 'column', 'row'],
        ] as [Layout, Layout, Layout][]) {
          const r = runBinary(
            dtype,
            code,
            (i) => e[Math.floor(i / n)]!,
            (i) => e[i % n]!,
            [n, n],
            layouts,
            [3, 0],
          );
          const want = r.a.map((v, i) => held(dtype, f(BigInt(v), BigInt(r.b[i]!))));
          // gcd of the lowest value does not fit its own dtype, and int64 has no wider one to be computed in.
          const lowest = code === op.B_GCD && dtype === int64 ? -(1n << 63n) : null;
          const kept = want.map((v, i) => (r.a[i] === lowest || r.b[i] === lowest ? r.y[i]! : v));
          expect(difference(r.y, kept), dtype.name).toBe('');
          expect(r.flag).toBe(divisions.includes(code) ? 1 : 0);
        }
      }
    });
  }

  test('lcm, pow and shifts', () => {
    const run = (code: number, a: number[], b: number[]): (number | bigint)[] =>
      runBinary(
        int32,
        code,
        (i) => a[i]!,
        (i) => b[i]!,
        [a.length],
        ['dense', 'dense', 'dense'],
      ).y;
    expect(run(op.B_LCM, [4, 0, -6, 21], [6, 5, 4, 14])).toEqual([12, 0, 12, 42]);
    expect(run(op.B_POW, [2, -3, 5, 1, -1, 2], [10, 3, 0, -4, -3, -1])).toEqual([1024, -27, 1, 1, -1, 0]);
    expect(run(op.B_SHL, [1, 3, -1, 1], [4, 30, 1, 70])).toEqual([16, -1073741824, -2, 0]);
    expect(run(op.B_SHR, [16, -16, -1, 5], [2, 2, 70, 1])).toEqual([4, -4, -1, 2]);
  });

  test('bool: sum is or, product is and', () => {
    const run = (code: number): (number | bigint)[] =>
      runBinary(
        bool,
        code,
        (i) => i & 1,
        (i) => i >> 1,
        [4],
        ['dense', 'dense', 'dense'],
      ).y;
    expect(run(op.B_ADD)).toEqual([0, 1, 1, 1]);
    expect(run(op.B_MUL)).toEqual([0, 0, 0, 1]);
    expect(run(op.B_XOR)).toEqual([0, 1, 1, 0]);
  });
});

describe('ternary', () => {
  const cases: Record<string, [number, (a: number, b: number, c: number) => number]> = {
    addcmul: [op.K_ADDCMUL, (a, b, c) => a + 0.5 * b * c],
    addcdiv: [op.K_ADDCDIV, (a, b, c) => a + (0.5 * b) / c],
    lerp: [op.K_LERP, (a, b, c) => a + c * (b - a)],
    clamp: [op.K_CLAMP, (a, b, c) => Math.min(Math.max(a, b), c)],
  };
  for (const [name, [code, f]] of Object.entries(cases)) {
    test(name, () => {
      for (const dtype of floats) {
        for (const sizes of shapes) {
          for (const layouts of [
            ['dense', 'dense', 'dense', 'dense'],
            ['dense', 'dense', 'scalar', 'row'],
            ['gap', 'reversed', 'column', 'dense'],
          ] as Layout[][]) {
            const random = noise(9);
            const make = (l: Layout): ReturnType<Arena['fill']> =>
              arena.fill(dtype, sizes, l, () => random() * 3 - 1);
            const [a, b, c] = [make(layouts[1]!), make(layouts[2]!), make(layouts[3]!)];
            const out = arena.empty(dtype, sizes, layouts[0]);
            const desc = arena.desc(sizes, out.strides, a.strides, b.strides, c.strides);
            kernels().ternary(dtype.code, code, a.ptr, b.ptr, c.ptr, out.ptr, desc, 0.5);
            const [vb, vc] = [read(b), read(c)];
            const want = read(a).map((v, i) => f(Number(v), Number(vb[i]), Number(vc[i])));
            const [rtol, atol] = dtype === float32 ? [1e-5, 1e-6] : [1e-13, 1e-14];
            expect(difference(read(out), want, rtol, atol), `${dtype.name} ${sizes} ${layouts}`).toBe('');
          }
        }
      }
    });
  }

  test('integers', () => {
    for (const dtype of integers) {
      const [a, b, c] = [
        arena.vector(dtype, [1, 2, 100]),
        arena.vector(dtype, [3, 1, 4]),
        arena.vector(dtype, [2, 9, 50]),
      ];
      const out = arena.empty(dtype, [3]);
      const desc = arena.desc([3], [1], [1], [1], [1]);
      kernels().ternary(dtype.code, op.K_ADDCMUL, a.ptr, b.ptr, c.ptr, out.ptr, desc, 2);
      expect(read(out).map(Number)).toEqual([13, 20, 500].map((v) => Number(held(dtype, v))));
      kernels().ternary(dtype.code, op.K_CLAMP, a.ptr, b.ptr, c.ptr, out.ptr, desc, 0);
      expect(read(out).map(Number)).toEqual([2, 2, 50]);
    }
  });

  test('lerp is exact at both ends', () => {
    const [a, b] = [arena.vector(float32, [0.1, 1e8]), arena.vector(float32, [0.7, 3])];
    const out = arena.empty(float32, [2]);
    for (const [w, end] of [
      [0, a],
      [1, b],
    ] as const) {
      const c = arena.vector(float32, [w, w]);
      kernels().ternary(
        float32.code,
        op.K_LERP,
        a.ptr,
        b.ptr,
        c.ptr,
        out.ptr,
        arena.desc([2], [1], [1], [1], [1]),
        0,
      );
      expect(read(out)).toEqual(read(end));
    }
  });
});

describe('comparison', () => {
  const cases: [number, (a: number, b: number) => boolean][] = [
    [op.C_EQ, (a, b) => a === b],
    [op.C_NE, (a, b) => a !== b],
    [op.C_LT, (a, b) => a < b],
    [op.C_LE, (a, b) => a <= b],
    [op.C_GT, (a, b) => a > b],
    [op.C_GE, (a, b) => a >= b],
    [op.C_AND, (a, b) => a !== 0 && b !== 0],
    [op.C_OR, (a, b) => a !== 0 || b !== 0],
    [op.C_XOR, (a, b) => (a !== 0) !== (b !== 0)],
  ];
  for (const dtype of [bool, ...integers, ...floats]) {
    test(dtype.name, () => {
      for (const [code, f] of cases) {
        for (const sizes of [[1], [19], [3, 37]]) {
          for (const layouts of pairs) {
            const random = noise(code + 1);
            const value = (): number => {
              const v = Math.floor(random() * 4) - (dtype.signed ? 2 : 0);
              return dtype.float && v === 1 ? NaN : v;
            };
            const a = arena.fill(dtype, sizes, layouts[1], value);
            const b = arena.fill(dtype, sizes, layouts[2], value);
            const out = arena.empty(bool, sizes, layouts[0]);
            const desc = arena.desc(sizes, out.strides, a.strides, b.strides);
            kernels().compare(dtype.code, code, a.ptr, b.ptr, out.ptr, desc);
            const vb = read(b);
            const want = read(a).map((v, i) => Number(f(Number(v), Number(vb[i]))));
            expect(difference(read(out), want), `op ${code} ${sizes} ${layouts}`).toBe('');
          }
        }
      }
    });
  }

  test('tests of one operand', () => {
    const f: [number, (x: number) => boolean][] = [
      [op.T_NONZERO, (x) => x !== 0],
      [op.T_LOGICAL_NOT, (x) => x === 0],
      [op.T_ISNAN, (x) => Number.isNaN(x)],
      [op.T_ISINF, (x) => Math.abs(x) === Infinity],
      [op.T_ISFINITE, (x) => Number.isFinite(x)],
      [op.T_ISPOSINF, (x) => x === Infinity],
      [op.T_ISNEGINF, (x) => x === -Infinity],
      [op.T_SIGNBIT, (x) => x < 0 || Object.is(x, -0)],
    ];
    for (const dtype of [bool, ...integers, ...floats]) {
      const values = dtype.float
        ? [0, -0, 1.5, -2, Infinity, -Infinity, NaN]
        : dtype.signed
          ? [0, 1, -1, 5]
          : [0, 1];
      for (const [code, g] of f) {
        for (const layout of ['dense', 'gap'] as const) {
          const x = arena.fill(dtype, [values.length], layout, (i) => values[i]!);
          const out = arena.empty(bool, [values.length], layout);
          kernels().test(dtype.code, code, x.ptr, out.ptr, arena.desc(x.sizes, out.strides, x.strides));
          expect(read(out), `${dtype.name} op ${code}`).toEqual(read(x).map((v) => Number(g(Number(v)))));
        }
      }
    }
  });

  test('where, for every element size', () => {
    for (const dtype of [bool, ...integers, ...floats]) {
      for (const sizes of [[1], [18], [3, 7], [2, 3, 5]]) {
        for (const layouts of [
          ['dense', 'dense', 'dense', 'dense'],
          ['dense', 'dense', 'scalar', 'dense'],
          ['dense', 'dense', 'dense', 'scalar'],
          ['dense', 'row', 'dense', 'column'],
          ['gap', 'reversed', 'gap', 'dense'],
        ] as Layout[][]) {
          const random = noise(3);
          const cond = arena.fill(bool, sizes, layouts[1]!, () => Number(random() < 0.5));
          const a = arena.fill(dtype, sizes, layouts[2]!, () => Math.floor(random() * 100));
          const b = arena.fill(dtype, sizes, layouts[3]!, () => Math.floor(random() * 100));
          const out = arena.empty(dtype, sizes, layouts[0]);
          const desc = arena.desc(sizes, out.strides, cond.strides, a.strides, b.strides);
          kernels().where(dtype.bits / 8, cond.ptr, a.ptr, b.ptr, out.ptr, desc);
          const [c, va, vb] = [read(cond), read(a), read(b)];
          expect(read(out), `${dtype.name} ${sizes} ${layouts}`).toEqual(
            c.map((v, i) => (v ? va[i] : vb[i])),
          );
        }
      }
    }
  });

  test('float64 unary keeps its precision where float32 would not', () => {
    const { y } = runUnary(float64, op.U_EXP, () => 1, [3], ['dense', 'dense']);
    expect(y).toEqual([Math.E, Math.E, Math.E]);
  });
});
