// The six interpolation points that F(4×4, 3×3) and F(3×3, 4×4) have in common: 0, ±P, ±Q, ∞, and the transforms along one line of
// vectors that follow from them.

import { fma } from './simd';

// The interpolation points of F4 are 0, ±P, ±Q, ∞: with 3/4 and 3/2 its rounding errors are a quarter of those with the usual 1 and 2 (random
// data; between them lies a flat optimum), and the constants of the transforms of inputs and outputs are exact. Barabasz et al. (2020) on the choice.
export const P: f64 = 0.75;
export const Q: f64 = 1.5;
export const PP: f64 = P * P;
export const QQ: f64 = Q * Q;
// Factors of G.
export const AT_ZERO: f64 = 1 / (PP * QQ);
export const AT_P: f64 = 1 / (2 * PP * (PP - QQ));
export const AT_Q: f64 = 1 / (2 * QQ * (QQ - PP));

// What belongs to the points, of which those at ±P and ±Q are sums and differences of the even and the odd terms.
// @ts-ignore: decorator
@inline
export function storeSix(
  zero: v128,
  evenP: v128,
  oddP: v128,
  evenQ: v128,
  oddQ: v128,
  infinity: v128,
  dst: usize,
  step: usize,
): void {
  v128.store(dst, zero);
  v128.store(dst + step, v128.add<f32>(evenP, oddP));
  v128.store(dst + 2 * step, v128.sub<f32>(evenP, oddP));
  v128.store(dst + 3 * step, v128.add<f32>(evenQ, oddQ));
  v128.store(dst + 4 * step, v128.sub<f32>(evenQ, oddQ));
  v128.store(dst + 5 * step, infinity);
}

// Bᵀ of the points 0, ±P, ±Q, ∞: six vectors to six.
// @ts-ignore: decorator
@inline
export function transformSix(
  d0: v128,
  d1: v128,
  d2: v128,
  d3: v128,
  d4: v128,
  d5: v128,
  dst: usize,
  step: usize,
): void {
  const pp = v128.splat<f32>(<f32>PP);
  const qq = v128.splat<f32>(<f32>QQ);
  const product = v128.splat<f32>(<f32>(PP * QQ));
  const minusSum = v128.splat<f32>(<f32>(-PP - QQ));
  const evenP = v128.sub<f32>(d4, v128.mul<f32>(qq, d2));
  const oddP = v128.mul<f32>(v128.splat<f32>(<f32>P), v128.sub<f32>(d3, v128.mul<f32>(qq, d1)));
  const evenQ = v128.sub<f32>(d4, v128.mul<f32>(pp, d2));
  const oddQ = v128.mul<f32>(v128.splat<f32>(<f32>Q), v128.sub<f32>(d3, v128.mul<f32>(pp, d1)));
  const zero = fma<f32>(product, d0, fma<f32>(minusSum, d2, d4));
  const infinity = fma<f32>(product, d1, fma<f32>(minusSum, d3, d5));
  storeSix(zero, evenP, oddP, evenQ, oddQ, infinity, dst, step);
}

// Down the columns of four tiles of six lines, one tile in each lane.
// @ts-ignore: decorator
@inline
export function transformColumn(src: usize, stepSrc: usize, dst: usize, stepDst: usize): void {
  const d0 = v128.load(src);
  const d1 = v128.load(src + stepSrc);
  const d2 = v128.load(src + 2 * stepSrc);
  const d3 = v128.load(src + 3 * stepSrc);
  const d4 = v128.load(src + 4 * stepSrc);
  const d5 = v128.load(src + 5 * stepSrc);
  transformSix(d0, d1, d2, d3, d4, d5, dst, stepDst);
}

// Aᵀ: six vectors to as many `outputs`, 3 or 4 (a literal at every call), each plus `start`.
// @ts-ignore: decorator
@inline
export function outputSix(
  outputs: i32,
  src: usize,
  stepSrc: usize,
  dst: usize,
  stepDst: usize,
  start: v128,
): void {
  const m0 = v128.load(src);
  const m1 = v128.load(src + stepSrc);
  const m2 = v128.load(src + 2 * stepSrc);
  const m3 = v128.load(src + 3 * stepSrc);
  const m4 = v128.load(src + 4 * stepSrc);
  const m5 = v128.load(src + 5 * stepSrc);
  const sumP = v128.add<f32>(m1, m2);
  const differenceP = v128.sub<f32>(m1, m2);
  const sumQ = v128.add<f32>(m3, m4);
  const differenceQ = v128.sub<f32>(m3, m4);
  const oneP = v128.mul<f32>(v128.splat<f32>(<f32>P), differenceP);
  const one = fma<f32>(v128.splat<f32>(<f32>Q), differenceQ, oneP);
  const two = fma<f32>(v128.splat<f32>(<f32>QQ), sumQ, v128.mul<f32>(v128.splat<f32>(<f32>PP), sumP));
  v128.store(dst, v128.add<f32>(v128.add<f32>(m0, start), v128.add<f32>(sumP, sumQ)));
  v128.store(dst + stepDst, v128.add<f32>(one, start));
  if (outputs == 3) {
    v128.store(dst + 2 * stepDst, v128.add<f32>(v128.add<f32>(two, start), m5));
    return;
  }
  const cube = v128.mul<f32>(v128.splat<f32>(<f32>(PP * P)), differenceP);
  const three = fma<f32>(v128.splat<f32>(<f32>(QQ * Q)), differenceQ, cube);
  v128.store(dst + 2 * stepDst, v128.add<f32>(two, start));
  v128.store(dst + 3 * stepDst, v128.add<f32>(v128.add<f32>(three, start), m5));
}
