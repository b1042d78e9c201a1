import { RuntimeError } from '../errors.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { conv2d_backward_input } from './conv.js';
import { checkConv, lift } from './conv_geometry.js';
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
  readonly spatial: 1 | 2;
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
  checkConv({ op, spatial, transposed: true, input, weight, bias, stride, padding, dilation, groups });
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
  const batched = input.ndim === spatial + 1 ? unsqueeze(input, 0) : input;
  const flat = spatial === 1;
  const O = weight.shape[1] * groups;
  const plane = flat ? [1, sizes[0]] : sizes;
  let out = conv2d_backward_input(
    flat ? unsqueeze(batched, 2) : batched,
    flat ? unsqueeze(weight, 2) : weight,
    [batched.shape[0], O, ...plane],
    lift(stride, 1),
    lift(padding, 0),
    lift(dilation, 1),
    groups,
  );
  if (flat) out = squeeze(out, 2);
  if (bias !== null) out = add(out, reshape(bias, [O, ...sizes.map(() => 1)]));
  return batched === input ? out : squeeze(out, 0);
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
