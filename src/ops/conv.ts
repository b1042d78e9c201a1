import { RuntimeError } from '../errors.js';
import { numel, sameShape } from '../shape.js';
import type { Shape } from '../shape.js';
import { Storage } from '../storage.js';
import type { Tensor } from '../tensor.js';
import { address, allocate, wrap } from '../tensor_handle.js';
import { allowed, asTiles, asTilesForWeight } from './conv_algorithm.js';
import { DeferredConvolution, convolutionPass, placeOf } from './conv_deferred.js';
import type { ConvolutionPass } from './conv_deferred.js';
import { checkConv, convolveIntegers, geometry, lift, outSize } from './conv_geometry.js';
import type { ConvCall, Geometry, Pair, Window } from './conv_geometry.js';
import { inputGradientKernel, weightGradientKernel } from './conv_kernel.js';
import { winogradConvolution, winogradGradient } from './conv_winograd.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { dense } from './dense.js';
import { fillKernel } from './make.js';
import { sum } from './reduce.js';
import { narrow, squeeze, unsqueeze } from './view.js';

type WindowArgs = [stride: Pair, padding: Pair, dilation: Pair, groups: number];

function windowOf(args: readonly unknown[]): Window {
  const [stride, padding, dilation, groups] = args.slice(-4) as WindowArgs;
  return { stride, padding, dilation, groups };
}

const unpack = ({ stride, padding, dilation, groups }: Window): WindowArgs => [
  stride,
  padding,
  dilation,
  groups,
];

function outShape(input: Shape, weight: Shape, { stride, padding, dilation }: Window): Shape {
  const side = (d: 0 | 1): number => outSize(input[d + 2], weight[d + 2], stride[d], padding[d], dilation[d]);
  return [input[0], weight[0], side(0), side(1)];
}

/** Runs a pass, or clears its result where there is nothing to sum over. */
function unlessEmpty(g: Geometry, out: Tensor, pass: () => void): void {
  if (out.numel() === 0) return;
  if (isEmpty(g)) fillKernel(out, 0);
  else pass();
}

function isEmpty({ N, C, H, W, O, Oh, Ow }: Geometry): boolean {
  return N * C * H * W * O * Oh * Ow === 0;
}

/** A tensor that is computed when it is read, together with what follows by then. */
function waitingFor(pass: ConvolutionPass, shape: Shape): Tensor {
  // What is read has to be there.
  if (pass.x.storage.deferred !== null) pass.x.storage.settle();
  return wrap(
    new Storage(numel(shape) * pass.dtype.itemsize, new DeferredConvolution(pass)),
    shape,
    pass.dtype,
  );
}

/** The convolution itself: [N, C, H, W] with weight [O, C / groups, Kh, Kw], arguments checked. */
export const convolution: Op<
  (input: Tensor, weight: Tensor, bias: Tensor | null, ...window: WindowArgs) => Tensor
> = define({
  schema:
    'convolution(Tensor input, Tensor weight, Tensor? bias, int[2] stride, int[2] padding, int[2] dilation, int groups)',
  internal: true,
  forward: (ctx, input: Tensor, weight: Tensor, bias: Tensor | null, ...window: WindowArgs) => {
    const w = windowOf(window);
    ctx.save(ctx.needs[1] ? input : null, ctx.needs[0] ? weight : null);
    ctx.state = { input: input.shape, weight: weight.shape } satisfies Shapes;
    const { dtype } = input;
    const shape = outShape(input.shape, weight.shape, w);
    const g = geometry(input.shape, weight.shape, shape, w);
    const pass = {
      g,
      dtype,
      x: placeOf(dense(input)),
      weight: placeOf(dense(weight)),
      bias: bias === null ? null : placeOf(dense(bias)),
      scale: null,
      residual: null,
      relu: false,
    };
    if (ctx.mayWait && allowed.fusion && !isEmpty(g)) return waitingFor(pass, shape);
    const out = allocate(shape, dtype);
    unlessEmpty(g, out, () => convolutionPass(pass, address(out)));
    return out;
  },
  backward: (ctx, grad) => {
    const [input, weight] = ctx.saved();
    const shapes = ctx.state as Shapes;
    const window = unpack(windowOf(ctx.args));
    return [
      weight === null ? null : conv2d_backward_input(grad, weight, shapes.input, ...window),
      input === null ? null : conv2d_backward_weight(input, grad, shapes.weight, ...window),
      ctx.needs[2] ? sum(grad, [0, 2, 3]) : null,
    ];
  },
});

interface Shapes {
  readonly input: Shape;
  readonly weight: Shape;
}

