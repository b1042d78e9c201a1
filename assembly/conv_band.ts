// The band: the part of the source that one block reads, copied with its padding so that no inner loop tests a bound.
// Columns are dealt out by their residue modulo the column step (a row is [colStep][phaseCols]), which makes consecutive
// positions contiguous for every tap whatever the stride.

import { Plan, SLACK, getI32, placeBlock, setI32 } from './conv_plan';
import { transposeBlock } from './pack';
import { lanes } from './simd';

/** Makes the plan's block the one that begins at row `first` (counted through all images) and column `col`, and fills `rowBase`. */
export function beginBlock(plan: Plan, first: i32, rows: i32, col: i32, cols: i32): void {
  placeBlock(plan, first, rows, col, cols);
  let top = 0;
  for (let r = 0; r < rows; r++) {
    const image = (first + r) / plan.gridRows;
    const row = (first + r) % plan.gridRows;
    if (plan.direct) {
      setI32(plan.rowBase, r, image * plan.imageStride + row * plan.rowStep * plan.width + col);
      continue;
    }
    if (r > 0) top += row == 0 ? plan.rowSpan + 1 : plan.rowStep;
    setI32(plan.rowBase, r, top * plan.bandRow);
  }
  plan.bandPlane = (top + plan.rowSpan + 1) * plan.bandRow;
}

/** Offsets of steps [step, step + depth) from the band (or from the source, where it is read in place). */
export function placeSteps<T>(plan: Plan, step: i32, depth: i32): void {
  for (let t = 0; t < plan.taps; t++) {
    const row = getI32(plan.tapRow, t);
    const x = getI32(plan.tapCol, t) - plan.colMin;
    const offset = plan.direct
      ? row * plan.width + getI32(plan.tapCol, t)
      : (row - plan.rowMin) * plan.bandRow + (x % plan.colStep) * plan.phaseCols + x / plan.colStep;
    setI32(plan.tapOffset, t, offset);
  }
  const plane = plan.direct ? plan.planeStride : plan.bandPlane;
  let c = plan.direct ? step / plan.taps : 0;
  let t = step % plan.taps;
  for (let k = 0; k < depth; k++) {
    setI32(plan.stepOffset, k, (c * plane + getI32(plan.tapOffset, t)) * <i32>sizeof<T>());
    if (++t == plan.taps) {
      t = 0;
      c++;
    }
  }
}

// Short runs: bulk memory instructions are calls, dearer than a row of a small plane. The last vector overlaps the one before it.
// @ts-ignore: decorator
@inline
export function zeroRun<T>(dst: usize, count: i32): void {
  const L = lanes<T>();
  if (count < L) {
    for (; count > 0; count--, dst += sizeof<T>()) store<T>(dst, <T>0);
    return;
  }
  const zero = v128.splat<T>(<T>0);
  const last = <usize>(count - L) * sizeof<T>();
  for (let at: usize = 0; at < last; at += 16) v128.store(dst + at, zero);
  v128.store(dst + last, zero);
}

// @ts-ignore: decorator
@inline
export function copyRun<T>(dst: usize, src: usize, count: i32): void {
  const L = lanes<T>();
  if (count < L) {
    for (; count > 0; count--, dst += sizeof<T>(), src += sizeof<T>()) store<T>(dst, load<T>(src));
    return;
  }
  const last = <usize>(count - L) * sizeof<T>();
  for (let at: usize = 0; at < last; at += 16) v128.store(dst + at, v128.load(src + at));
  v128.store(dst + last, v128.load(src + last));
}

// @ts-ignore: decorator
@inline
function dealHalves<T>(row: usize, dst: usize, stride: usize): void {
  const a = v128.load(row);
  const b = v128.load(row, 16);
  if (sizeof<T>() == 4) {
    v128.store(dst, v128.shuffle<f32>(a, b, 0, 2, 4, 6));
    v128.store(dst + stride, v128.shuffle<f32>(a, b, 1, 3, 5, 7));
  } else {
    v128.store(dst, v128.shuffle<f64>(a, b, 0, 2));
    v128.store(dst + stride, v128.shuffle<f64>(a, b, 1, 3));
  }
}

