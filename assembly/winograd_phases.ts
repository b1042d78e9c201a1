// Convolutions of stride 2 with kernels of up to 8×8 as four of stride 1: their kind of tile and their weights.

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
import { kernelPart } from './winograd_weight';

/**
 * F(3×3, 4×4), with the points of F4, for kernels of up to 8×8 at stride 2. The even and the odd rows and columns of the source are four images
 * (phases), and what the kernel has for each is a kernel of up to 4×4 at stride 1; the outputs are the sums over 4·C channels.
 */
@unmanaged
export class F3 {

  @inline
  outputs(): i32 {
    return 3;
  }


  @inline
  side(): i32 {
    return 6;
  }


  @inline
  stride(): i32 {
    return 2;
  }


  @inline
  inputColumn(src: usize, stepSrc: usize, dst: usize, stepDst: usize): void {
    transformColumn(src, stepSrc, dst, stepDst);
  }

  // Along a row of four tiles side by side: 15 elements of a row that may be read up to 16.
  @inline
  inputRow(src: usize, dst: usize, step: usize): void {
    const r0 = v128.load(src);
    const r1 = v128.load(src, 16);
    const r2 = v128.load(src, 32);
    const next = v128.load(src, 48);
    const d0 = v128.shuffle<f32>(v128.shuffle<f32>(r0, r1, 0, 3, 6, 6), r2, 0, 1, 2, 5);
    const d1 = v128.shuffle<f32>(v128.shuffle<f32>(r0, r1, 1, 4, 7, 7), r2, 0, 1, 2, 6);
    const d2 = v128.shuffle<f32>(v128.shuffle<f32>(r0, r1, 2, 5, 5, 5), r2, 0, 1, 4, 7);
    const d3 = v128.shuffle<f32>(d0, next, 1, 2, 3, 4);
    const d4 = v128.shuffle<f32>(d1, next, 1, 2, 3, 5);
    const d5 = v128.shuffle<f32>(d2, next, 1, 2, 3, 6);
    transformSix(d0, d1, d2, d3, d4, d5, dst, step);
  }

  // Aᵀ: six vectors to three, each plus `start`.
  @inline
  output(src: usize, stepSrc: usize, dst: usize, stepDst: usize, start: v128): void {
    outputSix(3, src, stepSrc, dst, stepDst, start);
  }

  // G: four vectors to six.
  @inline
  weight(g0: v128, g1: v128, g2: v128, g3: v128, dst: usize, step: usize): void {
    const pp = v128.splat<f32>(<f32>PP);
    const qq = v128.splat<f32>(<f32>QQ);
    const evenP = v128.mul<f32>(v128.splat<f32>(<f32>AT_P), fma<f32>(pp, g2, g0));
    const oddP = v128.mul<f32>(v128.splat<f32>(<f32>(AT_P * P)), fma<f32>(pp, g3, g1));
    const evenQ = v128.mul<f32>(v128.splat<f32>(<f32>AT_Q), fma<f32>(qq, g2, g0));
    const oddQ = v128.mul<f32>(v128.splat<f32>(<f32>(AT_Q * Q)), fma<f32>(qq, g3, g1));
    storeSix(v128.mul<f32>(g0, v128.splat<f32>(<f32>AT_ZERO)), evenP, oddP, evenQ, oddQ, g3, dst, step);
  }
}

/** A row of four taps for each phase of a kernel [Kh, Kw], one in each lane: rows 2·a and 2·a + 1; 0 beyond the kernel. */
function phaseTaps(w: usize, Kh: i32, Kw: i32, a: i32, taps: usize): void {
  for (let t = 0; t < 4; t++, taps += 16) {
    for (let phase = 0; phase < 4; phase++) {
      const y = 2 * a + (phase >> 1);
      const x = 2 * t + (phase & 1);
      const value: f32 = y < Kh && x < Kw ? load<f32>(w + 4 * <usize>(y * Kw + x)) : 0;
      store<f32>(taps + 4 * <usize>phase, value);
    }
  }
}

/** Bytes of `ws` for winogradPhaseWeight: a kernel's taps and their half transformed lines. */
export const PHASE_SPACE: i32 = (16 + 24) * 16;

/** u[36, O, 4·C] of F3 from w[O, C, Kh, Kw]. */
export function winogradPhaseWeight(w: usize, u: usize, O: i32, C: i32, Kh: i32, Kw: i32, ws: usize): void {
  const part = kernelPart(O, 4 * C);
  const lines = ws + 16 * 16;
  const tile = changetype<F3>(0);
  for (let k = 0; k < O * C; k++, w += 4 * <usize>(Kh * Kw), u += 16) {
    for (let a = 0; a < 4; a++) phaseTaps(w, Kh, Kw, a, ws + <usize>a * 4 * 16);
    for (let t: usize = 0; t < 4 * 16; t += 16) {
      const rows = ws + t;
      tile.weight(
        v128.load(rows),
        v128.load(rows, 4 * 16),
        v128.load(rows, 8 * 16),
        v128.load(rows, 12 * 16),
        lines + t,
        4 * 16,
      );
    }
    for (let y: usize = 0; y < 6; y++) {
      const row = lines + y * 4 * 16;
      const to = u + 6 * y * part;
      tile.weight(v128.load(row), v128.load(row, 16), v128.load(row, 32), v128.load(row, 48), to, part);
    }
  }
}
