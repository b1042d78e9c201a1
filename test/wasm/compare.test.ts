import { afterEach, describe, expect, test } from 'vitest';
import * as op from '../../src/wasm/opcode.js';
import { pairs } from './reference.js';
import { Arena, type Layout, bool, difference, floats, integers, kernels, noise, read } from './strided.js';

const arena = new Arena();
afterEach(() => arena.free());

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
          const x = arena.fill(dtype, [values.length], layout, (i) => values[i]);
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
          const cond = arena.fill(bool, sizes, layouts[1], () => Number(random() < 0.5));
          const a = arena.fill(dtype, sizes, layouts[2], () => Math.floor(random() * 100));
          const b = arena.fill(dtype, sizes, layouts[3], () => Math.floor(random() * 100));
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
});
