// Pointwise functions of integers and bool. Every dtype is widened to int64, computed there and narrowed, which wraps as the narrow type would.

import {
  B_ADD,
  B_AND,
  B_FLOOR_DIV,
  B_FMAX,
  B_FMIN,
  B_FMOD,
  B_GCD,
  B_HEAVISIDE,
  B_LCM,
  B_MAXIMUM,
  B_MINIMUM,
  B_MUL,
  B_OR,
  B_POW,
  B_REMAINDER,
  B_SHL,
  B_SHR,
  B_SUB,
  B_TRUNC_DIV,
  B_XOR,
  K_ADDCMUL,
  K_CLAMP,
  U_ABS,
  U_ADD_SCALAR,
  U_BITWISE_NOT,
  U_CLAMP,
  U_CLAMP_MAX,
  U_CLAMP_MIN,
  U_FLOOR_DIV_SCALAR,
  U_FMOD_SCALAR,
  U_MUL_SCALAR,
  U_NEG,
  U_POW_SCALAR,
  U_RELU,
  U_REMAINDER_SCALAR,
  U_RPOW_SCALAR,
  U_RSUB_SCALAR,
  U_SIGN,
  U_SQUARE,
  U_THRESHOLD,
  U_TRUNC_DIV_SCALAR,
} from '../src/wasm/opcode';

/** A quotient of zero where the divisor is zero: callers report it, WebAssembly would trap. */
function truncDiv(a: i64, b: i64): i64 {
  if (b == 0) return 0;
  return b == -1 ? -a : a / b;
}

function mod(a: i64, b: i64): i64 {
  return b == 0 || b == -1 ? 0 : a % b;
}

function floorDiv(a: i64, b: i64): i64 {
  const m = mod(a, b);
  const q = truncDiv(a, b);
  return m != 0 && m < 0 != b < 0 ? q - 1 : q;
}

function remainder(a: i64, b: i64): i64 {
  const m = mod(a, b);
  return m != 0 && m < 0 != b < 0 ? m + b : m;
}

/** A negative exponent leaves 0 but for the bases 1 and -1. */
function power(a: i64, b: i64): i64 {
  if (b < 0) return a == 1 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : 0;
  let r: i64 = 1;
  for (; b > 0; b >>= 1) {
    if (b & 1) r *= a;
    a *= a;
  }
  return r;
}

function gcd(a: i64, b: i64): i64 {
  a = abs(a);
  b = abs(b);
  while (b != 0) {
    const r = mod(a, b);
    a = b;
    b = r;
  }
  return a;
}

function sign(x: i64): i64 {
  return <i64>(x > 0) - <i64>(x < 0);
}

export function intUnary(op: i32, x: i64, p0: i64, p1: i64): i64 {
  switch (op) {
    case U_NEG:
      return -x;
    case U_ABS:
      return abs(x);
    case U_SIGN:
      return sign(x);
    case U_SQUARE:
      return x * x;
    case U_RELU:
      return max<i64>(x, 0);
    case U_ADD_SCALAR:
      return x + p0;
    case U_RSUB_SCALAR:
      return p0 - x;
    case U_MUL_SCALAR:
      return x * p0;
    case U_CLAMP:
      return min(max(x, p0), p1);
    case U_CLAMP_MIN:
      return max(x, p0);
    case U_CLAMP_MAX:
      return min(x, p0);
    case U_THRESHOLD:
      return x <= p0 ? p1 : x;
    case U_POW_SCALAR:
      return power(x, p0);
    case U_RPOW_SCALAR:
      return power(p0, x);
    case U_REMAINDER_SCALAR:
      return remainder(x, p0);
    case U_FMOD_SCALAR:
      return mod(x, p0);
    case U_FLOOR_DIV_SCALAR:
      return floorDiv(x, p0);
    case U_TRUNC_DIV_SCALAR:
      return truncDiv(x, p0);
    case U_BITWISE_NOT:
      return ~x;
  }
  // Rounding an integer leaves it.
  return x;
}

