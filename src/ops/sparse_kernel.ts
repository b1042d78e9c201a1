/** What operators do with the parts of sparse tensors, without history. */
import { bool, float64, int64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { contiguousStrides, numel } from '../shape.js';
import type { Shape } from '../shape.js';
import { sparseParts, sparseTensor } from '../sparse_storage.js';
import type { SparseParts } from '../sparse_storage.js';
import type { Tensor } from '../tensor.js';
import { writeValues } from '../tensor_data.js';
import { address, allocate } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import * as code from '../wasm/opcode.js';
import { cast, dense } from './dense.js';
import { fillKernel } from './make.js';
import { combineKernel, int32Tensor, putKernel, takeKernel } from './offset.js';
import { mul } from './pointwise_binary.js';

/** How many entries a sparse tensor lists. */
export function entries({ indices }: SparseParts): number {
  return indices.shape[1];
}

/** The number of elements of one entry. */
function widthOf({ values }: SparseParts): number {
  return numel(values.shape.slice(1));
}

/** The places of columns of indices as numbers: flat indices over the sparse dimensions of `shape`. */
export function keysOf(indices: Tensor, shape: Shape): Float64Array {
  const [dims, count] = indices.shape as [number, number];
  const from = dense(cast(indices, float64));
  const start = address(from) >> 3;
  const { f64 } = runtime().heap;
  const keys = new Float64Array(count);
  for (let d = 0; d < dims; d++) {
    for (let i = 0; i < count; i++) keys[i] = keys[i] * shape[d] + f64[start + d * count + i];
  }
  return keys;
}

/** The columns of indices that flat indices stand for. */
export function indicesOf(keys: ArrayLike<number>, shape: Shape): Tensor {
  const out = allocate([shape.length, keys.length], int64);
  const strides = contiguousStrides(shape);
  const columns = strides.flatMap((step, d) => Array.from(keys, (key) => Math.floor(key / step) % shape[d]));
  writeValues(out, columns);
  return out;
}

/** Where a key stands among sorted ones; -1 where it does not. */
function find(sorted: Float64Array, key: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low < sorted.length && sorted[low] === key ? low : -1;
}

function distinct(keys: Float64Array): Float64Array {
  const sorted = keys.slice().sort();
  let end = 0;
  for (const key of sorted) if (end === 0 || key !== sorted[end - 1]) sorted[end++] = key;
  return sorted.subarray(0, end);
}

function offsets(rows: ArrayLike<number>, width: number): Tensor {
  const out = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = rows[i] * width;
  return int32Tensor(out);
}

/** Where columns are in a matrix of `dims` rows of `count` elements each. */
function columnOffsets(columns: ArrayLike<number>, dims: number, count: number): Tensor {
  const out = new Int32Array(dims * columns.length);
  for (let d = 0, at = 0; d < dims; d++) {
    for (let i = 0; i < columns.length; i++) out[at++] = d * count + columns[i];
  }
  return int32Tensor(out);
}

/** Rows of a dense tensor of `width` elements each. */
function takeRows(x: Tensor, rows: ArrayLike<number>, shape: Shape, width: number): Tensor {
  return takeKernel(x, offsets(rows, width), [rows.length, ...shape], width);
}

/** Writes columns of indices to columns of others. */
function putColumns(out: Tensor, indices: Tensor, columns: ArrayLike<number>): void {
  const [dims, count] = out.shape as [number, number];
  putKernel(out, columnOffsets(columns, dims, count), dense(indices), 1);
}

function takeColumns(indices: Tensor, columns: ArrayLike<number>): Tensor {
  const [dims, count] = indices.shape as [number, number];
  return takeKernel(indices, columnOffsets(columns, dims, count), [dims, columns.length], 1);
}

/** The parts with each place listed once, in order: values of one place are added in the order in which they are listed. */
export function coalescedParts(x: Tensor): SparseParts {
  const parts = sparseParts(x);
  if (parts.coalesced) return parts;
  const { indices, values } = parts;
  const width = widthOf(parts);
  const keys = keysOf(indices, x.shape);
  const sorted = distinct(keys);
  const first = new Int32Array(sorted.length).fill(-1);
  const later: number[] = [];
  const into: number[] = [];
  for (let i = 0; i < keys.length; i++) {
    const at = find(sorted, keys[i]);
    if (first[at] < 0) {
      first[at] = i;
    } else {
      later.push(i);
      into.push(at);
    }
  }
  const shape = values.shape.slice(1);
  const sums = takeRows(values, first, shape, width);
  combineKernel(code.P_ADD, sums, offsets(into, width), dense(takeRows(values, later, shape, width)), width);
  return { indices: takeColumns(indices, first), values: sums, coalesced: true };
}

/** Adds factor · x, sparse, to a dense contiguous tensor of its shape. */
export function addToDense(out: Tensor, x: Tensor, factor: number): void {
  const parts = coalescedParts(x);
  if (entries(parts) === 0) return;
  const width = widthOf(parts);
  const values = scaled(cast(parts.values, out.dtype), factor);
  combineKernel(code.P_ADD, out, offsets(keysOf(parts.indices, x.shape), width), dense(values), width);
}

function scaled(values: Tensor, factor: number): Tensor {
  return factor === 1 ? values : mul(values, factor);
}

/** A dense tensor of the values of a sparse one. */
export function toDense(x: Tensor): Tensor {
  const out = allocate(x.shape, x.dtype);
  fillKernel(out, 0);
  addToDense(out, x, 1);
  return out;
}

/** The values of x, dense and of the shape of a sparse tensor, at the places that are listed there. */
export function valuesAtPlaces(x: Tensor, indices: Tensor): Tensor {
  const shape = x.shape.slice(indices.shape[0]);
  return takeRows(x, keysOf(indices, x.shape), shape, numel(shape));
}

/** The values of a sparse tensor at places; 0 where it lists none. */
export function lookUpPlaces(x: Tensor, indices: Tensor): Tensor {
  const parts = coalescedParts(x);
  const width = widthOf(parts);
  const shape = parts.values.shape.slice(1);
  const sorted = keysOf(parts.indices, x.shape);
  const rows: number[] = [];
  const into: number[] = [];
  keysOf(indices, x.shape).forEach((key, i) => {
    const at = find(sorted, key);
    if (at < 0) return;
    rows.push(at);
    into.push(i);
  });
  const out = allocate([indices.shape[1], ...shape], x.dtype);
  fillKernel(out, 0);
  putKernel(out, offsets(into, width), takeRows(parts.values, rows, shape, width), width);
  return out;
}

/**
 * The parts of a + factor · b as torch makes them: both lists are walked at once, smaller place first, and where the same
 * place comes up in both its values are added. In lists that are not in order a place may so remain more than once. Values that
 * are not contiguous are appended, and coalesced when they are more than the tensor has elements.
 */
export function mergedParts(a: Tensor, b: Tensor, factor: number, dtype: DType): SparseParts {
  const [left, right] = [sparseParts(a), sparseParts(b)];
  const [m, n] = [entries(left), entries(right)];
  if (dtype === bool) throw new RuntimeError(`"cadd_sparse" not implemented for 'Bool'`);
  const contiguous = left.values.is_contiguous() && right.values.is_contiguous();
  const [p, q] = [keysOf(left.indices, a.shape), keysOf(right.indices, b.shape)];
  const [fromLeft, fromRight] = [new Int32Array(m), new Int32Array(n)];
  let count = 0;
  for (let i = 0, j = 0; i < m || j < n; count++) {
    const order = j >= n ? -1 : i >= m ? 1 : contiguous ? p[i] - q[j] : -1;
    if (order <= 0) fromLeft[i++] = count;
    if (order >= 0) fromRight[j++] = count;
  }
  const width = widthOf(left);
  const indices = allocate([left.indices.shape[0], count], int64);
  const values = allocate([count, ...left.values.shape.slice(1)], dtype);
  fillKernel(values, 0);
  const sources = [
    [left, fromLeft, 1],
    [right, fromRight, factor],
  ] as const;
  for (const [parts, places, by] of sources) {
    putColumns(indices, parts.indices, places);
    const rows = dense(scaled(cast(parts.values, dtype), by));
    combineKernel(code.P_ADD, values, offsets(places, width), rows, width);
  }
  if (contiguous || count <= a.numel()) {
    return { indices, values, coalesced: contiguous && left.coalesced && right.coalesced };
  }
  return { ...coalescedParts(sparseTensor(indices, values, a.shape)), coalesced: false };
}

/** The pairs of entries of two sparse tensors at one place: for each of `a`, in order, those of `b`. */
export function commonEntries(a: Tensor, b: Tensor): { rows: number[]; others: number[] } {
  const at = new Map<number, number[]>();
  keysOf(sparseParts(b).indices, b.shape).forEach((key, j) => {
    const list = at.get(key);
    if (list === undefined) at.set(key, [j]);
    else list.push(j);
  });
  const rows: number[] = [];
  const others: number[] = [];
  keysOf(sparseParts(a).indices, a.shape).forEach((key, i) => {
    for (const j of at.get(key) ?? []) {
      rows.push(i);
      others.push(j);
    }
  });
  return { rows, others };
}

/** Some of the entries of a sparse tensor, in a given order. */
export function takeEntries(
  { indices, values }: SparseParts,
  which: readonly number[],
): { indices: Tensor; values: Tensor } {
  const shape = values.shape.slice(1);
  return { indices: takeColumns(indices, which), values: takeRows(values, which, shape, numel(shape)) };
}
