import { flatBackward, flatForward, flatStats } from './batchnorm-flat';
import { fmaOnceScalar, promoteHigh, promoteLow } from './exact';
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
  return deviations<T>(x, 0, false, c, N, C, L);
}

// Σ x of a channel, or Σ (x − mean)² with each square rounded to T, in eight chains that hide the additions' latency.
// @ts-ignore: decorator
@inline
function deviations<T>(x: usize, mean: T, squared: bool, c: i32, N: i32, C: i32, L: i32): f64 {
  const m = v128.splat<T>(mean);
  let a0 = f64x2.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let a4 = a0;
  let a5 = a0;
  let a6 = a0;
  let a7 = a0;
  let rest: f64 = 0;
  const whole = <usize>(L / (4 * lanes<T>())) * 64;
  const single = <usize>(L / lanes<T>()) * 16;
  for (let n = 0; n < N; n++) {
    let p = plane<T>(x, n, c, C, L);
    const wholeEnd = p + whole;
    const singleEnd = p + single;
    const end = p + <usize>L * sizeof<T>();
    while (p < wholeEnd) {
      const v0 = term<T>(v128.load(p), m, squared);
      const v1 = term<T>(v128.load(p, 16), m, squared);
      const v2 = term<T>(v128.load(p, 32), m, squared);
      const v3 = term<T>(v128.load(p, 48), m, squared);
      a0 = f64x2.add(a0, promoteLow<T>(v0));
      a1 = f64x2.add(a1, promoteLow<T>(v1));
      a2 = f64x2.add(a2, promoteLow<T>(v2));
      a3 = f64x2.add(a3, promoteLow<T>(v3));
      if (sizeof<T>() == 4) {
        a4 = f64x2.add(a4, promoteHigh<T>(v0));
        a5 = f64x2.add(a5, promoteHigh<T>(v1));
        a6 = f64x2.add(a6, promoteHigh<T>(v2));
        a7 = f64x2.add(a7, promoteHigh<T>(v3));
      }
      p += 64;
    }
    while (p < singleEnd) {
      const v = term<T>(v128.load(p), m, squared);
      a0 = f64x2.add(a0, promoteLow<T>(v));
      if (sizeof<T>() == 4) a4 = f64x2.add(a4, promoteHigh<T>(v));
      p += 16;
    }
    while (p < end) {
      const d = <T>(load<T>(p) - mean);
      rest += squared ? <f64>(<T>(d * d)) : <f64>d;
      p += sizeof<T>();
    }
  }
  a0 = f64x2.add(f64x2.add(a0, a1), f64x2.add(a2, a3));
  if (sizeof<T>() == 4) a0 = f64x2.add(a0, f64x2.add(f64x2.add(a4, a5), f64x2.add(a6, a7)));
  return sumLanes<f64>(a0) + rest;
}

// @ts-ignore: decorator
@inline
function term<T>(x: v128, mean: v128, squared: bool): v128 {
  if (!squared) return x;
  const d = v128.sub<T>(x, mean);
  return v128.mul<T>(d, d);
}

