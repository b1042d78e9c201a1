// The gradient of a convolution by its input. The input positions of one residue modulo the stride (a phase) are a grid whose every
// position is reached by the same kernel positions: a tap convolution of gradOut with the transposed weights, and with stride 1
// there is a single phase. Nothing is multiplied by the zeros that a dilated gradOut would have.

import { completePlan, getI32, openPlan, planBytes, setI32 } from './conv_plan';
import { convolve } from './conv_product';
import { depthwise, isDepthwise } from './depthwise';
import { packRows } from './pack';
import { lanes } from './simd';

/** Whether the input positions of a phase are reached by kernel position k, along one axis. */
// @ts-ignore: decorator
@inline
function reaches(phase: i32, k: i32, stride: i32, padding: i32, dilation: i32): bool {
  return (phase + padding - k * dilation) % stride == 0;
}

function countReaching(phase: i32, K: i32, stride: i32, padding: i32, dilation: i32): i32 {
  let n = 0;
  for (let k = 0; k < K; k++) if (reaches(phase, k, stride, padding, dilation)) n++;
  return n;
}

/** transposed[c, o, t] = w[o, c, position_t], for one group. */
function transposeWeights<T>(
  dst: usize,
  w: usize,
  Cg: i32,
  Og: i32,
  area: i32,
  taps: i32,
  position: usize,
): void {
  const size = sizeof<T>();
  if (area == 1) {
    packRows<T>(dst, Og, w, 1, Cg, Cg, Og);
    return;
  }
  const stepDst = <usize>(Og * taps) * size;
  const stepSrc = <usize>(Cg * area) * size;
  const stepTaps = <usize>taps * size;
  const whole = taps & ~(lanes<T>() - 1);
  // Blocks of both: reads are runs of 64 kernels, writes runs of 8, and what is between fits the first-level cache.
  for (let fromC = 0; fromC < Cg; fromC += 64) {
    const toC = min(Cg, fromC + 64);
    for (let fromO = 0; fromO < Og; fromO += 8) {
      const toO = min(Og, fromO + 8);
      for (let c = fromC; c < toC; c++) {
        let d = dst + <usize>c * stepDst + <usize>(fromO * taps) * size;
        let s = w + <usize>((fromO * Cg + c) * area) * size;
        for (let o = fromO; o < toO; o++, d += stepTaps, s += stepSrc) {
          let t = 0;
          // With all of them the positions are in order.
          if (taps == area) {
            for (; t < whole; t += lanes<T>())
              v128.store(d + <usize>t * size, v128.load(s + <usize>t * size));
          }
          for (; t < taps; t++) {
            store<T>(d + <usize>t * size, load<T>(s + <usize>getI32(position, t) * size));
          }
        }
      }
    }
  }
}

/** Bytes of `ws`: a plan, the transposed weights of one group and the kernel positions of its taps. */
export function conv2dInputWorkspace<T>(
  N: i32,
  C: i32,
  H: i32,
  W: i32,
  O: i32,
  Kh: i32,
  Kw: i32,
  sh: i32,
  sw: i32,
  dh: i32,
  dw: i32,
  groups: i32,
): i32 {
  const taps = Kh * Kw;
  const Cg = C / groups;
  const Og = O / groups;
  const single = isDepthwise(C, O, groups, taps);
  const weights = (single ? C : Cg * Og) * taps;
  const channels = single ? O : Og;
  // Phases differ by one in the size of their grid.
  const rows = (H + sh - 1) / sh;
  const cols = (W + sw - 1) / sw;
  let plan = 0;
  for (let i = max(1, rows - 1); i <= rows; i++) {
    for (let j = max(1, cols - 1); j <= cols; j++) {
      plan = max(plan, planBytes<T>(channels, taps, (Kh - 1) * dh, (Kw - 1) * dw, 1, 1, N, i, j, Cg));
    }
  }
  return plan + weights * <i32>sizeof<T>() + 4 * taps + 16;
}

/** Zeroes the grid of a phase that no kernel position reaches (a stride larger than the kernel). */
function zeroPhase<T>(gx: usize, planes: i32, H: i32, W: i32, row: i32, col: i32, sh: i32, sw: i32): void {
  for (let p = 0; p < planes; p++, gx += <usize>(H * W) * sizeof<T>()) {
    for (let i = row; i < H; i += sh) {
      for (let j = col; j < W; j += sw) store<T>(gx + <usize>(i * W + j) * sizeof<T>(), <T>0);
    }
  }
}

export function conv2dBackwardInput<T>(
  gout: usize,
  w: usize,
  gx: usize,
  N: i32,
  C: i32,
  H: i32,
  W: i32,
  O: i32,
  Kh: i32,
  Kw: i32,
  sh: i32,
  sw: i32,
  ph: i32,
  pw: i32,
  dh: i32,
  dw: i32,
  groups: i32,
  Oh: i32,
  Ow: i32,
  ws: usize,
): void {
  const size = sizeof<T>();
  const Cg = C / groups;
  const Og = O / groups;
  const position = ws;
  const weights = (position + 4 * <usize>(Kh * Kw) + 15) & ~15;
  const single = isDepthwise(C, O, groups, Kh * Kw);
  const planAt = (weights + <usize>((single ? C : Cg * Og) * Kh * Kw) * size + 15) & ~15;
  for (let row = 0; row < min(sh, H); row++) {
    for (let col = 0; col < min(sw, W); col++) {
      const taps = countReaching(row, Kh, sh, ph, dh) * countReaching(col, Kw, sw, pw, dw);
      if (taps == 0) {
        zeroPhase<T>(gx, N * C, H, W, row, col, sh, sw);
        continue;
      }
      const plan = openPlan(planAt, taps);
      let t = 0;
      for (let y = 0; y < Kh; y++) {
        if (!reaches(row, y, sh, ph, dh)) continue;
        for (let x = 0; x < Kw; x++) {
          if (!reaches(col, x, sw, pw, dw)) continue;
          setI32(position, t, y * Kw + x);
          setI32(plan.tapRow, t, (row + ph - y * dh) / sh);
          setI32(plan.tapCol, t, (col + pw - x * dw) / sw);
          t++;
        }
      }
      plan.height = Oh;
      plan.width = Ow;
      plan.imageStride = O * Oh * Ow;
      plan.planeStride = Oh * Ow;
      plan.sourceEnd = gout + <usize>(N * O * Oh * Ow) * size;
      plan.channels = single ? O : Og;
      plan.outputs = Cg;
      plan.rowStep = 1;
      plan.colStep = 1;
      plan.images = N;
      plan.gridRows = (H - row + sh - 1) / sh;
      plan.gridCols = (W - col + sw - 1) / sw;
      plan.flat = sh == 1 && sw == 1;
      completePlan<T>(plan, true, !single);
      if (single) {
        transposeWeights<T>(weights, w, C, 1, Kh * Kw, taps, position);
        depthwise<T>(
          plan,
          gout,
          weights,
          0,
          gx + <usize>(row * W + col) * size,
          C * H * W,
          H * W,
          sh * W,
          sw,
        );
        continue;
      }
      for (let g = 0; g < groups; g++) {
        transposeWeights<T>(
          weights,
          w + <usize>(g * Og * Cg * Kh * Kw) * size,
          Cg,
          Og,
          Kh * Kw,
          taps,
          position,
        );
        const source = gout + <usize>(g * Og * Oh * Ow) * size;
        const target = gx + <usize>(g * Cg * H * W + row * W + col) * size;
        convolve<T>(plan, source, weights, 0, target, C * H * W, H * W, sh * W, sw);
      }
    }
  }
}
