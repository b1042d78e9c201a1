// What the convolution kernels share: every pass is a "tap convolution" over a grid of output positions,
//   out[n, m, i, j] = Σ_{c, t} weight[m, c, t] · source[n, c, i·sh + tapRow_t, j·sw + tapCol_t]      (0 outside the source),
// where forward has a tap for each kernel position, and backward-input one for each kernel position of a stride phase.
//
// Grid positions are numbered n, i, j; consecutive ones form a block: some whole rows (of several images when planes are small), or
// a piece of one row. For a block the part of the source that it touches is copied once, padded, into a "band" (conv_band.ts).

import { BLOCK_COLS, MAX_KC, blockDepth, evenPart } from './gemm';
import { TILE_ROWS, tileCols } from './tile';

/** A typed view of the head of the workspace. Offsets and strides are in elements; a pointer is an address. */
@unmanaged
export class Plan {
  // Source, one group of channels.
  height: i32;
  width: i32;
  imageStride: i32;
  planeStride: i32;
  /** The end of the tensor: nothing beyond may be read. */
  sourceEnd: usize;
  channels: i32;
  /** Output channels of the group. */
  outputs: i32;
  // Taps.
  taps: i32;
  rowMin: i32;
  rowSpan: i32;
  colMin: i32;
  colSpan: i32;
  rowStep: i32;
  colStep: i32;
  // Grid.
  images: i32;
  gridRows: i32;
  gridCols: i32;
  /** On the output's side too a plane is contiguous. */
  flat: bool;
  // What follows (epilogue.ts).
  scale: usize;
  shift: usize;
  /** From an output to what is added to it, in bytes. */
  residual: usize;
  relu: bool;
  /** Whether anything follows at all. */
  finishes: bool;
  // The block that is computed: rows from `first` on (counted through all images) by columns from `col` on.
  first: i32;
  rows: i32;
  col: i32;
  cols: i32;
  // Blocks.
  /** Positions of a block, at most BLOCK_COLS. */
  limit: i32;
  blockRows: i32;
  blockCols: i32;
  /** Steps of the reduction (c, t) per packed block. */
  depth: i32;
  /** The source is read in place: nothing is padded and columns are contiguous. */
  direct: bool;
  // Band. Residues of the stride that some tap needs are set in the masks (bit 63 stands for all from 63 on).
  rowMask: u64;
  colMask: u64;
  phaseCols: i32;
  bandRow: i32;
  bandPlane: i32;
  // Tables (i32): source offsets of taps, of reduction steps (in bytes), of the block's rows.
  tapRow: usize;
  tapCol: usize;
  tapOffset: usize;
  stepOffset: usize;
  rowBase: usize;
  /** Where a block's columns go in the output, and whole panels (-1: not contiguous). */
  colTarget: usize;
  panelTarget: usize;
  segments: usize;
  // Buffers.
  tiles: usize;
  band: usize;
  /** A padded row of the source. */
  padded: usize;
  block: usize;
}

// Elements of a band, unless one padded channel alone needs more.
const BAND_LENGTH: i32 = 64 * 1024;
/** Output channels that are computed over one packed block: whole tiles. */
export const OUTPUT_LIMIT: i32 = 960;
// Elements that vector loads and stores may run over the end of a buffer.
export const SLACK: i32 = 32;

// @ts-ignore: decorator
@inline
export function getI32(table: usize, i: i32): i32 {
  return load<i32>(table + ((<usize>i) << 2));
}

// @ts-ignore: decorator
@inline
export function setI32(table: usize, i: i32, value: i32): void {
  store<i32>(table + ((<usize>i) << 2), value);
}

// @ts-ignore: decorator
@inline
function aligned(bytes: usize): usize {
  return (bytes + 15) & ~15;
}

function greatestCommonDivisor(a: i32, b: i32): i32 {
  while (b != 0) {
    const r = a % b;
    a = b;
    b = r;
  }
  return a;
}

