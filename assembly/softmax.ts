import { fma, lanes, sumLanes } from './simd';
import { exp, log } from './vecmath';

// [outer, n, inner], the softmax over n. A row (inner = 1) runs along memory, otherwise one vector of columns at a time.

// @ts-ignore: decorator
@inline
export function lane0<T>(v: v128): T {
  return sizeof<T>() == 4 ? <T>f32x4.extract_lane(v, 0) : <T>f64x2.extract_lane(v, 0);
}

// @ts-ignore: decorator
@inline
export function expScalar<T>(x: T): T {
  return sizeof<T>() == 4 ? lane0<T>(exp<T>(v128.splat<T>(x))) : <T>NativeMath.exp(<f64>x);
}

// @ts-ignore: decorator
@inline
export function logScalar<T>(x: T): T {
  return <T>NativeMath.log(<f64>x);
}

/** Maximum of a row; NaNs are passed over, for exp(x − max) brings them back. */
export function rowMax<T>(x: usize, n: i32): T {
  let m: T = <T>-Infinity;
  let i = 0;
  if (n >= lanes<T>()) {
    let v = v128.splat<T>(m);
    for (; i <= n - lanes<T>(); i += lanes<T>()) v = v128.pmax<T>(v, v128.load(x + <usize>i * sizeof<T>()));
    if (sizeof<T>() == 4) {
      v = f32x4.pmax(v, v128.shuffle<i64>(v, v, 1, 0));
      v = f32x4.pmax(v, v128.shuffle<i32>(v, v, 1, 0, 3, 2));
    } else {
      v = f64x2.pmax(v, v128.shuffle<i64>(v, v, 1, 0));
    }
    m = lane0<T>(v);
  }
  for (; i < n; i++) {
    const s = load<T>(x + <usize>i * sizeof<T>());
    if (s > m) m = s;
  }
  return m;
}

/** Σ exp(x − max) of a row; the terms are also stored at out unless it is 0. */
export function rowExpSum<T>(x: usize, out: usize, n: i32, m: T): T {
  const mv = v128.splat<T>(m);
  let sum = v128.splat<T>(0);
  let i = 0;
  for (; i <= n - lanes<T>(); i += lanes<T>()) {
    const e = exp<T>(v128.sub<T>(v128.load(x + <usize>i * sizeof<T>()), mv));
    if (out) v128.store(out + <usize>i * sizeof<T>(), e);
    sum = v128.add<T>(sum, e);
  }
  let total = sumLanes<T>(sum);
  for (; i < n; i++) {
    const e = expScalar<T>(<T>(load<T>(x + <usize>i * sizeof<T>()) - m));
    if (out) store<T>(out + <usize>i * sizeof<T>(), e);
    total = <T>(total + e);
  }
  return total;
}

function softmaxRow<T>(x: usize, out: usize, n: i32): void {
  const total = rowExpSum<T>(x, out, n, rowMax<T>(x, n));
  const d = v128.splat<T>(total);
  let i = 0;
  for (; i <= n - lanes<T>(); i += lanes<T>()) {
    const at = out + <usize>i * sizeof<T>();
    v128.store(at, v128.div<T>(v128.load(at), d));
  }
  for (; i < n; i++) {
    const at = out + <usize>i * sizeof<T>();
    store<T>(at, <T>(load<T>(at) / total));
  }
}

function logSoftmaxRow<T>(x: usize, out: usize, n: i32): void {
  const m = rowMax<T>(x, n);
  const logSum = logScalar<T>(rowExpSum<T>(x, 0, n, m));
  const mv = v128.splat<T>(m);
  const lv = v128.splat<T>(logSum);
  let i = 0;
  for (; i <= n - lanes<T>(); i += lanes<T>()) {
    const at = <usize>i * sizeof<T>();
    v128.store(out + at, v128.sub<T>(v128.sub<T>(v128.load(x + at), mv), lv));
  }
  for (; i < n; i++) {
    const at = <usize>i * sizeof<T>();
    store<T>(out + at, <T>(<T>(load<T>(x + at) - m) - logSum));
  }
}

