// Winograd's F(4×4, 3×3): a 3×3 convolution of stride 1 in 36 products per 16 outputs instead of 144.
//   out = Aᵀ [ (G·w·Gᵀ) ⊙ (Bᵀ·d·B) ] A   for every 6×6 tile d of the input, summed over channels
// (Lavin and Gray, 2015, with the interpolation points 0, ±1, ±2). Summed over channels the 36 products are 36 matrix products.
// A tile is a position of a tap convolution (conv_plan.ts) with 36 taps and steps of 4, so the band deals the columns out by their
// residue modulo 4, and a packed panel holds one tile in each lane: the transforms need no shuffles.
// Rounding errors are larger than those of a direct sum: at most 3e-5 of the largest output was measured in f32 (1 to 300 channels).

import { fillBand, placeRows, placeSteps } from './conv_band';
import { Plan, completePlan, getI32, openPlan, planBytes, setI32 } from './conv_plan';
import { packBlock } from './conv_product';
import { finishRun, setEpilogue } from './epilogue';
import { transposeBlock } from './pack';
import { fma, lanes } from './simd';
import { TILE_ROWS, tile, tileCols } from './tile';

// Bytes of transformed input per block of tiles: one of its 36 parts is read at a time, so that is what has to stay in cache.
const BLOCK_BYTES: i32 = 512 * 1024;

/** Tiles per block: whole panels, two at least. */
function tileLimit<T>(C: i32): i32 {
  const panels = max(2, BLOCK_BYTES / (36 * 32 * C));
  return min(panels, 16) * tileCols<T>();
}

/** Output channels per block: their products take about as much as the transformed input. */
function outputLimit<T>(O: i32, panels: i32): i32 {
  const most = max(1, BLOCK_BYTES / (36 * 32 * panels) / TILE_ROWS) * TILE_ROWS;
  return min(O, most);
}

function sides(x: i32): i32 {
  return (x + 3) / 4;
}

/** Bytes of `ws`: a plan, at most 512 KB of products, and the transformed input: 512 KB or two panels (2304 bytes a channel). */
export function winogradWorkspace<T>(N: i32, C: i32, O: i32, Oh: i32, Ow: i32): i32 {
  const limit = tileLimit<T>(C);
  const panels = limit / tileCols<T>() + 1;
  return (
    <i32>tilesBytes<T>(N, C, Oh, Ow) +
    36 * 32 * panels * (C + outputLimit<T>(O, panels)) +
    8 * (limit + tileCols<T>()) +
    64 * 32
  );
}

// Bᵀ along one line of six vectors.
// @ts-ignore: decorator
@inline
function inputLine<T>(src: usize, stepSrc: usize, dst: usize, stepDst: usize): void {
  const two = v128.splat<T>(<T>2);
  const four = v128.splat<T>(<T>4);
  const minusFive = v128.splat<T>(<T>-5);
  const d0 = v128.load(src);
  const d1 = v128.load(src + stepSrc);
  const d2 = v128.load(src + 2 * stepSrc);
  const d3 = v128.load(src + 3 * stepSrc);
  const d4 = v128.load(src + 4 * stepSrc);
  const d5 = v128.load(src + 5 * stepSrc);
  const even = v128.sub<T>(d4, v128.mul<T>(four, d2));
  const odd = v128.sub<T>(d3, v128.mul<T>(four, d1));
  const near = v128.sub<T>(d4, d2);
  const twice = v128.mul<T>(two, v128.sub<T>(d3, d1));
  v128.store(dst, fma<T>(four, d0, fma<T>(minusFive, d2, d4)));
  v128.store(dst + stepDst, v128.add<T>(even, odd));
  v128.store(dst + 2 * stepDst, v128.sub<T>(even, odd));
  v128.store(dst + 3 * stepDst, v128.add<T>(near, twice));
  v128.store(dst + 4 * stepDst, v128.sub<T>(near, twice));
  v128.store(dst + 5 * stepDst, fma<T>(four, d1, fma<T>(minusFive, d3, d5)));
}

// Aᵀ along one line: six vectors to four, each plus `start`.
// @ts-ignore: decorator
@inline
function outputLine<T>(src: usize, stepSrc: usize, dst: usize, stepDst: usize, start: v128): void {
  const m0 = v128.load(src);
  const m1 = v128.load(src + stepSrc);
  const m2 = v128.load(src + 2 * stepSrc);
  const m3 = v128.load(src + 3 * stepSrc);
  const m4 = v128.load(src + 4 * stepSrc);
  const m5 = v128.load(src + 5 * stepSrc);
  const sum1 = v128.add<T>(m1, m2);
  const difference1 = v128.add<T>(v128.sub<T>(m1, m2), start);
  const sum2 = v128.add<T>(m3, m4);
  const difference2 = v128.sub<T>(m3, m4);
  v128.store(dst, v128.add<T>(v128.add<T>(m0, start), v128.add<T>(sum1, sum2)));
  v128.store(dst + stepDst, fma<T>(v128.splat<T>(<T>2), difference2, difference1));
  v128.store(dst + 2 * stepDst, v128.add<T>(fma<T>(v128.splat<T>(<T>4), sum2, sum1), start));
  v128.store(dst + 3 * stepDst, v128.add<T>(fma<T>(v128.splat<T>(<T>8), difference2, difference1), m5));
}

