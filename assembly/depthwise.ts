// Depthwise convolution (one channel in and out per group): no reduction over channels, so nothing to gain from a product's packing.
// Each output vector sums its taps straight from the band (conv_band.ts).

import { fillBand, beginBlock, placeSteps } from './conv_band';
import { Plan, getI32 } from './conv_plan';
import { MAX_KC } from './gemm';
import { fma, lanes, sumLanes } from './simd';

/** Whether these kernels apply; taps beyond a plan's depth are left to the product. */
export function isDepthwise(C: i32, O: i32, groups: i32, taps: i32): bool {
  return C == groups && O == groups && taps <= MAX_KC;
}

// Four vectors of one row: four independent sums hide the latency of an addition. Nothing but stores after the loop, see tile.ts.
function fourVectors<T>(dst: usize, src: usize, steps: usize, taps: i32, weight: usize, start: T): void {
  let c0 = v128.splat<T>(start);
  let c1 = c0;
  let c2 = c0;
  let c3 = c0;
  for (let t = taps; t > 0; t--) {
    const s = src + load<u32>(steps);
    const w = v128.load_splat<T>(weight);
    c0 = fma<T>(w, v128.load(s), c0);
    c1 = fma<T>(w, v128.load(s, 16), c1);
    c2 = fma<T>(w, v128.load(s, 32), c2);
    c3 = fma<T>(w, v128.load(s, 48), c3);
    steps += 4;
    weight += sizeof<T>();
  }
  v128.store(dst, c0);
  v128.store(dst, c1, 16);
  v128.store(dst, c2, 32);
  v128.store(dst, c3, 48);
}

function oneVector<T>(dst: usize, src: usize, steps: usize, taps: i32, weight: usize, start: T): void {
  let c = v128.splat<T>(start);
  for (let t = taps; t > 0; t--) {
    c = fma<T>(v128.load_splat<T>(weight), v128.load(src + load<u32>(steps)), c);
    steps += 4;
    weight += sizeof<T>();
  }
  v128.store(dst, c);
}

/** One row of `cols` outputs, `step` bytes apart. `spare` is for vectors that may not be stored whole. */
function outputRow<T>(
  dst: usize,
  step: usize,
  cols: i32,
  src: usize,
  steps: usize,
  taps: i32,
  weight: usize,
  start: T,
  spare: usize,
): void {
  const L = lanes<T>();
  let x = 0;
  if (step == sizeof<T>()) {
    for (; x + 4 * L <= cols; x += 4 * L, dst += 64, src += 64) {
      fourVectors<T>(dst, src, steps, taps, weight, start);
    }
    for (; x + L <= cols; x += L, dst += 16, src += 16) oneVector<T>(dst, src, steps, taps, weight, start);
  }
  for (; x < cols; x += L, src += 16) {
    oneVector<T>(spare, src, steps, taps, weight, start);
    for (let i = 0; i < min(L, cols - x); i++, dst += step) {
      store<T>(dst, load<T>(spare + <usize>i * sizeof<T>()));
    }
  }
}

/** All channels of a plan; `weight` is [channels, taps]. Output strides as in `convolve`. */
export function depthwise<T>(
  plan: Plan,
  source: usize,
  weight: usize,
  bias: usize,
  out: usize,
  outImage: i32,
  outPlane: i32,
  outRow: i32,
  outCol: i32,
): void {
  const size = sizeof<T>();
  const taps = plan.taps;
  const perBand = plan.depth / taps;
  const totalRows = plan.images * plan.gridRows;
  for (let first = 0; first < totalRows; first += plan.blockRows) {
    const rows = min(plan.blockRows, totalRows - first);
    for (let col = 0; col < plan.gridCols; col += plan.blockCols) {
      const cols = min(plan.blockCols, plan.gridCols - col);
      beginBlock(plan, first, rows, col, cols);
      placeSteps<T>(plan, 0, perBand * taps);
      for (let from = 0; from < plan.channels; from += perBand) {
        const channels = min(perBand, plan.channels - from);
        fillBand<T>(plan, source, from, channels);
        for (let c = 0; c < channels; c++) {
          const steps = plan.stepOffset + 4 * <usize>(c * taps);
          const w = weight + <usize>((from + c) * taps) * size;
          const start: T = bias == 0 ? <T>0 : load<T>(bias + <usize>(from + c) * size);
          for (let r = 0; r < rows; r++) {
            const image = (first + r) / plan.gridRows;
            const row = (first + r) % plan.gridRows;
            const target = image * outImage + (from + c) * outPlane + row * outRow + col * outCol;
            const src = plan.band + <usize>getI32(plan.rowBase, r) * size;
            const step = <usize>outCol * size;
            outputRow<T>(out + <usize>target * size, step, cols, src, steps, taps, w, start, plan.tiles);
          }
        }
      }
    }
  }
}

