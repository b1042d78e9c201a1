import { is_grad_enabled } from '../autograd/mode.js';
import { float64, int64 } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { numel, showShape } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { splitCalls } from '../wasm/parallel.js';
import { address, allocate } from '../tensor_handle.js';
import type { Pair } from './conv_geometry.js';
import { zeros } from './creation.js';
import { define } from './define.js';
import type { Args, Context, Op } from './define.js';
import { cast, dense } from './dense.js';
import { checkFloat, floatKernel, floatKernelName } from './float_kernel.js';
import { gather } from './gather.js';
import { fillKernel } from './make.js';
import { checkPool, onLines, planesOf } from './pool_geometry.js';
import type { PoolWindow } from './pool_geometry.js';
import { reshape } from './view.js';

type Size = number | readonly number[];

/** Not given, or given as an empty list as some callers of torch do: the kernel's size. */
export type Stride<P> = P | readonly [] | null;

export function strideOf<P extends readonly number[]>(stride: Stride<P>, kernel: P): P {
  if (stride === null || stride.length === 0) return kernel;
  if (stride.length !== kernel.length) {
    throw new RuntimeError(
      `stride must either be omitted, a single int, or a list of ${kernel.length} ints, got ${showShape(stride)}`,
    );
  }
  return stride as P;
}

const numbers = ({ kernel, stride, padding, dilation }: PoolWindow) =>
  [...kernel, ...stride, ...padding, ...dilation] as const;

/** Runs the kernel for max pooling; without indices where nobody asks for them. */
function maxPool(
  op: string,
  x: Tensor,
  window: PoolWindow,
  withIndices: boolean,
): { out: Tensor; indices: Tensor | null } {
  const [Oh, Ow] = checkPool(op, x, window);
  checkFloat('max_pool2d', x.dtype);
  const { planes, H, W } = planesOf(x);
  const shape = [...x.shape.slice(0, -2), Oh, Ow];
  const out = allocate(shape, x.dtype);
  const indices = withIndices ? allocate(shape, int64) : null;
  if (planes > 0) {
    const source = dense(x);
    const geometry = numbers(window);
    const kernel = floatKernelName('maxpool2d_forward_f32', x.dtype);
    const size = x.dtype.itemsize;
    const work = planes * (H * W + geometry[0] * geometry[1] * Oh * Ow) * size;
    splitCalls(planes, work, (begin, end) => [
      kernel,
      address(source) + begin * H * W * size,
      address(out) + begin * Oh * Ow * size,
      indices === null ? 0 : address(indices) + begin * Oh * Ow * int64.itemsize,
      end - begin,
      H,
      W,
      Oh,
      Ow,
      ...geometry,
    ]);
  }
  return { out, indices };
}

type MaxWindowArgs = [kernel: Pair, stride: Stride<Pair>, padding: Pair, dilation: Pair, ceilMode: boolean];

function maxWindow([kernel, stride, padding, dilation, ceilMode]: MaxWindowArgs): PoolWindow {
  return { kernel, stride: strideOf(stride, kernel), padding, dilation, ceilMode };
}

const MAX_ARGS =
  'int[2] kernel_size, int[2]|int[]? stride=None, int[2] padding=0, int[2] dilation=1, bool ceil_mode=False';

export interface MaxPoolOptions {
  kernel_size?: Size;
  stride?: Size | null;
  padding?: Size;
  dilation?: Size;
  ceil_mode?: boolean;
}

export type MaxPool<R, Extra = object, O extends unknown[] = []> = Op<
  (
    ...args: Args<
      [input: Tensor, kernel_size: Size],
      [stride: Size | null, padding: Size, dilation: Size, ceil_mode: boolean, ...more: O],
      MaxPoolOptions & Extra
    >
  ) => R
>;

/** Remembers what `max_pool_backward` needs. */
function keepIndices(ctx: Context, indices: Tensor, x: Tensor): void {
  ctx.save(indices);
  ctx.state = x.shape;
}