/** Elements of one channel's band for blocks of `rows` rows: each image that a block touches brings its own margin. */
function planeBound(rows: i32, rowStep: i32, rowSpan: i32, images: i32, gridRows: i32, bandRow: i32): i32 {
  const touched = min(images, 1 + (rows + gridRows - 2) / gridRows);
  return (rows * rowStep + touched * (rowSpan + 1)) * bandRow;
}

/** Bytes of the tiles that wait for the whole reduction, see conv_product.ts. */
function tileBytes<T>(outputs: i32, positions: i32): i32 {
  const rows = min(outputs, OUTPUT_LIMIT) + TILE_ROWS - 1;
  const cols = positions + tileCols<T>() - 1;
  return (rows / TILE_ROWS) * TILE_ROWS * (cols / tileCols<T>()) * 32;
}

/**
 * Bytes of a plan with its tables and buffers. At most about 2 MB (f32) or 4 MB (f64), more
 * only where two padded channels of a block (dilation in the hundreds) or the taps (12 bytes each) exceed BAND_LENGTH elements.
 */
export function planBytes<T>(
  channels: i32,
  taps: i32,
  rowSpan: i32,
  colSpan: i32,
  rowStep: i32,
  colStep: i32,
  images: i32,
  gridRows: i32,
  gridCols: i32,
  outputs: i32,
): i32 {
  const rows = min(max(1, BLOCK_COLS / gridCols), images * gridRows);
  const cols = min(gridCols, BLOCK_COLS + tileCols<T>());
  const bandRow = (cols - 1) * colStep + colSpan + colStep;
  const plane = planeBound(rows, rowStep, rowSpan, images, gridRows, bandRow);
  const whole = <i64>plane * <i64>max(channels, 2);
  const band = <i32>min<i64>(max(BAND_LENGTH, 2 * plane), whole) + SLACK;
  const positions = min(BLOCK_COLS, images * gridRows * gridCols) + tileCols<T>();
  const depth = min(MAX_KC, channels * taps);
  const block = positions * (depth + tileCols<T>()) + SLACK;
  const tables = 3 * taps + depth + 4 * positions + 3 * tileCols<T>();
  return (
    <i32>offsetof<Plan>() +
    4 * tables +
    tileBytes<T>(outputs, positions) +
    (band + bandRow + SLACK + block) * <i32>sizeof<T>() +
    128
  );
}

/** A plan at the head of `ws`, its tables of taps ready to be filled. */
export function openPlan(ws: usize, taps: i32): Plan {
  const plan = changetype<Plan>(ws);
  plan.taps = taps;
  plan.limit = BLOCK_COLS;
  plan.finishes = false;
  plan.tapRow = ws + aligned(offsetof<Plan>());
  plan.tapCol = plan.tapRow + 4 * <usize>taps;
  plan.tapOffset = plan.tapCol + 4 * <usize>taps;
  return plan;
}

function scanTaps(plan: Plan): void {
  let rowMin = getI32(plan.tapRow, 0);
  let rowMax = rowMin;
  let colMin = getI32(plan.tapCol, 0);
  let colMax = colMin;
  for (let t = 1; t < plan.taps; t++) {
    rowMin = min(rowMin, getI32(plan.tapRow, t));
    rowMax = max(rowMax, getI32(plan.tapRow, t));
    colMin = min(colMin, getI32(plan.tapCol, t));
    colMax = max(colMax, getI32(plan.tapCol, t));
  }
  plan.rowMin = rowMin;
  plan.rowSpan = rowMax - rowMin;
  plan.colMin = colMin;
  plan.colSpan = colMax - colMin;
  plan.rowMask = 0;
  plan.colMask = 0;
  for (let t = 0; t < plan.taps; t++) {
    plan.rowMask |= (<u64>1) << min((getI32(plan.tapRow, t) - rowMin) % plan.rowStep, 63);
    plan.colMask |= (<u64>1) << min((getI32(plan.tapCol, t) - colMin) % plan.colStep, 63);
  }
}

