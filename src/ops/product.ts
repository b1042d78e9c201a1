import { bool, int64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { withWorkspace } from '../storage.js';
import { address } from '../tensor.js';
import type { Tensor } from '../tensor.js';
import { runtime } from '../wasm/module.js';
import { floatKernel } from './float_kernel.js';
import { fillKernel } from './creation.js';

/** A matrix in memory: the address of its first element and what to step, in elements, to the next row and column. */
export interface Matrix {
  readonly ptr: number;
  readonly rowStep: number;
  readonly colStep: number;
}

/** Reads the last two dimensions of a tensor as a matrix, `offset` elements from its start. */
export function matrixOf(t: Tensor, offset = 0): Matrix {
  const { ndim, _strides } = t;
  return {
    ptr: address(t) + offset * t.dtype.itemsize,
    rowStep: _strides[ndim - 2],
    colStep: _strides[ndim - 1],
  };
}

export function cannotMultiply(M: number, K: number, K2: number, N: number): RuntimeError {
  return new RuntimeError(`mat1 and mat2 shapes cannot be multiplied (${M}x${K} and ${K2}x${N})`);
}

/** Refuses dtypes that products do not have. */
export function checkProduct(a: DType, b: DType): void {
  if (a !== b) throw new RuntimeError(`expected scalar type ${a.scalarName} but found ${b.scalarName}`);
  if (a === bool) throw new RuntimeError('"addmm_impl_cpu_" not implemented for \'Bool\'');
}

/**
 * out[b] (+)= a[b] · b[b] for each pair of matrices; the rows of out are contiguous. Operands with any strides go to the
 * kernel as they are.
 */
export function products(
  dtype: DType,
  sizes: { readonly M: number; readonly N: number; readonly K: number },
  jobs: readonly { readonly a: Matrix; readonly b: Matrix; readonly out: number }[],
  accumulate: boolean,
  out: Tensor,
): void {
  const { M, N, K } = sizes;
  if (M === 0 || N === 0 || jobs.length === 0) return;
  if (K === 0) {
    if (!accumulate) fillKernel(out, 0);
    return;
  }
  if (!dtype.is_floating_point) {
    for (const { a, b, out: ptr } of jobs) integerProduct(dtype, sizes, a, b, ptr, accumulate);
    return;
  }
  const gemm = floatKernel('gemm_f32', dtype);
  withWorkspace(floatKernel('gemm_workspace_f32', dtype)(M, N, K), (ws) => {
    for (const { a, b, out: ptr } of jobs) {
      gemm(M, N, K, a.ptr, a.rowStep, a.colStep, b.ptr, b.rowStep, b.colStep, ptr, N, accumulate ? 1 : 0, ws);
    }
  });
}

/** Integers wrap around as in torch: Math.imul keeps the low 32 bits, BigInt all 64. */
function integerProduct(
  dtype: DType,
  { M, N, K }: { readonly M: number; readonly N: number; readonly K: number },
  a: Matrix,
  b: Matrix,
  out: number,
  accumulate: boolean,
): void {
  const { heap } = runtime();
  const shift = Math.log2(dtype.itemsize);
  const at = (m: Matrix, i: number, j: number): number => (m.ptr >>> shift) + i * m.rowStep + j * m.colStep;
  if (dtype === int64) {
    const { i64 } = heap;
    for (let i = 0; i < M; i++) {
      for (let j = 0; j < N; j++) {
        const to = (out >>> shift) + i * N + j;
        let sum = accumulate ? i64[to] : 0n;
        for (let k = 0; k < K; k++) sum += i64[at(a, i, k)] * i64[at(b, k, j)];
        i64[to] = sum;
      }
    }
    return;
  }
  const views = { uint8: heap.u8, int8: heap.i8, int16: heap.i16, int32: heap.i32 };
  const memory = views[dtype.name as keyof typeof views];
  for (let i = 0; i < M; i++) {
    for (let j = 0; j < N; j++) {
      const to = (out >>> shift) + i * N + j;
      let sum = accumulate ? memory[to] : 0;
      for (let k = 0; k < K; k++) sum = (sum + Math.imul(memory[at(a, i, k)], memory[at(b, k, j)])) | 0;
      memory[to] = sum;
    }
  }
}