// G along one line: three vectors to six.
// @ts-ignore: decorator
@inline
function weightLine<T>(src: usize, stepSrc: usize, dst: usize, step: usize): void {
  const sixth = v128.splat<T>(<T>(1.0 / 6.0));
  const quarter = v128.splat<T>(<T>0.25);
  const half = v128.splat<T>(<T>0.5);
  const g0 = v128.load(src);
  const g1 = v128.load(src + stepSrc);
  const g2 = v128.load(src + 2 * stepSrc);
  const outer = v128.mul<T>(v128.add<T>(g0, g2), sixth);
  const middle = v128.mul<T>(g1, sixth);
  const inner = v128.mul<T>(v128.add<T>(v128.mul<T>(g0, quarter), g2), sixth);
  const twelfth = v128.mul<T>(middle, half);
  v128.store(dst, v128.mul<T>(g0, quarter));
  v128.store(dst + step, v128.neg<T>(v128.add<T>(outer, middle)));
  v128.store(dst + 2 * step, v128.sub<T>(middle, outer));
  v128.store(dst + 3 * step, v128.add<T>(inner, twelfth));
  v128.store(dst + 4 * step, v128.sub<T>(inner, twelfth));
  v128.store(dst + 5 * step, g2);
}

// Kernels transformed at a time. The 36 parts are often a power of two apart, where a cache keeps few lines: each line
// is written whole, once.
const KERNELS: i32 = 16;

/** Bytes of `ws` of winogradWeight: 9 taps, half transformed and transformed kernels. */
export function winogradWeightWorkspace<T>(): i32 {
  return (9 + 18 + 36) * KERNELS * <i32>sizeof<T>();
}

/**
 * u[36, M, K] from w[O, C, 3, 3]: M, K = O, C for the convolution itself; `backward`: M, K = C, O and the kernel turned round,
 * for the gradient by the input.
 */
export function winogradWeight<T>(w: usize, u: usize, O: i32, C: i32, backward: bool, ws: usize): void {
  const size = sizeof<T>();
  const M = backward ? C : O;
  const K = backward ? O : C;
  const part = <usize>(M * K) * size;
  const line = <usize>KERNELS * size;
  const lines = ws + 9 * line;
  const whole = lines + 18 * line;
  const stepK: usize = (backward ? <usize>C * 9 : 9) * size;
  const stepM: usize = (backward ? 9 : <usize>C * 9) * size;
  memory.fill(ws, 0, 9 * line);
  for (let m = 0; m < M; m++) {
    for (let k = 0; k < K; k += KERNELS) {
      const count = min(KERNELS, K - k);
      let s = w + <usize>m * stepM + <usize>k * stepK;
      for (let i: usize = 0; i < <usize>count; i++, s += stepK) {
        for (let t: usize = 0; t < 9; t++) {
          store<T>(ws + (backward ? 8 - t : t) * line + i * size, load<T>(s + t * size));
        }
      }
      for (let v: usize = 0; v < line; v += 16) {
        for (let x: usize = 0; x < 3; x++)
          weightLine<T>(ws + x * line + v, 3 * line, lines + x * line + v, 3 * line);
        for (let y: usize = 0; y < 6; y++)
          weightLine<T>(lines + 3 * y * line + v, line, whole + 6 * y * line + v, line);
      }
      let d = u + <usize>(m * K + k) * size;
      for (let t: usize = 0; t < 36; t++, d += part) {
        const from = whole + t * line;
        if (count == KERNELS) {
          for (let v: usize = 0; v < line; v += 16) v128.store(d + v, v128.load(from + v));
        } else {
          for (let i: usize = 0; i < <usize>count; i++) store<T>(d + i * size, load<T>(from + i * size));
        }
      }
    }
  }
}

/**
 * The packed raw tiles of `channels` channels, [panel][channel][36][lane], to 36 parts `part` bytes apart: a channel's panels are
 * `stepPanel` bytes apart there, a panel's channels `stepChannel`.
 */
