// Reductions of float tensors. Everything accumulates in float64, also for float32, whose sums are then correct to the last bit in all
// but contrived cases; float64 sums keep eight partial sums over blocks of 1,024.

import {
  R_ALL,
  R_ANY,
  R_COUNT_NONZERO,
  R_LOGSUMEXP,
  R_MAX,
  R_MAX_ABS,
  R_MEAN,
  R_MIN,
  R_MIN_ABS,
  R_NANSUM,
  R_PROD,
  R_SUM,
  R_SUM_ABS,
  R_SUM_POW,
  R_SUM_SQUARE,
} from '../src/wasm/opcode';
import { countOf, offsetOf, sizeOf, strideOf } from './layout';
import {
  All,
  Any,
  CountNonzero,
  Max,
  MaxAbs,
  Min,
  MinAbs,
  Nansum,
  Prod,
  Pull,
  Sum,
  SumAbs,
  SumDeviation,
  SumExp,
  SumPow,
  SumSquare,
} from './reduce-float-op';
import { lanes } from './simd';

// @ts-ignore: decorator
@inline
const BLOCK = 1024;

/** acc with n elements taken in. */
type Row = (n: i32, x: usize, sx: i32, acc: f64, p: f64) => f64;
/** A block of neighbouring columns, all rows of them, for x stride 1 from one output to the next. */
type Columns = (x: usize, out: usize, so: i32, desc: usize, kept: i32, scale: f64) => void;

/** Two elements as float64. */
// @ts-ignore: decorator
@inline
function two<T>(x: usize): v128 {
  if (sizeof<T>() == 8) return v128.load(x);
  return f64x2.promote_low_f32x4(v128.load64_zero(x));
}

function row<T, F>(): Row {
  return (n: i32, x: usize, sx: i32, acc: f64, p: f64): f64 => {
    if (isDefined(changetype<F>(0).step2)) {
      const f = changetype<F>(0);
      const q = f64x2.splat(p);
      const width = 2 * sizeof<T>();
      while (sx == 1 && n >= 8) {
        let a = f64x2.splat(f.initial());
        let b = a;
        let c = a;
        let d = a;
        const m = min(n, BLOCK) & ~7;
        for (let i = 0; i < m; i += 8) {
          a = f.step2(a, two<T>(x), q);
          b = f.step2(b, two<T>(x + width), q);
          c = f.step2(c, two<T>(x + 2 * width), q);
          d = f.step2(d, two<T>(x + 3 * width), q);
          x += 4 * width;
        }
        const s = f.join(f.join(a, b), f.join(c, d));
        acc = f.lanes(f.join(f64x2(acc, f.initial()), f64x2(f.lanes(s), f.initial())));
        n -= m;
      }
    }
    const dx = <usize>sx * sizeof<T>();
    for (; n > 0; --n) {
      acc = changetype<F>(0).step(acc, <f64>load<T>(x), p);
      x += dx;
    }
    return acc;
  };
}

/** max and min without widening; pmax and pmin are one instruction where max and min are seven, so NaN is looked for apart. */
function extremeRow<T, F>(): Row {
  return (n: i32, x: usize, sx: i32, acc: f64, p: f64): f64 => {
    const f = changetype<F>(0);
    if (acc != acc) return acc;
    if (sx == 1 && n >= 4 * lanes<T>()) {
      let a = v128.splat<T>(<T>acc);
      let b = a;
      let nan = v128.splat<i32>(0);
      for (; n >= 2 * lanes<T>(); n -= 2 * lanes<T>()) {
        const u = v128.load(x);
        const v = v128.load(x, 16);
        a = f.pick<T>(a, u);
        b = f.pick<T>(b, v);
        nan = v128.or(nan, v128.or(v128.ne<T>(u, u), v128.ne<T>(v, v)));
        x += 32;
      }
      if (v128.any_true(nan)) return NaN;
      a = f.pick<T>(a, b);
      if (sizeof<T>() == 4) {
        a = f.pick<T>(a, v128.shuffle<i64>(a, a, 1, 0));
        a = f.pick<T>(a, v128.shuffle<i32>(a, a, 1, 0, 3, 2));
      } else {
        a = f.pick<T>(a, v128.shuffle<i64>(a, a, 1, 0));
      }
      acc = <f64>v128.extract_lane<T>(a, 0);
    }
    const dx = <usize>sx * sizeof<T>();
    for (; n > 0; --n) {
      acc = f.step(acc, <f64>load<T>(x), p);
      x += dx;
    }
    return acc;
  };
}

