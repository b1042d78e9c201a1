import { binEnd, binStart, gather, vectorFirst, vectorLast } from './pool-window';
import { lanes, sumLanes } from './simd';

// Average pooling: planes of H×W to planes of Oh×Ow.

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
        const grouped = q >= first && q < last;
        // The last group begins earlier and does some outputs again, rather than leave them to the scalar path.
        if (grouped) q = min(q, last - lanes<T>());
        const w = q * sw - pw;
        const at = out + <usize>q * sizeof<T>();
        const divisor = <T>divisorOf(h, w, H, W, kh, kw, ph, pw, countIncludePad, divisorOverride);
        if (grouped) {
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
