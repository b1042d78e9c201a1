// The gradient of a 3×3 convolution of stride 1 by its weight, in Winograd's domain: with out = Aᵀ [u ⊙ v] A for each tile,
// where u = G·w·Gᵀ and v = Bᵀ·d·B (winograd.ts), the chain rule gives
//   dw = Gᵀ [ Σ over tiles and images (A·dout·Aᵀ) ⊙ v ] G,
// 36 products of matrices, [C, tiles] by [tiles, O], instead of the 144 that the tiles' 16 outputs would take.
// v is laid out with a channel's tiles in a row, A·dout·Aᵀ in panels of output channels: the operands of the register tile.

import { BLOCK_COLS } from './gemm';
import { getI32 } from './conv_plan';
import { transposeBlock } from './pack';
import { lanes } from './simd';
import { TILE_ROWS, tile, tileCols } from './tile';
import { isWide, tilePair } from './tile_wide';
import { beginTiles, planTiles, tilesBytes, transformTiles } from './winograd_input';
import { placeTiles } from './winograd_output';
import { F4 } from './winograd_tile';
import { APART } from './winograd_weight';

// Bytes of one of the 36 parts of both operands: what is read at a time, and stays in the second-level cache.
const PART_BYTES: i32 = 256 * 1024;
// Bytes of transformed gradients that are summed at a time. More output channels than that take turns.
const SUM_BYTES: i32 = 10 * 1024 * 1024;

function tileLimit(C: i32, O: i32): i32 {
  const width = tileCols<f32>();
  const most = PART_BYTES / (<i32>sizeof<f32>() * (C + O));
  return min(BLOCK_COLS, max(1, most / width) * width);
}

function outputLimit(C: i32, O: i32): i32 {
  const width = tileCols<f32>();
  const most = max(1, SUM_BYTES / (36 * <i32>sizeof<f32>() * C * width)) * width;
  return min(((O + width - 1) / width) * width, most);
}

/** Bytes of `ws`: a plan (at most 2 MB), both operands (9 MB, more from 8192 channels on) and the sums (10 MB, more from 9100 on). */
export function winogradGradientWorkspace(N: i32, C: i32, O: i32, Oh: i32, Ow: i32): i32 {
  const tiles = tileLimit(C, O) + tileCols<f32>();
  const outputs = outputLimit(C, O);
  const elements = tiles * (C + outputs) + C * outputs;
  const tables = 8 * tiles + 64 * 32 + 3 * 36 * <i32>APART;
  return <i32>tilesBytes<F4>(tileLimit(C, O)) + 36 * elements * <i32>sizeof<f32>() + tables;
}

/**
 * One tile's 4×4 gradients of a panel of output channels (`count` exist), to pixels[16] with the channels in the lanes.
 * `spare`: a row of zeros and one for each lane.
 */
function gatherGradients(
  dout: usize,
  plane: usize,
  row: usize,
  extent: i32,
  count: i32,
  pixels: usize,
  spare: usize,
): void {
  const size = sizeof<f32>();
  const L = lanes<f32>();
  const height = extent >> 3;
  const width = extent & 7;
  if (count >= tileCols<f32>() && extent == 9 * 4) {
    for (let y = 0; y < 4; y++, dout += row, pixels += 4 * 32) {
      const next = dout + 4 * plane;
      transposeBlock<f32>(dout, dout + plane, dout + 2 * plane, dout + 3 * plane, pixels, 32);
      transposeBlock<f32>(next, next + plane, next + 2 * plane, next + 3 * plane, pixels + 16, 32);
    }
    return;
  }
  const zeros = spare;
  for (let y = 0; y < 4; y++) {
    for (let half = 0; half < 2; half++) {
      let s0 = zeros;
      let s1 = zeros;
      let s2 = zeros;
      let s3 = zeros;
      for (let j = 0; j < L; j++) {
        const o = half * L + j;
        if (y >= height || o >= count) continue;
        let s = dout + <usize>o * plane + <usize>y * row;
        if (width < 4) {
          const copy = spare + <usize>(j + 1) * 4 * size;
          for (let x = 0; x < 4; x++) {
            store<f32>(copy + <usize>x * size, x < width ? load<f32>(s + <usize>x * size) : 0);
          }
          s = copy;
        }
        if (j == 0) s0 = s;
        else if (j == 1) s1 = s;
        else if (j == 2) s2 = s;
        else s3 = s;
      }
      const dst = pixels + <usize>(4 * y) * 32 + <usize>half * 16;
      transposeBlock<f32>(s0, s1, s2, s3, dst, 32);
    }
  }
}

/** The gradients of a block's tiles for `outputs` channels, to 36 parts `part` bytes apart: [panel of channels][tile][lane]. */
function transformGradients(
  dout: usize,
  plane: usize,
  row: usize,
  targets: usize,
  tiles: i32,
  outputs: i32,
  parts: usize,
  part: usize,
  spare: usize,
): void {
  const width = tileCols<f32>();
  const pixels = spare + 5 * 32;
  const lines = pixels + 16 * 32;
  memory.fill(spare, 0, 4 * sizeof<f32>());
  for (let o = 0; o < outputs; o += width) {
    const count = min(width, outputs - o);
    for (let k = 0; k < tiles; k++, parts += 32) {
      const from = dout + <usize>o * plane + <usize>getI32(targets, 2 * k) * sizeof<f32>();
      gatherGradients(from, plane, row, getI32(targets, 2 * k + 1), count, pixels, spare);
      for (let half: usize = 0; half < 32; half += 16) {
        for (let y: usize = 0; y < 4; y++)
          changetype<F4>(0).outputGradient(pixels + 4 * y * 32 + half, 32, lines + 6 * y * 16, 16);
        for (let x: usize = 0; x < 6; x++)
          changetype<F4>(0).outputGradient(lines + x * 16, 6 * 16, parts + x * part + half, 6 * part);
      }
    }
  }
}

