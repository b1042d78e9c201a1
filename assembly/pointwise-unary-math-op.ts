// Formulas of one float32 vector operand that need exp, log, tanh or erf, in the form of pointwise-unary-op.ts.

import { c } from './pointwise-unary-op';
import { fma } from './simd';
import { erf4, exp4, expm1_4, log1p4, log4, sigmoid4, tanh4 } from './vecmath';


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
