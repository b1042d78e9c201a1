// Transcendental functions on four f32 lanes. The polynomials are Chebyshev interpolants fitted for relative error with 50-digit
// arithmetic; their own error is below 2e-8, so rounding in the evaluation dominates. Largest errors met at 30,000 random points each
// (ulp, against float64, without fused multiply-add): exp 1.0, expm1 1.6, log 0.8, log1p 1.2, tanh 1.3, erf 1.3.
// float64 has no vector form: AssemblyScript's scalar NativeMath does two lanes in turn.

import { fma } from './simd';

// @ts-ignore: decorator
@inline
const LN2_HI: f32 = 0.693359375;
// @ts-ignore: decorator
@inline
const LN2_LO: f32 = -2.12194440054690583e-4;
// @ts-ignore: decorator
@inline
const LOG2E: f32 = 1.44269504088896341;

// @ts-ignore: decorator
@inline
function f(x: f32): v128 {
  return f32x4.splat(x);
}

/** (e^r - 1 - r) / r^2 for |r| <= ln2 / 2. */
// @ts-ignore: decorator
@inline
function expTail(r: v128): v128 {
  let p = f(0.001392618181);
  p = fma<f32>(p, r, f(0.00836317763));
  p = fma<f32>(p, r, f(0.04166655463));
  p = fma<f32>(p, r, f(0.16666577));
  return fma<f32>(p, r, f(0.5));
}

// @ts-ignore: decorator
@inline
function reduce(x: v128, n: v128): v128 {
  return fma<f32>(n, f(-LN2_LO), fma<f32>(n, f(-LN2_HI), x));
}

export function exp4(x: v128): v128 {
  // pmax and pmin return their first operand when it is NaN. Beyond -104 the result is zero, beyond 89 infinity, by the scaling itself.
  const c = f32x4.pmin(f32x4.pmax(x, f(-105)), f(89));
  const n = f32x4.nearest(f32x4.mul(c, f(LOG2E)));
  const r = reduce(c, n);
  const y = f32x4.add(f(1), fma<f32>(f32x4.mul(r, r), expTail(r), r));
  // 2^n in two factors: n = -150 and n = 128 are no float32 exponents.
  const i = i32x4.trunc_sat_f32x4_s(n);
  const h = i32x4.shr_s(i, 1);
  const s = i32x4.shl(i32x4.add(h, i32x4.splat(127)), 23);
  const t = i32x4.shl(i32x4.add(i32x4.sub(i, h), i32x4.splat(127)), 23);
  return f32x4.mul(f32x4.mul(y, s), t);
}

export function expm1_4(x: v128): v128 {
  const c = f32x4.pmin(f32x4.pmax(x, f(-20)), f(89));
  const n = f32x4.nearest(f32x4.mul(c, f(LOG2E)));
  const r = reduce(c, n);
  const q = fma<f32>(f32x4.mul(r, r), expTail(r), r);
  // Half of 2^n, so that n = 128 stays finite: 2 (h q + (h - 1/2)).
  const h = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(126)), 23);
  const y = fma<f32>(h, q, f32x4.sub(h, f(0.5)));
  // A subnormal x would lose bits in the halving.
  return v128.bitselect(x, f32x4.add(y, y), f32x4.lt(f32x4.abs(x), f(1e-20)));
}

export function log4(x: v128): v128 {
  const subnormal = f32x4.lt(x, f(1.17549435e-38));
  const b = v128.bitselect(f32x4.mul(x, f(8388608)), x, subnormal);
  // The mantissa is taken in [sqrt(1/2), sqrt(2)).
  const e = i32x4.shr_s(i32x4.sub(b, i32x4.splat(0x3f3504f3)), 23);
  const u = f32x4.sub(i32x4.sub(b, i32x4.shl(e, 23)), f(1));
  const n = f32x4.convert_i32x4_s(i32x4.sub(e, v128.and(subnormal, i32x4.splat(23))));
  const z = f32x4.mul(u, u);
  // Pairs, so that the chain of dependent products is half as long.
  const q0 = fma<f32>(f(-0.2499999696), u, f(0.3333333118));
  const q1 = fma<f32>(f(-0.1666780232), u, f(0.2000071575));
  const q2 = fma<f32>(f(-0.1242568733), u, f(0.1424905765));
  const q3 = fma<f32>(f(-0.1147973385), u, f(0.1168541992));
  let p = fma<f32>(f(0.06971611471), z, q3);
  p = fma<f32>(p, z, q2);
  p = fma<f32>(p, z, q1);
  p = fma<f32>(p, z, q0);
  let y = f32x4.mul(f32x4.mul(z, u), p);
  y = fma<f32>(n, f(LN2_LO), y);
  y = fma<f32>(z, f(-0.5), y);
  y = fma<f32>(n, f(LN2_HI), f32x4.add(u, y));
  const zero = f(0);
  y = v128.bitselect(y, f(NaN), f32x4.ge(x, zero));
  y = v128.bitselect(f(-Infinity), y, f32x4.eq(x, zero));
  return v128.bitselect(x, y, f32x4.eq(x, f(Infinity)));
}

