// Copy, cast and fill. Casts follow C on x86-64, as torch's do there: a float goes towards zero; NaN and what does not fit give the
// lowest int32 (int64 for uint8 and int64), of which narrower integers keep the low bits; wider integers wrap; bool is x != 0.

// @ts-ignore: decorator
@inline
function convert<S, D>(x: S): D {
  if (isFloat<S>() && isInteger<D>()) {
    if (sizeof<D>() == 8 || (sizeof<D>() == 1 && !isSigned<D>())) {
      return <D>(<f64>x < 9223372036854775808.0 ? <i64>x : i64.MIN_VALUE);
    }
    return <D>(<f64>x < 2147483648.0 ? <i32>x : i32.MIN_VALUE);
  }
  return <D>x;
}

function castRow<S, D>(n: i32, x: usize, sx: i32, out: usize, so: i32): void {
  for (; n > 0; --n) {
    store<D>(out, convert<S, D>(load<S>(x)));
    x += <usize>sx * sizeof<S>();
    out += <usize>so * sizeof<D>();
  }
}

function boolRow<S>(n: i32, x: usize, sx: i32, out: usize, so: i32): void {
  for (; n > 0; --n) {
    store<u8>(out, load<S>(x) != <S>0);
    x += <usize>sx * sizeof<S>();
    out += <usize>so;
  }
}

/** toBool: D is u8 and means bool. */
export function castWalk<S, D>(toBool: bool, x: usize, out: usize, desc: usize, dim: i32): void {
  const ndim = load<i32>(desc);
  const size = desc + 4 + ((<usize>dim) << 2);
  const n = load<i32>(size);
  const so = load<i32>(size + ((<usize>ndim) << 2));
  const sx = load<i32>(size + ((<usize>ndim) << 3));
  if (dim == ndim - 1) {
    if (toBool) boolRow<S>(n, x, sx, out, so);
    else castRow<S, D>(n, x, sx, out, so);
    return;
  }
  for (let i = 0; i < n; ++i) {
    castWalk<S, D>(toBool, x, out, desc, dim + 1);
    x += <usize>sx * sizeof<S>();
    out += <usize>so * sizeof<D>();
  }
}

/** Four rows of four 4-byte elements, x rows dx bytes apart, transposed into out rows dout bytes apart. */
// @ts-ignore: decorator
@inline
function transpose4(x: usize, dx: usize, out: usize, dout: usize): void {
  const a = v128.load(x);
  const b = v128.load(x + dx);
  const c = v128.load(x + 2 * dx);
  const d = v128.load(x + 3 * dx);
  const ab0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<i64>(ab0, cd0, 0, 2));
  v128.store(out + dout, v128.shuffle<i64>(ab0, cd0, 1, 3));
  v128.store(out + 2 * dout, v128.shuffle<i64>(ab1, cd1, 0, 2));
  v128.store(out + 3 * dout, v128.shuffle<i64>(ab1, cd1, 1, 3));
}

/**
 * out[i, j] = x[j, i], i < m, j < n: unit stride along j in out and along i in x. Bands of 64 bytes along i, so that a cache line of x
 * is used up while it is there.
 */
function transpose<T>(m: i32, n: i32, x: usize, dx: usize, out: usize, dout: usize): void {
  const band = 64 / <i32>sizeof<T>();
  for (let i0 = 0; i0 < m; i0 += band) {
    const i1 = min(i0 + band, m);
    const xBand = x + <usize>i0 * sizeof<T>();
    const outBand = out + <usize>i0 * dout;
    let j = 0;
    if (sizeof<T>() == 4) {
      for (; j + 4 <= n; j += 4) {
        let i = i0;
        let from = xBand + <usize>j * dx;
        let to = outBand + <usize>j * sizeof<T>();
        for (; i + 4 <= i1; i += 4) {
          transpose4(from, dx, to, dout);
          from += 16;
          to += 4 * dout;
        }
        for (; i < i1; ++i) {
          for (let k: usize = 0; k < 4; ++k) store<T>(to + k * sizeof<T>(), load<T>(from + k * dx));
          from += sizeof<T>();
          to += dout;
        }
      }
    }
    for (; j < n; ++j) {
      let from = xBand + <usize>j * dx;
      let to = outBand + <usize>j * sizeof<T>();
      for (let i = i0; i < i1; ++i) {
        store<T>(to, load<T>(from));
        from += sizeof<T>();
        to += dout;
      }
    }
  }
}

/** The dim that is contiguous in x while the last one is contiguous in out alone; -1 when there is no such transposition. */
function transposedDim(desc: usize): i32 {
  const ndim = load<i32>(desc);
  const step = (<usize>ndim) << 2;
  const last = desc + step;
  if (load<i32>(last + step) != 1 || load<i32>(last + 2 * step) == 1 || load<i32>(last) < 4) return -1;
  for (let d = 0; d < ndim - 1; ++d) {
    const size = desc + 4 + ((<usize>d) << 2);
    if (load<i32>(size + 2 * step) == 1 && load<i32>(size) >= 4) return d;
  }
  return -1;
}

// @ts-ignore: decorator
@inline
function moveRow<T>(n: i32, x: usize, sx: i32, out: usize, so: i32): void {
  if (so == 1 && sx == 1) {
    memory.copy(out, x, <usize>n * sizeof<T>());
    return;
  }
  for (; n > 0; --n) {
    store<T>(out, load<T>(x));
    x += <usize>sx * sizeof<T>();
    out += <usize>so * sizeof<T>();
  }
}

function moveWalk<T>(swap: i32, x: usize, out: usize, desc: usize, dim: i32): void {
  if (dim == swap) ++dim;
  const ndim = load<i32>(desc);
  const step = (<usize>ndim) << 2;
  const size = desc + 4 + ((<usize>dim) << 2);
  const n = load<i32>(size);
  const so = load<i32>(size + step);
  const sx = load<i32>(size + 2 * step);
  if (dim == ndim - 1) {
    if (swap < 0) {
      moveRow<T>(n, x, sx, out, so);
    } else {
      const other = desc + 4 + ((<usize>swap) << 2);
      const dout = <usize>load<i32>(other + step) * sizeof<T>();
      transpose<T>(load<i32>(other), n, x, <usize>sx * sizeof<T>(), out, dout);
    }
    return;
  }
  for (let i = 0; i < n; ++i) {
    moveWalk<T>(swap, x, out, desc, dim + 1);
    x += <usize>sx * sizeof<T>();
    out += <usize>so * sizeof<T>();
  }
}

/** Elements of T's size, as they are. */
export function move<T>(x: usize, out: usize, desc: usize): void {
  moveWalk<T>(transposedDim(desc), x, out, desc, 0);
}

export function fillWalk<T>(out: usize, desc: usize, dim: i32, value: T): void {
  const ndim = load<i32>(desc);
  const size = desc + 4 + ((<usize>dim) << 2);
  let n = load<i32>(size);
  const so = load<i32>(size + ((<usize>ndim) << 2));
  if (dim < ndim - 1) {
    for (; n > 0; --n) {
      fillWalk<T>(out, desc, dim + 1, value);
      out += <usize>so * sizeof<T>();
    }
    return;
  }
  if (so == 1) {
    const v = v128.splat<T>(value);
    const lanes = 16 / <i32>sizeof<T>();
    for (; n >= lanes; n -= lanes) {
      v128.store(out, v);
      out += 16;
    }
  }
  for (; n > 0; --n) {
    store<T>(out, value);
    out += <usize>so * sizeof<T>();
  }
}
