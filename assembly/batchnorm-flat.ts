import { demotePair, fmaOnce, promoteHigh, promoteLow } from './exact';
import { fma, lanes } from './simd';

// Batch norm over [N, C] (L = 1): a channel is a column, so vectors run across channels and each cache line of a row is
// read once. Each function does the channels it can and returns the first one left over; sums are taken in the order of
// the general path, so it does not matter which path a channel falls to.

/** Means into `mean`, sums of squared deviations into `squares`. */
export function flatStats<T>(
  x: usize,
  mean: usize,
  squares: usize,
  N: i32,
  C: i32,
  cBegin: i32,
  cEnd: i32,
): i32 {
  const row = <usize>C * sizeof<T>();
  const count = f64x2.splat(<f64>N);
  const zero = f64x2.splat(0);
  let c = cBegin;
  // Four vectors are a cache line; with rows a multiple of 4 KiB apart the lines of a column evict each other.
  for (; c <= cEnd - 4 * lanes<T>(); c += 4 * lanes<T>()) {
    const at = <usize>c * sizeof<T>();
    let a0 = zero;
    let a1 = zero;
    let a2 = zero;
    let a3 = zero;
    let a4 = zero;
    let a5 = zero;
    let a6 = zero;
    let a7 = zero;
    let p = x + at;
    for (let n = 0; n < N; n++) {
      const v0 = v128.load(p);
      const v1 = v128.load(p, 16);
      const v2 = v128.load(p, 32);
      const v3 = v128.load(p, 48);
      a0 = f64x2.add(a0, promoteLow<T>(v0));
      a1 = f64x2.add(a1, promoteHigh<T>(v0));
      a2 = f64x2.add(a2, promoteLow<T>(v1));
      a3 = f64x2.add(a3, promoteHigh<T>(v1));
      a4 = f64x2.add(a4, promoteLow<T>(v2));
      a5 = f64x2.add(a5, promoteHigh<T>(v2));
      a6 = f64x2.add(a6, promoteLow<T>(v3));
      a7 = f64x2.add(a7, promoteHigh<T>(v3));
      p += row;
    }
    const m0 = demotePair<T>(f64x2.div(a0, count), f64x2.div(a1, count));
    const m1 = demotePair<T>(f64x2.div(a2, count), f64x2.div(a3, count));
    const m2 = demotePair<T>(f64x2.div(a4, count), f64x2.div(a5, count));
    const m3 = demotePair<T>(f64x2.div(a6, count), f64x2.div(a7, count));
    v128.store(mean + at, m0);
    v128.store(mean + at, m1, 16);
    v128.store(mean + at, m2, 32);
    v128.store(mean + at, m3, 48);
    a0 = zero;
    a1 = zero;
    a2 = zero;
    a3 = zero;
    a4 = zero;
    a5 = zero;
    a6 = zero;
    a7 = zero;
    p = x + at;
    for (let n = 0; n < N; n++) {
      const v0 = square<T>(v128.load(p), m0);
      const v1 = square<T>(v128.load(p, 16), m1);
      const v2 = square<T>(v128.load(p, 32), m2);
      const v3 = square<T>(v128.load(p, 48), m3);
      a0 = f64x2.add(a0, promoteLow<T>(v0));
      a1 = f64x2.add(a1, promoteHigh<T>(v0));
      a2 = f64x2.add(a2, promoteLow<T>(v1));
      a3 = f64x2.add(a3, promoteHigh<T>(v1));
      a4 = f64x2.add(a4, promoteLow<T>(v2));
      a5 = f64x2.add(a5, promoteHigh<T>(v2));
      a6 = f64x2.add(a6, promoteLow<T>(v3));
      a7 = f64x2.add(a7, promoteHigh<T>(v3));
      p += row;
    }
    v128.store(squares + at, demotePair<T>(a0, a1));
    v128.store(squares + at, demotePair<T>(a2, a3), 16);
    v128.store(squares + at, demotePair<T>(a4, a5), 32);
    v128.store(squares + at, demotePair<T>(a6, a7), 48);
  }
  return c;
}

