// The register tile under GEMM and convolution: C[rows, 8] += A[rows, K] · B[K, 8] (f32; half as many columns in f64).
// A is read in place, row by row; B is a packed panel of two vectors a step.
//
// Tile height: V8 has 15 usable XMM registers. 5 rows are 10 accumulators, two vectors of B, one splat and the product that
// `mul` + `add` needs; `relaxed_madd` needs no product, which leaves room for a sixth row.
// Nothing but plain stores may follow the main loop: on Node 20 anything else there makes the register allocator spill inside
// the loop (22 GFLOP/s instead of 49). So a tile always starts from memory: from C, or from a row of zeros.
// For the same reason the loop is not unrolled (unrolled twice: 38 instead of 52), and is a `for` that counts down (a `do`, or
// rows in another order: 22), and the full tile must not be inlined: the compiler inlines functions with one caller that have
// at most 200 nodes, and a form that starts with zeros instead of loads has fewer (23 instead of 49).
// Either way an element is summed in the order of k, so a result does not depend on how K, M or N were blocked.

import { fma } from './simd';

/** Rows of a full tile. */
// @ts-ignore: decorator
@inline
export const TILE_ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

/** Columns of a tile: two vectors. */
// @ts-ignore: decorator
@inline
export function tileCols<T>(): i32 {
  return 32 / <i32>sizeof<T>();
}

/** One row of a tile that starts from zero. */
export const ZEROS: usize = memory.data(32, 16);

// `rows` is a literal at every call, so each instance below is straight-line code. strideA, strideC in bytes.
// @ts-ignore: decorator
@inline
function body<T>(
  rows: i32,
  fromZero: bool,
  K: i32,
  a: usize,
  strideA: usize,
  b: usize,
  c: usize,
  strideC: usize,
): void {
  let a0 = a;
  let a1 = a0 + strideA;
  let a2 = a1 + strideA;
  let a3 = a2 + strideA;
  let a4 = a3 + strideA;
  let a5 = a4 + strideA;
  const step: usize = fromZero ? 0 : strideC;
  let p = fromZero ? ZEROS : c;
  let c00 = v128.load(p);
  let c01 = v128.load(p, 16);
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  let c40 = c00;
  let c41 = c00;
  let c50 = c00;
  let c51 = c00;
  if (rows > 1) {
    p += step;
    c10 = v128.load(p);
    c11 = v128.load(p, 16);
  }
  if (rows > 2) {
    p += step;
    c20 = v128.load(p);
    c21 = v128.load(p, 16);
  }
  if (rows > 3) {
    p += step;
    c30 = v128.load(p);
    c31 = v128.load(p, 16);
  }
  if (rows > 4) {
    p += step;
    c40 = v128.load(p);
    c41 = v128.load(p, 16);
  }
  if (rows > 5) {
    p += step;
    c50 = v128.load(p);
    c51 = v128.load(p, 16);
  }
  let b0: v128;
  let b1: v128;
  let s: v128;
  for (let k = K; k > 0; k--) {
    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    s = v128.load_splat<T>(a0);
    c00 = fma<T>(s, b0, c00);
    c01 = fma<T>(s, b1, c01);
    if (rows > 1) {
      s = v128.load_splat<T>(a1);
      c10 = fma<T>(s, b0, c10);
      c11 = fma<T>(s, b1, c11);
    }
    if (rows > 2) {
      s = v128.load_splat<T>(a2);
      c20 = fma<T>(s, b0, c20);
      c21 = fma<T>(s, b1, c21);
    }
    if (rows > 3) {
      s = v128.load_splat<T>(a3);
      c30 = fma<T>(s, b0, c30);
      c31 = fma<T>(s, b1, c31);
    }
    if (rows > 4) {
      s = v128.load_splat<T>(a4);
      c40 = fma<T>(s, b0, c40);
      c41 = fma<T>(s, b1, c41);
    }
    if (rows > 5) {
      s = v128.load_splat<T>(a5);
      c50 = fma<T>(s, b0, c50);
      c51 = fma<T>(s, b1, c51);
    }
    a0 += sizeof<T>();
    if (rows > 1) a1 += sizeof<T>();
    if (rows > 2) a2 += sizeof<T>();
    if (rows > 3) a3 += sizeof<T>();
    if (rows > 4) a4 += sizeof<T>();
    if (rows > 5) a5 += sizeof<T>();
    b += 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  if (rows > 1) {
    c += strideC;
    v128.store(c, c10);
    v128.store(c, c11, 16);
  }
  if (rows > 2) {
    c += strideC;
    v128.store(c, c20);
    v128.store(c, c21, 16);
  }
  if (rows > 3) {
    c += strideC;
    v128.store(c, c30);
    v128.store(c, c31, 16);
  }
  if (rows > 4) {
    c += strideC;
    v128.store(c, c40);
    v128.store(c, c41, 16);
  }
  if (rows > 5) {
    c += strideC;
    v128.store(c, c50);
    v128.store(c, c51, 16);
  }
}

function full<T>(fromZero: bool, K: i32, a: usize, strideA: usize, b: usize, c: usize, strideC: usize): void {
  body<T>(TILE_ROWS, fromZero, K, a, strideA, b, c, strideC);
}

type Rows = (fromZero: bool, K: i32, a: usize, strideA: usize, b: usize, c: usize, strideC: usize) => void;

/**
 * The function for fewer rows than a full tile; called through the table, because inlined into `tile` they make it so large that it
 * runs unoptimized for the first tenth of a second.
 */
function fewer<T>(rows: i32): Rows {
  switch (rows) {
    case 1:
      return (fromZero: bool, K: i32, a: usize, strideA: usize, b: usize, c: usize, strideC: usize): void => {
        body<T>(1, fromZero, K, a, strideA, b, c, strideC);
      };
    case 2:
      return (fromZero: bool, K: i32, a: usize, strideA: usize, b: usize, c: usize, strideC: usize): void => {
        body<T>(2, fromZero, K, a, strideA, b, c, strideC);
      };
    case 3:
      return (fromZero: bool, K: i32, a: usize, strideA: usize, b: usize, c: usize, strideC: usize): void => {
        body<T>(3, fromZero, K, a, strideA, b, c, strideC);
      };
    case 4:
      return (fromZero: bool, K: i32, a: usize, strideA: usize, b: usize, c: usize, strideC: usize): void => {
        body<T>(4, fromZero, K, a, strideA, b, c, strideC);
      };
    default:
      return (fromZero: bool, K: i32, a: usize, strideA: usize, b: usize, c: usize, strideC: usize): void => {
        body<T>(5, fromZero, K, a, strideA, b, c, strideC);
      };
  }
}

/** C = (fromZero ? 0 : C) + A·B for 1 ≤ rows ≤ TILE_ROWS. Strides in bytes. */
export function tile<T>(
  rows: i32,
  fromZero: bool,
  K: i32,
  a: usize,
  strideA: usize,
  b: usize,
  c: usize,
  strideC: usize,
): void {
  if (rows == TILE_ROWS) full<T>(fromZero, K, a, strideA, b, c, strideC);
  else fewer<T>(rows)(fromZero, K, a, strideA, b, c, strideC);
}