function rowOf<T>(op: i32): Row {
  switch (op) {
    case R_SUM:
    case R_MEAN:
      return row<T, Sum>();
    case R_PROD:
      return row<T, Prod>();
    case R_SUM_SQUARE:
      return row<T, SumSquare>();
    case R_SUM_ABS:
      return row<T, SumAbs>();
    case R_SUM_POW:
      return row<T, SumPow>();
    case R_NANSUM:
      return row<T, Nansum>();
    case R_MAX:
      return extremeRow<T, Max>();
    case R_MIN:
      return extremeRow<T, Min>();
    case R_MAX_ABS:
      return row<T, MaxAbs>();
    case R_MIN_ABS:
      return row<T, MinAbs>();
    case R_COUNT_NONZERO:
      return row<T, CountNonzero>();
    case R_ANY:
      return row<T, Any>();
  }
  return row<T, All>();
}

function initialOf(op: i32): f64 {
  if (op == R_MAX) return -Infinity;
  if (op == R_MIN || op == R_MIN_ABS) return Infinity;
  return op == R_PROD || op == R_ALL ? 1 : 0;
}

/** All that one output element reduces; x points at its first element. */
function whole<T>(row: Row, acc: f64, x: usize, desc: usize, kept: i32, p: f64): f64 {
  const last = load<i32>(desc) - 1;
  const runs = countOf(desc, kept, last);
  const n = sizeOf(desc, last);
  const sx = strideOf(desc, 1, last);
  for (let r = 0; r < runs; ++r) {
    acc = row(n, x + <usize>offsetOf(desc, 1, kept, last, r) * sizeof<T>(), sx, acc, p);
  }
  return acc;
}

/** Outputs a cache line of x feeds: a block uses up every line that it touches. */
// @ts-ignore: decorator
@inline
function blockOf<T>(): i32 {
  return 64 / <i32>sizeof<T>();
}

// @ts-ignore: decorator
@inline
function putTwo<T>(out: usize, step: usize, v: v128, scale: f64): void {
  store<T>(out, <T>(f64x2.extract_lane(v, 0) * scale));
  store<T>(out + step, <T>(f64x2.extract_lane(v, 1) * scale));
}

function columns<T, F>(): Columns {
  return (x: usize, out: usize, so: i32, desc: usize, kept: i32, scale: f64): void => {
    const f = changetype<F>(0);
    const last = load<i32>(desc) - 1;
    const runs = countOf(desc, kept, last);
    const n = sizeOf(desc, last);
    const dx = <usize>strideOf(desc, 1, last) * sizeof<T>();
    const width = 2 * sizeof<T>();
    const q = f64x2.splat(0);
    let a = f64x2.splat(f.initial());
    let b = a;
    let c = a;
    let d = a;
    let e = a;
    let g = a;
    let h = a;
    let k = a;
    for (let r = 0; r < runs; ++r) {
      let from = x + <usize>offsetOf(desc, 1, kept, last, r) * sizeof<T>();
      for (let i = 0; i < n; ++i) {
        a = f.step2(a, two<T>(from), q);
        b = f.step2(b, two<T>(from + width), q);
        c = f.step2(c, two<T>(from + 2 * width), q);
        d = f.step2(d, two<T>(from + 3 * width), q);
        if (sizeof<T>() == 4) {
          e = f.step2(e, two<T>(from + 4 * width), q);
          g = f.step2(g, two<T>(from + 5 * width), q);
          h = f.step2(h, two<T>(from + 6 * width), q);
          k = f.step2(k, two<T>(from + 7 * width), q);
        }
        from += dx;
      }
    }
    const to = <usize>so * sizeof<T>();
    putTwo<T>(out, to, a, scale);
    putTwo<T>(out + 2 * to, to, b, scale);
    putTwo<T>(out + 4 * to, to, c, scale);
    putTwo<T>(out + 6 * to, to, d, scale);
    if (sizeof<T>() == 4) {
      putTwo<T>(out + 8 * to, to, e, scale);
      putTwo<T>(out + 10 * to, to, g, scale);
      putTwo<T>(out + 12 * to, to, h, scale);
      putTwo<T>(out + 14 * to, to, k, scale);
    }
  };
}

