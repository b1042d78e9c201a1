import { lanes } from './simd';
import { lane0 } from './softmax';
import { sigmoid4, tanh4 } from './vecmath';

// The pointwise parts of recurrent cells: rows of several gates side by side, H elements each.

function logistic(x: f64): f64 {
  return 1 / (1 + NativeMath.exp(-x));
}

// @ts-ignore: decorator
@inline
function sigmoid<T>(x: v128): v128 {
  if (sizeof<T>() == 4) return sigmoid4(x);
  const low = logistic(f64x2.extract_lane(x, 0));
  return f64x2.replace_lane(f64x2.splat(low), 1, logistic(f64x2.extract_lane(x, 1)));
}

// @ts-ignore: decorator
@inline
function tanh<T>(x: v128): v128 {
  if (sizeof<T>() == 4) return tanh4(x);
  const low = NativeMath.tanh(f64x2.extract_lane(x, 0));
  return f64x2.replace_lane(f64x2.splat(low), 1, NativeMath.tanh(f64x2.extract_lane(x, 1)));
}

// A whole vector, or one element that fills all lanes: the ends of rows go through the same code.
// @ts-ignore: decorator
@inline
function read<T>(p: usize, whole: bool): v128 {
  return whole ? v128.load(p) : v128.splat<T>(load<T>(p));
}

// @ts-ignore: decorator
@inline
function write<T>(p: usize, v: v128, whole: bool): void {
  if (whole) v128.store(p, v);
  else store<T>(p, lane0<T>(v));
}

// y·(1 − y), the slope of the sigmoid by its value.
// @ts-ignore: decorator
@inline
function slope<T>(y: v128): v128 {
  return v128.mul<T>(y, v128.sub<T>(v128.splat<T>(1), y));
}

// 1 − y², the slope of tanh by its value.
// @ts-ignore: decorator
@inline
function slopeTanh<T>(y: v128): v128 {
  return v128.sub<T>(v128.splat<T>(1), v128.mul<T>(y, y));
}

/** gates [B, 4H] of i, f, g, o to `active`, what they are after σ and tanh; cOut = f·c + i·g, h = o·tanh(cOut). */
export function lstmForward<T>(
  gates: usize,
  c: usize,
  active: usize,
  h: usize,
  cOut: usize,
  B: i32,
  H: i32,
): void {
  const gap = <usize>H * sizeof<T>();
  for (let b = 0; b < B; b++) {
    for (let j = 0; j < H;) {
      const whole = j <= H - lanes<T>();
      const i = sigmoid<T>(read<T>(gates, whole));
      const f = sigmoid<T>(read<T>(gates + gap, whole));
      const g = tanh<T>(read<T>(gates + 2 * gap, whole));
      const o = sigmoid<T>(read<T>(gates + 3 * gap, whole));
      write<T>(active, i, whole);
      write<T>(active + gap, f, whole);
      write<T>(active + 2 * gap, g, whole);
      write<T>(active + 3 * gap, o, whole);
      const next = v128.add<T>(v128.mul<T>(f, read<T>(c, whole)), v128.mul<T>(i, g));
      write<T>(cOut, next, whole);
      write<T>(h, v128.mul<T>(o, tanh<T>(next)), whole);
      const width = whole ? lanes<T>() : 1;
      const bytes = <usize>width * sizeof<T>();
      gates += bytes;
      active += bytes;
      c += bytes;
      cOut += bytes;
      h += bytes;
      j += width;
    }
    gates += 3 * gap;
    active += 3 * gap;
  }
}

