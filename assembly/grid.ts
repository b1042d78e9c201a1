// Sampling of images and volumes at the places of a grid, as PyTorch's grid_sample. A place becomes a list of taps, elements with
// their weights and the weights' derivatives, which every channel of the image then shares.

/** Bytes of the list: 16 positions (i32), then of each of weight and its derivatives by x, y and z 16 (f64 at most). */
const TAPS: i32 = 16;
const POSITION: usize = 0;
const WEIGHT: usize = 64;
const SLOPE: usize = WEIGHT + 128;
const COORDINATES: usize = SLOPE + 3 * 128;
export const GRID_WORKSPACE: i32 = 64 + 4 * 128 + 64;

// Modes and paddings, numbered as in PyTorch.
const NEAREST: i32 = 1;
const BICUBIC: i32 = 2;
const BORDER: i32 = 1;
const REFLECTION: i32 = 2;

// @ts-ignore: decorator
@inline
function slot<T>(base: usize, i: i32): usize {
  return base + <usize>i * sizeof<T>();
}

// How many elements a step of the grid's coordinate is.
// @ts-ignore: decorator
@inline
function scaleOf<T>(size: i32, align: bool): T {
  return <T>(<T>(align ? size - 1 : size) / 2);
}

// @ts-ignore: decorator
@inline
function unnormalize<T>(coordinate: T, size: i32, align: bool): T {
  const at = <T>(<T>(coordinate + 1) * scaleOf<T>(size, align));
  return align ? at : <T>(at - 0.5);
}

// A place led back into [0, size − 1]; to `slope` goes its derivative by the place: 1, −1, or 0 at and beyond a border.
function bounded<T>(at: T, size: i32, padding: i32, align: bool, dims: i32, slope: usize): T {
  let sign: T = 1;
  if (padding == REFLECTION) {
    const low: T = align ? 0 : <T>-0.5;
    const span = <T>(align ? size - 1 : size);
    if (span == 0) {
      store<T>(slope, 0);
      return 0;
    }
    let rest = <T>(at - low);
    if (rest < 0) {
      rest = -rest;
      sign = -1;
    }
    const flips = floor<T>(rest / span);
    const extra = <T>(rest % span);
    if (flips == <T>(2 * floor<T>(flips / 2))) {
      at = <T>(extra + low);
    } else {
      at = <T>(span - extra + low);
      sign = -sign;
    }
  }
  const last = <T>(size - 1);
  // As in PyTorch NaN ends at one border of images, at the other of volumes.
  if (dims == 3 && at != at) at = last;
  if (!(at > 0)) {
    at = 0;
    sign = 0;
  } else if (at >= last) {
    at = last;
    sign = 0;
  }
  store<T>(slope, sign);
  return at;
}

// @ts-ignore: decorator
@inline
function locate<T>(coordinate: T, size: i32, padding: i32, align: bool, dims: i32, slope: usize): T {
  const at = unnormalize<T>(coordinate, size, align);
  const scale = scaleOf<T>(size, align);
  if (padding == 0) {
    store<T>(slope, scale);
    return at;
  }
  const back = bounded<T>(at, size, padding, align, dims, slope);
  store<T>(slope, <T>(load<T>(slope) * scale));
  return back;
}

// The nearest element: PyTorch rounds halves to even in images, away from zero in volumes.
// @ts-ignore: decorator
@inline
function nearestOf<T>(at: T, dims: i32): i32 {
  if (dims == 2) return <i32>nearest<T>(at);
  const below = floor<T>(at);
  const rest = <T>(at - below);
  return <i32>below + i32(rest > 0.5 || (rest == 0.5 && at > 0));
}

// Whether a place is near enough for taps, which are at most 2 elements away; false for NaN.
// @ts-ignore: decorator
@inline
function near<T>(at: T, size: i32): bool {
  return at > -4 && at < <T>(size + 4);
}

// @ts-ignore: decorator
@inline
function inside(at: i32, size: i32): bool {
  return <u32>at < <u32>size;
}

// Cubic convolution, A = −0.75: the weight of the element that is `far` (0 to 2) from the place, and its derivative by that.
// @ts-ignore: decorator
@inline
function cubic<T>(far: T): T {
  const A: T = -0.75;
  return far <= 1
    ? <T>(((A + 2) * far - (A + 3)) * far * far + 1)
    : <T>(((A * far - 5 * A) * far + 8 * A) * far - 4 * A);
}

// @ts-ignore: decorator
@inline
function cubicSlope<T>(far: T): T {
  const A: T = -0.75;
  return far <= 1 ? <T>((3 * (A + 2) * far - 2 * (A + 3)) * far) : <T>((3 * A * far - 10 * A) * far + 8 * A);
}