// @ts-ignore: decorator
@inline
function square<T>(x: v128, mean: v128): v128 {
  const d = v128.sub<T>(x, mean);
  return v128.mul<T>(d, d);
}

export function flatForward<T>(
  x: usize,
  mean: usize,
  invstd: usize,
  weight: usize,
  bias: usize,
  out: usize,
  N: i32,
  C: i32,
  cBegin: i32,
  cEnd: i32,
): i32 {
  const row = <usize>C * sizeof<T>();
  const left = (cEnd - cBegin) % lanes<T>();
  const begin = <usize>cBegin * sizeof<T>();
  const end = <usize>(cEnd - left) * sizeof<T>();
  const one = v128.splat<T>(1);
  const zero = v128.splat<T>(0);
  for (let n = 0; n < N; n++) {
    for (let at = begin; at < end; at += 16) {
      const scale = v128.mul<T>(v128.load(invstd + at), weight ? v128.load(weight + at) : one);
      const shift = fmaOnce<T>(v128.neg<T>(v128.load(mean + at)), scale, bias ? v128.load(bias + at) : zero);
      v128.store(out + at, fma<T>(v128.load(x + at), scale, shift));
    }
    x += row;
    out += row;
  }
  return cEnd - left;
}

export function flatBackward<T>(
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
  training: i32,
  cBegin: i32,
  cEnd: i32,
): i32 {
  const row = <usize>C * sizeof<T>();
  const zero = f64x2.splat(0);
  let c = cBegin;
  for (; c <= cEnd - 4 * lanes<T>(); c += 4 * lanes<T>()) {
    const at = <usize>c * sizeof<T>();
    // Two passes of eight accumulators each: sixteen and the operands would not fit the registers.
    let a0 = zero;
    let a1 = zero;
    let a2 = zero;
    let a3 = zero;
    let a4 = zero;
    let a5 = zero;
    let a6 = zero;
    let a7 = zero;
    let p = gout + at;
    for (let n = 0; n < N; n++) {
      const g0 = v128.load(p);
      const g1 = v128.load(p, 16);
      const g2 = v128.load(p, 32);
      const g3 = v128.load(p, 48);
      a0 = f64x2.add(a0, promoteLow<T>(g0));
      a1 = f64x2.add(a1, promoteHigh<T>(g0));
      a2 = f64x2.add(a2, promoteLow<T>(g1));
      a3 = f64x2.add(a3, promoteHigh<T>(g1));
      a4 = f64x2.add(a4, promoteLow<T>(g2));
      a5 = f64x2.add(a5, promoteHigh<T>(g2));
      a6 = f64x2.add(a6, promoteLow<T>(g3));
      a7 = f64x2.add(a7, promoteHigh<T>(g3));
      p += row;
    }
    const s0 = demotePair<T>(a0, a1);
    const s1 = demotePair<T>(a2, a3);
    const s2 = demotePair<T>(a4, a5);
    const s3 = demotePair<T>(a6, a7);
    if (gbias) {
      v128.store(gbias + at, s0);
      v128.store(gbias + at, s1, 16);
      v128.store(gbias + at, s2, 32);
      v128.store(gbias + at, s3, 48);
    }
    const g0 = mean64<T>(a0, a1, N);
    const g1 = mean64<T>(a2, a3, N);
    const g2 = mean64<T>(a4, a5, N);
    const g3 = mean64<T>(a6, a7, N);
    a0 = zero;
    a1 = zero;
    a2 = zero;
    a3 = zero;
    a4 = zero;
    a5 = zero;
    a6 = zero;
    a7 = zero;
    p = gout + at;
    let q = x + at;
    for (let n = 0; n < N; n++) {
      const t0 = v128.mul<T>(v128.sub<T>(v128.load(q), v128.load(mean + at)), v128.load(p));
      const t1 = v128.mul<T>(v128.sub<T>(v128.load(q, 16), v128.load(mean + at, 16)), v128.load(p, 16));
      const t2 = v128.mul<T>(v128.sub<T>(v128.load(q, 32), v128.load(mean + at, 32)), v128.load(p, 32));
      const t3 = v128.mul<T>(v128.sub<T>(v128.load(q, 48), v128.load(mean + at, 48)), v128.load(p, 48));
      a0 = f64x2.add(a0, promoteLow<T>(t0));
      a1 = f64x2.add(a1, promoteHigh<T>(t0));
      a2 = f64x2.add(a2, promoteLow<T>(t1));
      a3 = f64x2.add(a3, promoteHigh<T>(t1));
      a4 = f64x2.add(a4, promoteLow<T>(t2));
      a5 = f64x2.add(a5, promoteHigh<T>(t2));
      a6 = f64x2.add(a6, promoteLow<T>(t3));
      a7 = f64x2.add(a7, promoteHigh<T>(t3));
      p += row;
      q += row;
    }
    if (gweight) {
      v128.store(gweight + at, scaled<T>(a0, a1, invstd + at));
      v128.store(gweight + at, scaled<T>(a2, a3, invstd + at + 16), 16);
      v128.store(gweight + at, scaled<T>(a4, a5, invstd + at + 32), 32);
      v128.store(gweight + at, scaled<T>(a6, a7, invstd + at + 48), 48);
    }
    if (!gx) continue;
    const k0 = projection<T>(a0, a1, invstd + at, N);
    const k1 = projection<T>(a2, a3, invstd + at + 16, N);
    const k2 = projection<T>(a4, a5, invstd + at + 32, N);
    const k3 = projection<T>(a6, a7, invstd + at + 48, N);
    p = gout + at;
    q = x + at;
    let o = gx + at;
    const m = mean + at;
    const r = invstd + at;
    const w = weight ? weight + at : 0;
    for (let n = 0; n < N; n++) {
      v128.store(o, gradient<T>(p, q, m, r, w, g0, k0, training));
      v128.store(o, gradient<T>(p + 16, q + 16, m + 16, r + 16, w ? w + 16 : 0, g1, k1, training), 16);
      v128.store(o, gradient<T>(p + 32, q + 32, m + 32, r + 32, w ? w + 32 : 0, g2, k2, training), 32);
      v128.store(o, gradient<T>(p + 48, q + 48, m + 48, r + 48, w ? w + 48 : 0, g3, k3, training), 48);
      p += row;
      q += row;
      o += row;
    }
  }
  return c;
}

