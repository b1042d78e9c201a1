import {
  columnExpSum,
  columnMax,
  columnWidth,
  lane0,
  loadColumns,
  logScalar,
  rowExpSum,
  rowMax,
  storeColumns,
} from './softmax';
import { lanes } from './simd';
import { exp, log } from './vecmath';

// Class-index losses over [N, C, inner] with int64 targets [N, inner]. Reductions as PyTorch numbers them.
const NONE: i32 = 0;
const MEAN: i32 = 1;

/** 0, or 1 + the index of the first target that is neither ignored nor a class. */
export function firstBadTarget(target: usize, count: i32, C: i32, ignoreIndex: f64): i32 {
  const ignore = <i64>ignoreIndex;
  for (let i = 0; i < count; i++) {
    const t = load<i64>(target + ((<usize>i) << 3));
    if (t != ignore && (t < 0 || t >= <i64>C)) return i + 1;
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function classWeight<T>(weight: usize, t: usize): T {
  return weight ? load<T>(weight + t * sizeof<T>()) : <T>1;
}

/**
 * out: [N, inner] losses (none) or the one reduced value; totalWeight (one T): Σ w[target] over what is not ignored.
 * Returns firstBadTarget's answer, with nothing written if that is not 0.
 */
export function nllForward<T>(
  logp: usize,
  target: usize,
  weight: usize,
  out: usize,
  totalWeight: usize,
  N: i32,
  C: i32,
  inner: i32,
  ignoreIndex: f64,
  reduction: i32,
): i32 {
  const bad = firstBadTarget(target, N * inner, C, ignoreIndex);
  if (bad) return bad;
  const ignore = <i64>ignoreIndex;
  let total: f64 = 0;
  let totalW: f64 = 0;
  for (let n = 0; n < N; n++) {
    for (let i = 0; i < inner; i++) {
      const t = load<i64>(target);
      target += 8;
      let loss: T = 0;
      if (t != ignore) {
        const w = classWeight<T>(weight, <usize>t);
        loss = <T>(-load<T>(logp + (<usize>t * <usize>inner + <usize>i) * sizeof<T>()) * w);
        total += <f64>loss;
        totalW += <f64>w;
      }
      if (reduction == NONE) {
        store<T>(out, loss);
        out += sizeof<T>();
      }
    }
    logp += <usize>C * <usize>inner * sizeof<T>();
  }
  if (reduction != NONE) store<T>(out, reduction == MEAN ? <T>(total / totalW) : <T>total);
  store<T>(totalWeight, <T>totalW);
  return 0;
}

/** gx is overwritten. gout: [N, inner] (none) or one value. */
export function nllBackward<T>(
  gout: usize,
  target: usize,
  weight: usize,
  totalWeight: usize,
  gx: usize,
  N: i32,
  C: i32,
  inner: i32,
  ignoreIndex: f64,
  reduction: i32,
): void {
  const ignore = <i64>ignoreIndex;
  memory.fill(gx, 0, <usize>N * <usize>C * <usize>inner * sizeof<T>());
  for (let n = 0; n < N; n++) {
    for (let i = 0; i < inner; i++) {
      const t = load<i64>(target);
      target += 8;
      if (t != ignore) {
        let g = load<T>(gout);
        if (reduction == MEAN) g = <T>(g / load<T>(totalWeight));
        store<T>(
          gx + (<usize>t * <usize>inner + <usize>i) * sizeof<T>(),
          <T>(-classWeight<T>(weight, <usize>t) * g),
        );
      }
      if (reduction == NONE) gout += sizeof<T>();
    }
    gx += <usize>C * <usize>inner * sizeof<T>();
  }
}

// Σ_c w[c]·(−log p[c]) of one position.
// @ts-ignore: decorator
@inline
function smoothLoss<T>(x: usize, stride: usize, weight: usize, C: i32, m: T, logSum: T): f64 {
  let s: f64 = 0;
  for (let c = 0; c < C; c++) {
    const lp = <T>(<T>(load<T>(x + <usize>c * stride) - m) - logSum);
    s -= <f64>lp * <f64>classWeight<T>(weight, <usize>c);
  }
  return s;
}

/**
 * Log-softmax and negative log-likelihood in one go. stats [N, 2, inner] keeps each position's maximum and
 * log Σ exp(x − max) for the backward; the rest as for nllForward. As in PyTorch, the smoothing term is weighted by
 * class while the mean divides by Σ w[target].
 */
export function crossEntropyForward<T>(
  x: usize,
  target: usize,
  weight: usize,
  stats: usize,
  out: usize,
  totalWeight: usize,
  N: i32,
  C: i32,
  inner: i32,
  ignoreIndex: f64,
  reduction: i32,
  labelSmoothing: f64,
): i32 {
  const bad = firstBadTarget(target, N * inner, C, ignoreIndex);
  if (bad) return bad;
  const ignore = <i64>ignoreIndex;
  const stride = <usize>inner * sizeof<T>();
  let total: f64 = 0;
  let totalW: f64 = 0;
  for (let n = 0; n < N; n++) {
    positionStats<T>(x, stats, C, inner);
    for (let i = 0; i < inner; i++) {
      const t = load<i64>(target);
      target += 8;
      const at = <usize>i * sizeof<T>();
      let loss: f64 = 0;
      if (t != ignore) {
        const m = load<T>(stats + at);
        const logSum = load<T>(stats + stride + at);
        const w = <f64>classWeight<T>(weight, <usize>t);
        loss = -(<f64>(<T>(<T>(load<T>(x + at + <usize>t * stride) - m) - logSum))) * w;
        if (labelSmoothing > 0) {
          loss =
            (1 - labelSmoothing) * loss +
            (labelSmoothing / <f64>C) * smoothLoss<T>(x + at, stride, weight, C, m, logSum);
        }
        total += loss;
        totalW += w;
      }
      if (reduction == NONE) {
        store<T>(out, <T>loss);
        out += sizeof<T>();
      }
    }
    x += <usize>C * stride;
    stats += 2 * stride;
  }
  if (reduction != NONE) store<T>(out, reduction == MEAN ? <T>(total / totalW) : <T>total);
  store<T>(totalWeight, <T>totalW);
  return 0;
}

function positionStats<T>(x: usize, stats: usize, C: i32, inner: i32): void {
  const stride = <usize>inner * sizeof<T>();
  if (inner == 1) {
    const m = rowMax<T>(x, C);
    store<T>(stats, m);
    store<T>(stats + stride, logScalar<T>(rowExpSum<T>(x, 0, C, m)));
    return;
  }
  for (let i = 0; i < inner;) {
    const width = columnWidth<T>(i, inner);
    const at = <usize>i * sizeof<T>();
    const m = columnMax<T>(x + at, C, stride, width);
    storeColumns<T>(stats + at, m, width);
    storeColumns<T>(stats + stride + at, log<T>(columnExpSum<T>(x + at, C, stride, width, m)), width);
    i += width;
  }
}

// One position's incoming gradient, divided by Σ w[target] for the mean; 0 if the position is ignored.
// @ts-ignore: decorator
@inline
function positionGradient<T>(
  gout: usize,
  target: usize,
  totalWeight: usize,
  i: i32,
  ignore: i64,
  reduction: i32,
): f64 {
  if (load<i64>(target + ((<usize>i) << 3)) == ignore) return 0;
  if (reduction == NONE) return <f64>load<T>(gout + <usize>i * sizeof<T>());
  return reduction == MEAN ? <f64>load<T>(gout) / <f64>load<T>(totalWeight) : <f64>load<T>(gout);
}

// The weight of position i's class, 0 if it is ignored.
// @ts-ignore: decorator
@inline
function targetWeight<T>(target: usize, weight: usize, i: i32, ignore: i64): f64 {
  const t = load<i64>(target + ((<usize>i) << 3));
  return t == ignore ? 0 : <f64>classWeight<T>(weight, <usize>t);
}

/**
 * gx = p·A − B·w[c] − (1 − ε)·k·w[t]·[c = t], where k is the position's incoming gradient (over Σ w[target] for the mean),
 * A = k·((1 − ε)·w[t] + ε/C·Σ w), B = k·ε/C. gx is overwritten and may be x.
 */
export function crossEntropyBackward<T>(
  gout: usize,
  x: usize,
  target: usize,
  weight: usize,
  stats: usize,
  totalWeight: usize,
  gx: usize,
  N: i32,
  C: i32,
  inner: i32,
  ignoreIndex: f64,
  reduction: i32,
  labelSmoothing: f64,
): void {
  const ignore = <i64>ignoreIndex;
  const stride = <usize>inner * sizeof<T>();
  const keep = 1 - labelSmoothing;
  const share = labelSmoothing / <f64>C;
  let weights: f64 = 0;
  for (let c = 0; c < C; c++) weights += <f64>classWeight<T>(weight, <usize>c);
  for (let n = 0; n < N; n++) {
    for (let i = 0; i < inner;) {
      const width = columnWidth<T>(i, inner);
      const at = <usize>i * sizeof<T>();
      const m = loadColumns<T>(stats + at, width);
      const logSum = loadColumns<T>(stats + stride + at, width);
      // A and B of the group's positions, by way of the lanes of two vectors.
      let a = v128.splat<T>(0);
      let b = a;
      for (let j = width - 1; j >= 0; j--) {
        const k = positionGradient<T>(gout, target, totalWeight, i + j, ignore, reduction);
        const w = targetWeight<T>(target, weight, i + j, ignore);
        a = pushLane<T>(a, <T>(k * (keep * w + share * weights)));
        b = pushLane<T>(b, <T>(k * share));
      }
      let c = 0;
      if (inner == 1) {
        c = backwardRow<T>(
          x,
          gx,
          weight,
          C,
          spreadLane<T>(m),
          spreadLane<T>(logSum),
          spreadLane<T>(a),
          spreadLane<T>(b),
        );
      }
      for (; c < C; c++) {
        const place = at + <usize>c * stride;
        const p = exp<T>(v128.sub<T>(v128.sub<T>(loadColumns<T>(x + place, width), m), logSum));
        const w = v128.splat<T>(classWeight<T>(weight, <usize>c));
        storeColumns<T>(gx + place, v128.sub<T>(v128.mul<T>(p, a), v128.mul<T>(b, w)), width);
      }
      for (let j = 0; j < width; j++) {
        const t = load<i64>(target + ((<usize>(i + j)) << 3));
        if (t == ignore) continue;
        const k = positionGradient<T>(gout, target, totalWeight, i + j, ignore, reduction);
        const spot = gx + at + <usize>j * sizeof<T>() + <usize>t * stride;
        store<T>(spot, <T>(load<T>(spot) - <T>(keep * k * <f64>classWeight<T>(weight, <usize>t))));
      }
      i += width;
    }
    if (reduction == NONE) gout += stride;
    target += (<usize>inner) << 3;
    x += <usize>C * stride;
    gx += <usize>C * stride;
    stats += 2 * stride;
  }
}

// v moved up by a lane, with `value` in lane 0.
// @ts-ignore: decorator
@inline
function pushLane<T>(v: v128, value: T): v128 {
  const s = v128.splat<T>(value);
  return sizeof<T>() == 4 ? v128.shuffle<i32>(s, v, 0, 4, 5, 6) : v128.shuffle<i64>(s, v, 0, 2);
}

// @ts-ignore: decorator
@inline
function spreadLane<T>(v: v128): v128 {
  return v128.splat<T>(lane0<T>(v));
}

// The whole vectors of a row; returns the first class left over.
function backwardRow<T>(
  x: usize,
  gx: usize,
  weight: usize,
  C: i32,
  m: v128,
  logSum: v128,
  a: v128,
  b: v128,
): i32 {
  let c = 0;
  for (; c <= C - lanes<T>(); c += lanes<T>()) {
    const at = <usize>c * sizeof<T>();
    const p = exp<T>(v128.sub<T>(v128.sub<T>(v128.load(x + at), m), logSum));
    const w = weight ? v128.mul<T>(b, v128.load(weight + at)) : b;
    v128.store(gx + at, v128.sub<T>(v128.mul<T>(p, a), w));
  }
  return c;
}
