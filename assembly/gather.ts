// Indexing by linear element offsets (int32), which two kernels here produce from shapes and index tensors; nonzero; ranges.

import {
  BOOL,
  FLOAT32,
  FLOAT64,
  INT8,
  INT16,
  INT32,
  INT64,
  P_ADD,
  P_MAX,
  P_MUL,
  UINT8,
} from '../src/wasm/opcode';
import { lanes } from './simd';

/** Every element offset of a strided layout in C order; desc has the strides of that one operand. */
export function grid_offset(out: usize, desc: usize): void {
  grid(out, desc, 0, 0);
}

function grid(out: usize, desc: usize, dim: i32, offset: i32): usize {
  const ndim = load<i32>(desc);
  const size = desc + 4 + ((<usize>dim) << 2);
  const n = load<i32>(size);
  const stride = load<i32>(size + ((<usize>ndim) << 2));
  for (let i = 0; i < n; ++i) {
    if (dim == ndim - 1) {
      store<i32>(out, offset);
      out += 4;
    } else {
      out = grid(out, desc, dim + 1, offset);
    }
    offset += stride;
  }
  return out;
}

/**
 * offsets[i] += index[i] * stride for int64 indices into a dim of `size`, negative ones counted from its end.
 * Answers the position of the first index out of range, where it stops, or -1.
 */
export function index_offset(index: usize, offsets: usize, n: i32, size: i32, stride: i32): i32 {
  for (let i = 0; i < n; ++i) {
    let v = load<i64>(index + ((<usize>i) << 3));
    if (v < 0) v += size;
    if (v < 0 || v >= <i64>size) return i;
    const at = offsets + ((<usize>i) << 2);
    store<i32>(at, load<i32>(at) + <i32>v * stride);
  }
  return -1;
}

function takeOf<T>(x: usize, offsets: usize, out: usize, n: i32): void {
  for (let i = 0; i < n; ++i) {
    store<T>(out, load<T>(x + <usize>load<i32>(offsets) * sizeof<T>()));
    offsets += 4;
    out += sizeof<T>();
  }
}

function putOf<T>(x: usize, offsets: usize, values: usize, n: i32): void {
  for (let i = 0; i < n; ++i) {
    store<T>(x + <usize>load<i32>(offsets) * sizeof<T>(), load<T>(values));
    offsets += 4;
    values += sizeof<T>();
  }
}

/** out[i * width …] = x[offsets[i] …], width elements of `size` bytes. */
export function take(size: i32, x: usize, offsets: usize, out: usize, n: i32, width: i32): void {
  if (width != 1) {
    const bytes = <usize>width * <usize>size;
    for (let i = 0; i < n; ++i) {
      memory.copy(out, x + <usize>load<i32>(offsets) * <usize>size, bytes);
      offsets += 4;
      out += bytes;
    }
  } else if (size == 1) takeOf<u8>(x, offsets, out, n);
  else if (size == 2) takeOf<u16>(x, offsets, out, n);
  else if (size == 4) takeOf<u32>(x, offsets, out, n);
  else takeOf<u64>(x, offsets, out, n);
}

/** x[offsets[i] …] = values[i * width …]; of equal offsets the last wins. */
export function put(size: i32, x: usize, offsets: usize, values: usize, n: i32, width: i32): void {
  if (width != 1) {
    const bytes = <usize>width * <usize>size;
    for (let i = 0; i < n; ++i) {
      memory.copy(x + <usize>load<i32>(offsets) * <usize>size, values, bytes);
      offsets += 4;
      values += bytes;
    }
  } else if (size == 1) putOf<u8>(x, offsets, values, n);
  else if (size == 2) putOf<u16>(x, offsets, values, n);
  else if (size == 4) putOf<u32>(x, offsets, values, n);
  else putOf<u64>(x, offsets, values, n);
}

// @ts-ignore: decorator
@inline
function combine<T>(op: i32, a: T, b: T): T {
  if (op == P_ADD) return <T>(a + b);
  if (op == P_MUL) return <T>(a * b);
  if (isFloat<T>()) return op == P_MAX ? max<T>(a, b) : min<T>(a, b);
  return op == P_MAX ? (a > b ? a : b) : a < b ? a : b;
}