// One vector of columns. A ragged last group repeats its scalars through the same code: `width` says how many count.
// @ts-ignore: decorator
@inline
export function loadColumns<T>(p: usize, width: i32): v128 {
  return width == lanes<T>() ? v128.load(p) : v128.splat<T>(load<T>(p));
}

// @ts-ignore: decorator
@inline
export function storeColumns<T>(p: usize, v: v128, width: i32): void {
  if (width == lanes<T>()) v128.store(p, v);
  else store<T>(p, lane0<T>(v));
}

/** Columns taken at once from column i on: a whole vector, or one. */
// @ts-ignore: decorator
@inline
export function columnWidth<T>(i: i32, inner: i32): i32 {
  return i <= inner - lanes<T>() ? lanes<T>() : 1;
}

// @ts-ignore: decorator
@inline
export function columnMax<T>(x: usize, n: i32, stride: usize, width: i32): v128 {
  let m = v128.splat<T>(<T>-Infinity);
  for (let c = 0; c < n; c++) m = v128.pmax<T>(m, loadColumns<T>(x + <usize>c * stride, width));
  return m;
}

// @ts-ignore: decorator
@inline
export function columnExpSum<T>(x: usize, n: i32, stride: usize, width: i32, m: v128): v128 {
  let sum = v128.splat<T>(0);
  for (let c = 0; c < n; c++) {
    sum = v128.add<T>(sum, exp<T>(v128.sub<T>(loadColumns<T>(x + <usize>c * stride, width), m)));
  }
  return sum;
}

function softmaxColumns<T>(x: usize, out: usize, n: i32, inner: i32): void {
  const stride = <usize>inner * sizeof<T>();
  for (let i = 0; i < inner;) {
    const width = columnWidth<T>(i, inner);
    const m = columnMax<T>(x, n, stride, width);
    let sum = v128.splat<T>(0);
    for (let c = 0; c < n; c++) {
      const e = exp<T>(v128.sub<T>(loadColumns<T>(x + <usize>c * stride, width), m));
      storeColumns<T>(out + <usize>c * stride, e, width);
      sum = v128.add<T>(sum, e);
    }
    for (let c = 0; c < n; c++) {
      const at = out + <usize>c * stride;
      storeColumns<T>(at, v128.div<T>(loadColumns<T>(at, width), sum), width);
    }
    i += width;
    x += <usize>width * sizeof<T>();
    out += <usize>width * sizeof<T>();
  }
}

function logSoftmaxColumns<T>(x: usize, out: usize, n: i32, inner: i32): void {
  const stride = <usize>inner * sizeof<T>();
  for (let i = 0; i < inner;) {
    const width = columnWidth<T>(i, inner);
    const m = columnMax<T>(x, n, stride, width);
    const logSum = log<T>(columnExpSum<T>(x, n, stride, width, m));
    for (let c = 0; c < n; c++) {
      const at = <usize>c * stride;
      const v = v128.sub<T>(v128.sub<T>(loadColumns<T>(x + at, width), m), logSum);
      storeColumns<T>(out + at, v, width);
    }
    i += width;
    x += <usize>width * sizeof<T>();
    out += <usize>width * sizeof<T>();
  }
}

/** out may be x. */
export function softmaxForward<T>(x: usize, out: usize, outer: i32, n: i32, inner: i32): void {
  const block = <usize>n * <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    if (inner == 1) softmaxRow<T>(x, out, n);
    else softmaxColumns<T>(x, out, n, inner);
    x += block;
    out += block;
  }
}

/** out may be x. */
export function logSoftmaxForward<T>(x: usize, out: usize, outer: i32, n: i32, inner: i32): void {
  const block = <usize>n * <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    if (inner == 1) logSoftmaxRow<T>(x, out, n);
    else logSoftmaxColumns<T>(x, out, n, inner);
    x += block;
    out += block;
  }
}