// Bicubic taps of one place; those beyond the border are led back each by itself.
function cubicTaps<T>(ws: usize, gx: T, gy: T, H: i32, W: i32, padding: i32, align: bool): i32 {
  const x = unnormalize<T>(gx, W, align);
  const y = unnormalize<T>(gy, H, align);
  const x0 = floor<T>(x);
  const y0 = floor<T>(y);
  const tx = <T>(x - x0);
  const ty = <T>(y - y0);
  const xScale = scaleOf<T>(W, align);
  const yScale = scaleOf<T>(H, align);
  const scratch = ws + COORDINATES;
  let count = 0;
  for (let i = 0; i < 4; i++) {
    let row = <T>(y0 + <T>(i - 1));
    if (padding) row = bounded<T>(row, H, padding, align, 2, scratch);
    if (!near<T>(row, H) || !inside(<i32>row, H)) continue;
    const yFar = abs<T>(ty - <T>(i - 1));
    const yWeight = cubic<T>(yFar);
    const ySlope = <T>(cubicSlope<T>(yFar) * (i < 2 ? yScale : -yScale));
    for (let j = 0; j < 4; j++) {
      let column = <T>(x0 + <T>(j - 1));
      if (padding) column = bounded<T>(column, W, padding, align, 2, scratch);
      if (!near<T>(column, W) || !inside(<i32>column, W)) continue;
      const xFar = abs<T>(tx - <T>(j - 1));
      const xWeight = cubic<T>(xFar);
      const xSlope = <T>(cubicSlope<T>(xFar) * (j < 2 ? xScale : -xScale));
      store<i32>(ws + POSITION + ((<usize>count) << 2), <i32>row * W + <i32>column);
      store<T>(slot<T>(ws + WEIGHT, count), <T>(xWeight * yWeight));
      store<T>(slot<T>(ws + SLOPE, count), <T>(xSlope * yWeight));
      store<T>(slot<T>(ws + SLOPE, TAPS + count), <T>(xWeight * ySlope));
      count++;
    }
  }
  return count;
}

// The taps of the place at `grid` (x, y and, of volumes, z); how many there are. Images are volumes of depth 1.
function takeTaps<T>(
  ws: usize,
  grid: usize,
  dims: i32,
  D: i32,
  H: i32,
  W: i32,
  mode: i32,
  padding: i32,
  align: bool,
): i32 {
  if (mode == BICUBIC)
    return cubicTaps<T>(ws, load<T>(grid), load<T>(slot<T>(grid, 1)), H, W, padding, align);
  const slopes = ws + COORDINATES;
  const x = locate<T>(load<T>(grid), W, padding, align, dims, slopes);
  const y = locate<T>(load<T>(slot<T>(grid, 1)), H, padding, align, dims, slot<T>(slopes, 1));
  const z = dims == 3 ? locate<T>(load<T>(slot<T>(grid, 2)), D, padding, align, dims, slot<T>(slopes, 2)) : 0;
  if (!near<T>(x, W) || !near<T>(y, H) || !near<T>(z, D)) return 0;
  if (mode == NEAREST) {
    const column = nearestOf<T>(x, dims);
    const row = nearestOf<T>(y, dims);
    const slice = nearestOf<T>(z, dims);
    if (!inside(column, W) || !inside(row, H) || !inside(slice, D)) return 0;
    store<i32>(ws + POSITION, (slice * H + row) * W + column);
    store<T>(ws + WEIGHT, 1);
    for (let d = 0; d < dims; d++) store<T>(slot<T>(ws + SLOPE, d * TAPS), 0);
    return 1;
  }
  const x0 = floor<T>(x);
  const y0 = floor<T>(y);
  const z0 = floor<T>(z);
  const tx = <T>(x - x0);
  const ty = <T>(y - y0);
  const tz = <T>(z - z0);
  const xSlope = load<T>(slopes);
  const ySlope = load<T>(slot<T>(slopes, 1));
  const zSlope = load<T>(slot<T>(slopes, 2));
  let count = 0;
  for (let i = 0; i < dims - 1; i++) {
    const slice = <i32>z0 + i;
    if (!inside(slice, D)) continue;
    const wz: T = i ? tz : <T>(1 - tz);
    for (let j = 0; j < 2; j++) {
      const row = <i32>y0 + j;
      if (!inside(row, H)) continue;
      const wy: T = j ? ty : <T>(1 - ty);
      for (let k = 0; k < 2; k++) {
        const column = <i32>x0 + k;
        if (!inside(column, W)) continue;
        const wx: T = k ? tx : <T>(1 - tx);
        store<i32>(ws + POSITION + ((<usize>count) << 2), (slice * H + row) * W + column);
        store<T>(slot<T>(ws + WEIGHT, count), <T>(wx * wy * wz));
        store<T>(slot<T>(ws + SLOPE, count), <T>((k ? xSlope : -xSlope) * wy * wz));
        store<T>(slot<T>(ws + SLOPE, TAPS + count), <T>((j ? ySlope : -ySlope) * wx * wz));
        store<T>(slot<T>(ws + SLOPE, 2 * TAPS + count), <T>((i ? zSlope : -zSlope) * wx * wy));
        count++;
      }
    }
  }
  return count;
}

