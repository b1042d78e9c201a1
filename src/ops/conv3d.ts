import { is_grad_enabled } from '../autograd/mode.js';
import { sameShape } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { allocate, makeView } from '../tensor_handle.js';
import {
  conv2d,
  conv2d_backward_input,
  conv2d_backward_weight,
  convolution,
  resolvePadding,
} from './conv.js';
import type { Conv } from './conv.js';
import { checkConv, convolveIntegers, outSize } from './conv_geometry.js';
import type { Pair } from './conv_geometry.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { copyKernel } from './dense.js';
import { fillKernel } from './make.js';
import { add } from './pointwise_binary.js';
import { sum } from './reduce.js';
import { narrow, permute, reshape, squeeze, unsqueeze } from './view.js';

// A three-dimensional convolution is a two-dimensional one of N·Od planes, whose channels are the Kd slices of depth under the
// window: one product over all of C·Kd·Kh·Kw, at the price of Kd copies of the input.

export type Triple = readonly [number, number, number];

type WindowArgs = [stride: Triple, padding: Triple, dilation: Triple, groups: number];

/** Where windows are along the depth: window i begins at i·stride − padding. */
type DepthArgs = [kernel: number, stride: number, padding: number, dilation: number, windows: number];

/**
 * For each tap of the windows the slices of a volume [N, C, D, H, W] that it reads, and their places among the planes
 * [N·windows, C·kernel, H, W], as views [N, windows inside the volume, C, H, W].
 */
function taps(volume: Tensor, planes: Tensor, args: DepthArgs): [slices: Tensor, places: Tensor][] {
  const [kernel, stride, padding, dilation, windows] = args;
  const [N, C, D, H, W] = volume.shape;
  const [sn, sc, sd, sh, sw] = volume._strides;
  const [image, channel, th, tw] = planes._strides;
  const found: [Tensor, Tensor][] = [];
  for (let k = 0; k < kernel; k++) {
    const start = k * dilation - padding;
    const first = Math.max(Math.ceil(-start / stride), 0);
    const end = Math.min(Math.floor((D - 1 - start) / stride) + 1, windows);
    if (end <= first) continue;
    const shape = [N, end - first, C, H, W];
    const from = volume._offset + (first * stride + start) * sd;
    const to = planes._offset + first * image + k * channel;
    found.push([
      makeView(volume, shape, [sn, stride * sd, sc, sh, sw], from),
      makeView(planes, shape, [windows * image, image, kernel * channel, th, tw], to),
    ]);
  }
  return found;
}

const DEPTH = 'int kernel, int stride, int padding, int dilation, int windows';

/** [N, C, D, H, W] as planes [N·windows, C·kernel, H, W]; zeros where a window reaches beyond the volume. */
const depthWindows: Op<(input: Tensor, ...depth: DepthArgs) => Tensor> = define({
  schema: `depth_windows(Tensor input, ${DEPTH})`,
  forward: (ctx, x: Tensor, ...depth: DepthArgs) => {
    ctx.state = x.shape;
    const [N, C, D, H, W] = x.shape;
    const [kernel, stride, padding, dilation, windows] = depth;
    const out = allocate([N * windows, C * kernel, H, W], x.dtype);
    if (padding > 0 || (windows - 1) * stride + (kernel - 1) * dilation >= D) fillKernel(out, 0);
    for (const [slices, places] of taps(x, out, depth)) copyKernel(slices, places);
    return out;
  },
  backward: (ctx, g) => {
    const [, ...depth] = ctx.args as [null, ...DepthArgs];
    return [depthSum(g, ctx.state as Shape, ...depth)];
  },
});