/** The gradient of a convolution with respect to its input of shape `size`; also the transposed convolution. */
export const conv2d_backward_input: Op<
  (grad: Tensor, weight: Tensor, size: Shape, ...window: WindowArgs) => Tensor
> = define({
  schema:
    'conv2d_backward_input(Tensor grad, Tensor weight, int[] size, int[2] stride, int[2] padding, int[2] dilation, int groups)',
  internal: true,
  forward: (ctx, grad: Tensor, weight: Tensor, size: Shape, ...window: WindowArgs) => {
    const w = windowOf(window);
    ctx.save(ctx.needs[1] ? grad : null, ctx.needs[0] ? weight : null);
    ctx.state = { input: grad.shape, weight: weight.shape } satisfies Shapes;
    const out = allocate(size, grad.dtype);
    const g = geometry(size, weight.shape, grad.shape, w);
    const [y, k] = [dense(grad), dense(weight)];
    unlessEmpty(g, out, () => {
      const tiled = asTiles('input', g, out.dtype);
      if (tiled === null) inputGradientKernel(g, out.dtype, [address(y), address(k), address(out)]);
      else winogradConvolution(tiled, placeOf(k), true, [address(y), 0, address(out)]);
    });
    return out;
  },
  backward: (ctx, v) => {
    const [grad, weight] = ctx.saved();
    const shapes = ctx.state as Shapes;
    const window = unpack(windowOf(ctx.args));
    return [
      weight === null ? null : fitted(convolution(v, weight, null, ...window), shapes.input),
      grad === null ? null : conv2d_backward_weight(v, grad, shapes.weight, ...window),
    ];
  },
  samples: (make) => [
    [make(2, 4, 2, 2), make(4, 3, 3, 3), [2, 3, 5, 5], [2, 2], [1, 1], [1, 1], 1],
    [make(1, 4, 3, 3), make(4, 1, 2, 2), [1, 2, 4, 4], [1, 1], [0, 0], [1, 1], 2],
  ],
});

/** A transposed convolution may leave out the last rows and columns that the convolution back from it would have. */
function fitted(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  return narrow(narrow(x, 2, 0, shape[2]), 3, 0, shape[3]);
}

/** The gradient of a convolution with respect to its weight of shape `size`. */
export const conv2d_backward_weight: Op<
  (input: Tensor, grad: Tensor, size: Shape, ...window: WindowArgs) => Tensor
> = define({
  schema:
    'conv2d_backward_weight(Tensor input, Tensor grad, int[] size, int[2] stride, int[2] padding, int[2] dilation, int groups)',
  internal: true,
  forward: (ctx, input: Tensor, grad: Tensor, size: Shape, ...window: WindowArgs) => {
    ctx.save(ctx.needs[1] ? input : null, ctx.needs[0] ? grad : null);
    ctx.state = { input: input.shape, weight: grad.shape } satisfies Shapes;
    const out = allocate(size, grad.dtype);
    const g = geometry(input.shape, size, grad.shape, windowOf(window));
    const [x, y] = [dense(input), dense(grad)];
    unlessEmpty(g, out, () => {
      const pointers = [address(x), address(y), address(out)] as const;
      const tiled = asTilesForWeight(g, out.dtype);
      if (tiled === null) weightGradientKernel(g, out.dtype, pointers);
      else winogradGradient(tiled, pointers);
    });
    return out;
  },
  backward: (ctx, v) => {
    const [input, grad] = ctx.saved();
    const shapes = ctx.state as Shapes;
    const window = unpack(windowOf(ctx.args));
    return [
      grad === null ? null : conv2d_backward_input(grad, v, shapes.input, ...window),
      input === null ? null : fitted(convolution(input, v, null, ...window), shapes.weight),
    ];
  },
  samples: (make) => [
    [make(2, 3, 5, 5), make(2, 4, 2, 2), [4, 3, 3, 3], [2, 2], [0, 0], [1, 1], 1],
    [make(1, 2, 4, 4), make(1, 4, 3, 3), [4, 1, 2, 2], [1, 1], [0, 0], [1, 1], 2],
  ],
});

type Padding<S> = S | 'same' | 'valid';

interface ConvOptions<S> {
  bias?: Tensor | null;
  stride?: S;
  padding?: Padding<S>;
  dilation?: S;
  groups?: number;
}

export type Conv<S> = Op<
  (
    ...args: Args<
      [input: Tensor, weight: Tensor],
      [bias: Tensor | null, stride: S, padding: Padding<S>, dilation: S, groups: number],
      ConvOptions<S>
    >
  ) => Tensor
>;