function transformInput<T>(
  raw: usize,
  panels: i32,
  channels: i32,
  parts: usize,
  part: usize,
  stepPanel: usize,
  stepChannel: usize,
): void {
  for (let p = 0; p < panels; p++, parts += stepPanel) {
    let dst = parts;
    for (let i = 0; i < channels; i++, raw += 36 * 32, dst += stepChannel) {
      for (let half: usize = 0; half < 32; half += 16) {
        for (let y: usize = 0; y < 6; y++) {
          const row = raw + y * 6 * 32 + half;
          inputLine<T>(row, 32, row, 32);
        }
        for (let x: usize = 0; x < 6; x++)
          inputLine<T>(raw + x * 32 + half, 6 * 32, dst + x * part + half, 6 * part);
      }
    }
  }
}

/** A plan of the 6×6 tiles of x[N, C, H, W] for outputs [Oh, Ow], in blocks of at most `limit`. */
export function planTiles<T>(
  ws: usize,
  x: usize,
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
  const plan = openPlan(ws, 36);
  for (let t = 0; t < 36; t++) {
    setI32(plan.tapRow, t, t / 6 - ph);
    setI32(plan.tapCol, t, (t % 6) - pw);
  }
  plan.height = H;
  plan.width = W;
  plan.imageStride = C * H * W;
  plan.planeStride = H * W;
  plan.sourceEnd = x + <usize>(N * C * H * W) * sizeof<T>();
  plan.channels = C;
  plan.outputs = 1;
  plan.rowStep = 4;
  plan.colStep = 4;
  plan.images = N;
  plan.gridRows = sides(Oh);
  plan.gridCols = sides(Ow);
  plan.flat = false;
  plan.limit = limit;
  completePlan<T>(plan, true, false);
  return plan;
}

/** Bytes of such a plan. */
export function tilesBytes<T>(N: i32, C: i32, Oh: i32, Ow: i32): usize {
  return (<usize>planBytes<T>(C, 36, 5, 5, 4, 4, N, sides(Oh), sides(Ow), 1) + 15) & ~15;
}

/** Transforms the tiles of a block; strides as for transformInput. */
export function transformTiles<T>(
  plan: Plan,
  x: usize,
  first: i32,
  rows: i32,
  col: i32,
  cols: i32,
  parts: usize,
  part: usize,
  stepPanel: usize,
  stepChannel: usize,
): void {
  const width = tileCols<T>();
  const tiles = rows * cols;
  const panels = (tiles + width - 1) / width;
  const perBand = plan.depth / 36;
  placeRows(plan, first, rows, col);
  placeSteps<T>(plan, 0, plan.depth);
  for (let c = 0; c < plan.channels; c += perBand) {
    const channels = min(perBand, plan.channels - c);
    fillBand<T>(plan, x, c, channels, first, rows, col);
    packBlock<T>(plan, channels * 36, x, tiles, cols);
    transformInput<T>(plan.block, panels, channels, parts, part, stepPanel, stepChannel);
    parts += <usize>channels * stepChannel;
  }
}

/** Where the tiles of a block go: offset of the first output, rows · 8 + columns that exist (at most 4 each). */
export function placeTiles(
  plan: Plan,
  targets: usize,
  first: i32,
  rows: i32,
  col: i32,
  cols: i32,
  outImage: i32,
  Oh: i32,
  Ow: i32,
): void {
  for (let r = 0; r < rows; r++) {
    const image = (first + r) / plan.gridRows;
    const i = ((first + r) % plan.gridRows) * 4;
    for (let x = 0; x < cols; x++) {
      const j = (col + x) * 4;
      setI32(targets, 2 * (r * cols + x), image * outImage + i * Ow + j);
      setI32(targets, 2 * (r * cols + x) + 1, min(4, Oh - i) * 8 + min(4, Ow - j));
    }
  }
}

/** One panel of one output channel: 36 vectors pairs to 4×4 outputs a tile. `spare`: 36 rows of a panel. */
function outputTiles<T>(
  products: usize,
  start: T,
  out: usize,
  Ow: i32,
  targets: usize,
  count: i32,
  spare: usize,
): void {
  const size = sizeof<T>();
  const L = lanes<T>();
  const zero = v128.splat<T>(<T>0);
  const bias = v128.splat<T>(start);
  const lines = spare;
  const pixels = spare + 24 * 32;
  for (let half: usize = 0; half < 32; half += 16) {
    for (let x: usize = 0; x < 6; x++) {
      outputLine<T>(products + x * 32 + half, 6 * 32, lines + x * 16, 6 * 16, zero);
    }
    const from = half == 0 ? 0 : L;
    for (let y: usize = 0; y < 4; y++) {
      const row = lines + y * 6 * 16;
      outputLine<T>(row, 16, row, 16, bias);
      // Four pixels of each tile in a row.
      transposeBlock<T>(row, row + 16, row + 32, row + 48, pixels, 4 * size);
      if (sizeof<T>() == 8) transposeBlock<T>(row + 32, row + 48, 0, 0, pixels + 16, 32);
      for (let i = from; i < min(from + L, count); i++) {
        const extent = getI32(targets, 2 * i + 1);
        if (<i32>y >= extent >> 3) continue;
        const dst = out + <usize>(getI32(targets, 2 * i) + <i32>y * Ow) * size;
        const src = pixels + <usize>(4 * (i - from)) * size;
        const width = <usize>(extent & 7) * size;
        if (width == 4 * size) {
          v128.store(dst, v128.load(src));
          if (sizeof<T>() == 8) v128.store(dst, v128.load(src, 16), 16);
        } else {
          for (let j: usize = 0; j < width; j += size) store<T>(dst + j, load<T>(src + j));
        }
      }
    }
  }
}

