import { afterEach, describe, expect, test } from 'vitest';
import {
  Arena,
  type Dtype,
  type Layout,
  difference,
  dtypes,
  float32,
  float64,
  held,
  int64,
  kernels,
  read,
} from './strided.js';

const arena = new Arena();
afterEach(() => arena.free());

/** C on x86-64: NaN and what does not fit a float's integer conversion give the lowest int32, or int64 for uint8 and int64. */
function cast(to: Dtype, v: number | bigint): number | bigint {
  if (to.float || typeof v === 'bigint' || to.code === 0) return held(to, v);
  const wide = to.code === 1 || to === int64;
  const limit = wide ? 2 ** 63 : 2 ** 31;
  const fits = v >= -limit && v < limit;
  return held(to, fits ? BigInt(Math.trunc(v)) : -BigInt(limit));
}

function run(
  from: Dtype,
  to: Dtype,
  values: readonly (number | bigint)[],
  layouts: [Layout, Layout],
): string {
  const sizes = [values.length];
  const x = arena.fill(from, sizes, layouts[1], (i) => values[i]);
  const out = arena.empty(to, sizes, layouts[0]);
  kernels().copy(from.code, to.code, x.ptr, out.ptr, arena.desc(sizes, out.strides, x.strides));
  return difference(
    read(out),
    read(x).map((v) => cast(to, v)),
  );
}

describe('cast', () => {
  for (const from of dtypes) {
    for (const to of dtypes) {
      test(`${from.name} to ${to.name}`, () => {
        const values: (number | bigint)[] = from.float
          ? [0, -0, 1, 1.9, -1.9, 127.5, 128, 255, 256, 300.7, -129, 40000, 3e9, -3e9, 1e19, -1e19, 0.25]
          : [
              0n,
              1n,
              -1n,
              127n,
              128n,
              255n,
              40000n,
              -40000n,
              (1n << 31n) - 1n,
              1n << 31n,
              (1n << 53n) - 1n,
              -(1n << 63n),
            ];
        if (from.float) values.push(NaN, Infinity, -Infinity);
        for (const layouts of [
          ['dense', 'dense'],
          ['gap', 'dense'],
          ['dense', 'gap'],
          ['dense', 'scalar'],
        ] as [Layout, Layout][]) {
          expect(run(from, to, values, layouts), `${layouts}`).toBe('');
        }
      });
    }
  }
});

describe('copy', () => {
  const shapes = [[5], [4, 4], [17, 9], [3, 5, 7], [2, 20, 33], [2, 3, 4, 5], [70, 66]];
  for (const dtype of dtypes) {
    test(`${dtype.name} between layouts`, () => {
      for (const sizes of shapes) {
        for (const layouts of [
          ['dense', 'dense'],
          ['dense', 'reversed'],
          ['reversed', 'dense'],
          ['gap', 'reversed'],
          ['dense', 'gap'],
          ['dense', 'row'],
          ['dense', 'column'],
        ] as [Layout, Layout][]) {
          const x = arena.fill(dtype, sizes, layouts[1], (i) => (i * 37) % 101);
          const out = arena.empty(dtype, sizes, layouts[0]);
          kernels().copy(dtype.code, dtype.code, x.ptr, out.ptr, arena.desc(sizes, out.strides, x.strides));
          expect(difference(read(out), read(x)), `${sizes} ${layouts}`).toBe('');
        }
      }
    });
  }

  test('channels last to channels first and back', () => {
    for (const dtype of dtypes) {
      const [N, C, P] = [3, 6, 35];
      const x = arena.fill(dtype, [N, P, C], 'dense', (i) => i % 97);
      const nchw = arena.empty(dtype, [N, C, P]);
      const back = arena.empty(dtype, [N, P, C]);
      const one = [P * C, 1, C];
      kernels().copy(dtype.code, dtype.code, x.ptr, nchw.ptr, arena.desc([N, C, P], nchw.strides, one));
      const two = [C * P, 1, P];
      kernels().copy(dtype.code, dtype.code, nchw.ptr, back.ptr, arena.desc([N, P, C], back.strides, two));
      const values = read(x);
      const want = Array.from({ length: N * C * P }, (_, i) => {
        const [n, c, p] = [Math.floor(i / (C * P)), Math.floor(i / P) % C, i % P];
        return values[(n * P + p) * C + c];
      });
      expect(difference(read(nchw), want), dtype.name).toBe('');
      expect(difference(read(back), values), dtype.name).toBe('');
    }
  });

  test('NaN payloads and the sign of zero go through unchanged', () => {
    for (const dtype of [float32, float64]) {
      const x = arena.vector(dtype, [-0, 0, NaN]);
      const out = arena.empty(dtype, [3]);
      kernels().copy(dtype.code, dtype.code, x.ptr, out.ptr, arena.desc([3], [1], [1]));
      expect(Object.is(read(out)[0], -0)).toBe(true);
      expect(read(out)[2]).toBeNaN();
    }
  });
});

describe('fill', () => {
  for (const dtype of dtypes) {
    test(dtype.name, () => {
      for (const sizes of [[1], [37], [3, 21], [2, 3, 5]]) {
        for (const layout of ['dense', 'gap', 'reversed'] as const) {
          for (const value of dtype.float
            ? [0, 1.1, -3, NaN, Infinity]
            : dtype.signed
              ? [0, 7, -7]
              : [0, 1, 200]) {
            const out = arena.empty(dtype, sizes, layout);
            kernels().fill(dtype.code, out.ptr, arena.desc(sizes, out.strides), value);
            const got = read(out);
            expect(
              difference(
                got,
                got.map(() => held(dtype, value)),
              ),
              `${sizes} ${layout}`,
            ).toBe('');
          }
        }
      }
    });
  }

  test('elements between those of a strided operand stay', () => {
    const out = arena.empty(float32, [8], 'gap');
    const all = { ...out, sizes: [15], strides: [1] };
    const before = read(all);
    kernels().fill(float32.code, out.ptr, arena.desc([8], out.strides), 2);
    expect(read(all)).toEqual(before.map((v, i) => (i % 2 ? v : 2)));
  });
});
