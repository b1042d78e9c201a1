// The tiles of Winograd's algorithm F(m×m, r×r), as types without fields (see pointwise-unary-op.ts): m² outputs from (m + r − 1)²
// inputs, and the transforms along one line of vectors, after Lavin and Gray (2015).
//   F4: 36 products instead of 144 (winograd_points.ts).
//   F2: 16 products instead of 36, interpolation points 0, ±1, ∞; for images so small that tiles of 4 would be mostly padding.

import { fma } from './simd';
import {
  AT_P,
  AT_Q,
  AT_ZERO,
  P,
  PP,
  Q,
  QQ,
  outputSix,
  storeSix,
  transformColumn,
  transformSix,
} from './winograd_points';


@unmanaged
export class F4 {

  @inline
  outputs(): i32 {
    return 4;
  }


  @inline
  side(): i32 {
    return 6;
  }


  @inline
  stride(): i32 {
    return 1;
  }


  @inline
  inputColumn(src: usize, stepSrc: usize, dst: usize, stepDst: usize): void {
    transformColumn(src, stepSrc, dst, stepDst);
  }

  // Along a row of four tiles side by side: 18 elements of a row that may be read up to 20.
  @inline
  inputRow(src: usize, dst: usize, step: usize): void {
    const r0 = v128.load(src);
    const r1 = v128.load(src, 16);
    const r2 = v128.load(src, 32);
    const r3 = v128.load(src, 48);
    const next = v128.load(src, 64);
    const low = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const lowNext = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const high = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const highNext = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    const d0 = v128.shuffle<f64>(low, lowNext, 0, 2);
    const d1 = v128.shuffle<f64>(low, lowNext, 1, 3);
    const d2 = v128.shuffle<f64>(high, highNext, 0, 2);
    const d3 = v128.shuffle<f64>(high, highNext, 1, 3);
    const d4 = v128.shuffle<f32>(d0, next, 1, 2, 3, 4);
    const d5 = v128.shuffle<f32>(d1, next, 1, 2, 3, 5);
    transformSix(d0, d1, d2, d3, d4, d5, dst, step);
  }

  // Aᵀ: six vectors to four, each plus `start`.
  @inline
  output(src: usize, stepSrc: usize, dst: usize, stepDst: usize, start: v128): void {
    outputSix(4, src, stepSrc, dst, stepDst, start);
  }

  // G: three vectors to six.
  @inline
  weight(g0: v128, g1: v128, g2: v128, dst: usize, step: usize): void {
    const atP = v128.splat<f32>(<f32>AT_P);
    const atQ = v128.splat<f32>(<f32>AT_Q);
    const evenP = fma<f32>(g2, v128.splat<f32>(<f32>(AT_P * PP)), v128.mul<f32>(g0, atP));
    const oddP = v128.mul<f32>(g1, v128.splat<f32>(<f32>(AT_P * P)));
    const evenQ = fma<f32>(g2, v128.splat<f32>(<f32>(AT_Q * QQ)), v128.mul<f32>(g0, atQ));
    const oddQ = v128.mul<f32>(g1, v128.splat<f32>(<f32>(AT_Q * Q)));
    storeSix(v128.mul<f32>(g0, v128.splat<f32>(<f32>AT_ZERO)), evenP, oddP, evenQ, oddQ, g2, dst, step);
  }

  // G·t·Gᵀ of nine taps, to 36 parts; `lines`: room for 18 vectors.
  @inline
  kernel(
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
    this.weight(t0, t3, t6, lines, 3 * 16);
    this.weight(t1, t4, t7, lines + 16, 3 * 16);
    this.weight(t2, t5, t8, lines + 32, 3 * 16);
    for (let y: usize = 0; y < 6; y++, lines += 3 * 16, dst += 6 * part) {
      this.weight(v128.load(lines), v128.load(lines, 16), v128.load(lines, 32), dst, part);
    }
  }

  // A, for the gradient of outputs: four vectors to six.
  @inline
  outputGradient(src: usize, stepSrc: usize, dst: usize, stepDst: usize): void {
    const y0 = v128.load(src);
    const y1 = v128.load(src + stepSrc);
    const y2 = v128.load(src + 2 * stepSrc);
    const y3 = v128.load(src + 3 * stepSrc);
    const evenP = fma<f32>(v128.splat<f32>(<f32>PP), y2, y0);
    const evenQ = fma<f32>(v128.splat<f32>(<f32>QQ), y2, y0);
    const oddP = v128.mul<f32>(v128.splat<f32>(<f32>P), fma<f32>(v128.splat<f32>(<f32>PP), y3, y1));
    const oddQ = v128.mul<f32>(v128.splat<f32>(<f32>Q), fma<f32>(v128.splat<f32>(<f32>QQ), y3, y1));
    storeSix(y0, evenP, oddP, evenQ, oddQ, y3, dst, stepDst);
  }

