// Formulas of two and three vector operands; as in pointwise-unary-op.ts, a formula is a type without fields.

import { erf4, exp4, sigmoid4 } from './vecmath';

// @ts-ignore: decorator
@inline
function c<T>(x: f64): v128 {
  return v128.splat<T>(<T>x);
}


@unmanaged
export class Add {

  @inline
  f<T>(a: v128, b: v128, p0: v128, p1: v128): v128 {
    return v128.add<T>(a, b);
  }
}


@unmanaged
export class Sub {

  @inline
  f<T>(a: v128, b: v128, p0: v128, p1: v128): v128 {
    return v128.sub<T>(a, b);
  }
}


@unmanaged
export class Mul {

  @inline
  f<T>(a: v128, b: v128, p0: v128, p1: v128): v128 {
    return v128.mul<T>(a, b);
  }
}


@unmanaged
export class Div {

  @inline
  f<T>(a: v128, b: v128, p0: v128, p1: v128): v128 {
    return v128.div<T>(a, b);
  }
}


@unmanaged
export class Maximum {

  @inline
  f<T>(a: v128, b: v128, p0: v128, p1: v128): v128 {
    return v128.max<T>(a, b);
  }
}


@unmanaged
export class Minimum {

  @inline
  f<T>(a: v128, b: v128, p0: v128, p1: v128): v128 {
    return v128.min<T>(a, b);
  }
}


@unmanaged
export class Fmax {

  @inline
  f<T>(a: v128, b: v128, p0: v128, p1: v128): v128 {
    const number = v128.bitselect(a, b, v128.eq<T>(a, a));
    return v128.bitselect(v128.max<T>(a, b), number, v128.and(v128.eq<T>(a, a), v128.eq<T>(b, b)));
  }
}


@unmanaged
export class Fmin {

  @inline
  f<T>(a: v128, b: v128, p0: v128, p1: v128): v128 {
    const number = v128.bitselect(a, b, v128.eq<T>(a, a));
    return v128.bitselect(v128.min<T>(a, b), number, v128.and(v128.eq<T>(a, a), v128.eq<T>(b, b)));
  }
}


@unmanaged
export class Copysign {

  @inline
  f<T>(a: v128, b: v128, p0: v128, p1: v128): v128 {
    return v128.bitselect(b, a, c<T>(-0.0));
  }
}


@unmanaged
export class TruncDiv {

  @inline
  f<T>(a: v128, b: v128, p0: v128, p1: v128): v128 {
    return v128.trunc<T>(v128.div<T>(a, b));
  }
}


@unmanaged
export class ReluBackward {

  @inline
  f<T>(a: v128, b: v128, p0: v128, p1: v128): v128 {
    return v128.andnot(a, v128.le<T>(b, c<T>(0)));
  }
}


@unmanaged
export class ThresholdBackward {

  @inline
  f<T>(a: v128, b: v128, p0: v128, p1: v128): v128 {
    return v128.andnot(a, v128.le<T>(b, p0));
  }
}


@unmanaged
export class HardtanhBackward {

  @inline
  f<T>(a: v128, b: v128, p0: v128, p1: v128): v128 {
    return v128.andnot(a, v128.or(v128.le<T>(b, p0), v128.ge<T>(b, p1)));
  }
}


@unmanaged
export class LeakyReluBackward {

  @inline
  f<T>(a: v128, b: v128, p0: v128, p1: v128): v128 {
    return v128.bitselect(a, v128.mul<T>(a, p0), v128.gt<T>(b, c<T>(0)));
  }
}


@unmanaged
export class SigmoidBackward {

  @inline
  f<T>(a: v128, b: v128, p0: v128, p1: v128): v128 {
    return v128.mul<T>(v128.mul<T>(a, v128.sub<T>(c<T>(1), b)), b);
  }
}


@unmanaged
export class TanhBackward {

  @inline
  f<T>(a: v128, b: v128, p0: v128, p1: v128): v128 {
    return v128.mul<T>(a, v128.sub<T>(c<T>(1), v128.mul<T>(b, b)));
  }
}

/** a + p0 b. float32 goes through float64 and is rounded once, like the fused multiply-add of torch. */
@unmanaged
export class AddScaled {

  @inline
  f<T>(a: v128, b: v128, p0: v128, p1: v128): v128 {
    if (sizeof<T>() == 8) return f64x2.add(a, f64x2.mul(b, p0));
    const p = f64x2.promote_low_f32x4(p0);
    const low = f64x2.add(f64x2.promote_low_f32x4(a), f64x2.mul(f64x2.promote_low_f32x4(b), p));
    const a2 = v128.shuffle<i64>(a, a, 1, 1);
    const b2 = v128.shuffle<i64>(b, b, 1, 1);
    const high = f64x2.add(f64x2.promote_low_f32x4(a2), f64x2.mul(f64x2.promote_low_f32x4(b2), p));
    return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
  }
}

// float32 only, two of them.

@unmanaged
export class SiluBackward {

  @inline
  f<T>(a: v128, b: v128, p0: v128, p1: v128): v128 {
    const s = sigmoid4(b);
    return f32x4.mul(f32x4.mul(a, s), f32x4.add(c<T>(1), f32x4.mul(b, f32x4.sub(c<T>(1), s))));
  }
}


@unmanaged
export class GeluBackward {

  @inline
  f<T>(a: v128, b: v128, p0: v128, p1: v128): v128 {
    // Phi(x) + x phi(x)
    const phi = f32x4.mul(exp4(f32x4.mul(f32x4.mul(b, b), c<T>(-0.5))), c<T>(0.39894228040143267794));
    const cdf = f32x4.mul(f32x4.add(erf4(f32x4.mul(b, c<T>(0.7071067811865475244))), c<T>(1)), c<T>(0.5));
    return f32x4.mul(a, f32x4.add(cdf, f32x4.mul(b, phi)));
  }
}

// Three operands.

@unmanaged
export class Addcmul {

  @inline
  f<T>(a: v128, b: v128, c: v128, p: v128): v128 {
    return v128.add<T>(a, v128.mul<T>(v128.mul<T>(p, b), c));
  }
}


@unmanaged
export class Addcdiv {

  @inline
  f<T>(a: v128, b: v128, c: v128, p: v128): v128 {
    return v128.add<T>(a, v128.div<T>(v128.mul<T>(p, b), c));
  }
}


@unmanaged
export class Clamp3 {

  @inline
  f<T>(a: v128, b: v128, c: v128, p: v128): v128 {
    return v128.min<T>(v128.max<T>(a, b), c);
  }
}


@unmanaged
export class Lerp {

  @inline
  f<T>(a: v128, b: v128, c: v128, p: v128): v128 {
    // From whichever end is nearer, as torch: both ends are then exact.
    const d = v128.sub<T>(b, a);
    const fromStart = v128.add<T>(a, v128.mul<T>(c, d));
    const fromEnd = v128.sub<T>(b, v128.mul<T>(d, v128.sub<T>(v128.splat<T>(1), c)));
    return v128.bitselect(fromStart, fromEnd, v128.lt<T>(c, v128.splat<T>(0.5)));
  }
}
