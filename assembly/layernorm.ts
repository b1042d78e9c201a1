import { demotePair, fmaOnce, fmaOnceScalar, promoteHigh, promoteLow } from './exact';
import { lanes, sumLanes } from './simd';

// x is [rows, n]. Statistics and the sums of the backward accumulate in f64; each stored quantity is rounded to T. Rows
// rowBegin..rowEnd-1 are done (columns colBegin..colEnd-1 for the parameters' gradients), so that threads split the work
// and no result depends on their number.

// Σ (x − mean)^p of a row, p = 1 or 2, in four chains that hide the additions' latency.
// @ts-ignore: decorator
@inline
function rowMoment<T>(x: usize, n: i32, mean: f64, squared: bool): f64 {
  const m = f64x2.splat(mean);
  let a0 = f64x2.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let i = 0;
  for (; i <= n - 2 * lanes<T>(); i += 2 * lanes<T>()) {
    const v0 = v128.load(x);
    const v1 = v128.load(x, 16);
    a0 = f64x2.add(a0, moment(promoteLow<T>(v0), m, squared));
    a1 = f64x2.add(a1, moment(promoteLow<T>(v1), m, squared));
    if (sizeof<T>() == 4) {
      a2 = f64x2.add(a2, moment(promoteHigh<T>(v0), m, squared));
      a3 = f64x2.add(a3, moment(promoteHigh<T>(v1), m, squared));
    }
    x += 32;
  }
  let rest: f64 = 0;
  for (; i < n; i++) {
    const d = <f64>load<T>(x) - mean;
    rest += squared ? d * d : d;
    x += sizeof<T>();
  }
  return sumLanes<f64>(f64x2.add(f64x2.add(a0, a1), f64x2.add(a2, a3))) + rest;
}

// @ts-ignore: decorator
@inline
function moment(v: v128, mean: v128, squared: bool): v128 {
  const d = f64x2.sub(v, mean);
  return squared ? f64x2.mul(d, d) : d;
}

/** Mean and 1/sqrt(biased variance + eps) of each row. */
export function layernormStats<T>(
  x: usize,
  mean: usize,
  rstd: usize,
  n: i32,
  eps: f64,
  rowBegin: i32,
  rowEnd: i32,
): void {
  for (let r = rowBegin; r < rowEnd; r++) {
    const row = x + <usize>r * <usize>n * sizeof<T>();
    const at = <usize>r * sizeof<T>();
    const m = rowMoment<T>(row, n, 0, false) / <f64>n;
    const variance = <T>(rowMoment<T>(row, n, m, true) / <f64>n);
    store<T>(mean + at, <T>m);
    store<T>(rstd + at, <T>(<T>1 / sqrt<T>(<T>(variance + <T>eps))));
  }
}

/**
 * out = (x·scale + shift)·weight + bias with scale = rstd, shift = −mean·rstd; weight and bias are [n] or 0. out may be x.
 * Each product and sum is rounded once, as in PyTorch: where a row is constant, rounding is all that is left of it.
 */
export function layernormForward<T>(
  x: usize,
  mean: usize,
  rstd: usize,
  weight: usize,
  bias: usize,
  out: usize,
  n: i32,
  rowBegin: i32,
  rowEnd: i32,
): void {
  const one = v128.splat<T>(1);
  const zero = v128.splat<T>(0);
  for (let r = rowBegin; r < rowEnd; r++) {
    const start = <usize>r * <usize>n * sizeof<T>();
    const scale = load<T>(rstd + <usize>r * sizeof<T>());
    const shift = <T>(-load<T>(mean + <usize>r * sizeof<T>()) * scale);
    const sv = v128.splat<T>(scale);
    const tv = v128.splat<T>(shift);
    let i = 0;
    for (; i <= n - lanes<T>(); i += lanes<T>()) {
      const at = <usize>i * sizeof<T>();
      const w = weight ? v128.load(weight + at) : one;
      const b = bias ? v128.load(bias + at) : zero;
      v128.store(out + start + at, fmaOnce<T>(fmaOnce<T>(v128.load(x + start + at), sv, tv), w, b));
    }
    for (; i < n; i++) {
      const at = <usize>i * sizeof<T>();
      const w = weight ? load<T>(weight + at) : <T>1;
      const b = bias ? load<T>(bias + at) : <T>0;
      const hat = fmaOnceScalar<T>(load<T>(x + start + at), scale, shift);
      store<T>(out + start + at, fmaOnceScalar<T>(hat, w, b));
    }
  }
}

/**
 * gx = rstd·g·weight + b·x + c, where b = (Σ gw·mean − Σ gw·x)·rstd³/n, c = −b·mean − Σ gw·rstd/n and gw = g·weight, in
 * PyTorch's order of operations: the terms cancel in short rows, whose gradient is then mostly rounding. (A row of one
 * element does not depend on it; PyTorch leaves rounding there too. NaN stays NaN.) gx may be g.
 */