function columnsOf<T>(op: i32): Columns | null {
  switch (op) {
    case R_SUM:
    case R_MEAN:
      return columns<T, Sum>();
    case R_SUM_SQUARE:
      return columns<T, SumSquare>();
    case R_MAX:
      return columns<T, Max>();
    case R_MIN:
      return columns<T, Min>();
  }
  return null;
}

function put<T>(op: i32, out: usize, at: isize, v: f64): void {
  if (op == R_COUNT_NONZERO) store<i64>(out + (at << 3), <i64>v);
  else if (op == R_ANY || op == R_ALL) store<u8>(out + at, <u8>v);
  else store<T>(out + at * sizeof<T>(), <T>v);
}

/** The greatest or least of n contiguous elements. */
export function extreme<T>(largest: bool, n: i32, x: usize): f64 {
  return largest ? extremeRow<T, Max>()(n, x, 1, -Infinity, 0) : extremeRow<T, Min>()(n, x, 1, Infinity, 0);
}

function logsumexp<T>(x: usize, desc: usize, kept: i32): f64 {
  const m = whole<T>(extremeRow<T, Max>(), -Infinity, x, desc, kept, 0);
  if (!(abs(m) < Infinity)) return m;
  return m + NativeMath.log(whole<T>(row<T, SumExp>(), 0, x, desc, kept, m));
}

export function reduceFloat<T>(op: i32, x: usize, out: usize, desc: usize, inner: i32, p: f64): void {
  const ndim = load<i32>(desc);
  const kept = ndim - inner;
  const scale = op == R_MEAN ? p : 1;
  const row = rowOf<T>(op);
  const columns = columnsOf<T>(op);
  const width = kept > 0 ? sizeOf(desc, kept - 1) : 0;
  const block = blockOf<T>();
  const byColumn =
    columns !== null &&
    width >= block &&
    strideOf(desc, 1, kept - 1) == 1 &&
    strideOf(desc, 1, ndim - 1) != 1;
  const count = countOf(desc, 0, kept);
  for (let k = 0; k < count; ++k) {
    // The last block of a row of outputs reaches back over the one before it.
    if (byColumn && (k % width) + block > width) k -= block - (width - (k % width));
    const from = x + <usize>offsetOf(desc, 1, 0, kept, k) * sizeof<T>();
    const to = offsetOf(desc, 0, 0, kept, k);
    if (byColumn) {
      columns!(from, out + to * sizeof<T>(), strideOf(desc, 0, kept - 1), desc, kept, scale);
      k += block - 1;
    } else if (op == R_LOGSUMEXP) {
      put<T>(op, out, to, logsumexp<T>(from, desc, kept));
    } else {
      put<T>(op, out, to, whole<T>(row, initialOf(op), from, desc, kept, p) * scale);
    }
  }
}

/**
 * Mean and sum of squared deviations from it, in two passes. Mean and M2 share the out strides of desc. An infinite mean is one only
 * if the last element made it so, as torch's, which is updated element by element.
 */
export function moments<T>(x: usize, mean: usize, m2: usize, desc: usize, inner: i32): void {
  const ndim = load<i32>(desc);
  const kept = ndim - inner;
  const count = countOf(desc, 0, kept);
  const n = <f64>countOf(desc, kept, ndim);
  for (let k = 0; k < count; ++k) {
    const from = x + <usize>offsetOf(desc, 1, 0, kept, k) * sizeof<T>();
    const to = <usize>offsetOf(desc, 0, 0, kept, k) * sizeof<T>();
    const m = whole<T>(row<T, Sum>(), 0, from, desc, kept, 0) / n;
    const infinite = abs(m) == Infinity;
    store<T>(mean + to, <T>(infinite ? whole<T>(row<T, Pull>(), 0, from, desc, kept, 0) : m));
    store<T>(m2 + to, <T>whole<T>(row<T, SumDeviation>(), 0, from, desc, kept, m));
  }
}
