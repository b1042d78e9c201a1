// Pointwise functions of two operands, float dtypes.

import {
  B_ADD,
  B_COPYSIGN,
  B_DIV,
  B_FMAX,
  B_FMIN,
  B_GELU_BACKWARD,
  B_HARDTANH_BACKWARD,
  B_LEAKY_RELU_BACKWARD,
  B_MAXIMUM,
  B_MINIMUM,
  B_MUL,
  B_RELU_BACKWARD,
  B_SIGMOID_BACKWARD,
  B_SILU_BACKWARD,
  B_SUB,
  B_TANH_BACKWARD,
  B_THRESHOLD_BACKWARD,
  B_TRUNC_DIV,
} from '../src/wasm/opcode';
import {
  Add,
  AddScaled,
  Copysign,
  Div,
  Fmax,
  Fmin,
  GeluBackward,
  HardtanhBackward,
  LeakyReluBackward,
  Maximum,
  Minimum,
  Mul,
  ReluBackward,
  SigmoidBackward,
  SiluBackward,
  Sub,
  TanhBackward,
  ThresholdBackward,
  TruncDiv,
} from './pointwise-binary-op';
import { scalarBinary } from './pointwise-scalar';
import { lanes } from './simd';

/** n elements at strides sa, sb, so; called through the table, like the rows of pointwise-unary.ts. */
type Row = (n: i32, a: usize, sa: i32, b: usize, sb: i32, out: usize, so: i32, p0: f64, p1: f64) => void;

/** Contiguous out; va, vb: the operand runs along the row, else it is one value for all of it. Answers how many elements are left. */
// @ts-ignore: decorator
@inline
function dense<T, F>(va: bool, vb: bool, n: i32, a: usize, b: usize, out: usize, q0: v128, q1: v128): i32 {
  const a0 = v128.load_splat<T>(a);
  const b0 = v128.load_splat<T>(b);
  for (; n >= 2 * lanes<T>(); n -= 2 * lanes<T>()) {
    const u = changetype<F>(0).f<T>(va ? v128.load(a) : a0, vb ? v128.load(b) : b0, q0, q1);
    const v = changetype<F>(0).f<T>(va ? v128.load(a, 16) : a0, vb ? v128.load(b, 16) : b0, q0, q1);
    v128.store(out, u);
    v128.store(out, v, 16);
    if (va) a += 32;
    if (vb) b += 32;
    out += 32;
  }
  return n;
}

function row<T, F>(): Row {
  return (n: i32, a: usize, sa: i32, b: usize, sb: i32, out: usize, so: i32, p0: f64, p1: f64): void => {
    const q0 = v128.splat<T>(<T>p0);
    const q1 = v128.splat<T>(<T>p1);
    let left = n;
    if (so == 1) {
      if (sa == 1 && sb == 1) left = dense<T, F>(true, true, n, a, b, out, q0, q1);
      else if (sa == 1 && sb == 0) left = dense<T, F>(true, false, n, a, b, out, q0, q1);
      else if (sa == 0 && sb == 1) left = dense<T, F>(false, true, n, a, b, out, q0, q1);
    }
    const da = <usize>sa * sizeof<T>();
    const db = <usize>sb * sizeof<T>();
    const dout = <usize>so * sizeof<T>();
    const done = <usize>(n - left);
    a += done * da;
    b += done * db;
    out += done * dout;
    for (; left > 0; --left) {
      const y = changetype<F>(0).f<T>(v128.load_splat<T>(a), v128.load_splat<T>(b), q0, q1);
      v128.store_lane<T>(out, y, 0);
      a += da;
      b += db;
      out += dout;
    }
  };
}

function scalarRow<T>(op: i32, n: i32, a: usize, sa: i32, b: usize, sb: i32, out: usize, so: i32): void {
  for (; n > 0; --n) {
    store<T>(out, <T>scalarBinary(op, <f64>load<T>(a), <f64>load<T>(b)));
    a += <usize>sa * sizeof<T>();
    b += <usize>sb * sizeof<T>();
    out += <usize>so * sizeof<T>();
  }
}

/** The row function of op, or null when only the scalar one has it. */
function rowOf<T>(op: i32, p0: f64): Row | null {
  switch (op) {
    case B_ADD:
      if (p0 == 1) return row<T, Add>();
      return p0 == -1 ? row<T, Sub>() : row<T, AddScaled>();
    case B_SUB:
      return row<T, Sub>();
    case B_MUL:
      return row<T, Mul>();
    case B_DIV:
      return row<T, Div>();
    case B_MAXIMUM:
      return row<T, Maximum>();
    case B_MINIMUM:
      return row<T, Minimum>();
    case B_FMAX:
      return row<T, Fmax>();
    case B_FMIN:
      return row<T, Fmin>();
    case B_COPYSIGN:
      return row<T, Copysign>();
    case B_TRUNC_DIV:
      return row<T, TruncDiv>();
    case B_RELU_BACKWARD:
      return row<T, ReluBackward>();
    case B_THRESHOLD_BACKWARD:
      return row<T, ThresholdBackward>();
    case B_HARDTANH_BACKWARD:
      return row<T, HardtanhBackward>();
    case B_LEAKY_RELU_BACKWARD:
      return row<T, LeakyReluBackward>();
    case B_SIGMOID_BACKWARD:
      return row<T, SigmoidBackward>();
    case B_TANH_BACKWARD:
      return row<T, TanhBackward>();
  }
  if (sizeof<T>() == 4) {
    if (op == B_SILU_BACKWARD) return row<T, SiluBackward>();
    if (op == B_GELU_BACKWARD) return row<T, GeluBackward>();
  }
  return null;
}

function walk<T>(
  op: i32,
  row: Row | null,
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
    if (row) row(n, a, sa, b, sb, out, so, p0, p1);
    else scalarRow<T>(op, n, a, sa, b, sb, out, so);
    return;
  }
  for (let i = 0; i < n; ++i) {
    walk<T>(op, row, a, b, out, desc, dim + 1, p0, p1);
    a += <usize>sa * sizeof<T>();
    b += <usize>sb * sizeof<T>();
    out += <usize>so * sizeof<T>();
  }
}

export function binaryFloat<T>(op: i32, a: usize, b: usize, out: usize, desc: usize, p0: f64, p1: f64): void {
  walk<T>(op, rowOf<T>(op, p0), a, b, out, desc, 0, p0, p1);
}
