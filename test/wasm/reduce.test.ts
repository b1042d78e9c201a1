import { afterEach, describe, expect, test } from 'vitest';
import * as op from '../../src/wasm/opcode.js';
import {
  Arena,
  type Dtype,
  type Operand,
  bool,
  difference,
  float32,
  floats,
  held,
  int64,
  integers,
  kernels,
  noise,
  offsetsOf,
  product,
  read,
} from './strided.js';

const arena = new Arena();
afterEach(() => arena.free());

/** Kept and reduced sizes, and the strides of x over both: rows, columns, gaps, a middle channel, a whole tensor. */
interface Shape {
  name: string;
  kept: number[];
  inner: number[];
  strides: number[];
}
const shapes: Shape[] = [
  { name: 'one element', kept: [], inner: [1], strides: [1] },
  { name: 'all of a vector', kept: [], inner: [1037], strides: [1] },
  { name: 'all, two runs with a gap', kept: [], inner: [2, 19], strides: [25, 1] },
  { name: 'long rows', kept: [3], inner: [2100], strides: [2100, 1] },
  { name: 'rows', kept: [4], inner: [13], strides: [13, 1] },
  { name: 'rows every second', kept: [4], inner: [13], strides: [26, 2] },
  { name: 'columns, 16', kept: [16], inner: [5], strides: [1, 16] },
  { name: 'columns, 37', kept: [37], inner: [9], strides: [1, 37] },
  { name: 'columns, few', kept: [3], inner: [9], strides: [1, 3] },
  { name: 'middle kept', kept: [3], inner: [4, 11], strides: [11, 33, 1] },
  { name: 'middle reduced', kept: [2, 21], inner: [5], strides: [105, 1, 21] },
  { name: 'columns over two dims', kept: [20], inner: [3, 4], strides: [1, 80, 20] },
  { name: 'broadcast', kept: [5], inner: [6], strides: [0, 1] },
];

function place(
  dtype: Dtype,
  s: Shape,
  value: (i: number) => number | bigint,
): { x: Operand; groups: (number | bigint)[][] } {
  const sizes = [...s.kept, ...s.inner];
  const reach = sizes.reduce((a, n, d) => a + (n - 1) * s.strides[d], 1);
  const x = arena.fill(dtype, [reach], 'dense', value);
  const all = read(x);
  const at = offsetsOf(sizes, s.strides);
  const n = product(s.inner);
  const groups = Array.from({ length: product(s.kept) }, (_, k) =>
    at.slice(k * n, (k + 1) * n).map((o) => all[o]),
  );
  return { x, groups };
}

function reduce(
  dtype: Dtype,
  to: Dtype,
  code: number,
  s: Shape,
  x: Operand,
  layout: 'dense' | 'gap' = 'dense',
  p = 0,
): (number | bigint)[] {
  const kept = s.kept.length ? s.kept : [1];
  const out = arena.empty(to, kept, layout);
  const strides = [...(s.kept.length ? out.strides : []), ...s.inner.map(() => 0)];
  const desc = arena.desc([...s.kept, ...s.inner], strides, s.strides);
  kernels().reduce(dtype.code, code, x.ptr, out.ptr, desc, s.inner.length, p);
  return read(out);
}

const sum = (v: number[]): number => v.reduce((a, b) => a + b, 0);
const firstOf = (v: number[], better: (a: number, b: number) => boolean): number => {
  let best = 0;
  v.forEach((x, i) => {
    const b = v[best];
    if (b === b && (x !== x || better(x, b))) best = i;
  });
  return best;
};
const logsumexp = (v: number[]): number => {
  const m = Math.max(...v);
  return Number.isFinite(m) ? m + Math.log(sum(v.map((x) => Math.exp(x - m)))) : m;
};

