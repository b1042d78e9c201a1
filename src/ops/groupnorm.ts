import { is_grad_enabled } from '../autograd/mode.js';
import { RuntimeError, ValueError } from '../errors.js';
import { numel, showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { pointer } from './class_target.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { dense } from './dense.js';
import { checkFloat, checkSameDtype } from './float_kernel.js';
import { overRows, rowStatistics } from './layernorm.js';
import { fillKernel } from './make.js';
import { add, mul, sub } from './pointwise_binary.js';
import { rsqrt, square } from './pointwise_unary.js';
import { mean as meanOf, sum } from './reduce.js';
import { reshape } from './view.js';

/** [N, C, …] as the kernels see it: N·G rows of D channels of L elements. */
function sizesOf(x: Tensor, groups: number): [rows: number, G: number, D: number, L: number] {
  const [N, C, ...rest] = x.shape as [number, number, ...number[]];
  return [N * groups, groups, C / groups, numel(rest)];
}

const denseOrNull = (t: Tensor | null): Tensor | null => (t === null ? null : dense(t));

type GroupNorm<R> = Op<
  (
    ...args: Args<
      [input: Tensor, num_groups: number],
      [weight: Tensor | null, bias: Tensor | null, eps: number],
      { weight?: Tensor | null; bias?: Tensor | null; eps?: number }
    >
  ) => R
>;

const SCHEMA =
  'group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1e-05)';

const groupNorm: GroupNorm<Tensor> = define({
  schema: SCHEMA,
  forward: (ctx, input: Tensor, groups: number, weight: Tensor | null, bias: Tensor | null, eps: number) => {
    const [rows, G, D, L] = sizesOf(input, groups);
    const x = dense(input);
    const out = allocate(input.shape, input.dtype);
    const [mean, rstd] = [0, 1].map(() => allocate([input.shape[0], groups], input.dtype));
    rowStatistics(x, mean, rstd, D * L, eps);
    if (x.numel() > 0) {
      const pointers = [x, mean, rstd, denseOrNull(weight), denseOrNull(bias), out].map(pointer);
      overRows('groupnorm_forward_f32', x, rows, (...range) => [...pointers, G, D, L, ...range]);
    }
    ctx.save(input, weight, mean, rstd);
    return out;
  },
  backward: (ctx, g) => {
    const [input, weight, mean, rstd] = ctx.saved();
    const [, groups, , , eps] = ctx.args as [null, number, null, null, number];
    const [needsInput, needsWeight, needsBias] = [0, 1, 2].map((i) => ctx.needs[i] ?? false);
    const [gx, gw, gb] = is_grad_enabled()
      ? backwardByParts(g, input, weight, groups, eps)
      : group_norm_backward(g, input, weight, mean, rstd, groups);
    return [needsInput ? gx : null, needsWeight ? gw : null, needsBias ? gb : null];
  },
});

/** The gradients made of operators, so that they can be differentiated. */
function backwardByParts(
  g: Tensor,
  input: Tensor,
  weight: Tensor | null,
  groups: number,
  eps: number,
): Tensor[] {
  const [, G, D, L] = sizesOf(input, groups);
  const shape = [input.shape[0], G, D, L];
  const x = reshape(input, shape);
  const gy = reshape(g, shape);
  const centered = sub(x, meanOf(x, [2, 3], true));
  const rstd = rsqrt(add(meanOf(square(centered), [2, 3], true), eps));
  const hat = mul(centered, rstd);
  const gw = weight === null ? gy : mul(gy, reshape(weight, [G, D, 1]));
  const pull = add(meanOf(gw, [2, 3], true), mul(hat, meanOf(mul(gw, hat), [2, 3], true)));
  const perChannel = (t: Tensor): Tensor => reshape(sum(t, [0, 3]), [G * D]);
  return [reshape(mul(sub(gw, pull), rstd), input.shape), perChannel(mul(gy, hat)), perChannel(gy)];
}

/** Gradients of input, weight and bias. */
const group_norm_backward: Op<
  (
    grad: Tensor,
    input: Tensor,
    weight: Tensor | null,
    mean: Tensor,
    rstd: Tensor,
    num_groups: number,
  ) => Tensor[]
> = define({
  schema:
    'group_norm_backward(Tensor grad, Tensor input, Tensor? weight, Tensor mean, Tensor rstd, int num_groups)',
  forward: (
    _ctx,
    grad: Tensor,
    input: Tensor,
    weight: Tensor | null,
    mean: Tensor,
    rstd: Tensor,
    groups: number,
  ) => {
    const { dtype } = input;
    const [rows, G, D, L] = sizesOf(input, groups);
    const gx = allocate(input.shape, dtype);
    const [sums, products] = [0, 1].map(() => allocate([input.shape[0], G * D], dtype));
    if (input.numel() > 0) {
      const source = [dense(grad), dense(input), mean, rstd].map(pointer);
      const parts = [sums, products].map(address);
      overRows('groupnorm_sums_f32', input, rows, (...range) => [...source, ...parts, D, L, ...range]);
      const pointers = [...source, pointer(denseOrNull(weight)), ...parts, address(gx)];
      overRows('groupnorm_backward_f32', input, rows, (...range) => [...pointers, G, D, L, ...range]);
    } else {
      // 1 / √(var + eps) of no elements is NaN, as in PyTorch.
      fillKernel(sums, 0);
      fillKernel(products, NaN);
    }
    return [gx, sum(products, 0), sum(sums, 0)];
  },
  backward: 'none',
});

function checkGroupNorm(x: Tensor, groups: number, weight: Tensor | null, bias: Tensor | null): void {
  if (x.ndim < 2) {
    throw new RuntimeError(
      `group_norm: expected input of at least 2 dimensions (NC...), got ${showShape(x.shape)}`,
    );
  }
  if (groups <= 0) throw new RuntimeError(`Expected num groups to be greater than 0, got ${groups}`);
  const [N, C, ...rest] = x.shape as [number, number, ...number[]];
  if (Math.floor((N * C) / groups) * numel(rest) === 1) {
    throw new ValueError(
      `Expected more than 1 value per channel when training, got input size [${[Math.floor((N * C) / groups), groups, ...rest].join(', ')}]`,
    );
  }
  if (C % groups !== 0) {
    throw new RuntimeError(
      'Expected number of channels in input to be divisible by num_groups, but got input of shape ' +
        `${showShape(x.shape)} and num_groups=${groups}`,
    );
  }
  for (const [name, parameter] of Object.entries({ weight, bias })) {
    if (parameter === null || (parameter.ndim === 1 && parameter.numel() === C)) continue;
    throw new RuntimeError(
      `Expected ${name} to be a vector of size equal to the number of channels in input, but got ${name} of shape ` +
        `${showShape(parameter.shape)} and input of shape ${showShape(x.shape)}`,
    );
  }
  checkFloat('GroupNormKernelImpl', x.dtype);
  checkSameDtype('group_norm', x, { weight, bias });
}

/**
 * (input − mean) / √(var + eps) · weight + bias of [N, C, …], with mean and biased variance over each of `num_groups` groups
 * of C / num_groups channels of each image; weight and bias are [C].
 *
 * @example
 * console.log(F.group_norm(torch.arange(8).reshape(1, 4, 2).float(), 2).sum().abs().item() < 1e-5); // true
 */
export const group_norm: GroupNorm<Tensor> = define({
  schema: SCHEMA,
  forward: (_ctx, input: Tensor, groups: number, weight: Tensor | null, bias: Tensor | null, eps: number) => {
    checkGroupNorm(input, groups, weight, bias);
    return groupNorm(input, groups, weight, bias, eps);
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 6, 3), 2, make(6), make(6)],
    [make(2, 4, 3, 3), 4],
    [make(3, 4), 2, null, make(4), 0.1],
    [make(1, 2, 5, 2), 1, make(2)],
    [make(3, 2, 2).transpose(0, 2), 2, make(2), make(2)],
  ],
});
