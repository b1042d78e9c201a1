// Winograd's F(m×m, 3×3), m 4 or 2: a 3×3 convolution of stride 1 in fewer products than a direct sum.
//   out = Aᵀ [ (G·w·Gᵀ) ⊙ (Bᵀ·d·B) ] A   for every (m + 2)×(m + 2) tile d of the input, summed over channels
// Summed over channels the (m + 2)² products are as many matrix products. F is the kind of tile (winograd_tile.ts).
// A tile is a position of a tap convolution (conv_plan.ts) with (m + 2)² taps and steps of m, so the band deals the columns out by
// their residue modulo m, and a packed panel holds one tile in each lane: the transforms need no shuffles.
// Rounding errors of F4 are larger than those of a direct sum: at most 3e-5 of the largest output was measured in f32 (1 to 300
// channels).

import { fillBand, placeRows, placeSteps } from './conv_band';
import { Plan, completePlan, getI32, openPlan, planBytes, setI32 } from './conv_plan';
import { packBlock } from './conv_product';
import { finishRun, setEpilogue } from './epilogue';
import { transposeBlock } from './pack';
import { lanes } from './simd';
import { TILE_ROWS, tile, tileCols } from './tile';
import { isWide, tilePair } from './tile_wide';
import { outputsOf, partsOf, sideOf } from './winograd_tile';

// Bytes of transformed input per block of tiles: one of its parts is read at a time, so that is what has to stay in cache.
const BLOCK_BYTES: i32 = 512 * 1024;

/** Tiles per block: whole panels, two at least. */
function tileLimit<T, F>(C: i32): i32 {
  const panels = max(2, BLOCK_BYTES / (partsOf<F>() * 32 * C));
  return min(panels, 16) * tileCols<T>();
}

/** Output channels per block: their products take about as much as the transformed input. */
function outputLimit<F>(O: i32, panels: i32): i32 {
  const most = max(1, BLOCK_BYTES / (partsOf<F>() * 32 * panels) / TILE_ROWS) * TILE_ROWS;
  return min(O, most);
}

/** Tiles along `x` outputs. */
function tilesAlong<F>(x: i32): i32 {
  return (x + outputsOf<F>() - 1) / outputsOf<F>();
}

/**
 * Bytes of `ws`: a plan, at most 512 KB of products, and the transformed input: 512 KB or two panels (of F4, 2304 bytes a
 * channel).
 */
export function winogradWorkspace<T, F>(N: i32, C: i32, O: i32, Oh: i32, Ow: i32): i32 {
  const limit = tileLimit<T, F>(C);
  const panels = limit / tileCols<T>() + 1;
  return (
    <i32>tilesBytes<T, F>(N, C, Oh, Ow) +
    partsOf<F>() * 32 * panels * (C + outputLimit<F>(O, panels)) +
    8 * (limit + tileCols<T>()) +
    64 * 32
  );
}

// Kernels transformed at a time. The parts are often a power of two apart, where a cache keeps few lines: each line
// is written whole, once.
const KERNELS: i32 = 16;

/** Bytes of `ws` of winogradWeight: 9 taps, half transformed and transformed kernels. */
export function winogradWeightWorkspace<T, F>(): i32 {
  return (9 + 3 * sideOf<F>() + partsOf<F>()) * KERNELS * <i32>sizeof<T>();
}

/**
 * u[parts, M, K] from w[O, C, 3, 3]: M, K = O, C for the convolution itself; `backward`: M, K = C, O and the kernel turned round,
 * for the gradient by the input.
 */
