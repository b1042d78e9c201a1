// Pointwise functions of two operands, float dtypes.

import {
  B_ADD,
  B_SUB,
  B_MUL,
  B_DIV,
  B_MAXIMUM,
  B_MINIMUM,
  B_FMAX,
  B_FMIN,
  B_COPYSIGN,
  B_TRUNC_DIV,
  B_RELU_BACKWARD,
  B_THRESHOLD_BACKWARD,
  B_HARDTANH_BACKWARD,
  B_LEAKY_RELU_BACKWARD,
  B_SIGMOID_BACKWARD,
  B_TANH_BACKWARD,
  B_SILU_BACKWARD,
} from '../src/wasm/opcode';
import { lanes } from './simd';
import { sigmoid4 } from './vecmath';
import { scalarBinary } from './pointwise-scalar';

/** ADD with a factor other than 1 and -1. */
// @ts-ignore: decorator
@inline
const ADD_SCALED = 100;

// @ts-ignore: decorator
@inline
function c<T>(x: f64): v128 {
  return v128.splat<T>(<T>x);
}

/** a + p b, rounded once in float32, as torch's fused multiply-add rounds it. */
// @ts-ignore: decorator
@inline
function addScaled<T>(a: v128, b: v128, p: v128): v128 {
  if (sizeof<T>() == 8) return f64x2.add(a, f64x2.mul(b, p));
  const low = f64x2.add(
    f64x2.promote_low_f32x4(a),
    f64x2.mul(f64x2.promote_low_f32x4(b), f64x2.promote_low_f32x4(p)),
  );
  const a2 = v128.shuffle<i64>(a, a, 1, 1);
  const b2 = v128.shuffle<i64>(b, b, 1, 1);
  const high = f64x2.add(
    f64x2.promote_low_f32x4(a2),
    f64x2.mul(f64x2.promote_low_f32x4(b2), f64x2.promote_low_f32x4(p)),
  );
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}

/** op is a constant at every call, so that one formula remains of the chain. */
// @ts-ignore: decorator
@inline
function formula<T>(op: i32, a: v128, b: v128, p0: v128, p1: v128): v128 {
  if (op == B_ADD) return v128.add<T>(a, b);
  if (op == B_SUB) return v128.sub<T>(a, b);
  if (op == B_MUL) return v128.mul<T>(a, b);
  if (op == B_DIV) return v128.div<T>(a, b);
  if (op == B_MAXIMUM) return v128.max<T>(a, b);
  if (op == B_MINIMUM) return v128.min<T>(a, b);
  if (op == B_COPYSIGN) return v128.bitselect(b, a, c<T>(-0.0));
  if (op == B_TRUNC_DIV) return v128.trunc<T>(v128.div<T>(a, b));
  if (op == B_RELU_BACKWARD) return v128.andnot(a, v128.le<T>(b, c<T>(0)));
  if (op == B_THRESHOLD_BACKWARD) return v128.andnot(a, v128.le<T>(b, p0));
  if (op == B_HARDTANH_BACKWARD) return v128.andnot(a, v128.or(v128.le<T>(b, p0), v128.ge<T>(b, p1)));
  if (op == B_LEAKY_RELU_BACKWARD) return v128.bitselect(a, v128.mul<T>(a, p0), v128.gt<T>(b, c<T>(0)));
  if (op == B_SIGMOID_BACKWARD) return v128.mul<T>(v128.mul<T>(a, v128.sub<T>(c<T>(1), b)), b);
  if (op == B_TANH_BACKWARD) return v128.mul<T>(a, v128.sub<T>(c<T>(1), v128.mul<T>(b, b)));
  if (op == B_FMAX || op == B_FMIN) {
    const m = op == B_FMAX ? v128.max<T>(a, b) : v128.min<T>(a, b);
    const number = v128.bitselect(a, b, v128.eq<T>(a, a));
    return v128.bitselect(m, number, v128.and(v128.eq<T>(a, a), v128.eq<T>(b, b)));
  }
  if (op == B_SILU_BACKWARD) {
    const s = sigmoid4(b);
    return f32x4.mul(f32x4.mul(a, s), f32x4.add(c<T>(1), f32x4.mul(b, f32x4.sub(c<T>(1), s))));
  }
  if (op == ADD_SCALED) return addScaled<T>(a, b, p0);
  return a;
}

/** Contiguous out; va, vb say whether an operand runs along the row or is one value for all of it. Answers how many elements are left. */
// @ts-ignore: decorator
@inline
function dense<T>(
  op: i32,
  va: bool,
  vb: bool,
  n: i32,
  a: usize,
  b: usize,
  out: usize,
  q0: v128,
  q1: v128,
): i32 {
  const a0 = v128.load_splat<T>(a);
  const b0 = v128.load_splat<T>(b);
  for (; n >= 2 * lanes<T>(); n -= 2 * lanes<T>()) {
    const u = formula<T>(op, va ? v128.load(a) : a0, vb ? v128.load(b) : b0, q0, q1);
    const v = formula<T>(op, va ? v128.load(a, 16) : a0, vb ? v128.load(b, 16) : b0, q0, q1);
    v128.store(out, u);
    v128.store(out, v, 16);
    if (va) a += 32;
    if (vb) b += 32;
    out += 32;
  }
  return n;
}

