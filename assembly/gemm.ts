// C[M, N] = (accumulate ? C : 0) + A[M, K]·B[K, N]; any element strides on A and B, rows of C contiguous.
// B is packed a block [KC, NC] at a time; A is read in place where its rows are contiguous, else packed [MC, KC] at a time.

import { gemv, gemvTakes } from './gemv';
import { packPanels, packRows } from './pack';
import { TILE_ROWS, tile, tileCols } from './tile';
import { isWide, tilePair } from './tile_wide';

// Bytes of a packed block of B: it is streamed from the second-level cache once for every TILE_ROWS rows of A.
const BLOCK_BYTES: i32 = 256 * 1024;
export const BLOCK_COLS: i32 = 256;
// A row panel of TILE_ROWS × KC stays in the first-level cache beside a panel of B. Wide blocks of f32 are 512 deep, of f64 256.
export const MAX_KC: i32 = 768;
const MIN_DEPTH_BYTES: i32 = 2048;
const BLOCK_ROWS: i32 = 60;

/** x in equal parts no larger than `limit`, each a multiple of `unit`: the size of a part. */
export function evenPart(x: i32, limit: i32, unit: i32): i32 {
  const parts = (x + limit - 1) / limit;
  const part = (x + parts - 1) / parts;
  return ((part + unit - 1) / unit) * unit;
}

/** Depth of a packed block of B that is `cols` columns wide. */
export function blockDepth<T>(K: i32, cols: i32): i32 {
  const limit = BLOCK_BYTES / (cols * <i32>sizeof<T>());
  return evenPart(K, min(max(limit, MIN_DEPTH_BYTES / <i32>sizeof<T>()), MAX_KC), 4);
}

function blockCols<T>(N: i32): i32 {
  return evenPart(N, BLOCK_COLS, tileCols<T>());
}

/** Bytes of `ws`: a block of B, a block of A, a tile. At most 256·768 + 60·768 elements, 2 MB in f64. */
export function gemmWorkspace<T>(M: i32, N: i32, K: i32): i32 {
  const cols = blockCols<T>(N);
  return (cols + BLOCK_ROWS) * blockDepth<T>(K, cols) * <i32>sizeof<T>() + TILE_ROWS * 32;
}

/** Copies a `rows` × `cols` corner between a matrix and a tile buffer. */
export function copyCorner<T>(
  dst: usize,
  stepDst: usize,
  src: usize,
  stepSrc: usize,
  rows: i32,
  cols: i32,
): void {
  for (let i = 0; i < rows; i++, dst += stepDst, src += stepSrc) {
    for (let j = 0; j < cols; j++)
      store<T>(dst + <usize>j * sizeof<T>(), load<T>(src + <usize>j * sizeof<T>()));
  }
}

/** One row panel of A against every panel of a packed block of B. Strides in bytes. */
export function rowPanel<T>(
  rows: i32,
  cols: i32,
  depth: i32,
  fromZero: bool,
  a: usize,
  strideA: usize,
  block: usize,
  c: usize,
  strideC: usize,
  corner: usize,
): void {
  const tileWidth = tileCols<T>();
  const panelBytes = <usize>depth * 32;
  if (isWide() && rows == TILE_ROWS) {
    for (; cols >= 2 * tileWidth; cols -= 2 * tileWidth, block += 2 * panelBytes, c += 64) {
      const next = block + panelBytes;
      tilePair<T>(fromZero, depth, a, strideA, block, next, c, strideC, c + 32, strideC);
    }
  }
  for (; cols >= tileWidth; cols -= tileWidth, block += panelBytes, c += 32) {
    tile<T>(rows, fromZero, depth, a, strideA, block, c, strideC);
  }
  if (cols > 0) {
    if (!fromZero) copyCorner<T>(corner, 32, c, strideC, rows, cols);
    tile<T>(rows, fromZero, depth, a, strideA, block, corner, 32);
    copyCorner<T>(c, strideC, corner, 32, rows, cols);
  }
}

export function gemm<T>(
  M: i32,
  N: i32,
  K: i32,
  a: usize,
  rsa: i32,
  csa: i32,
  b: usize,
  rsb: i32,
  csb: i32,
  c: usize,
  ldc: i32,
  accumulate: bool,
  ws: usize,
): void {
  if (M == 1 && gemvTakes(csb, rsb, csa, 1)) {
    gemv<T>(N, K, b, csb, rsb, a, csa, c, 1, accumulate, ws);
    return;
  }
  if (N == 1 && gemvTakes(rsa, csa, rsb, ldc)) {
    gemv<T>(M, K, a, rsa, csa, b, rsb, c, ldc, accumulate, ws);
    return;
  }
  const size = sizeof<T>();
  const NC = blockCols<T>(N);
  const KC = blockDepth<T>(K, NC);
  const blockB = ws;
  const blockA = blockB + <usize>NC * <usize>KC * size;
  const corner = blockA + <usize>BLOCK_ROWS * <usize>KC * size;
  const strideC = <usize>ldc * size;
  const MC = csa == 1 ? M : BLOCK_ROWS;
  for (let j = 0; j < N; j += NC) {
    const cols = min(NC, N - j);
    for (let k = 0; k < K; k += KC) {
      const depth = min(KC, K - k);
      const fromZero = k == 0 && !accumulate;
      packPanels<T>(
        blockB,
        depth,
        cols,
        b + (<usize>k * <usize>rsb + <usize>j * <usize>csb) * size,
        rsb,
        csb,
      );
      for (let i = 0; i < M; i += MC) {
        const rows = min(MC, M - i);
        let rowA = a + (<usize>i * <usize>rsa + <usize>k * <usize>csa) * size;
        let strideA = <usize>rsa * size;
        if (csa != 1) {
          packRows<T>(blockA, depth, rowA, rsa, csa, rows, depth);
          rowA = blockA;
          strideA = <usize>depth * size;
        }
        let rowC = c + (<usize>i * <usize>ldc + <usize>j) * size;
        for (let r = 0; r < rows; r += TILE_ROWS) {
          const height = min(TILE_ROWS, rows - r);
          rowPanel<T>(height, cols, depth, fromZero, rowA, strideA, blockB, rowC, strideC, corner);
          rowA += <usize>TILE_ROWS * strideA;
          rowC += <usize>TILE_ROWS * strideC;
        }
      }
    }
  }
}