/**
 * A padded row to its residues. Vectors that run over the end of a residue's columns write where what follows is written later; where
 * there are columns enough the last vector overlaps the one before it instead.
 */
// @ts-ignore: decorator
@inline
function dealRow<T>(plan: Plan, dst: usize, row: usize): void {
  const L = lanes<T>();
  const size = sizeof<T>();
  const step = plan.colStep;
  const count = plan.phaseCols;
  const stride = <usize>count * size;
  if (step == 2 || (step == 4 && L == 4)) {
    for (let q = 0; q < count; q += L) {
      const at = min(q, max(0, count - L));
      const from = row + <usize>(at * step) * size;
      const to = dst + <usize>at * size;
      if (step == 2) dealHalves<T>(from, to, stride);
      else transposeBlock<T>(from, from + 16, from + 32, from + 48, to, stride);
    }
    return;
  }
  for (let phase = 0; phase < step; phase++, dst += stride, row += size) {
    if (((plan.colMask >> min(phase, 63)) & 1) == 0) continue;
    let s = row;
    for (let q: usize = 0; q < stride; q += size, s += <usize>step * size) store<T>(dst + q, load<T>(s));
  }
}

/**
 * One channel's rows of the band, of which row y is row top + y of the source, columns from `first` on. The zeros beside a row that is
 * to be dealt out are there already.
 */
function fillPlane<T>(plan: Plan, band: usize, source: usize, top: i32, height: i32, first: i32): void {
  const size = sizeof<T>();
  const left = min(max(-first, 0), plan.bandRow);
  const start = max(first, 0);
  const length = max(0, min(plan.width - start, plan.bandRow - left));
  const right = left + length;
  const bandRow = <usize>plan.bandRow * size;
  let s = source + <usize>(top * plan.width + start) * size;
  let residue = 0;
  for (let y = 0; y < height; y++, band += bandRow, s += <usize>plan.width * size) {
    const wanted = ((plan.rowMask >> min(residue, 63)) & 1) != 0;
    residue = residue + 1 == plan.rowStep ? 0 : residue + 1;
    if (!wanted) continue;
    if (<u32>(top + y) >= <u32>plan.height) {
      zeroRun<T>(band, plan.bandRow);
    } else if (plan.colStep == 1) {
      zeroRun<T>(band, left);
      copyRun<T>(band + <usize>left * size, s, length);
      zeroRun<T>(band + <usize>right * size, plan.bandRow - right);
    } else {
      copyRun<T>(plan.padded + <usize>left * size, s, length);
      dealRow<T>(plan, band, plan.padded);
    }
  }
}

/** Copies channels [c, c + count) of the block's part of the source. The band is written from its beginning to its end. */
export function fillBand<T>(plan: Plan, source: usize, c: i32, count: i32): void {
  const size = sizeof<T>();
  const first = plan.first;
  const rows = plan.rows;
  const firstCol = plan.col * plan.colStep + plan.colMin;
  if (plan.colStep > 1) zeroRun<T>(plan.padded, plan.bandRow + SLACK);
  let plane = source + <usize>(c * plan.planeStride) * size;
  let band = plan.band;
  for (let i = 0; i < count; i++) {
    let dst = band;
    for (let r = 0; r < rows;) {
      const image = (first + r) / plan.gridRows;
      const row = (first + r) % plan.gridRows;
      const piece = min(rows - r, plan.gridRows - row);
      const height = (piece - 1) * plan.rowStep + plan.rowSpan + 1;
      const from = plane + <usize>(image * plan.imageStride) * size;
      fillPlane<T>(plan, dst, from, row * plan.rowStep + plan.rowMin, height, firstCol);
      dst += <usize>(height * plan.bandRow) * size;
      r += piece;
    }
    plane += <usize>plan.planeStride * size;
    band += <usize>plan.bandPlane * size;
  }
}