// @ts-ignore: decorator
@inline
function mean64<T>(lo: v128, hi: v128, N: i32): v128 {
  const count = f64x2.splat(<f64>N);
  return demotePair<T>(f64x2.div(lo, count), f64x2.div(hi, count));
}

// @ts-ignore: decorator
@inline
function scaled<T>(lo: v128, hi: v128, invstd: usize): v128 {
  const r = v128.load(invstd);
  return demotePair<T>(f64x2.mul(lo, promoteLow<T>(r)), f64x2.mul(hi, promoteHigh<T>(r)));
}

// −Σ (x − mean)·g · invstd² / N
// @ts-ignore: decorator
@inline
function projection<T>(lo: v128, hi: v128, invstd: usize, N: i32): v128 {
  const r = v128.load(invstd);
  const p = v128.mul<T>(v128.mul<T>(demotePair<T>(lo, hi), r), r);
  return v128.neg<T>(v128.div<T>(p, v128.splat<T>(<T>N)));
}

// @ts-ignore: decorator
@inline
function gradient<T>(
  g: usize,
  x: usize,
  mean: usize,
  invstd: usize,
  weight: usize,
  meanG: v128,
  k: v128,
  training: i32,
): v128 {
  let d = v128.load(g);
  if (training) d = fma<T>(v128.sub<T>(v128.load(x), v128.load(mean)), k, v128.sub<T>(d, meanG));
  d = v128.mul<T>(d, v128.load(invstd));
  return weight ? v128.mul<T>(d, v128.load(weight)) : d;
}
