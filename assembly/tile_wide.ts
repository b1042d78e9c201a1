// The register tile for 256-bit vectors: C[TILE_ROWS, 2 panels] += A · B for two packed panels of B at once.
//
// WebAssembly has 128-bit vectors, but V8 can merge neighbouring pairs of operations into 256-bit ones (the flag
// --experimental-wasm-revectorize, of use from Node 24 on). So everything here comes in pairs of 16 bytes side by side: a row's sums are
// two pairs, which merged fill as many registers as tile.ts fills unmerged. Without the merging half of them would live in memory, so
// the kernels ask isWide(), which the host sets where it pays (src/wasm/wide.ts). What is summed and in which order is the same.

import { fma } from './simd';
import { TILE_ROWS, ZEROS } from './tile';

let wide = false;

export function setWide(on: bool): void {
  wide = on;
}

// @ts-ignore: decorator
@inline
export function isWide(): bool {
  return wide;
}

/** C and E = (fromZero ? 0 : C and E) + A times the panels b and d, TILE_ROWS rows each. Strides in bytes. */
export function tilePair<T>(
  fromZero: bool,
  K: i32,
  a: usize,
  strideA: usize,
  b: usize,
  d: usize,
  c: usize,
  strideC: usize,
  e: usize,
  strideE: usize,
): void {
  let a0 = a;
  let a1 = a0 + strideA;
  let a2 = a1 + strideA;
  let a3 = a2 + strideA;
  let a4 = a3 + strideA;
  let a5 = a4 + strideA;
  const stepC: usize = fromZero ? 0 : strideC;
  const stepE: usize = fromZero ? 0 : strideE;
  let p = fromZero ? ZEROS : c;
  let q = fromZero ? ZEROS : e;
  let c00 = v128.load(p);
  let c01 = v128.load(p, 16);
  let c02 = v128.load(q);
  let c03 = v128.load(q, 16);
  p += stepC;
  q += stepE;
  let c10 = v128.load(p);
  let c11 = v128.load(p, 16);
  let c12 = v128.load(q);
  let c13 = v128.load(q, 16);
  p += stepC;
  q += stepE;
  let c20 = v128.load(p);
  let c21 = v128.load(p, 16);
  let c22 = v128.load(q);
  let c23 = v128.load(q, 16);
  p += stepC;
  q += stepE;
  let c30 = v128.load(p);
  let c31 = v128.load(p, 16);
  let c32 = v128.load(q);
  let c33 = v128.load(q, 16);
  p += stepC;
  q += stepE;
  let c40 = v128.load(p);
  let c41 = v128.load(p, 16);
  let c42 = v128.load(q);
  let c43 = v128.load(q, 16);
  let c50 = c00;
  let c51 = c01;
  let c52 = c02;
  let c53 = c03;
  if (TILE_ROWS > 5) {
    p += stepC;
    q += stepE;
    c50 = v128.load(p);
    c51 = v128.load(p, 16);
    c52 = v128.load(q);
    c53 = v128.load(q, 16);
  }
  let b0: v128;
  let b1: v128;
  let b2: v128;
  let b3: v128;
  let s: v128;
  for (let k = K; k > 0; k--) {
    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    b2 = v128.load(d);
    b3 = v128.load(d, 16);
    s = v128.load_splat<T>(a0);
    c00 = fma<T>(s, b0, c00);
    c01 = fma<T>(s, b1, c01);
    c02 = fma<T>(s, b2, c02);
    c03 = fma<T>(s, b3, c03);
    s = v128.load_splat<T>(a1);
    c10 = fma<T>(s, b0, c10);
    c11 = fma<T>(s, b1, c11);
    c12 = fma<T>(s, b2, c12);
    c13 = fma<T>(s, b3, c13);
    s = v128.load_splat<T>(a2);
    c20 = fma<T>(s, b0, c20);
    c21 = fma<T>(s, b1, c21);
    c22 = fma<T>(s, b2, c22);
    c23 = fma<T>(s, b3, c23);
    s = v128.load_splat<T>(a3);
    c30 = fma<T>(s, b0, c30);
    c31 = fma<T>(s, b1, c31);
    c32 = fma<T>(s, b2, c32);
    c33 = fma<T>(s, b3, c33);
    s = v128.load_splat<T>(a4);
    c40 = fma<T>(s, b0, c40);
    c41 = fma<T>(s, b1, c41);
    c42 = fma<T>(s, b2, c42);
    c43 = fma<T>(s, b3, c43);
    if (TILE_ROWS > 5) {
      s = v128.load_splat<T>(a5);
      c50 = fma<T>(s, b0, c50);
      c51 = fma<T>(s, b1, c51);
      c52 = fma<T>(s, b2, c52);
      c53 = fma<T>(s, b3, c53);
    }
    a0 += sizeof<T>();
    a1 += sizeof<T>();
    a2 += sizeof<T>();
    a3 += sizeof<T>();
    a4 += sizeof<T>();
    if (TILE_ROWS > 5) a5 += sizeof<T>();
    b += 32;
    d += 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(e, c02);
  v128.store(e, c03, 16);
  c += strideC;
  e += strideE;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  v128.store(e, c12);
  v128.store(e, c13, 16);
  c += strideC;
  e += strideE;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  v128.store(e, c22);
  v128.store(e, c23, 16);
  c += strideC;
  e += strideE;
  v128.store(c, c30);
  v128.store(c, c31, 16);
  v128.store(e, c32);
  v128.store(e, c33, 16);
  c += strideC;
  e += strideE;
  v128.store(c, c40);
  v128.store(c, c41, 16);
  v128.store(e, c42);
  v128.store(e, c43, 16);
  if (TILE_ROWS > 5) {
    c += strideC;
    e += strideE;
    v128.store(c, c50);
    v128.store(c, c51, 16);
    v128.store(e, c52);
    v128.store(e, c53, 16);
  }
}
