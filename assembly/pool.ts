import { lanes, sumLanes } from './simd';

// Planes of H×W to planes of Oh×Ow; indices are int64 and flat within the input plane, as in PyTorch.

// A window's taps at `lanes` neighbouring outputs: column `p` for the first, then every `sw` elements.
// @ts-ignore: decorator
@inline
function gather<T>(p: usize, sw: i32): v128 {
  if (sw == 1) return v128.load(p);
  if (sizeof<T>() == 4) return v128.shuffle<i32>(v128.load(p), v128.load(p, 16), 0, 2, 4, 6);
  return v128.shuffle<i64>(v128.load(p), v128.load(p, 16), 0, 2);
}

// Outputs of a row whose vector path never reads outside the row: [first, last).
// @ts-ignore: decorator
@inline
function vectorFirst(sw: i32, pw: i32): i32 {
  return (pw + sw - 1) / sw;
}

// @ts-ignore: decorator
@inline
function vectorLast<T>(W: i32, Ow: i32, sw: i32, pw: i32, reach: i32): i32 {
  if (sw > 2) return 0;
  // The last group starts at o with o·sw − pw + reach + sw·lanes ≤ W.
  const spare = W + pw - reach - sw * lanes<T>();
  return spare < 0 ? 0 : min(Ow, spare / sw + lanes<T>());
}

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
  let at = h0 * W + w0;
  for (let h = h0; h < h1; h += dh) {
    for (let w = w0; w < w1; w += dw) {
      const v = load<T>(x + <usize>(h * W + w) * sizeof<T>());
      // A NaN always replaces, so the last NaN of a window gives the index; the first of equal maxima stays.
      if (v > best || v != v) {
        best = v;
        at = h * W + w;
      }
    }
  }
  store<T>(out, best);
  if (index) store<i64>(index, <i64>at);
}

