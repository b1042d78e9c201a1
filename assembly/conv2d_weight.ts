// The gradient of a convolution by its weight: gradW[O, C·Kh·Kw] = Σ over images of gradOut[O, Oh·Ow] · columns[Oh·Ow, C·Kh·Kw].
// gradOut is read in place; panels of the column matrix are packed, transposed, straight from the band.

import { fillBand, beginBlock, placeSteps } from './conv_band';
import { kernelTaps } from './conv2d';
import { Plan, completePlan, getI32, openPlan, planBytes } from './conv_plan';
import { depthwiseWeight, isDepthwise } from './depthwise';
import { rowPanel } from './gemm';
import { transposeBlock } from './pack';
import { lanes } from './simd';
import { TILE_ROWS, tileCols } from './tile';

/** Bytes of `ws`: those of a plan. */
export function conv2dWeightWorkspace<T>(
  N: i32,
  C: i32,
  O: i32,
  Kh: i32,
  Kw: i32,
  sh: i32,
  sw: i32,
  dh: i32,
  dw: i32,
  groups: i32,
  Oh: i32,
  Ow: i32,
): i32 {
  const channels = isDepthwise(C, O, groups, Kh * Kw) ? C : C / groups;
  return planBytes<T>(channels, Kh * Kw, (Kh - 1) * dh, (Kw - 1) * dw, sh, sw, N, Oh, Ow, 1);
}

// @ts-ignore: decorator
@inline
function stepAddress(plan: Plan, k: i32, depth: i32, base: usize): usize {
  return base + <usize>(<u32>getI32(plan.stepOffset, min(k, depth - 1)));
}

/**
 * Panels [positions, steps of one tile]. Rows are taken whole vectors at a time: what a row's last block writes too much is
 * overwritten by the next row, and reads run over within the band, or (`exact`) do not.
 */
function packTransposed<T>(plan: Plan, depth: i32, source: usize): void {
  const rows = plan.rows;
  const cols = plan.cols;
  const L = lanes<T>();
  const size = sizeof<T>();
  const from = plan.direct ? source : plan.band;
  let reach: u32 = 0;
  if (plan.direct) {
    for (let k = 0; k < depth; k++) reach = max(reach, <u32>getI32(plan.stepOffset, k));
  }
  let panel = plan.block;
  for (let k = 0; k < depth; k += tileCols<T>(), panel += <usize>(rows * cols) * 32) {
    for (let half = 0; half < 2; half++) {
      const step = k + half * L;
      let dst = panel + <usize>half * 16;
      for (let r = 0; r < rows; r++, dst += <usize>cols * 32) {
        const base = from + <usize>(<u32>(getI32(plan.rowBase, r) * <i32>size));
        const exact = plan.direct && <u64>base + reach + <u64>cols * size + 16 > <u64>plan.sourceEnd;
        const s0 = stepAddress(plan, step, depth, base);
        const s1 = stepAddress(plan, step + 1, depth, base);
        const s2 = stepAddress(plan, step + 2, depth, base);
        const s3 = stepAddress(plan, step + 3, depth, base);
        const whole = exact ? cols & ~(L - 1) : cols;
        let x = 0;
        for (; x < whole; x += L) {
          const at = <usize>x * size;
          transposeBlock<T>(s0 + at, s1 + at, s2 + at, s3 + at, dst + <usize>x * 32, 32);
        }
        for (; x < cols; x++) {
          const at = <usize>x * size;
          const d = dst + <usize>x * 32;
          store<T>(d, load<T>(s0 + at));
          store<T>(d + size, load<T>(s1 + at));
          if (sizeof<T>() == 4) {
            store<T>(d + 8, load<T>(s2 + at));
            store<T>(d + 12, load<T>(s3 + at));
          }
        }
      }
    }
  }
}

/** Writes the rows of output channels [begin, end) of `gw`; they do not depend on which others are computed. */
export function conv2dBackwardWeight<T>(
  x: usize,
  gout: usize,
  gw: usize,
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
  begin: i32,
  end: i32,
  ws: usize,
): void {
  const size = sizeof<T>();
  const Cg = C / groups;
  const Og = O / groups;
  const plan = openPlan(ws, Kh * Kw);
  kernelTaps(plan, Kh, Kw, ph, pw, dh, dw);
  plan.height = H;
  plan.width = W;
  plan.imageStride = C * H * W;
  plan.planeStride = H * W;
  plan.sourceEnd = x + <usize>(N * C * H * W) * size;
  const single = isDepthwise(C, O, groups, Kh * Kw);
  plan.channels = single ? end - begin : Cg;
  plan.outputs = 1;
  plan.rowStep = sh;
  plan.colStep = sw;
  plan.images = N;
  plan.gridRows = Oh;
  plan.gridCols = Ow;
  plan.flat = true;
  completePlan<T>(plan, single, !single);
  if (single) {
    depthwiseWeight<T>(plan, x, gout, gw, begin, O);
    return;
  }
  const steps = Cg * Kh * Kw;
  const strideA = <usize>(Oh * Ow) * size;
  const strideC = <usize>steps * size;
  for (let g = begin / Og; g * Og < end; g++) {
    const from = max(begin, g * Og);
    const count = min(end, (g + 1) * Og) - from;
    const source = x + <usize>(g * Cg * H * W) * size;
    for (let step = 0; step < steps; step += plan.depth) {
      const depth = min(plan.depth, steps - step);
      const channel = step / plan.taps;
      const channels = (step + depth - 1) / plan.taps + 1 - channel;
      let fromZero = true;
      for (let image = 0; image < N; image++) {
        for (let row = 0; row < plan.gridRows; row += plan.blockRows) {
          const rows = min(plan.blockRows, plan.gridRows - row);
          const first = image * plan.gridRows + row;
          for (let col = 0; col < plan.gridCols; col += plan.blockCols) {
            const cols = min(plan.blockCols, plan.gridCols - col);
            beginBlock(plan, first, rows, col, cols);
            placeSteps<T>(plan, step, depth);
            if (!plan.direct) fillBand<T>(plan, source, channel, channels);
            packTransposed<T>(plan, depth, source);
            let a = gout + <usize>((image * O + from) * Oh * Ow + row * plan.gridCols + col) * size;
            let c = gw + <usize>(from * steps + step) * size;
            for (let i = 0; i < count; i += TILE_ROWS) {
              const height = min(TILE_ROWS, count - i);
              rowPanel<T>(
                height,
                depth,
                rows * cols,
                fromZero,
                a,
                strideA,
                plan.block,
                c,
                strideC,
                plan.tiles,
              );
              a += <usize>TILE_ROWS * strideA;
              c += <usize>TILE_ROWS * strideC;
            }
            fromZero = false;
          }
        }
      }
    }
  }
}

/** out[n] = the sum of slices[count, n], in order. */
export function sumSlices<T>(slices: usize, count: i32, n: i32, out: usize): void {
  const size = sizeof<T>();
  const step = <usize>n * size;
  const whole = <usize>(n & ~(lanes<T>() - 1)) * size;
  let at: usize = 0;
  for (; at < whole; at += 16) {
    let sum = v128.load(slices + at);
    for (let i = 1; i < count; i++) sum = v128.add<T>(sum, v128.load(slices + at + <usize>i * step));
    v128.store(out + at, sum);
  }
  for (; at < step; at += size) {
    let sum = load<T>(slices + at);
    for (let i = 1; i < count; i++) sum += load<T>(slices + at + <usize>i * step);
    store<T>(out + at, sum);
  }
}
