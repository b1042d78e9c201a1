// Winograd's F(m×m, r×r): a convolution in fewer products than a direct sum. F(4×4, 3×3) and F(2×2, 3×3) are for stride 1, F(3×3, 4×4)
// for the four phases of kernels of up to 8×8 at stride 2, which are channels here (winograd_tile.ts).
//   out = Aᵀ [ (G·w·Gᵀ) ⊙ (Bᵀ·d·B) ] A   for every (m + r − 1)×(m + r − 1) tile d of the input, summed over channels
// Summed over channels the (m + r − 1)² products are as many matrix products. F is the kind of tile (winograd_tile.ts).
// Rounding errors of F4 are larger than those of a direct sum: the tests hold them under 1e-5 of the largest output in f32 (1 to 300
// channels).
// Two orders of the same sums, so their results have the same bits: winogradForward has the weights transformed before, and a block of tiles
// meets all of them; winogradFew, for an image or a few of small planes, transforms weights as it goes, so that four times the weights never travel
// through memory: on ResNet-18's planes of 14×14 and 7×7 that would take longer than the products.

import { setEpilogue } from './epilogue';
import { evenPart } from './gemm';
import { lanes } from './simd';
import { TILE_ROWS, tile, tileCols } from './tile';
import { isWide, tilePair } from './tile_wide';
import { beginTiles, planTiles, tilesBytes, transformTiles } from './winograd_input';
import { OUTPUT_SPARE, outputBlock, placeTiles } from './winograd_output';
import { partsOf, phasesOf } from './winograd_tile';
import { APART, kernelPart, kernelRow, kernelSpace, transformRows } from './winograd_weight';

// Bytes of transformed input per block of tiles: one of its parts is read at a time, so that is what has to stay in cache.
const BLOCK_BYTES: i32 = 512 * 1024;

/** Tiles per block: whole panels, two at least. */
function tileLimit<F>(C: i32): i32 {
  const panels = max(2, BLOCK_BYTES / (partsOf<F>() * 32 * C));
  return min(panels, 16) * tileCols<f32>();
}

/** Output channels per block: their products take about as much as the transformed input. */
function outputLimit<F>(O: i32, panels: i32): i32 {
  const most = max(1, BLOCK_BYTES / (partsOf<F>() * 32 * panels) / TILE_ROWS) * TILE_ROWS;
  return min(O, most);
}

/**
 * products[panel, M of `stepProducts` bytes, parts, lane] = (fromZero ? 0 : products) + u[parts, M, K] · inputs[parts, panel, K, lane];
 * strides in bytes.
 */
function multiplyParts<F>(
  fromZero: bool,
  M: i32,
  K: i32,
  panels: i32,
  u: usize,
  partU: usize,
  rowU: usize,
  inputs: usize,
  part: usize,
  stepPanel: usize,
  products: usize,
  stepProducts: usize,
): void {
  const stride = <usize>partsOf<F>() * 32;
  for (let i = 0; i < partsOf<F>(); i++, u += partU, inputs += part, products += 32) {
    let a = u;
    let row = products;
    for (let m = 0; m < M; m += TILE_ROWS) {
      const rows = min(TILE_ROWS, M - m);
      let b = inputs;
      let c = row;
      let p = 0;
      if (isWide() && rows == TILE_ROWS) {
        for (; p + 2 <= panels; p += 2, b += 2 * stepPanel, c += 2 * stepProducts) {
          tilePair<f32>(fromZero, K, a, rowU, b, b + stepPanel, c, stride, c + stepProducts, stride);
        }
      }
      for (; p < panels; p++, b += stepPanel, c += stepProducts) {
        tile<f32>(rows, fromZero, K, a, rowU, b, c, stride);
      }
      a += <usize>TILE_ROWS * rowU;
      row += <usize>TILE_ROWS * stride;
    }
  }
}

/**
 * Bytes of `ws`: a plan, at most 512 KB of products, and the transformed input: 512 KB or two panels (of F4, 2304 bytes a
 * channel).
 */
export function winogradWorkspace<F>(N: i32, C: i32, O: i32, Oh: i32, Ow: i32): i32 {
  const K = C * phasesOf<F>();
  const limit = tileLimit<F>(K);
  const panels = limit / tileCols<f32>() + 1;
  return (
    <i32>tilesBytes<F>(limit) +
    partsOf<F>() * 32 * panels * (K + outputLimit<F>(O, panels)) +
    8 * (limit + tileCols<f32>()) +
    partsOf<F>() * <i32>APART +
    OUTPUT_SPARE
  );
}

/**
 * out[N, O, Oh, Ow] of x[N, C, H, W] with the transformed weights u (winogradWeight), then what epilogue.ts says; a bias (or shift, with
 * a scale), scale or residual of 0 is none. Computes rows of tiles [rowBegin, rowEnd) of the N · ⌈Oh / m⌉ there are.
 */