// One group of outputs of a row, all of whose taps in w lie inside the row.
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
): void {
  let best = v128.splat<T>(<T>-Infinity);
  if (index) {
    const ramp =
      sizeof<T>() == 4
        ? i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(sw))
        : i64x2.mul(i64x2(0, 1), i64x2.splat(sw));
    let at = indexAdd<T>(ramp, intSplat<T>(h0 * W + w0));
    for (let h = h0; h < h1; h += dh) {
      for (let k = 0; k < kw; k++) {
        const flat = h * W + w0 + k * dw;
        const v = gather<T>(x + <usize>flat * sizeof<T>(), sw);
        const take = v128.or(v128.gt<T>(v, best), v128.ne<T>(v, v));
        best = v128.bitselect(v, best, take);
        const here = indexAdd<T>(ramp, intSplat<T>(flat));
        at = v128.bitselect(here, at, take);
      }
    }
    storeIndices<T>(index, at);
  } else {
    for (let h = h0; h < h1; h += dh) {
      for (let k = 0; k < kw; k++) {
        const v = gather<T>(x + <usize>(h * W + w0 + k * dw) * sizeof<T>(), sw);
        best = v128.bitselect(v, best, v128.or(v128.gt<T>(v, best), v128.ne<T>(v, v)));
      }
    }
  }
  v128.store(out, best);
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
  for (let plane = 0; plane < planes; plane++) {
    for (let o = 0; o < Oh; o++) {
      const start = o * sh - ph;
      const h0 = firstTap(start, dh);
      const h1 = min(start + (kh - 1) * dh + 1, H);
      let q = 0;
      while (q < Ow) {
        const at = out + <usize>q * sizeof<T>();
        const index = indices ? indices + ((<usize>q) << 3) : 0;
        const w0 = q * sw - pw;
        if (q >= first && q + lanes<T>() <= last) {
          maxGroup<T>(x, W, h0, h1, dh, w0, kw, dw, sw, at, index);
          q += lanes<T>();
        } else {
          maxWindow<T>(x, W, h0, h1, dh, firstTap(w0, dw), min(w0 + (kw - 1) * dw + 1, W), dw, at, index);
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

// The divisor of the window starting at (h, w), before clipping to the plane.
// @ts-ignore: decorator
@inline
function divisorOf(
  h: i32,
  w: i32,
  H: i32,
  W: i32,
  kh: i32,
  kw: i32,
  ph: i32,
  pw: i32,
  includePad: i32,
  fixed: i32,
): i32 {
  if (fixed) return fixed;
  if (includePad) return (min(h + kh, H + ph) - h) * (min(w + kw, W + pw) - w);
  return (min(h + kh, H) - max(h, 0)) * (min(w + kw, W) - max(w, 0));
}

/** divisorOverride 0: none. */
export function avgpool2dForward<T>(
  x: usize,
  out: usize,
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
  countIncludePad: i32,
  divisorOverride: i32,
): void {
  const first = vectorFirst(sw, pw);
  const last = vectorLast<T>(W, Ow, sw, pw, kw - 1);
  for (let plane = 0; plane < planes; plane++) {
    for (let o = 0; o < Oh; o++) {
      const h = o * sh - ph;
      const h0 = max(h, 0);
      const h1 = min(h + kh, H);
      let q = 0;
      while (q < Ow) {
        const w = q * sw - pw;
        const at = out + <usize>q * sizeof<T>();
        const divisor = <T>divisorOf(h, w, H, W, kh, kw, ph, pw, countIncludePad, divisorOverride);
        if (q >= first && q + lanes<T>() <= last) {
          let sum = v128.splat<T>(0);
          for (let r = h0; r < h1; r++) {
            for (let k = 0; k < kw; k++) {
              sum = v128.add<T>(sum, gather<T>(x + <usize>(r * W + w + k) * sizeof<T>(), sw));
            }
          }
          v128.store(at, v128.div<T>(sum, v128.splat<T>(divisor)));
          q += lanes<T>();
        } else {
          let sum: T = 0;
          const w1 = min(w + kw, W);
          for (let r = h0; r < h1; r++) {
            for (let k = max(w, 0); k < w1; k++)
              sum = <T>(sum + load<T>(x + <usize>(r * W + k) * sizeof<T>()));
          }
          store<T>(at, <T>(sum / divisor));
          q++;
        }
      }
      out += <usize>Ow * sizeof<T>();
    }
    x += <usize>(H * W) * sizeof<T>();
  }
}

/** gx is zeroed here. */
export function avgpool2dBackward<T>(
  gout: usize,
  gx: usize,
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
  countIncludePad: i32,
  divisorOverride: i32,
): void {
  memory.fill(gx, 0, <usize>planes * <usize>(H * W) * sizeof<T>());
  for (let plane = 0; plane < planes; plane++) {
    for (let o = 0; o < Oh; o++) {
      const h = o * sh - ph;
      for (let q = 0; q < Ow; q++) {
        const w = q * sw - pw;
        const divisor = <T>divisorOf(h, w, H, W, kh, kw, ph, pw, countIncludePad, divisorOverride);
        spread<T>(gx, W, max(h, 0), min(h + kh, H), max(w, 0), min(w + kw, W), <T>(load<T>(gout) / divisor));
        gout += sizeof<T>();
      }
    }
    gx += <usize>(H * W) * sizeof<T>();
  }
}

// @ts-ignore: decorator
@inline
function spread<T>(gx: usize, W: i32, h0: i32, h1: i32, w0: i32, w1: i32, value: T): void {
  for (let h = h0; h < h1; h++) {
    let p = gx + <usize>(h * W + w0) * sizeof<T>();
    const end = gx + <usize>(h * W + w1) * sizeof<T>();
    while (p < end) {
      store<T>(p, <T>(load<T>(p) + value));
      p += sizeof<T>();
    }
  }
}

// Bin i of o over n elements is [binStart, binEnd).
// @ts-ignore: decorator
@inline
function binStart(i: i32, n: i32, o: i32): i32 {
  return <i32>((<i64>i * <i64>n) / <i64>o);
}

// @ts-ignore: decorator
@inline
function binEnd(i: i32, n: i32, o: i32): i32 {
  return <i32>((<i64>(i + 1) * <i64>n + <i64>o - 1) / <i64>o);
}

// @ts-ignore: decorator
@inline
function planeSum<T>(x: usize, n: i32): T {
  let a = v128.splat<T>(0);
  let b = v128.splat<T>(0);
  let i = 0;
  for (; i <= n - 2 * lanes<T>(); i += 2 * lanes<T>()) {
    a = v128.add<T>(a, v128.load(x));
    b = v128.add<T>(b, v128.load(x, 16));
    x += 32;
  }
  a = v128.add<T>(a, b);
  let sum: T = sumLanes<T>(a);
  for (; i < n; i++) {
    sum = <T>(sum + load<T>(x));
    x += sizeof<T>();
  }
  return sum;
}

export function adaptiveAvgpool2dForward<T>(
  x: usize,
  out: usize,
  planes: i32,
  H: i32,
  W: i32,
  Oh: i32,
  Ow: i32,
): void {
  const size = H * W;
  if (Oh == 1 && Ow == 1) {
    for (let plane = 0; plane < planes; plane++) {
      store<T>(out, <T>(planeSum<T>(x, size) / <T>size));
      x += <usize>size * sizeof<T>();
      out += sizeof<T>();
    }
    return;
  }
  for (let plane = 0; plane < planes; plane++) {
    for (let o = 0; o < Oh; o++) {
      const h0 = binStart(o, H, Oh);
      const h1 = binEnd(o, H, Oh);
      for (let q = 0; q < Ow; q++) {
        const w0 = binStart(q, W, Ow);
        const w1 = binEnd(q, W, Ow);
        let sum: T = 0;
        for (let h = h0; h < h1; h++) {
          for (let w = w0; w < w1; w++) sum = <T>(sum + load<T>(x + <usize>(h * W + w) * sizeof<T>()));
        }
        store<T>(out, <T>(<T>(sum / <T>(h1 - h0)) / <T>(w1 - w0)));
        out += sizeof<T>();
      }
    }
    x += <usize>size * sizeof<T>();
  }
}

/** gx is zeroed here. */
export function adaptiveAvgpool2dBackward<T>(
  gout: usize,
  gx: usize,
  planes: i32,
  H: i32,
  W: i32,
  Oh: i32,
  Ow: i32,
): void {
  const size = H * W;
  if (Oh == 1 && Ow == 1) {
    for (let plane = 0; plane < planes; plane++) {
      const value = <T>(load<T>(gout) / <T>size);
      const v = v128.splat<T>(value);
      let i = 0;
      for (; i <= size - lanes<T>(); i += lanes<T>()) {
        v128.store(gx, v);
        gx += 16;
      }
      for (; i < size; i++) {
        store<T>(gx, value);
        gx += sizeof<T>();
      }
      gout += sizeof<T>();
    }
    return;
  }
  memory.fill(gx, 0, <usize>planes * <usize>size * sizeof<T>());
  for (let plane = 0; plane < planes; plane++) {
    for (let o = 0; o < Oh; o++) {
      const h0 = binStart(o, H, Oh);
      const h1 = binEnd(o, H, Oh);
      for (let q = 0; q < Ow; q++) {
        const w0 = binStart(q, W, Ow);
        const w1 = binEnd(q, W, Ow);
        spread<T>(gx, W, h0, h1, w0, w1, <T>(<T>(load<T>(gout) / <T>(h1 - h0)) / <T>(w1 - w0)));
        gout += sizeof<T>();
      }
    }
    gx += <usize>size * sizeof<T>();
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
