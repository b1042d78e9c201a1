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
    for (; n >= lanes<T>(); n -= lanes<T>()) {
      acc = v128.max<T>(acc, v128.abs<T>(difference<T>(a, b)));
      a += 16;
      b += 16;
    }
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

function sumPow<T>(): Pair {
  return (a: usize, b: usize, n: i32, p: f64): f64 => {
    let sum: f64 = 0;
    for (; n > 0; --n) {
      sum += Math.pow(<f64>abs<T>(load<T>(a) - load<T>(b)), p);
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

function absBackward<T>(): PairBackward {
  return (a: usize, b: usize, gx: usize, n: i32, g: f64, _distance: f64, _p: f64): void => {
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
    const scale = g / Math.pow(distance, p - 1);
    for (; n > 0; --n) {
      const d = <f64>(load<T>(a) - load<T>(b));
      if (d != 0) store<T>(gx, <T>(<f64>load<T>(gx) + signOf<f64>(d) * Math.pow(abs<f64>(d), p - 1) * scale));
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
