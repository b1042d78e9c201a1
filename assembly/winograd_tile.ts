// The tiles of Winograd's algorithm F(m×m, 3×3), as types without fields (see pointwise-unary-op.ts): m² outputs from (m + 2)²
// inputs, and the transforms along one line of vectors, after Lavin and Gray (2015).
//   F4: 36 products instead of 144.
//   F2: 16 products instead of 36, interpolation points 0, ±1, ∞; for images so small that tiles of 4 would be mostly padding.

import { fma } from './simd';

// The interpolation points of F4 are 0, ±P, ±Q, ∞: with 3/4 and 3/2 its rounding errors are a quarter of those with the usual 1 and 2 (random
// data; between them lies a flat optimum), and the constants of the transforms of inputs and outputs are exact. Barabasz et al. (2020) on the choice.
const P: f64 = 0.75;
const Q: f64 = 1.5;
const PP: f64 = P * P;
const QQ: f64 = Q * Q;
// Factors of G.
const AT_ZERO: f64 = 1 / (PP * QQ);
const AT_P: f64 = 1 / (2 * PP * (PP - QQ));
const AT_Q: f64 = 1 / (2 * QQ * (QQ - PP));


@unmanaged
export class F4 {

  @inline
  outputs(): i32 {
    return 4;
  }

  // Bᵀ: six vectors to six.
  @inline
  input<T>(src: usize, stepSrc: usize, dst: usize, stepDst: usize): void {
    const pp = v128.splat<T>(<T>PP);
    const qq = v128.splat<T>(<T>QQ);
    const product = v128.splat<T>(<T>(PP * QQ));
    const minusSum = v128.splat<T>(<T>(-PP - QQ));
    const d0 = v128.load(src);
    const d1 = v128.load(src + stepSrc);
    const d2 = v128.load(src + 2 * stepSrc);
    const d3 = v128.load(src + 3 * stepSrc);
    const d4 = v128.load(src + 4 * stepSrc);
    const d5 = v128.load(src + 5 * stepSrc);
    const evenP = v128.sub<T>(d4, v128.mul<T>(qq, d2));
    const oddP = v128.mul<T>(v128.splat<T>(<T>P), v128.sub<T>(d3, v128.mul<T>(qq, d1)));
    const evenQ = v128.sub<T>(d4, v128.mul<T>(pp, d2));
    const oddQ = v128.mul<T>(v128.splat<T>(<T>Q), v128.sub<T>(d3, v128.mul<T>(pp, d1)));
    v128.store(dst, fma<T>(product, d0, fma<T>(minusSum, d2, d4)));
    v128.store(dst + stepDst, v128.add<T>(evenP, oddP));
    v128.store(dst + 2 * stepDst, v128.sub<T>(evenP, oddP));
    v128.store(dst + 3 * stepDst, v128.add<T>(evenQ, oddQ));
    v128.store(dst + 4 * stepDst, v128.sub<T>(evenQ, oddQ));
    v128.store(dst + 5 * stepDst, fma<T>(product, d1, fma<T>(minusSum, d3, d5)));
  }

  // Aᵀ: six vectors to four, each plus `start`.
  @inline
  output<T>(src: usize, stepSrc: usize, dst: usize, stepDst: usize, start: v128): void {
    const m0 = v128.load(src);
    const m1 = v128.load(src + stepSrc);
    const m2 = v128.load(src + 2 * stepSrc);
    const m3 = v128.load(src + 3 * stepSrc);
    const m4 = v128.load(src + 4 * stepSrc);
    const m5 = v128.load(src + 5 * stepSrc);
    const sumP = v128.add<T>(m1, m2);
    const differenceP = v128.sub<T>(m1, m2);
    const sumQ = v128.add<T>(m3, m4);
    const differenceQ = v128.sub<T>(m3, m4);
    const one = fma<T>(v128.splat<T>(<T>Q), differenceQ, v128.mul<T>(v128.splat<T>(<T>P), differenceP));
    const two = fma<T>(v128.splat<T>(<T>QQ), sumQ, v128.mul<T>(v128.splat<T>(<T>PP), sumP));
    const cube = v128.mul<T>(v128.splat<T>(<T>(PP * P)), differenceP);
    const three = fma<T>(v128.splat<T>(<T>(QQ * Q)), differenceQ, cube);
    v128.store(dst, v128.add<T>(v128.add<T>(m0, start), v128.add<T>(sumP, sumQ)));
    v128.store(dst + stepDst, v128.add<T>(one, start));
    v128.store(dst + 2 * stepDst, v128.add<T>(two, start));
    v128.store(dst + 3 * stepDst, v128.add<T>(v128.add<T>(three, start), m5));
  }

