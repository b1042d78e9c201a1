// y[R] = (accumulate ? y : 0) + A[R, K]·x[K]: a product with one row or column reads its matrix once, so nothing is packed.

import { fma, lanes, sumLanes } from './simd';

/** Whether `gemv` takes these strides (elements): rows of A, steps of A, x, y. */
export function gemvTakes(row: i32, step: i32, x: i32, y: i32): bool {
  return (step == 1 && x == 1) || (row == 1 && y == 1);
}

// Four rows share the loads of x, and with two vectors each are eight independent sums.
function fourDots<T>(K: i32, a: usize, stride: usize, x: usize, sums: usize): void {
  let a1 = a + stride;
  let a2 = a1 + stride;
  let a3 = a2 + stride;
  let c00 = v128.splat<T>(<T>0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (let k = K; k > 0; k--) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    c00 = fma<T>(v128.load(a), x0, c00);
    c01 = fma<T>(v128.load(a, 16), x1, c01);
    c10 = fma<T>(v128.load(a1), x0, c10);
    c11 = fma<T>(v128.load(a1, 16), x1, c11);
    c20 = fma<T>(v128.load(a2), x0, c20);
    c21 = fma<T>(v128.load(a2, 16), x1, c21);
    c30 = fma<T>(v128.load(a3), x0, c30);
    c31 = fma<T>(v128.load(a3, 16), x1, c31);
    a += 32;
    a1 += 32;
    a2 += 32;
    a3 += 32;
    x += 32;
  }
  v128.store(sums, c00);
  v128.store(sums, c01, 16);
  v128.store(sums, c10, 32);
  v128.store(sums, c11, 48);
  v128.store(sums, c20, 64);
  v128.store(sums, c21, 80);
  v128.store(sums, c30, 96);
  v128.store(sums, c31, 112);
}

function dots<T>(
  R: i32,
  K: i32,
  a: usize,
  stride: usize,
  x: usize,
  y: usize,
  stepY: usize,
  accumulate: bool,
  ws: usize,
): void {
  const size = sizeof<T>();
  const pairs = K / (2 * lanes<T>());
  const whole = pairs * 2 * lanes<T>();
  for (let r = 0; r < R; r += 4) {
    const rows = min(4, R - r);
    // Fewer than four rows are summed in the same order, so that a result does not depend on R.
    if (rows == 4) {
      fourDots<T>(pairs, a, stride, x, ws);
    } else {
      for (let i = 0; i < rows; i++) {
        const row = a + <usize>i * stride;
        let c0 = v128.splat<T>(<T>0);
        let c1 = c0;
        for (let k = 0; k < whole; k += 2 * lanes<T>()) {
          const at = <usize>k * size;
          c0 = fma<T>(v128.load(row + at), v128.load(x + at), c0);
          c1 = fma<T>(v128.load(row + at, 16), v128.load(x + at, 16), c1);
        }
        v128.store(ws + <usize>i * 32, c0);
        v128.store(ws + <usize>i * 32, c1, 16);
      }
    }
    for (let i = 0; i < rows; i++, a += stride, y += stepY) {
      let sum = sumLanes<T>(v128.add<T>(v128.load(ws + <usize>i * 32), v128.load(ws + <usize>i * 32, 16)));
      for (let k = whole; k < K; k++) sum += load<T>(a + <usize>k * size) * load<T>(x + <usize>k * size);
      store<T>(y, accumulate ? load<T>(y) + sum : sum);
    }
  }
}

// Eight vectors of y over all of K, in registers: 32 columns of A a step (f32).
function eightVectors<T>(K: i32, a: usize, stride: usize, x: usize, stepX: usize, y: usize): void {
  let c0 = v128.load(y);
  let c1 = v128.load(y, 16);
  let c2 = v128.load(y, 32);
  let c3 = v128.load(y, 48);
  let c4 = v128.load(y, 64);
  let c5 = v128.load(y, 80);
  let c6 = v128.load(y, 96);
  let c7 = v128.load(y, 112);
  for (let k = K; k > 0; k--) {
    const s = v128.load_splat<T>(x);
    c0 = fma<T>(v128.load(a), s, c0);
    c1 = fma<T>(v128.load(a, 16), s, c1);
    c2 = fma<T>(v128.load(a, 32), s, c2);
    c3 = fma<T>(v128.load(a, 48), s, c3);
    c4 = fma<T>(v128.load(a, 64), s, c4);
    c5 = fma<T>(v128.load(a, 80), s, c5);
    c6 = fma<T>(v128.load(a, 96), s, c6);
    c7 = fma<T>(v128.load(a, 112), s, c7);
    a += stride;
    x += stepX;
  }
  v128.store(y, c0);
  v128.store(y, c1, 16);
  v128.store(y, c2, 32);
  v128.store(y, c3, 48);
  v128.store(y, c4, 64);
  v128.store(y, c5, 80);
  v128.store(y, c6, 96);
  v128.store(y, c7, 112);
}

function oneVector<T>(K: i32, a: usize, stride: usize, x: usize, stepX: usize, y: usize): void {
  let c = v128.load(y);
  for (let k = K; k > 0; k--) {
    c = fma<T>(v128.load(a), v128.load_splat<T>(x), c);
    a += stride;
    x += stepX;
  }
  v128.store(y, c);
}

function columns<T>(
  R: i32,
  K: i32,
  a: usize,
  stride: usize,
  x: usize,
  stepX: usize,
  y: usize,
  accumulate: bool,
): void {
  const L = lanes<T>();
  const size = sizeof<T>();
  if (!accumulate) memory.fill(y, 0, <usize>R * size);
  let r = 0;
  for (; r + 8 * L <= R; r += 8 * L, a += 128, y += 128) eightVectors<T>(K, a, stride, x, stepX, y);
  for (; r + L <= R; r += L, a += 16, y += 16) oneVector<T>(K, a, stride, x, stepX, y);
  for (; r < R; r++, a += size, y += size) {
    let sum = load<T>(y);
    for (let k: usize = 0; k < <usize>K; k++) sum += load<T>(a + k * stride) * load<T>(x + k * stepX);
    store<T>(y, sum);
  }
}

/** Strides in elements, of one of the kinds that `gemvTakes`. `ws`: 128 bytes. */
export function gemv<T>(
  R: i32,
  K: i32,
  a: usize,
  row: i32,
  step: i32,
  x: usize,
  stepX: i32,
  y: usize,
  stepY: i32,
  accumulate: bool,
  ws: usize,
): void {
  const size = sizeof<T>();
  if (step == 1 && stepX == 1) {
    dots<T>(R, K, a, <usize>row * size, x, y, <usize>stepY * size, accumulate, ws);
  } else {
    columns<T>(R, K, a, <usize>step * size, x, <usize>stepX * size, y, accumulate);
  }
}
