// Pointwise functions of three operands, and where.

import { K_ADDCDIV, K_ADDCMUL, K_CLAMP, K_LERP } from '../src/wasm/opcode';
import { lanes } from './simd';
import { intTernary } from './pointwise-int';

// @ts-ignore: decorator
@inline
function formula<T>(op: i32, a: v128, b: v128, c: v128, p: v128): v128 {
  if (op == K_ADDCMUL) return v128.add<T>(a, v128.mul<T>(v128.mul<T>(p, b), c));
  if (op == K_ADDCDIV) return v128.add<T>(a, v128.div<T>(v128.mul<T>(p, b), c));
  if (op == K_CLAMP) return v128.min<T>(v128.max<T>(a, b), c);
  if (op == K_LERP) {
    // From whichever end is nearer, as torch: both ends are then exact.
    const one = v128.splat<T>(1);
    const d = v128.sub<T>(b, a);
    const fromStart = v128.add<T>(a, v128.mul<T>(c, d));
    const fromEnd = v128.sub<T>(b, v128.mul<T>(d, v128.sub<T>(one, c)));
    return v128.bitselect(fromStart, fromEnd, v128.lt<T>(c, v128.splat<T>(0.5)));
  }
  return a;
}

// @ts-ignore: decorator
@inline
function row<T>(
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
): void {
  const p = v128.splat<T>(<T>p0);
  if (so == 1 && sa == 1 && sb == 1 && sc == 1) {
    for (; n >= lanes<T>(); n -= lanes<T>()) {
      v128.store(out, formula<T>(op, v128.load(a), v128.load(b), v128.load(c), p));
      a += 16;
      b += 16;
      c += 16;
      out += 16;
    }
  }
  for (; n > 0; --n) {
    const y = formula<T>(op, v128.load_splat<T>(a), v128.load_splat<T>(b), v128.load_splat<T>(c), p);
    v128.store_lane<T>(out, y, 0);
    a += <usize>sa * sizeof<T>();
    b += <usize>sb * sizeof<T>();
    c += <usize>sc * sizeof<T>();
    out += <usize>so * sizeof<T>();
  }
}

function anyRow<T>(
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
): void {
  if (isFloat<T>()) {
    switch (op) {
      case K_ADDCMUL:
        row<T>(K_ADDCMUL, n, a, sa, b, sb, c, sc, out, so, p0);
        return;
      case K_ADDCDIV:
        row<T>(K_ADDCDIV, n, a, sa, b, sb, c, sc, out, so, p0);
        return;
      case K_LERP:
        row<T>(K_LERP, n, a, sa, b, sb, c, sc, out, so, p0);
        return;
      case K_CLAMP:
        row<T>(K_CLAMP, n, a, sa, b, sb, c, sc, out, so, p0);
        return;
    }
    return;
  } else {
    for (; n > 0; --n) {
      store<T>(out, <T>intTernary(op, <i64>load<T>(a), <i64>load<T>(b), <i64>load<T>(c), <i64>p0));
      a += <usize>sa * sizeof<T>();
      b += <usize>sb * sizeof<T>();
      c += <usize>sc * sizeof<T>();
      out += <usize>so * sizeof<T>();
    }
  }
}

export function ternaryWalk<T>(
  op: i32,
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
    anyRow<T>(op, n, a, sa, b, sb, c, sc, out, so, p0);
    return;
  }
  for (let i = 0; i < n; ++i) {
    ternaryWalk<T>(op, a, b, c, out, desc, dim + 1, p0);
    a += <usize>sa * sizeof<T>();
    b += <usize>sb * sizeof<T>();
    c += <usize>sc * sizeof<T>();
    out += <usize>so * sizeof<T>();
  }
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
  for (let i = 0; i < n; ++i) {
    if (inner) store<T>(out, select<T>(load<T>(a), load<T>(b), load<u8>(cond) != 0));
    else whereWalk<T>(cond, a, b, out, desc, dim + 1);
    cond += dc;
    a += da;
    b += db;
    out += dout;
  }
}