export function winogradForward<F>(
  x: usize,
  u: usize,
  bias: usize,
  out: usize,
  scale: usize,
  residual: usize,
  relu: bool,
  N: i32,
  C: i32,
  H: i32,
  W: i32,
  O: i32,
  ph: i32,
  pw: i32,
  Oh: i32,
  Ow: i32,
  rowBegin: i32,
  rowEnd: i32,
  ws: usize,
): void {
  const width = tileCols<f32>();
  const K = C * phasesOf<F>();
  const plan = planTiles<F>(ws, N, C, H, W, ph, pw, Oh, Ow, tileLimit<F>(K));
  const all = partsOf<F>();
  setEpilogue(plan, scale, bias, residual, relu, out);
  if (scale != 0) bias = 0;
  const limit = plan.limit;
  const mostPanels = limit / width + 1;
  const outputs = outputLimit<F>(O, mostPanels);
  const parts = ws + tilesBytes<F>(limit);
  const products = parts + <usize>all * (<usize>(32 * mostPanels * K) + APART);
  const spare = products + <usize>(all * 32 * mostPanels * outputs);
  const targets = spare + OUTPUT_SPARE;
  const row = kernelRow(K);
  const part = kernelPart(O, K);
  const image = O * Oh * Ow;
  const stepPanel = <usize>K * 32;
  for (let first = rowBegin; first < rowEnd; first += plan.blockRows) {
    const rows = min(plan.blockRows, rowEnd - first);
    for (let col = 0; col < plan.gridCols; col += plan.blockCols) {
      const cols = min(plan.blockCols, plan.gridCols - col);
      const panels = (rows * cols + width - 1) / width;
      const stepPart = <usize>panels * stepPanel + APART;
      beginTiles<F>(plan, first, rows, col, cols);
      placeTiles<F>(plan, targets, image, Oh, Ow);
      transformTiles<F>(plan, x, 0, C, parts, stepPart, stepPanel, 32);
      for (let o = 0; o < O; o += outputs) {
        const M = min(outputs, O - o);
        const step = <usize>(M * all) * 32;
        const a = u + <usize>o * row;
        multiplyParts<F>(true, M, K, panels, a, part, row, parts, stepPart, stepPanel, products, step);
        outputBlock<F>(plan, products, step, o, M, bias, out, image, Oh, Ow, targets, spare);
      }
    }
  }
}

/** Tiles that winogradFew takes at a time. */
// @ts-ignore: decorator
@inline
function fewLimit(): i32 {
  return 8 * tileCols<f32>();
}

/** Output channels whose weights are transformed at a time. */
const FEW_OUTPUTS: i32 = 2 * TILE_ROWS;
// Bytes of transformed weights and inputs, which the second-level cache is to hold.
const FEW_BYTES: i32 = 384 * 1024;

/** Bytes of `ws`: a plan, 384 KB of transformed inputs and weights, and the products of the output channels. */
export function winogradFewWorkspace<F>(N: i32, C: i32, O: i32, Oh: i32, Ow: i32): i32 {
  const panels = fewLimit() / tileCols<f32>() + 1;
  return (
    <i32>tilesBytes<F>(fewLimit()) +
    FEW_BYTES +
    partsOf<F>() * (2 * <i32>APART + 16 * FEW_OUTPUTS + 32 * panels * O) +
    8 * panels * tileCols<f32>() +
    kernelSpace<F>() +
    OUTPUT_SPARE
  );
}

/**
 * Output channels [begin, end) of what winogradForward computes, from the weights themselves: w[O, C, 3, 3], or `turned` w[C, O, 3, 3],
 * each kernel turned round, for the gradient by the input.
 */
export function winogradFew<F>(
  x: usize,
  w: usize,
  turned: bool,
  bias: usize,
  out: usize,
  scale: usize,
  residual: usize,
  relu: bool,
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
  const width = tileCols<f32>();
  const all = partsOf<F>();
  const plan = planTiles<F>(ws, N, C, H, W, ph, pw, Oh, Ow, fewLimit());
  setEpilogue(plan, scale, bias, residual, relu, out);
  if (scale != 0) bias = 0;
  const mostPanels = fewLimit() / width + 1;
  const targets = ws + tilesBytes<F>(fewLimit());
  const spare = targets + 8 * <usize>(mostPanels * width);
  const kernels = spare + OUTPUT_SPARE;
  const products = kernels + kernelSpace<F>();
  const inputs = products + <usize>(all * 32 * mostPanels * (end - begin));
  const step = <usize>((end - begin) * all) * 32;
  const image = O * Oh * Ow;
  const kernel: usize = 9 * sizeof<f32>();
  const stepM = turned ? kernel : <usize>C * kernel;
  const stepK = turned ? <usize>O * kernel : kernel;
  for (let first = 0; first < N * plan.gridRows; first += plan.blockRows) {
    const rows = min(plan.blockRows, N * plan.gridRows - first);
    for (let col = 0; col < plan.gridCols; col += plan.blockCols) {
      const cols = min(plan.blockCols, plan.gridCols - col);
      const panels = (rows * cols + width - 1) / width;
      const most = FEW_BYTES / (all * (32 * panels + FEW_OUTPUTS * <i32>sizeof<f32>()));
      const depth = min(C, evenPart(C, most, lanes<f32>()));
      beginTiles<F>(plan, first, rows, col, cols);
      placeTiles<F>(plan, targets, image, Oh, Ow);
      for (let c = 0; c < C; c += depth) {
        const K = min(depth, C - c);
        const stepPanel = <usize>K * 32;
        const stepPart = <usize>panels * stepPanel + APART;
        const u = inputs + <usize>all * stepPart;
        const row = kernelRow(K);
        transformTiles<F>(plan, x, c, K, inputs, stepPart, stepPanel, 32);
        for (let o = begin; o < end; o += FEW_OUTPUTS) {
          const M = min(FEW_OUTPUTS, end - o);
          const part = kernelPart(M, K);
          const from = w + <usize>o * stepM + <usize>c * stepK;
          const to = products + <usize>((o - begin) * all) * 32;
          transformRows<F>(from, stepM, stepK, turned, M, K, u, part, kernels);
          multiplyParts<F>(c == 0, M, K, panels, u, part, row, inputs, stepPart, stepPanel, to, step);
        }
      }
      outputBlock<F>(plan, products, step, begin, end - begin, bias, out, image, Oh, Ow, targets, spare);
    }
  }
}
