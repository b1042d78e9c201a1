import { is_grad_enabled } from '../autograd/mode.js';
import { RuntimeError } from '../errors.js';
import { numel, showShape } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { splitCalls } from '../wasm/parallel.js';
import { pointer } from './class_target.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { dense } from './dense.js';
import { checkFloat, checkSameDtype, floatKernelName } from './float_kernel.js';
import type { FloatKernel } from './float_kernel.js';
import { fillKernel } from './make.js';
import { add, mul, sub } from './pointwise_binary.js';
import { rsqrt, square } from './pointwise_unary.js';
import { mean as meanOf, sum } from './reduce.js';

type Parameters = [normalized_shape: number[], weight: Tensor | null, bias: Tensor | null, eps: number];

/** Runs a kernel over rows that threads share; `bytes` is what it moves. */
export function overRows(
  name: FloatKernel,
  like: Tensor,
  rows: number,
  args: (begin: number, end: number) => number[],
): void {
  const kernel = floatKernelName(name, like.dtype);
  splitCalls(rows, like.numel() * like.dtype.itemsize, (begin, end) => [kernel, ...args(begin, end)]);
}

/** Mean and 1 / √(variance + eps) of the rows of a dense x, written to `mean` and `rstd`. */
export function rowStatistics(x: Tensor, mean: Tensor, rstd: Tensor, n: number, eps: number): void {
  if (x.numel() === 0) {
    fillKernel(mean, 0);
    fillKernel(rstd, NaN);
    return;
  }
  const pointers = [x, mean, rstd].map(pointer);
  overRows('layernorm_stats_f32', x, mean.numel(), (...range) => [...pointers, n, eps, ...range]);
}

const layerNorm: Op<(input: Tensor, ...parameters: Parameters) => Tensor[]> = define({
  schema: 'native_layer_norm(Tensor input, int[] normalized_shape, Tensor? weight, Tensor? bias, float eps)',
  forward: (ctx, input: Tensor, shape: number[], weight: Tensor | null, bias: Tensor | null, eps: number) => {
    const lead = input.shape.slice(0, input.ndim - shape.length);
    const [rows, n] = [numel(lead), numel(shape)];
    const x = dense(input);
    const [mean, rstd] = [0, 1].map(() => allocate([...lead, ...shape.map(() => 1)], input.dtype));
    const out = allocate(input.shape, input.dtype);
    rowStatistics(x, mean, rstd, n, eps);
    if (x.numel() > 0) {
      const pointers = [x, mean, rstd, denseOrNull(weight), denseOrNull(bias), out].map(pointer);
      overRows('layernorm_forward_f32', x, rows, (...range) => [...pointers, n, ...range]);
    }
    ctx.save(input, weight, mean, rstd);
    return [out, mean, rstd];
  },
  backward: (ctx, g) => {
    const [input, weight, mean, rstd] = ctx.saved();
    const [, shape, , , eps] = ctx.args as [null, ...Parameters];
    const [needsInput, needsWeight, needsBias] = [0, 1, 2].map((i) => ctx.needs[i] ?? false);
    const [gx, gw, gb] = is_grad_enabled()
      ? backwardByParts(g, input, weight, shape, eps)
      : layer_norm_backward(g, input, weight, mean, rstd, shape, needsInput, needsWeight, needsBias);
    return [needsInput ? gx : null, needsWeight ? gw : null, needsBias ? gb : null];
  },
});

const denseOrNull = (t: Tensor | null): Tensor | null => (t === null ? null : dense(t));

/** The gradients made of operators, so that they can be differentiated. */
function backwardByParts(
  g: Tensor,
  input: Tensor,
  weight: Tensor | null,
  shape: Shape,
  eps: number,
): Tensor[] {
  const lead = input.ndim - shape.length;
  const dims = shape.map((_, d) => lead + d);
  const leading = input.shape.slice(0, lead).map((_, d) => d);
  const centered = sub(input, meanOf(input, dims, true));
  const rstd = rsqrt(add(meanOf(square(centered), dims, true), eps));
  const hat = mul(centered, rstd);
  const gw = weight === null ? g : mul(g, weight);
  const pull = add(meanOf(gw, dims, true), mul(hat, meanOf(mul(gw, hat), dims, true)));
  const overLead = (t: Tensor): Tensor => (lead === 0 ? t : sum(t, leading));
  return [mul(sub(gw, pull), rstd), overLead(mul(g, hat)), overLead(g)];
}

/** Gradients of input, weight and bias; those that are not wanted are empty. */
const layer_norm_backward: Op<
  (
    grad: Tensor,
    input: Tensor,
    weight: Tensor | null,
    mean: Tensor,
    rstd: Tensor,
    shape: Shape,
    needsInput: boolean,
    needsWeight: boolean,
    needsBias: boolean,
  ) => Tensor[]
