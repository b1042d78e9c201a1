// Arithmetic whose rounding is promised: no relaxed operation may appear here, so every engine computes the same bits.

/** The lower two elements as f64; all of an f64 vector. */
// @ts-ignore: decorator
@inline
export function promoteLow<T>(v: v128): v128 {
  return sizeof<T>() == 4 ? f64x2.promote_low_f32x4(v) : v;
}

/** The upper two elements of an f32 vector as f64; zero for an f64 vector, which has no more than two. */
// @ts-ignore: decorator
@inline
export function promoteHigh<T>(v: v128): v128 {
  return sizeof<T>() == 4 ? f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0)) : f64x2.splat(0);
}

/** What promoteLow and promoteHigh made, rounded to one vector of T. */
// @ts-ignore: decorator
@inline
export function demotePair<T>(lo: v128, hi: v128): v128 {
  if (sizeof<T>() == 8) return lo;
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(lo), f32x4.demote_f64x2_zero(hi), 0, 2);
}

/**
 * a·b + c as PyTorch's AVX2 build rounds it. For f32 once: in f64 the product of two floats is exact, and rounding the
 * sum to f64 and then to f32 equals a true fused multiply-add but for ~1 in 2^29 sums. For f64 twice.
 */
// @ts-ignore: decorator
@inline
export function fmaOnce<T>(a: v128, b: v128, c: v128): v128 {
  if (sizeof<T>() == 4) {
    return demotePair<T>(
      f64x2.add(f64x2.mul(promoteLow<T>(a), promoteLow<T>(b)), promoteLow<T>(c)),
      f64x2.add(f64x2.mul(promoteHigh<T>(a), promoteHigh<T>(b)), promoteHigh<T>(c)),
    );
  }
  return f64x2.add(f64x2.mul(a, b), c);
}

/** The scalar form of fmaOnce. */
// @ts-ignore: decorator
@inline
export function fmaOnceScalar<T>(a: T, b: T, c: T): T {
  return <T>(<f64>a * <f64>b + <f64>c);
}
