// A tap convolution (conv_plan.ts) as a product: packed panels of positions, straight from band or source, times weight rows.

import { fillBand, beginBlock, placeSteps } from './conv_band';
import { OUTPUT_LIMIT, Plan, getI32, setI32 } from './conv_plan';
import { finishRun } from './epilogue';
import { TILE_ROWS, tile, tileCols } from './tile';
import { isWide, tilePair } from './tile_wide';

/** Where the block's columns go: strides of image, grid row and grid column in the output. */
function placeTargets<T>(plan: Plan, image: i32, row: i32, step: i32): void {
  const rows = plan.rows;
  const cols = plan.cols;
  for (let r = 0; r < rows; r++) {
    const y = plan.first + r;
    const base = (y / plan.gridRows) * image + (y % plan.gridRows) * row + plan.col * step;
    for (let x = 0; x < cols; x++) setI32(plan.colTarget, r * cols + x, base + x * step);
  }
  const width = tileCols<T>();
  const positions = rows * cols;
  for (let p = 0; p < positions; p += width) {
    const target = getI32(plan.colTarget, p);
    const whole = p + width <= positions && getI32(plan.colTarget, p + width - 1) - target == width - 1;
    setI32(plan.panelTarget, p / width, whole ? target : -1);
  }
}

/** Cuts positions [p, p + count) into runs of one row each: (byte in the panel row, byte in the band, length). */
function cutSegments<T>(plan: Plan, p: i32, count: i32): i32 {
  const cols = plan.cols;
  let n = 0;
  for (let done = 0; done < count; n++) {
    const x = (p + done) % cols;
    const length = min(cols - x, count - done);
    setI32(plan.segments, 3 * n, done * <i32>sizeof<T>());
    setI32(plan.segments, 3 * n + 1, (getI32(plan.rowBase, (p + done) / cols) + x) * <i32>sizeof<T>());
    setI32(plan.segments, 3 * n + 2, length);
    done += length;
  }
  return n;
}

// @ts-ignore: decorator
@inline
function copyPanelRow(dst: usize, src: usize): void {
  v128.store(dst, v128.load(src));
  v128.store(dst, v128.load(src, 16), 16);
}

// A run is stored at full width: what it writes too much is overwritten by the next run or the next row, which come later.
function packPanel<T>(plan: Plan, dst: usize, depth: i32, from: usize, runs: i32, exact: bool): void {
  let step = plan.stepOffset;
  const end = step + 4 * <usize>depth;
  const src = from + load<u32>(plan.segments, 4);
  if (exact) {
    for (; step < end; step += 4, dst += 32) {
      for (let i = 0; i < runs; i++) {
        const run = plan.segments + 12 * <usize>i;
        const d = dst + load<u32>(run);
        const s = from + load<u32>(run, 4) + load<u32>(step);
        const length = load<i32>(run, 8);
        for (let x: usize = 0; x < <usize>length * sizeof<T>(); x += sizeof<T>())
          store<T>(d + x, load<T>(s + x));
      }
    }
  } else if (runs == 1) {
    for (; step < end; step += 4, dst += 32) copyPanelRow(dst, src + load<u32>(step));
  } else if (runs == 2) {
    const at = load<u32>(plan.segments, 12);
    const second = from + load<u32>(plan.segments, 16);
    for (; step < end; step += 4, dst += 32) {
      const offset = load<u32>(step);
      copyPanelRow(dst, src + offset);
      copyPanelRow(dst + at, second + offset);
    }
  } else {
    for (; step < end; step += 4, dst += 32) {
      const offset = load<u32>(step);
      for (let i = 0; i < runs; i++) {
        const run = plan.segments + 12 * <usize>i;
        copyPanelRow(dst + load<u32>(run), from + load<u32>(run, 4) + offset);
      }
    }
  }
}

/** Packs the block's positions, all panels, for `depth` steps. */
export function packBlock<T>(plan: Plan, depth: i32, source: usize): void {
  const positions = plan.rows * plan.cols;
  const width = tileCols<T>();
  const from = plan.direct ? source : plan.band;
  let reach: u32 = 0;
  if (plan.direct) {
    for (let k = 0; k < depth; k++) reach = max(reach, <u32>getI32(plan.stepOffset, k));
  }
  let dst = plan.block;
  for (let p = 0; p < positions; p += width, dst += <usize>depth * 32) {
    const runs = cutSegments<T>(plan, p, min(width, positions - p));
    const last = load<u32>(plan.segments + 12 * <usize>(runs - 1), 4);
    const exact = plan.direct && <u64>from + last + reach + 32 > <u64>plan.sourceEnd;
    packPanel<T>(plan, dst, depth, from, runs, exact);
  }
}

/** A finished tile to where its positions belong. */
function scatterTile<T>(
  plan: Plan,
  tile: usize,
  p: i32,
  count: i32,
  rows: i32,
  out: usize,
  strideOut: usize,
): void {
  const targets = plan.colTarget + 4 * <usize>p;
  for (let i = 0; i < rows; i++, tile += 32, out += strideOut) {
    for (let x = 0; x < count; x++) {
      store<T>(out + <usize>getI32(targets, x) * sizeof<T>(), load<T>(tile + <usize>x * sizeof<T>()));
    }
  }
}

