// Reductions of integer and bool tensors, in int64; and argmax and argmin of every dtype.

import { R_ALL, R_ANY, R_COUNT_NONZERO, R_MAX, R_MIN, R_PROD, R_SUM } from '../src/wasm/opcode';
import { countOf, offsetOf, sizeOf, strideOf } from './layout';
import { extreme } from './reduce-float';
import { lanes } from './simd';

function initial(op: i32): i64 {
  if (op == R_MAX) return i64.MIN_VALUE;
  if (op == R_MIN) return i64.MAX_VALUE;
  return op == R_PROD || op == R_ALL ? 1 : 0;
}

function row<T>(op: i32, n: i32, x: usize, dx: usize, acc: i64): i64 {
  for (; n > 0; --n) {
    const v = <i64>load<T>(x);
    switch (op) {
      case R_SUM:
        acc += v;
        break;
      case R_PROD:
        acc *= v;
        break;
      case R_MAX:
        acc = max(acc, v);
        break;
      case R_MIN:
        acc = min(acc, v);
        break;
      case R_COUNT_NONZERO:
        acc += i64(v != 0);
        break;
      case R_ANY:
        if (v != 0) return 1;
        break;
      case R_ALL:
        if (v == 0) return 0;
        break;
    }
    x += dx;
  }
  return acc;
}

export function reduceInt<T>(op: i32, x: usize, out: usize, desc: usize, inner: i32): void {
  const last = load<i32>(desc) - 1;
  const kept = last + 1 - inner;
  const count = countOf(desc, 0, kept);
  const runs = countOf(desc, kept, last);
  const n = sizeOf(desc, last);
  const dx = <usize>strideOf(desc, 1, last) * sizeof<T>();
  const wide = op == R_SUM || op == R_PROD || op == R_COUNT_NONZERO;
  for (let k = 0; k < count; ++k) {
    const from = x + <usize>offsetOf(desc, 1, 0, kept, k) * sizeof<T>();
    let acc = initial(op);
    for (let r = 0; r < runs; ++r) {
      acc = row<T>(op, n, from + <usize>offsetOf(desc, 1, kept, last, r) * sizeof<T>(), dx, acc);
    }
    const to = <usize>offsetOf(desc, 0, 0, kept, k);
    if (wide) store<i64>(out + (to << 3), acc);
    else if (op == R_MAX || op == R_MIN) store<T>(out + to * sizeof<T>(), <T>acc);
    else store<u8>(out + to, <u8>acc);
  }
}

/** Position of the first element that is v, or NaN when v is; one of n contiguous ones is. */
function firstOf<T>(x: usize, n: i32, v: T): i64 {
  const w = v128.splat<T>(v);
  let i: i32 = 0;
  if (v == v) {
    while (i + lanes<T>() <= n && !v128.any_true(v128.eq<T>(v128.load(x + <usize>i * sizeof<T>()), w))) {
      i += lanes<T>();
    }
    while (load<T>(x + <usize>i * sizeof<T>()) != v) ++i;
  } else {
    while (load<T>(x + <usize>i * sizeof<T>()) == load<T>(x + <usize>i * sizeof<T>())) ++i;
  }
  return i;
}

/** values may be 0. The first of equals wins; the first NaN wins over all. Indices run in C order over the reduced dims. */
export function reduceArg<T>(
  largest: bool,
  x: usize,
  values: usize,
  indices: usize,
  desc: usize,
  inner: i32,
): void {
  const last = load<i32>(desc) - 1;
  const kept = last + 1 - inner;
  const count = countOf(desc, 0, kept);
  const runs = countOf(desc, kept, last);
  const n = sizeOf(desc, last);
  const dx = <usize>strideOf(desc, 1, last) * sizeof<T>();
  for (let k = 0; k < count; ++k) {
    const from = x + <usize>offsetOf(desc, 1, 0, kept, k) * sizeof<T>();
    let best = load<T>(from);
    let at: i64 = 0;
    if (isFloat<T>() && runs == 1 && dx == sizeof<T>()) {
      // Two passes over a row in cache beat one with a branch an element.
      best = <T>extreme<T>(largest, n, from);
      store<i64>(indices + ((<usize>offsetOf(desc, 0, 0, kept, k)) << 3), firstOf<T>(from, n, best));
      if (values) store<T>(values + <usize>offsetOf(desc, 0, 0, kept, k) * sizeof<T>(), best);
      continue;
    }
    for (let r = 0; r < runs; ++r) {
      let p = from + <usize>offsetOf(desc, 1, kept, last, r) * sizeof<T>();
      for (let i = 0; i < n; ++i) {
        const v = load<T>(p);
        let better = largest ? v > best : v < best;
        if (isFloat<T>()) better = (better || v != v) && best == best;
        if (better) {
          best = v;
          at = <i64>r * n + i;
        }
        p += dx;
      }
    }
    const to = <usize>offsetOf(desc, 0, 0, kept, k);
    store<i64>(indices + (to << 3), at);
    if (values) store<T>(values + to * sizeof<T>(), best);
  }
}
