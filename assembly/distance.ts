// Distances between the rows of two matrices: x1 [B, P, M] and x2 [B, R, M] to [B, P, R], and their gradients.
import { fma, lanes, sumLanes } from './simd';

/** What a distance adds up over n pairs of elements: Σ|a − b|^p, or max|a − b|. */
type Pair = (a: usize, b: usize, n: i32, p: f64) => f64;

/** gx += the gradient of one distance of rows a and b in a; g is that of the distance. */
type PairBackward = (a: usize, b: usize, gx: usize, n: i32, g: f64, distance: f64, p: f64) => void;

// @ts-ignore: decorator
@inline
function difference<T>(a: usize, b: usize): v128 {
  return v128.sub<T>(v128.load(a), v128.load(b));
}

function countDifferent<T>(): Pair {
  return (a: usize, b: usize, n: i32, _p: f64): f64 => {
    let count: i32 = 0;
    for (; n > 0; --n) {
      count += i32(load<T>(a) != load<T>(b));
      a += sizeof<T>();
      b += sizeof<T>();
    }
    return <f64>count;
  };
}

function sumAbs<T>(): Pair {
  return (a: usize, b: usize, n: i32, _p: f64): f64 => {
    let acc = v128.splat<T>(<T>0);
    for (; n >= lanes<T>(); n -= lanes<T>()) {
      acc = v128.add<T>(acc, v128.abs<T>(difference<T>(a, b)));
      a += 16;
      b += 16;
    }
    let sum = sumLanes<T>(acc);
    for (; n > 0; --n) {
      sum += abs<T>(load<T>(a) - load<T>(b));
      a += sizeof<T>();
      b += sizeof<T>();
    }
    return <f64>sum;
  };
}

function sumSquare<T>(): Pair {
  return (a: usize, b: usize, n: i32, _p: f64): f64 => {
    let acc = v128.splat<T>(<T>0);
    for (; n >= lanes<T>(); n -= lanes<T>()) {
      const d = difference<T>(a, b);
      acc = fma<T>(d, d, acc);
      a += 16;
      b += 16;
    }
    let sum = sumLanes<T>(acc);
    for (; n > 0; --n) {
      const d = load<T>(a) - load<T>(b);
      sum += d * d;
      a += sizeof<T>();
      b += sizeof<T>();
    }
    return <f64>sum;
  };
}

function maxAbs<T>(): Pair {
  return (a: usize, b: usize, n: i32, _p: f64): f64 => {
    let acc = v128.splat<T>(<T>0);
    let nan = acc;
    for (; n >= lanes<T>(); n -= lanes<T>()) {
      const d = v128.abs<T>(difference<T>(a, b));
      acc = v128.pmax<T>(acc, d); // one instruction; max, which keeps NaN, is many
      nan = v128.or(nan, v128.ne<T>(d, d));
      a += 16;
      b += 16;
    }
    if (v128.any_true(nan)) return NaN;
    let most: T = v128.extract_lane<T>(acc, 0);
    most = max<T>(most, v128.extract_lane<T>(acc, 1));
    if (sizeof<T>() == 4) {
      most = max<T>(most, v128.extract_lane<T>(acc, 2));
      most = max<T>(most, v128.extract_lane<T>(acc, 3));
    }
    for (; n > 0; --n) {
      most = max<T>(most, abs<T>(load<T>(a) - load<T>(b)));
      a += sizeof<T>();
      b += sizeof<T>();
    }
    return <f64>most;
  };
}

/** p where it is a small integer, whose power products give in a tenth of the time of pow; otherwise 0. */
function wholePower(p: f64): i32 {
  return p >= 1 && p <= 16 && floor<f64>(p) == p ? <i32>p : 0;
}

/** x^p of x ≥ 0; whole is wholePower(p). */
// @ts-ignore: decorator
@inline
function power(x: f64, p: f64, whole: i32): f64 {
  if (whole == 0) return Math.pow(x, p);
  let out = x;
  for (let i = 1; i < whole; ++i) out *= x;
  return out;
}

function sumPow<T>(): Pair {
  return (a: usize, b: usize, n: i32, p: f64): f64 => {
    const whole = wholePower(p);
    let sum: f64 = 0;
    for (; n > 0; --n) {
      sum += power(<f64>abs<T>(load<T>(a) - load<T>(b)), p, whole);
      a += sizeof<T>();
      b += sizeof<T>();
    }
    return sum;
  };
}

function pairOf<T>(p: f64): Pair {
  if (p == 0) return countDifferent<T>();
  if (p == 1) return sumAbs<T>();
  if (p == 2) return sumSquare<T>();
  return p == Infinity ? maxAbs<T>() : sumPow<T>();
}

/** Rows [begin, end) of all B · P rows of the result. */
export function cdistForward<T>(
  x1: usize,
  x2: usize,
  out: usize,
  P: i32,
  R: i32,
  M: i32,
  p: f64,
  begin: i32,
  end: i32,
): void {
  const pair = pairOf<T>(p);
  const row = <usize>M * sizeof<T>();
  const root = p != 0 && p != 1 && p != Infinity;
  out += <usize>begin * <usize>R * sizeof<T>();
  for (let i = begin; i < end; ++i) {
    const a = x1 + <usize>i * row;
    let b = x2 + <usize>(i / P) * <usize>R * row;
    for (let j = 0; j < R; ++j) {
      let d = pair(a, b, M, p);
      if (root) d = p == 2 ? sqrt<f64>(d) : Math.pow(d, 1 / p);
      store<T>(out, <T>d);
      out += sizeof<T>();
      b += row;
    }
  }
}

