// Reductions of float tensors. Everything accumulates in float64, also for float32, where a sum is then correct to the last bit of the
// result in all but contrived cases; float64 sums keep eight partial sums over blocks of 1,024.

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

/** Sum of (x - p)^2 and of e^(x - p): second passes that are no operation of their own. */
// @ts-ignore: decorator
@inline
const SUM_DEVIATION = 100;
// @ts-ignore: decorator
@inline
const SUM_EXP = 101;

// @ts-ignore: decorator
@inline
const BLOCK = 1024;

function initial(op: i32): f64 {
  if (op == R_MAX) return -Infinity;
  if (op == R_MIN || op == R_MIN_ABS) return Infinity;
  return op == R_PROD || op == R_ALL ? 1 : 0;
}

/** acc with x taken in; op is a constant at every call. */
// @ts-ignore: decorator
@inline
function step(op: i32, acc: f64, x: f64, p: f64): f64 {
  if (op == R_SUM) return acc + x;
  if (op == R_PROD) return acc * x;
  if (op == R_SUM_SQUARE) return acc + x * x;
  if (op == R_SUM_ABS) return acc + abs(x);
  if (op == R_SUM_POW) return acc + NativeMath.pow(abs(x), p);
  if (op == R_NANSUM) return acc + (x == x ? x : 0);
  if (op == R_MAX) return max(acc, x);
  if (op == R_MIN) return min(acc, x);
  if (op == R_MAX_ABS) return max(acc, abs(x));
  if (op == R_MIN_ABS) return min(acc, abs(x));
  if (op == R_COUNT_NONZERO) return acc + f64(x != 0);
  if (op == R_ANY) return x != 0 ? 1 : acc;
  if (op == R_ALL) return x == 0 ? 0 : acc;
  if (op == SUM_DEVIATION) return acc + (x - p) * (x - p);
  return acc + NativeMath.exp(x - p);
}

/** The same for two lanes of float64; only for operations that lanesWork. */
// @ts-ignore: decorator
@inline
function step2(op: i32, acc: v128, x: v128, p: v128): v128 {
  if (op == R_SUM) return f64x2.add(acc, x);
  if (op == R_SUM_SQUARE) return f64x2.add(acc, f64x2.mul(x, x));
  if (op == R_SUM_ABS) return f64x2.add(acc, f64x2.abs(x));
  if (op == R_NANSUM) return f64x2.add(acc, v128.and(x, f64x2.eq(x, x)));
  if (op == R_MAX) return f64x2.max(acc, x);
  if (op == R_MIN) return f64x2.min(acc, x);
  if (op == R_MAX_ABS) return f64x2.max(acc, f64x2.abs(x));
  if (op == R_MIN_ABS) return f64x2.min(acc, f64x2.abs(x));
  const d = f64x2.sub(x, p);
  return f64x2.add(acc, f64x2.mul(d, d));
}

// @ts-ignore: decorator
@inline
function lanesWork(op: i32): bool {
  return !(
    op == R_PROD ||
    op == R_SUM_POW ||
    op == R_COUNT_NONZERO ||
    op == R_ANY ||
    op == R_ALL ||
    op == SUM_EXP
  );
}

/** Two accumulators as one. */
// @ts-ignore: decorator
@inline
function join(op: i32, a: f64, b: f64): f64 {
  if (op == R_MAX || op == R_MAX_ABS) return max(a, b);
  if (op == R_MIN || op == R_MIN_ABS) return min(a, b);
  return a + b;
}

// @ts-ignore: decorator
@inline
function join2(op: i32, a: v128, b: v128): v128 {
  if (op == R_MAX || op == R_MAX_ABS) return f64x2.max(a, b);
  if (op == R_MIN || op == R_MIN_ABS) return f64x2.min(a, b);
  return f64x2.add(a, b);
}

/** Two elements from byte offset i on, as float64. */
// @ts-ignore: decorator
@inline
function two<T>(x: usize): v128 {
  if (sizeof<T>() == 8) return v128.load(x);
  return f64x2.promote_low_f32x4(v128.load64_zero(x));
}

