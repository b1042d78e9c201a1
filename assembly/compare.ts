// Comparisons, logic and tests of any dtype, into bool bytes. As in pointwise-unary-op.ts, a formula is a type without fields.

import {
  C_AND,
  C_EQ,
  C_GE,
  C_GT,
  C_LE,
  C_LT,
  C_NE,
  C_OR,
  C_XOR,
  T_ISFINITE,
  T_ISINF,
  T_ISNAN,
  T_ISNEGINF,
  T_ISPOSINF,
  T_LOGICAL_NOT,
  T_NONZERO,
  T_SIGNBIT,
} from '../src/wasm/opcode';

type CompareRow = (n: i32, a: usize, da: usize, b: usize, db: usize, out: usize, so: usize) => void;
type TestRow = (n: i32, x: usize, dx: usize, out: usize, so: usize) => void;


@unmanaged
class Eq {

  @inline
  f<T>(a: T, b: T): bool {
    return a == b;
  }


  @inline
  lanes<T>(a: v128, b: v128): v128 {
    return v128.eq<T>(a, b);
  }
}


@unmanaged
class Ne {

  @inline
  f<T>(a: T, b: T): bool {
    return a != b;
  }


  @inline
  lanes<T>(a: v128, b: v128): v128 {
    return v128.ne<T>(a, b);
  }
}


@unmanaged
class Lt {

  @inline
  f<T>(a: T, b: T): bool {
    return a < b;
  }


  @inline
  lanes<T>(a: v128, b: v128): v128 {
    return v128.lt<T>(a, b);
  }
}


@unmanaged
class Le {

  @inline
  f<T>(a: T, b: T): bool {
    return a <= b;
  }


  @inline
  lanes<T>(a: v128, b: v128): v128 {
    return v128.le<T>(a, b);
  }
}


@unmanaged
class Gt {

  @inline
  f<T>(a: T, b: T): bool {
    return a > b;
  }


  @inline
  lanes<T>(a: v128, b: v128): v128 {
    return v128.gt<T>(a, b);
  }
}


@unmanaged
class Ge {

  @inline
  f<T>(a: T, b: T): bool {
    return a >= b;
  }


  @inline
  lanes<T>(a: v128, b: v128): v128 {
    return v128.ge<T>(a, b);
  }
}


@unmanaged
class LogicalAnd {

  @inline
  f<T>(a: T, b: T): bool {
    return bool(i32(a != <T>0) & i32(b != <T>0));
  }
}


@unmanaged
class LogicalOr {

  @inline
  f<T>(a: T, b: T): bool {
    return bool(i32(a != <T>0) | i32(b != <T>0));
  }
}


@unmanaged
class LogicalXor {

  @inline
  f<T>(a: T, b: T): bool {
    return (a != <T>0) != (b != <T>0);
  }
}


@unmanaged
class Nonzero {

  @inline
  f<T>(x: T): bool {
    return x != <T>0;
  }
}


@unmanaged
class LogicalNot {

  @inline
  f<T>(x: T): bool {
    return x == <T>0;
  }
}


@unmanaged
class Isnan {

  @inline
  f<T>(x: T): bool {
    return x != x;
  }
}


@unmanaged
class Isinf {

  @inline
  f<T>(x: T): bool {
    return isFloat<T>() ? <f64>abs<T>(x) == Infinity : false;
  }
}


@unmanaged
class Isfinite {

  @inline
  f<T>(x: T): bool {
    return isFloat<T>() ? <f64>abs<T>(x) < Infinity : true;
  }
}


@unmanaged
class Isposinf {

  @inline
  f<T>(x: T): bool {
    return isFloat<T>() ? <f64>x == Infinity : false;
  }
}


@unmanaged
class Isneginf {

  @inline
  f<T>(x: T): bool {
    return isFloat<T>() ? <f64>x == -Infinity : false;
  }
}


@unmanaged
class Signbit {

  @inline
  f<T>(x: T): bool {
    if (isFloat<T>()) return copysign<f64>(1, <f64>x) < 0;
    return isSigned<T>() ? x < <T>0 : false;
  }
}

/** Sixteen 4-byte elements into sixteen bytes; vb: b runs along with a, else it is one value. */
// @ts-ignore: decorator
@inline
function sixteen<T, F>(a: usize, b: usize, b0: v128, vb: bool, out: usize): void {
  const f = changetype<F>(0);
  const p = f.lanes<T>(v128.load(a), vb ? v128.load(b) : b0);
  const q = f.lanes<T>(v128.load(a, 16), vb ? v128.load(b, 16) : b0);
  const r = f.lanes<T>(v128.load(a, 32), vb ? v128.load(b, 32) : b0);
  const s = f.lanes<T>(v128.load(a, 48), vb ? v128.load(b, 48) : b0);
  const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(p, q), i16x8.narrow_i32x4_s(r, s));
  v128.store(out, v128.and(bytes, i8x16.splat(1)));
}

