import { float32 } from '../dtype.js';
import type { DType } from '../dtype.js';
import type { Geometry } from './conv_geometry.js';

/** What convolutions may use; `torch.backends.wasm` is its public face. */
export const allowed = { winograd: true, fusion: true };

/** Tiles that the kernels take at a time. */
const PANEL = 8;
/**
 * Fewer tiles than this do not pay for weights of four times the size: 256 channels of 14×14 in a single image gain 1.7 ms of 4.9 a
 * call, but the first call spends up to 30 ms on 9.4 MB of memory that nothing has touched yet.
 */
const LEAST_TILES = 32;
/** To read a weight from memory takes about as long as this many multiplications by it. */
const READ = 8;
/** To transform a tile of one channel, in or out, takes about as long as this many multiplications for each of its 36 parts. */
const TRANSFORM = 24;

/** A 3×3 convolution of stride 1: an image of C channels to one of O channels and size Oh, Ow. */
export interface TiledConvolution {
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

/**
 * The forward pass, or the gradient of the input, which is a convolution of the output's gradient too, as Winograd's algorithm
 * would do it; null where that does not fit or is slower, the weights being transformed already.
 *
 * F(4×4, 3×3) takes 36 products for each 16 outputs instead of 144, but has four times the weights to read, and tiles to
 * transform. On ResNet-18's layers it takes 0.38 to 0.5 of the time; few channels (up to 16) and, for a single image,
 * 512 channels of 7×7 are better summed directly.
 */
export function asTiles(pass: 'forward' | 'input', g: Geometry, dtype: DType): TiledConvolution | null {
  const tiled = tiledConvolution(g, dtype);
  if (tiled === null) return null;
  const { N, C, H, W, O, ph, pw, Oh, Ow } = tiled;
  if (pass === 'forward') return paysForward(tiled) ? tiled : null;
  if (ph > 2 || pw > 2) return null;
  const back = { N, C: O, H: Oh, W: Ow, O: C, ph: 2 - ph, pw: 2 - pw, Oh: H, Ow: W };
  return paysForward(back) ? back : null;
}

/** The gradient of the weight likewise: 36 products of each input's and each output's channel for each tile. */
export function asTilesForWeight(g: Geometry, dtype: DType): TiledConvolution | null {
  const tiled = tiledConvolution(g, dtype);
  if (tiled === null) return null;
  const { N, C, O, Oh, Ow } = tiled;
  const tiles = tileCount(tiled);
  const direct = 9 * C * O * N * Oh * Ow;
  const winograd = 36 * (C * O * (tiles + 2 * READ) + (C + O) * tiles * TRANSFORM);
  return tiles >= LEAST_TILES && winograd < direct ? tiled : null;
}

function tiledConvolution(g: Geometry, dtype: DType): TiledConvolution | null {
  const [N, C, H, W, O, Kh, Kw, sh, sw, ph, pw, dh, dw, groups, Oh, Ow] = g;
  const fits = Kh === 3 && Kw === 3 && sh === 1 && sw === 1 && dh === 1 && dw === 1 && groups === 1;
  return allowed.winograd && fits && dtype === float32 ? { N, C, H, W, O, ph, pw, Oh, Ow } : null;
}

function tileCount({ N, Oh, Ow }: TiledConvolution): number {
  return Math.ceil((N * Math.ceil(Oh / 4) * Math.ceil(Ow / 4)) / PANEL) * PANEL;
}

function paysForward(tiled: TiledConvolution): boolean {
  const { N, C, O, Oh, Ow } = tiled;
  const tiles = tileCount(tiled);
  const direct = 9 * C * O * (N * Oh * Ow + READ);
  const winograd = 36 * (C * O * (tiles + READ) + (C + O) * tiles * TRANSFORM);
  return tiles >= LEAST_TILES && winograd < direct;
}