// @ts-ignore: decorator
@inline
function row<T>(op: i32, n: i32, x: usize, sx: i32, acc: f64, p: f64): f64 {
  if (sx == 1 && lanesWork(op)) {
    const q = f64x2.splat(p);
    const empty = f64x2.splat(initial(op));
    const width = 2 * sizeof<T>();
    while (n >= 8) {
      let a = empty;
      let b = empty;
      let c = empty;
      let d = empty;
      const m = min(n, BLOCK) & ~7;
      for (let i = 0; i < m; i += 8) {
        a = step2(op, a, two<T>(x), q);
        b = step2(op, b, two<T>(x + width), q);
        c = step2(op, c, two<T>(x + 2 * width), q);
        d = step2(op, d, two<T>(x + 3 * width), q);
        x += 4 * width;
      }
      const s = join2(op, join2(op, a, b), join2(op, c, d));
      acc = join(op, acc, join(op, f64x2.extract_lane(s, 0), f64x2.extract_lane(s, 1)));
      n -= m;
    }
  }
  const dx = <usize>sx * sizeof<T>();
  for (; n > 0; --n) {
    acc = step(op, acc, <f64>load<T>(x), p);
    x += dx;
  }
  return acc;
}

function anyRow<T>(op: i32, n: i32, x: usize, sx: i32, acc: f64, p: f64): f64 {
  switch (op) {
    case R_SUM:
    case R_MEAN:
      return row<T>(R_SUM, n, x, sx, acc, p);
    case R_PROD:
      return row<T>(R_PROD, n, x, sx, acc, p);
    case R_SUM_SQUARE:
      return row<T>(R_SUM_SQUARE, n, x, sx, acc, p);
    case R_SUM_ABS:
      return row<T>(R_SUM_ABS, n, x, sx, acc, p);
    case R_SUM_POW:
      return row<T>(R_SUM_POW, n, x, sx, acc, p);
    case R_NANSUM:
      return row<T>(R_NANSUM, n, x, sx, acc, p);
    case R_MAX:
      return row<T>(R_MAX, n, x, sx, acc, p);
    case R_MIN:
      return row<T>(R_MIN, n, x, sx, acc, p);
    case R_MAX_ABS:
      return row<T>(R_MAX_ABS, n, x, sx, acc, p);
    case R_MIN_ABS:
      return row<T>(R_MIN_ABS, n, x, sx, acc, p);
    case R_COUNT_NONZERO:
      return row<T>(R_COUNT_NONZERO, n, x, sx, acc, p);
    case R_ANY:
      return row<T>(R_ANY, n, x, sx, acc, p);
    case R_ALL:
      return row<T>(R_ALL, n, x, sx, acc, p);
    case SUM_DEVIATION:
      return row<T>(SUM_DEVIATION, n, x, sx, acc, p);
  }
  return row<T>(SUM_EXP, n, x, sx, acc, p);
}

/** All that one output element reduces; x points at its first element. */
function whole<T>(op: i32, x: usize, desc: usize, kept: i32, p: f64): f64 {
  const last = load<i32>(desc) - 1;
  const runs = countOf(desc, kept, last);
  const n = sizeOf(desc, last);
  const sx = strideOf(desc, 1, last);
  let acc = initial(op);
  for (let r = 0; r < runs; ++r) {
    acc = anyRow<T>(op, n, x + <usize>offsetOf(desc, 1, kept, last, r) * sizeof<T>(), sx, acc, p);
  }
  return acc;
}

// @ts-ignore: decorator
@inline
function put<T>(op: i32, out: usize, v: f64, scale: f64): void {
  if (op == R_COUNT_NONZERO) store<i64>(out, <i64>v);
  else if (op == R_ANY || op == R_ALL) store<u8>(out, <u8>v);
  else store<T>(out, <T>(v * scale));
}

// @ts-ignore: decorator
@inline
function outSize<T>(op: i32): usize {
  if (op == R_COUNT_NONZERO) return 8;
  return op == R_ANY || op == R_ALL ? 1 : sizeof<T>();
}

