// Pointwise functions of one operand, float dtypes. What has a vector form takes one path for every layout (a strided element is
// computed in lane 0), so a result does not depend on how its tensor lies in memory; the rest is computed in float64.

import {
  U_ABS,
  U_ADD_SCALAR,
  U_CEIL,
  U_CLAMP,
  U_CLAMP_MAX,
  U_CLAMP_MIN,
  U_CUBE,
  U_DIV_SCALAR,
  U_ELU,
  U_ERF,
  U_EXP,
  U_EXPM1,
  U_FLOOR,
  U_FRAC,
  U_GELU,
  U_GELU_TANH,
  U_HARDSIGMOID,
  U_HARDSWISH,
  U_LEAKY_RELU,
  U_LOG,
  U_LOG1P,
  U_LOGSIGMOID,
  U_MISH,
  U_MUL_SCALAR,
  U_NAN_TO_NUM,
  U_NEG,
  U_POW_SCALAR,
  U_RDIV_SCALAR,
  U_RECIPROCAL,
  U_RELU,
  U_ROUND,
  U_RSQRT,
  U_RSUB_SCALAR,
  U_SIGMOID,
  U_SIGN,
  U_SILU,
  U_SOFTPLUS,
  U_SQRT,
  U_SQUARE,
  U_TANH,
  U_THRESHOLD,
  U_TRUNC,
} from '../src/wasm/opcode';
import { fma, lanes } from './simd';
import { erf4, exp4, expm1_4, log1p4, log4, sigmoid4, tanh4 } from './vecmath';
import { scalarUnary } from './pointwise-scalar';

// @ts-ignore: decorator
@inline
function c<T>(x: f64): v128 {
  return v128.splat<T>(<T>x);
}

/** sqrt(1/2) and the constants of the tanh form of gelu, sqrt(2/pi) and 0.044715. */
// @ts-ignore: decorator
@inline
const SQRT_HALF: f64 = 0.70710678118654752440;
// @ts-ignore: decorator
@inline
const GELU_B: f64 = 0.79788456080286535588;
// @ts-ignore: decorator
@inline
const GELU_C: f64 = 0.044715;