/** Adds the products of one row of gradOut with the source under four taps; `sums` are four vectors. */
function fourTaps<T>(g: usize, cols: i32, s0: usize, s1: usize, s2: usize, s3: usize, sums: usize): void {
  const L = lanes<T>();
  let c0 = v128.load(sums);
  let c1 = v128.load(sums, 16);
  let c2 = v128.load(sums, 32);
  let c3 = v128.load(sums, 48);
  let x: usize = 0;
  const whole = <usize>(cols & ~(L - 1)) * sizeof<T>();
  for (; x < whole; x += 16) {
    const v = v128.load(g + x);
    c0 = fma<T>(v, v128.load(s0 + x), c0);
    c1 = fma<T>(v, v128.load(s1 + x), c1);
    c2 = fma<T>(v, v128.load(s2 + x), c2);
    c3 = fma<T>(v, v128.load(s3 + x), c3);
  }
  v128.store(sums, c0);
  v128.store(sums, c1, 16);
  v128.store(sums, c2, 32);
  v128.store(sums, c3, 48);
  const end = <usize>cols * sizeof<T>();
  for (; x < end; x += sizeof<T>()) {
    const v = load<T>(g + x);
    store<T>(sums, load<T>(sums) + v * load<T>(s0 + x));
    store<T>(sums, load<T>(sums, 16) + v * load<T>(s1 + x), 16);
    store<T>(sums, load<T>(sums, 32) + v * load<T>(s2 + x), 32);
    store<T>(sums, load<T>(sums, 48) + v * load<T>(s3 + x), 48);
  }
}

/** gradW[begin + i, taps], for the plan's channels, over all images; gradOut is [images, C, gridRows, gridCols]. */
export function depthwiseWeight<T>(
  plan: Plan,
  source: usize,
  gout: usize,
  gw: usize,
  begin: i32,
  C: i32,
): void {
  const size = sizeof<T>();
  const taps = plan.taps;
  const perBand = plan.depth / taps;
  const totalRows = plan.images * plan.gridRows;
  const sums = plan.tiles;
  source += <usize>(begin * plan.planeStride) * size;
  gw += <usize>(begin * taps) * size;
  memory.fill(gw, 0, <usize>(plan.channels * taps) * size);
  for (let first = 0; first < totalRows; first += plan.blockRows) {
    const rows = min(plan.blockRows, totalRows - first);
    for (let col = 0; col < plan.gridCols; col += plan.blockCols) {
      const cols = min(plan.blockCols, plan.gridCols - col);
      beginBlock(plan, first, rows, col, cols);
      placeSteps<T>(plan, 0, perBand * taps);
      for (let from = 0; from < plan.channels; from += perBand) {
        const channels = min(perBand, plan.channels - from);
        fillBand<T>(plan, source, from, channels);
        for (let k = 0, count = 0; k < channels * taps; k += count) {
          // Up to four taps of one channel; a missing one repeats the last and is not used.
          const c = k / taps;
          count = min(4, (c + 1) * taps - k);
          const steps = plan.stepOffset + 4 * <usize>k;
          const o0 = load<u32>(steps);
          const o1 = load<u32>(steps + 4 * <usize>min(1, count - 1));
          const o2 = load<u32>(steps + 4 * <usize>min(2, count - 1));
          const o3 = load<u32>(steps + 4 * <usize>(count - 1));
          memory.fill(sums, 0, 64);
          for (let r = 0; r < rows; r++) {
            const image = (first + r) / plan.gridRows;
            const row = (first + r) % plan.gridRows;
            const plane = image * C + begin + from + c;
            const g = gout + <usize>((plane * plan.gridRows + row) * plan.gridCols + col) * size;
            const src = plan.band + <usize>getI32(plan.rowBase, r) * size;
            fourTaps<T>(g, cols, src + o0, src + o1, src + o2, src + o3, sums);
          }
          let d = gw + <usize>(from * taps + k) * size;
          for (let i = 0; i < count; i++, d += size) {
            store<T>(d, load<T>(d) + sumLanes<T>(v128.load(sums + <usize>i * 16)));
          }
        }
      }
    }
  }
}