function backwardByIndices(ctx: Context, g: Tensor): Tensor[] {
  return [max_pool_backward(g, ctx.saved()[0], ctx.state as Shape)];
}

/** `max_pool2d` that gives [values, indices]: int64 positions in the flattened input plane. */
export const max_pool2d_with_indices: MaxPool<Tensor[]> = define({
  schema: `max_pool2d_with_indices(Tensor input, ${MAX_ARGS})`,
  forward: (ctx, x: Tensor, ...args: MaxWindowArgs) => {
    const { out, indices } = maxPool('max_pool2d', x, maxWindow(args), true);
    keepIndices(ctx, indices!, x);
    return [out, indices!];
  },
  backward: (ctx, g) => backwardByIndices(ctx, g),
  samples: (make) => [
    [make(2, 2, 5, 6), 2],
    [make(2, 5, 5), 3, 2, 1],
    [make(1, 1, 6, 7), [3, 2], [2, 1], [1, 0], [1, 2], true],
  ],
});

const maxValues: MaxPool<Tensor> = define({
  schema: `max_pool2d_values(Tensor input, ${MAX_ARGS})`,
  forward: (_ctx, x: Tensor, ...args: MaxWindowArgs) => maxPool('max_pool2d', x, maxWindow(args), false).out,
  backward: 'none',
});

/** Adds each gradient to the place in the planes of a tensor of shape `size` that its index names. */
export const max_pool_backward: Op<(grad: Tensor, indices: Tensor, size: Shape) => Tensor> = define({
  schema: 'max_pool_backward(Tensor grad, Tensor indices, int[] size)',
  forward: (ctx, grad: Tensor, indices: Tensor, size: Shape) => {
    ctx.save(indices);
    const out = allocate(size, grad.dtype);
    const { planes, H, W } = planesOf(out);
    if (planes === 0 || grad.numel() === 0) {
      fillKernel(out, 0);
      return out;
    }
    const [g, at] = [dense(grad), dense(indices)];
    const kernel = floatKernelName('maxpool_backward_f32', out.dtype);
    const bytes = out.dtype.itemsize;
    const each = g.numel() / planes;
    splitCalls(planes, planes * (H * W + 3 * each) * bytes, (begin, end) => [
      kernel,
      address(g) + begin * each * bytes,
      address(at) + begin * each * int64.itemsize,
      address(out) + begin * H * W * bytes,
      end - begin,
      H * W,
      each,
    ]);
    return out;
  },
  backward: (ctx, v) => {
    const [indices] = ctx.saved();
    const planes = numel(v.shape.slice(0, -2));
    if (v.numel() === 0 || indices.numel() === 0)
      return [zeros([...indices.shape], { dtype: v.dtype }), null];
    const rows = gather(reshape(v, [planes, -1]), 1, reshape(indices, [planes, -1]));
    return [reshape(rows, indices.shape), null];
  },
  samples: (make) => [[make(2, 1, 2), make.int(0, 6, 2, 1, 2), [2, 2, 3]]],
});

/**
 * The largest element of each window of [N, C, H, W] (or [C, H, W]); padding counts as −∞, NaN wins. `stride` is
 * `kernel_size` unless given. With `return_indices` [values, indices].
 *
 * @example
 * console.log(F.max_pool2d(torch.arange(16, { dtype: torch.float32 }).reshape(1, 4, 4), 2).tolist()); // [ [ [ 5, 7 ], [ 13, 15 ] ] ]
 */
export const max_pool2d: MaxPool<Tensor, { return_indices?: false }> &
  MaxPool<Tensor[], { return_indices: true }, [return_indices: true]> = define({
  schema: `max_pool2d(Tensor input, ${MAX_ARGS}, bool return_indices=False)`,
  forward: (_ctx, x: Tensor, ...rest: [...MaxWindowArgs, boolean]) => {
    const returnIndices = rest.pop() as boolean;
    const args = rest as unknown as MaxWindowArgs;
    if (returnIndices) return max_pool2d_with_indices(x, ...args);
    return is_grad_enabled() && x.requires_grad
      ? max_pool2d_with_indices(x, ...args)[0]
      : maxValues(x, ...args);
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 2, 5, 6), 2],
    [make(2, 5, 5), 3, { stride: 2, padding: 1, ceil_mode: true }],
  ],
});