/** op is a constant at every call, so that one formula remains of the chain. pmin and pmax return their first operand when it is NaN. */
// @ts-ignore: decorator
@inline
function formula<T>(op: i32, x: v128, p0: v128, p1: v128, p2: v128): v128 {
  if (op == U_NEG) return v128.neg<T>(x);
  if (op == U_ABS) return v128.abs<T>(x);
  if (op == U_SIGN) return v128.sub<T>(v128.and(v128.gt<T>(x, c<T>(0)), c<T>(1)), v128.and(v128.lt<T>(x, c<T>(0)), c<T>(1)));
  if (op == U_SQRT) return v128.sqrt<T>(x);
  if (op == U_RSQRT) return v128.div<T>(c<T>(1), v128.sqrt<T>(x));
  if (op == U_RECIPROCAL) return v128.div<T>(c<T>(1), x);
  if (op == U_SQUARE) return v128.mul<T>(x, x);
  if (op == U_CUBE) return v128.mul<T>(v128.mul<T>(x, x), x);
  if (op == U_RELU) return v128.pmax<T>(x, c<T>(0));
  if (op == U_FLOOR) return v128.floor<T>(x);
  if (op == U_CEIL) return v128.ceil<T>(x);
  if (op == U_ROUND) return v128.nearest<T>(x);
  if (op == U_TRUNC) return v128.trunc<T>(x);
  if (op == U_FRAC) return v128.sub<T>(x, v128.trunc<T>(x));
  if (op == U_ADD_SCALAR) return v128.add<T>(x, p0);
  if (op == U_RSUB_SCALAR) return v128.sub<T>(p0, x);
  if (op == U_MUL_SCALAR) return v128.mul<T>(x, p0);
  if (op == U_DIV_SCALAR) return v128.div<T>(x, p0);
  if (op == U_RDIV_SCALAR) return v128.div<T>(p0, x);
  if (op == U_CLAMP) return v128.pmin<T>(v128.pmax<T>(x, p0), p1);
  if (op == U_CLAMP_MIN) return v128.pmax<T>(x, p0);
  if (op == U_CLAMP_MAX) return v128.pmin<T>(x, p0);
  if (op == U_LEAKY_RELU) return v128.bitselect(x, v128.mul<T>(x, p0), v128.gt<T>(x, c<T>(0)));
  if (op == U_THRESHOLD) return v128.bitselect(p1, x, v128.le<T>(x, p0));
  if (op == U_HARDSIGMOID) return v128.div<T>(v128.pmin<T>(v128.pmax<T>(v128.add<T>(x, c<T>(3)), c<T>(0)), c<T>(6)), c<T>(6));
  if (op == U_HARDSWISH) return v128.div<T>(v128.mul<T>(x, v128.pmin<T>(v128.pmax<T>(v128.add<T>(x, c<T>(3)), c<T>(0)), c<T>(6))), c<T>(6));
  if (op == U_NAN_TO_NUM) {
    let y = v128.bitselect(x, p0, v128.eq<T>(x, x));
    y = v128.bitselect(p1, y, v128.eq<T>(x, c<T>(Infinity)));
    return v128.bitselect(p2, y, v128.eq<T>(x, c<T>(-Infinity)));
  }
  if (op == U_EXP) return exp4(x);
  if (op == U_EXPM1) return expm1_4(x);
  if (op == U_LOG) return log4(x);
  if (op == U_LOG1P) return log1p4(x);
  if (op == U_SIGMOID) return sigmoid4(x);
  if (op == U_TANH) return tanh4(x);
  // torch divides as well: x / (1 + e^-x).
  if (op == U_SILU) return f32x4.div(x, f32x4.add(c<T>(1), exp4(f32x4.neg(x))));
  if (op == U_GELU) {
    return f32x4.mul(f32x4.mul(x, c<T>(0.5)), f32x4.add(c<T>(1), erf4(f32x4.mul(x, c<T>(SQRT_HALF)))));
  }
  if (op == U_GELU_TANH) {
    const inner = f32x4.mul(c<T>(GELU_B), fma<f32>(f32x4.mul(c<T>(GELU_C), x), f32x4.mul(x, x), x));
    return f32x4.mul(f32x4.mul(x, c<T>(0.5)), f32x4.add(c<T>(1), tanh4(inner)));
  }
  if (op == U_ELU) {
    const low = f32x4.mul(expm1_4(f32x4.mul(x, p2)), f32x4.mul(p0, p1));
    return v128.bitselect(low, f32x4.mul(x, p1), f32x4.le(x, c<T>(0)));
  }
  if (op == U_SOFTPLUS) {
    const z = f32x4.mul(x, p0);
    const soft = f32x4.add(f32x4.max(z, c<T>(0)), log1p4(exp4(f32x4.neg(f32x4.abs(z)))));
    return v128.bitselect(x, f32x4.div(soft, p0), f32x4.gt(z, p1));
  }
  if (op == U_LOGSIGMOID) {
    return f32x4.sub(f32x4.min(x, c<T>(0)), log1p4(exp4(f32x4.neg(f32x4.abs(x)))));
  }
  if (op == U_MISH) {
    // tanh(log(1 + w)) = (w^2 + 2w) / (w^2 + 2w + 2), w = e^x; from 20 on it is 1.
    const w = exp4(f32x4.pmin(x, c<T>(20)));
    const u = f32x4.mul(w, f32x4.add(w, c<T>(2)));
    return f32x4.mul(x, f32x4.div(u, f32x4.add(u, c<T>(2))));
  }
  if (op == U_ERF) return erf4(x);
  return x;
}

/** n elements at strides sx and so. */
// @ts-ignore: decorator
@inline
function row<T>(op: i32, n: i32, x: usize, sx: i32, out: usize, so: i32, p0: f64, p1: f64, p2: f64): void {
  const q0 = c<T>(p0);
  const q1 = c<T>(p1);
  const q2 = c<T>(p2);
  if (sx == 1 && so == 1) {
    for (; n >= 2 * lanes<T>(); n -= 2 * lanes<T>()) {
      const u = formula<T>(op, v128.load(x), q0, q1, q2);
      const v = formula<T>(op, v128.load(x, 16), q0, q1, q2);
      v128.store(out, u);
      v128.store(out, v, 16);
      x += 32;
      out += 32;
    }
  }
  const dx = <usize>sx * sizeof<T>();
  const dout = <usize>so * sizeof<T>();
  for (; n > 0; --n) {
    v128.store_lane<T>(out, formula<T>(op, v128.load_splat<T>(x), q0, q1, q2), 0);
    x += dx;
    out += dout;
  }
}

function scalarRow<T>(op: i32, n: i32, x: usize, sx: i32, out: usize, so: i32, p0: f64, p1: f64, p2: f64): void {
  const dx = <usize>sx * sizeof<T>();
  const dout = <usize>so * sizeof<T>();
  for (; n > 0; --n) {
    store<T>(out, <T>scalarUnary(op, <f64>load<T>(x), p0, p1, p2));
    x += dx;
    out += dout;
  }
}

