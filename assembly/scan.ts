// Scans along the middle dim of contiguous [outer, n, inner]. Float sums and products accumulate in float64, as torch's do on the CPU.

import {
  BOOL,
  FLOAT32,
  FLOAT64,
  INT8,
  INT16,
  INT32,
  INT64,
  S_CUMMAX,
  S_CUMMIN,
  S_CUMPROD,
  S_CUMSUM,
  UINT8,
} from '../src/wasm/opcode';

/** log(e^a + e^b) by torch's steps. */
function logAddExp(a: f64, b: f64): f64 {
  const low = min(a, b);
  const high = max(a, b);
  if (low != low || (low == high && abs(low) == Infinity)) return high;
  return NativeMath.log1p(NativeMath.exp(low - high)) + high;
}

function lineFloat<T>(op: i32, x: usize, out: usize, n: i32, step: usize): void {
  let acc: f64 = op == S_CUMSUM ? 0 : op == S_CUMPROD ? 1 : -Infinity;
  for (; n > 0; --n) {
    const v = <f64>load<T>(x);
    if (op == S_CUMSUM) acc += v;
    else if (op == S_CUMPROD) acc *= v;
    else acc = logAddExp(v, acc);
    store<T>(out, <T>acc);
    x += step;
    out += step;
  }
}

function lineInt<T>(op: i32, x: usize, out: usize, n: i32, step: usize): void {
  let acc: T = op == S_CUMSUM ? <T>0 : <T>1;
  for (; n > 0; --n) {
    const v = load<T>(x);
    acc = op == S_CUMSUM ? <T>(acc + v) : <T>(acc * v);
    store<T>(out, acc);
    x += step;
    out += step;
  }
}

/** The last of equals wins and the last NaN wins over all, as in torch. */
function lineArg<T>(largest: bool, x: usize, out: usize, idx: usize, n: i32, step: usize): void {
  let best = load<T>(x);
  let at: i64 = 0;
  for (let i = 0; i < n; ++i) {
    const v = load<T>(x);
    let better = largest ? v >= best : v <= best;
    if (isFloat<T>()) better = v != v || (best == best && better);
    if (better) {
      best = v;
      at = i;
    }
    store<T>(out, best);
    store<i64>(idx, at);
    x += step;
    out += step;
    idx += (step / sizeof<T>()) << 3;
  }
}

function scanOf<T>(op: i32, x: usize, out: usize, idx: usize, outer: i32, n: i32, inner: i32): void {
  const step = <usize>inner * sizeof<T>();
  for (let o = 0; o < outer; ++o) {
    for (let i = 0; i < inner; ++i) {
      const at = (<usize>o * <usize>n * <usize>inner + i) * sizeof<T>();
      if (op == S_CUMMAX || op == S_CUMMIN) {
        lineArg<T>(op == S_CUMMAX, x + at, out + at, idx + (at / sizeof<T>()) * 8, n, step);
      } else if (isFloat<T>()) {
        lineFloat<T>(op, x + at, out + at, n, step);
      } else {
        lineInt<T>(op, x + at, out + at, n, step);
      }
    }
  }
}

export function scan(
  dtype: i32,
  op: i32,
  x: usize,
  out: usize,
  idx: usize,
  outer: i32,
  n: i32,
  inner: i32,
): void {
  switch (dtype) {
    case BOOL:
    case UINT8:
      scanOf<u8>(op, x, out, idx, outer, n, inner);
      break;
    case INT8:
      scanOf<i8>(op, x, out, idx, outer, n, inner);
      break;
    case INT16:
      scanOf<i16>(op, x, out, idx, outer, n, inner);
      break;
    case INT32:
      scanOf<i32>(op, x, out, idx, outer, n, inner);
      break;
    case INT64:
      scanOf<i64>(op, x, out, idx, outer, n, inner);
      break;
    case FLOAT32:
      scanOf<f32>(op, x, out, idx, outer, n, inner);
      break;
    case FLOAT64:
      scanOf<f64>(op, x, out, idx, outer, n, inner);
      break;
  }
}