type MaxWindow1d = [
  kernel: [number],
  stride: Stride<[number]>,
  padding: [number],
  dilation: [number],
  ceilMode: boolean,
];
const MAX_ARGS_1D =
  'int[1] kernel_size, int[1]|int[]? stride=None, int[1] padding=0, int[1] dilation=1, bool ceil_mode=False';

/** The arguments of a pooling of lines for planes of height 1. */
function liftMax([kernel, stride, padding, dilation, ceil]: MaxWindow1d): MaxWindowArgs {
  return [[1, ...kernel], [1, ...strideOf(stride, kernel)], [0, ...padding], [1, ...dilation], ceil];
}

/** `max_pool1d` that gives [values, indices]: int64 positions in the line. */
export const max_pool1d_with_indices: MaxPool<Tensor[]> = define({
  schema: `max_pool1d_with_indices(Tensor input, ${MAX_ARGS_1D})`,
  forward: (_ctx, x: Tensor, ...args: MaxWindow1d) =>
    onLines('max_pool1d', x, (planes) => max_pool2d_with_indices(planes, ...liftMax(args))),
  backward: 'composite',
  samples: (make) => [[make(2, 7), 3, 2, 1]],
});

/** `max_pool2d` of one dimension: [N, C, L] or [C, L]. */
export const max_pool1d: MaxPool<Tensor, { return_indices?: false }> &
  MaxPool<Tensor[], { return_indices: true }, [return_indices: true]> = define({
  schema: `max_pool1d(Tensor input, ${MAX_ARGS_1D}, bool return_indices=False)`,
  forward: (_ctx, x: Tensor, ...rest: [...MaxWindow1d, boolean]) => {
    const returnIndices = rest.pop() as boolean;
    const args = rest as unknown as MaxWindow1d;
    return returnIndices
      ? max_pool1d_with_indices(x, ...args)
      : onLines('max_pool1d', x, (planes) => max_pool2d(planes, ...liftMax(args)));
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 2, 6), 2],
    [make(2, 7), 3, { stride: 2, padding: 1 }],
  ],
});

type AvgWindowArgs = [
  kernel: Pair,
  stride: Stride<Pair>,
  padding: Pair,
  ceilMode: boolean,
  countIncludePad: boolean,
  divisor: number | null,
];

interface AvgPoolOptions {
  kernel_size?: Size;
  stride?: Size | null;
  padding?: Size;
  ceil_mode?: boolean;
  count_include_pad?: boolean;
}

export type AvgPool<Extra, O extends unknown[]> = Op<
  (
    ...args: Args<
      [input: Tensor, kernel_size: Size],
      [stride: Size | null, padding: Size, ceil_mode: boolean, count_include_pad: boolean, ...more: O],
      AvgPoolOptions & Extra
    >
  ) => Tensor
>;

const AVG_ARGS =
  'int[2] kernel_size, int[2]|int[]? stride=None, int[2] padding=0, bool ceil_mode=False, bool count_include_pad=True, ' +
  'int? divisor_override=None';

function avgWindow([kernel, stride, padding, ceilMode]: AvgWindowArgs): PoolWindow {
  return { kernel, stride: strideOf(stride, kernel), padding, dilation: [1, 1], ceilMode };
}

/** Means of int64, cut towards zero: exact for sums below 2⁵³. */
export function integerAverage(x: Tensor, average: (x: Tensor) => Tensor): Tensor {
  return cast(average(cast(x, float64)), int64);
}

/**
 * The mean of each window of [N, C, H, W] (or [C, H, W]). The divisor is the window's size clipped to the padded input, or to
 * the input without `count_include_pad`, or `divisor_override`.
 */
