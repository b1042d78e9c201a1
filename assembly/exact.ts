// Arithmetic whose rounding is promised: no relaxed operation may appear here, so every engine computes the same bits.

/** The upper half of a float vector, as doubles. */
// @ts-ignore: decorator
@inline
export function promoteHigh(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0));
}

/** Two double vectors, rounded to one float vector. */
// @ts-ignore: decorator
@inline
export function demotePair(lo: v128, hi: v128): v128 {
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
    return demotePair(
      f64x2.add(
        f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b)),
        f64x2.promote_low_f32x4(c),
      ),
      f64x2.add(f64x2.mul(promoteHigh(a), promoteHigh(b)), promoteHigh(c)),
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