export function layernormBackward<T>(
  g: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  weight: usize,
  gx: usize,
  n: i32,
  rowBegin: i32,
  rowEnd: i32,
): void {
  if (n == 1) {
    for (let r = rowBegin; r < rowEnd; r++) {
      const at = <usize>r * sizeof<T>();
      store<T>(gx + at, <T>0 * load<T>(g + at) * load<T>(rstd + at) * load<T>(x + at));
    }
    return;
  }
  const one = v128.splat<T>(1);
  const part = <T>(<T>1 / <T>n);
  for (let r = rowBegin; r < rowEnd; r++) {
    const start = <usize>r * <usize>n * sizeof<T>();
    const m = load<T>(mean + <usize>r * sizeof<T>());
    const a = load<T>(rstd + <usize>r * sizeof<T>());
    let a0 = f64x2.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let i = 0;
    for (; i <= n - lanes<T>(); i += lanes<T>()) {
      const at = <usize>i * sizeof<T>();
      const w = weight ? v128.load(weight + at) : one;
      const gv = v128.load(g + start + at);
      const gw = v128.mul<T>(gv, w);
      const dot = v128.mul<T>(v128.mul<T>(gv, v128.load(x + start + at)), w);
      a0 = f64x2.add(a0, promoteLow<T>(gw));
      b0 = f64x2.add(b0, promoteLow<T>(dot));
      if (sizeof<T>() == 4) {
        a1 = f64x2.add(a1, promoteHigh<T>(gw));
        b1 = f64x2.add(b1, promoteHigh<T>(dot));
      }
    }
    let sum = sumLanes<f64>(f64x2.add(a0, a1));
    let product = sumLanes<f64>(f64x2.add(b0, b1));
    for (; i < n; i++) {
      const at = <usize>i * sizeof<T>();
      const w = weight ? load<T>(weight + at) : <T>1;
      const gs = load<T>(g + start + at);
      sum += <f64>(<T>(gs * w));
      product += <f64>(<T>(<T>(gs * load<T>(x + start + at)) * w));
    }
    const b = <T>(<T>(<T>(<T>(fmaOnceScalar<T>(<T>sum, m, <T>-product) * a) * a) * a) * part);
    const c = fmaOnceScalar<T>(-b, m, -(<T>(<T>(<T>sum * a) * part)));
    const av = v128.splat<T>(a);
    const bv = v128.splat<T>(b);
    const cv = v128.splat<T>(c);
    for (i = 0; i <= n - lanes<T>(); i += lanes<T>()) {
      const at = <usize>i * sizeof<T>();
      const w = weight ? v128.load(weight + at) : one;
      const pushed = v128.mul<T>(v128.mul<T>(v128.load(g + start + at), av), w);
      v128.store(gx + start + at, v128.add<T>(fmaOnce<T>(v128.load(x + start + at), bv, pushed), cv));
    }
    for (; i < n; i++) {
      const at = <usize>i * sizeof<T>();
      const w = weight ? load<T>(weight + at) : <T>1;
      const pushed = <T>(<T>(load<T>(g + start + at) * a) * w);
      store<T>(gx + start + at, <T>(fmaOnceScalar<T>(load<T>(x + start + at), b, pushed) + c));
    }
  }
}

/** gweight = Σ g·(x·rstd − mean·rstd) and gbias = Σ g over the rows; 0 for the one that is not wanted. */
export function layernormParameters<T>(
  g: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  gweight: usize,
  gbias: usize,
  rows: i32,
  n: i32,
  colBegin: i32,
  colEnd: i32,
): void {
  const step = <usize>n * sizeof<T>();
  let c = colBegin;
  for (; c <= colEnd - lanes<T>(); c += lanes<T>()) {
    const at = <usize>c * sizeof<T>();
    let w0 = f64x2.splat(0);
    let w1 = w0;
    let b0 = w0;
    let b1 = w0;
    let p = g + at;
    let q = x + at;
    for (let r = 0; r < rows; r++) {
      const v = v128.load(p);
      b0 = f64x2.add(b0, promoteLow<T>(v));
      if (sizeof<T>() == 4) b1 = f64x2.add(b1, promoteHigh<T>(v));
      if (gweight) {
        const a = load<T>(rstd + <usize>r * sizeof<T>());
        const shift = <T>(-load<T>(mean + <usize>r * sizeof<T>()) * a);
        const hat = fmaOnce<T>(v128.load(q), v128.splat<T>(a), v128.splat<T>(shift));
        const dot = v128.mul<T>(v, hat);
        w0 = f64x2.add(w0, promoteLow<T>(dot));
        if (sizeof<T>() == 4) w1 = f64x2.add(w1, promoteHigh<T>(dot));
      }
      p += step;
      q += step;
    }
    if (gweight) v128.store(gweight + at, demotePair<T>(w0, w1));
    if (gbias) v128.store(gbias + at, demotePair<T>(b0, b1));
  }
  for (; c < colEnd; c++) {
    const at = <usize>c * sizeof<T>();
    let w: f64 = 0;
    let b: f64 = 0;
    let p = g + at;
    let q = x + at;
    for (let r = 0; r < rows; r++) {
      const v = load<T>(p);
      b += <f64>v;
      if (gweight) {
        const a = load<T>(rstd + <usize>r * sizeof<T>());
        const shift = <T>(-load<T>(mean + <usize>r * sizeof<T>()) * a);
        w += <f64>(<T>(v * fmaOnceScalar<T>(load<T>(q), a, shift)));
      }
      p += step;
      q += step;
    }
    if (gweight) store<T>(gweight + at, <T>w);
    if (gbias) store<T>(gbias + at, <T>b);
  }
}