/** The adjoint of `depthWindows`: adds planes to the slices of a volume of shape `size` that they came from. */
const depthSum: Op<(planes: Tensor, size: Shape, ...depth: DepthArgs) => Tensor> = define({
  schema: `depth_sum(Tensor planes, int[] size, ${DEPTH})`,
  forward: (_ctx, planes: Tensor, size: Shape, ...depth: DepthArgs) => {
    const out = allocate(size, planes.dtype);
    fillKernel(out, 0);
    for (const [slices, places] of taps(out, planes, depth)) add.inplace(slices, places);
    return out;
  },
  backward: (ctx, v) => {
    const [, , ...depth] = ctx.args as [null, Shape, ...DepthArgs];
    return [depthWindows(v, ...depth)];
  },
});

/** The depth's part of a window, and the part of the other two dimensions. */
function split(
  kernel: number,
  windows: number,
  [stride, padding, dilation, groups]: WindowArgs,
): { depth: DepthArgs; plane: [stride: Pair, padding: Pair, dilation: Pair, groups: number] } {
  const rest = ([, h, w]: Triple): Pair => [h, w];
  return {
    depth: [kernel, stride[0], padding[0], dilation[0], windows],
    plane: [rest(stride), rest(padding), rest(dilation), groups],
  };
}

/** Weight [O, C, Kd, Kh, Kw] as [O, C·Kd, Kh, Kw]. */
function flatWeight(weight: Tensor): Tensor {
  const [O, C, Kd, Kh, Kw] = weight.shape;
  return reshape(weight, [O, C * Kd, Kh, Kw]);
}

/** [N, C, D, H, W] as planes [N·D, C, H, W]. */
function toPlanes(x: Tensor): Tensor {
  const [N, C, D, H, W] = x.shape;
  return reshape(permute(x, [0, 2, 1, 3, 4]), [N * D, C, H, W]);
}

function fromPlanes(planes: Tensor, N: number, D: number): Tensor {
  const [, C, H, W] = planes.shape;
  return permute(reshape(planes, [N, D, C, H, W]), [0, 2, 1, 3, 4]).contiguous();
}

type Convolution = (
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  ...window: [stride: Pair, padding: Pair, dilation: Pair, groups: number]
) => Tensor;

function convolveVolumes(
  onPlanes: Convolution,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  window: WindowArgs,
): Tensor {
  const [stride, padding, dilation] = window;
  const windows = outSize(input.shape[2], weight.shape[2], stride[0], padding[0], dilation[0]);
  const { depth, plane } = split(weight.shape[2], windows, window);
  const planes = onPlanes(depthWindows(input, ...depth), flatWeight(weight), bias, ...plane);
  return fromPlanes(planes, input.shape[0], windows);
}

interface Shapes {
  readonly input: Shape;
  readonly weight: Shape;
}

const WINDOW = 'int[3] stride, int[3] padding, int[3] dilation, int groups';

/** The convolution itself; for backward it keeps the input, not the planes made of it. */
const convolution3d: Op<
  (input: Tensor, weight: Tensor, bias: Tensor | null, ...window: WindowArgs) => Tensor
> = define({
  schema: `convolution3d(Tensor input, Tensor weight, Tensor? bias, ${WINDOW})`,
  forward: (ctx, input: Tensor, weight: Tensor, bias: Tensor | null, ...window: WindowArgs) => {
    ctx.save(ctx.needs[1] ? input : null, ctx.needs[0] ? weight : null);
    ctx.state = { input: input.shape, weight: weight.shape } satisfies Shapes;
    return convolveVolumes(convolution, input, weight, bias, window);
  },
  backward: (ctx, grad) => {
    const [input, weight] = ctx.saved();
    const shapes = ctx.state as Shapes;
    const window = ctx.args.slice(-4) as WindowArgs;
    return [
      weight === null ? null : conv3d_backward_input(grad, weight, shapes.input, ...window),
      input === null ? null : conv3d_backward_weight(input, grad, shapes.weight, ...window),
      ctx.needs[2] ? sum(grad, [0, 2, 3, 4]) : null,
    ];
  },
});

/** The gradient of a convolution with respect to its input of shape `size`; also the transposed convolution. */
export const conv3d_backward_input: Op<
  (grad: Tensor, weight: Tensor, size: Shape, ...window: WindowArgs) => Tensor
