// The kernels of Winograd's algorithm (winograd.ts): u = G·w·Gᵀ, as many at a time as a vector has lanes.

import { lanes } from './simd';
import { partsOf, phasesOf, sideOf } from './winograd_tile';

/** What the parts of an operand are set apart by: a power of two apart, their lines would share a few places in the cache. */
// @ts-ignore: decorator
@inline
export const APART: usize = 64;

/** Bytes of a row of K transformed kernels: whole vectors. */
// @ts-ignore: decorator
@inline
export function kernelRow(K: i32): usize {
  return ((<usize>K * sizeof<f32>() + 15) / 16) * 16;
}

/** Bytes from one part of u[parts, M, K] to the next. */
// @ts-ignore: decorator
@inline
export function kernelPart(M: i32, K: i32): usize {
  return <usize>M * kernelRow(K) + APART;
}

/** Bytes of u for M output channels and C channels in each phase. */
export function winogradWeightBytes<F>(M: i32, C: i32): usize {
  return <usize>partsOf<F>() * kernelPart(M, C * phasesOf<F>());
}

/** Bytes of `ws` for transformRows and winogradWeight: half transformed kernels, and kernels for lanes that have none. */
export function kernelSpace<F>(): i32 {
  return 3 * sideOf<F>() * 16 + 9 * 16;
}

/** Four lanes from four places. */
// @ts-ignore: decorator
@inline
function gather(s0: usize, s1: usize, s2: usize, s3: usize): v128 {
  const v = v128.load_lane<f32>(s1, v128.load_splat<f32>(s0), 1);
  return v128.load_lane<f32>(s3, v128.load_lane<f32>(s2, v, 2), 3);
}

// Lanes 0 and 1, or 2 and 3, of two vectors, one after the other.
// @ts-ignore: decorator
@inline
function zipLow(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 4, 1, 5);
}

// @ts-ignore: decorator
@inline
function zipHigh(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 2, 6, 3, 7);
}

/** A kernel for each lane, `step` bytes apart (`turned`: turned round), to parts `part` bytes apart. */
function transformKernels<F>(
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
  const low = zipLow(v128.load(w), v128.load(w1));
  const lowNext = zipLow(v128.load(w2), v128.load(w3));
  const high = zipHigh(v128.load(w), v128.load(w1));
  const highNext = zipHigh(v128.load(w2), v128.load(w3));
  const t0 = v128.shuffle<f64>(low, lowNext, 0, 2);
  const t1 = v128.shuffle<f64>(low, lowNext, 1, 3);
  const t2 = v128.shuffle<f64>(high, highNext, 0, 2);
  const t3 = v128.shuffle<f64>(high, highNext, 1, 3);
  const low4 = zipLow(v128.load(w, 16), v128.load(w1, 16));
  const low4Next = zipLow(v128.load(w2, 16), v128.load(w3, 16));
  const high4 = zipHigh(v128.load(w, 16), v128.load(w1, 16));
  const high4Next = zipHigh(v128.load(w2, 16), v128.load(w3, 16));
  const t4 = v128.shuffle<f64>(low4, low4Next, 0, 2);
  const t5 = v128.shuffle<f64>(low4, low4Next, 1, 3);
  const t6 = v128.shuffle<f64>(high4, high4Next, 0, 2);
  const t7 = v128.shuffle<f64>(high4, high4Next, 1, 3);
  const end = 8 * sizeof<f32>();
  const t8 = gather(w + end, w1 + end, w2 + end, w3 + end);
  if (turned) changetype<F>(0).kernel(t8, t7, t6, t5, t4, t3, t2, t1, t0, dst, part, lines);
  else changetype<F>(0).kernel(t0, t1, t2, t3, t4, t5, t6, t7, t8, dst, part, lines);
}

/**
 * Rows of K kernels to rows of every part: row m begins at w + m·stepM, its kernels are stepK bytes apart (`turned`: turned round).
 */
export function transformRows<F>(
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
  const L = lanes<f32>();
  const spare = ws + <usize>(3 * sideOf<F>()) * 16;
  const kernel: usize = 9 * sizeof<f32>();
  for (let m = 0; m < M; m++, w += stepM, u += kernelRow(K)) {
    let s = w;
    let d = u;
    let k = 0;
    for (; k + L <= K; k += L, d += 16, s += <usize>L * stepK) {
      transformKernels<F>(s, stepK, turned, d, part, ws);
    }
    if (k == K) continue;
    memory.fill(spare, 0, <usize>L * kernel);
    for (let at = spare; k < K; k++, s += stepK, at += kernel) memory.copy(at, s, kernel);
    transformKernels<F>(spare, kernel, turned, d, part, ws);
  }
}

/**
 * u[parts, M, K] from w[O, C, 3, 3]: M, K = O, C for the convolution itself; `turned`: M, K = C, O and the kernel turned round,
 * for the gradient by the input.
 */
export function winogradWeight<F>(w: usize, u: usize, O: i32, C: i32, turned: bool, ws: usize): void {
  const kernel: usize = 9 * sizeof<f32>();
  const image = <usize>C * kernel;
  if (turned) transformRows<F>(w, kernel, image, true, C, O, u, kernelPart(C, O), ws);
  else transformRows<F>(w, image, kernel, false, O, C, u, kernelPart(O, C), ws);
}
