// The tiles of Winograd's algorithm F(m×m, 3×3), as types without fields (see pointwise-unary-op.ts): m² outputs from (m + 2)²
// inputs, and the transforms along one line of vectors, whose matrices are those of Lavin and Gray (2015).
//   F4: 36 products instead of 144, interpolation points 0, ±1, ±2.
//   F2: 16 products instead of 36, points 0, ±1; for images so small that tiles of 4 would be mostly padding.

import { fma } from './simd';


@unmanaged
export class F4 {

  @inline
  outputs(): i32 {
    return 4;
  }

  // Bᵀ: six vectors to six.
  @inline
  input<T>(src: usize, stepSrc: usize, dst: usize, stepDst: usize): void {
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

  // Aᵀ: six vectors to four, each plus `start`.
  @inline
  output<T>(src: usize, stepSrc: usize, dst: usize, stepDst: usize, start: v128): void {
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

  // G: three vectors to six.
  @inline
  weight<T>(src: usize, stepSrc: usize, dst: usize, step: usize): void {
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
}


@unmanaged
export class F2 {

  @inline
  outputs(): i32 {
    return 2;
  }

  // Bᵀ: four vectors to four.
  @inline
  input<T>(src: usize, stepSrc: usize, dst: usize, stepDst: usize): void {
    const d0 = v128.load(src);
    const d1 = v128.load(src + stepSrc);
    const d2 = v128.load(src + 2 * stepSrc);
    const d3 = v128.load(src + 3 * stepSrc);
    v128.store(dst, v128.sub<T>(d0, d2));
    v128.store(dst + stepDst, v128.add<T>(d1, d2));
    v128.store(dst + 2 * stepDst, v128.sub<T>(d2, d1));
    v128.store(dst + 3 * stepDst, v128.sub<T>(d1, d3));
  }

  // Aᵀ: four vectors to two, each plus `start`.
  @inline
  output<T>(src: usize, stepSrc: usize, dst: usize, stepDst: usize, start: v128): void {
    const m0 = v128.load(src);
    const m1 = v128.load(src + stepSrc);
    const m2 = v128.load(src + 2 * stepSrc);
    const m3 = v128.load(src + 3 * stepSrc);
    v128.store(dst, v128.add<T>(v128.add<T>(m0, start), v128.add<T>(m1, m2)));
    v128.store(dst + stepDst, v128.add<T>(v128.sub<T>(start, m3), v128.sub<T>(m1, m2)));
  }

  // G: three vectors to four.
  @inline
  weight<T>(src: usize, stepSrc: usize, dst: usize, step: usize): void {
    const half = v128.splat<T>(<T>0.5);
    const g0 = v128.load(src);
    const g1 = v128.mul<T>(v128.load(src + stepSrc), half);
    const g2 = v128.load(src + 2 * stepSrc);
    const outer = v128.mul<T>(v128.add<T>(g0, g2), half);
    v128.store(dst, g0);
    v128.store(dst + step, v128.add<T>(outer, g1));
    v128.store(dst + 2 * step, v128.sub<T>(outer, g1));
    v128.store(dst + 3 * step, g2);
  }
}

/** Outputs along a side of a tile. */
// @ts-ignore: decorator
@inline
export function outputsOf<F>(): i32 {
  return changetype<F>(0).outputs();
}

/** Inputs along a side of a tile. */
// @ts-ignore: decorator
@inline
export function sideOf<F>(): i32 {
  return changetype<F>(0).outputs() + 2;
}

/** Products of a tile. */
// @ts-ignore: decorator
@inline
export function partsOf<F>(): i32 {
  return sideOf<F>() * sideOf<F>();
}
