// Formulas of one vector operand. Each is a type without fields, because a type argument is what the compiler specialises on:
// `row<T, Neg>` holds this formula alone. pmin and pmax return their first operand when it is NaN.

// @ts-ignore: decorator
@inline
export function c<T>(x: f64): v128 {
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