/** The sums [36][C][outputs, whole panels], `part` bytes apart, to dw[outputs, C, 3, 3]. */
function gradientKernels(sums: usize, part: usize, C: i32, outputs: i32, dw: usize, spare: usize): void {
  const size = sizeof<f32>();
  const L = lanes<f32>();
  const padded = ((outputs + tileCols<f32>() - 1) / tileCols<f32>()) * tileCols<f32>();
  const kernel = spare + 18 * 16;
  for (let c = 0; c < C; c++) {
    for (let o = 0; o < outputs; o += L) {
      const from = sums + <usize>(c * padded + o) * size;
      for (let y: usize = 0; y < 6; y++)
        changetype<F4>(0).weightGradient(from + 6 * y * part, part, spare + 3 * y * 16, 16);
      for (let x: usize = 0; x < 3; x++)
        changetype<F4>(0).weightGradient(spare + x * 16, 3 * 16, kernel + x * 16, 3 * 16);
      for (let j = 0; j < min(L, outputs - o); j++) {
        const dst = dw + <usize>(((o + j) * C + c) * 9) * size;
        for (let t: usize = 0; t < 9; t++)
          store<f32>(dst + t * size, load<f32>(kernel + t * 16 + <usize>j * size));
      }
    }
  }
}

/** Output channels [begin, end) of dw[O, C, 3, 3] from x[N, C, H, W] and dout[N, O, Oh, Ow]. */
export function winogradGradient(
  x: usize,
  dout: usize,
  dw: usize,
  N: i32,
  C: i32,
  H: i32,
  W: i32,
  O: i32,
  ph: i32,
  pw: i32,
  Oh: i32,
  Ow: i32,
  begin: i32,
  end: i32,
  ws: usize,
): void {
  const size = sizeof<f32>();
  const width = tileCols<f32>();
  const plan = planTiles<F4>(ws, N, C, H, W, ph, pw, Oh, Ow, tileLimit(C, O));
  const most = outputLimit(C, O);
  const mostTiles = plan.limit + width;
  const inputs = ws + tilesBytes<F4>(plan.limit);
  const gradients = inputs + 36 * (<usize>(mostTiles * C) * size + APART);
  const sums = gradients + 36 * (<usize>(mostTiles * most) * size + APART);
  const targets = sums + 36 * (<usize>(C * most) * size + APART);
  const spare = targets + 8 * <usize>mostTiles;
  const plane = <usize>(Oh * Ow) * size;
  for (let o = begin; o < end; o += most) {
    const outputs = min(most, end - o);
    const outputPanels = (outputs + width - 1) / width;
    const sumRow = <usize>outputPanels * 32;
    const sumPart = <usize>C * sumRow + APART;
    let fromZero = true;
    for (let first = 0; first < N * plan.gridRows; first += plan.blockRows) {
      const rows = min(plan.blockRows, N * plan.gridRows - first);
      for (let col = 0; col < plan.gridCols; col += plan.blockCols) {
        const cols = min(plan.blockCols, plan.gridCols - col);
        const tiles = rows * cols;
        const inputRow = <usize>((tiles + width - 1) / width) * 32;
        const inputPart = <usize>C * inputRow + APART;
        const gradientPart = <usize>(outputPanels * tiles) * 32 + APART;
        beginTiles<F4>(plan, first, rows, col, cols);
        placeTiles<F4>(plan, targets, O * Oh * Ow, Oh, Ow);
        transformTiles<F4>(plan, x, 0, C, inputs, inputPart, 32, inputRow);
        const from = dout + <usize>o * plane;
        const row = <usize>Ow * size;
        transformGradients(from, plane, row, targets, tiles, outputs, gradients, gradientPart, spare);
        for (let i: usize = 0; i < 36; i++) {
          for (let p: usize = 0; p < <usize>outputPanels; p++) {
            const b = gradients + i * gradientPart + p * <usize>tiles * 32;
            const pair = isWide() && p + 2 <= <usize>outputPanels;
            for (let c = 0; c < C; c += TILE_ROWS) {
              const a = inputs + i * inputPart + <usize>c * inputRow;
              const to = sums + i * sumPart + <usize>c * sumRow + p * 32;
              const rows = min(TILE_ROWS, C - c);
              if (pair && rows == TILE_ROWS) {
                const next = b + <usize>tiles * 32;
                tilePair<f32>(fromZero, tiles, a, inputRow, b, next, to, sumRow, to + 32, sumRow);
              } else {
                tile<f32>(rows, fromZero, tiles, a, inputRow, b, to, sumRow);
                if (pair)
                  tile<f32>(rows, fromZero, tiles, a, inputRow, b + <usize>tiles * 32, to + 32, sumRow);
              }
            }
            if (pair) p++;
          }
        }
        fromZero = false;
      }
    }
    gradientKernels(sums, sumPart, C, outputs, dw + <usize>(o * C * 9) * size, spare);
  }
}