export const avg_pool2d: AvgPool<{ divisor_override?: number | null }, [divisor_override: number | null]> =
  define({
    schema: `avg_pool2d(Tensor input, ${AVG_ARGS})`,
    forward: (ctx, x: Tensor, ...args: AvgWindowArgs) => {
      const window = avgWindow(args);
      const [Oh, Ow] = checkPool('avg_pool2d', x, window);
      const [, , , , include, divisor] = args;
      if (divisor === 0) throw new RuntimeError('divisor must be not zero (avg_pool2d)');
      if (x.dtype === int64) return integerAverage(x, (wide) => avg_pool2d(wide, ...args));
      checkFloat('avg_pool2d', x.dtype);
      const { planes, H, W } = planesOf(x);
      ctx.state = x.shape;
      const out = allocate([...x.shape.slice(0, -2), Oh, Ow], x.dtype);
      if (planes === 0) return out;
      const source = dense(x);
      const [kh, kw, sh, sw, ph, pw] = numbers(window);
      floatKernel('avgpool2d_forward_f32', x.dtype)(
        address(source),
        address(out),
        planes,
        H,
        W,
        Oh,
        Ow,
        kh,
        kw,
        sh,
        sw,
        ph,
        pw,
        include ? 1 : 0,
        divisor ?? 0,
      );
      return out;
    },
    backward: (ctx, g) => {
      const [, kernel, stride, ...rest] = ctx.args as [null, ...AvgWindowArgs];
      return [avg_pool2d_backward(g, ctx.state as Shape, kernel, stride, ...rest)];
    },
    samples: (make) => [
      [make(2, 2, 5, 6), 2],
      [make(2, 5, 5), 3, 2, 1],
      [make(1, 1, 6, 7), [3, 2], [2, 1], [1, 0], true, false],
      [make(1, 1, 4, 4), 3, 1, 1, false, true, 5],
    ],
  });

const avg_pool2d_backward: Op<(grad: Tensor, size: Shape, ...window: AvgWindowArgs) => Tensor> = define({
  schema: `avg_pool2d_backward(Tensor grad, int[] size, ${AVG_ARGS})`,
  forward: (_ctx, grad: Tensor, size: Shape, ...args: AvgWindowArgs) => {
    const out = allocate(size, grad.dtype);
    const { planes, H, W } = planesOf(out);
    if (planes === 0) return out;
    const g = dense(grad);
    const [kh, kw, sh, sw, ph, pw] = numbers(avgWindow(args));
    const [Oh, Ow] = grad.shape.slice(-2);
    floatKernel('avgpool2d_backward_f32', out.dtype)(
      address(g),
      address(out),
      planes,
      H,
      W,
      Oh,
      Ow,
      kh,
      kw,
      sh,
      sw,
      ph,
      pw,
      args[4] ? 1 : 0,
      args[5] ?? 0,
    );
    return out;
  },
  backward: (ctx, v) => {
    const [, , ...window] = ctx.args as [null, Shape, ...AvgWindowArgs];
    return [avg_pool2d(v, ...window)];
  },
});

type AvgWindow1d = [
  kernel: [number],
  stride: Stride<[number]>,
  padding: [number],
  ceilMode: boolean,
  countIncludePad: boolean,
];

/** `avg_pool2d` of one dimension: [N, C, L] or [C, L]. */
export const avg_pool1d: AvgPool<object, []> = define({
  schema:
    'avg_pool1d(Tensor input, int[1] kernel_size, int[1]|int[]? stride=None, int[1] padding=0, bool ceil_mode=False, ' +
    'bool count_include_pad=True)',
  forward: (_ctx, x: Tensor, ...[kernel, stride, padding, ceil, include]: AvgWindow1d) =>
    onLines('avg_pool1d', x, (planes) =>
      avg_pool2d(planes, [1, ...kernel], [1, ...strideOf(stride, kernel)], [0, ...padding], ceil, include),
    ),
  backward: 'composite',
  samples: (make) => [
    [make(2, 2, 6), 2],
    [make(2, 7), 3, { stride: 2, padding: 1, count_include_pad: false }],
  ],
});
