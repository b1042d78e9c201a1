// dtype dispatch of the reductions. desc covers every dim: kept dims first, then the inner ones that are reduced; strides of out, then of x.

import {
  BOOL,
  FLOAT32,
  FLOAT64,
  INT8,
  INT16,
  INT32,
  INT64,
  R_ARGMAX,
  R_ARGMIN,
  R_MAX,
  UINT8,
} from '../src/wasm/opcode';
import { moments, reduceFloat } from './reduce-float';
import { reduceArg, reduceInt } from './reduce-int';

export function reduce(dtype: i32, op: i32, x: usize, out: usize, desc: usize, inner: i32, p0: f64): void {
  if (op == R_ARGMAX || op == R_ARGMIN) {
    arg(dtype, op == R_ARGMAX, x, 0, out, desc, inner);
    return;
  }
  switch (dtype) {
    case BOOL:
    case UINT8:
      reduceInt<u8>(op, x, out, desc, inner);
      break;
    case INT8:
      reduceInt<i8>(op, x, out, desc, inner);
      break;
    case INT16:
      reduceInt<i16>(op, x, out, desc, inner);
      break;
    case INT32:
      reduceInt<i32>(op, x, out, desc, inner);
      break;
    case INT64:
      reduceInt<i64>(op, x, out, desc, inner);
      break;
    case FLOAT32:
      reduceFloat<f32>(op, x, out, desc, inner, p0);
      break;
    case FLOAT64:
      reduceFloat<f64>(op, x, out, desc, inner, p0);
      break;
  }
}

function arg(
  dtype: i32,
  largest: bool,
  x: usize,
  values: usize,
  indices: usize,
  desc: usize,
  inner: i32,
): void {
  switch (dtype) {
    case BOOL:
    case UINT8:
      reduceArg<u8>(largest, x, values, indices, desc, inner);
      break;
    case INT8:
      reduceArg<i8>(largest, x, values, indices, desc, inner);
      break;
    case INT16:
      reduceArg<i16>(largest, x, values, indices, desc, inner);
      break;
    case INT32:
      reduceArg<i32>(largest, x, values, indices, desc, inner);
      break;
    case INT64:
      reduceArg<i64>(largest, x, values, indices, desc, inner);
      break;
    case FLOAT32:
      reduceArg<f32>(largest, x, values, indices, desc, inner);
      break;
    case FLOAT64:
      reduceArg<f64>(largest, x, values, indices, desc, inner);
      break;
  }
}

/** op R_MAX or R_MIN: the value and its int64 index in one pass; both outputs share the out strides of desc. */
export function reduce_arg(
  dtype: i32,
  op: i32,
  x: usize,
  values: usize,
  indices: usize,
  desc: usize,
  inner: i32,
): void {
  arg(dtype, op == R_MAX, x, values, indices, desc, inner);
}

/** Mean and sum of squared deviations from the mean, float dtypes; both outputs share the out strides of desc. */
export function reduce_moments(dtype: i32, x: usize, mean: usize, m2: usize, desc: usize, inner: i32): void {
  if (dtype == FLOAT32) moments<f32>(x, mean, m2, desc, inner);
  else moments<f64>(x, mean, m2, desc, inner);
}