/** A block's outputs of one channel, finished; `plane`: the channel's in the first image. */
function finishPlane<T>(
  plan: Plan,
  channel: i32,
  plane: usize,
  outImage: i32,
  first: i32,
  rows: i32,
  col: i32,
  cols: i32,
  Oh: i32,
  Ow: i32,
): void {
  const size = sizeof<T>();
  const width = min(cols * 4, Ow - col * 4);
  for (let r = first; r < first + rows; r++) {
    const i = (r % plan.gridRows) * 4;
    const height = min(4, Oh - i);
    let at = plane + <usize>((r / plan.gridRows) * outImage + i * Ow + col * 4) * size;
    if (width == Ow) {
      finishRun<T>(plan, channel, at, height * Ow);
    } else {
      for (let y = 0; y < height; y++, at += <usize>Ow * size) finishRun<T>(plan, channel, at, width);
    }
  }
}

/**
 * out[N, O, Oh, Ow] of x[N, C, H, W] with the transformed weights u[36, O, C], then what epilogue.ts says; a bias (or shift, with
 * a scale), scale or residual of 0 is none. Computes rows of tiles [rowBegin, rowEnd) of the N · ⌈Oh / 4⌉ there are.
 */
export function winogradForward<T>(
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
  const size = sizeof<T>();
  const width = tileCols<T>();
  const plan = planTiles<T>(ws, x, N, C, H, W, ph, pw, Oh, Ow, tileLimit<T>(C));

  setEpilogue(plan, scale, bias, residual, relu, out);
  if (scale != 0) bias = 0;
  const limit = plan.limit;
  const mostPanels = limit / width + 1;
  const outputs = outputLimit<T>(O, mostPanels);
  const parts = ws + tilesBytes<T>(N, C, Oh, Ow);
  const products = parts + <usize>(36 * 32 * mostPanels * C);
  const spare = products + <usize>(36 * 32 * mostPanels * outputs);
  const targets = spare + 40 * 32;
  const part = <usize>(O * C) * size;
  for (let first = rowBegin; first < rowEnd; first += plan.blockRows) {
    const rows = min(plan.blockRows, rowEnd - first);
    for (let col = 0; col < plan.gridCols; col += plan.blockCols) {
      const cols = min(plan.blockCols, plan.gridCols - col);
      const tiles = rows * cols;
      const panels = (tiles + width - 1) / width;
      placeTiles(plan, targets, first, rows, col, cols, O * Oh * Ow, Oh, Ow);
      const stepPanel = <usize>C * 32;
      transformTiles<T>(plan, x, first, rows, col, cols, parts, <usize>panels * stepPanel, stepPanel, 32);
      for (let o = 0; o < O; o += outputs) {
        const M = min(outputs, O - o);
        for (let i = 0; i < 36; i++) {
          for (let m = 0; m < M; m += TILE_ROWS) {
            const a = u + <usize>i * part + <usize>((o + m) * C) * size;
            for (let p = 0; p < panels; p++) {
              const b = parts + <usize>((i * panels + p) * C) * 32;
              const c = products + <usize>((p * M + m) * 36 + i) * 32;
              tile<T>(min(TILE_ROWS, M - m), true, C, a, <usize>C * size, b, c, 36 * 32);
            }
          }
        }
        for (let p = 0; p < panels; p++) {
          for (let m = 0; m < M; m++) {
            const start: T = bias == 0 ? <T>0 : load<T>(bias + <usize>(o + m) * size);
            const plane = out + <usize>((o + m) * Oh * Ow) * size;
            const at = targets + 8 * <usize>(p * width);
            const count = min(width, tiles - p * width);
            const from = products + <usize>((p * M + m) * 36) * 32;
            outputTiles<T>(from, start, plane, Ow, at, count, spare);
          }
        }
        for (let m = 0; m < M && plan.finishes; m++) {
          const plane = out + <usize>((o + m) * Oh * Ow) * size;
          finishPlane<T>(plan, o + m, plane, O * Oh * Ow, first, rows, col, cols, Oh, Ow);
        }
      }
    }
  }
}