  // Gᵀ, for the gradient of weights: six vectors to three.
  @inline
  weightGradient(src: usize, stepSrc: usize, dst: usize, stepDst: usize): void {
    const u0 = v128.load(src);
    const u1 = v128.load(src + stepSrc);
    const u2 = v128.load(src + 2 * stepSrc);
    const u3 = v128.load(src + 3 * stepSrc);
    const u4 = v128.load(src + 4 * stepSrc);
    const u5 = v128.load(src + 5 * stepSrc);
    const sumP = v128.mul<f32>(v128.splat<f32>(<f32>AT_P), v128.add<f32>(u1, u2));
    const sumQ = v128.mul<f32>(v128.splat<f32>(<f32>AT_Q), v128.add<f32>(u3, u4));
    const differenceP = v128.mul<f32>(v128.splat<f32>(<f32>(AT_P * P)), v128.sub<f32>(u1, u2));
    const differenceQ = v128.mul<f32>(v128.splat<f32>(<f32>(AT_Q * Q)), v128.sub<f32>(u3, u4));
    const sums = fma<f32>(v128.splat<f32>(<f32>QQ), sumQ, v128.mul<f32>(v128.splat<f32>(<f32>PP), sumP));
    v128.store(dst, fma<f32>(v128.splat<f32>(<f32>AT_ZERO), u0, v128.add<f32>(sumP, sumQ)));
    v128.store(dst + stepDst, v128.add<f32>(differenceP, differenceQ));
    v128.store(dst + 2 * stepDst, v128.add<f32>(sums, u5));
  }
}


@unmanaged
export class F2 {

  @inline
  outputs(): i32 {
    return 2;
  }


  @inline
  side(): i32 {
    return 4;
  }


  @inline
  stride(): i32 {
    return 1;
  }

  // Bᵀ: four vectors to four.
  @inline
  transform(d0: v128, d1: v128, d2: v128, d3: v128, dst: usize, step: usize): void {
    v128.store(dst, v128.sub<f32>(d0, d2));
    v128.store(dst + step, v128.add<f32>(d1, d2));
    v128.store(dst + 2 * step, v128.sub<f32>(d2, d1));
    v128.store(dst + 3 * step, v128.sub<f32>(d1, d3));
  }

  // Down the columns of four tiles, one in each lane.
  @inline
  inputColumn(src: usize, stepSrc: usize, dst: usize, stepDst: usize): void {
    const d0 = v128.load(src);
    const d1 = v128.load(src + stepSrc);
    const d2 = v128.load(src + 2 * stepSrc);
    const d3 = v128.load(src + 3 * stepSrc);
    this.transform(d0, d1, d2, d3, dst, stepDst);
  }

  // Along a row of four tiles side by side: 10 elements of a row that may be read up to 12.
  @inline
  inputRow(src: usize, dst: usize, step: usize): void {
    const r0 = v128.load(src);
    const r1 = v128.load(src, 16);
    const next = v128.load(src, 32);
    const d0 = v128.shuffle<f32>(r0, r1, 0, 2, 4, 6);
    const d1 = v128.shuffle<f32>(r0, r1, 1, 3, 5, 7);
    const d2 = v128.shuffle<f32>(d0, next, 1, 2, 3, 4);
    const d3 = v128.shuffle<f32>(d1, next, 1, 2, 3, 5);
    this.transform(d0, d1, d2, d3, dst, step);
  }

  // Aᵀ: four vectors to two, each plus `start`.
  @inline
  output(src: usize, stepSrc: usize, dst: usize, stepDst: usize, start: v128): void {
    const m0 = v128.load(src);
    const m1 = v128.load(src + stepSrc);
    const m2 = v128.load(src + 2 * stepSrc);
    const m3 = v128.load(src + 3 * stepSrc);
    v128.store(dst, v128.add<f32>(v128.add<f32>(m0, start), v128.add<f32>(m1, m2)));
    v128.store(dst + stepDst, v128.add<f32>(v128.sub<f32>(start, m3), v128.sub<f32>(m1, m2)));
  }

  // G: three vectors to four.
  @inline
  weight(g0: v128, g1: v128, g2: v128, dst: usize, step: usize): void {
    const half = v128.splat<f32>(0.5);
    const outer = v128.mul<f32>(v128.add<f32>(g0, g2), half);
    const middle = v128.mul<f32>(g1, half);
    v128.store(dst, g0);
    v128.store(dst + step, v128.add<f32>(outer, middle));
    v128.store(dst + 2 * step, v128.sub<f32>(outer, middle));
    v128.store(dst + 3 * step, g2);
  }

  // G·t·Gᵀ of nine taps, to 16 parts: so few that they need no memory on the way.
  @inline
  kernel(
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
    const half = v128.splat<f32>(0.5);
    this.weight(t0, t1, t2, dst, part);
    this.weight(t6, t7, t8, dst + 12 * part, part);
    const outer0 = v128.mul<f32>(v128.add<f32>(t0, t6), half);
    const outer1 = v128.mul<f32>(v128.add<f32>(t1, t7), half);
    const outer2 = v128.mul<f32>(v128.add<f32>(t2, t8), half);
    const middle0 = v128.mul<f32>(t3, half);
    const middle1 = v128.mul<f32>(t4, half);
    const middle2 = v128.mul<f32>(t5, half);
    this.weight(
      v128.add<f32>(outer0, middle0),
      v128.add<f32>(outer1, middle1),
      v128.add<f32>(outer2, middle2),
      dst + 4 * part,
      part,
    );
    this.weight(
      v128.sub<f32>(outer0, middle0),
      v128.sub<f32>(outer1, middle1),
      v128.sub<f32>(outer2, middle2),
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
  return changetype<F>(0).side();
}

/** The stride of the convolution. */
// @ts-ignore: decorator
@inline
export function strideOf<F>(): i32 {
  return changetype<F>(0).stride();
}

/** Images that the source falls into: rows and columns by their residue modulo the stride. */
// @ts-ignore: decorator
@inline
export function phasesOf<F>(): i32 {
  return strideOf<F>() * strideOf<F>();
}

/** Products of a tile. */
// @ts-ignore: decorator
@inline
export function partsOf<F>(): i32 {
  return sideOf<F>() * sideOf<F>();
}