function compareRow<T, F>(): CompareRow {
  return (n: i32, a: usize, da: usize, b: usize, db: usize, out: usize, so: usize): void => {
    if (sizeof<T>() == 4 && isDefined(changetype<F>(0).lanes)) {
      if (da == 4 && so == 1 && (db == 4 || db == 0)) {
        const b0 = v128.load_splat<T>(b);
        for (; n >= 16; n -= 16) {
          if (db) sixteen<T, F>(a, b, b0, true, out);
          else sixteen<T, F>(a, b, b0, false, out);
          a += 64;
          b += 16 * db;
          out += 16;
        }
      }
    }
    for (; n > 0; --n) {
      store<u8>(out, changetype<F>(0).f<T>(load<T>(a), load<T>(b)));
      a += da;
      b += db;
      out += so;
    }
  };
}

function testRow<T, F>(): TestRow {
  return (n: i32, x: usize, dx: usize, out: usize, so: usize): void => {
    for (; n > 0; --n) {
      store<u8>(out, changetype<F>(0).f<T>(load<T>(x)));
      x += dx;
      out += so;
    }
  };
}

function compareRowOf<T>(op: i32): CompareRow {
  switch (op) {
    case C_EQ:
      return compareRow<T, Eq>();
    case C_NE:
      return compareRow<T, Ne>();
    case C_LT:
      return compareRow<T, Lt>();
    case C_LE:
      return compareRow<T, Le>();
    case C_GT:
      return compareRow<T, Gt>();
    case C_GE:
      return compareRow<T, Ge>();
    case C_AND:
      return compareRow<T, LogicalAnd>();
    case C_OR:
      return compareRow<T, LogicalOr>();
  }
  return compareRow<T, LogicalXor>();
}

function testRowOf<T>(op: i32): TestRow {
  switch (op) {
    case T_NONZERO:
      return testRow<T, Nonzero>();
    case T_LOGICAL_NOT:
      return testRow<T, LogicalNot>();
    case T_ISNAN:
      return testRow<T, Isnan>();
    case T_ISINF:
      return testRow<T, Isinf>();
    case T_ISFINITE:
      return testRow<T, Isfinite>();
    case T_ISPOSINF:
      return testRow<T, Isposinf>();
    case T_ISNEGINF:
      return testRow<T, Isneginf>();
  }
  return testRow<T, Signbit>();
}

function compareWalk<T>(row: CompareRow, a: usize, b: usize, out: usize, desc: usize, dim: i32): void {
  const ndim = load<i32>(desc);
  const size = desc + 4 + ((<usize>dim) << 2);
  const step = (<usize>ndim) << 2;
  const n = load<i32>(size);
  const so = <usize>load<i32>(size + step);
  const da = <usize>load<i32>(size + 2 * step) * sizeof<T>();
  const db = <usize>load<i32>(size + 3 * step) * sizeof<T>();
  if (dim == ndim - 1) {
    row(n, a, da, b, db, out, so);
    return;
  }
  for (let i = 0; i < n; ++i) {
    compareWalk<T>(row, a, b, out, desc, dim + 1);
    a += da;
    b += db;
    out += so;
  }
}

function testWalk<T>(row: TestRow, x: usize, out: usize, desc: usize, dim: i32): void {
  const ndim = load<i32>(desc);
  const size = desc + 4 + ((<usize>dim) << 2);
  const step = (<usize>ndim) << 2;
  const n = load<i32>(size);
  const so = <usize>load<i32>(size + step);
  const dx = <usize>load<i32>(size + 2 * step) * sizeof<T>();
  if (dim == ndim - 1) {
    row(n, x, dx, out, so);
    return;
  }
  for (let i = 0; i < n; ++i) {
    testWalk<T>(row, x, out, desc, dim + 1);
    x += dx;
    out += so;
  }
}

export function compareOf<T>(op: i32, a: usize, b: usize, out: usize, desc: usize): void {
  compareWalk<T>(compareRowOf<T>(op), a, b, out, desc, 0);
}

export function testOf<T>(op: i32, x: usize, out: usize, desc: usize): void {
  testWalk<T>(testRowOf<T>(op), x, out, desc, 0);
}
