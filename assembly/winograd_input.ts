// The inputs of Winograd's algorithm (winograd.ts): Bᵀ·d·B of every tile, with a tile in each lane.
// A block is some rows of tiles, numbered in order. First each line of the source is transformed along its length, four tiles at a time,
// to lines[y][x][tile]; what two rows of tiles share is copied. Then the columns, whole vectors of the block's tiles, whatever row they are in.

import { copyRun, zeroRun } from './conv_band';
import { Plan, chooseBlock, placeBlock } from './conv_plan';
import { tileCols } from './tile';
import { outputsOf, partsOf, phasesOf, sideOf, strideOf } from './winograd_tile';

/** Tiles that a row's last vector may run over its end. */
const OVER: i32 = 4;

/** Tiles along `x` outputs. */
export function tilesAlong<F>(x: i32): i32 {
  return (x + outputsOf<F>() - 1) / outputsOf<F>();
}

/** Bytes of one of the lines of `tiles`. */
function lineBytes(tiles: i32): usize {
  return <usize>(((tiles + 3) & ~3) + OVER) * sizeof<f32>();
}

/** Bytes of a padded line of the source for `cols` tiles. */
function paddedBytes<F>(cols: i32): usize {
  return <usize>((cols + OVER) * outputsOf<F>() + 4) * sizeof<f32>();
}

/** A plan of the tiles of x[N, C, H, W] for outputs [Oh, Ow], in blocks of at most `limit`. */
export function planTiles<F>(
  ws: usize,
  N: i32,
  C: i32,
  H: i32,
  W: i32,
  ph: i32,
  pw: i32,
  Oh: i32,
  Ow: i32,
  limit: i32,
): Plan {
  const plan = changetype<Plan>(ws);
  plan.height = H;
  plan.width = W;
  plan.imageStride = C * H * W;
  plan.planeStride = H * W;
  plan.rowMin = -ph;
  plan.colMin = -pw;
  plan.images = N;
  plan.gridRows = tilesAlong<F>(Oh);
  plan.gridCols = tilesAlong<F>(Ow);
  plan.limit = limit;
  plan.finishes = false;
  chooseBlock<f32>(plan, true);
  plan.block = (ws + <usize>offsetof<Plan>() + 15) & ~15;
  plan.padded = plan.block + <usize>partsOf<F>() * lineBytes(plan.blockRows * plan.blockCols);
  // Lanes without a tile are computed too, and numbers too small to be normal are slow.
  memory.fill(plan.block, 0, plan.padded - plan.block);
  clearPadded<F>(plan);
  return plan;
}

function clearPadded<F>(plan: Plan): void {
  memory.fill(plan.padded, 0, <usize>sideOf<F>() * paddedBytes<F>(plan.blockCols));
}

/** Bytes of such a plan. */
export function tilesBytes<F>(limit: i32): usize {
  const most = limit + tileCols<f32>();
  const bytes =
    <usize>offsetof<Plan>() +
    <usize>partsOf<F>() * lineBytes(most) +
    <usize>sideOf<F>() * paddedBytes<F>(most) +
    16;
  return (bytes + 15) & ~15;
}

/** What a row of tiles shares with the one before it. */
function copyLines<F>(lines: usize, line: usize, cols: i32): void {
  const side = <usize>sideOf<F>();
  const from = lines + <usize>outputsOf<F>() * side * line - <usize>cols * sizeof<f32>();
  for (let at: usize = 0; at < (side - <usize>outputsOf<F>()) * side * line; at += line) {
    for (let x: usize = 0; x < <usize>cols * sizeof<f32>(); x += 16) {
      v128.store(lines + at + x, v128.load(from + at + x));
    }
  }
}

/** `length` elements of a line, as far apart as the stride, with zeros on both sides where other phases may have had elements. */
// @ts-ignore: decorator
@inline
function copyLine<F>(padded: usize, source: usize, left: i32, length: i32, end: usize): void {
  const dst = padded + <usize>left * sizeof<f32>();
  if (strideOf<F>() == 1) {
    copyRun<f32>(dst, source, length);
    return;
  }
  const step = <usize>strideOf<F>() * sizeof<f32>();
  for (let at = padded; at < dst; at += 4) store<f32>(at, 0);
  let at = dst;
  for (; at < dst + <usize>length * sizeof<f32>(); at += 4, source += step) store<f32>(at, load<f32>(source));
  for (; at < end; at += 4) store<f32>(at, 0);
}