const floatCases: Record<string, [number, (v: number[]) => number, ('bool' | 'int64')?, number?]> = {
  sum: [op.R_SUM, sum],
  mean: [op.R_MEAN, (v) => sum(v) * 0.125, undefined, 0.125],
  prod: [op.R_PROD, (v) => v.reduce((a, b) => a * b, 1)],
  sum_square: [op.R_SUM_SQUARE, (v) => sum(v.map((x) => x * x))],
  sum_abs: [op.R_SUM_ABS, (v) => sum(v.map(Math.abs))],
  sum_pow: [op.R_SUM_POW, (v) => sum(v.map((x) => Math.abs(x) ** 1.5)), undefined, 1.5],
  nansum: [op.R_NANSUM, (v) => sum(v.map((x) => (x !== x ? 0 : x)))],
  max: [op.R_MAX, (v) => Math.max(...v)],
  min: [op.R_MIN, (v) => Math.min(...v)],
  max_abs: [op.R_MAX_ABS, (v) => Math.max(...v.map(Math.abs))],
  min_abs: [op.R_MIN_ABS, (v) => Math.min(...v.map(Math.abs))],
  logsumexp: [op.R_LOGSUMEXP, logsumexp],
  count_nonzero: [op.R_COUNT_NONZERO, (v) => v.filter((x) => x !== 0).length, 'int64'],
  any: [op.R_ANY, (v) => Number(v.some((x) => x !== 0)), 'bool'],
  all: [op.R_ALL, (v) => Number(v.every((x) => x !== 0)), 'bool'],
  argmax: [op.R_ARGMAX, (v) => firstOf(v, (a, b) => a > b), 'int64'],
  argmin: [op.R_ARGMIN, (v) => firstOf(v, (a, b) => a < b), 'int64'],
};

describe('reduce, float', () => {
  for (const [name, [code, f, to, p]] of Object.entries(floatCases)) {
    for (const dtype of floats) {
      test(`${name} ${dtype.name}`, () => {
        const result = to === 'bool' ? bool : to === 'int64' ? int64 : dtype;
        const fills: Record<string, () => (i: number) => number> = {
          // Quarters: ties for the arg operations and sums without rounding.
          quarters: () => {
            const random = noise(11);
            return () => Math.floor(random() * 16 - 7) / 4;
          },
          plain: () => {
            const random = noise(12);
            return () => random() * 2 - 0.9;
          },
          zeros: () => () => 0,
          'a NaN': () => (i) => (i % 23 === 11 || i === 3 ? NaN : (i % 7) - 3),
          'minus infinity': () => () => -Infinity,
        };
        for (const s of shapes) {
          for (const [what, fill] of Object.entries(fills)) {
            const { x, groups } = place(dtype, s, fill());
            for (const layout of ['dense', 'gap'] as const) {
              const got = reduce(dtype, result, code, s, x, layout, p);
              const want = groups.map((g) => held(result, f(g.map(Number))));
              const [rtol, atol] = dtype === float32 ? [4e-7, 1e-7] : [1e-13, 1e-14];
              expect(difference(got, want, rtol, atol), `${s.name}, ${what}, ${layout}`).toBe('');
            }
          }
        }
      });
    }
  }

  test('a float32 sum is the rounded exact sum', () => {
    const n = 100_003;
    const random = noise(1);
    const x = arena.fill(float32, [n], 'dense', () => random() - 0.3);
    const exact = Math.fround(sum(read(x).map(Number)));
    const s: Shape = { name: '', kept: [], inner: [n], strides: [1] };
    expect(reduce(float32, float32, op.R_SUM, s, x)).toEqual([exact]);
  });

  test('mean and squared deviations, far from zero', () => {
    for (const dtype of floats) {
      for (const s of shapes) {
        const random = noise(4);
        const { x, groups } = place(dtype, s, () => 1000 + random());
        const kept = s.kept.length ? s.kept : [1];
        const mean = arena.empty(dtype, kept, 'gap');
        const m2 = arena.empty(dtype, kept, 'gap');
        const strides = [...(s.kept.length ? mean.strides : []), ...s.inner.map(() => 0)];
        const desc = arena.desc([...s.kept, ...s.inner], strides, s.strides);
        kernels().reduce_moments(dtype.code, x.ptr, mean.ptr, m2.ptr, desc, s.inner.length);
        const means = groups.map((g) => sum(g.map(Number)) / g.length);
        const deviations = groups.map((g, k) => sum(g.map((v) => (Number(v) - means[k]) ** 2)));
        const rtol = dtype === float32 ? 1e-6 : 1e-11;
        expect(difference(read(mean), means, rtol), `mean ${s.name}`).toBe('');
        expect(difference(read(m2), deviations, rtol, 1e-18), `M2 ${s.name}`).toBe('');
      }
    }
  });
});