/** 'same' and 'valid' as numbers of elements before and behind each dimension. */
export function resolvePadding(
  padding: readonly number[] | string,
  kernel: Shape,
  stride: readonly number[],
  dilation: readonly number[],
): { before: readonly number[]; behind: readonly number[] } {
  if (typeof padding !== 'string') return { before: padding, behind: padding };
  if (padding === 'valid') return { before: kernel.map(() => 0), behind: kernel.map(() => 0) };
  if (padding !== 'same')
    throw new RuntimeError(`Invalid padding string: '${padding}' (it can be 'same' or 'valid')`);
  if (stride.some((s) => s !== 1))
    throw new RuntimeError("padding='same' is not supported for strided convolutions");
  const total = kernel.map((k, d) => dilation[d] * (k - 1));
  return { before: total.map((t) => Math.floor(t / 2)), behind: total.map((t) => Math.ceil(t / 2)) };
}

function convolve(call: ConvCall, padding: readonly number[] | string): Tensor {
  const { spatial, input, weight, bias, stride, dilation, groups } = call;
  const { before, behind } = resolvePadding(padding, weight.shape.slice(2), stride, dilation);
  checkConv(call, behind);
  if (!input.dtype.is_floating_point) return convolveIntegers(call, (wide) => convolve(wide, padding));
  const batched = input.ndim === spatial + 1 ? unsqueeze(input, 0) : input;
  const flat = spatial === 1;
  let out = convolution(
    flat ? unsqueeze(batched, 2) : batched,
    flat ? unsqueeze(weight, 2) : weight,
    bias,
    lift(stride, 1),
    lift(behind, 0),
    lift(dilation, 1),
    groups,
  );
  if (flat) out = squeeze(out, 2);
  // With one element more behind than before, the symmetric convolution has one output too many in front.
  for (let d = 0; d < before.length; d++) {
    const extra = behind[d] - before[d];
    if (extra > 0) out = narrow(out, d + 2, extra, out.shape[d + 2] - extra).contiguous();
  }
  return batched === input ? out : squeeze(out, 0);
}

/**
 * Two-dimensional cross-correlation of [N, C, H, W] (or [C, H, W]) with weight [O, C / groups, Kh, Kw]:
 * out[n, o, y, x] = bias[o] + Σ input[n, c, y·stride + i·dilation − padding, …] · weight[o, c, i, j].
 *
 * @param padding zeros on each side, `'valid'` for none, or `'same'` for an output of the input's size
 * @example
 * const x = torch.ones(1, 1, 3, 3);
 * console.log(torch.conv2d(x, torch.ones(1, 1, 3, 3), { padding: 1 }).index(0, 0).tolist()); // [ [ 4, 6, 4 ], [ 6, 9, 6 ], [ 4, 6, 4 ] ]
 */
export const conv2d: Conv<number | readonly number[]> = define({
  schema:
    'conv2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2]|str padding=0, int[2] dilation=1, int groups=1)',
  forward: (
    _ctx,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | null,
    stride: number[],
    padding: number[] | string,
    dilation: number[],
    groups: number,
  ) =>
    convolve(
      { op: 'conv2d', spatial: 2, transposed: false, input, weight, bias, stride, dilation, groups },
      padding,
    ),
  backward: 'composite',
  samples: (make) => [
    [make(2, 3, 5, 6), make(4, 3, 3, 3), make(4)],
    [make(2, 3, 5, 5), make(4, 3, 3, 3), null, 2, 1],
    [make(1, 4, 5, 5), make(4, 2, 3, 2), make(4), [1, 2], [2, 0], [2, 1], 2],
    [make(3, 5, 5), make(2, 3, 2, 2), make(2)],
    [make(1, 2, 5, 4), make(2, 2, 2, 3), make(2), { padding: 'same' }],
    [make(2, 4, 3, 3), make(4, 1, 3, 3), null, { padding: 1, groups: 4 }],
    [make(2, 3, 4, 4), make(2, 3, 1, 1), null, { stride: 2 }],
  ],
});

/** `conv2d` of one dimension: [N, C, L] (or [C, L]) with weight [O, C / groups, K]. */
export const conv1d: Conv<number | readonly number[]> = define({
  schema:
    'conv1d(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, int[1]|str padding=0, int[1] dilation=1, int groups=1)',
  forward: (
    _ctx,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | null,
    stride: number[],
    padding: number[] | string,
    dilation: number[],
    groups: number,
  ) =>
    convolve(
      { op: 'conv1d', spatial: 1, transposed: false, input, weight, bias, stride, dilation, groups },
      padding,
    ),
  backward: 'composite',
  samples: (make) => [
    [make(2, 3, 6), make(4, 3, 3), make(4)],
    [make(2, 4, 6), make(4, 2, 2), null, { stride: 2, padding: 1, groups: 2 }],
    [make(3, 5), make(2, 3, 2), make(2), { padding: 'same' }],
  ],
});
