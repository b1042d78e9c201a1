// Pooling of volumes D×H×W to Od×Oh×Ow by windows that the caller lists: for each output coordinate of d, then h, then w, a pair
// [begin, end) of i32, clipped to the volume. One kernel for windows that slide, for adaptive and for fractional ones.

// Where a volume's windows of h and of w begin in the list.
// @ts-ignore: decorator
@inline
function pairAt(windows: usize, i: i32): usize {
  return windows + ((<usize>i) << 3);
}

/** Indices are int64 and flat within the volume; dd, dh and dw are the distances between the taps of a window. */
export function maxpool3dForward<T>(
  x: usize,
  out: usize,
  indices: usize,
  volumes: i32,
  D: i32,
  H: i32,
  W: i32,
  Od: i32,
  Oh: i32,
  Ow: i32,
  windows: usize,
  dd: i32,
  dh: i32,
  dw: i32,
): void {
  const hs = pairAt(windows, Od);
  const ws = pairAt(hs, Oh);
  const step = <usize>dw * sizeof<T>();
  for (let volume = 0; volume < volumes; volume++) {
    for (let o = 0; o < Od; o++) {
      const d0 = load<i32>(pairAt(windows, o));
      const d1 = load<i32>(pairAt(windows, o), 4);
      for (let p = 0; p < Oh; p++) {
        const h0 = load<i32>(pairAt(hs, p));
        const h1 = load<i32>(pairAt(hs, p), 4);
        for (let q = 0; q < Ow; q++) {
          const w0 = load<i32>(pairAt(ws, q));
          const w1 = load<i32>(pairAt(ws, q), 4);
          let best = <T>-Infinity;
          // A window without a tap inside the volume has no place; 0 is one that exists.
          let at = d0 < d1 && h0 < h1 && w0 < w1 ? (d0 * H + h0) * W + w0 : 0;
          for (let d = d0; d < d1; d += dd) {
            for (let h = h0; h < h1; h += dh) {
              let flat = (d * H + h) * W + w0;
              let from = x + <usize>flat * sizeof<T>();
              for (let w = w0; w < w1; w += dw) {
                const v = load<T>(from);
                // As in PyTorch: a NaN always replaces, the first of equal maxima stays.
                const take = i32(v > best) | i32(v != v);
                best = select<T>(v, best, take);
                at = select<i32>(flat, at, take);
                from += step;
                flat += dw;
              }
            }
          }
          store<T>(out, best);
          out += sizeof<T>();
          if (indices) {
            store<i64>(indices, <i64>at);
            indices += 8;
          }
        }
      }
    }
    x += <usize>(D * H * W) * sizeof<T>();
  }
}

/** divisors: for each output coordinate of d, h and w an i32; a window's divisor is their product, or divisorOverride unless 0. */
export function avgpool3dForward<T>(
  x: usize,
  out: usize,
  volumes: i32,
  D: i32,
  H: i32,
  W: i32,
  Od: i32,
  Oh: i32,
  Ow: i32,
  windows: usize,
  divisors: usize,
  divisorOverride: i32,
): void {
  const hs = pairAt(windows, Od);
  const ws = pairAt(hs, Oh);
  for (let volume = 0; volume < volumes; volume++) {
    for (let o = 0; o < Od; o++) {
      const d0 = load<i32>(pairAt(windows, o));
      const d1 = load<i32>(pairAt(windows, o), 4);
      for (let p = 0; p < Oh; p++) {
        const h0 = load<i32>(pairAt(hs, p));
        const h1 = load<i32>(pairAt(hs, p), 4);
        const rows = <T>(
          (load<i32>(divisors + ((<usize>o) << 2)) * load<i32>(divisors + ((<usize>(Od + p)) << 2)))
        );
        for (let q = 0; q < Ow; q++) {
          const w0 = load<i32>(pairAt(ws, q));
          const w1 = load<i32>(pairAt(ws, q), 4);
          let sum: T = 0;
          for (let d = d0; d < d1; d++) {
            for (let h = h0; h < h1; h++) {
              let from = x + <usize>((d * H + h) * W + w0) * sizeof<T>();
              for (let w = w0; w < w1; w++) {
                sum = <T>(sum + load<T>(from));
                from += sizeof<T>();
              }
            }
          }
          const columns = <T>load<i32>(divisors + ((<usize>(Od + Oh + q)) << 2));
          store<T>(out, <T>(sum / (divisorOverride ? <T>divisorOverride : <T>(rows * columns))));
          out += sizeof<T>();
        }
      }
    }
    x += <usize>(D * H * W) * sizeof<T>();
  }
}

/** gx is zeroed here. */
export function avgpool3dBackward<T>(
  gout: usize,
  gx: usize,
  volumes: i32,
  D: i32,
  H: i32,
  W: i32,
  Od: i32,
  Oh: i32,
  Ow: i32,
  windows: usize,
  divisors: usize,
  divisorOverride: i32,
): void {
  const hs = pairAt(windows, Od);
  const ws = pairAt(hs, Oh);
  const size = <usize>(D * H * W) * sizeof<T>();
  memory.fill(gx, 0, <usize>volumes * size);
  for (let volume = 0; volume < volumes; volume++) {
    for (let o = 0; o < Od; o++) {
      const d0 = load<i32>(pairAt(windows, o));
      const d1 = load<i32>(pairAt(windows, o), 4);
      for (let p = 0; p < Oh; p++) {
        const h0 = load<i32>(pairAt(hs, p));
        const h1 = load<i32>(pairAt(hs, p), 4);
        const rows = <T>(
          (load<i32>(divisors + ((<usize>o) << 2)) * load<i32>(divisors + ((<usize>(Od + p)) << 2)))
        );
        for (let q = 0; q < Ow; q++) {
          const w0 = load<i32>(pairAt(ws, q));
          const w1 = load<i32>(pairAt(ws, q), 4);
          const columns = <T>load<i32>(divisors + ((<usize>(Od + Oh + q)) << 2));
          const value = <T>(load<T>(gout) / (divisorOverride ? <T>divisorOverride : <T>(rows * columns)));
          gout += sizeof<T>();
          for (let d = d0; d < d1; d++) {
            for (let h = h0; h < h1; h++) {
              let to = gx + <usize>((d * H + h) * W + w0) * sizeof<T>();
              for (let w = w0; w < w1; w++) {
                store<T>(to, <T>(load<T>(to) + value));
                to += sizeof<T>();
              }
            }
          }
        }
      }
    }
    gx += size;
  }
}
