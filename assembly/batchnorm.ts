import { fmaOnceScalar, promoteHigh } from './exact';
import { fma, lanes, sumLanes } from './simd';

// x is [N, C, L]. Everything runs channel by channel across the images, so that a channel's second pass finds it in
// cache; channels cBegin..cEnd-1 are done, so that threads split by channel and no result depends on their number.
// As in PyTorch, the statistics of f32 tensors accumulate in f64, each stored quantity is rounded to f32, and the
// running statistics move in f32. (With L = 1 PyTorch accumulates in f32 too, in an order that depends on its threads.)

// @ts-ignore: decorator
@inline
function plane<T>(x: usize, n: i32, c: i32, C: i32, L: i32): usize {
  return x + (<usize>n * <usize>C + <usize>c) * <usize>L * sizeof<T>();
}

function channelSum<T>(x: usize, c: i32, N: i32, C: i32, L: i32): f64 {
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let rest: f64 = 0;
  const body = L & -4;
  for (let n = 0; n < N; n++) {
    let p = plane<T>(x, n, c, C, L);
    const bodyEnd = p + <usize>body * sizeof<T>();
    const end = p + <usize>L * sizeof<T>();
    while (p < bodyEnd) {
      const v = v128.load(p);
      if (sizeof<T>() == 4) {
        a = f64x2.add(a, f64x2.promote_low_f32x4(v));
        b = f64x2.add(b, promoteHigh(v));
      } else {
        a = f64x2.add(a, v);
        b = f64x2.add(b, v128.load(p, 16));
      }
      p += 4 * sizeof<T>();
    }
    while (p < end) {
      rest += <f64>load<T>(p);
      p += sizeof<T>();
    }
  }
  return sumLanes<f64>(f64x2.add(a, b)) + rest;
}

function channelSquares<T>(x: usize, mean: T, c: i32, N: i32, C: i32, L: i32): f64 {
  const m = v128.splat<T>(mean);
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let rest: f64 = 0;
  const body = L & -4;
  for (let n = 0; n < N; n++) {
    let p = plane<T>(x, n, c, C, L);
    const bodyEnd = p + <usize>body * sizeof<T>();
    const end = p + <usize>L * sizeof<T>();
    while (p < bodyEnd) {
      let d = v128.sub<T>(v128.load(p), m);
      d = v128.mul<T>(d, d);
      if (sizeof<T>() == 4) {
        a = f64x2.add(a, f64x2.promote_low_f32x4(d));
        b = f64x2.add(b, promoteHigh(d));
      } else {
        const e = v128.sub<T>(v128.load(p, 16), m);
        a = f64x2.add(a, d);
        b = f64x2.add(b, v128.mul<T>(e, e));
      }
      p += 4 * sizeof<T>();
    }
    while (p < end) {
      const d = <T>(load<T>(p) - mean);
      rest += <f64>(<T>(d * d));
      p += sizeof<T>();
    }
  }
  return sumLanes<f64>(f64x2.add(a, b)) + rest;
}

/** Batch mean and 1/sqrt(biased variance + eps); moves the running statistics (0: none) by the unbiased variance. */
export function batchnormStats<T>(
  x: usize,
  mean: usize,
  invstd: usize,
  runningMean: usize,
  runningVar: usize,
  N: i32,
  C: i32,
  L: i32,
  eps: f64,
  momentum: f64,
  cBegin: i32,
  cEnd: i32,
): void {
  const count = <f64>N * <f64>L;
  const gain = <T>momentum;
  const keep = <T>(<T>1 - gain);
  for (let c = cBegin; c < cEnd; c++) {
    const at = <usize>c * sizeof<T>();
    const m = <T>(channelSum<T>(x, c, N, C, L) / count);
    const squares = <T>channelSquares<T>(x, m, c, N, C, L);
    const biased = <f64>(<T>(squares / <T>count));
    store<T>(mean + at, m);
    store<T>(invstd + at, biased != 0 || eps != 0 ? <T>(1 / sqrt<f64>(biased + eps)) : <T>0);
    if (runningMean) {
      store<T>(runningMean + at, <T>(<T>(gain * m) + <T>(keep * load<T>(runningMean + at))));
    }
    if (runningVar) {
      const unbiased = <T>(squares / <T>(count - 1));
      store<T>(runningVar + at, fmaOnceScalar<T>(gain, unbiased, <T>(keep * load<T>(runningVar + at))));
    }
  }
}

