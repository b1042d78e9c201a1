import { RuntimeError } from '../errors.js';
import { showShape } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { conv2d_backward_input } from './conv.js';
import { conv3d_backward_input } from './conv3d.js';
import type { Triple } from './conv3d.js';
import { checkConv, convolveIntegers, lift } from './conv_geometry.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { add } from './pointwise_binary.js';
import { reshape, squeeze, unsqueeze } from './view.js';

type Size = number | readonly number[];

type ConvTranspose = Op<
  (
    ...args: Args<
      [input: Tensor, weight: Tensor],
      [
        bias: Tensor | null,
        stride: Size,
        padding: Size,
        output_padding: Size,
        groups: number,
        dilation: Size,
      ],
      {
        bias?: Tensor | null;
        stride?: Size;
        padding?: Size;
        output_padding?: Size;
        groups?: number;
        dilation?: Size;
      }
    >
  ) => Tensor
>;

interface Call {
  readonly op: string;
  readonly spatial: 1 | 2 | 3;
  readonly input: Tensor;
  readonly weight: Tensor;
  readonly bias: Tensor | null;
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly extra: readonly number[];
  readonly groups: number;
  readonly dilation: readonly number[];
}

/** A transposed convolution is the gradient of the convolution that would lead back, with respect to its input. */
function transposed(call: Call): Tensor {
  const { op, spatial, input, weight, bias, stride, padding, extra, groups, dilation } = call;
  checkConv({ op, spatial, transposed: true, input, weight, bias, stride, dilation, groups }, padding);
  if (extra.some((e, d) => e < 0 || (e >= stride[d] && e >= dilation[d]))) {
    throw new RuntimeError(
      'output padding must be smaller than either stride or dilation, but got output_padding: ' +
        `${showShape(extra)} stride: ${showShape(stride)} dilation: ${showShape(dilation)} (${op})`,
    );
  }
  const spatialIn = input.shape.slice(-spatial);
  const sizes = spatialIn.map(
    (n, d) => (n - 1) * stride[d] - 2 * padding[d] + dilation[d] * (weight.shape[d + 2] - 1) + extra[d] + 1,
  );
  if (sizes.some((n) => n <= 0)) {
    throw new RuntimeError(
      `Given input size per channel: (${spatialIn.join(' x ')}). Calculated output size per channel: (${sizes.join(' x ')}). ` +
        `Output size is too small (${op}: weight ${showShape(weight.shape)})`,
    );
  }
  if (!input.dtype.is_floating_point) return convolveIntegers(call, transposed);
  const batched = input.ndim === spatial + 1 ? unsqueeze(input, 0) : input;
  let out = spatial === 3 ? onVolumes(call, batched, sizes) : onPlanes(call, batched, sizes);
  if (bias !== null) out = add(out, reshape(bias, [out.shape[1], ...sizes.map(() => 1)]));
  return batched === input ? out : squeeze(out, 0);
}

function onPlanes(call: Call, batched: Tensor, sizes: Shape): Tensor {
  const { spatial, weight, stride, padding, dilation, groups } = call;
  const flat = spatial === 1;
  const out = conv2d_backward_input(
    flat ? unsqueeze(batched, 2) : batched,
    flat ? unsqueeze(weight, 2) : weight,
    [batched.shape[0], weight.shape[1] * groups, ...(flat ? [1] : []), ...sizes],
    lift(stride, 1),
    lift(padding, 0),
    lift(dilation, 1),
    groups,
  );
  return flat ? squeeze(out, 2) : out;
}

function onVolumes(call: Call, batched: Tensor, sizes: Shape): Tensor {
  const { weight, stride, padding, dilation, groups } = call;
  const size = [batched.shape[0], weight.shape[1] * groups, ...sizes];
  return conv3d_backward_input(
    batched,
    weight,
    size,
    stride as Triple,
    padding as Triple,
    dilation as Triple,
    groups,
  );
}

/**
 * Transposed convolution of [N, C, H, W] (or [C, H, W]) with weight [C, O / groups, Kh, Kw]: the gradient of conv2d with respect
 * to its input. `output_padding` is added to one side of the output's size.
 */
export const conv_transpose2d: ConvTranspose = define({
  schema:
    'conv_transpose2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, int[2] output_padding=0, ' +
    'int groups=1, int[2] dilation=1)',
  forward: (
    _ctx,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | null,
    stride: number[],
    padding: number[],
    extra: number[],
    groups: number,
    dilation: number[],
  ) =>
    transposed({
      op: 'conv_transpose2d',
      spatial: 2,
      input,
      weight,
      bias,
      stride,
      padding,
      extra,
      groups,
      dilation,
    }),
  backward: 'composite',
  samples: (make) => [
    [make(2, 4, 3, 3), make(4, 3, 3, 2), make(3)],
    [make(1, 4, 3, 3), make(4, 2, 3, 3), null, 2, 1, 1, 2],
    [make(3, 3, 2), make(3, 2, 2, 2), make(2), { stride: [2, 1], dilation: [1, 2] }],
  ],
});

/** `conv_transpose2d` of one dimension: [N, C, L] (or [C, L]) with weight [C, O / groups, K]. */
export const conv_transpose1d: ConvTranspose = define({
  schema:
    'conv_transpose1d(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, int[1] padding=0, int[1] output_padding=0, ' +
    'int groups=1, int[1] dilation=1)',
  forward: (
    _ctx,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | null,
    stride: number[],
    padding: number[],
    extra: number[],
    groups: number,
    dilation: number[],
  ) =>
    transposed({
      op: 'conv_transpose1d',
      spatial: 1,
      input,
      weight,
      bias,
      stride,
      padding,
      extra,
      groups,
      dilation,
    }),
  backward: 'composite',
  samples: (make) => [
    [make(2, 4, 3), make(4, 3, 3), make(3)],
    [make(4, 3), make(4, 2, 3), null, { stride: 2, output_padding: 1 }],
  ],
});

/** `conv_transpose2d` of three dimensions: [N, C, D, H, W] (or [C, D, H, W]) with weight [C, O / groups, Kd, Kh, Kw]. */
export const conv_transpose3d: ConvTranspose = define({
  schema:
    'conv_transpose3d(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, int[3] padding=0, int[3] output_padding=0, ' +
    'int groups=1, int[3] dilation=1)',
  forward: (
    _ctx,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | null,
    stride: number[],
    padding: number[],
    extra: number[],
    groups: number,
    dilation: number[],
  ) =>
    transposed({
      op: 'conv_transpose3d',
      spatial: 3,
      input,
      weight,
      bias,
      stride,
      padding,
      extra,
      groups,
      dilation,
    }),
  backward: 'composite',
  samples: (make) => [
    [make(2, 2, 2, 3, 2), make(2, 3, 2, 2, 3), make(3)],
    [make(2, 2, 3, 2), make(2, 1, 3, 2, 2), null, [2, 1, 2], [1, 0, 1], [1, 0, 0], 2],
    [make(1, 2, 2, 2, 2), make(2, 1, 2, 2, 1), make(1), { dilation: [2, 1, 1], stride: [1, 2, 1] }],
  ],
});
