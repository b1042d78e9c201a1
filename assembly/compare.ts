// Comparisons, logic and tests of any dtype, into bool bytes.

import {
  C_EQ,
  C_NE,
  C_LT,
  C_LE,
  C_GT,
  C_GE,
  C_AND,
  C_OR,
  C_XOR,
  T_NONZERO,
  T_LOGICAL_NOT,
  T_ISNAN,
  T_ISINF,
  T_ISFINITE,
  T_ISPOSINF,
  T_ISNEGINF,
  T_SIGNBIT,
} from '../src/wasm/opcode';

// @ts-ignore: decorator
@inline
function compareOne<T>(op: i32, a: T, b: T): bool {
  if (op == C_EQ) return a == b;
  if (op == C_NE) return a != b;
  if (op == C_LT) return a < b;
  if (op == C_LE) return a <= b;
  if (op == C_GT) return a > b;
  if (op == C_GE) return a >= b;
  const u = a != <T>0;
  const v = b != <T>0;
  if (op == C_AND) return bool(u & v);
  if (op == C_OR) return bool(u | v);
  return u != v;
}

// @ts-ignore: decorator
@inline
function testOne<T>(op: i32, x: T): bool {
  if (op == T_NONZERO) return x != <T>0;
  if (op == T_LOGICAL_NOT) return x == <T>0;
  if (isFloat<T>()) {
    if (op == T_ISNAN) return x != x;
    if (op == T_ISINF) return abs<T>(x) == <T>Infinity;
    if (op == T_ISFINITE) return abs<T>(x) < <T>Infinity;
    if (op == T_ISPOSINF) return x == <T>Infinity;
    if (op == T_ISNEGINF) return x == <T>(-Infinity);
    if (op == T_SIGNBIT) return copysign<T>(1, x) < <T>0;
  } else {
    if (op == T_ISFINITE) return true;
    if (op == T_SIGNBIT) return x < <T>0;
  }
  return false;
}

// @ts-ignore: decorator
@inline
function compareRow<T>(op: i32, n: i32, a: usize, da: usize, b: usize, db: usize, out: usize, so: usize): void {
  for (; n > 0; --n) {
    store<u8>(out, compareOne<T>(op, load<T>(a), load<T>(b)));
    a += da;
    b += db;
    out += so;
  }
}

// @ts-ignore: decorator
@inline
function testRow<T>(op: i32, n: i32, x: usize, dx: usize, out: usize, so: usize): void {
  for (; n > 0; --n) {
    store<u8>(out, testOne<T>(op, load<T>(x)));
    x += dx;
    out += so;
  }
}

export function compareWalk<T>(op: i32, a: usize, b: usize, out: usize, desc: usize, dim: i32): void {
  const ndim = load<i32>(desc);
  const size = desc + 4 + ((<usize>dim) << 2);
  const step = (<usize>ndim) << 2;
  const n = load<i32>(size);
  const so = <usize>load<i32>(size + step);
  const da = <usize>load<i32>(size + 2 * step) * sizeof<T>();
  const db = <usize>load<i32>(size + 3 * step) * sizeof<T>();
  if (dim < ndim - 1) {
    for (let i = 0; i < n; ++i) {
      compareWalk<T>(op, a, b, out, desc, dim + 1);
      a += da;
      b += db;
      out += so;
    }
    return;
  }
  switch (op) {
    case C_EQ:
      compareRow<T>(C_EQ, n, a, da, b, db, out, so);
      return;
    case C_NE:
      compareRow<T>(C_NE, n, a, da, b, db, out, so);
      return;
    case C_LT:
      compareRow<T>(C_LT, n, a, da, b, db, out, so);
      return;
    case C_LE:
      compareRow<T>(C_LE, n, a, da, b, db, out, so);
      return;
    case C_GT:
      compareRow<T>(C_GT, n, a, da, b, db, out, so);
      return;
    case C_GE:
      compareRow<T>(C_GE, n, a, da, b, db, out, so);
      return;
    case C_AND:
      compareRow<T>(C_AND, n, a, da, b, db, out, so);
      return;
    case C_OR:
      compareRow<T>(C_OR, n, a, da, b, db, out, so);
      return;
    case C_XOR:
      compareRow<T>(C_XOR, n, a, da, b, db, out, so);
      return;
  }
}

export function testWalk<T>(op: i32, x: usize, out: usize, desc: usize, dim: i32): void {
  const ndim = load<i32>(desc);
  const size = desc + 4 + ((<usize>dim) << 2);
  const step = (<usize>ndim) << 2;
  const n = load<i32>(size);
  const so = <usize>load<i32>(size + step);
  const dx = <usize>load<i32>(size + 2 * step) * sizeof<T>();
  if (dim < ndim - 1) {
    for (let i = 0; i < n; ++i) {
      testWalk<T>(op, x, out, desc, dim + 1);
      x += dx;
      out += so;
    }
    return;
  }
  switch (op) {
    case T_NONZERO:
      testRow<T>(T_NONZERO, n, x, dx, out, so);
      return;
    case T_LOGICAL_NOT:
      testRow<T>(T_LOGICAL_NOT, n, x, dx, out, so);
      return;
    case T_ISNAN:
      testRow<T>(T_ISNAN, n, x, dx, out, so);
      return;
    case T_ISINF:
      testRow<T>(T_ISINF, n, x, dx, out, so);
      return;
    case T_ISFINITE:
      testRow<T>(T_ISFINITE, n, x, dx, out, so);
      return;
    case T_ISPOSINF:
      testRow<T>(T_ISPOSINF, n, x, dx, out, so);
      return;
    case T_ISNEGINF:
      testRow<T>(T_ISNEGINF, n, x, dx, out, so);
      return;
    case T_SIGNBIT:
      testRow<T>(T_SIGNBIT, n, x, dx, out, so);
      return;
  }
}