/** 1/sqrt(variance + eps), for evaluation with running statistics. */
export function batchnormInvstd<T>(variance: usize, invstd: usize, C: i32, eps: f64): void {
  for (let c = 0; c < C; c++) {
    const at = <usize>c * sizeof<T>();
    store<T>(invstd + at, <T>(<T>1 / sqrt<T>(<T>(load<T>(variance + at) + <T>eps))));
  }
}

/** out = x·scale + shift with scale = invstd·weight, shift = bias − mean·scale. out may be x. */
export function batchnormForward<T>(
  x: usize,
  mean: usize,
  invstd: usize,
  weight: usize,
  bias: usize,
  out: usize,
  N: i32,
  C: i32,
  L: i32,
  cBegin: i32,
  cEnd: i32,
): void {
  const step = 4 * lanes<T>();
  for (let c = cBegin; c < cEnd; c++) {
    const at = <usize>c * sizeof<T>();
    const scale = <T>(load<T>(invstd + at) * (weight ? load<T>(weight + at) : <T>1));
    const shift = fmaOnceScalar<T>(-load<T>(mean + at), scale, bias ? load<T>(bias + at) : <T>0);
    const s = v128.splat<T>(scale);
    const t = v128.splat<T>(shift);
    for (let n = 0; n < N; n++) {
      let p = plane<T>(x, n, c, C, L);
      let q = plane<T>(out, n, c, C, L);
      let i = 0;
      for (; i <= L - step; i += step) {
        const v0 = fma<T>(v128.load(p), s, t);
        const v1 = fma<T>(v128.load(p, 16), s, t);
        const v2 = fma<T>(v128.load(p, 32), s, t);
        const v3 = fma<T>(v128.load(p, 48), s, t);
        v128.store(q, v0);
        v128.store(q, v1, 16);
        v128.store(q, v2, 32);
        v128.store(q, v3, 48);
        p += 64;
        q += 64;
      }
      for (; i <= L - lanes<T>(); i += lanes<T>()) {
        v128.store(q, fma<T>(v128.load(p), s, t));
        p += 16;
        q += 16;
      }
      for (; i < L; i++) {
        store<T>(q, fmaOnceScalar<T>(load<T>(p), scale, shift));
        p += sizeof<T>();
        q += sizeof<T>();
      }
    }
  }
}

// The two sums of a channel's backward: Σ g and Σ (x − mean)·g.
let sumG: f64 = 0;
let sumGX: f64 = 0;

function channelBackwardSums<T>(g: usize, x: usize, mean: T, c: i32, N: i32, C: i32, L: i32): void {
  const m = v128.splat<T>(mean);
  let a0 = f64x2.splat(0);
  let a1 = f64x2.splat(0);
  let b0 = f64x2.splat(0);
  let b1 = f64x2.splat(0);
  let restG: f64 = 0;
  let restGX: f64 = 0;
  const body = L & -4;
  for (let n = 0; n < N; n++) {
    let p = plane<T>(g, n, c, C, L);
    let q = plane<T>(x, n, c, C, L);
    const bodyEnd = p + <usize>body * sizeof<T>();
    const end = p + <usize>L * sizeof<T>();
    while (p < bodyEnd) {
      const gv = v128.load(p);
      const gx = v128.mul<T>(v128.sub<T>(v128.load(q), m), gv);
      if (sizeof<T>() == 4) {
        a0 = f64x2.add(a0, f64x2.promote_low_f32x4(gv));
        a1 = f64x2.add(a1, promoteHigh(gv));
        b0 = f64x2.add(b0, f64x2.promote_low_f32x4(gx));
        b1 = f64x2.add(b1, promoteHigh(gx));
      } else {
        const gw = v128.load(p, 16);
        a0 = f64x2.add(a0, gv);
        a1 = f64x2.add(a1, gw);
        b0 = f64x2.add(b0, gx);
        b1 = f64x2.add(b1, v128.mul<T>(v128.sub<T>(v128.load(q, 16), m), gw));
      }
      p += 4 * sizeof<T>();
      q += 4 * sizeof<T>();
    }
    while (p < end) {
      const gs = load<T>(p);
      restG += <f64>gs;
      restGX += <f64>(<T>((load<T>(q) - mean) * gs));
      p += sizeof<T>();
      q += sizeof<T>();
    }
  }
  sumG = sumLanes<f64>(f64x2.add(a0, a1)) + restG;
  sumGX = sumLanes<f64>(f64x2.add(b0, b1)) + restGX;
}

