import { binEnd, binStart, gather, vectorFirst, vectorLast } from './pool-window';
import { lanes } from './simd';

// Max pooling: planes of H×W to planes of Oh×Ow; indices are int64 and flat within the input plane, as in PyTorch.

// @ts-ignore: decorator
@inline
function intSplat<T>(v: i32): v128 {
  return sizeof<T>() == 4 ? i32x4.splat(v) : i64x2.splat(<i64>v);
}

// @ts-ignore: decorator
@inline
function indexAdd<T>(a: v128, b: v128): v128 {
  return sizeof<T>() == 4 ? i32x4.add(a, b) : i64x2.add(a, b);
}

// Offsets of the outputs of a group from its first.
// @ts-ignore: decorator
@inline
function ramp<T>(sw: i32): v128 {
  return sizeof<T>() == 4
    ? i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(sw))
    : i64x2.mul(i64x2(0, 1), i64x2.splat(<i64>sw));
}

// @ts-ignore: decorator
@inline
function storeIndices<T>(p: usize, index: v128): void {
  if (sizeof<T>() == 4) {
    v128.store(p, i64x2.extend_low_i32x4_u(index));
    v128.store(p, i64x2.extend_high_i32x4_u(index), 16);
  } else {
    v128.store(p, index);
  }
}

// The first tap inside the plane: PyTorch steps by the dilation, so a tap in the padding is skipped, not clamped.
// @ts-ignore: decorator
@inline
function firstTap(start: i32, dilation: i32): i32 {
  return start >= 0 ? start : start + ((-start + dilation - 1) / dilation) * dilation;
}

// @ts-ignore: decorator
@inline
function maxWindow<T>(
  x: usize,
  W: i32,
  h0: i32,
  h1: i32,
  dh: i32,
  w0: i32,
  w1: i32,
  dw: i32,
  out: usize,
  index: usize,
): void {
  let best = <T>-Infinity;
  // A window whose taps are all in the padding has no place; 0 is one that exists.
  let at = h0 < h1 && w0 < w1 ? h0 * W + w0 : 0;
  for (let h = h0; h < h1; h += dh) {
    for (let w = w0; w < w1; w += dw) {
      const v = load<T>(x + <usize>(h * W + w) * sizeof<T>());
      // A NaN always replaces, so the last NaN of a window gives the index; the first of equal maxima stays.
      const take = i32(v > best) | i32(v != v);
      best = select<T>(v, best, take);
      at = select<i32>(h * W + w, at, take);
    }
  }
  store<T>(out, best);
  if (index) store<i64>(index, <i64>at);
}

// One group of outputs of a row, all of whose taps in w lie inside the row. False if a NaN is among them, for which
// the comparisons here are wrong: pmax, one instruction, passes NaNs over.
// @ts-ignore: decorator
@inline
function maxGroup<T>(
  x: usize,
  W: i32,
  h0: i32,
  h1: i32,
  dh: i32,
  w0: i32,
  kw: i32,
  dw: i32,
  sw: i32,
  out: usize,
  index: usize,
): bool {
  const row = <usize>W * sizeof<T>() * <usize>dh;
  const tap = <usize>dw * sizeof<T>();
  let p = x + <usize>(h0 * W + w0) * sizeof<T>();
  let best = v128.splat<T>(<T>-Infinity);
  let nan = v128.splat<T>(0);
  if (index) {
    let flat = h0 * W + w0;
    let at = intSplat<T>(flat);
    for (let h = h0; h < h1; h += dh) {
      let q = p;
      let here = intSplat<T>(flat);
      for (let k = 0; k < kw; k++) {
        const v = gather<T>(q, sw);
        at = v128.bitselect(here, at, v128.gt<T>(v, best));
        best = v128.pmax<T>(best, v);
        nan = v128.or(nan, v128.ne<T>(v, v));
        here = indexAdd<T>(here, intSplat<T>(dw));
        q += tap;
      }
      p += row;
      flat += W * dh;
    }
    storeIndices<T>(index, indexAdd<T>(at, ramp<T>(sw)));
  } else {
    for (let h = h0; h < h1; h += dh) {
      let q = p;
      for (let k = 0; k < kw; k++) {
        const v = gather<T>(q, sw);
        best = v128.pmax<T>(best, v);
        nan = v128.or(nan, v128.ne<T>(v, v));
        q += tap;
      }
      p += row;
    }
  }
  v128.store(out, best);
  return !v128.any_true(nan);
}