  // G: three vectors to six.
  @inline
  weight<T>(g0: v128, g1: v128, g2: v128, dst: usize, step: usize): void {
    const atP = v128.splat<T>(<T>AT_P);
    const atQ = v128.splat<T>(<T>AT_Q);
    const evenP = fma<T>(g2, v128.splat<T>(<T>(AT_P * PP)), v128.mul<T>(g0, atP));
    const oddP = v128.mul<T>(g1, v128.splat<T>(<T>(AT_P * P)));
    const evenQ = fma<T>(g2, v128.splat<T>(<T>(AT_Q * QQ)), v128.mul<T>(g0, atQ));
    const oddQ = v128.mul<T>(g1, v128.splat<T>(<T>(AT_Q * Q)));
    v128.store(dst, v128.mul<T>(g0, v128.splat<T>(<T>AT_ZERO)));
    v128.store(dst + step, v128.add<T>(evenP, oddP));
    v128.store(dst + 2 * step, v128.sub<T>(evenP, oddP));
    v128.store(dst + 3 * step, v128.add<T>(evenQ, oddQ));
    v128.store(dst + 4 * step, v128.sub<T>(evenQ, oddQ));
    v128.store(dst + 5 * step, g2);
  }

  // G·t·Gᵀ of nine taps, to 36 parts; `lines`: room for 18 vectors.
  @inline
  kernel<T>(
    t0: v128,
    t1: v128,
    t2: v128,
    t3: v128,
    t4: v128,
    t5: v128,
    t6: v128,
    t7: v128,
    t8: v128,
    dst: usize,
    part: usize,
    lines: usize,
  ): void {
    this.weight<T>(t0, t3, t6, lines, 3 * 16);
    this.weight<T>(t1, t4, t7, lines + 16, 3 * 16);
    this.weight<T>(t2, t5, t8, lines + 32, 3 * 16);
    for (let y: usize = 0; y < 6; y++, lines += 3 * 16, dst += 6 * part) {
      this.weight<T>(v128.load(lines), v128.load(lines, 16), v128.load(lines, 32), dst, part);
    }
  }

  // A, for the gradient of outputs: four vectors to six.
  @inline
  outputGradient<T>(src: usize, stepSrc: usize, dst: usize, stepDst: usize): void {
    const y0 = v128.load(src);
    const y1 = v128.load(src + stepSrc);
    const y2 = v128.load(src + 2 * stepSrc);
    const y3 = v128.load(src + 3 * stepSrc);
    const evenP = fma<T>(v128.splat<T>(<T>PP), y2, y0);
    const evenQ = fma<T>(v128.splat<T>(<T>QQ), y2, y0);
    const oddP = v128.mul<T>(v128.splat<T>(<T>P), fma<T>(v128.splat<T>(<T>PP), y3, y1));
    const oddQ = v128.mul<T>(v128.splat<T>(<T>Q), fma<T>(v128.splat<T>(<T>QQ), y3, y1));
    v128.store(dst, y0);
    v128.store(dst + stepDst, v128.add<T>(evenP, oddP));
    v128.store(dst + 2 * stepDst, v128.sub<T>(evenP, oddP));
    v128.store(dst + 3 * stepDst, v128.add<T>(evenQ, oddQ));
    v128.store(dst + 4 * stepDst, v128.sub<T>(evenQ, oddQ));
    v128.store(dst + 5 * stepDst, y3);
  }

  // Gᵀ, for the gradient of weights: six vectors to three.
  @inline
  weightGradient<T>(src: usize, stepSrc: usize, dst: usize, stepDst: usize): void {
    const u0 = v128.load(src);
    const u1 = v128.load(src + stepSrc);
    const u2 = v128.load(src + 2 * stepSrc);
    const u3 = v128.load(src + 3 * stepSrc);
    const u4 = v128.load(src + 4 * stepSrc);
    const u5 = v128.load(src + 5 * stepSrc);
    const sumP = v128.mul<T>(v128.splat<T>(<T>AT_P), v128.add<T>(u1, u2));
    const sumQ = v128.mul<T>(v128.splat<T>(<T>AT_Q), v128.add<T>(u3, u4));
    const differenceP = v128.mul<T>(v128.splat<T>(<T>(AT_P * P)), v128.sub<T>(u1, u2));
    const differenceQ = v128.mul<T>(v128.splat<T>(<T>(AT_Q * Q)), v128.sub<T>(u3, u4));
    const sums = fma<T>(v128.splat<T>(<T>QQ), sumQ, v128.mul<T>(v128.splat<T>(<T>PP), sumP));
    v128.store(dst, fma<T>(v128.splat<T>(<T>AT_ZERO), u0, v128.add<T>(sumP, sumQ)));
    v128.store(dst + stepDst, v128.add<T>(differenceP, differenceQ));
    v128.store(dst + 2 * stepDst, v128.add<T>(sums, u5));
  }
}