> = define({
  schema: `conv3d_backward_input(Tensor grad, Tensor weight, int[] size, ${WINDOW})`,
  forward: (_ctx, grad: Tensor, weight: Tensor, size: Shape, ...window: WindowArgs) => {
    const [N, C, , H, W] = size;
    const windows = grad.shape[2];
    const { depth, plane } = split(weight.shape[2], windows, window);
    const planeSize = [N * windows, C * weight.shape[2], H, W];
    const planes = conv2d_backward_input(toPlanes(grad), flatWeight(weight), planeSize, ...plane);
    return depthSum(planes, size, ...depth);
  },
  backward: 'composite',
});

const conv3d_backward_weight: Op<
  (input: Tensor, grad: Tensor, size: Shape, ...window: WindowArgs) => Tensor
> = define({
  schema: `conv3d_backward_weight(Tensor input, Tensor grad, int[] size, ${WINDOW})`,
  forward: (_ctx, input: Tensor, grad: Tensor, size: Shape, ...window: WindowArgs) => {
    const [O, C, Kd, Kh, Kw] = size;
    const { depth, plane } = split(Kd, grad.shape[2], window);
    const planes = depthWindows(input, ...depth);
    return reshape(conv2d_backward_weight(planes, toPlanes(grad), [O, C * Kd, Kh, Kw], ...plane), size);
  },
  backward: 'composite',
});

/**
 * `conv2d` of three dimensions: [N, C, D, H, W] (or [C, D, H, W]) with weight [O, C / groups, Kd, Kh, Kw].
 *
 * @example
 * console.log(torch.conv3d(torch.ones(1, 2, 4, 4, 4), torch.ones(3, 2, 2, 2, 2)).shape); // [ 1, 3, 3, 3, 3 ]
 */
export const conv3d: Conv<number | readonly number[]> = define({
  schema:
    'conv3d(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, int[3]|str padding=0, int[3] dilation=1, int groups=1)',
  forward: (
    _ctx,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | null,
    stride: number[],
    padding: number[] | string,
    dilation: number[],
    groups: number,
  ) => {
    const { before, behind } = resolvePadding(padding, weight.shape.slice(2), stride, dilation);
    const call = { op: 'conv3d', spatial: 3, transposed: false, input, weight, bias } as const;
    checkConv({ ...call, stride, dilation, groups }, behind);
    if (!input.dtype.is_floating_point) {
      return convolveIntegers({ input, weight, bias }, (wide) =>
        conv3d(wide.input, wide.weight, wide.bias, stride, padding as number[], dilation, groups),
      );
    }
    const batched = input.ndim === 4 ? unsqueeze(input, 0) : input;
    const window: WindowArgs = [
      stride as unknown as Triple,
      behind as unknown as Triple,
      dilation as unknown as Triple,
      groups,
    ];
    const recorded =
      is_grad_enabled() && (input.requires_grad || weight.requires_grad || bias?.requires_grad === true);
    let out = recorded
      ? convolution3d(batched, weight, bias, ...window)
      : convolveVolumes(conv2d, batched, weight, bias, window);
    // As in conv2d: with one element more behind than before, there is one output too many in front.
    if (!sameShape(before, behind)) {
      before.forEach((size, d) => {
        const extra = behind[d] - size;
        if (extra > 0) out = narrow(out, d + 2, extra, out.shape[d + 2] - extra);
      });
      out = out.contiguous();
    }
    return batched === input ? out : squeeze(out, 0);
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 2, 3, 4, 3), make(3, 2, 2, 3, 2), make(3)],
    [make(1, 2, 4, 3, 3), make(2, 1, 3, 2, 2), null, [2, 1, 2], [1, 0, 1], [1, 2, 1], 2],
    [make(2, 3, 3, 3), make(2, 2, 2, 3, 1), make(2), { padding: 'same' }],
  ],
});