/** Chooses the rows and columns of a block for a grid and a limit; `joinImages`: of several images. */
export function chooseBlock<T>(plan: Plan, joinImages: bool): void {
  if (plan.gridCols >= plan.limit) {
    plan.blockRows = 1;
    plan.blockCols = evenPart(plan.gridCols, plan.limit, tileCols<T>());
    return;
  }
  plan.blockCols = plan.gridCols;
  const rows = joinImages ? plan.images * plan.gridRows : plan.gridRows;
  const most = plan.limit / plan.gridCols;
  // So many rows fill whole tiles.
  const unit = tileCols<T>() / greatestCommonDivisor(tileCols<T>(), plan.gridCols);
  const even = evenPart(rows, most, unit);
  plan.blockRows = min(rows, even <= most ? even : most >= unit ? most - (most % unit) : most);
}

/** Makes the plan's block the one that begins at row `first` (counted through all images) and column `col`. */
export function placeBlock(plan: Plan, first: i32, rows: i32, col: i32, cols: i32): void {
  plan.first = first;
  plan.rows = rows;
  plan.col = col;
  plan.cols = cols;
}

/** With source, taps and grid given: chooses blocks (`joinImages`: of several images) and lays out tables and buffers. */
export function completePlan<T>(plan: Plan, joinImages: bool, inPlace: bool): void {
  scanTaps(plan);
  const lastRow = (plan.gridRows - 1) * plan.rowStep + plan.rowMin + plan.rowSpan;
  const lastCol = plan.gridCols - 1 + plan.colMin + plan.colSpan;
  const inside = plan.rowMin >= 0 && plan.colMin >= 0 && lastRow < plan.height && lastCol < plan.width;
  plan.direct = inPlace && plan.colStep == 1 && inside;
  if (
    plan.direct &&
    plan.flat &&
    plan.taps == 1 &&
    plan.gridRows == plan.height &&
    plan.gridCols == plan.width
  ) {
    // A plane is one long row.
    plan.gridCols *= plan.gridRows;
    plan.width = plan.gridCols;
    plan.gridRows = 1;
    plan.height = 1;
  }
  chooseBlock<T>(plan, joinImages);
  const span = (plan.blockCols - 1) * plan.colStep + plan.colSpan + 1;
  plan.phaseCols = (span + plan.colStep - 1) / plan.colStep;
  plan.bandRow = plan.phaseCols * plan.colStep;
  const images = joinImages ? plan.images : 1;
  const plane = planeBound(plan.blockRows, plan.rowStep, plan.rowSpan, images, plan.gridRows, plan.bandRow);

  const positions = plan.blockRows * plan.blockCols;
  const steps = plan.channels * plan.taps;
  plan.depth = min(steps, blockDepth<T>(steps, evenPart(positions, positions, tileCols<T>())));
  if (plan.taps <= MAX_KC) {
    // Whole channels, so that none is copied to two bands.
    plan.depth =
      plan.taps * max(1, min(plan.depth / plan.taps, plan.direct ? plan.channels : BAND_LENGTH / plane));
  }
  const bandChannels = plan.direct ? 0 : (plan.depth - 1) / plan.taps + (plan.depth % plan.taps == 0 ? 1 : 2);

  plan.stepOffset = plan.tapOffset + 4 * <usize>plan.taps;
  plan.rowBase = plan.stepOffset + 4 * <usize>plan.depth;
  plan.colTarget = plan.rowBase + 4 * <usize>plan.blockRows;
  plan.panelTarget = plan.colTarget + 4 * <usize>positions;
  plan.segments = plan.panelTarget + 4 * <usize>(positions / tileCols<T>() + 1);
  plan.tiles = aligned(plan.segments + 12 * <usize>tileCols<T>());
  plan.band = plan.tiles + <usize>tileBytes<T>(plan.outputs, positions);
  plan.padded = aligned(plan.band + <usize>(bandChannels * plane + SLACK) * sizeof<T>());
  plan.block = aligned(plan.padded + <usize>(plan.bandRow + SLACK) * sizeof<T>());
}
