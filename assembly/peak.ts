// The yardstick of the benchmarks: multiply-adds that touch nothing but registers.

import { fma, lanes, sumLanes } from './simd';

/** Flops of one iteration of `peak`. */
export function peakFlops<T>(): i32 {
  return 12 * 2 * lanes<T>();
}

/** 12 independent chains, which is what 2 units of 3 cycles for `mul` and for `add` need; x ← x·factor + factor. */
export function peak<T>(iterations: i32, factor: f64): f64 {
  // From an argument: as a constant V8 would build it anew for every use.
  const m = v128.splat<T>(<T>factor);
  let x0 = m;
  let x1 = m;
  let x2 = m;
  let x3 = m;
  let x4 = m;
  let x5 = m;
  let x6 = m;
  let x7 = m;
  let x8 = m;
  let x9 = m;
  let x10 = m;
  let x11 = m;
  for (let i = iterations; i > 0; i--) {
    x0 = fma<T>(x0, m, m);
    x1 = fma<T>(x1, m, m);
    x2 = fma<T>(x2, m, m);
    x3 = fma<T>(x3, m, m);
    x4 = fma<T>(x4, m, m);
    x5 = fma<T>(x5, m, m);
    x6 = fma<T>(x6, m, m);
    x7 = fma<T>(x7, m, m);
    x8 = fma<T>(x8, m, m);
    x9 = fma<T>(x9, m, m);
    x10 = fma<T>(x10, m, m);
    x11 = fma<T>(x11, m, m);
  }
  const sum = v128.add<T>(
    v128.add<T>(v128.add<T>(v128.add<T>(x0, x1), v128.add<T>(x2, x3)), v128.add<T>(x4, x5)),
    v128.add<T>(v128.add<T>(v128.add<T>(x6, x7), v128.add<T>(x8, x9)), v128.add<T>(x10, x11)),
  );
  return <f64>sumLanes<T>(sum);
}