/**
 * gx, gweight and gbias are overwritten; 0 for those not wanted. With training the batch's statistics depend on x;
 * without, mean and invstd are constants. gx may be gout.
 */
export function batchnormBackward<T>(
  gout: usize,
  x: usize,
  mean: usize,
  invstd: usize,
  weight: usize,
  gx: usize,
  gweight: usize,
  gbias: usize,
  N: i32,
  C: i32,
  L: i32,
  training: i32,
  cBegin: i32,
  cEnd: i32,
): void {
  const count = <f64>N * <f64>L;
  const sums = training != 0 || gweight != 0 || gbias != 0;
  for (let c = cBegin; c < cEnd; c++) {
    const at = <usize>c * sizeof<T>();
    const m = load<T>(mean + at);
    const r = load<T>(invstd + at);
    const w = weight ? load<T>(weight + at) : <T>1;
    if (sums) channelBackwardSums<T>(gout, x, m, c, N, C, L);
    if (gweight) store<T>(gweight + at, <T>(sumGX * <f64>r));
    if (gbias) store<T>(gbias + at, <T>sumG);
    if (!gx) continue;
    if (training) {
      const k = <T>(<T>(<T>(<T>sumGX * r) * r) / <T>count);
      writeTraining<T>(gout, x, gx, m, k, <T>(sumG / count), r, w, c, N, C, L);
    } else {
      writeEval<T>(gout, gx, r, w, c, N, C, L);
    }
  }
}

// gx = (g − meanG − (x − mean)·k)·invstd·w, the last two products one after the other as in PyTorch.
function writeTraining<T>(
  g: usize,
  x: usize,
  gx: usize,
  mean: T,
  k: T,
  meanG: T,
  r: T,
  w: T,
  c: i32,
  N: i32,
  C: i32,
  L: i32,
): void {
  const mv = v128.splat<T>(mean);
  const nk = v128.splat<T>(-k);
  const gv = v128.splat<T>(meanG);
  const rv = v128.splat<T>(r);
  const wv = v128.splat<T>(w);
  for (let n = 0; n < N; n++) {
    let p = plane<T>(g, n, c, C, L);
    let q = plane<T>(x, n, c, C, L);
    let o = plane<T>(gx, n, c, C, L);
    let i = 0;
    for (; i <= L - 2 * lanes<T>(); i += 2 * lanes<T>()) {
      let u = fma<T>(v128.sub<T>(v128.load(q), mv), nk, v128.sub<T>(v128.load(p), gv));
      let v = fma<T>(v128.sub<T>(v128.load(q, 16), mv), nk, v128.sub<T>(v128.load(p, 16), gv));
      u = v128.mul<T>(v128.mul<T>(u, rv), wv);
      v = v128.mul<T>(v128.mul<T>(v, rv), wv);
      v128.store(o, u);
      v128.store(o, v, 16);
      p += 32;
      q += 32;
      o += 32;
    }
    for (; i < L; i++) {
      const d = fmaOnceScalar<T>(<T>(load<T>(q) - mean), -k, <T>(load<T>(p) - meanG));
      store<T>(o, <T>(<T>(d * r) * w));
      p += sizeof<T>();
      q += sizeof<T>();
      o += sizeof<T>();
    }
  }
}

function writeEval<T>(g: usize, gx: usize, r: T, w: T, c: i32, N: i32, C: i32, L: i32): void {
  const rv = v128.splat<T>(r);
  const wv = v128.splat<T>(w);
  for (let n = 0; n < N; n++) {
    let p = plane<T>(g, n, c, C, L);
    let o = plane<T>(gx, n, c, C, L);
    let i = 0;
    for (; i <= L - lanes<T>(); i += lanes<T>()) {
      v128.store(o, v128.mul<T>(v128.mul<T>(v128.load(p), rv), wv));
      p += 16;
      o += 16;
    }
    for (; i < L; i++) {
      store<T>(o, <T>(<T>(load<T>(p) * r) * w));
      p += sizeof<T>();
      o += sizeof<T>();
    }
  }
}
