import { RuntimeError } from '../errors.js';
import { int64 } from '../dtype.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { splitCalls } from '../wasm/parallel.js';
import type { Triple } from './conv3d.js';
import { define } from './define.js';
import type { Context, Op } from './define.js';
import { dense } from './dense.js';
import { checkFloat, floatKernelName } from './float_kernel.js';
import { fillKernel } from './make.js';
import { integerAverage, max_pool_backward, strideOf } from './pool.js';
import type { AvgPool, MaxPool, Stride } from './pool.js';
import { slidingOver, volumesOf, withWindows } from './pool3d_window.js';
import type { PoolWindow3d, Windows3d } from './pool3d_window.js';
import { reshape } from './view.js';

/** The largest element of each window, and its flat position in the volume. */
export function maxOfWindows(x: Tensor, windows: Windows3d): [out: Tensor, indices: Tensor] {
  const pair = maximaFor(x, windows);
  if (pair[0].numel() > 0) writeMaxima(dense(x), pair, windows, 0, volumesOf(x).volumes);
  return pair;
}

/** `maxOfWindows` where each volume has windows of its own, as many in one as in the other. */
export function maxOfOwnWindows(x: Tensor, windows: readonly Windows3d[]): [out: Tensor, indices: Tensor] {
  const pair = maximaFor(x, windows[0]);
  if (x.numel() === 0) return pair;
  const source = dense(x);
  windows.forEach((own, volume) => {
    writeMaxima(source, pair, own, volume, volume + 1);
  });
  return pair;
}

function maximaFor(x: Tensor, windows: Windows3d): [out: Tensor, indices: Tensor] {
  const shape = [...x.shape.slice(0, -3), ...windows.map((w) => w.bounds.length)];
  return [allocate(shape, x.dtype), allocate(shape, int64)];
}

/** Writes the maxima of the volumes [first, last) of a contiguous tensor. */
function writeMaxima(
  source: Tensor,
  [out, indices]: readonly [Tensor, Tensor],
  windows: Windows3d,
  first: number,
  last: number,
): void {
  const { D, H, W } = volumesOf(source);
  const kernel = floatKernelName('maxpool3d_forward_f32', source.dtype);
  const size = source.dtype.itemsize;
  withWindows(windows, (counts, bounds) => {
    const each = counts[0] * counts[1] * counts[2];
    splitCalls(last - first, workOf(last - first, windows, size), (begin, end) => [
      kernel,
      address(source) + (first + begin) * D * H * W * size,
      address(out) + (first + begin) * each * size,
      address(indices) + (first + begin) * each * int64.itemsize,
      end - begin,
      D,
      H,
      W,
      ...counts,
      bounds,
      ...windows.map((w) => w.step),
    ]);
  });
}

/** Bytes that the windows read. */
function workOf(volumes: number, windows: Windows3d, itemsize: number): number {
  const taps = windows.map((w) => w.bounds.reduce((sum, [begin, end]) => sum + (end - begin) / w.step, 0));
  return volumes * taps[0] * taps[1] * taps[2] * itemsize;
}

/** Remembers what `maxBackward` needs. */
export function keepMaxima(ctx: Context, indices: Tensor, x: Tensor): void {
  ctx.save(indices);
  ctx.state = x.shape;
}

/** The gradient goes to the places of the maxima: volumes are planes of D·H rows for this. */
export function maxBackward(ctx: Context, g: Tensor): (Tensor | null)[] {
  const size = ctx.state as Shape;
  const [D, H, W] = size.slice(-3);
  const [indices] = ctx.saved();
  const rows = (t: Tensor): Tensor =>
    reshape(t, [...t.shape.slice(0, -3), 1, t.shape.slice(-3).reduce((a, b) => a * b, 1)]);
  return [reshape(max_pool_backward(rows(g), rows(indices), [...size.slice(0, -3), D * H, W]), size)];
}

type MaxWindowArgs = [
  kernel: Triple,
  stride: Stride<Triple>,
  padding: Triple,
  dilation: Triple,
  ceilMode: boolean,
];

const MAX_ARGS =
  'int[3] kernel_size, int[3]|int[]? stride=None, int[3] padding=0, int[3] dilation=1, bool ceil_mode=False';

/** `max_pool3d` that gives [values, indices]: int64 positions in the flattened input volume. */
export const max_pool3d_with_indices: MaxPool<Tensor[], { return_indices?: boolean }> = define({
  schema: `max_pool3d_with_indices(Tensor input, ${MAX_ARGS}, bool return_indices=False)`,
  forward: (ctx, x: Tensor, ...[kernel, stride, padding, dilation, ceilMode]: MaxWindowArgs) => {
    const window = {
      kernel,
      stride: strideOf(stride, kernel),
      padding,
      dilation,
      ceilMode,
      includePad: false,
    };
    const windows = slidingOver('max_pool3d', x, window, false);
    checkFloat('max_pool3d_with_indices_cpu', x.dtype);
    const [out, indices] = maxOfWindows(x, windows);
    keepMaxima(ctx, indices, x);
    return [out, indices];
  },
  backward: (ctx, g) => maxBackward(ctx, g),
  samples: (make) => [
    [make(1, 2, 4, 4, 5), 2],
    [make(2, 3, 5, 4), [2, 3, 2], [1, 2, 1], [1, 1, 0], [1, 1, 2], true],
  ],
});

/**
 * `max_pool2d` of three dimensions: [N, C, D, H, W] or [C, D, H, W]. With `return_indices` [values, indices].
 *
 * @example
 * const x = torch.arange(8).to(torch.float32).reshape(1, 2, 2, 2);
 * console.log(F.max_pool3d(x, 2).flatten().tolist()); // [ 7 ]
 */