// @ts-ignore: decorator
@inline
function signOf<T>(d: T): T {
  return <T>(i32(d > <T>0) - i32(d < <T>0));
}

// g with the sign of d, 0 where d is 0
// @ts-ignore: decorator
@inline
function signedGradient<T>(d: v128, g: v128): v128 {
  const zero = v128.splat<T>(<T>0);
  return v128.or(v128.and(v128.gt<T>(d, zero), g), v128.and(v128.lt<T>(d, zero), v128.neg<T>(g)));
}

function absBackward<T>(): PairBackward {
  return (a: usize, b: usize, gx: usize, n: i32, g: f64, _distance: f64, _p: f64): void => {
    const gradient = v128.splat<T>(<T>g);
    for (; n >= lanes<T>(); n -= lanes<T>()) {
      const d = signedGradient<T>(difference<T>(a, b), gradient);
      v128.store(gx, v128.add<T>(v128.load(gx), d));
      a += 16;
      b += 16;
      gx += 16;
    }
    for (; n > 0; --n) {
      store<T>(gx, load<T>(gx) + signOf<T>(load<T>(a) - load<T>(b)) * <T>g);
      a += sizeof<T>();
      b += sizeof<T>();
      gx += sizeof<T>();
    }
  };
}

function squareBackward<T>(): PairBackward {
  return (a: usize, b: usize, gx: usize, n: i32, g: f64, distance: f64, _p: f64): void => {
    if (distance == 0) return;
    const scale = <T>(g / distance);
    const scales = v128.splat<T>(scale);
    for (; n >= lanes<T>(); n -= lanes<T>()) {
      v128.store(gx, fma<T>(difference<T>(a, b), scales, v128.load(gx)));
      a += 16;
      b += 16;
      gx += 16;
    }
    for (; n > 0; --n) {
      store<T>(gx, load<T>(gx) + (load<T>(a) - load<T>(b)) * scale);
      a += sizeof<T>();
      b += sizeof<T>();
      gx += sizeof<T>();
    }
  };
}

// Every element that attains the maximum gets the whole gradient, as in torch.
function maxBackward<T>(): PairBackward {
  return (a: usize, b: usize, gx: usize, n: i32, g: f64, distance: f64, _p: f64): void => {
    const gradient = v128.splat<T>(<T>g);
    const most = v128.splat<T>(<T>distance);
    for (; n >= lanes<T>(); n -= lanes<T>()) {
      const d = difference<T>(a, b);
      const attained = v128.eq<T>(v128.abs<T>(d), most);
      v128.store(gx, v128.add<T>(v128.load(gx), v128.and(attained, signedGradient<T>(d, gradient))));
      a += 16;
      b += 16;
      gx += 16;
    }
    for (; n > 0; --n) {
      const d = load<T>(a) - load<T>(b);
      if (abs<T>(d) == <T>distance) store<T>(gx, load<T>(gx) + signOf<T>(d) * <T>g);
      a += sizeof<T>();
      b += sizeof<T>();
      gx += sizeof<T>();
    }
  };
}

function powBackward<T>(): PairBackward {
  return (a: usize, b: usize, gx: usize, n: i32, g: f64, distance: f64, p: f64): void => {
    if (distance == 0) return;
    const whole = wholePower(p - 1);
    const scale = g / power(distance, p - 1, whole);
    for (; n > 0; --n) {
      const d = <f64>(load<T>(a) - load<T>(b));
      if (d != 0)
        store<T>(gx, <T>(<f64>load<T>(gx) + signOf<f64>(d) * power(abs<f64>(d), p - 1, whole) * scale));
      a += sizeof<T>();
      b += sizeof<T>();
      gx += sizeof<T>();
    }
  };
}

function pairBackwardOf<T>(p: f64): PairBackward {
  if (p == 1) return absBackward<T>();
  if (p == 2) return squareBackward<T>();
  return p == Infinity ? maxBackward<T>() : powBackward<T>();
}

/** The gradient in rows [begin, end) of x1; p is not 0. gout and distance: [B, P, R]; gx is overwritten. */
export function cdistBackward<T>(
  gout: usize,
  x1: usize,
  x2: usize,
  distance: usize,
  gx: usize,
  P: i32,
  R: i32,
  M: i32,
  p: f64,
  begin: i32,
  end: i32,
): void {
  const pair = pairBackwardOf<T>(p);
  const row = <usize>M * sizeof<T>();
  const skip = <usize>begin * <usize>R * sizeof<T>();
  gout += skip;
  distance += skip;
  memory.fill(gx + <usize>begin * row, 0, <usize>(end - begin) * row);
  for (let i = begin; i < end; ++i) {
    const a = x1 + <usize>i * row;
    let b = x2 + <usize>(i / P) * <usize>R * row;
    for (let j = 0; j < R; ++j) {
      pair(a, b, gx + <usize>i * row, M, <f64>load<T>(gout), <f64>load<T>(distance), p);
      gout += sizeof<T>();
      distance += sizeof<T>();
      b += row;
    }
  }
}

/** The symmetric [N, N] with a diagonal of 0 of which `packed` is what is above the diagonal. */
export function unpackTriangle<T>(packed: usize, out: usize, N: i32): void {
  const row = <usize>N * sizeof<T>();
  for (let i = 0; i < N; ++i) {
    const diagonal = out + <usize>i * (row + sizeof<T>());
    store<T>(diagonal, <T>0);
    for (let j = 1; j < N - i; ++j) {
      const value = load<T>(packed);
      packed += sizeof<T>();
      store<T>(diagonal + <usize>j * sizeof<T>(), value);
      store<T>(diagonal + <usize>j * row, value);
    }
  }
}
