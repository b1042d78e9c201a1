// dtype dispatch of the pointwise, copy and fill kernels: what the host calls. Op codes and their parameters: src/wasm/opcode.ts.

import { BOOL, FLOAT32, FLOAT64, INT8, INT16, INT32, INT64, UINT8 } from '../src/wasm/opcode';
import { compareOf, testOf } from './compare';
import { castWalk, fillWalk, move } from './copy';
import { binaryFloat } from './pointwise-binary';
import { binaryInt, unaryInt } from './pointwise-int';
import { ternaryOf, whereWalk } from './pointwise-ternary';
import { unaryFloat } from './pointwise-unary';

export function unary(
  dtype: i32,
  op: i32,
  x: usize,
  out: usize,
  desc: usize,
  p0: f64,
  p1: f64,
  p2: f64,
): void {
  switch (dtype) {
    case BOOL:
    case UINT8:
      unaryInt<u8>(op, dtype == BOOL, x, out, desc, 0, <i64>p0, <i64>p1);
      break;
    case INT8:
      unaryInt<i8>(op, false, x, out, desc, 0, <i64>p0, <i64>p1);
      break;
    case INT16:
      unaryInt<i16>(op, false, x, out, desc, 0, <i64>p0, <i64>p1);
      break;
    case INT32:
      unaryInt<i32>(op, false, x, out, desc, 0, <i64>p0, <i64>p1);
      break;
    case INT64:
      unaryInt<i64>(op, false, x, out, desc, 0, <i64>p0, <i64>p1);
      break;
    // A scalar operand is first rounded to the dtype of the tensor, as torch does.
    case FLOAT32:
      unaryFloat<f32>(op, x, out, desc, <f64>(<f32>p0), <f64>(<f32>p1), <f64>(<f32>p2));
      break;
    case FLOAT64:
      unaryFloat<f64>(op, x, out, desc, p0, p1, p2);
      break;
  }
}

/** 1 when an integer was divided by zero, else 0. */
export function binary(
  dtype: i32,
  op: i32,
  a: usize,
  b: usize,
  out: usize,
  desc: usize,
  p0: f64,
  p1: f64,
): i32 {
  switch (dtype) {
    case BOOL:
    case UINT8:
      return binaryInt<u8>(op, dtype == BOOL, a, b, out, desc, 0, <i64>p0);
    case INT8:
      return binaryInt<i8>(op, false, a, b, out, desc, 0, <i64>p0);
    case INT16:
      return binaryInt<i16>(op, false, a, b, out, desc, 0, <i64>p0);
    case INT32:
      return binaryInt<i32>(op, false, a, b, out, desc, 0, <i64>p0);
    case INT64:
      return binaryInt<i64>(op, false, a, b, out, desc, 0, <i64>p0);
    case FLOAT32:
      binaryFloat<f32>(op, a, b, out, desc, <f64>(<f32>p0), <f64>(<f32>p1));
      break;
    case FLOAT64:
      binaryFloat<f64>(op, a, b, out, desc, p0, p1);
      break;
  }
  return 0;
}

export function ternary(
  dtype: i32,
  op: i32,
  a: usize,
  b: usize,
  c: usize,
  out: usize,
  desc: usize,
  p0: f64,
): void {
  switch (dtype) {
    case UINT8:
      ternaryOf<u8>(op, a, b, c, out, desc, p0);
      break;
    case INT8:
      ternaryOf<i8>(op, a, b, c, out, desc, p0);
      break;
    case INT16:
      ternaryOf<i16>(op, a, b, c, out, desc, p0);
      break;
    case INT32:
      ternaryOf<i32>(op, a, b, c, out, desc, p0);
      break;
    case INT64:
      ternaryOf<i64>(op, a, b, c, out, desc, p0);
      break;
    case FLOAT32:
      ternaryOf<f32>(op, a, b, c, out, desc, p0);
      break;
    case FLOAT64:
      ternaryOf<f64>(op, a, b, c, out, desc, p0);
      break;
  }
}

export function compare(dtype: i32, op: i32, a: usize, b: usize, out: usize, desc: usize): void {
  switch (dtype) {
    case BOOL:
    case UINT8:
      compareOf<u8>(op, a, b, out, desc);
      break;
    case INT8:
      compareOf<i8>(op, a, b, out, desc);
      break;
    case INT16:
      compareOf<i16>(op, a, b, out, desc);
      break;
    case INT32:
      compareOf<i32>(op, a, b, out, desc);
      break;
    case INT64:
      compareOf<i64>(op, a, b, out, desc);
      break;
    case FLOAT32:
      compareOf<f32>(op, a, b, out, desc);
      break;
    case FLOAT64:
      compareOf<f64>(op, a, b, out, desc);
      break;
  }
}

