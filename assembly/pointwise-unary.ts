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
import { lanes } from './simd';
import { scalarUnary } from './pointwise-scalar';
import {
  Abs,
  AddScalar,
  Ceil,
  Clamp,
  ClampMax,
  ClampMin,
  Cube,
  DivScalar,
  Floor,
  Frac,
  Hardsigmoid,
  Hardswish,
  LeakyRelu,
  MulScalar,
  NanToNum,
  Neg,
  RdivScalar,
  Reciprocal,
  Relu,
  Round,
  Rsqrt,
  RsubScalar,
  Sign,
  Sqrt,
  Square,
  Threshold,
  Trunc,
} from './pointwise-unary-op';
import {
  Elu,
  Erf,
  Exp,
  Expm1,
  Gelu,
  GeluTanh,
  Log,
  Log1p,
  Logsigmoid,
  Mish,
  Sigmoid,
  Silu,
  Softplus,
  Tanh,
} from './pointwise-unary-math-op';

/**
 * n elements at strides sx and so. Rows are called through the table: inlined into one dispatcher, they would be one huge function,
 * slow to compile when the first operation is called.
 */
type Row = (n: i32, x: usize, sx: i32, out: usize, so: i32, p0: f64, p1: f64, p2: f64) => void;

function row<T, F>(): Row {
  return (n: i32, x: usize, sx: i32, out: usize, so: i32, p0: f64, p1: f64, p2: f64): void => {
    const q0 = v128.splat<T>(<T>p0);
    const q1 = v128.splat<T>(<T>p1);
    const q2 = v128.splat<T>(<T>p2);
    if (sx == 1 && so == 1) {
      for (; n >= 2 * lanes<T>(); n -= 2 * lanes<T>()) {
        const u = changetype<F>(0).f<T>(v128.load(x), q0, q1, q2);
        const v = changetype<F>(0).f<T>(v128.load(x, 16), q0, q1, q2);
        v128.store(out, u);
        v128.store(out, v, 16);
        x += 32;
        out += 32;
      }
    }
    const dx = <usize>sx * sizeof<T>();
    const dout = <usize>so * sizeof<T>();
    for (; n > 0; --n) {
      v128.store_lane<T>(out, changetype<F>(0).f<T>(v128.load_splat<T>(x), q0, q1, q2), 0);
      x += dx;
      out += dout;
    }
  };
}

function scalarRow<T>(
  op: i32,
  n: i32,
  x: usize,
  sx: i32,
  out: usize,
  so: i32,
  p0: f64,
  p1: f64,
  p2: f64,
): void {
  const dx = <usize>sx * sizeof<T>();
  const dout = <usize>so * sizeof<T>();
  for (; n > 0; --n) {
    store<T>(out, <T>scalarUnary(op, <f64>load<T>(x), p0, p1, p2));
    x += dx;
    out += dout;
  }
}

/** The row function of op, or null when only the scalar one has it. */
function rowOf<T>(op: i32, p0: f64): Row | null {
  if (op == U_POW_SCALAR) {
    // torch's own list of exponents that are products and roots.
    if (p0 == 2) return row<T, Square>();
    if (p0 == 3) return row<T, Cube>();
    if (p0 == 0.5) return row<T, Sqrt>();
    if (p0 == -0.5) return row<T, Rsqrt>();
    if (p0 == -1) return row<T, Reciprocal>();
  }
  switch (op) {
    case U_NEG:
      return row<T, Neg>();
    case U_ABS:
      return row<T, Abs>();
    case U_SIGN:
      return row<T, Sign>();
    case U_SQRT:
      return row<T, Sqrt>();
    case U_RSQRT:
      return row<T, Rsqrt>();
    case U_RECIPROCAL:
      return row<T, Reciprocal>();
    case U_SQUARE:
      return row<T, Square>();
    case U_CUBE:
      return row<T, Cube>();
    case U_RELU:
      return row<T, Relu>();
    case U_FLOOR:
      return row<T, Floor>();
    case U_CEIL:
      return row<T, Ceil>();
    case U_ROUND:
      return row<T, Round>();
    case U_TRUNC:
      return row<T, Trunc>();
    case U_FRAC:
      return row<T, Frac>();
    case U_ADD_SCALAR:
      return row<T, AddScalar>();
    case U_RSUB_SCALAR:
      return row<T, RsubScalar>();
    case U_MUL_SCALAR:
      return row<T, MulScalar>();
    case U_DIV_SCALAR:
      return row<T, DivScalar>();
    case U_RDIV_SCALAR:
      return row<T, RdivScalar>();
    case U_CLAMP:
      return row<T, Clamp>();
    case U_CLAMP_MIN:
      return row<T, ClampMin>();
    case U_CLAMP_MAX:
      return row<T, ClampMax>();
    case U_LEAKY_RELU:
      return row<T, LeakyRelu>();
    case U_THRESHOLD:
      return row<T, Threshold>();
    case U_HARDSIGMOID:
      return row<T, Hardsigmoid>();
    case U_HARDSWISH:
      return row<T, Hardswish>();
    case U_NAN_TO_NUM:
      return row<T, NanToNum>();
  }
  if (sizeof<T>() == 4) {
    switch (op) {
      case U_EXP:
        return row<T, Exp>();
      case U_EXPM1:
        return row<T, Expm1>();
      case U_LOG:
        return row<T, Log>();
      case U_LOG1P:
        return row<T, Log1p>();
      case U_SIGMOID:
        return row<T, Sigmoid>();
      case U_TANH:
        return row<T, Tanh>();
      case U_SILU:
        return row<T, Silu>();
      case U_GELU:
        return row<T, Gelu>();
      case U_GELU_TANH:
        return row<T, GeluTanh>();
      case U_ELU:
        return row<T, Elu>();
      case U_SOFTPLUS:
        return row<T, Softplus>();
      case U_LOGSIGMOID:
        return row<T, Logsigmoid>();
      case U_MISH:
        return row<T, Mish>();
      case U_ERF:
        return row<T, Erf>();
    }
  }
  return null;
}

function walk<T>(
  op: i32,
  row: Row | null,
  x: usize,
  out: usize,
  desc: usize,
  dim: i32,
  p0: f64,
  p1: f64,
  p2: f64,
): void {
  const ndim = load<i32>(desc);
  const size = desc + 4 + ((<usize>dim) << 2);
  const n = load<i32>(size);
  const so = load<i32>(size + ((<usize>ndim) << 2));
  const sx = load<i32>(size + ((<usize>ndim) << 3));
  if (dim == ndim - 1) {
    if (row) row(n, x, sx, out, so, p0, p1, p2);
    else scalarRow<T>(op, n, x, sx, out, so, p0, p1, p2);
    return;
  }
  for (let i = 0; i < n; ++i) {
    walk<T>(op, row, x, out, desc, dim + 1, p0, p1, p2);
    x += <usize>sx * sizeof<T>();
    out += <usize>so * sizeof<T>();
  }
}

export function unaryFloat<T>(op: i32, x: usize, out: usize, desc: usize, p0: f64, p1: f64, p2: f64): void {
  walk<T>(op, rowOf<T>(op, p0), x, out, desc, 0, p0, p1, p2);
}