/** x [N, C, D, H, W], grid [N, places, dims], out [N, C, places]. */
export function gridSampleForward<T>(
  x: usize,
  grid: usize,
  out: usize,
  N: i32,
  C: i32,
  D: i32,
  H: i32,
  W: i32,
  places: i32,
  dims: i32,
  mode: i32,
  padding: i32,
  align: bool,
  ws: usize,
): void {
  const size = <usize>(D * H * W) * sizeof<T>();
  const channel = <usize>places * sizeof<T>();
  for (let n = 0; n < N; n++) {
    for (let i = 0; i < places; i++) {
      const count = takeTaps<T>(ws, grid, dims, D, H, W, mode, padding, align);
      // Beyond the border are zeros, but PyTorch interpolates images at no place to NaN.
      const lost =
        padding == 0 &&
        dims == 2 &&
        mode != NEAREST &&
        !(isFinite<T>(load<T>(grid)) && isFinite<T>(load<T>(slot<T>(grid, 1))));
      grid += <usize>dims * sizeof<T>();
      let from = x;
      let to = out + <usize>i * sizeof<T>();
      for (let c = 0; c < C; c++) {
        let sum: T = 0;
        for (let t = 0; t < count; t++) {
          const v = load<T>(from + <usize>load<i32>(ws + POSITION + ((<usize>t) << 2)) * sizeof<T>());
          sum = <T>(sum + <T>(v * load<T>(slot<T>(ws + WEIGHT, t))));
        }
        store<T>(to, lost ? <T>NaN : sum);
        from += size;
        to += channel;
      }
    }
    x += <usize>C * size;
    out += <usize>C * channel;
  }
}

/** gx, zeroed here, and ggrid may each be 0: not wanted. */
export function gridSampleBackward<T>(
  gout: usize,
  x: usize,
  grid: usize,
  gx: usize,
  ggrid: usize,
  N: i32,
  C: i32,
  D: i32,
  H: i32,
  W: i32,
  places: i32,
  dims: i32,
  mode: i32,
  padding: i32,
  align: bool,
  ws: usize,
): void {
  const size = <usize>(D * H * W) * sizeof<T>();
  const channel = <usize>places * sizeof<T>();
  if (gx) memory.fill(gx, 0, <usize>N * <usize>C * size);
  for (let n = 0; n < N; n++) {
    for (let i = 0; i < places; i++) {
      const count = takeTaps<T>(ws, grid, dims, D, H, W, mode, padding, align);
      grid += <usize>dims * sizeof<T>();
      let from = gout + <usize>i * sizeof<T>();
      let image = x;
      let to = gx;
      let sx: T = 0;
      let sy: T = 0;
      let sz: T = 0;
      for (let c = 0; c < C; c++) {
        const g = load<T>(from);
        for (let t = 0; t < count; t++) {
          const offset = <usize>load<i32>(ws + POSITION + ((<usize>t) << 2)) * sizeof<T>();
          if (gx) {
            const sum = <T>(load<T>(to + offset) + <T>(g * load<T>(slot<T>(ws + WEIGHT, t))));
            store<T>(to + offset, sum);
          }
          if (ggrid) {
            const v = <T>(load<T>(image + offset) * g);
            sx = <T>(sx + <T>(v * load<T>(slot<T>(ws + SLOPE, t))));
            sy = <T>(sy + <T>(v * load<T>(slot<T>(ws + SLOPE, TAPS + t))));
            if (dims == 3) sz = <T>(sz + <T>(v * load<T>(slot<T>(ws + SLOPE, 2 * TAPS + t))));
          }
        }
        from += channel;
        image += size;
        if (gx) to += size;
      }
      if (ggrid) {
        store<T>(ggrid, sx);
        store<T>(slot<T>(ggrid, 1), sy);
        if (dims == 3) store<T>(slot<T>(ggrid, 2), sz);
        ggrid += <usize>dims * sizeof<T>();
      }
    }
    x += <usize>C * size;
    if (gx) gx += <usize>C * size;
    gout += <usize>C * channel;
  }
}
