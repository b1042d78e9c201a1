// The products of Winograd's algorithm (winograd.ts) to outputs: Aᵀ·m·A of every tile, where it belongs.

import { Plan, getI32, setI32 } from './conv_plan';
import { finishRun } from './epilogue';
import { transposeBlock } from './pack';
import { tileCols } from './tile';
import { outputsOf, partsOf, sideOf } from './winograd_tile';

/** Where the tiles of a block go: offset of the first output, rows · 8 + columns that exist. */
export function placeTiles<F>(plan: Plan, targets: usize, outImage: i32, Oh: i32, Ow: i32): void {
  const side = outputsOf<F>();
  const cols = plan.cols;
  for (let r = 0; r < plan.rows; r++) {
    const image = (plan.first + r) / plan.gridRows;
    const i = ((plan.first + r) % plan.gridRows) * side;
    for (let x = 0; x < cols; x++) {
      const j = (plan.col + x) * side;
      setI32(targets, 2 * (r * cols + x), image * outImage + i * Ow + j);
      setI32(targets, 2 * (r * cols + x) + 1, min(side, Oh - i) * 8 + min(side, Ow - j));
    }
  }
}

/** A row of outputs with one tile in each lane, a vector for each column, to whole tiles side by side. */
// @ts-ignore: decorator
@inline
function interleave<F>(row: usize, pixels: usize): void {
  if (outputsOf<F>() == 4) {
    transposeBlock<f32>(row, row + 16, row + 32, row + 48, pixels, 16);
    return;
  }
  const a = v128.load(row);
  const b = v128.load(row, 16);
  if (outputsOf<F>() == 2) {
    v128.store(pixels, v128.shuffle<f32>(a, b, 0, 4, 1, 5));
    v128.store(pixels, v128.shuffle<f32>(a, b, 2, 6, 3, 7), 16);
    return;
  }
  const c = v128.load(row, 32);
  v128.store(pixels, v128.shuffle<f32>(v128.shuffle<f32>(a, b, 0, 4, 1, 1), c, 0, 1, 4, 2));
  v128.store(pixels, v128.shuffle<f32>(v128.shuffle<f32>(b, c, 1, 5, 2, 2), a, 0, 1, 6, 2), 16);
  v128.store(pixels, v128.shuffle<f32>(v128.shuffle<f32>(c, a, 2, 7, 3, 3), b, 0, 1, 7, 2), 32);
}

/** One tile's outputs, rows `step` bytes apart, where they belong: `extent` of them (see placeTiles). */
// @ts-ignore: decorator
@inline
function copyTile<F>(dst: usize, row: usize, pixels: usize, step: usize, extent: i32): void {
  const side = outputsOf<F>();
  if (extent == 9 * side) {
    for (let y = 0; y < side; y++, dst += row, pixels += step) {
      if (side == 4) v128.store(dst, v128.load(pixels));
      else store<u64>(dst, load<u64>(pixels));
      if (side == 3) store<f32>(dst + 8, load<f32>(pixels + 8));
    }
    return;
  }
  for (let y = 0; y < extent >> 3; y++, dst += row, pixels += step) {
    for (let x: usize = 0; x < 4 * <usize>(extent & 7); x += 4) store<f32>(dst + x, load<f32>(pixels + x));
  }
}

/** One panel of one output channel: two vectors a product to a tile's outputs. `spare`: 36 rows of a panel. */
function outputTiles<F>(
  products: usize,
  start: f32,
  out: usize,
  Ow: i32,
  targets: usize,
  count: i32,
  spare: usize,
): void {
  const side = <usize>sideOf<F>();
  const outputs = <usize>outputsOf<F>();
  const whole = 9 * outputsOf<F>();
  const zero = v128.splat<f32>(0);
  const bias = v128.splat<f32>(start);
  const lines = spare;
  const pixels = spare + outputs * side * 16;
  const row = <usize>Ow * sizeof<f32>();
  for (let from = 0; from < count; from += 4, targets += 32, products += 16) {
    for (let x: usize = 0; x < side; x++) {
      changetype<F>(0).output(products + x * 32, side * 32, lines + x * 16, side * 16, zero);
    }
    const first = out + <usize>getI32(targets, 0) * sizeof<f32>();
    const adjacent =
      from + 4 <= count &&
      getI32(targets, 6) - getI32(targets, 0) == 3 * outputsOf<F>() &&
      getI32(targets, 1) == whole &&
      getI32(targets, 7) == whole;
    for (let y: usize = 0; y < outputs; y++) {
      const line = lines + y * side * 16;
      changetype<F>(0).output(line, 16, line, 16, bias);
      interleave<F>(line, adjacent ? first + y * row : pixels + y * outputs * 16);
    }
    if (adjacent) continue;
    for (let i = 0; i < min(4, count - from); i++) {
      const dst = out + <usize>getI32(targets, 2 * i) * sizeof<f32>();
      const tile = pixels + outputs * <usize>(4 * i);
      copyTile<F>(dst, row, tile, outputs * 16, getI32(targets, 2 * i + 1));
    }
  }
}

/** A block's outputs of one channel, finished; `plane`: the channel's in the first image. */
function finishPlane<F>(plan: Plan, channel: i32, plane: usize, outImage: i32, Oh: i32, Ow: i32): void {
  const size = sizeof<f32>();
  const side = outputsOf<F>();
  const col = plan.col * side;
  const width = min(plan.cols * side, Ow - col);
  for (let r = plan.first; r < plan.first + plan.rows; r++) {
    const i = (r % plan.gridRows) * side;
    const height = min(side, Oh - i);
    let at = plane + <usize>((r / plan.gridRows) * outImage + i * Ow + col) * size;
    if (width == Ow) {
      finishRun<f32>(plan, channel, at, height * Ow);
    } else {
      for (let y = 0; y < height; y++, at += <usize>Ow * size) finishRun<f32>(plan, channel, at, width);
    }
  }
}

/** Bytes of `spare`. */
export const OUTPUT_SPARE: i32 = 40 * 32;

/**
 * Products[panel, channel, parts, lane] of a block's `panels`, `stepPanel` bytes apart, for M channels from `o` on: to the outputs
 * of these channels, finished. A bias of 0 is none.
 */
export function outputBlock<F>(
  plan: Plan,
  products: usize,
  stepPanel: usize,
  o: i32,
  M: i32,
  bias: usize,
  out: usize,
  outImage: i32,
  Oh: i32,
  Ow: i32,
  targets: usize,
  spare: usize,
): void {
  const width = tileCols<f32>();
  const tiles = plan.rows * plan.cols;
  const channelBytes = <usize>(partsOf<F>() * 32);
  const planeBytes = <usize>(Oh * Ow) * sizeof<f32>();
  let at = targets;
  for (let p = 0; p < tiles; p += width, products += stepPanel, at += 8 * <usize>width) {
    const count = min(width, tiles - p);
    let from = products;
    let plane = out + <usize>o * planeBytes;
    for (let m = o; m < o + M; m++, from += channelBytes, plane += planeBytes) {
      const start: f32 = bias == 0 ? 0 : load<f32>(bias + <usize>m * sizeof<f32>());
      outputTiles<F>(from, start, plane, Ow, at, count, spare);
    }
  }
  for (let m = o; m < o + M && plan.finishes; m++) {
    const plane = out + <usize>m * planeBytes;
    finishPlane<F>(plan, m, plane, outImage, Oh, Ow);
  }
}
