import { float32 } from '../dtype.js';
import type { DType } from '../dtype.js';
import type { Geometry } from './conv_geometry.js';

/** Outputs along a side of Winograd's tiles of 3×3 convolutions: F(4×4, 3×3) or F(2×2, 3×3). */
export type TileSize = 2 | 4;

interface Allowed {
  /** true: where it is faster; a tile size: that one wherever it fits. */
  winograd: boolean | TileSize;
  fusion: boolean;
}

/** What convolutions may use; `torch.backends.wasm` is its public face. */
export const allowed: Allowed = { winograd: true, fusion: true };

/** Tiles that the kernels take at a time. */
const PANEL = 8;
/** To transform a weight, or to read it transformed, takes about as long as this many multiplications by it. */
const WEIGHT = 8;
/** To transform a tile of one channel, in or out, takes about as long as this many multiplications for each of its parts. */
const TRANSFORM = 6;

/**
 * A convolution of C channels to O and size Oh, Ow, in tiles of m×m outputs: of 3×3 and stride 1, or, in tiles of 3, of stride 2 with a
 * kernel of up to 8×8.
 */
export interface TiledConvolution {
  readonly m: TileSize | 3;
  readonly Kh: number;
  readonly Kw: number;
  readonly N: number;
  readonly C: number;
  readonly H: number;
  readonly W: number;
  readonly O: number;
  readonly ph: number;
  readonly pw: number;
  readonly Oh: number;
  readonly Ow: number;
}

type Untiled = Omit<TiledConvolution, 'm'>;

/**
 * The forward pass, or the gradient of the input, which is a convolution of the output's gradient too, as Winograd's algorithm
 * would do it; null where that does not fit or is slower.
 *
 * F(4×4, 3×3) takes 36 products for each 16 outputs instead of 144, but has weights and tiles to
 * transform. On ResNet-18's layers it takes 0.31 to 0.45 of the time, with 4 channels 0.76; fewer are better summed directly.
 */
export function asTiles(pass: 'forward' | 'input', g: Geometry, dtype: DType): TiledConvolution | null {
  if (pass === 'forward' && g.sh === 2) return inPhases(g, dtype);
  const untiled = withoutTiles(g, dtype);
  if (untiled === null) return null;
  const { N, C, H, W, O, ph, pw, Oh, Ow } = untiled;
  if (pass === 'forward') return quickest(untiled);
  if (ph > 2 || pw > 2) return null;
  return quickest({ N, C: O, H: Oh, W: Ow, O: C, Kh: 3, Kw: 3, ph: 2 - ph, pw: 2 - pw, Oh: H, Ow: W });
}

/** The gradient of the weight likewise: 36 products of each input's and each output's channel for each tile. */
export function asTilesForWeight(g: Geometry, dtype: DType): TiledConvolution | null {
  const untiled = withoutTiles(g, dtype);
  if (untiled === null || allowed.winograd === 2) return null;
  if (allowed.winograd === 4) return tiled(untiled, 4);
  const { N, C, O, Oh, Ow } = untiled;
  const tiles = tileCount(untiled, 4);
  const direct = 9 * C * O * N * Oh * Ow;
  const winograd = 36 * (C * O * (tiles + 2 * WEIGHT) + (C + O) * tiles * TRANSFORM);
  return winograd < direct ? tiled(untiled, 4) : null;
}

function withoutTiles(g: Geometry, dtype: DType): Untiled | null {
  const { Kh, Kw, sh, sw, dh, dw, groups } = g;
  const fits = Kh === 3 && Kw === 3 && sh === 1 && sw === 1 && dh === 1 && dw === 1 && groups === 1;
  return allowed.winograd !== false && fits && dtype === float32 ? g : null;
}

/**
 * Stride 2 with a kernel of 5×5 to 8×8, as the first layer of many nets has: four images of half the size (rows and columns even or odd),
 * each with a kernel of up to 4×4, in F(3×3, 4×4): 36 products for each 9 outputs and image instead of 441 in all for 7×7.
 */
function inPhases(g: Geometry, dtype: DType): TiledConvolution | null {
  const { N, C, O, Kh, Kw, sh, sw, dh, dw, groups, Oh, Ow } = g;
  const fits = sh === 2 && sw === 2 && dh === 1 && dw === 1 && groups === 1 && Kh <= 8 && Kw <= 8;
  if (allowed.winograd !== true || !fits || Math.min(Kh, Kw) < 5 || dtype !== float32) return null;
  const tiles = tileCount(g, 3);
  const direct = Kh * Kw * C * O * (N * Oh * Ow + WEIGHT);
  const cost = 36 * (4 * C * O * (tiles + WEIGHT) + (4 * C + O) * tiles * TRANSFORM);
  return cost < direct ? tiled(g, 3) : null;
}

function tiled(untiled: Untiled, m: TileSize | 3): TiledConvolution {
  const { N, C, H, W, O, Kh, Kw, ph, pw, Oh, Ow } = untiled;
  return { m, N, C, H, W, O, Kh, Kw, ph, pw, Oh, Ow };
}

function tileCount({ N, Oh, Ow }: Untiled, m: number): number {
  return Math.ceil((N * Math.ceil(Oh / m) * Math.ceil(Ow / m)) / PANEL) * PANEL;
}

/** Multiplications that take about as long as the convolution. */
function tiledCost(untiled: Untiled, m: TileSize): number {
  const { C, O } = untiled;
  const tiles = tileCount(untiled, m);
  return (m + 2) ** 2 * (C * O * (tiles + WEIGHT) + (C + O) * tiles * TRANSFORM);
}

function quickest(untiled: Untiled): TiledConvolution | null {
  if (typeof allowed.winograd === 'number') return tiled(untiled, allowed.winograd);
  const { N, C, O, Oh, Ow } = untiled;
  const direct = 9 * C * O * (N * Oh * Ow + WEIGHT);
  const four = tiledCost(untiled, 4);
  const two = tiledCost(untiled, 2);
  if (direct <= Math.min(two, four)) return null;
  return tiled(untiled, four <= two ? 4 : 2);
}
