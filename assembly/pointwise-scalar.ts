// Pointwise functions without a vector form, one float64 value at a time. Float32 kernels round the result once.

import {
  B_ATAN2,
  B_FLOOR_DIV,
  B_FMOD,
  B_GELU_BACKWARD,
  B_HEAVISIDE,
  B_HYPOT,
  B_LOGADDEXP,
  B_LOGADDEXP2,
  B_POW,
  B_REMAINDER,
  B_SILU_BACKWARD,
  B_XLOGY,
  U_ACOS,
  U_ACOSH,
  U_ASIN,
  U_ASINH,
  U_ATAN,
  U_ATANH,
  U_COS,
  U_COSH,
  U_DIGAMMA,
  U_ELU,
  U_ERF,
  U_ERFC,
  U_ERFINV,
  U_EXP,
  U_EXP2,
  U_EXPM1,
  U_FLOOR_DIV_SCALAR,
  U_FMOD_SCALAR,
  U_GELU,
  U_GELU_TANH,
  U_LGAMMA,
  U_LOG,
  U_LOG10,
  U_LOG1P,
  U_LOG2,
  U_LOGSIGMOID,
  U_MISH,
  U_POW_SCALAR,
  U_REMAINDER_SCALAR,
  U_RPOW_SCALAR,
  U_SIGMOID,
  U_SILU,
  U_SIN,
  U_SINH,
  U_SOFTPLUS,
  U_TAN,
  U_TANH,
  U_TRUNC_DIV_SCALAR,
} from '../src/wasm/opcode';
import { digamma, erf, erfc, erfinv, lgamma } from './special';

function sigmoid(x: f64): f64 {
  return 1 / (1 + NativeMath.exp(-x));
}

function softplus(x: f64): f64 {
  return max<f64>(x, 0) + NativeMath.log1p(NativeMath.exp(-abs(x)));
}

/** x^p: the exponents that torch computes by products and roots, then the general case. */
function power(x: f64, p: f64): f64 {
  if (p == 0.5) return sqrt(x);
  if (p == 2) return x * x;
  if (p == 3) return x * x * x;
  if (p == -0.5) return 1 / sqrt(x);
  if (p == -1) return 1 / x;
  if (p == -2) return 1 / (x * x);
  return NativeMath.pow(x, p);
}

/** C's pow: 1^y and (-1)^(+-inf) are 1, where JavaScript's are NaN. */
export function powC(x: f64, y: f64): f64 {
  if (x == 1 || y == 0) return 1;
  if (x == -1 && abs(y) == Infinity) return 1;
  return power(x, y);
}

/** The remainder with the sign of b. */
function remainder(a: f64, b: f64): f64 {
  const m = NativeMath.mod(a, b);
  return m != 0 && m < 0 != b < 0 ? m + b : m;
}

/** Python's floor division, by torch's steps. */
function floorDiv(a: f64, b: f64): f64 {
  if (b == 0) return a / b;
  const m = NativeMath.mod(a, b);
  let d = (a - m) / b;
  if (m != 0 && m < 0 != b < 0) d -= 1;
  if (d == 0) return copysign<f64>(0, a / b);
  const q = floor(d);
  return d - q > 0.5 ? q + 1 : q;
}

function logaddexp(a: f64, b: f64): f64 {
  if (a == b && abs(a) == Infinity) return a;
  return max(a, b) + NativeMath.log1p(NativeMath.exp(-abs(a - b)));
}

export function scalarUnary(op: i32, x: f64, p0: f64, p1: f64, p2: f64): f64 {
  switch (op) {
    case U_POW_SCALAR:
      return powC(x, p0);
    case U_EXP:
      return NativeMath.exp(x);
    case U_EXPM1:
      return NativeMath.expm1(x);
    case U_LOG:
      return NativeMath.log(x);
    case U_LOG1P:
      return NativeMath.log1p(x);
    case U_SIGMOID:
      return sigmoid(x);
    case U_TANH:
      return NativeMath.tanh(x);
    case U_SILU:
      return x / (1 + NativeMath.exp(-x));
    case U_GELU:
      return 0.5 * x * (1 + erf(x * 0.7071067811865475244));
    case U_GELU_TANH:
      return 0.5 * x * (1 + NativeMath.tanh(0.79788456080286535588 * (x + 0.044715 * x * x * x)));
    case U_ELU:
      return x <= 0 ? p0 * p1 * NativeMath.expm1(x * p2) : x * p1;
    case U_SOFTPLUS:
      return x * p0 > p1 ? x : softplus(x * p0) / p0;
    case U_LOGSIGMOID:
      return -softplus(-x);
    case U_MISH:
      return x * NativeMath.tanh(softplus(x));
    case U_ERF:
      return erf(x);
    case U_EXP2:
      return NativeMath.exp2(x);
    case U_LOG2:
      return NativeMath.log2(x);
    case U_LOG10:
      return NativeMath.log10(x);
    case U_SIN:
      return NativeMath.sin(x);
    case U_COS:
      return NativeMath.cos(x);
    case U_TAN:
      return NativeMath.tan(x);
    case U_ASIN:
      return NativeMath.asin(x);
    case U_ACOS:
      return NativeMath.acos(x);
    case U_ATAN:
      return NativeMath.atan(x);
    case U_SINH:
      return NativeMath.sinh(x);
    case U_COSH:
      return NativeMath.cosh(x);
    case U_ASINH:
      return NativeMath.asinh(x);
    case U_ACOSH:
      return NativeMath.acosh(x);
    case U_ATANH:
      return NativeMath.atanh(x);
    case U_ERFC:
      return erfc(x);
    case U_ERFINV:
      return erfinv(x);
    case U_LGAMMA:
      return lgamma(x);
    case U_DIGAMMA:
      return digamma(x);
    case U_RPOW_SCALAR:
      return powC(p0, x);
    case U_REMAINDER_SCALAR:
      return remainder(x, p0);
    case U_FMOD_SCALAR:
      return NativeMath.mod(x, p0);
    case U_FLOOR_DIV_SCALAR:
      return floorDiv(x, p0);
    case U_TRUNC_DIV_SCALAR:
      return trunc(x / p0);
  }
  return NaN;
}

export function scalarBinary(op: i32, a: f64, b: f64): f64 {
  switch (op) {
    case B_POW:
      return powC(a, b);
    case B_ATAN2:
      return NativeMath.atan2(a, b);
    case B_HYPOT:
      return NativeMath.hypot(a, b);
    case B_XLOGY:
      return b != b ? b : a == 0 ? 0 : a * NativeMath.log(b);
    case B_LOGADDEXP:
      return logaddexp(a, b);
    case B_LOGADDEXP2:
      return logaddexp(a * 0.69314718055994530942, b * 0.69314718055994530942) * 1.4426950408889634074;
    case B_HEAVISIDE:
      return a == 0 ? b : a > 0 ? 1 : 0;
    case B_REMAINDER:
      return remainder(a, b);
    case B_FMOD:
      return NativeMath.mod(a, b);
    case B_FLOOR_DIV:
      return floorDiv(a, b);
    case B_GELU_BACKWARD:
      return (
        a *
        (0.5 * (1 + erf(b * 0.7071067811865475244)) +
          b * NativeMath.exp(-0.5 * b * b) * 0.39894228040143267794)
      );
    case B_SILU_BACKWARD: {
      const s = sigmoid(b);
      return a * s * (1 + b * (1 - s));
    }
  }
  return NaN;
}