function putReduce<T>(op: i32, x: usize, offsets: usize, values: usize, n: i32, width: i32): void {
  for (let i = 0; i < n; ++i) {
    let to = x + <usize>load<i32>(offsets) * sizeof<T>();
    offsets += 4;
    let w = width;
    if (isFloat<T>()) {
      if (op == P_ADD) {
        for (; w >= lanes<T>(); w -= lanes<T>()) {
          v128.store(to, v128.add<T>(v128.load(to), v128.load(values)));
          to += 16;
          values += 16;
        }
      }
    }
    for (; w > 0; --w) {
      store<T>(to, combine<T>(op, load<T>(to), load<T>(values)));
      to += sizeof<T>();
      values += sizeof<T>();
    }
  }
}

/** x[offsets[i] …] = x[offsets[i] …] op values[i * width …], in the order of i. */
export function put_reduce(
  dtype: i32,
  op: i32,
  x: usize,
  offsets: usize,
  values: usize,
  n: i32,
  width: i32,
): void {
  switch (dtype) {
    // Of bools, the sum is "or" and the product "and".
    case BOOL:
      putReduce<u8>(op == P_ADD ? P_MAX : op, x, offsets, values, n, width);
      break;
    case UINT8:
      putReduce<u8>(op, x, offsets, values, n, width);
      break;
    case INT8:
      putReduce<i8>(op, x, offsets, values, n, width);
      break;
    case INT16:
      putReduce<i16>(op, x, offsets, values, n, width);
      break;
    case INT32:
      putReduce<i32>(op, x, offsets, values, n, width);
      break;
    case INT64:
      putReduce<i64>(op, x, offsets, values, n, width);
      break;
    case FLOAT32:
      putReduce<f32>(op, x, offsets, values, n, width);
      break;
    case FLOAT64:
      putReduce<f64>(op, x, offsets, values, n, width);
      break;
  }
}

function nonzeroOf<T>(x: usize, n: i32, out: usize): i32 {
  let count = 0;
  for (let i = 0; i < n; ++i) {
    if (load<T>(x + <usize>i * sizeof<T>()) != <T>0) {
      if (out) store<i64>(out + ((<usize>count) << 3), i);
      ++count;
    }
  }
  return count;
}

function nonzero(dtype: i32, x: usize, n: i32, out: usize): i32 {
  if (dtype == FLOAT32) return nonzeroOf<f32>(x, n, out);
  if (dtype == FLOAT64) return nonzeroOf<f64>(x, n, out);
  if (dtype == INT64) return nonzeroOf<i64>(x, n, out);
  if (dtype == INT32) return nonzeroOf<i32>(x, n, out);
  if (dtype == INT16) return nonzeroOf<i16>(x, n, out);
  return nonzeroOf<u8>(x, n, out);
}

/** How many of n contiguous elements are not zero. */
export function nonzero_count(dtype: i32, x: usize, n: i32): i32 {
  return nonzero(dtype, x, n, 0);
}

/** Their flat indices, int64. */
export function nonzero_write(dtype: i32, x: usize, n: i32, out: usize): void {
  nonzero(dtype, x, n, out);
}

function arangeOf<T>(out: usize, n: i32, start: f64, step: f64): void {
  for (let i = 0; i < n; ++i) {
    store<T>(out, <T>(start + step * <f64>i));
    out += sizeof<T>();
  }
}

/** start + i * step, computed in float64, into n contiguous elements. */
export function arange(dtype: i32, out: usize, n: i32, start: f64, step: f64): void {
  switch (dtype) {
    case UINT8:
      arangeOf<u8>(out, n, start, step);
      break;
    case INT8:
      arangeOf<i8>(out, n, start, step);
      break;
    case INT16:
      arangeOf<i16>(out, n, start, step);
      break;
    case INT32:
      arangeOf<i32>(out, n, start, step);
      break;
    case INT64:
      arangeOf<i64>(out, n, start, step);
      break;
    case FLOAT32:
      arangeOf<f32>(out, n, start, step);
      break;
    case FLOAT64:
      arangeOf<f64>(out, n, start, step);
      break;
  }
}