export function test(dtype: i32, op: i32, x: usize, out: usize, desc: usize): void {
  switch (dtype) {
    case BOOL:
    case UINT8:
      testOf<u8>(op, x, out, desc);
      break;
    case INT8:
      testOf<i8>(op, x, out, desc);
      break;
    case INT16:
      testOf<i16>(op, x, out, desc);
      break;
    case INT32:
      testOf<i32>(op, x, out, desc);
      break;
    case INT64:
      testOf<i64>(op, x, out, desc);
      break;
    case FLOAT32:
      testOf<f32>(op, x, out, desc);
      break;
    case FLOAT64:
      testOf<f64>(op, x, out, desc);
      break;
  }
}

/** size: bytes of an element, 1, 2, 4 or 8. Strides of out, cond, a, b. */
export function where(size: i32, cond: usize, a: usize, b: usize, out: usize, desc: usize): void {
  if (size == 1) whereWalk<u8>(cond, a, b, out, desc, 0);
  else if (size == 2) whereWalk<u16>(cond, a, b, out, desc, 0);
  else if (size == 4) whereWalk<u32>(cond, a, b, out, desc, 0);
  else whereWalk<u64>(cond, a, b, out, desc, 0);
}

function castFrom<S>(to: i32, x: usize, out: usize, desc: usize): void {
  switch (to) {
    case BOOL:
    case UINT8:
      castWalk<S, u8>(to == BOOL, x, out, desc, 0);
      break;
    case INT8:
      castWalk<S, i8>(false, x, out, desc, 0);
      break;
    case INT16:
      castWalk<S, i16>(false, x, out, desc, 0);
      break;
    case INT32:
      castWalk<S, i32>(false, x, out, desc, 0);
      break;
    case INT64:
      castWalk<S, i64>(false, x, out, desc, 0);
      break;
    case FLOAT32:
      castWalk<S, f32>(false, x, out, desc, 0);
      break;
    case FLOAT64:
      castWalk<S, f64>(false, x, out, desc, 0);
      break;
  }
}

/** x of dtype `from` into out of dtype `to`, both strided. */
export function copy(from: i32, to: i32, x: usize, out: usize, desc: usize): void {
  if (from == to) {
    if (from <= INT8) move<u8>(x, out, desc);
    else if (from == INT16) move<u16>(x, out, desc);
    else if (from == INT32 || from == FLOAT32) move<u32>(x, out, desc);
    else move<u64>(x, out, desc);
    return;
  }
  switch (from) {
    case BOOL:
    case UINT8:
      castFrom<u8>(to, x, out, desc);
      break;
    case INT8:
      castFrom<i8>(to, x, out, desc);
      break;
    case INT16:
      castFrom<i16>(to, x, out, desc);
      break;
    case INT32:
      castFrom<i32>(to, x, out, desc);
      break;
    case INT64:
      castFrom<i64>(to, x, out, desc);
      break;
    case FLOAT32:
      castFrom<f32>(to, x, out, desc);
      break;
    case FLOAT64:
      castFrom<f64>(to, x, out, desc);
      break;
  }
}

export function fill(dtype: i32, out: usize, desc: usize, value: f64): void {
  switch (dtype) {
    case BOOL:
      fillWalk<u8>(out, desc, 0, <u8>(value != 0));
      break;
    case UINT8:
      fillWalk<u8>(out, desc, 0, <u8>(<i64>value));
      break;
    case INT8:
      fillWalk<i8>(out, desc, 0, <i8>(<i32>value));
      break;
    case INT16:
      fillWalk<i16>(out, desc, 0, <i16>(<i32>value));
      break;
    case INT32:
      fillWalk<i32>(out, desc, 0, <i32>value);
      break;
    case INT64:
      fillWalk<i64>(out, desc, 0, <i64>value);
      break;
    case FLOAT32:
      fillWalk<f32>(out, desc, 0, <f32>value);
      break;
    case FLOAT64:
      fillWalk<f64>(out, desc, 0, value);
      break;
  }
}