/** Eight neighbouring columns at once, all rows of them; x stride 1 from one output to the next. */
// @ts-ignore: decorator
@inline
function columns<T>(op: i32, x: usize, out: usize, so: i32, desc: usize, kept: i32, scale: f64): void {
  const last = load<i32>(desc) - 1;
  const runs = countOf(desc, kept, last);
  const n = sizeOf(desc, last);
  const dx = <usize>strideOf(desc, 1, last) * sizeof<T>();
  const width = 2 * sizeof<T>();
  const q = f64x2.splat(0);
  let a = f64x2.splat(initial(op));
  let b = a;
  let c = a;
  let d = a;
  for (let r = 0; r < runs; ++r) {
    let from = x + <usize>offsetOf(desc, 1, kept, last, r) * sizeof<T>();
    for (let i = 0; i < n; ++i) {
      a = step2(op, a, two<T>(from), q);
      b = step2(op, b, two<T>(from + width), q);
      c = step2(op, c, two<T>(from + 2 * width), q);
      d = step2(op, d, two<T>(from + 3 * width), q);
      from += dx;
    }
  }
  const to = <usize>so * sizeof<T>();
  put<T>(op, out, f64x2.extract_lane(a, 0), scale);
  put<T>(op, out + to, f64x2.extract_lane(a, 1), scale);
  put<T>(op, out + 2 * to, f64x2.extract_lane(b, 0), scale);
  put<T>(op, out + 3 * to, f64x2.extract_lane(b, 1), scale);
  put<T>(op, out + 4 * to, f64x2.extract_lane(c, 0), scale);
  put<T>(op, out + 5 * to, f64x2.extract_lane(c, 1), scale);
  put<T>(op, out + 6 * to, f64x2.extract_lane(d, 0), scale);
  put<T>(op, out + 7 * to, f64x2.extract_lane(d, 1), scale);
}

function anyColumns<T>(op: i32, x: usize, out: usize, so: i32, desc: usize, kept: i32, scale: f64): void {
  switch (op) {
    case R_SUM:
    case R_MEAN:
      columns<T>(R_SUM, x, out, so, desc, kept, scale);
      break;
    case R_SUM_SQUARE:
      columns<T>(R_SUM_SQUARE, x, out, so, desc, kept, 1);
      break;
    case R_MAX:
      columns<T>(R_MAX, x, out, so, desc, kept, 1);
      break;
    default:
      columns<T>(R_MIN, x, out, so, desc, kept, 1);
  }
}

// @ts-ignore: decorator
@inline
function columnsWork(op: i32): bool {
  return op == R_SUM || op == R_MEAN || op == R_SUM_SQUARE || op == R_MAX || op == R_MIN;
}

export function reduceFloat<T>(op: i32, x: usize, out: usize, desc: usize, inner: i32, p: f64): void {
  const ndim = load<i32>(desc);
  const kept = ndim - inner;
  const count = countOf(desc, 0, kept);
  const width = kept > 0 ? sizeOf(desc, kept - 1) : 0;
  const scale = op == R_MEAN ? p : 1;
  const byColumn =
    columnsWork(op) && width >= 8 && strideOf(desc, 1, kept - 1) == 1 && strideOf(desc, 1, ndim - 1) != 1;
  for (let k = 0; k < count; ++k) {
    const from = x + <usize>offsetOf(desc, 1, 0, kept, k) * sizeof<T>();
    const to = out + <usize>offsetOf(desc, 0, 0, kept, k) * outSize<T>(op);
    if (byColumn && (k % width) + 8 <= width) {
      anyColumns<T>(op, from, to, strideOf(desc, 0, kept - 1), desc, kept, scale);
      k += 7;
    } else if (op == R_LOGSUMEXP) {
      const m = whole<T>(R_MAX, from, desc, kept, p);
      const finite = abs(m) < Infinity;
      store<T>(to, <T>(finite ? m + NativeMath.log(whole<T>(SUM_EXP, from, desc, kept, m)) : m));
    } else {
      put<T>(op, to, whole<T>(op, from, desc, kept, p), scale);
    }
  }
}

/** Mean and sum of squared deviations from it, in two passes. Mean and M2 share the out strides of desc. */
export function moments<T>(x: usize, mean: usize, m2: usize, desc: usize, inner: i32): void {
  const ndim = load<i32>(desc);
  const kept = ndim - inner;
  const count = countOf(desc, 0, kept);
  const n = <f64>countOf(desc, kept, ndim);
  for (let k = 0; k < count; ++k) {
    const from = x + <usize>offsetOf(desc, 1, 0, kept, k) * sizeof<T>();
    const to = <usize>offsetOf(desc, 0, 0, kept, k) * sizeof<T>();
    const m = whole<T>(R_SUM, from, desc, kept, 0) / n;
    store<T>(mean + to, <T>m);
    store<T>(m2 + to, <T>whole<T>(SUM_DEVIATION, from, desc, kept, m));
  }
}
