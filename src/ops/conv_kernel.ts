import type { DType } from '../dtype.js';
import { withWorkspace } from '../storage.js';
import { partOf, partsFor, runCalls } from '../wasm/parallel.js';
import type { KernelCall } from '../wasm/kernel_call.js';
import { numbersOf } from './conv_geometry.js';
import type { Geometry } from './conv_geometry.js';
import { weightParts } from './conv_slices.js';
import { floatKernel, floatKernelName } from './float_kernel.js';

/** What follows a convolution, as the kernels take it: pointers, 0 for none. */
export interface Epilogue {
  readonly scale: number;
  readonly residual: number;
  readonly relu: boolean;
}

/** Floating point operations of one pass. */
function flops({ N, C, O, Kh, Kw, groups, Oh, Ow }: Geometry): number {
  return (2 * N * O * Oh * Ow * C * Kh * Kw) / groups;
}

const space = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** Runs a pass in parts, of which each has `N` images and `O` output channels at most. */
function runParts(
  pass: 'conv2d_forward' | 'conv2d_backward_input',
  g: Geometry,
  dtype: DType,
  most: readonly [N: number, O: number],
  calls: readonly number[][],
): void {
  const each = space(floatKernel(`${pass}_workspace_f32`, dtype)(...numbersOf(g, ...most)));
  const name = floatKernelName(`${pass}_f32`, dtype);
  withWorkspace(each * calls.length, (ws) => {
    runCalls(calls.map((call, i): KernelCall => [name, ...call, ws + i * each]));
  });
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
  const { N, C, H, W, O, Kh, Kw, groups, Oh, Ow } = g;
  const size = dtype.itemsize;
  const byChannel = N === 1 && groups === 1;
  const flag = Number(relu);
  const parts = partsFor(flops(g), byChannel ? Math.floor(O / 8) : N);
  const plane = Oh * Ow;
  const calls = Array.from({ length: parts }, (_, i) => {
    const [begin, end] = partOf(byChannel ? O : N, i, parts);
    const at = (ptr: number, elements: number): number => (ptr === 0 ? 0 : ptr + begin * elements * size);
    if (byChannel) {
      const weights = [at(w, C * Kh * Kw), at(bias, 1)];
      const pointers = [x, ...weights, at(out, plane), at(scale, 1), at(residual, plane), flag];
      return [...pointers, ...numbersOf(g, 1, end - begin)];
    }
    const image = O * plane;
    const pointers = [at(x, C * H * W), w, bias, at(out, image), scale, at(residual, image), flag];
    return [...pointers, ...numbersOf(g, end - begin, O)];
  });
  const most = byChannel ? ([1, Math.ceil(O / parts)] as const) : ([Math.ceil(N / parts), O] as const);
  runParts('conv2d_forward', g, dtype, most, calls);
}

/** The gradient of the input, threads taking images. */
export function inputGradientKernel(
  g: Geometry,
  dtype: DType,
  [grad, w, gx]: readonly [grad: number, w: number, gx: number],
): void {
  const { N, C, H, W, O, Oh, Ow } = g;
  const parts = partsFor(flops(g), N);
  const calls = Array.from({ length: parts }, (_, i) => {
    const [begin, end] = partOf(N, i, parts);
    const from = grad + begin * O * Oh * Ow * dtype.itemsize;
    const to = gx + begin * C * H * W * dtype.itemsize;
    return [from, w, to, ...numbersOf(g, end - begin, O)];
  });
  runParts('conv2d_backward_input', g, dtype, [Math.ceil(N / parts), O], calls);
}

/** Fewer positions than this are no slice of a batch: what is added at its end would show. */
const SLICE_POSITIONS = 2048;

/** The gradient of the weight. */
export function weightGradientKernel(
  g: Geometry,
  dtype: DType,
  [x, grad, gw]: readonly [x: number, grad: number, gw: number],
): void {
  const { N, C, H, W, O, Kh, Kw, groups, Oh, Ow } = g;
  const each = space(floatKernel('conv2d_backward_weight_workspace_f32', dtype)(...numbersOf(g)));
  const name = floatKernelName('conv2d_backward_weight_f32', dtype);
  const shape = { N, O, size: (O * C * Kh * Kw) / groups, positions: Oh * Ow };
  weightParts(dtype, shape, SLICE_POSITIONS, flops(g), each, gw, ({ n, nEnd, o, oEnd, out }, ws) => {
    const from = x + n * C * H * W * dtype.itemsize;
    const by = grad + n * O * Oh * Ow * dtype.itemsize;
    return [name, from, by, out, ...numbersOf(g, nEnd - n, O), o, oEnd, ws];
  });
}
