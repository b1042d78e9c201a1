import { bool, int64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { withWorkspace } from '../storage.js';
import type { Tensor } from '../tensor.js';
import { address } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import { partOf, partsFor, runCalls } from '../wasm/parallel.js';
import type { KernelCall } from '../wasm/kernel_call.js';
import { floatKernel, floatKernelName } from './float_kernel.js';
import { fillKernel } from './make.js';

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

interface Sizes {
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

/** Two factors and the address of their product. */
interface Job {
  readonly a: Matrix;
  readonly b: Matrix;
  readonly out: number;
}

/**
 * out[b] (+)= a[b] · b[b] for each pair of matrices; the rows of out are contiguous. Operands with any strides go to the
 * kernel as they are.
 */
export function products(
  dtype: DType,
  sizes: Sizes,
  jobs: readonly Job[],
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
  const gemm = floatKernelName('gemm_f32', dtype);
  const tiles = floatTiles(dtype, sizes);
  const space = Math.ceil(floatKernel('gemm_workspace_f32', dtype)(M, N, K) / 64) * 64;
  withWorkspace(space * tiles.length, (ws) => {
    const calls = (job: Job): KernelCall[] =>
      tiles.map(({ row, rows, column, columns }, part): KernelCall => {
        const { a, b, out: ptr } = job;
        const from = a.ptr + row * a.rowStep * dtype.itemsize;
        const by = b.ptr + column * b.colStep * dtype.itemsize;
        const to = ptr + (row * N + column) * dtype.itemsize;
        const operands = [from, a.rowStep, a.colStep, by, b.rowStep, b.colStep, to, N] as const;
        return [gemm, rows, columns, K, ...operands, accumulate ? 1 : 0, ws + part * space];
      });
    for (const job of jobs) runCalls(calls(job));
  });
}

/**
 * What each thread does of a product: a run of rows, or of columns where there are more of them. Never a single row or column of
 * several: the kernel adds up a matrix-vector product in another order, and results must not depend on the number of threads.
 */
function floatTiles(dtype: DType, { M, N, K }: Sizes): Tile[] {
  const byRows = M >= N;
  const length = byRows ? M : N;
  const parts = partsFor(2 * M * N * K * (dtype.itemsize / 4), Math.floor(length / 16));
  return Array.from({ length: parts }, (_, part) => {
    const [begin, end] = partOf(length, part, parts);
    return byRows
      ? { row: begin, rows: end - begin, column: 0, columns: N }
      : { row: 0, rows: M, column: begin, columns: end - begin };
  });
}

interface Tile {
  readonly row: number;
  readonly rows: number;
  readonly column: number;
  readonly columns: number;
}

/** Integers wrap around as in torch: Math.imul keeps the low 32 bits, BigInt all 64. */
function integerProduct(
  dtype: DType,
  { M, N, K }: Sizes,
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
