// What a float reduction does with an element x: types without fields, as in pointwise-unary-op.ts. Accumulators are float64.
// Those with step2 also take two lanes at a time, and join partial results.

import { powC } from './pointwise-scalar';


@unmanaged
class Adding {

  @inline
  join(a: v128, b: v128): v128 {
    return f64x2.add(a, b);
  }


  @inline
  lanes(v: v128): f64 {
    return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
  }
}


@unmanaged
class Greatest {

  @inline
  join(a: v128, b: v128): v128 {
    return f64x2.max(a, b);
  }


  @inline
  lanes(v: v128): f64 {
    return max(f64x2.extract_lane(v, 0), f64x2.extract_lane(v, 1));
  }
  /** NaN in b is passed over. */
  @inline
  pick<T>(a: v128, b: v128): v128 {
    return v128.pmax<T>(a, b);
  }
}


@unmanaged
class Least {

  @inline
  join(a: v128, b: v128): v128 {
    return f64x2.min(a, b);
  }


  @inline
  lanes(v: v128): f64 {
    return min(f64x2.extract_lane(v, 0), f64x2.extract_lane(v, 1));
  }
  /** NaN in b is passed over. */
  @inline
  pick<T>(a: v128, b: v128): v128 {
    return v128.pmin<T>(a, b);
  }
}


@unmanaged
export class Sum extends Adding {

  @inline
  initial(): f64 {
    return 0;
  }


  @inline
  step(acc: f64, x: f64, p: f64): f64 {
    return acc + x;
  }


  @inline
  step2(acc: v128, x: v128, p: v128): v128 {
    return f64x2.add(acc, x);
  }
}


@unmanaged
export class SumSquare extends Adding {

  @inline
  initial(): f64 {
    return 0;
  }


  @inline
  step(acc: f64, x: f64, p: f64): f64 {
    return acc + x * x;
  }


  @inline
  step2(acc: v128, x: v128, p: v128): v128 {
    return f64x2.add(acc, f64x2.mul(x, x));
  }
}


@unmanaged
export class SumAbs extends Adding {

  @inline
  initial(): f64 {
    return 0;
  }


  @inline
  step(acc: f64, x: f64, p: f64): f64 {
    return acc + abs(x);
  }


  @inline
  step2(acc: v128, x: v128, p: v128): v128 {
    return f64x2.add(acc, f64x2.abs(x));
  }
}


@unmanaged
export class Nansum extends Adding {

  @inline
  initial(): f64 {
    return 0;
  }


  @inline
  step(acc: f64, x: f64, p: f64): f64 {
    return acc + (x == x ? x : 0);
  }


  @inline
  step2(acc: v128, x: v128, p: v128): v128 {
    return f64x2.add(acc, v128.and(x, f64x2.eq(x, x)));
  }
}


@unmanaged
export class SumDeviation extends Adding {

  @inline
  initial(): f64 {
    return 0;
  }


  @inline
  step(acc: f64, x: f64, p: f64): f64 {
    return acc + (x - p) * (x - p);
  }


  @inline
  step2(acc: v128, x: v128, p: v128): v128 {
    return f64x2.add(acc, f64x2.mul(f64x2.sub(x, p), f64x2.sub(x, p)));
  }
}


@unmanaged
export class Max extends Greatest {

  @inline
  initial(): f64 {
    return -Infinity;
  }


  @inline
  step(acc: f64, x: f64, p: f64): f64 {
    return max(acc, x);
  }


  @inline
  step2(acc: v128, x: v128, p: v128): v128 {
    return f64x2.max(acc, x);
  }
}


@unmanaged
export class MaxAbs extends Greatest {

  @inline
  initial(): f64 {
    return 0;
  }


  @inline
  step(acc: f64, x: f64, p: f64): f64 {
    return max(acc, abs(x));
  }


  @inline
  step2(acc: v128, x: v128, p: v128): v128 {
    return f64x2.max(acc, f64x2.abs(x));
  }
}


@unmanaged
export class Min extends Least {

  @inline
  initial(): f64 {
    return Infinity;
  }


  @inline
  step(acc: f64, x: f64, p: f64): f64 {
    return min(acc, x);
  }


  @inline
  step2(acc: v128, x: v128, p: v128): v128 {
    return f64x2.min(acc, x);
  }
}


@unmanaged
export class MinAbs extends Least {

  @inline
  initial(): f64 {
    return Infinity;
  }


  @inline
  step(acc: f64, x: f64, p: f64): f64 {
    return min(acc, abs(x));
  }


  @inline
  step2(acc: v128, x: v128, p: v128): v128 {
    return f64x2.min(acc, f64x2.abs(x));
  }
}


@unmanaged
export class Prod {

  @inline
  initial(): f64 {
    return 1;
  }


  @inline
  step(acc: f64, x: f64, p: f64): f64 {
    return acc * x;
  }
}


@unmanaged
export class SumPow {

  @inline
  initial(): f64 {
    return 0;
  }


  @inline
  step(acc: f64, x: f64, p: f64): f64 {
    return acc + powC(abs(x), p);
  }
}


@unmanaged
export class SumExp {

  @inline
  initial(): f64 {
    return 0;
  }


  @inline
  step(acc: f64, x: f64, p: f64): f64 {
    return acc + NativeMath.exp(x - p);
  }
}


@unmanaged
export class CountNonzero {

  @inline
  initial(): f64 {
    return 0;
  }


  @inline
  step(acc: f64, x: f64, p: f64): f64 {
    return acc + f64(x != 0);
  }
}


@unmanaged
export class Any {

  @inline
  initial(): f64 {
    return 0;
  }


  @inline
  step(acc: f64, x: f64, p: f64): f64 {
    return x != 0 ? 1 : acc;
  }
}


@unmanaged
export class All {

  @inline
  initial(): f64 {
    return 1;
  }


  @inline
  step(acc: f64, x: f64, p: f64): f64 {
    return x == 0 ? 0 : acc;
  }
}

/** Follows a mean that is updated element by element where it stops being finite: at an infinity, and NaN with the next element. */
@unmanaged
export class Pull {

  @inline
  initial(): f64 {
    return 0;
  }


  @inline
  step(acc: f64, x: f64, p: f64): f64 {
    return acc + (x - acc) * 0.5;
  }
}
