// Pointwise functions of three operands, and where.

import { K_ADDCDIV, K_ADDCMUL, K_LERP } from '../src/wasm/opcode';
import { Addcdiv, Addcmul, Clamp3, Lerp } from './pointwise-binary-op';
import { intTernary } from './pointwise-int';
import { lanes } from './simd';

type Row = (
  op: i32,
  n: i32,
  a: usize,
  sa: i32,
  b: usize,
  sb: i32,
  c: usize,
  sc: i32,
  out: usize,
  so: i32,
  p0: f64,
) => void;

function row<T, F>(): Row {
  return (
    op: i32,
    n: i32,
    a: usize,
    sa: i32,
    b: usize,
    sb: i32,
    c: usize,
    sc: i32,
    out: usize,
    so: i32,
    p0: f64,
  ): void => {
    const p = v128.splat<T>(<T>p0);
    if (so == 1 && sa == 1 && sb == 1 && sc == 1) {
      for (; n >= lanes<T>(); n -= lanes<T>()) {
        v128.store(out, changetype<F>(0).f<T>(v128.load(a), v128.load(b), v128.load(c), p));
        a += 16;
        b += 16;
        c += 16;
        out += 16;
      }
    }
    for (; n > 0; --n) {
      const u = v128.load_splat<T>(a);
      v128.store_lane<T>(out, changetype<F>(0).f<T>(u, v128.load_splat<T>(b), v128.load_splat<T>(c), p), 0);
      a += <usize>sa * sizeof<T>();
      b += <usize>sb * sizeof<T>();
      c += <usize>sc * sizeof<T>();
      out += <usize>so * sizeof<T>();
    }
  };
}

function intRow<T>(): Row {
  return (
    op: i32,
    n: i32,
    a: usize,
    sa: i32,
    b: usize,
    sb: i32,
    c: usize,
    sc: i32,
    out: usize,
    so: i32,
    p0: f64,
  ): void => {
    for (; n > 0; --n) {
      store<T>(out, <T>intTernary(op, <i64>load<T>(a), <i64>load<T>(b), <i64>load<T>(c), <i64>p0));
      a += <usize>sa * sizeof<T>();
      b += <usize>sb * sizeof<T>();
      c += <usize>sc * sizeof<T>();
      out += <usize>so * sizeof<T>();
    }
  };
}

function rowOf<T>(op: i32): Row {
  if (isFloat<T>()) {
    switch (op) {
      case K_ADDCMUL:
        return row<T, Addcmul>();
      case K_ADDCDIV:
        return row<T, Addcdiv>();
      case K_LERP:
        return row<T, Lerp>();
    }
    return row<T, Clamp3>();
  } else {
    return intRow<T>();
  }
}

function walk<T>(
  op: i32,
  row: Row,
  a: usize,
  b: usize,
  c: usize,
  out: usize,
  desc: usize,
  dim: i32,
  p0: f64,
): void {
  const ndim = load<i32>(desc);
  const size = desc + 4 + ((<usize>dim) << 2);
  const step = (<usize>ndim) << 2;
  const n = load<i32>(size);
  const so = load<i32>(size + step);
  const sa = load<i32>(size + 2 * step);
  const sb = load<i32>(size + 3 * step);
  const sc = load<i32>(size + 4 * step);
  if (dim == ndim - 1) {
    row(op, n, a, sa, b, sb, c, sc, out, so, p0);
    return;
  }
  for (let i = 0; i < n; ++i) {
    walk<T>(op, row, a, b, c, out, desc, dim + 1, p0);
    a += <usize>sa * sizeof<T>();
    b += <usize>sb * sizeof<T>();
    c += <usize>sc * sizeof<T>();
    out += <usize>so * sizeof<T>();
  }
}

export function ternaryOf<T>(op: i32, a: usize, b: usize, c: usize, out: usize, desc: usize, p0: f64): void {
  walk<T>(op, rowOf<T>(op), a, b, c, out, desc, 0, p0);
}

/** Four-byte elements, all contiguous but for a or b that may be one value. Answers how many are left. */
function whereDense(n: i32, cond: usize, a: usize, da: usize, b: usize, db: usize, out: usize): i32 {
  const a0 = v128.load32_splat(a);
  const b0 = v128.load32_splat(b);
  const zero = i32x4.splat(0);
  for (; n >= 4; n -= 4) {
    const c = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(cond)));
    const u = da ? v128.load(a) : a0;
    const v = db ? v128.load(b) : b0;
    v128.store(out, v128.bitselect(v, u, i32x4.eq(c, zero)));
    cond += 4;
    a += 4 * da;
    b += 4 * db;
    out += 16;
  }
  return n;
}

/** out = cond ? a : b for elements of T's size; cond is bytes. */
export function whereWalk<T>(cond: usize, a: usize, b: usize, out: usize, desc: usize, dim: i32): void {
  const ndim = load<i32>(desc);
  const size = desc + 4 + ((<usize>dim) << 2);
  const step = (<usize>ndim) << 2;
  const n = load<i32>(size);
  const inner = dim == ndim - 1;
  const dout = <usize>load<i32>(size + step) * sizeof<T>();
  const dc = <usize>load<i32>(size + 2 * step);
  const da = <usize>load<i32>(size + 3 * step) * sizeof<T>();
  const db = <usize>load<i32>(size + 4 * step) * sizeof<T>();
  let i = 0;
  if (sizeof<T>() == 4 && inner && dout == 4 && dc == 1 && (da == 4 || da == 0) && (db == 4 || db == 0)) {
    i = n - whereDense(n, cond, a, da, b, db, out);
    cond += i;
    a += <usize>i * da;
    b += <usize>i * db;
    out += <usize>i * 4;
  }
  for (; i < n; ++i) {
    if (inner) store<T>(out, select<T>(load<T>(a), load<T>(b), load<u8>(cond) != 0));
    else whereWalk<T>(cond, a, b, out, desc, dim + 1);
    cond += dc;
    a += da;
    b += db;
    out += dout;
  }
}