// maxGroup for three neighbouring taps at stride 2, ResNet's and most others' pooling: 4 loads a row instead of 6.
// @ts-ignore: decorator
@inline
function maxGroup3<T>(x: usize, W: i32, h0: i32, h1: i32, dh: i32, w0: i32, out: usize, index: usize): bool {
  const row = <usize>W * sizeof<T>() * <usize>dh;
  let p = x + <usize>(h0 * W + w0) * sizeof<T>();
  let best = v128.splat<T>(<T>-Infinity);
  let nan = v128.splat<T>(0);
  const one = intSplat<T>(1);
  let here = intSplat<T>(h0 * W + w0);
  const down = intSplat<T>(W * dh - 2);
  let at = here;
  for (let h = h0; h < h1; h += dh) {
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const v0 = sizeof<T>() == 4 ? v128.shuffle<i32>(a, b, 0, 2, 4, 6) : v128.shuffle<i64>(a, b, 0, 2);
    const v1 = sizeof<T>() == 4 ? v128.shuffle<i32>(a, b, 1, 3, 5, 7) : v128.shuffle<i64>(a, b, 1, 3);
    const v2 = gather<T>(p + 2 * sizeof<T>(), 2);
    if (index) {
      at = v128.bitselect(here, at, v128.gt<T>(v0, best));
      best = v128.pmax<T>(best, v0);
      here = indexAdd<T>(here, one);
      at = v128.bitselect(here, at, v128.gt<T>(v1, best));
      best = v128.pmax<T>(best, v1);
      here = indexAdd<T>(here, one);
      at = v128.bitselect(here, at, v128.gt<T>(v2, best));
      best = v128.pmax<T>(best, v2);
      here = indexAdd<T>(here, down);
    } else {
      best = v128.pmax<T>(v128.pmax<T>(v128.pmax<T>(best, v0), v1), v2);
    }
    nan = v128.or(nan, v128.or(v128.ne<T>(v0, v0), v128.or(v128.ne<T>(v1, v1), v128.ne<T>(v2, v2))));
    p += row;
  }
  if (index) storeIndices<T>(index, indexAdd<T>(at, ramp<T>(2)));
  v128.store(out, best);
  return !v128.any_true(nan);
}

/** indices 0: values only. */
export function maxpool2dForward<T>(
  x: usize,
  out: usize,
  indices: usize,
  planes: i32,
  H: i32,
  W: i32,
  Oh: i32,
  Ow: i32,
  kh: i32,
  kw: i32,
  sh: i32,
  sw: i32,
  ph: i32,
  pw: i32,
  dh: i32,
  dw: i32,
): void {
  const first = vectorFirst(sw, pw);
  const last = vectorLast<T>(W, Ow, sw, pw, (kw - 1) * dw);
  const three = kw == 3 && sw == 2 && dw == 1;
  for (let plane = 0; plane < planes; plane++) {
    for (let o = 0; o < Oh; o++) {
      const start = o * sh - ph;
      const h0 = firstTap(start, dh);
      const h1 = min(start + (kh - 1) * dh + 1, H);
      let q = 0;
      while (q < Ow) {
        let scalars = 1;
        if (q >= first && q < last) {
          // The last group begins earlier and does some outputs again, rather than leave them to the scalar path.
          q = min(q, last - lanes<T>());
          const w0 = q * sw - pw;
          const at = out + <usize>q * sizeof<T>();
          const index = indices ? indices + ((<usize>q) << 3) : 0;
          const done = three
            ? maxGroup3<T>(x, W, h0, h1, dh, w0, at, index)
            : maxGroup<T>(x, W, h0, h1, dh, w0, kw, dw, sw, at, index);
          scalars = done ? 0 : lanes<T>();
          if (done) q += lanes<T>();
        }
        for (; scalars > 0; scalars--) {
          const w0 = q * sw - pw;
          const w1 = min(w0 + (kw - 1) * dw + 1, W);
          const at = out + <usize>q * sizeof<T>();
          maxWindow<T>(
            x,
            W,
            h0,
            h1,
            dh,
            firstTap(w0, dw),
            w1,
            dw,
            at,
            indices ? indices + ((<usize>q) << 3) : 0,
          );
          q++;
        }
      }
      out += <usize>Ow * sizeof<T>();
      if (indices) indices += (<usize>Ow) << 3;
    }
    x += <usize>(H * W) * sizeof<T>();
  }
}

/** Backward of every kind of max pooling that has indices. gx [planes, inSize] is zeroed here. */
export function maxpoolBackward<T>(
  gout: usize,
  indices: usize,
  gx: usize,
  planes: i32,
  inSize: i32,
  outSize: i32,
): void {
  memory.fill(gx, 0, <usize>planes * <usize>inSize * sizeof<T>());
  for (let plane = 0; plane < planes; plane++) {
    for (let i = 0; i < outSize; i++) {
      const at = gx + <usize>load<i64>(indices) * sizeof<T>();
      store<T>(at, load<T>(at) + load<T>(gout));
      indices += 8;
      gout += sizeof<T>();
    }
    gx += <usize>inSize * sizeof<T>();
  }
}

export function adaptiveMaxpool2dForward<T>(
  x: usize,
  out: usize,
  indices: usize,
  planes: i32,
  H: i32,
  W: i32,
  Oh: i32,
  Ow: i32,
): void {
  for (let plane = 0; plane < planes; plane++) {
    for (let o = 0; o < Oh; o++) {
      for (let q = 0; q < Ow; q++) {
        maxWindow<T>(
          x,
          W,
          binStart(o, H, Oh),
          binEnd(o, H, Oh),
          1,
          binStart(q, W, Ow),
          binEnd(q, W, Ow),
          1,
          out,
          indices,
        );
        out += sizeof<T>();
        if (indices) indices += 8;
      }
    }
    x += <usize>(H * W) * sizeof<T>();
  }
}