function anyRow<T>(op: i32, n: i32, x: usize, sx: i32, out: usize, so: i32, p0: f64, p1: f64, p2: f64): void {
  if (op == U_POW_SCALAR) {
    // torch's own list of exponents that are products and roots.
    if (p0 == 2) op = U_SQUARE;
    else if (p0 == 3) op = U_CUBE;
    else if (p0 == 0.5) op = U_SQRT;
    else if (p0 == -0.5) op = U_RSQRT;
    else if (p0 == -1) op = U_RECIPROCAL;
  }
  switch (op) {
    case U_NEG:
      row<T>(U_NEG, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_ABS:
      row<T>(U_ABS, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_SIGN:
      row<T>(U_SIGN, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_SQRT:
      row<T>(U_SQRT, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_RSQRT:
      row<T>(U_RSQRT, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_RECIPROCAL:
      row<T>(U_RECIPROCAL, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_SQUARE:
      row<T>(U_SQUARE, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_CUBE:
      row<T>(U_CUBE, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_RELU:
      row<T>(U_RELU, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_FLOOR:
      row<T>(U_FLOOR, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_CEIL:
      row<T>(U_CEIL, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_ROUND:
      row<T>(U_ROUND, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_TRUNC:
      row<T>(U_TRUNC, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_FRAC:
      row<T>(U_FRAC, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_ADD_SCALAR:
      row<T>(U_ADD_SCALAR, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_RSUB_SCALAR:
      row<T>(U_RSUB_SCALAR, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_MUL_SCALAR:
      row<T>(U_MUL_SCALAR, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_DIV_SCALAR:
      row<T>(U_DIV_SCALAR, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_RDIV_SCALAR:
      row<T>(U_RDIV_SCALAR, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_CLAMP:
      row<T>(U_CLAMP, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_CLAMP_MIN:
      row<T>(U_CLAMP_MIN, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_CLAMP_MAX:
      row<T>(U_CLAMP_MAX, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_LEAKY_RELU:
      row<T>(U_LEAKY_RELU, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_THRESHOLD:
      row<T>(U_THRESHOLD, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_HARDSIGMOID:
      row<T>(U_HARDSIGMOID, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_HARDSWISH:
      row<T>(U_HARDSWISH, n, x, sx, out, so, p0, p1, p2);
      return;
    case U_NAN_TO_NUM:
      row<T>(U_NAN_TO_NUM, n, x, sx, out, so, p0, p1, p2);
      return;
  }
  if (sizeof<T>() == 4) {
    switch (op) {
      case U_EXP:
        row<T>(U_EXP, n, x, sx, out, so, p0, p1, p2);
        return;
      case U_EXPM1:
        row<T>(U_EXPM1, n, x, sx, out, so, p0, p1, p2);
        return;
      case U_LOG:
        row<T>(U_LOG, n, x, sx, out, so, p0, p1, p2);
        return;
      case U_LOG1P:
        row<T>(U_LOG1P, n, x, sx, out, so, p0, p1, p2);
        return;
      case U_SIGMOID:
        row<T>(U_SIGMOID, n, x, sx, out, so, p0, p1, p2);
        return;
      case U_TANH:
        row<T>(U_TANH, n, x, sx, out, so, p0, p1, p2);
        return;
      case U_SILU:
        row<T>(U_SILU, n, x, sx, out, so, p0, p1, p2);
        return;
      case U_GELU:
        row<T>(U_GELU, n, x, sx, out, so, p0, p1, p2);
        return;
      case U_GELU_TANH:
        row<T>(U_GELU_TANH, n, x, sx, out, so, p0, p1, p2);
        return;
      case U_ELU:
        row<T>(U_ELU, n, x, sx, out, so, p0, p1, p2);
        return;
      case U_SOFTPLUS:
        row<T>(U_SOFTPLUS, n, x, sx, out, so, p0, p1, p2);
        return;
      case U_LOGSIGMOID:
        row<T>(U_LOGSIGMOID, n, x, sx, out, so, p0, p1, p2);
        return;
      case U_MISH:
        row<T>(U_MISH, n, x, sx, out, so, p0, p1, p2);
        return;
      case U_ERF:
        row<T>(U_ERF, n, x, sx, out, so, p0, p1, p2);
        return;
    }
  }
  scalarRow<T>(op, n, x, sx, out, so, p0, p1, p2);
}

/** Walks the dims of desc from dim inwards. */
export function unaryFloat<T>(op: i32, x: usize, out: usize, desc: usize, dim: i32, p0: f64, p1: f64, p2: f64): void {
  const ndim = load<i32>(desc);
  const size = desc + 4 + ((<usize>dim) << 2);
  const n = load<i32>(size);
  const so = load<i32>(size + ((<usize>ndim) << 2));
  const sx = load<i32>(size + ((<usize>ndim) << 3));
  if (dim == ndim - 1) {
    anyRow<T>(op, n, x, sx, out, so, p0, p1, p2);
    return;
  }
  for (let i = 0; i < n; ++i) {
    unaryFloat<T>(op, x, out, desc, dim + 1, p0, p1, p2);
    x += <usize>sx * sizeof<T>();
    out += <usize>so * sizeof<T>();
  }
}