/** The block's outputs of M channels, finished in runs that are consecutive in the output. */
function finishBlock<T>(
  plan: Plan,
  positions: i32,
  channel: i32,
  M: i32,
  out: usize,
  strideOut: usize,
): void {
  for (let p = 0, count = 0; p < positions; p += count) {
    const target = getI32(plan.colTarget, p);
    count = 1;
    while (p + count < positions && getI32(plan.colTarget, p + count) == target + count) count++;
    let at = out + <usize>target * sizeof<T>();
    for (let m = 0; m < M; m++, at += strideOut) finishRun<T>(plan, channel + m, at, count);
  }
}

/** Whether the panel at position p is consecutive in the output. */
// @ts-ignore: decorator
@inline
function isWhole<T>(plan: Plan, p: i32): bool {
  return getI32(plan.panelTarget, p / tileCols<T>()) >= 0;
}

/** Where the panel at position p is summed: in the output, or in `waiting`. */
// @ts-ignore: decorator
@inline
function tileTarget<T>(plan: Plan, p: i32, out: usize, waiting: usize): usize {
  if (!isWhole<T>(plan, p)) return waiting;
  return out + <usize>getI32(plan.panelTarget, p / tileCols<T>()) * sizeof<T>();
}

function fillBias<T>(rows: i32, bias: usize, c: usize, strideC: usize): void {
  for (let i = 0; i < rows; i++, bias += sizeof<T>(), c += strideC) {
    const value = v128.load_splat<T>(bias);
    v128.store(c, value);
    v128.store(c, value, 16);
  }
}

/**
 * Every row panel of weights against every panel of positions. A panel whose positions are not consecutive in the output is
 * summed in a tile of its own, and scattered when the reduction is complete.
 */
function multiplyBlock<T>(
  plan: Plan,
  depth: i32,
  positions: i32,
  first: bool,
  last: bool,
  M: i32,
  weight: usize,
  strideWeight: usize,
  bias: usize,
  out: usize,
  strideOut: usize,
): void {
  const width = tileCols<T>();
  let waiting = plan.tiles;
  for (let i = 0; i < M; i += TILE_ROWS) {
    const rows = min(TILE_ROWS, M - i);
    const biased = first && bias != 0;
    const zero = first && !biased;
    const panelBytes = <usize>depth * 32;
    const waitingBytes = <usize>TILE_ROWS * 32;
    let panel = plan.block;
    for (let p = 0; p < positions;) {
      const pair = isWide() && rows == TILE_ROWS && p + width < positions;
      const c = tileTarget<T>(plan, p, out, waiting);
      const strideC = isWhole<T>(plan, p) ? strideOut : 32;
      if (biased) fillBias<T>(rows, bias, c, strideC);
      if (pair) {
        const e = tileTarget<T>(plan, p + width, out, waiting + waitingBytes);
        const strideE = isWhole<T>(plan, p + width) ? strideOut : 32;
        if (biased) fillBias<T>(rows, bias, e, strideE);
        tilePair<T>(zero, depth, weight, strideWeight, panel, panel + panelBytes, c, strideC, e, strideE);
      } else {
        tile<T>(rows, zero, depth, weight, strideWeight, panel, c, strideC);
      }
      for (let done = pair ? 2 : 1; done > 0; done--) {
        if (last && !isWhole<T>(plan, p)) {
          scatterTile<T>(plan, waiting, p, min(width, positions - p), rows, out, strideOut);
        }
        p += width;
        panel += panelBytes;
        waiting += waitingBytes;
      }
    }
    weight += <usize>TILE_ROWS * strideWeight;
    out += <usize>TILE_ROWS * strideOut;
    if (bias != 0) bias += <usize>TILE_ROWS * sizeof<T>();
  }
}

/** `weight` is [outputs, channels·taps]; an output element is at n·outImage + m·outPlane + i·outRow + j·outCol. */
export function convolve<T>(
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
  const steps = plan.channels * plan.taps;
  const strideWeight = <usize>steps * size;
  const strideOut = <usize>outPlane * size;
  const totalRows = plan.images * plan.gridRows;
  for (let m = 0; m < plan.outputs; m += OUTPUT_LIMIT) {
    const M = min(OUTPUT_LIMIT, plan.outputs - m);
    const weightM = weight + <usize>m * strideWeight;
    const biasM: usize = bias == 0 ? 0 : bias + <usize>m * size;
    const outM = out + <usize>m * strideOut;
    for (let first = 0; first < totalRows; first += plan.blockRows) {
      const rows = min(plan.blockRows, totalRows - first);
      for (let col = 0; col < plan.gridCols; col += plan.blockCols) {
        const cols = min(plan.blockCols, plan.gridCols - col);
        const positions = rows * cols;
        beginBlock(plan, first, rows, col, cols);
        placeTargets<T>(plan, outImage, outRow, outCol);
        for (let step = 0; step < steps; step += plan.depth) {
          const depth = min(plan.depth, steps - step);
          const last = step + depth == steps;
          placeSteps<T>(plan, step, depth);
          if (!plan.direct) {
            const c = step / plan.taps;
            fillBand<T>(plan, source, c, (step + depth - 1) / plan.taps + 1 - c);
          }
          packBlock<T>(plan, depth, source);
          const a = weightM + <usize>step * size;
          multiplyBlock<T>(
            plan,
            depth,
            positions,
            step == 0,
            last,
            M,
            a,
            strideWeight,
            biasM,
            outM,
            strideOut,
          );
        }
        if (plan.finishes) finishBlock<T>(plan, positions, m, M, outM, strideOut);
      }
    }
  }
}