/** log(u) with u = fl(1 + x), corrected by what that rounding lost. */
export function log1p4(x: v128): v128 {
  const one = f(1);
  const u = f32x4.add(one, x);
  const lost = f32x4.div(f32x4.sub(x, f32x4.sub(u, one)), u);
  const l = log4(u);
  const y = f32x4.add(l, lost);
  // 1 + x = 0 and 1 + x = inf make `lost` NaN; below 2^-25, log1p(x) is x to the last bit (and keeps -0).
  const edge = v128.or(f32x4.eq(u, f(0)), f32x4.eq(u, f(Infinity)));
  return v128.bitselect(x, v128.bitselect(l, y, edge), f32x4.lt(f32x4.abs(x), f(2.98e-8)));
}

/** 1 / (1 + e^-x), the very steps of torch: below -88.7 e^-x is infinite and the result zero. */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  return f32x4.div(f(1), f32x4.add(f(1), exp4(f32x4.neg(x))));
}

export function tanh4(x: v128): v128 {
  const a = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let p = f(-0.006096714166);
  p = fma<f32>(p, z, f(0.020997179));
  p = fma<f32>(p, z, f(-0.05385090958));
  p = fma<f32>(p, z, f(0.1333276974));
  p = fma<f32>(p, z, f(-0.3333332894));
  const near = fma<f32>(f32x4.mul(p, z), x, x);
  const e = exp4(f32x4.add(a, a));
  const far = f32x4.sub(f(1), f32x4.div(f(2), f32x4.add(e, f(1))));
  const sign = v128.and(x, f(-0.0));
  return v128.bitselect(near, v128.or(far, sign), f32x4.lt(a, f(0.625)));
}

export function erf4(x: v128): v128 {
  // erfc(4) is below half an ulp of 1.
  const a = f32x4.pmin(f32x4.abs(x), f(4));
  const z = f32x4.mul(a, a);
  let p = f(7.875875063e-5);
  p = fma<f32>(p, z, f(-0.0008016864287));
  p = fma<f32>(p, z, f(0.005189087423));
  p = fma<f32>(p, z, f(-0.02685421201));
  p = fma<f32>(p, z, f(0.1128359472));
  p = fma<f32>(p, z, f(-0.3761262667));
  p = fma<f32>(p, z, f(0.128379166));
  const near = fma<f32>(p, x, x);
  const t = f32x4.div(f(2), f32x4.add(a, f(2)));
  let q = f(0.1208524332);
  q = fma<f32>(q, t, f(-0.4765252744));
  q = fma<f32>(q, t, f(0.5712651758));
  q = fma<f32>(q, t, f(-0.1102082941));
  q = fma<f32>(q, t, f(0.3510303232));
  q = fma<f32>(q, t, f(0.2587513664));
  q = fma<f32>(q, t, f(0.2850616201));
  q = fma<f32>(q, t, f(-0.0001642363871));
  const far = f32x4.sub(f(1), f32x4.mul(exp4(f32x4.neg(z)), q));
  const sign = v128.and(x, f(-0.0));
  return v128.bitselect(near, v128.or(far, sign), f32x4.lt(a, f(1)));
}

/** e^x in the lanes of T. */
// @ts-ignore: decorator
@inline
export function exp<T>(x: v128): v128 {
  if (sizeof<T>() == 4) return exp4(x);
  return f64x2(NativeMath.exp(f64x2.extract_lane(x, 0)), NativeMath.exp(f64x2.extract_lane(x, 1)));
}

/** log x in the lanes of T. */
// @ts-ignore: decorator
@inline
export function log<T>(x: v128): v128 {
  if (sizeof<T>() == 4) return log4(x);
  return f64x2(NativeMath.log(f64x2.extract_lane(x, 0)), NativeMath.log(f64x2.extract_lane(x, 1)));
}
