// Copies that lay a matrix out for the register tile: B in panels of one tile's columns (a panel is [K, columns], contiguous),
// A in contiguous rows. Strides of the source are in elements.

import { lanes } from './simd';
import { tileCols } from './tile';

/** Transposes one lanes×lanes block: row i of the source is at s_i (f64 uses s0, s1 alone), row i of the result at dst + i·stride. */
// @ts-ignore: decorator
@inline
export function transposeBlock<T>(
  s0: usize,
  s1: usize,
  s2: usize,
  s3: usize,
  dst: usize,
  stride: usize,
): void {
  const r0 = v128.load(s0);
  const r1 = v128.load(s1);
  if (sizeof<T>() == 8) {
    v128.store(dst, v128.shuffle<f64>(r0, r1, 0, 2));
    v128.store(dst + stride, v128.shuffle<f64>(r0, r1, 1, 3));
  } else {
    const r2 = v128.load(s2);
    const r3 = v128.load(s3);
    const lo01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const hi01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const lo23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const hi23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(dst, v128.shuffle<f64>(lo01, lo23, 0, 2));
    v128.store(dst + stride, v128.shuffle<f64>(lo01, lo23, 1, 3));
    v128.store(dst + 2 * stride, v128.shuffle<f64>(hi01, hi23, 0, 2));
    v128.store(dst + 3 * stride, v128.shuffle<f64>(hi01, hi23, 1, 3));
  }
}

/** dst[r·ld + c] = src[r·rs + c·cs]. The fast cases are a unit stride on either side. */
export function packRows<T>(dst: usize, ld: i32, src: usize, rs: i32, cs: i32, rows: i32, cols: i32): void {
  const size = sizeof<T>();
  const stepDst = <usize>ld * size;
  const stepRow = <usize>rs * size;
  const stepCol = <usize>cs * size;
  if (cs == 1) {
    for (let r = 0; r < rows; r++)
      memory.copy(dst + <usize>r * stepDst, src + <usize>r * stepRow, <usize>cols * size);
    return;
  }
  const L = lanes<T>();
  let r = 0;
  if (rs == 1) {
    // Whole blocks of the source's contiguous side; the leftovers fall to the scalar loops.
    const wholeCols = cols & ~(L - 1);
    for (; r + L <= rows; r += L) {
      let s = src + <usize>r * size;
      let d = dst + <usize>r * stepDst;
      for (let c = 0; c < wholeCols; c += L, s += <usize>L * stepCol, d += 16) {
        transposeBlock<T>(s, s + stepCol, s + 2 * stepCol, s + 3 * stepCol, d, stepDst);
      }
      for (let i = 0; i < L; i++) {
        for (let c = wholeCols; c < cols; c++) {
          store<T>(
            dst + <usize>(r + i) * stepDst + <usize>c * size,
            load<T>(src + <usize>(r + i) * size + <usize>c * stepCol),
          );
        }
      }
    }
  }
  for (; r < rows; r++) {
    let s = src + <usize>r * stepRow;
    let d = dst + <usize>r * stepDst;
    for (let c = 0; c < cols; c++, s += stepCol, d += size) store<T>(d, load<T>(s));
  }
}

/** Packs B[K, N] into ceil(N / columns) panels; missing columns of the last one are zero. */
export function packPanels<T>(dst: usize, K: i32, N: i32, src: usize, rs: i32, cs: i32): void {
  const size = sizeof<T>();
  const cols = tileCols<T>();
  const L = lanes<T>();
  const stepRow = <usize>rs * size;
  const stepCol = <usize>cs * size;
  const stepLanes = <usize>L * stepCol;
  for (let j = 0; j < N; j += cols) {
    const panel = src + <usize>j * stepCol;
    let d = dst + <usize>j * <usize>K * size;
    let s = panel;
    if (j + cols > N) {
      memory.fill(d, 0, <usize>K * 32);
      const n = N - j;
      for (let k = 0; k < K; k++, s += stepRow, d += 32) {
        for (let c = 0; c < n; c++) store<T>(d + <usize>c * size, load<T>(s + <usize>c * stepCol));
      }
    } else if (cs == 1) {
      for (let k = 0; k < K; k++, s += stepRow, d += 32) {
        v128.store(d, v128.load(s));
        v128.store(d, v128.load(s, 16), 16);
      }
    } else {
      let k = 0;
      if (rs == 1) {
        for (; k + L <= K; k += L, s += 16, d += <usize>L * 32) {
          transposeBlock<T>(s, s + stepCol, s + 2 * stepCol, s + 3 * stepCol, d, 32);
          const t = s + stepLanes;
          transposeBlock<T>(t, t + stepCol, t + 2 * stepCol, t + 3 * stepCol, d + 16, 32);
        }
      }
      for (; k < K; k++, s += stepRow, d += 32) {
        for (let c = 0; c < cols; c++) store<T>(d + <usize>c * size, load<T>(s + <usize>c * stepCol));
      }
    }
  }
}