export function winogradWeight<T, F>(w: usize, u: usize, O: i32, C: i32, backward: bool, ws: usize): void {
  const size = sizeof<T>();
  const M = backward ? C : O;
  const K = backward ? O : C;
  const part = <usize>(M * K) * size;
  const line = <usize>KERNELS * size;
  const lines = ws + 9 * line;
  const side = <usize>sideOf<F>();
  const whole = lines + 3 * side * line;
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
          changetype<F>(0).weight<T>(ws + x * line + v, 3 * line, lines + x * line + v, 3 * line);
        for (let y: usize = 0; y < side; y++)
          changetype<F>(0).weight<T>(lines + 3 * y * line + v, line, whole + side * y * line + v, line);
      }
      let d = u + <usize>(m * K + k) * size;
      for (let t: usize = 0; t < side * side; t++, d += part) {
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
 * The packed raw tiles of `channels` channels, [panel][channel][parts][lane], to parts `part` bytes apart: a channel's panels are
 * `stepPanel` bytes apart there, a panel's channels `stepChannel`.
 */
function transformInput<T, F>(
  raw: usize,
  panels: i32,
  channels: i32,
  parts: usize,
  part: usize,
  stepPanel: usize,
  stepChannel: usize,
): void {
  const side = <usize>sideOf<F>();
  for (let p = 0; p < panels; p++, parts += stepPanel) {
    let dst = parts;
    for (let i = 0; i < channels; i++, raw += side * side * 32, dst += stepChannel) {
      for (let half: usize = 0; half < 32; half += 16) {
        for (let y: usize = 0; y < side; y++) {
          const row = raw + y * side * 32 + half;
          changetype<F>(0).input<T>(row, 32, row, 32);
        }
        for (let x: usize = 0; x < side; x++) {
          const from = raw + x * 32 + half;
          changetype<F>(0).input<T>(from, side * 32, dst + x * part + half, side * part);
        }
      }
    }
  }
}

/** A plan of the tiles of x[N, C, H, W] for outputs [Oh, Ow], in blocks of at most `limit`. */
export function planTiles<T, F>(
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
  const side = sideOf<F>();
  const plan = openPlan(ws, side * side);
  for (let t = 0; t < side * side; t++) {
    setI32(plan.tapRow, t, t / side - ph);
    setI32(plan.tapCol, t, (t % side) - pw);
  }
  plan.height = H;
  plan.width = W;
  plan.imageStride = C * H * W;
  plan.planeStride = H * W;
  plan.sourceEnd = x + <usize>(N * C * H * W) * sizeof<T>();
  plan.channels = C;
  plan.outputs = 1;
  plan.rowStep = outputsOf<F>();
  plan.colStep = outputsOf<F>();
  plan.images = N;
  plan.gridRows = tilesAlong<F>(Oh);
  plan.gridCols = tilesAlong<F>(Ow);
  plan.flat = false;
  plan.limit = limit;
  completePlan<T>(plan, true, false);
  return plan;
}

/** Bytes of such a plan. */
export function tilesBytes<T, F>(N: i32, C: i32, Oh: i32, Ow: i32): usize {
  const span = sideOf<F>() - 1;
  const step = outputsOf<F>();
  const rows = tilesAlong<F>(Oh);
  const cols = tilesAlong<F>(Ow);
  return (<usize>planBytes<T>(C, partsOf<F>(), span, span, step, step, N, rows, cols, 1) + 15) & ~15;
}

/** Transforms the tiles of a block; strides as for transformInput. */
export function transformTiles<T, F>(
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
  const perBand = plan.depth / partsOf<F>();
  placeRows(plan, first, rows, col);
  placeSteps<T>(plan, 0, plan.depth);
  for (let c = 0; c < plan.channels; c += perBand) {
    const channels = min(perBand, plan.channels - c);
    fillBand<T>(plan, x, c, channels, first, rows, col);
    packBlock<T>(plan, channels * partsOf<F>(), x, tiles, cols);
    transformInput<T, F>(plan.block, panels, channels, parts, part, stepPanel, stepChannel);
    parts += <usize>channels * stepChannel;
  }
}

/** Where the tiles of a block go: offset of the first output, rows · 8 + columns that exist. */
export function placeTiles<F>(
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
    const side = outputsOf<F>();
    const i = ((first + r) % plan.gridRows) * side;
    for (let x = 0; x < cols; x++) {
      const j = (col + x) * side;
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
function finishPlane<T, F>(
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
  const side = outputsOf<F>();
  const width = min(cols * side, Ow - col * side);
  for (let r = first; r < first + rows; r++) {
    const i = (r % plan.gridRows) * side;
    const height = min(side, Oh - i);
    let at = plane + <usize>((r / plan.gridRows) * outImage + i * Ow + col * side) * size;
    if (width == Ow) {
      finishRun<T>(plan, channel, at, height * Ow);
    } else {
      for (let y = 0; y < height; y++, at += <usize>Ow * size) finishRun<T>(plan, channel, at, width);
    }
  }
}

/**
 * out[N, O, Oh, Ow] of x[N, C, H, W] with the transformed weights u[parts, O, C], then what epilogue.ts says; a bias (or shift, with
 * a scale), scale or residual of 0 is none. Computes rows of tiles [rowBegin, rowEnd) of the N · ⌈Oh / m⌉ there are.
 */
export function winogradForward<T, F>(
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
  const plan = planTiles<T, F>(ws, x, N, C, H, W, ph, pw, Oh, Ow, tileLimit<T, F>(C));
  const all = partsOf<F>();

  setEpilogue(plan, scale, bias, residual, relu, out);
  if (scale != 0) bias = 0;
  const limit = plan.limit;
  const mostPanels = limit / width + 1;
  const outputs = outputLimit<F>(O, mostPanels);
  const parts = ws + tilesBytes<T, F>(N, C, Oh, Ow);
  const products = parts + <usize>(all * 32 * mostPanels * C);
  const spare = products + <usize>(all * 32 * mostPanels * outputs);
  const targets = spare + 40 * 32;
  const part = <usize>(O * C) * size;
  for (let first = rowBegin; first < rowEnd; first += plan.blockRows) {
    const rows = min(plan.blockRows, rowEnd - first);
    for (let col = 0; col < plan.gridCols; col += plan.blockCols) {
      const cols = min(plan.blockCols, plan.gridCols - col);
      const tiles = rows * cols;
      const panels = (tiles + width - 1) / width;
      placeTiles<F>(plan, targets, first, rows, col, cols, O * Oh * Ow, Oh, Ow);
      const stepPanel = <usize>C * 32;
      transformTiles<T, F>(plan, x, first, rows, col, cols, parts, <usize>panels * stepPanel, stepPanel, 32);
      for (let o = 0; o < O; o += outputs) {
        const M = min(outputs, O - o);
        for (let i = 0; i < all; i++) {
          for (let m = 0; m < M; m += TILE_ROWS) {
            const a = u + <usize>i * part + <usize>((o + m) * C) * size;
            let p = 0;
            if (isWide() && m + TILE_ROWS <= M) {
              for (; p + 2 <= panels; p += 2) {
                const b = parts + <usize>((i * panels + p) * C) * 32;
                const c = products + <usize>((p * M + m) * all + i) * 32;
                const next = c + <usize>(M * all) * 32;
                const stride = <usize>all * 32;
                tilePair<T>(true, C, a, <usize>C * size, b, b + <usize>C * 32, c, stride, next, stride);
              }
            }
            for (; p < panels; p++) {
              const b = parts + <usize>((i * panels + p) * C) * 32;
              const c = products + <usize>((p * M + m) * all + i) * 32;
              tile<T>(min(TILE_ROWS, M - m), true, C, a, <usize>C * size, b, c, <usize>all * 32);
            }
          }
        }
        for (let p = 0; p < panels; p++) {
          for (let m = 0; m < M; m++) {
            const start: T = bias == 0 ? <T>0 : load<T>(bias + <usize>(o + m) * size);
            const plane = out + <usize>((o + m) * Oh * Ow) * size;
            const at = targets + 8 * <usize>(p * width);
            const count = min(width, tiles - p * width);
            const from = products + <usize>((p * M + m) * all) * 32;
            outputTiles<T, F>(from, start, plane, Ow, at, count, spare);
          }
        }
        for (let m = 0; m < M && plan.finishes; m++) {
          const plane = out + <usize>((o + m) * Oh * Ow) * size;
          finishPlane<T, F>(plan, o + m, plane, O * Oh * Ow, first, rows, col, cols, Oh, Ow);
        }
      }
    }
  }
}
