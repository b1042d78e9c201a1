import { float32 } from '../dtype.js';
import { withWorkspace } from '../storage.js';
import { runtime } from '../wasm/module.js';
import { partOf, partsFor, runCalls } from '../wasm/parallel.js';
import type { KernelCall } from '../wasm/kernel_call.js';
import type { TiledConvolution } from './conv_algorithm.js';
import type { Place } from './conv_deferred.js';
import type { Epilogue } from './conv_kernel.js';
import { weightParts } from './conv_slices.js';

/**
 * Gives `use` the address of the transformed parts of a dense weight, `turned` for the gradient of the input. They are kept
 * for as long as the weight is unchanged, once they were needed twice.
 */
function withTransformed(
  { m, C, O, Kh, Kw }: TiledConvolution,
  weight: Place,
  turned: boolean,
  use: (u: number) => void,
): void {
  const { kernels } = runtime();
  const bytes = kernels.winograd_weight_bytes_f32(m, O, C) >>> 0;
  const ptr = weight.storage.ptr + weight.offset;
  // The weight is [rows, columns, Kh, Kw].
  const [rows, columns] = turned ? [C, O] : [O, C];
  const transform = (u: number): void =>
    withWorkspace(kernels.winograd_weight_workspace_f32(m), (ws) => {
      kernels.winograd_weight_f32(m, ptr, u, rows, columns, Kh, Kw, Number(turned), ws);
    });
  const key = `winograd ${m} ${turned ? 'turned ' : ''}${weight.offset} ${O} ${C} ${Kh} ${Kw}`;
  const u = weight.storage.derived(key, bytes, transform);
  if (u !== null) {
    use(u);
    return;
  }
  withWorkspace(bytes, (space) => {
    transform(space);
    use(space);
  });
}

const NOTHING: Epilogue = { scale: 0, residual: 0, relu: false };

const space = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/**
 * As many tiles as this meet each weight once, so it is transformed on the way and kept nowhere: on ResNet-18's planes of 14×14 and 7×7 to
 * read transformed weights takes longer than to make them.
 */
const FEW_TILES = 64;
/** Bytes of transformed weights that stay in a cache between those who make and those who read them. */
const CACHED = 1 << 20;

type Pointers = readonly [x: number, bias: number, out: number];

/** Few tiles: threads take output channels. */
function convolveFew(
  { m, N, C, H, W, O, ph, pw, Oh, Ow }: TiledConvolution,
  weight: Place,
  turned: boolean,
  [x, bias, out]: Pointers,
  { scale, residual, relu }: Epilogue,
): void {
  const parts = partsFor(2 * 9 * C * N * O * Oh * Ow, Math.floor(O / 8));
  const each = space(runtime().kernels.winograd_few_workspace_f32(m, N, C, Math.ceil(O / parts), Oh, Ow));
  withWorkspace(parts * each, (ws) => {
    const flags = [Number(turned), bias, out, scale, residual, Number(relu)];
    const args = [m, x, weight.storage.ptr + weight.offset, ...flags, N, C, H, W, O, ph, pw, Oh, Ow];
    const calls = Array.from({ length: parts }, (_, i): KernelCall => {
      return ['winograd_few_f32', ...args, ...partOf(O, i, parts), ws + i * each];
    });
    runCalls(calls);
  });
}

/** Many tiles: threads take rows of them. */
function convolveMany(
  tiled: TiledConvolution,
  weight: Place,
  turned: boolean,
  [x, bias, out]: Pointers,
  { scale, residual, relu }: Epilogue,
): void {
  const { m, N, C, H, W, O, ph, pw, Oh, Ow } = tiled;
  const rows = N * Math.ceil(Oh / m);
  const parts = partsFor(2 * tiled.Kh * tiled.Kw * C * N * O * Oh * Ow, rows);
  const each = space(runtime().kernels.winograd_workspace_f32(m, N, C, O, Oh, Ow));
  withTransformed(tiled, weight, turned, (u) => {
    withWorkspace(parts * each, (ws) => {
      const args = [m, x, u, bias, out, scale, residual, Number(relu), N, C, H, W, O, ph, pw, Oh, Ow];
      const calls = Array.from({ length: parts }, (_, i): KernelCall => {
        return ['winograd_forward_f32', ...args, ...partOf(rows, i, parts), ws + i * each];
      });
      runCalls(calls);
    });
  });
}

/**
 * The convolution of x with a dense weight and what follows; with the `turned` weight for the gradient of the input. Pointers; a bias of 0
 * is none.
 */
export function winogradConvolution(
  tiled: TiledConvolution,
  weight: Place,
  turned: boolean,
  pointers: Pointers,
  epilogue: Epilogue = NOTHING,
): void {
  const { m, N, C, O, Oh, Ow } = tiled;
  const tiles = N * Math.ceil(Oh / m) * Math.ceil(Ow / m);
  const weights = (m + 2) ** 2 * C * O * float32.itemsize;
  // The kernels transform weights on the way only where there is one phase.
  const few = m !== 3 && tiles <= FEW_TILES && weights > CACHED;
  const convolve = few ? convolveFew : convolveMany;
  convolve(tiled, weight, turned, pointers, epilogue);
}

/** Fewer tiles than this are no slice of a batch: what is transformed back at its end would show. */
const SLICE_TILES = 384;

/** The gradient of the weight. */
export function winogradGradient(
  { m, N, C, H, W, O, ph, pw, Oh, Ow }: TiledConvolution,
  [x, grad, gw]: readonly [x: number, grad: number, gw: number],
): void {
  const each = space(runtime().kernels.winograd_gradient_workspace_f32(N, C, O, Oh, Ow));
  const shape = { N, O, size: O * C * 9, positions: Math.ceil(Oh / m) * Math.ceil(Ow / m) };
  const work = 2 * 9 * C * N * O * Oh * Ow;
  weightParts(float32, shape, SLICE_TILES, work, each, gw, ({ n, nEnd, o, oEnd, out }, ws) => {
    const from = x + n * C * H * W * float32.itemsize;
    const by = grad + n * O * Oh * Ow * float32.itemsize;
    return ['winograd_gradient_f32', from, by, out, nEnd - n, C, H, W, O, ph, pw, Oh, Ow, o, oEnd, ws];
  });
}
