import { afterEach, describe, expect, test } from 'vitest';
import * as op from '../../src/wasm/opcode.js';
import { erf, sigmoid, pythonMod, big, extremes, pairs, shapes } from './reference.js';
import {
  Arena,
  type Dtype,
  type Layout,
  bool,
  difference,
  float32,
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
    sub: [op.B_SUB, (a, b) => a - b, undefined, 1e-6],
    mul: [op.B_MUL, (a, b) => a * b],
    div: [op.B_DIV, (a, b) => a / b],
    maximum: [op.B_MAXIMUM, Math.max],
    minimum: [op.B_MINIMUM, Math.min],
    fmax: [op.B_FMAX, Math.max],
    fmin: [op.B_FMIN, Math.min],
    copysign: [op.B_COPYSIGN, (a, b) => Math.abs(a) * (b < 0 ? -1 : 1)],
    trunc_div: [op.B_TRUNC_DIV, (a, b) => Math.trunc(a / b)],
    floor_div: [op.B_FLOOR_DIV, (a, b) => Math.floor(a / b)],
    remainder: [op.B_REMAINDER, pythonMod, undefined, 1e-6],
    fmod: [op.B_FMOD, (a, b) => a % b],
    relu_backward: [op.B_RELU_BACKWARD, (g, y) => (y <= 0 ? 0 : g)],
    threshold_backward: [op.B_THRESHOLD_BACKWARD, (g, x) => (x <= 0.5 ? 0 : g), [0.5, 0]],
    hardtanh_backward: [op.B_HARDTANH_BACKWARD, (g, x) => (x <= -1 || x >= 1.5 ? 0 : g), [-1, 1.5]],
    leaky_relu_backward: [op.B_LEAKY_RELU_BACKWARD, (g, x) => (x > 0 ? g : g * 0.125), [0.125, 0]],
    sigmoid_backward: [op.B_SIGMOID_BACKWARD, (g, y) => g * (1 - y) * y, undefined, 2e-6],
    tanh_backward: [op.B_TANH_BACKWARD, (g, y) => g * (1 - y * y), undefined, 4e-6],
    silu_backward: [
      op.B_SILU_BACKWARD,
      (g, x) => g * sigmoid(x) * (1 + x * (1 - sigmoid(x))),
      undefined,
      2e-6,
    ],
    gelu_backward: [
      op.B_GELU_BACKWARD,
      (g, x) => g * (0.5 * (1 + erf(x / Math.SQRT2)) + x * phi(x)),
      undefined,
      2e-6,
    ],
    pow: [op.B_POW, (a, b) => a ** b],
    atan2: [op.B_ATAN2, Math.atan2],
    hypot: [op.B_HYPOT, Math.hypot],
    xlogy: [op.B_XLOGY, (a, b) => a * Math.log(b)],
    logaddexp: [
      op.B_LOGADDEXP,
      (a, b) => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b))),
      undefined,
      1e-6,
    ],
    logaddexp2: [op.B_LOGADDEXP2, (a, b) => Math.log2(2 ** a + 2 ** b), undefined, 1e-6],
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
            (i) => e[Math.floor(i / n)],
            (i) => e[i % n],
            [n, n],
            layouts,
            [3, 0],
          );
          const want = r.a.map((v, i) => held(dtype, f(BigInt(v), BigInt(r.b[i]))));
          // gcd of the lowest value does not fit its own dtype, and int64 has no wider one to be computed in.
          const lowest = code === op.B_GCD && dtype === int64 ? -(1n << 63n) : null;
          const kept = want.map((v, i) => (r.a[i] === lowest || r.b[i] === lowest ? r.y[i] : v));
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
        (i) => a[i],
        (i) => b[i],
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
            const [a, b, c] = [make(layouts[1]), make(layouts[2]), make(layouts[3])];
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