describe('reduce, integer', () => {
  const cases: Record<string, [number, (v: bigint[]) => bigint, 'int64' | 'bool' | 'same']> = {
    sum: [op.R_SUM, (v) => v.reduce((a, b) => a + b, 0n), 'int64'],
    prod: [op.R_PROD, (v) => v.reduce((a, b) => a * b, 1n), 'int64'],
    max: [op.R_MAX, (v) => v.reduce((a, b) => (a > b ? a : b)), 'same'],
    min: [op.R_MIN, (v) => v.reduce((a, b) => (a < b ? a : b)), 'same'],
    count_nonzero: [op.R_COUNT_NONZERO, (v) => BigInt(v.filter((x) => x !== 0n).length), 'int64'],
    any: [op.R_ANY, (v) => BigInt(v.some((x) => x !== 0n)), 'bool'],
    all: [op.R_ALL, (v) => BigInt(v.every((x) => x !== 0n)), 'bool'],
    argmax: [op.R_ARGMAX, (v) => BigInt(firstOf(v.map(Number), (a, b) => a > b)), 'int64'],
    argmin: [op.R_ARGMIN, (v) => BigInt(firstOf(v.map(Number), (a, b) => a < b)), 'int64'],
  };
  for (const dtype of [bool, ...integers]) {
    test(dtype.name, () => {
      for (const [name, [code, f, to]] of Object.entries(cases)) {
        const result = to === 'bool' ? bool : to === 'int64' ? int64 : dtype;
        for (const s of shapes) {
          for (const zeros of [false, true]) {
            const random = noise(6);
            const { x, groups } = place(dtype, s, () =>
              zeros ? 0 : Math.floor(random() * 9) - (dtype.signed ? 4 : 0),
            );
            const got = reduce(dtype, result, code, s, x, 'gap');
            const want = groups.map((g) => held(result, f(g.map(BigInt))));
            expect(difference(got, want), `${name} ${s.name}`).toBe('');
          }
        }
      }
    });
  }
});

describe('values with indices', () => {
  for (const dtype of [bool, ...integers, ...floats]) {
    test(dtype.name, () => {
      for (const code of [op.R_MAX, op.R_MIN]) {
        for (const s of shapes) {
          for (const nan of dtype.float ? [false, true] : [false]) {
            const random = noise(8);
            const { x, groups } = place(dtype, s, (i) =>
              nan && i % 17 === 5 ? NaN : Math.floor(random() * 9) - (dtype.signed ? 4 : 0),
            );
            const kept = s.kept.length ? s.kept : [1];
            const values = arena.empty(dtype, kept, 'gap');
            const indices = arena.empty(int64, kept, 'gap');
            const strides = [...(s.kept.length ? values.strides : []), ...s.inner.map(() => 0)];
            const desc = arena.desc([...s.kept, ...s.inner], strides, s.strides);
            kernels().reduce_arg(dtype.code, code, x.ptr, values.ptr, indices.ptr, desc, s.inner.length);
            const at = groups.map((g) =>
              firstOf(g.map(Number), code === op.R_MAX ? (a, b) => a > b : (a, b) => a < b),
            );
            expect(difference(read(indices), at.map(BigInt)), s.name).toBe('');
            expect(
              difference(
                read(values),
                at.map((i, k) => groups[k][i]),
              ),
              s.name,
            ).toBe('');
          }
        }
      }
    });
  }
});