> = define({
  schema:
    'layer_norm_backward(Tensor grad, Tensor input, Tensor? weight, Tensor mean, Tensor rstd, int[] normalized_shape, ' +
    'bool needs_input, bool needs_weight, bool needs_bias)',
  forward: (
    _ctx,
    grad: Tensor,
    input: Tensor,
    weight: Tensor | null,
    mean: Tensor,
    rstd: Tensor,
    shape: number[],
    ...[needsInput, needsWeight, needsBias]: [boolean, boolean, boolean]
  ) => {
    const { dtype } = input;
    const [rows, n] = [mean.numel(), numel(shape)];
    const gx = allocate(needsInput ? input.shape : [0], dtype);
    const gw = allocate(needsWeight ? shape : [0], dtype);
    const gb = allocate(needsBias ? shape : [0], dtype);
    if (input.numel() === 0) {
      for (const out of [gw, gb]) fillKernel(out, 0);
      return [gx, gw, gb];
    }
    const source = [dense(grad), dense(input), mean, rstd].map(pointer);
    if (needsInput) {
      const pointers = [...source, pointer(denseOrNull(weight)), address(gx)];
      overRows('layernorm_backward_f32', input, rows, (...range) => [...pointers, n, ...range]);
    }
    if (needsWeight || needsBias) {
      const pointers = [...source, needsWeight ? address(gw) : 0, needsBias ? address(gb) : 0];
      overRows('layernorm_parameters_f32', input, n, (...range) => [...pointers, rows, n, ...range]);
    }
    return [gx, gw, gb];
  },
  backward: 'none',
});

function checkLayerNorm(x: Tensor, shape: Shape, weight: Tensor | null, bias: Tensor | null): void {
  if (shape.length === 0) {
    throw new RuntimeError(
      'Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got ' +
        'normalized_shape = []',
    );
  }
  for (const [name, parameter] of Object.entries({ weight, bias })) {
    if (parameter !== null && showShape(parameter.shape) !== showShape(shape)) {
      throw new RuntimeError(
        `Expected ${name} to be of same shape as normalized_shape, but got ${name} of shape ${showShape(parameter.shape)} ` +
          `and normalized_shape = ${showShape(shape)}`,
      );
    }
  }
  if (x.ndim < shape.length || showShape(x.shape.slice(x.ndim - shape.length)) !== showShape(shape)) {
    throw new RuntimeError(
      `Given normalized_shape=${showShape(shape)}, expected input with shape [*, ${shape.join(', ')}], but got input of ` +
        `size${showShape(x.shape)}`,
    );
  }
  checkFloat('LayerNormKernelImpl', x.dtype);
  checkSameDtype('layer_norm', x, { weight, bias });
}

/** `layer_norm` that gives [output, mean, 1 / √(var + eps)], the last two without gradient. */
export const native_layer_norm: Op<(input: Tensor, ...parameters: Parameters) => Tensor[]> = define({
  schema: 'native_layer_norm(Tensor input, int[] normalized_shape, Tensor? weight, Tensor? bias, float eps)',
  forward: (_ctx, input: Tensor, ...parameters: Parameters) => {
    const [shape, weight, bias] = parameters;
    checkLayerNorm(input, shape, weight, bias);
    const [out, mean, rstd] = layerNorm(input, ...parameters);
    return [out, mean.detach(), rstd.detach()];
  },
  backward: 'composite',
});

/**
 * (input − mean) / √(var + eps) · weight + bias, with mean and biased variance over the last dimensions, whose sizes
 * `normalized_shape` repeats; weight and bias have that shape.
 *
 * @example
 * console.log(F.layer_norm(torch.tensor([[0, 2], [1, 5]]).float(), [2], { eps: 0 }).tolist()); // [ [ -1, 1 ], [ -1, 1 ] ]
 */
export const layer_norm: Op<
  (
    ...args: Args<
      [input: Tensor, normalized_shape: number | readonly number[]],
      [weight: Tensor | null, bias: Tensor | null, eps: number],
      { weight?: Tensor | null; bias?: Tensor | null; eps?: number }
    >
  ) => Tensor
> = define({
  schema:
    'layer_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float eps=1e-05)',
  forward: (_ctx, input: Tensor, ...parameters: Parameters) => {
    const [shape, weight, bias] = parameters;
    checkLayerNorm(input, shape, weight, bias);
    return layerNorm(input, ...parameters)[0];
  },
  backward: 'composite',
  samples: (make) => [
    [make(4, 3), [3], make(3), make(3)],
    [make(2, 3, 4, 2), [4, 2], make(4, 2), null, 0.1],
    [make(3, 9), [9]],
    [make(5), [5], null, make(5)],
    [make(3, 2, 2).transpose(0, 2), [2, 3], make(3, 2).t(), make(2, 3)],
  ],
});