function channelSquares<T>(x: usize, mean: T, c: i32, N: i32, C: i32, L: i32): f64 {
  return deviations<T>(x, mean, true, c, N, C, L);
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
  // invstd holds the sums of squares until the second loop.
  for (let c = L == 1 ? flatStats<T>(x, mean, invstd, N, C, cBegin, cEnd) : cBegin; c < cEnd; c++) {
    const at = <usize>c * sizeof<T>();
    const m = <T>(channelSum<T>(x, c, N, C, L) / count);
    store<T>(mean + at, m);
    store<T>(invstd + at, <T>channelSquares<T>(x, m, c, N, C, L));
  }
  const gain = <T>momentum;
  const keep = <T>(<T>1 - gain);
  for (let c = cBegin; c < cEnd; c++) {
    const at = <usize>c * sizeof<T>();
    const squares = load<T>(invstd + at);
    const biased = <f64>(<T>(squares / <T>count));
    store<T>(invstd + at, biased != 0 || eps != 0 ? <T>(1 / sqrt<f64>(biased + eps)) : <T>0);
    if (runningMean) {
      const moved = <T>(gain * load<T>(mean + at));
      store<T>(runningMean + at, <T>(moved + <T>(keep * load<T>(runningMean + at))));
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

/**
 * scale = weight / √(variance + eps) and shift = bias + (start − mean)·scale of what starts from `start`, rounded once. A weight, bias or
 * start of 0 is none.
 */
export function batchnormFold<T>(
  mean: usize,
  variance: usize,
  weight: usize,
  bias: usize,
  start: usize,
  scale: usize,
  shift: usize,
  C: i32,
  eps: f64,
): void {
  batchnormInvstd<T>(variance, scale, C, eps);
  for (let at: usize = 0; at < <usize>C * sizeof<T>(); at += sizeof<T>()) {
    const gain = <f64>load<T>(scale + at) * (weight == 0 ? 1 : <f64>load<T>(weight + at));
    const from = (start == 0 ? 0 : <f64>load<T>(start + at)) - <f64>load<T>(mean + at);
    store<T>(scale + at, <T>gain);
    store<T>(shift + at, <T>((bias == 0 ? 0 : <f64>load<T>(bias + at)) + from * gain));
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
  const first = L == 1 ? flatForward<T>(x, mean, invstd, weight, bias, out, N, C, cBegin, cEnd) : cBegin;
  for (let c = first; c < cEnd; c++) {
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
        store<T>(q, fmaScalar<T>(load<T>(p), scale, shift));
        p += sizeof<T>();
        q += sizeof<T>();
      }
    }
  }
}

// The vector form's rounding, whichever it is in this build, so that no element depends on how the work was cut.
// @ts-ignore: decorator
@inline
function fmaScalar<T>(a: T, b: T, c: T): T {
  const v = fma<T>(v128.splat<T>(a), v128.splat<T>(b), v128.splat<T>(c));
  return sizeof<T>() == 4 ? <T>f32x4.extract_lane(v, 0) : <T>f64x2.extract_lane(v, 0);
}

// The two sums of a channel's backward: Σ g and Σ (x − mean)·g.
let sumG: f64 = 0;
let sumGX: f64 = 0;

function channelBackwardSums<T>(g: usize, x: usize, mean: T, c: i32, N: i32, C: i32, L: i32): void {
  const m = v128.splat<T>(mean);
  let a0 = f64x2.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  let restG: f64 = 0;
  let restGX: f64 = 0;
  const whole = <usize>(L / (2 * lanes<T>())) * 32;
  const span = <usize>L * sizeof<T>();
  for (let n = 0; n < N; n++) {
    let p = plane<T>(g, n, c, C, L);
    let q = plane<T>(x, n, c, C, L);
    const wholeEnd = p + whole;
    const end = p + span;
    while (p < wholeEnd) {
      const g0 = v128.load(p);
      const g1 = v128.load(p, 16);
      const t0 = v128.mul<T>(v128.sub<T>(v128.load(q), m), g0);
      const t1 = v128.mul<T>(v128.sub<T>(v128.load(q, 16), m), g1);
      a0 = f64x2.add(a0, promoteLow<T>(g0));
      a1 = f64x2.add(a1, promoteLow<T>(g1));
      b0 = f64x2.add(b0, promoteLow<T>(t0));
      b1 = f64x2.add(b1, promoteLow<T>(t1));
      if (sizeof<T>() == 4) {
        a2 = f64x2.add(a2, promoteHigh<T>(g0));
        a3 = f64x2.add(a3, promoteHigh<T>(g1));
        b2 = f64x2.add(b2, promoteHigh<T>(t0));
        b3 = f64x2.add(b3, promoteHigh<T>(t1));
      }
      p += 32;
      q += 32;
    }
    while (p < end) {
      const gs = load<T>(p);
      restG += <f64>gs;
      restGX += <f64>(<T>((load<T>(q) - mean) * gs));
      p += sizeof<T>();
      q += sizeof<T>();
    }
  }
  sumG = sumLanes<f64>(f64x2.add(f64x2.add(a0, a1), f64x2.add(a2, a3))) + restG;
  sumGX = sumLanes<f64>(f64x2.add(f64x2.add(b0, b1), f64x2.add(b2, b3))) + restGX;
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
  const first =
    L == 1
      ? flatBackward<T>(gout, x, mean, invstd, weight, gx, gweight, gbias, N, C, training, cBegin, cEnd)
      : cBegin;
  for (let c = first; c < cEnd; c++) {
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
      const d = fmaScalar<T>(<T>(load<T>(q) - mean), -k, <T>(load<T>(p) - meanG));
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