// Rows and columns of both backwards: a sum over n, then a pass that uses it.
// softmax: gx = out·(g − Σ g·out); log-softmax: gx = g − exp(out)·Σ g.

function backwardRow<T>(gout: usize, out: usize, gx: usize, n: i32, logarithmic: bool): void {
  let acc = v128.splat<T>(0);
  let i = 0;
  for (; i <= n - lanes<T>(); i += lanes<T>()) {
    const at = <usize>i * sizeof<T>();
    const g = v128.load(gout + at);
    acc = logarithmic ? v128.add<T>(acc, g) : fma<T>(g, v128.load(out + at), acc);
  }
  let sum = sumLanes<T>(acc);
  for (; i < n; i++) {
    const at = <usize>i * sizeof<T>();
    const g = load<T>(gout + at);
    sum = <T>(sum + (logarithmic ? g : <T>(g * load<T>(out + at))));
  }
  const s = v128.splat<T>(sum);
  i = 0;
  for (; i <= n - lanes<T>(); i += lanes<T>()) {
    const at = <usize>i * sizeof<T>();
    const g = v128.load(gout + at);
    const y = v128.load(out + at);
    v128.store(
      gx + at,
      logarithmic ? v128.sub<T>(g, v128.mul<T>(exp<T>(y), s)) : v128.mul<T>(y, v128.sub<T>(g, s)),
    );
  }
  for (; i < n; i++) {
    const at = <usize>i * sizeof<T>();
    const g = load<T>(gout + at);
    const y = load<T>(out + at);
    store<T>(gx + at, logarithmic ? <T>(g - <T>(expScalar<T>(y) * sum)) : <T>(y * <T>(g - sum)));
  }
}

function backwardColumns<T>(gout: usize, out: usize, gx: usize, n: i32, inner: i32, logarithmic: bool): void {
  const stride = <usize>inner * sizeof<T>();
  for (let i = 0; i < inner;) {
    const width = columnWidth<T>(i, inner);
    let sum = v128.splat<T>(0);
    for (let c = 0; c < n; c++) {
      const at = <usize>c * stride;
      const g = loadColumns<T>(gout + at, width);
      sum = logarithmic ? v128.add<T>(sum, g) : fma<T>(g, loadColumns<T>(out + at, width), sum);
    }
    for (let c = 0; c < n; c++) {
      const at = <usize>c * stride;
      const g = loadColumns<T>(gout + at, width);
      const y = loadColumns<T>(out + at, width);
      const v = logarithmic
        ? v128.sub<T>(g, v128.mul<T>(exp<T>(y), sum))
        : v128.mul<T>(y, v128.sub<T>(g, sum));
      storeColumns<T>(gx + at, v, width);
    }
    i += width;
    gout += <usize>width * sizeof<T>();
    out += <usize>width * sizeof<T>();
    gx += <usize>width * sizeof<T>();
  }
}

/** From the forward's output. gx may be gout. */
export function softmaxBackward<T>(gout: usize, out: usize, gx: usize, outer: i32, n: i32, inner: i32): void {
  const block = <usize>n * <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    if (inner == 1) backwardRow<T>(gout, out, gx, n, false);
    else backwardColumns<T>(gout, out, gx, n, inner, false);
    gout += block;
    out += block;
    gx += block;
  }
}

/** From the forward's output, the log-probabilities. gx may be gout. */
export function logSoftmaxBackward<T>(
  gout: usize,
  out: usize,
  gx: usize,
  outer: i32,
  n: i32,
  inner: i32,
): void {
  const block = <usize>n * <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; o++) {
    if (inner == 1) backwardRow<T>(gout, out, gx, n, true);
    else backwardColumns<T>(gout, out, gx, n, inner, true);
    gout += block;
    out += block;
    gx += block;
  }
}
