import { afterEach, describe, expect, test } from 'vitest';
import { Arena, type Dtype, bool, floats, int64, integers, kernels, noise, read } from './strided.js';

const arena = new Arena();
afterEach(() => arena.free());

/** Few distinct values, so that stability shows; NaN among them for floats. */
function values(dtype: Dtype, n: number, seed: number): (i: number) => number {
  const random = noise(seed + n);
  return () => {
    const v = Math.floor(random() * Math.max(3, n / 4));
    if (dtype.float && v === 1) return NaN;
    return dtype.float ? v / 8 - 1 : v % 100;
  };
}

function order(row: (number | bigint)[], descending: boolean): number[] {
  const rank = (v: number | bigint): number => (v !== v ? Infinity : Number(v));
  return row
    .map((_, i) => i)
    .sort((a, b) => {
      const [x, y] = [rank(row[a]), rank(row[b])];
      return x === y ? a - b : (x < y ? -1 : 1) * (descending ? -1 : 1);
    });
}

const rowsOf = (v: (number | bigint)[], n: number): (number | bigint)[][] =>
  Array.from({ length: v.length / n }, (_, r) => v.slice(r * n, (r + 1) * n));

for (const dtype of [bool, ...integers, ...floats]) {
  describe(dtype.name, () => {
    test('sort is stable, with NaN greatest', () => {
      for (const n of [1, 2, 11, 12, 13, 24, 25, 100, 1000]) {
        for (const descending of [0, 1]) {
          const rows = n < 1000 ? 3 : 1;
          const keys = arena.fill(dtype, [rows, n], 'dense', values(dtype, n, 1));
          const before = rowsOf(read(keys), n);
          const idx = arena.empty(int64, [rows, n]);
          const ws = arena.bytes(kernels().sort_workspace(n));
          kernels().sort(dtype.code, keys.ptr, idx.ptr, rows, n, descending, ws);
          const want = before.map((row) => order(row, descending === 1));
          expect(rowsOf(read(idx), n).map((r) => r.map(Number))).toEqual(want);
          expect(rowsOf(read(keys), n)).toEqual(want.map((o, r) => o.map((i) => before[r][i])));
        }
      }
    });

    test('topk is the beginning of the sort', () => {
      for (const [n, k] of [
        [1, 1],
        [7, 0],
        [7, 3],
        [7, 7],
        [100, 5],
        [500, 77],
      ] as const) {
        for (const largest of [0, 1]) {
          const x = arena.fill(dtype, [2, n], 'dense', values(dtype, n, 2));
          const top = arena.empty(dtype, [2, k || 1]);
          const idx = arena.empty(int64, [2, k || 1]);
          kernels().topk(dtype.code, x.ptr, top.ptr, idx.ptr, 2, n, k, largest);
          if (k === 0) continue;
          const rows = rowsOf(read(x), n);
          const want = rows.map((row) => order(row, largest === 1).slice(0, k));
          expect(rowsOf(read(idx), k).map((r) => r.map(Number))).toEqual(want);
          expect(rowsOf(read(top), k)).toEqual(want.map((o, r) => o.map((i) => rows[r][i])));
        }
      }
    });
  });
}