export const max_pool3d: MaxPool<Tensor, { return_indices?: false }> &
  MaxPool<Tensor[], { return_indices: true }, [return_indices: true]> = define({
  schema: `max_pool3d(Tensor input, ${MAX_ARGS}, bool return_indices=False)`,
  forward: (_ctx, x: Tensor, ...rest: [...MaxWindowArgs, boolean]) => {
    const [kernel, stride, padding, dilation, ceilMode, returnIndices] = rest;
    const pair = max_pool3d_with_indices(x, kernel, stride, padding, dilation, ceilMode);
    return returnIndices ? pair : pair[0];
  },
  backward: 'composite',
  samples: (make) => [[make(1, 1, 3, 4, 4), 2, 1]],
});

type AvgWindowArgs = [
  kernel: Triple,
  stride: Stride<Triple>,
  padding: Triple,
  ceilMode: boolean,
  countIncludePad: boolean,
  divisor: number | null,
];

const AVG_ARGS =
  'int[3] kernel_size, int[3]|int[]? stride=None, int[3] padding=0, bool ceil_mode=False, bool count_include_pad=True, ' +
  'int? divisor_override=None';

function avgWindow([kernel, stride, padding, ceilMode, includePad]: AvgWindowArgs): PoolWindow3d {
  return { kernel, stride: strideOf(stride, kernel), padding, dilation: [1, 1, 1], ceilMode, includePad };
}

/** Runs an averaging kernel: over `input` the windows are laid, `read` it reads and `written` it writes. */
function average(
  pass: 'avgpool3d_forward_f32' | 'avgpool3d_backward_f32',
  input: Tensor,
  windows: Windows3d,
  divisor: number | null,
  [read, written]: readonly [Tensor, Tensor],
): void {
  const { volumes, D, H, W } = volumesOf(input);
  const source = dense(read);
  const kernel = floatKernelName(pass, input.dtype);
  const size = input.dtype.itemsize;
  withWindows(windows, (counts, bounds, divisors) => {
    splitCalls(volumes, workOf(volumes, windows, size), (begin, end) => [
      kernel,
      address(source) + ((begin * read.numel()) / volumes) * size,
      address(written) + ((begin * written.numel()) / volumes) * size,
      end - begin,
      D,
      H,
      W,
      ...counts,
      bounds,
      divisors,
      divisor ?? 0,
    ]);
  });
}

/** The mean of each window of [N, C, D, H, W]: divisors are the windows' or `divisor`. */
export function averageOfWindows(x: Tensor, windows: Windows3d, divisor: number | null): Tensor {
  const shape = [...x.shape.slice(0, -3), ...windows.map((w) => w.bounds.length)];
  const out = allocate(shape, x.dtype);
  if (out.numel() > 0) average('avgpool3d_forward_f32', x, windows, divisor, [x, out]);
  return out;
}

/** The adjoint of `averageOfWindows`, to a tensor of shape `size`. */
export function spreadOverWindows(
  grad: Tensor,
  size: Shape,
  windowsOf: (x: Tensor) => Windows3d,
  divisor: number | null,
): Tensor {
  const out = allocate(size, grad.dtype);
  if (grad.numel() === 0 || out.numel() === 0) fillKernel(out, 0);
  else average('avgpool3d_backward_f32', out, windowsOf(out), divisor, [grad, out]);
  return out;
}

/** `avg_pool2d` of three dimensions: [N, C, D, H, W] or [C, D, H, W]. */
export const avg_pool3d: AvgPool<{ divisor_override?: number | null }, [divisor_override: number | null]> =
  define({
    schema: `avg_pool3d(Tensor input, ${AVG_ARGS})`,
    forward: (_ctx, x: Tensor, ...args: AvgWindowArgs) => {
      const windows = slidingOver('avg_pool3d', x, avgWindow(args), true);
      const divisor = args[5];
      if (divisor === 0) throw new RuntimeError('divisor must be not zero (avg_pool3d)');
      if (x.dtype === int64) return integerAverage(x, (wide) => averageOfWindows(wide, windows, divisor));
      checkFloat('avg_pool3d_out_frame', x.dtype);
      return averagePool(x, ...args);
    },
    backward: 'composite',
    samples: (make) => [
      [make(1, 2, 4, 4, 5), 2],
      [make(2, 3, 5, 4), [2, 3, 2], [1, 2, 1], [1, 1, 0], true],
      [make(2, 4, 3, 4), 3, 2, 1, true, false],
      [make(1, 1, 3, 3, 3), 2, 1, 0, false, true, 5],
    ],
  });

const averagePool: Op<(input: Tensor, ...window: AvgWindowArgs) => Tensor> = define({
  schema: `_avg_pool3d(Tensor input, ${AVG_ARGS})`,
  forward: (ctx, x: Tensor, ...args: AvgWindowArgs) => {
    ctx.state = x.shape;
    return averageOfWindows(x, slidingOver('avg_pool3d', x, avgWindow(args), true), args[5]);
  },
  backward: (ctx, g) => {
    const [, ...window] = ctx.args as [null, ...AvgWindowArgs];
    return [averagePoolBackward(g, ctx.state as Shape, ...window)];
  },
});

const averagePoolBackward: Op<(grad: Tensor, size: Shape, ...window: AvgWindowArgs) => Tensor> = define({
  schema: `avg_pool3d_backward(Tensor grad, int[] size, ${AVG_ARGS})`,
  forward: (_ctx, grad: Tensor, size: Shape, ...args: AvgWindowArgs) =>
    spreadOverWindows(grad, size, (x) => slidingOver('avg_pool3d', x, avgWindow(args), true), args[5]),
  backward: (ctx, v) => {
    const [, , ...window] = ctx.args as [null, Shape, ...AvgWindowArgs];
    return [averagePool(v, ...window)];
  },
});
