// The products of Winograd's algorithm (winograd.ts) to outputs: Aᵀ·m·A of every tile, where it belongs.

import { Plan, getI32, setI32 } from './conv_plan';
import { finishRun } from './epilogue';
import { transposeBlock } from './pack';
import { lanes } from './simd';
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
function interleave<T, F>(row: usize, pixels: usize): void {
  if (outputsOf<F>() == 4) {
    transposeBlock<T>(row, row + 16, row + 32, row + 48, pixels, 4 * sizeof<T>());
    if (sizeof<T>() == 8) transposeBlock<T>(row + 32, row + 48, 0, 0, pixels + 16, 32);
    return;
  }
  const even = v128.load(row);
  const odd = v128.load(row + 16);
  if (sizeof<T>() == 8) {
    v128.store(pixels, v128.shuffle<f64>(even, odd, 0, 2));
    v128.store(pixels + 16, v128.shuffle<f64>(even, odd, 1, 3));
  } else {
    v128.store(pixels, v128.shuffle<f32>(even, odd, 0, 4, 1, 5));
    v128.store(pixels + 16, v128.shuffle<f32>(even, odd, 2, 6, 3, 7));
  }
}

// @ts-ignore: decorator
@inline
function copyOutputs<T>(dst: usize, src: usize, bytes: i32): void {
  if (bytes == 16) {
    v128.store(dst, v128.load(src));
  } else if (bytes == 32) {
    v128.store(dst, v128.load(src));
    v128.store(dst, v128.load(src, 16), 16);
  } else if (bytes == 8) {
    store<u64>(dst, load<u64>(src));
  } else {
    for (let j: usize = 0; j < <usize>bytes; j += sizeof<T>()) store<T>(dst + j, load<T>(src + j));
  }
}

/** One panel of one output channel: two vectors a product to a tile's outputs. `spare`: 36 rows of a panel. */
function outputTiles<T, F>(
  products: usize,
  start: T,
  out: usize,
  Ow: i32,
  targets: usize,
  count: i32,
  spare: usize,
): void {
  const size = <i32>sizeof<T>();
  const L = lanes<T>();
  const side = <usize>sideOf<F>();
  const outputs = <usize>outputsOf<F>();
  const zero = v128.splat<T>(<T>0);
  const bias = v128.splat<T>(start);
  const lines = spare;
  const pixels = spare + outputs * side * 32;
  for (let half: usize = 0; half < 32; half += 16) {
    for (let x: usize = 0; x < side; x++) {
      changetype<F>(0).output<T>(products + x * 32 + half, side * 32, lines + x * 16, side * 16, zero);
    }
    const from = half == 0 ? 0 : L;
    for (let y: usize = 0; y < outputs; y++) {
      const row = lines + y * side * 16;
      changetype<F>(0).output<T>(row, 16, row, 16, bias);
      interleave<T, F>(row, pixels);
      for (let i = from; i < min(from + L, count); i++) {
        const extent = getI32(targets, 2 * i + 1);
        if (<i32>y >= extent >> 3) continue;
        const dst = out + <usize>((getI32(targets, 2 * i) + <i32>y * Ow) * size);
        copyOutputs<T>(dst, pixels + outputs * <usize>((i - from) * size), (extent & 7) * size);
      }
    }
  }
}

/** A block's outputs of one channel, finished; `plane`: the channel's in the first image. */
function finishPlane<T, F>(plan: Plan, channel: i32, plane: usize, outImage: i32, Oh: i32, Ow: i32): void {
  const size = sizeof<T>();
  const side = outputsOf<F>();
  const col = plan.col * side;
  const width = min(plan.cols * side, Ow - col);
  for (let r = plan.first; r < plan.first + plan.rows; r++) {
    const i = (r % plan.gridRows) * side;
    const height = min(side, Oh - i);
    let at = plane + <usize>((r / plan.gridRows) * outImage + i * Ow + col) * size;
    if (width == Ow) {
      finishRun<T>(plan, channel, at, height * Ow);
    } else {
      for (let y = 0; y < height; y++, at += <usize>Ow * size) finishRun<T>(plan, channel, at, width);
    }
  }
}

/** Bytes of `spare`. */
export const OUTPUT_SPARE: i32 = 40 * 32;

/**
 * Products[panel, channel, parts, lane] of a block's `panels`, `stepPanel` bytes apart, for M channels from `o` on: to the outputs
 * of these channels, finished. A bias of 0 is none.
 */
export function outputBlock<T, F>(
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
  const width = tileCols<T>();
  const tiles = plan.rows * plan.cols;
  const channelBytes = <usize>(partsOf<F>() * 32);
  const planeBytes = <usize>(Oh * Ow) * sizeof<T>();
  let at = targets;
  for (let p = 0; p < tiles; p += width, products += stepPanel, at += 8 * <usize>width) {
    const count = min(width, tiles - p);
    let from = products;
    let plane = out + <usize>o * planeBytes;
    for (let m = o; m < o + M; m++, from += channelBytes, plane += planeBytes) {
      const start: T = bias == 0 ? <T>0 : load<T>(bias + <usize>m * sizeof<T>());
      outputTiles<T, F>(from, start, plane, Ow, at, count, spare);
    }
  }
  for (let m = o; m < o + M && plan.finishes; m++) {
    const plane = out + <usize>m * planeBytes;
    finishPlane<T, F>(plan, m, plane, outImage, Oh, Ow);
  }
}
