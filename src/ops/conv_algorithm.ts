import { float32 } from '../dtype.js';
import type { DType } from '../dtype.js';
import type { Geometry } from './conv_geometry.js';

/** What convolutions may use; `torch.backends.wasm` is its public face. */
export const allowed = { winograd: true };

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

/**
 * Whether Winograd's F(4×4, 3×3) is the faster way of convolving, its weights being transformed already: 36 products for
 * each 16 outputs instead of 144, but four times the weights to read, and tiles to transform. On ResNet-18's layers it takes
 * 0.38 to 0.5 of the time; few channels (up to 16) and, for a single image, 512 channels of 7×7 are better summed directly.
 */
export function prefersWinograd(g: Geometry, dtype: DType): boolean {
  const [N, C, , , O, Kh, Kw, sh, sw, , , dh, dw, groups, Oh, Ow] = g;
  const fits = Kh === 3 && Kw === 3 && sh === 1 && sw === 1 && dh === 1 && dw === 1 && groups === 1;
  if (!allowed.winograd || !fits || dtype !== float32) return false;
  const tiles = Math.ceil((N * Math.ceil(Oh / 4) * Math.ceil(Ow / 4)) / PANEL) * PANEL;
  if (tiles < LEAST_TILES) return false;
  const direct = 9 * C * O * (N * Oh * Ow + READ);
  const winograd = 36 * (C * O * (tiles + READ) + (C + O) * tiles * TRANSFORM);
  return winograd < direct;
}
