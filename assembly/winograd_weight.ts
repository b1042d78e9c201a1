// The kernels of Winograd's algorithm (winograd.ts): u = G·w·Gᵀ, as many at a time as a vector has lanes.

import { lanes } from './simd';
import { partsOf, sideOf } from './winograd_tile';

/** What the parts of an operand are set apart by: a power of two apart, their lines would share a few places in the cache. */
// @ts-ignore: decorator
@inline
export const APART: usize = 64;

/** Bytes of a row of K transformed kernels: whole vectors. */
// @ts-ignore: decorator
@inline
export function kernelRow<T>(K: i32): usize {
  return ((<usize>K * sizeof<T>() + 15) / 16) * 16;
}

/** Bytes from one part of u[parts, M, K] to the next. */
// @ts-ignore: decorator
@inline
export function kernelPart<T>(M: i32, K: i32): usize {
  return <usize>M * kernelRow<T>(K) + APART;
}

/** Bytes of u. */
export function winogradWeightBytes<T, F>(M: i32, K: i32): usize {
  return <usize>partsOf<F>() * kernelPart<T>(M, K);
}

/** Bytes of `ws` for transformRows and winogradWeight: half transformed kernels, and kernels for lanes that have none. */
export function kernelSpace<F>(): i32 {
  return 3 * sideOf<F>() * 16 + 9 * 16;
}

/** Four lanes from four places, or two from the first two. */
// @ts-ignore: decorator
@inline
function gather<T>(s0: usize, s1: usize, s2: usize, s3: usize): v128 {
  const v = v128.load_lane<T>(s1, v128.load_splat<T>(s0), 1);
  if (sizeof<T>() == 8) return v;
  return v128.load_lane<T>(s3, v128.load_lane<T>(s2, v, 2), 3);
}

// Lanes 0 and 1, or 2 and 3, of two vectors of four, one after the other; of two vectors of two lanes 0, or 1.
// @ts-ignore: decorator
@inline
function zipLow<T>(a: v128, b: v128): v128 {
  return sizeof<T>() == 8 ? v128.shuffle<f64>(a, b, 0, 2) : v128.shuffle<f32>(a, b, 0, 4, 1, 5);
}

// @ts-ignore: decorator
@inline
function zipHigh<T>(a: v128, b: v128): v128 {
  return sizeof<T>() == 8 ? v128.shuffle<f64>(a, b, 1, 3) : v128.shuffle<f32>(a, b, 2, 6, 3, 7);
}

/** A kernel for each lane, `step` bytes apart (`turned`: turned round), to parts `part` bytes apart. */
function transformKernels<T, F>(
  w: usize,
  step: usize,
  turned: bool,
  dst: usize,
  part: usize,
  lines: usize,
): void {
  const w1 = w + step;
  const w2 = w1 + step;
  const w3 = w2 + step;
  let t0: v128;
  let t1: v128;
  let t2: v128;
  let t3: v128;
  let t4: v128;
  let t5: v128;
  let t6: v128;
  let t7: v128;
  if (sizeof<T>() == 8) {
    t0 = zipLow<T>(v128.load(w), v128.load(w1));
    t1 = zipHigh<T>(v128.load(w), v128.load(w1));
    t2 = zipLow<T>(v128.load(w, 16), v128.load(w1, 16));
    t3 = zipHigh<T>(v128.load(w, 16), v128.load(w1, 16));
    t4 = zipLow<T>(v128.load(w, 32), v128.load(w1, 32));
    t5 = zipHigh<T>(v128.load(w, 32), v128.load(w1, 32));
    t6 = zipLow<T>(v128.load(w, 48), v128.load(w1, 48));
    t7 = zipHigh<T>(v128.load(w, 48), v128.load(w1, 48));
  } else {
    const low = zipLow<T>(v128.load(w), v128.load(w1));
    const lowNext = zipLow<T>(v128.load(w2), v128.load(w3));
    const high = zipHigh<T>(v128.load(w), v128.load(w1));
    const highNext = zipHigh<T>(v128.load(w2), v128.load(w3));
    t0 = v128.shuffle<f64>(low, lowNext, 0, 2);
    t1 = v128.shuffle<f64>(low, lowNext, 1, 3);
    t2 = v128.shuffle<f64>(high, highNext, 0, 2);
    t3 = v128.shuffle<f64>(high, highNext, 1, 3);
    const low4 = zipLow<T>(v128.load(w, 16), v128.load(w1, 16));
    const low4Next = zipLow<T>(v128.load(w2, 16), v128.load(w3, 16));
    const high4 = zipHigh<T>(v128.load(w, 16), v128.load(w1, 16));
    const high4Next = zipHigh<T>(v128.load(w2, 16), v128.load(w3, 16));
    t4 = v128.shuffle<f64>(low4, low4Next, 0, 2);
    t5 = v128.shuffle<f64>(low4, low4Next, 1, 3);
    t6 = v128.shuffle<f64>(high4, high4Next, 0, 2);
    t7 = v128.shuffle<f64>(high4, high4Next, 1, 3);
  }
  const end = 8 * sizeof<T>();
  const t8 = gather<T>(w + end, w1 + end, w2 + end, w3 + end);
  if (turned) changetype<F>(0).kernel<T>(t8, t7, t6, t5, t4, t3, t2, t1, t0, dst, part, lines);
  else changetype<F>(0).kernel<T>(t0, t1, t2, t3, t4, t5, t6, t7, t8, dst, part, lines);
}

/**
 * Rows of K kernels to rows of every part: row m begins at w + m·stepM, its kernels are stepK bytes apart (`turned`: turned round).
 */
export function transformRows<T, F>(
  w: usize,
  stepM: usize,
  stepK: usize,
  turned: bool,
  M: i32,
  K: i32,
  u: usize,
  part: usize,
  ws: usize,
): void {
  const L = lanes<T>();
  const spare = ws + <usize>(3 * sideOf<F>()) * 16;
  const kernel: usize = 9 * sizeof<T>();
  for (let m = 0; m < M; m++, w += stepM, u += kernelRow<T>(K)) {
    let s = w;
    let d = u;
    let k = 0;
    for (; k + L <= K; k += L, d += 16, s += <usize>L * stepK) {
      transformKernels<T, F>(s, stepK, turned, d, part, ws);
    }
    if (k == K) continue;
    memory.fill(spare, 0, <usize>L * kernel);
    for (let at = spare; k < K; k++, s += stepK, at += kernel) memory.copy(at, s, kernel);
    transformKernels<T, F>(spare, kernel, turned, d, part, ws);
  }
}

/**
 * u[parts, M, K] from w[O, C, 3, 3]: M, K = O, C for the convolution itself; `turned`: M, K = C, O and the kernel turned round,
 * for the gradient by the input.
 */
export function winogradWeight<T, F>(w: usize, u: usize, O: i32, C: i32, turned: bool, ws: usize): void {
  const kernel: usize = 9 * sizeof<T>();
  const image = <usize>C * kernel;
  if (turned) transformRows<T, F>(w, kernel, image, true, C, O, u, kernelPart<T>(C, O), ws);
  else transformRows<T, F>(w, image, kernel, false, O, C, u, kernelPart<T>(O, C), ws);
}
