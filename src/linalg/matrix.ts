/** Batches of matrices, in and out of float64 numbers: decompositions are computed in float64 whatever the dtype. */
import { int32 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { cast } from '../ops/dense.js';
import { float64 } from '../dtype.js';
import { numel } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { toTypedArray, writeValues } from '../tensor_data.js';
import { allocate } from '../tensor_handle.js';
import { LinAlgError } from './error.js';

export function checkMatrix(op: string, A: Tensor, name = 'A'): void {
  if (A.ndim < 2) throw new RuntimeError(`${op}: The input tensor ${name} must have at least 2 dimensions.`);
}

export function checkFloating(op: string, A: Tensor): void {
  if (!A.dtype.is_floating_point) {
    throw new RuntimeError(
      `${op}: Expected a floating point or complex tensor as input. Got ${A.dtype.scalarName}`,
    );
  }
}

export function checkSquare(op: string, A: Tensor): void {
  checkMatrix(op, A);
  const [m, n] = A.shape.slice(-2);
  if (m !== n) {
    throw new RuntimeError(`${op}: A must be batches of square matrices, but they are ${m} by ${n} matrices`);
  }
}

/** All but the last two dimensions. */
export function batchOf(A: Tensor): Shape {
  return A.shape.slice(0, -2);
}

/** The values of a tensor, in C order. */
export function numbersOf(A: Tensor): Float64Array {
  return toTypedArray(cast(A, float64)) as Float64Array;
}

export function tensorOf(values: Float64Array, shape: Shape, dtype: DType): Tensor {
  const out = allocate(shape, dtype);
  writeValues(out, values);
  return out;
}

/** int32 numbers: pivots, and what became of each matrix of a batch. */
export function integersOf(values: Int32Array | readonly number[], shape: Shape): Tensor {
  const out = allocate(shape, int32);
  writeValues(out, values);
  return out;
}

/** The matrices of a batch one by one, each as its numbers row by row, which may be overwritten. */
export function eachMatrix(A: Tensor, visit: (matrix: Float64Array, at: number) => void): void {
  const size = A.shape[A.ndim - 2] * A.shape[A.ndim - 1];
  const count = numel(batchOf(A));
  const values = numbersOf(A);
  for (let i = 0; i < count; i++) visit(values.subarray(i * size, (i + 1) * size), i);
}

/** A matrix of m rows and n columns, turned. */
export function transposed(a: Float64Array, m: number, n: number): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out[j * m + i] = a[i * n + j];
  return out;
}

export function identity(n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) out[i * n + i] = 1;
  return out;
}

/** Throws for the first matrix of a batch of which `info` says that it failed. */
export function checkInfo(op: string, info: Tensor, say: (info: number) => string): void {
  const values = toTypedArray(info);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (value === 0) continue;
    throw new LinAlgError(`${op}: ${info.ndim > 0 ? `(Batch element ${i}): ` : ''}${say(value)}`);
  }
}
