import type { DType } from '../dtype.js';
import { withWorkspace } from '../storage.js';
import { partOf, partsFor, runCalls } from '../wasm/parallel.js';
import type { KernelCall } from '../wasm/kernel_call.js';
import type { Geometry } from './conv_geometry.js';
import { weightParts } from './conv_slices.js';
import { floatKernel, floatKernelName } from './float_kernel.js';

/** One pass of a convolution over part of its output: pointers, the geometry that they see, and what follows it. */
interface Part {
  readonly pointers: readonly number[];
  readonly geometry: Geometry;
}

/** What follows a convolution, as the kernels take it: pointers, 0 for none. */
export interface Epilogue {
  readonly scale: number;
  readonly residual: number;
  readonly relu: boolean;
}

type Pass = 'conv2d_forward' | 'conv2d_backward_input';

/** Floating point operations of one pass. */
function flops([N, C, , , O, Kh, Kw, , , , , , , groups, Oh, Ow]: Geometry): number {
  return (2 * N * O * Oh * Ow * C * Kh * Kw) / groups;
}

const space = (bytes: number): number => Math.ceil(bytes / 64) * 64;

function run(pass: Pass, dtype: DType, parts: readonly Part[]): void {
  const workspace = floatKernel(`${pass}_workspace_f32`, dtype);
  const sizes = parts.map((part) => space(workspace(...part.geometry)));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  withWorkspace(total, (start) => {
    let ws = start;
    const name = floatKernelName(`${pass}_f32`, dtype);
    const calls = parts.map(({ pointers, geometry }, i): KernelCall => {
      const call: KernelCall = [name, ...pointers, ...geometry, ws];
      ws += sizes[i];
      return call;
    });
    runCalls(calls);
  });
}

/** A geometry of other N and O. */
function resized(g: Geometry, N: number, O: number): Geometry {
  const [, C, H, W, , ...rest] = g;
  return [N, C, H, W, O, ...rest];
}

/**
 * out = input ∗ weight + bias and what follows, threads taking images, or output channels of a single image. One channel alone would be added up
 * as a matrix-vector product, in another order, so a part has at least two.
 */
export function forwardKernel(
  g: Geometry,
  dtype: DType,
  [x, w, bias, out]: readonly [x: number, w: number, bias: number, out: number],
  { scale, residual, relu }: Epilogue,
): void {
  const [N, C, H, W, O, Kh, Kw, , , , , , , groups, Oh, Ow] = g;
  const size = dtype.itemsize;
  const byChannel = N === 1 && groups === 1;
  const parts = partsFor(flops(g), byChannel ? Math.floor(O / 8) : N);
  const jobs = Array.from({ length: parts }, (_, i): Part => {
    const [begin, end] = partOf(byChannel ? O : N, i, parts);
    const at = (ptr: number, elements: number): number => (ptr === 0 ? 0 : ptr + begin * elements * size);
    const flag = Number(relu);
    if (parts === 1) return { pointers: [x, w, bias, out, scale, residual, flag], geometry: g };
    const plane = Oh * Ow;
    if (byChannel) {
      const weights = [at(w, C * Kh * Kw), at(bias, 1)];
      const pointers = [x, ...weights, at(out, plane), at(scale, 1), at(residual, plane), flag];
      return { pointers, geometry: resized(g, 1, end - begin) };
    }
    const image = O * plane;
    const pointers = [at(x, C * H * W), w, bias, at(out, image), scale, at(residual, image), flag];
    return { pointers, geometry: resized(g, end - begin, O) };
  });
  run('conv2d_forward', dtype, jobs);
}

/** The gradient of the input, threads taking images. */
export function inputGradientKernel(
  g: Geometry,
  dtype: DType,
  [grad, w, gx]: readonly [grad: number, w: number, gx: number],
): void {
  const [N, C, H, W, O, , , , , , , , , , Oh, Ow] = g;
  const parts = partsFor(flops(g), N);
  const jobs = Array.from({ length: parts }, (_, i): Part => {
    const [begin, end] = partOf(N, i, parts);
    const from = grad + begin * O * Oh * Ow * dtype.itemsize;
    const to = gx + begin * C * H * W * dtype.itemsize;
    return { pointers: [from, w, to], geometry: resized(g, end - begin, O) };
  });
  run('conv2d_backward_input', dtype, jobs);
}

/** Fewer positions than this are no slice of a batch: what is added at its end would show. */
const SLICE_POSITIONS = 2048;

/** The gradient of the weight. */
export function weightGradientKernel(
  g: Geometry,
  dtype: DType,
  [x, grad, gw]: readonly [x: number, grad: number, gw: number],
): void {
  const [N, C, H, W, O, Kh, Kw, , , , , , , groups, Oh, Ow] = g;
  const each = space(floatKernel('conv2d_backward_weight_workspace_f32', dtype)(...g));
  const name = floatKernelName('conv2d_backward_weight_f32', dtype);
  const shape = { N, O, size: (O * C * Kh * Kw) / groups, positions: Oh * Ow };
  weightParts(dtype, shape, SLICE_POSITIONS, flops(g), each, gw, ({ n, nEnd, o, oEnd, out }, ws) => {
    const from = x + n * C * H * W * dtype.itemsize;
    const by = grad + n * O * Oh * Ow * dtype.itemsize;
    return [name, from, by, out, ...resized(g, nEnd - n, O), o, oEnd, ws];
  });
}
