import type { DType } from './dtype.js';
import { IndexError, RuntimeError, ValueError } from './errors.js';
import { numel } from './shape.js';
import { sparseParts } from './sparse_storage.js';
import type { Tensor } from './tensor.js';
import { address } from './tensor_handle.js';
import { runtime } from './wasm/module.js';

/** A nested list of a tensor's values; for a 0-dim tensor the value itself. */
export type NestedValues = number | boolean | NestedValues[];

export type TypedArray =
  Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Int32Array | BigInt64Array;

/** The heap seen in elements of `dtype`. Not to be kept across an allocation. */
function heapOf(dtype: DType): TypedArray {
  const { heap } = runtime();
  switch (dtype.name) {
    case 'float32':
      return heap.f32;
    case 'float64':
      return heap.f64;
    case 'int64':
      return heap.i64;
    case 'int32':
      return heap.i32;
    case 'int16':
      return heap.i16;
    case 'int8':
      return heap.i8;
    default:
      return heap.u8;
  }
}

/** An int64 leaves as a number: one that a number cannot hold exactly is an error. */
function toNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new IndexError(
      `the int64 value ${value} is not a safe JavaScript integer; convert the tensor to float64 first`,
    );
  }
  return number;
}

function reader(t: Tensor): (element: number) => number | boolean {
  const base = address(t) / t.dtype.itemsize;
  const heap = heapOf(t.dtype);
  if (heap instanceof BigInt64Array) return (element) => toNumber(heap[base + element]);
  if (t.dtype.name === 'bool') return (element) => heap[base + element] !== 0;
  return (element) => heap[base + element];
}

/** Reads elements by their flat index in C order. Valid until the next allocation. */
export function elementReader(t: Tensor): (index: number) => number | boolean {
  return byIndex(t, reader(t));
}

/** Like `elementReader`, with every int64 as it is: printing must not fail. */
export function printReader(t: Tensor): (index: number) => number | bigint | boolean {
  const heap = heapOf(t.dtype);
  if (!(heap instanceof BigInt64Array)) return elementReader(t);
  const base = address(t) / t.dtype.itemsize;
  return byIndex(t, (element) => heap[base + element]);
}

function byIndex<V>(t: Tensor, read: (element: number) => V): (index: number) => V {
  if (t.is_contiguous()) return read;
  const { shape, _strides: strides } = t;
  return (index) => {
    let rest = index;
    let element = 0;
    for (let d = shape.length - 1; d >= 0; d--) {
      element += (rest % shape[d]) * strides[d];
      rest = Math.floor(rest / shape[d]);
    }
    return read(element);
  };
}

/** The values as nested arrays; int64 as numbers, bool as booleans. */
export function tolist(t: Tensor): NestedValues {
  t._live();
  if (t.is_sparse) throw new RuntimeError(NO_POINTER);
  const read = reader(t);
  const { shape, _strides: strides } = t;
  const walk = (dim: number, element: number): NestedValues => {
    if (dim === shape.length) return read(element);
    const out = new Array<NestedValues>(shape[dim]);
    for (let i = 0; i < shape[dim]; i++) out[i] = walk(dim + 1, element + i * strides[dim]);
    return out;
  };
  return walk(0, 0);
}

/** What torch says where it is asked for the memory of a sparse tensor. */
export const NO_POINTER = "Cannot access data pointer of Tensor that doesn't have storage";

/** The value of a tensor of one element. */
export function item(t: Tensor): number | boolean {
  t._live();
  if (numel(t.shape) !== 1) {
    throw new ValueError(
      `only one element tensors can be converted to Python scalars, got shape [${t.shape.join(', ')}]; use tolist()`,
    );
  }
  if (t.is_sparse) return sumOf(sparseParts(t).values);
  return reader(t)(0);
}

function sumOf(values: Tensor): number | boolean {
  const read = elementReader(values);
  let sum = 0;
  for (let i = 0; i < values.numel(); i++) sum += Number(read(i));
  return values.dtype.name === 'bool' ? sum !== 0 : sum;
}

/** A copy of the values in C order in the typed array of the dtype (bool as Uint8Array). */
export function toTypedArray(t: Tensor): TypedArray {
  t._live();
  if (t.is_sparse) {
    throw new TypeError("can't convert Sparse layout tensor to numpy. Use Tensor.dense() first.");
  }
  const heap = heapOf(t.dtype);
  const count = numel(t.shape);
  const start = address(t) / t.dtype.itemsize;
  if (t.is_contiguous()) return heap.slice(start, start + count);
  const out = new (heap.constructor as new (length: number) => TypedArray)(count);
  const read = elementReader(t);
  for (let i = 0; i < count; i++) {
    const value = read(i);
    if (out instanceof BigInt64Array) out[i] = BigInt(value);
    else out[i] = Number(value);
  }
  return out;
}

/** Fills a contiguous tensor from values in C order. */
export function writeValues(t: Tensor, values: ArrayLike<number | boolean | bigint>): void {
  const heap = heapOf(t.dtype);
  const start = address(t) / t.dtype.itemsize;
  if (heap instanceof BigInt64Array) {
    if (values instanceof BigInt64Array) heap.set(values, start);
    else for (let i = 0; i < values.length; i++) heap[start + i] = toInt64(values[i]);
  } else if (t.dtype.name === 'bool') {
    for (let i = 0; i < values.length; i++) heap[start + i] = Number(values[i]) !== 0 ? 1 : 0;
  } else if (values instanceof BigInt64Array) {
    for (let i = 0; i < values.length; i++) heap[start + i] = Number(values[i]);
  } else {
    heap.set(values as ArrayLike<number>, start);
  }
}

function toInt64(value: number | boolean | bigint): bigint {
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) !== value) throw new RuntimeError('Overflow when unpacking long');
    return value;
  }
  const number = Math.trunc(Number(value));
  if (!Number.isSafeInteger(number)) {
    throw new IndexError(`${String(value)} is not a safe JavaScript integer and cannot become an int64`);
  }
  return BigInt(number);
}