export function intBinary(op: i32, a: i64, b: i64, p0: i64): i64 {
  switch (op) {
    case B_ADD:
      return a + p0 * b;
    case B_SUB:
      return a - b;
    case B_MUL:
      return a * b;
    case B_FMAX:
    case B_MAXIMUM:
      return max(a, b);
    case B_FMIN:
    case B_MINIMUM:
      return min(a, b);
    case B_TRUNC_DIV:
      return truncDiv(a, b);
    case B_FLOOR_DIV:
      return floorDiv(a, b);
    case B_REMAINDER:
      return remainder(a, b);
    case B_FMOD:
      return mod(a, b);
    case B_POW:
      return power(a, b);
    case B_AND:
      return a & b;
    case B_OR:
      return a | b;
    case B_XOR:
      return a ^ b;
    case B_SHL:
      return b < 0 || b > 63 ? 0 : a << b;
    case B_SHR:
      return a >> (b < 0 || b > 63 ? 63 : b);
    case B_GCD:
      return gcd(a, b);
    case B_HEAVISIDE:
      return a == 0 ? b : <i64>(a > 0);
    case B_LCM:
      return a == 0 || b == 0 ? 0 : abs(truncDiv(a, gcd(a, b)) * b);
  }
  return 0;
}

export function divides(op: i32): bool {
  return op == B_TRUNC_DIV || op == B_FLOOR_DIV || op == B_REMAINDER || op == B_FMOD;
}

// BOOL marks uint8 bytes that hold 0 or 1 and must stay so: there + is or, * is and.
function unaryRow<T>(
  op: i32,
  isBool: bool,
  n: i32,
  x: usize,
  sx: i32,
  out: usize,
  so: i32,
  p0: i64,
  p1: i64,
): void {
  for (; n > 0; --n) {
    let y = intUnary(op, <i64>load<T>(x), p0, p1);
    if (isBool) y = op == U_BITWISE_NOT ? y & 1 : i64(y != 0);
    store<T>(out, <T>y);
    x += <usize>sx * sizeof<T>();
    out += <usize>so * sizeof<T>();
  }
}

export function unaryInt<T>(
  op: i32,
  isBool: bool,
  x: usize,
  out: usize,
  desc: usize,
  dim: i32,
  p0: i64,
  p1: i64,
): void {
  const ndim = load<i32>(desc);
  const size = desc + 4 + ((<usize>dim) << 2);
  const n = load<i32>(size);
  const so = load<i32>(size + ((<usize>ndim) << 2));
  const sx = load<i32>(size + ((<usize>ndim) << 3));
  if (dim == ndim - 1) {
    unaryRow<T>(op, isBool, n, x, sx, out, so, p0, p1);
    return;
  }
  for (let i = 0; i < n; ++i) {
    unaryInt<T>(op, isBool, x, out, desc, dim + 1, p0, p1);
    x += <usize>sx * sizeof<T>();
    out += <usize>so * sizeof<T>();
  }
}

function binaryRow<T>(
  op: i32,
  isBool: bool,
  n: i32,
  a: usize,
  sa: i32,
  b: usize,
  sb: i32,
  out: usize,
  so: i32,
  p0: i64,
): i32 {
  let zero = 0;
  const division = divides(op);
  for (; n > 0; --n) {
    const v = <i64>load<T>(b);
    if (division && v == 0) zero = 1;
    let y = intBinary(op, <i64>load<T>(a), v, p0);
    if (isBool) y = i64(y != 0);
    // An int32 product wraps before its sign is dropped.
    if (sizeof<T>() == 4 && op == B_LCM) y = abs(<i64>(<i32>y));
    store<T>(out, <T>y);
    a += <usize>sa * sizeof<T>();
    b += <usize>sb * sizeof<T>();
    out += <usize>so * sizeof<T>();
  }
  return zero;
}

/** 1 when a divisor was zero. */
export function binaryInt<T>(
  op: i32,
  isBool: bool,
  a: usize,
  b: usize,
  out: usize,
  desc: usize,
  dim: i32,
  p0: i64,
): i32 {
  const ndim = load<i32>(desc);
  const size = desc + 4 + ((<usize>dim) << 2);
  const step = (<usize>ndim) << 2;
  const n = load<i32>(size);
  const so = load<i32>(size + step);
  const sa = load<i32>(size + 2 * step);
  const sb = load<i32>(size + 3 * step);
  if (dim == ndim - 1) return binaryRow<T>(op, isBool, n, a, sa, b, sb, out, so, p0);
  let zero = 0;
  for (let i = 0; i < n; ++i) {
    zero |= binaryInt<T>(op, isBool, a, b, out, desc, dim + 1, p0);
    a += <usize>sa * sizeof<T>();
    b += <usize>sb * sizeof<T>();
    out += <usize>so * sizeof<T>();
  }
  return zero;
}

export function intTernary(op: i32, a: i64, b: i64, c: i64, p0: i64): i64 {
  if (op == K_ADDCMUL) return a + p0 * b * c;
  if (op == K_CLAMP) return min(max(a, b), c);
  return a;
}
