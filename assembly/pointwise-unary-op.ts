// Formulas of one vector operand. Each is a type without fields, because a type argument is what the compiler specialises on:
// `row<T, Neg>` holds this formula alone. pmin and pmax return their first operand when it is NaN.

import { fma } from './simd';
import { erf4, exp4, expm1_4, log1p4, log4, sigmoid4, tanh4 } from './vecmath';

// @ts-ignore: decorator
@inline
function c<T>(x: f64): v128 {
  return v128.splat<T>(<T>x);
}


@unmanaged
export class Neg {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.neg<T>(x);
  }
}


@unmanaged
export class Abs {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.abs<T>(x);
  }
}


@unmanaged
export class Sign {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.sub<T>(v128.and(v128.gt<T>(x, c<T>(0)), c<T>(1)), v128.and(v128.lt<T>(x, c<T>(0)), c<T>(1)));
  }
}


@unmanaged
export class Sqrt {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.sqrt<T>(x);
  }
}


@unmanaged
export class Rsqrt {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.div<T>(c<T>(1), v128.sqrt<T>(x));
  }
}


@unmanaged
export class Reciprocal {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.div<T>(c<T>(1), x);
  }
}


@unmanaged
export class Square {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.mul<T>(x, x);
  }
}


@unmanaged
export class Cube {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.mul<T>(v128.mul<T>(x, x), x);
  }
}


@unmanaged
export class Relu {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.pmax<T>(x, c<T>(0));
  }
}


@unmanaged
export class Floor {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.floor<T>(x);
  }
}


@unmanaged
export class Ceil {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.ceil<T>(x);
  }
}


@unmanaged
export class Round {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.nearest<T>(x);
  }
}


@unmanaged
export class Trunc {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.trunc<T>(x);
  }
}


@unmanaged
export class Frac {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.sub<T>(x, v128.trunc<T>(x));
  }
}


@unmanaged
export class AddScalar {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.add<T>(x, p0);
  }
}


@unmanaged
export class RsubScalar {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.sub<T>(p0, x);
  }
}


@unmanaged
export class MulScalar {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.mul<T>(x, p0);
  }
}


@unmanaged
export class DivScalar {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.div<T>(x, p0);
  }
}


@unmanaged
export class RdivScalar {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.div<T>(p0, x);
  }
}


@unmanaged
export class Clamp {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.pmin<T>(v128.pmax<T>(x, p0), p1);
  }
}


@unmanaged
export class ClampMin {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.pmax<T>(x, p0);
  }
}


@unmanaged
export class ClampMax {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.pmin<T>(x, p0);
  }
}


@unmanaged
export class LeakyRelu {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.bitselect(x, v128.mul<T>(x, p0), v128.gt<T>(x, c<T>(0)));
  }
}


@unmanaged
export class Threshold {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.bitselect(p1, x, v128.le<T>(x, p0));
  }
}


@unmanaged
export class Hardsigmoid {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.div<T>(v128.pmin<T>(v128.pmax<T>(v128.add<T>(x, c<T>(3)), c<T>(0)), c<T>(6)), c<T>(6));
  }
}


@unmanaged
export class Hardswish {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return v128.div<T>(
      v128.mul<T>(x, v128.pmin<T>(v128.pmax<T>(v128.add<T>(x, c<T>(3)), c<T>(0)), c<T>(6))),
      c<T>(6),
    );
  }
}


@unmanaged
export class NanToNum {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    let y = v128.bitselect(x, p0, v128.eq<T>(x, x));
    y = v128.bitselect(p1, y, v128.eq<T>(x, c<T>(Infinity)));
    return v128.bitselect(p2, y, v128.eq<T>(x, c<T>(-Infinity)));
  }
}

// From here on float32 only.

@unmanaged
export class Exp {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return exp4(x);
  }
}


@unmanaged
export class Expm1 {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return expm1_4(x);
  }
}


@unmanaged
export class Log {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return log4(x);
  }
}


@unmanaged
export class Log1p {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return log1p4(x);
  }
}


@unmanaged
export class Sigmoid {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return sigmoid4(x);
  }
}


@unmanaged
export class Tanh {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return tanh4(x);
  }
}


@unmanaged
export class Silu {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    // torch divides as well: x / (1 + e^-x).
    return f32x4.div(x, f32x4.add(c<T>(1), exp4(f32x4.neg(x))));
  }
}


@unmanaged
export class Gelu {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    const y = erf4(f32x4.mul(x, c<T>(0.7071067811865475244)));
    return f32x4.mul(f32x4.mul(x, c<T>(0.5)), f32x4.add(c<T>(1), y));
  }
}


@unmanaged
export class GeluTanh {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    // sqrt(2 / pi) (x + 0.044715 x^3)
    const z = fma<f32>(f32x4.mul(c<T>(0.044715), x), f32x4.mul(x, x), x);
    const y = tanh4(f32x4.mul(c<T>(0.79788456080286535588), z));
    return f32x4.mul(f32x4.mul(x, c<T>(0.5)), f32x4.add(c<T>(1), y));
  }
}


@unmanaged
export class Elu {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    const low = f32x4.mul(expm1_4(f32x4.mul(x, p2)), f32x4.mul(p0, p1));
    return v128.bitselect(low, f32x4.mul(x, p1), f32x4.le(x, c<T>(0)));
  }
}


@unmanaged
export class Softplus {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    const z = f32x4.mul(x, p0);
    const soft = f32x4.add(f32x4.max(z, c<T>(0)), log1p4(exp4(f32x4.neg(f32x4.abs(z)))));
    return v128.bitselect(x, f32x4.div(soft, p0), f32x4.gt(z, p1));
  }
}


@unmanaged
export class Logsigmoid {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return f32x4.sub(f32x4.min(x, c<T>(0)), log1p4(exp4(f32x4.neg(f32x4.abs(x)))));
  }
}


@unmanaged
export class Mish {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    // tanh(log(1 + w)) = (w^2 + 2w) / (w^2 + 2w + 2), w = e^x; from 20 on it is 1.
    const w = exp4(f32x4.pmin(x, c<T>(20)));
    const u = f32x4.mul(w, f32x4.add(w, c<T>(2)));
    return f32x4.mul(x, f32x4.div(u, f32x4.add(u, c<T>(2))));
  }
}


@unmanaged
export class Erf {

  @inline
  f<T>(x: v128, p0: v128, p1: v128, p2: v128): v128 {
    return erf4(x);
  }
}