/** Gradients of the gates before their activation, and of c, from those of h and cOut. */
export function lstmBackward<T>(
  gh: usize,
  gcOut: usize,
  active: usize,
  c: usize,
  cOut: usize,
  ggates: usize,
  gc: usize,
  B: i32,
  H: i32,
): void {
  const gap = <usize>H * sizeof<T>();
  for (let b = 0; b < B; b++) {
    for (let j = 0; j < H;) {
      const whole = j <= H - lanes<T>();
      const i = read<T>(active, whole);
      const f = read<T>(active + gap, whole);
      const g = read<T>(active + 2 * gap, whole);
      const o = read<T>(active + 3 * gap, whole);
      const dh = read<T>(gh, whole);
      const t = tanh<T>(read<T>(cOut, whole));
      const through = v128.mul<T>(v128.mul<T>(dh, o), slopeTanh<T>(t));
      const dc = v128.add<T>(read<T>(gcOut, whole), through);
      write<T>(ggates, v128.mul<T>(v128.mul<T>(dc, g), slope<T>(i)), whole);
      write<T>(ggates + gap, v128.mul<T>(v128.mul<T>(dc, read<T>(c, whole)), slope<T>(f)), whole);
      write<T>(ggates + 2 * gap, v128.mul<T>(v128.mul<T>(dc, i), slopeTanh<T>(g)), whole);
      write<T>(ggates + 3 * gap, v128.mul<T>(v128.mul<T>(dh, t), slope<T>(o)), whole);
      write<T>(gc, v128.mul<T>(dc, f), whole);
      const width = whole ? lanes<T>() : 1;
      const bytes = <usize>width * sizeof<T>();
      gh += bytes;
      gcOut += bytes;
      active += bytes;
      c += bytes;
      cOut += bytes;
      ggates += bytes;
      gc += bytes;
      j += width;
    }
    active += 3 * gap;
    ggates += 3 * gap;
  }
}

/**
 * Gates r, z, n of the input (x [B, 3H]) and of the hidden state (y): r = σ(xr + yr), z = σ(xz + yz), n = tanh(xn + r·yn) to
 * `active`; out = (h − n)·z + n.
 */
export function gruForward<T>(x: usize, y: usize, h: usize, active: usize, out: usize, B: i32, H: i32): void {
  const gap = <usize>H * sizeof<T>();
  for (let b = 0; b < B; b++) {
    for (let j = 0; j < H;) {
      const whole = j <= H - lanes<T>();
      const r = sigmoid<T>(v128.add<T>(read<T>(x, whole), read<T>(y, whole)));
      const z = sigmoid<T>(v128.add<T>(read<T>(x + gap, whole), read<T>(y + gap, whole)));
      const reset = v128.mul<T>(r, read<T>(y + 2 * gap, whole));
      const n = tanh<T>(v128.add<T>(read<T>(x + 2 * gap, whole), reset));
      write<T>(active, r, whole);
      write<T>(active + gap, z, whole);
      write<T>(active + 2 * gap, n, whole);
      write<T>(out, v128.add<T>(v128.mul<T>(v128.sub<T>(read<T>(h, whole), n), z), n), whole);
      const width = whole ? lanes<T>() : 1;
      const bytes = <usize>width * sizeof<T>();
      x += bytes;
      y += bytes;
      h += bytes;
      active += bytes;
      out += bytes;
      j += width;
    }
    x += 2 * gap;
    y += 2 * gap;
    active += 2 * gap;
  }
}

/** Gradients of x, y and h from that of the result. */
export function gruBackward<T>(
  g: usize,
  active: usize,
  y: usize,
  h: usize,
  gx: usize,
  gy: usize,
  gh: usize,
  B: i32,
  H: i32,
): void {
  const gap = <usize>H * sizeof<T>();
  const one = v128.splat<T>(1);
  for (let b = 0; b < B; b++) {
    for (let j = 0; j < H;) {
      const whole = j <= H - lanes<T>();
      const r = read<T>(active, whole);
      const z = read<T>(active + gap, whole);
      const n = read<T>(active + 2 * gap, whole);
      const dout = read<T>(g, whole);
      const dn = v128.mul<T>(v128.mul<T>(dout, v128.sub<T>(one, z)), slopeTanh<T>(n));
      const dz = v128.mul<T>(v128.mul<T>(dout, v128.sub<T>(read<T>(h, whole), n)), slope<T>(z));
      const dr = v128.mul<T>(v128.mul<T>(dn, read<T>(y + 2 * gap, whole)), slope<T>(r));
      write<T>(gx, dr, whole);
      write<T>(gx + gap, dz, whole);
      write<T>(gx + 2 * gap, dn, whole);
      write<T>(gy, dr, whole);
      write<T>(gy + gap, dz, whole);
      write<T>(gy + 2 * gap, v128.mul<T>(dn, r), whole);
      write<T>(gh, v128.mul<T>(dout, z), whole);
      const width = whole ? lanes<T>() : 1;
      const bytes = <usize>width * sizeof<T>();
      g += bytes;
      active += bytes;
      y += bytes;
      h += bytes;
      gx += bytes;
      gy += bytes;
      gh += bytes;
      j += width;
    }
    active += 2 * gap;
    y += 2 * gap;
    gx += 2 * gap;
    gy += 2 * gap;
  }
}