@unmanaged
export class F2 {

  @inline
  outputs(): i32 {
    return 2;
  }

  // Bᵀ: four vectors to four.
  @inline
  input<T>(src: usize, stepSrc: usize, dst: usize, stepDst: usize): void {
    const d0 = v128.load(src);
    const d1 = v128.load(src + stepSrc);
    const d2 = v128.load(src + 2 * stepSrc);
    const d3 = v128.load(src + 3 * stepSrc);
    v128.store(dst, v128.sub<T>(d0, d2));
    v128.store(dst + stepDst, v128.add<T>(d1, d2));
    v128.store(dst + 2 * stepDst, v128.sub<T>(d2, d1));
    v128.store(dst + 3 * stepDst, v128.sub<T>(d1, d3));
  }

  // Aᵀ: four vectors to two, each plus `start`.
  @inline
  output<T>(src: usize, stepSrc: usize, dst: usize, stepDst: usize, start: v128): void {
    const m0 = v128.load(src);
    const m1 = v128.load(src + stepSrc);
    const m2 = v128.load(src + 2 * stepSrc);
    const m3 = v128.load(src + 3 * stepSrc);
    v128.store(dst, v128.add<T>(v128.add<T>(m0, start), v128.add<T>(m1, m2)));
    v128.store(dst + stepDst, v128.add<T>(v128.sub<T>(start, m3), v128.sub<T>(m1, m2)));
  }

  // G: three vectors to four.
  @inline
  weight<T>(g0: v128, g1: v128, g2: v128, dst: usize, step: usize): void {
    const half = v128.splat<T>(<T>0.5);
    const outer = v128.mul<T>(v128.add<T>(g0, g2), half);
    const middle = v128.mul<T>(g1, half);
    v128.store(dst, g0);
    v128.store(dst + step, v128.add<T>(outer, middle));
    v128.store(dst + 2 * step, v128.sub<T>(outer, middle));
    v128.store(dst + 3 * step, g2);
  }

  // G·t·Gᵀ of nine taps, to 16 parts: so few that they need no memory on the way.
  @inline
  kernel<T>(
    t0: v128,
    t1: v128,
    t2: v128,
    t3: v128,
    t4: v128,
    t5: v128,
    t6: v128,
    t7: v128,
    t8: v128,
    dst: usize,
    part: usize,
    lines: usize,
  ): void {
    const half = v128.splat<T>(<T>0.5);
    this.weight<T>(t0, t1, t2, dst, part);
    this.weight<T>(t6, t7, t8, dst + 12 * part, part);
    const outer0 = v128.mul<T>(v128.add<T>(t0, t6), half);
    const outer1 = v128.mul<T>(v128.add<T>(t1, t7), half);
    const outer2 = v128.mul<T>(v128.add<T>(t2, t8), half);
    const middle0 = v128.mul<T>(t3, half);
    const middle1 = v128.mul<T>(t4, half);
    const middle2 = v128.mul<T>(t5, half);
    this.weight<T>(
      v128.add<T>(outer0, middle0),
      v128.add<T>(outer1, middle1),
      v128.add<T>(outer2, middle2),
      dst + 4 * part,
      part,
    );
    this.weight<T>(
      v128.sub<T>(outer0, middle0),
      v128.sub<T>(outer1, middle1),
      v128.sub<T>(outer2, middle2),
      dst + 8 * part,
      part,
    );
  }
}

/** Outputs along a side of a tile. */
// @ts-ignore: decorator
@inline
export function outputsOf<F>(): i32 {
  return changetype<F>(0).outputs();
}

/** Inputs along a side of a tile. */
// @ts-ignore: decorator
@inline
export function sideOf<F>(): i32 {
  return changetype<F>(0).outputs() + 2;
}

/** Products of a tile. */
// @ts-ignore: decorator
@inline
export function partsOf<F>(): i32 {
  return sideOf<F>() * sideOf<F>();
}
