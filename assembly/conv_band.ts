// The band: the part of the source that one block reads, copied with its padding so that no inner loop tests a bound.
// Columns are dealt out by their residue modulo the column step (a row is [colStep][phaseCols]), which makes consecutive
// positions contiguous for every tap whatever the stride.

import { Plan, getI32, setI32 } from './conv_plan';
import { transposeBlock } from './pack';
import { lanes } from './simd';

/** Fills `rowBase` for the block that begins at row `first` (counted through all images) and column `col`. */
export function placeRows(plan: Plan, first: i32, rows: i32, col: i32): void {
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

// Short runs: bulk memory instructions are calls, dearer than a row of a small plane.
// @ts-ignore: decorator
@inline
function zeroRun<T>(dst: usize, count: i32): void {
  for (; count > 0; count--, dst += sizeof<T>()) store<T>(dst, <T>0);
}

// @ts-ignore: decorator
@inline
function copyRun<T>(dst: usize, src: usize, count: i32): void {
  const L = lanes<T>();
  for (; count >= L; count -= L, dst += 16, src += 16) v128.store(dst, v128.load(src));
  for (; count > 0; count--, dst += sizeof<T>(), src += sizeof<T>()) store<T>(dst, load<T>(src));
}

// @ts-ignore: decorator
@inline
function everyOther<T>(a: v128, b: v128): v128 {
  if (sizeof<T>() == 4) return v128.shuffle<f32>(a, b, 0, 2, 4, 6);
  return v128.shuffle<f64>(a, b, 0, 2);
}

/** Ceiling of a / b for b > 0, limited to [0, most]. */
// @ts-ignore: decorator
@inline
function ceilDiv(a: i32, b: i32, most: i32): i32 {
  return a <= 0 ? 0 : min((a + b - 1) / b, most);
}

/** Deals out columns [lo, hi) of each of as many residues as there are lanes, whole vectors at a time; false where they are too few. */
function dealColumns<T>(dst: usize, src: usize, count: i32, first: i32, lo: i32, hi: i32): bool {
  const L = lanes<T>();
  if (hi - lo < L) return false;
  const size = sizeof<T>();
  const stride = <usize>count * size;
  for (let q = lo; q < hi; q += L) {
    // The last ones overlap those before.
    const at = min(q, hi - L);
    const s = src + <usize>(first + at * L) * size;
    transposeBlock<T>(s, s + 16, s + 32, s + 48, dst + <usize>at * size, stride);
  }
  return true;
}

/** One band row from one source row, whose element 0 is column -first of the band. */
function copyRow<T>(plan: Plan, dst: usize, src: usize, first: i32): void {
  const step = plan.colStep;
  const count = plan.phaseCols;
  const size = sizeof<T>();
  const L = lanes<T>();
  // Columns that every residue has.
  const lo = ceilDiv(-first, step, count);
  const hi = ceilDiv(plan.width - (first + step - 1), step, count);
  const dealt = step == L && step > 2 && dealColumns<T>(dst, src, count, first, lo, hi);
  for (let phase = 0; phase < step; phase++, dst += <usize>count * size) {
    if (((plan.colMask >> min(phase, 63)) & 1) == 0) continue;
    const origin = first + phase;
    const from = ceilDiv(-origin, step, count);
    const to = max(from, ceilDiv(plan.width - origin, step, count));
    let d = dst + <usize>from * size;
    let s = src + <usize>(origin + from * step) * size;
    zeroRun<T>(dst, from);
    if (step == 1) {
      copyRun<T>(d, s, to - from);
    } else {
      let q = from;
      if (dealt) {
        for (; q < lo; q++, d += size, s += <usize>step * size) store<T>(d, load<T>(s));
        d += <usize>(hi - q) * size;
        s += <usize>((hi - q) * step) * size;
        q = hi;
      } else if (step == 2) {
        const end = src + <usize>plan.width * size;
        for (; q + L <= to && s + 32 <= end; q += L, d += 16, s += 32) {
          v128.store(d, everyOther<T>(v128.load(s), v128.load(s, 16)));
        }
      }
      for (; q < to; q++, d += size, s += <usize>step * size) store<T>(d, load<T>(s));
    }
    zeroRun<T>(dst + <usize>to * size, count - to);
  }
}

/** Copies channels [c, c + count) of the block's part of the source. */
export function fillBand<T>(
  plan: Plan,
  source: usize,
  c: i32,
  count: i32,
  first: i32,
  rows: i32,
  col: i32,
): void {
  const size = sizeof<T>();
  const firstCol = col * plan.colStep + plan.colMin;
  const bandPlane = <usize>plan.bandPlane * size;
  const sourcePlane = <usize>plan.planeStride * size;
  const bandRow = <usize>plan.bandRow * size;
  let dst = plan.band;
  for (let r = 0; r < rows;) {
    const image = (first + r) / plan.gridRows;
    const row = (first + r) % plan.gridRows;
    const piece = min(rows - r, plan.gridRows - row);
    const height = (piece - 1) * plan.rowStep + plan.rowSpan + 1;
    const top = row * plan.rowStep + plan.rowMin;
    const from = source + <usize>(image * plan.imageStride + c * plan.planeStride) * size;
    // A channel at a time: its rows follow each other in the source and in the band.
    for (let i: usize = 0; i < <usize>count; i++) {
      let d = dst + i * bandPlane;
      const plane = from + i * sourcePlane;
      for (let y = 0; y < height; y++, d += bandRow) {
        if (((plan.rowMask >> min(y % plan.rowStep, 63)) & 1) == 0) continue;
        const sourceRow = top + y;
        if (sourceRow < 0 || sourceRow >= plan.height) zeroRun<T>(d, plan.bandRow);
        else copyRow<T>(plan, d, plane + <usize>(sourceRow * plan.width) * size, firstCol);
      }
    }
    dst += <usize>height * bandRow;
    r += piece;
  }
}