// @ts-ignore: decorator
@inline
function row<T>(
  op: i32,
  n: i32,
  a: usize,
  sa: i32,
  b: usize,
  sb: i32,
  out: usize,
  so: i32,
  p0: f64,
  p1: f64,
): void {
  const q0 = c<T>(p0);
  const q1 = c<T>(p1);
  let left = n;
  if (so == 1) {
    if (sa == 1 && sb == 1) left = dense<T>(op, true, true, n, a, b, out, q0, q1);
    else if (sa == 1 && sb == 0) left = dense<T>(op, true, false, n, a, b, out, q0, q1);
    else if (sa == 0 && sb == 1) left = dense<T>(op, false, true, n, a, b, out, q0, q1);
  }
  const da = <usize>sa * sizeof<T>();
  const db = <usize>sb * sizeof<T>();
  const dout = <usize>so * sizeof<T>();
  const done = <usize>(n - left);
  a += done * da;
  b += done * db;
  out += done * dout;
  for (; left > 0; --left) {
    v128.store_lane<T>(out, formula<T>(op, v128.load_splat<T>(a), v128.load_splat<T>(b), q0, q1), 0);
    a += da;
    b += db;
    out += dout;
  }
}

function scalarRow<T>(op: i32, n: i32, a: usize, sa: i32, b: usize, sb: i32, out: usize, so: i32): void {
  for (; n > 0; --n) {
    store<T>(out, <T>scalarBinary(op, <f64>load<T>(a), <f64>load<T>(b)));
    a += <usize>sa * sizeof<T>();
    b += <usize>sb * sizeof<T>();
    out += <usize>so * sizeof<T>();
  }
}

function anyRow<T>(
  op: i32,
  n: i32,
  a: usize,
  sa: i32,
  b: usize,
  sb: i32,
  out: usize,
  so: i32,
  p0: f64,
  p1: f64,
): void {
  if (op == B_ADD && p0 != 1) {
    if (p0 == -1) {
      row<T>(B_SUB, n, a, sa, b, sb, out, so, p0, p1);
    } else {
      row<T>(ADD_SCALED, n, a, sa, b, sb, out, so, p0, p1);
    }
    return;
  }
  switch (op) {
    case B_ADD:
      row<T>(B_ADD, n, a, sa, b, sb, out, so, p0, p1);
      return;
    case B_SUB:
      row<T>(B_SUB, n, a, sa, b, sb, out, so, p0, p1);
      return;
    case B_MUL:
      row<T>(B_MUL, n, a, sa, b, sb, out, so, p0, p1);
      return;
    case B_DIV:
      row<T>(B_DIV, n, a, sa, b, sb, out, so, p0, p1);
      return;
    case B_MAXIMUM:
      row<T>(B_MAXIMUM, n, a, sa, b, sb, out, so, p0, p1);
      return;
    case B_MINIMUM:
      row<T>(B_MINIMUM, n, a, sa, b, sb, out, so, p0, p1);
      return;
    case B_FMAX:
      row<T>(B_FMAX, n, a, sa, b, sb, out, so, p0, p1);
      return;
    case B_FMIN:
      row<T>(B_FMIN, n, a, sa, b, sb, out, so, p0, p1);
      return;
    case B_COPYSIGN:
      row<T>(B_COPYSIGN, n, a, sa, b, sb, out, so, p0, p1);
      return;
    case B_TRUNC_DIV:
      row<T>(B_TRUNC_DIV, n, a, sa, b, sb, out, so, p0, p1);
      return;
    case B_RELU_BACKWARD:
      row<T>(B_RELU_BACKWARD, n, a, sa, b, sb, out, so, p0, p1);
      return;
    case B_THRESHOLD_BACKWARD:
      row<T>(B_THRESHOLD_BACKWARD, n, a, sa, b, sb, out, so, p0, p1);
      return;
    case B_HARDTANH_BACKWARD:
      row<T>(B_HARDTANH_BACKWARD, n, a, sa, b, sb, out, so, p0, p1);
      return;
    case B_LEAKY_RELU_BACKWARD:
      row<T>(B_LEAKY_RELU_BACKWARD, n, a, sa, b, sb, out, so, p0, p1);
      return;
    case B_SIGMOID_BACKWARD:
      row<T>(B_SIGMOID_BACKWARD, n, a, sa, b, sb, out, so, p0, p1);
      return;
    case B_TANH_BACKWARD:
      row<T>(B_TANH_BACKWARD, n, a, sa, b, sb, out, so, p0, p1);
      return;
  }
  if (sizeof<T>() == 4 && op == B_SILU_BACKWARD) {
    row<T>(B_SILU_BACKWARD, n, a, sa, b, sb, out, so, p0, p1);
    return;
  }
  scalarRow<T>(op, n, a, sa, b, sb, out, so);
}

/** Walks the dims of desc from dim inwards. */
export function binaryFloat<T>(
  op: i32,
  a: usize,
  b: usize,
  out: usize,
  desc: usize,
  dim: i32,
  p0: f64,
  p1: f64,
): void {
  const ndim = load<i32>(desc);
  const size = desc + 4 + ((<usize>dim) << 2);
  const step = (<usize>ndim) << 2;
  const n = load<i32>(size);
  const so = load<i32>(size + step);
  const sa = load<i32>(size + 2 * step);
  const sb = load<i32>(size + 3 * step);
  if (dim == ndim - 1) {
    anyRow<T>(op, n, a, sa, b, sb, out, so, p0, p1);
    return;
  }
  for (let i = 0; i < n; ++i) {
    binaryFloat<T>(op, a, b, out, desc, dim + 1, p0, p1);
    a += <usize>sa * sizeof<T>();
    b += <usize>sb * sizeof<T>();
    out += <usize>so * sizeof<T>();
  }
}
