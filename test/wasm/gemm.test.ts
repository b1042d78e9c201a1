import { afterEach, describe, expect, test } from 'vitest';
import { configureRuntime } from '../../src/wasm/module.js';
import { Random, expectSum, floats } from './product.js';
import { Scratch, kernel, read } from './recorded.js';

configureRuntime({ guards: true });

type Layout = 'rows' | 'columns' | 'strided';

interface Product {
  M: number;
  N: number;
  K: number;
  a?: Layout;
  b?: Layout;
  accumulate?: boolean;
  pad?: number;
}

const scratch = new Scratch();
afterEach(() => scratch.free());

/** Element strides of a [rows, cols] matrix with `pad` unused elements after each contiguous line. */
function strides(layout: Layout, rows: number, cols: number, pad: number): [number, number] {
  if (layout === 'rows') return [cols + pad, 1];
  if (layout === 'columns') return [1, rows + pad];
  return [2 * cols + pad, 2];
}

function check(dtype: 'f32' | 'f64', product: Product, random: Random): void {
  const { M, N, K, a = 'rows', b = 'rows', accumulate = false, pad = 0 } = product;
  const [rsa, csa] = strides(a, M, K, pad);
  const [rsb, csb] = strides(b, K, N, pad);
  const ldc = N + pad;
  const A = random.fill(floats(dtype, (M - 1) * rsa + (K - 1) * csa + 1));
  const B = random.fill(floats(dtype, (K - 1) * rsb + (N - 1) * csb + 1));
  const C = random.fill(floats(dtype, (M - 1) * ldc + N));
  const c = scratch.put(C);
  const ws = scratch.empty('f32', Math.ceil(kernel('gemm_workspace', dtype)(M, N, K) / 4));
  kernel('gemm', dtype)(M, N, K, scratch.put(A), rsa, csa, scratch.put(B), rsb, csb, c, ldc, +accumulate, ws);

  const expected = Float64Array.from(C);
  const magnitude = new Float64Array(C.length);
  for (let i = 0; i < M; i++) {
    for (let j = 0; j < N; j++) {
      let sum = accumulate ? C[i * ldc + j] : 0;
      let size = Math.abs(sum);
      for (let k = 0; k < K; k++) {
        const term = A[i * rsa + k * csa] * B[k * rsb + j * csb];
        sum += term;
        size += Math.abs(term);
      }
      expected[i * ldc + j] = sum;
      magnitude[i * ldc + j] = size;
    }
  }
  expectSum(read(c, dtype, C.length), expected, magnitude, K, JSON.stringify(product));
}

const shapes: [number, number, number][] = [
  [1, 1, 1],
  [1, 1, 300],
  [2, 3, 4],
  [5, 8, 1],
  [6, 8, 17],
  [7, 9, 5],
  [16, 16, 16],
  [13, 17, 33],
  [64, 64, 64],
  [1, 37, 19],
  [1, 300, 700],
  [3, 100, 129],
  [37, 1, 19],
  [300, 1, 700],
  [100, 2, 50],
  [100, 7, 257],
  [5, 513, 3],
  [61, 261, 800],
  [125, 40, 1600],
];

for (const dtype of ['f32', 'f64'] as const) {
  describe(`gemm ${dtype}`, () => {
    for (const [M, N, K] of shapes) {
      test(`${M}×${N}×${K}, every pair of layouts`, () => {
        const random = new Random(M * 1e6 + N * 1e3 + K);
        for (const a of ['rows', 'columns', 'strided'] as const) {
          for (const b of ['rows', 'columns', 'strided'] as const) {
            check(dtype, { M, N, K, a, b, accumulate: a === b, pad: a === 'rows' ? 0 : 3 }, random);
          }
        }
      });
    }

    test('random products', () => {
      const random = new Random(1);
      const layouts = ['rows', 'columns', 'strided'] as const;
      for (let i = 0; i < 200; i++) {
        check(
          dtype,
          {
            M: random.integer(1, 40),
            N: random.integer(1, 40),
            K: random.integer(1, 60),
            a: layouts[random.integer(0, 2)],
            b: layouts[random.integer(0, 2)],
            accumulate: random.integer(0, 1) === 1,
            pad: random.integer(0, 4),
          },
          random,
        );
      }
    });

    test('without accumulate, what C held does not matter', () => {
      for (const [M, N, K] of shapes) {
        const random = new Random(2);
        const c = scratch.put(floats(dtype, M * N).fill(NaN));
        const a = scratch.put(random.fill(floats(dtype, M * K)));
        const b = scratch.put(random.fill(floats(dtype, K * N)));
        const ws = scratch.empty('f32', Math.ceil(kernel('gemm_workspace', dtype)(M, N, K) / 4));
        kernel('gemm', dtype)(M, N, K, a, K, 1, b, N, 1, c, N, 0, ws);
        expect((read(c, dtype, M * N) as Float32Array).every(Number.isFinite), `${M}×${N}×${K}`).toBe(true);
        scratch.free();
      }
    });

    test('NaN and infinities stay in their row and column', () => {
      const [M, N, K] = [13, 21, 40];
      const A = floats(dtype, M * K).fill(1);
      const B = floats(dtype, K * N).fill(1);
      A[3 * K + 7] = NaN;
      A[5 * K + 1] = Infinity;
      B[9 * N + 20] = -Infinity;
      const c = scratch.empty(dtype, M * N);
      const ws = scratch.empty('f32', Math.ceil(kernel('gemm_workspace', dtype)(M, N, K) / 4));
      kernel('gemm', dtype)(M, N, K, scratch.put(A), K, 1, scratch.put(B), N, 1, c, N, 0, ws);
      const C = read(c, dtype, M * N);
      for (let i = 0; i < M; i++) {
        for (let j = 0; j < N; j++) {
          const infinite = (i === 5 ? Infinity : 0) + (j === 20 ? -Infinity : 0);
          expect(C[i * N + j], `row ${i} column ${j}`).toBe(i === 3 ? NaN : infinite === 0 ? K : infinite);
        }
      }
    });

    test('a row of the result does not depend on how many rows are computed with it', () => {
      const [M, N, K] = [23, 50, 900];
      const random = new Random(3);
      const a = scratch.put(random.fill(floats(dtype, M * K)));
      const b = scratch.put(random.fill(floats(dtype, K * N)));
      const ws = scratch.empty('f32', Math.ceil(kernel('gemm_workspace', dtype)(M, N, K) / 4));
      const whole = scratch.empty(dtype, M * N);
      const parts = scratch.empty(dtype, M * N);
      const size = dtype === 'f32' ? 4 : 8;
      kernel('gemm', dtype)(M, N, K, a, K, 1, b, N, 1, whole, N, 0, ws);
      for (const [from, to] of [
        [0, 2],
        [2, 9],
        [9, 23],
      ] as const) {
        kernel('gemm', dtype)(
          to - from,
          N,
          K,
          a + from * K * size,
          K,
          1,
          b,
          N,
          1,
          parts + from * N * size,
          N,
          0,
          ws,
        );
      }
      expect(read(parts, dtype, M * N)).toEqual(read(whole, dtype, M * N));
    });
  });
}