describe('scan', () => {
  const logAdd = (a: number, b: number): number => {
    if (a === -Infinity) return b;
    return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
  };
  const [outer, n, inner] = [2, 13, 3];
  const lines = (v: (number | bigint)[]): (number | bigint)[][] =>
    Array.from({ length: outer * inner }, (_line, l) =>
      Array.from({ length: n }, (_, i) => v[(Math.floor(l / inner) * n + i) * inner + (l % inner)]),
    );

  for (const dtype of [...integers, ...floats]) {
    test(`cumsum and cumprod ${dtype.name}`, () => {
      const random = noise(2);
      const x = arena.fill(
        dtype,
        [outer, n, inner],
        'dense',
        () => Math.floor(random() * 5) - (dtype.signed ? 2 : 0),
      );
      const out = arena.empty(dtype, [outer, n, inner]);
      for (const code of [op.S_CUMSUM, op.S_CUMPROD]) {
        kernels().scan(dtype.code, code, x.ptr, out.ptr, 0, outer, n, inner);
        const want = lines(read(x)).map((line) => {
          let acc: number | bigint = held(dtype, code === op.S_CUMSUM ? 0 : 1);
          return line.map((v) => {
            if (typeof acc === 'bigint')
              acc = code === op.S_CUMSUM ? acc + (v as bigint) : acc * (v as bigint);
            else acc = code === op.S_CUMSUM ? acc + Number(v) : acc * Number(v);
            return (acc = held(dtype, acc));
          });
        });
        expect(lines(read(out))).toEqual(
          want.map((l) => l.map((v) => (Object.is(v, -0) ? expect.toSatisfy((z) => z === 0) : v))),
        );
      }
    });

    test(`cummax and cummin ${dtype.name}`, () => {
      for (const nan of dtype.float ? [false, true] : [false]) {
        const random = noise(3);
        const x = arena.fill(dtype, [outer, n, inner], 'dense', (i) =>
          nan && i % 19 === 10 ? NaN : Math.floor(random() * 5) - (dtype.signed ? 2 : 0),
        );
        const out = arena.empty(dtype, [outer, n, inner]);
        const idx = arena.empty(int64, [outer, n, inner]);
        for (const code of [op.S_CUMMAX, op.S_CUMMIN]) {
          kernels().scan(dtype.code, code, x.ptr, out.ptr, idx.ptr, outer, n, inner);
          const got = lines(read(out));
          const at = lines(read(idx));
          lines(read(x)).forEach((line, l) => {
            let best = 0;
            line.forEach((v, i) => {
              const b = Number(line[best]);
              const w = Number(v);
              if (w !== w || (b === b && (code === op.S_CUMMAX ? w >= b : w <= b))) best = i;
              expect(Number(at[l][i])).toBe(best);
              expect(got[l][i]).toEqual(line[best]);
            });
          });
        }
      }
    });
  }

  test('logcumsumexp', () => {
    for (const dtype of floats) {
      const random = noise(5);
      const x = arena.fill(dtype, [outer, n, inner], 'dense', (i) =>
        i < 3 ? -Infinity : random() * 40 - 20,
      );
      const out = arena.empty(dtype, [outer, n, inner]);
      kernels().scan(dtype.code, op.S_LOGCUMSUMEXP, x.ptr, out.ptr, 0, outer, n, inner);
      const want = lines(read(x)).map((line) => {
        let acc = -Infinity;
        return line.map((v) => (acc = logAdd(acc, Number(v))));
      });
      expect(difference(lines(read(out)).flat(), want.flat(), dtype === float32 ? 5e-7 : 1e-13)).toBe('');
    }
  });
});