/** Lines [begin, side) of a row of tiles: `source` is line begin's first element in the plane, and line `top` is the first of them. */
function transformRow<F>(
  plan: Plan,
  source: usize,
  top: i32,
  begin: i32,
  left: i32,
  length: i32,
  lines: usize,
  line: usize,
): void {
  const side = sideOf<F>();
  const bytes = paddedBytes<F>(plan.blockCols);
  const stepLine = <usize>(strideOf<F>() * plan.width) * sizeof<f32>();
  // All are copied before the first is read: a vector cannot be read from two that are still being stored.
  let padded = plan.padded;
  for (let y = begin; y < side; y++, padded += bytes, source += stepLine) {
    if (<u32>(top + y * strideOf<F>()) < <u32>plan.height)
      copyLine<F>(padded, source, left, length, padded + bytes);
  }
  padded = plan.padded;
  for (let y = begin; y < side; y++, padded += bytes) {
    let dst = lines + <usize>(y * side) * line;
    if (<u32>(top + y * strideOf<F>()) < <u32>plan.height) {
      let from = padded;
      for (let x = 0; x < plan.cols; x += 4, from += 16 * <usize>outputsOf<F>(), dst += 16) {
        changetype<F>(0).inputRow(from, dst, line);
      }
    } else {
      for (let x = 0; x < side; x++, dst += line) zeroRun<f32>(dst, plan.cols);
    }
  }
}

/** The lines of a phase of one plane in the block's tiles, transformed along x. */
function transformLines<F>(plan: Plan, plane: usize, phase: i32, line: usize): void {
  const size = sizeof<f32>();
  const m = outputsOf<F>();
  const stride = strideOf<F>();
  const cols = plan.cols;
  const first = plan.col * m * stride + plan.colMin + (phase % stride);
  const whole = cols * m + sideOf<F>() - m;
  const left = min((max(-first, 0) + stride - 1) / stride, whole);
  const start = first + left * stride;
  const length = max(0, min((plan.width - start + stride - 1) / stride, whole - left));
  for (let r = 0; r < plan.rows; r++) {
    const image = (plan.first + r) / plan.gridRows;
    const row = (plan.first + r) % plan.gridRows;
    const top = row * m * stride + plan.rowMin + phase / stride;
    const lines = plan.block + <usize>(r * cols) * size;
    const begin = r > 0 && row > 0 ? sideOf<F>() - m : 0;
    const at = image * plan.imageStride + (top + begin * stride) * plan.width + start;
    transformRow<F>(plan, plane + <usize>at * size, top, begin, left, length, lines, line);
    if (begin > 0) copyLines<F>(lines, line, cols);
  }
}

/** Makes the plan's block the one that begins at row `first` (counted through all images) and column `col`. */
export function beginTiles<F>(plan: Plan, first: i32, rows: i32, col: i32, cols: i32): void {
  placeBlock(plan, first, rows, col, cols);
  // The zeros beside what the block's lines have of the source.
  if (plan.blockCols < plan.gridCols) clearPadded<F>(plan);
}

/** The lines, transformed down the columns too, to parts `part` bytes apart; panels are `stepPanel` bytes apart there. */
function transformColumns<F>(
  lines: usize,
  line: usize,
  panels: i32,
  parts: usize,
  part: usize,
  stepPanel: usize,
): void {
  const side = <usize>sideOf<F>();
  for (let p = 0; p < panels; p++, lines += 32, parts += stepPanel) {
    for (let half: usize = 0; half < 32; half += 16) {
      for (let x: usize = 0; x < side; x++) {
        const from = lines + x * line + half;
        changetype<F>(0).inputColumn(from, side * line, parts + x * part + half, side * part);
      }
    }
  }
}

/**
 * Transforms `count` channels, from `channel` on, of the tiles of a block, to parts `part` bytes apart: a channel's panels are
 * `stepPanel` bytes apart there, a panel's channels `stepChannel`. The phases of a channel are channels there.
 */
export function transformTiles<F>(
  plan: Plan,
  x: usize,
  channel: i32,
  count: i32,
  parts: usize,
  part: usize,
  stepPanel: usize,
  stepChannel: usize,
): void {
  const tiles = plan.rows * plan.cols;
  const line = lineBytes(plan.blockRows * plan.blockCols);
  const panels = (tiles + tileCols<f32>() - 1) / tileCols<f32>();
  let plane = x + <usize>(channel * plan.planeStride) * sizeof<f32>();
  for (let c = 0; c < count; c++) {
    for (let phase = 0; phase < phasesOf<F>(); phase++, parts += stepChannel) {
      transformLines<F>(plan, plane, phase, line);
      transformColumns<F>(plan.block, line, panels, parts, part, stepPanel);
    }
    plane += <usize>plan.planeStride * sizeof<f32>();
  }
}
