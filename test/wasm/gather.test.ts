import { afterEach, describe, expect, test } from 'vitest';
import * as op from '../../src/wasm/opcode.js';
import {
  Arena,
  bool,
  difference,
  dtypes,
  floats,
  held,
  int32,
  int64,
  integers,
  kernels,
  noise,
  offsetsOf,
  read,
} from './strided.js';

const arena = new Arena();
afterEach(() => arena.free());

describe('offsets', () => {
  test('a grid lists the offsets of a strided layout', () => {
    for (const [sizes, strides] of [
      [[5], [3]],
      [
        [2, 3],
        [1, 2],
      ],
      [
        [2, 3, 4],
        [100, 0, 7],
      ],
    ] as const) {
      const want = offsetsOf(sizes, strides);
      const out = arena.empty(int32, [want.length]);
      kernels().grid_offset(out.ptr, arena.desc(sizes, strides));
      expect(read(out)).toEqual(want);
    }
  });

  test('an index adds its stride, negative ones count from the end, one out of range is reported', () => {
    const index = arena.vector(int64, [0n, 4n, -1n, -5n, 2n]);
    const offsets = arena.vector(int32, [10, 20, 30, 40, 50]);
    expect(kernels().index_offset(index.ptr, offsets.ptr, 5, 5, 100)).toBe(-1);
    expect(read(offsets)).toEqual([10, 420, 430, 40, 250]);
    for (const bad of [5n, -6n, 1n << 40n]) {
      const wrong = arena.vector(int64, [1n, bad]);
      const at = arena.vector(int32, [0, 0]);
      expect(kernels().index_offset(wrong.ptr, at.ptr, 2, 5, 1)).toBe(1);
    }
  });
});

describe('take and put', () => {
  for (const dtype of dtypes) {
    test(dtype.name, () => {
      for (const width of [1, 2, 5, 16, 37]) {
        const rows = 9;
        const random = noise(width);
        const picks = Array.from({ length: 13 }, () => Math.floor(random() * rows));
        const size = dtype.bits / 8;
        const x = arena.fill(dtype, [rows * width], 'dense', (i) => (i * 7) % 120);
        const offsets = arena.vector(
          int32,
          picks.map((r) => r * width),
        );
        const out = arena.empty(dtype, [picks.length * width]);
        kernels().take(size, x.ptr, offsets.ptr, out.ptr, picks.length, width);
        const all = read(x);
        const want = picks.flatMap((r) => all.slice(r * width, (r + 1) * width));
        expect(difference(read(out), want), `take ${width}`).toBe('');

        const target = arena.fill(dtype, [rows * width], 'dense', () => 3);
        kernels().put(size, target.ptr, offsets.ptr, out.ptr, picks.length, width);
        const touched = new Set(picks);
        const after = all.map((v, i) => (touched.has(Math.floor(i / width)) ? v : held(dtype, 3)));
        expect(difference(read(target), after), `put ${width}`).toBe('');
      }
    });
  }

  test('of equal offsets, the last value stays', () => {
    const x = arena.vector(int32, [0, 0]);
    const offsets = arena.vector(int32, [1, 0, 1]);
    const values = arena.vector(int32, [5, 6, 7]);
    kernels().put(4, x.ptr, offsets.ptr, values.ptr, 3, 1);
    expect(read(x)).toEqual([6, 7]);
  });
});

describe('put_reduce', () => {
  const f = {
    [op.P_ADD]: (a: number, b: number) => a + b,
    [op.P_MUL]: (a: number, b: number) => a * b,
    [op.P_MAX]: Math.max,
    [op.P_MIN]: Math.min,
  };
  for (const dtype of [bool, ...integers, ...floats]) {
    test(dtype.name, () => {
      for (const [code, combine] of Object.entries(f)) {
        for (const width of [1, 3, 9, 20]) {
          const random = noise(width);
          const picks = Array.from({ length: 11 }, () => Math.floor(random() * 4));
          const x = arena.fill(dtype, [4 * width], 'dense', () => Math.floor(random() * 4));
          const values = arena.fill(dtype, [11 * width], 'dense', () =>
            dtype.float && random() < 0.05 ? NaN : Math.floor(random() * 4),
          );
          const offsets = arena.vector(
            int32,
            picks.map((r) => r * width),
          );
          const want = read(x);
          const v = read(values);
          picks.forEach((r, i) => {
            for (let j = 0; j < width; j++) {
              const at = r * width + j;
              want[at] = held(dtype, combine(Number(want[at]), Number(v[i * width + j])));
            }
          });
          kernels().put_reduce(dtype.code, Number(code), x.ptr, offsets.ptr, values.ptr, 11, width);
          expect(difference(read(x), want), `op ${code} width ${width}`).toBe('');
        }
      }
    });
  }
});

describe('nonzero and arange', () => {
  test('positions of the elements that are not zero; NaN is one', () => {
    for (const dtype of dtypes) {
      const values = [0, 3, 0, 0, 1, dtype.float ? NaN : 1, -0, 9];
      const x = arena.vector(dtype, values);
      expect(kernels().nonzero_count(dtype.code, x.ptr, 8), dtype.name).toBe(4);
      const out = arena.empty(int64, [4]);
      kernels().nonzero_write(dtype.code, x.ptr, 8, out.ptr);
      expect(read(out)).toEqual([1n, 4n, 5n, 7n]);
    }
  });

  test('a small float is not zero', () => {
    for (const dtype of floats) {
      const x = arena.vector(dtype, [1e-40, 0, -1e-40]);
      expect(kernels().nonzero_count(dtype.code, x.ptr, 3)).toBe(2);
    }
  });

  test('arange', () => {
    for (const dtype of [...integers, ...floats]) {
      const out = arena.empty(dtype, [7]);
      kernels().arange(dtype.code, out.ptr, 7, 3, 2);
      expect(read(out).map(Number), dtype.name).toEqual([3, 5, 7, 9, 11, 13, 15]);
    }
    const out = arena.empty(floats[1], [4]);
    kernels().arange(floats[1].code, out.ptr, 4, 1, -0.1);
    expect(read(out)).toEqual([1, 0.9, 0.8, 1 - 0.1 * 3]);
  });
});
