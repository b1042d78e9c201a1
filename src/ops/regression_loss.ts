import { can_cast } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError, ValueError } from '../errors.js';
import { no_grad } from '../autograd/mode.js';
import { sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { broadcast_tensors } from './broadcast.js';
import { gt, le, lt, where } from './compare.js';
import { clone, to } from './copy.js';
import { defineLoss, LEGACY } from './define_loss.js';
import type { Legacy, Loss } from './define_loss.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { checkFloat } from './float_kernel.js';
import { commonDtype } from './iterator.js';
import { masked_fill } from './mask.js';
import { add, div, mul, neg, sub } from './pointwise_binary.js';
import { clamp_min } from './pointwise_clamp.js';
import { abs, exp, log, square } from './pointwise_unary.js';
import { is_nonzero } from './predicate.js';
import { any } from './reduce_logic.js';
import type { Reduction } from './reduction.js';
import { unsqueeze } from './view.js';

type Regression<O extends unknown[] = [], K = object> = Loss<
  [input: Tensor, target: Tensor],
  [...Legacy, ...O],
  K
>;

/** input − target, both in the dtype of the loss, which is floating: torch's kernels have no other. */
function difference(name: string, input: Tensor, target: Tensor): Tensor {
  const both = broadcast_tensors(input, target);
  const dtype = commonDtype(both);
  checkFloat(name, dtype);
  return sub(to(both[0], dtype), to(both[1], dtype));
}

/** (input − target)². */
export const mse_loss: Regression = defineLoss({
  schema: `mse_loss(Tensor input, Tensor target, ${LEGACY})`,
  each: (input: Tensor, target: Tensor) => square(difference('mse_cpu', input, target)),
  samples: (make) => [
    [make(2, 3), make(2, 3)],
    [make(2, 3), make(2, 3), { reduction: 'sum' }],
    [make(2, 3), make(3), { reduction: 'none' }],
  ],
});

/** |input − target|. */
export const l1_loss: Regression = defineLoss({
  schema: `l1_loss(Tensor input, Tensor target, ${LEGACY})`,
  each: (input: Tensor, target: Tensor) => {
    const [a, b] = broadcast_tensors(input, target);
    return abs(sub(a, b));
  },
  samples: (make) => [
    [make(2, 3), make(2, 3)],
    [make(2, 3), make(2, 3), { reduction: 'none' }],
  ],
});

/** A result of dtype `from` that torch writes into a tensor of dtype `into`. */
function checkCast(from: DType, into: DType): void {
  if (can_cast(from, into)) return;
  throw new RuntimeError(
    `result type ${from.scalarName} can't be cast to the desired output type ${into.scalarName}`,
  );
}

/** Where d = |input − target| < width, low(d), elsewhere high(d). */
function bent(d: Tensor, width: number, low: (d: Tensor) => Tensor, high: (d: Tensor) => Tensor): Tensor {
  return where(lt(d, width), low(d), high(d));
}

/** |a − b|, with the gradient that torch's smooth_l1_loss has without a bend: where they are equal it falls for both. */
const absoluteDifference: Op<(a: Tensor, b: Tensor) => Tensor> = define({
  schema: 'absolute_difference(Tensor a, Tensor b)',
  forward: (ctx, a: Tensor, b: Tensor) => {
    ctx.save(a, b);
    return abs(difference('smooth_l1_cpu', a, b));
  },
  backward: (ctx, g) => {
    const [a, b] = ctx.saved();
    return [where(gt(a, b), g, neg(g)), where(gt(b, a), g, neg(g))];
  },
});

/** 0.5 · d² / beta for d = |input − target| < beta, d − beta / 2 elsewhere. */
export const smooth_l1_loss: Regression<[beta: number], { beta?: number }> = defineLoss({
  schema: `smooth_l1_loss(Tensor input, Tensor target, ${LEGACY}, float beta=1.0)`,
  each: (input: Tensor, target: Tensor, beta: number) => {
    if (beta < 0) throw new RuntimeError('smooth_l1_loss does not support negative values for beta.');
    if (beta === 0) return absoluteDifference(input, target);
    return bent(
      abs(difference('smooth_l1_cpu', input, target)),
      beta,
      (x) => mul(square(x), 0.5 / beta),
      (x) => sub(x, 0.5 * beta),
    );
  },
  samples: (make) => [
    [make(2, 3), make(2, 3)],
    [make(2, 3), make(2, 3), { beta: 0.5, reduction: 'sum' }],
  ],
});

/** 0.5 · d² for d = |input − target| < delta, delta · (d − delta / 2) elsewhere. */
export const huber_loss: Op<
  (
    ...args: Args<
      [input: Tensor, target: Tensor],
      [reduction: Reduction, delta: number],
      { reduction?: Reduction; delta?: number }
    >
  ) => Tensor
> = defineLoss({
  schema: "huber_loss(Tensor input, Tensor target, str reduction='mean', float delta=1.0)",
  each: (input: Tensor, target: Tensor, delta: number) => {
    if (!(delta > 0)) throw new RuntimeError('huber_loss does not support non-positive values for delta.');
    const loss = bent(
      abs(difference('huber_cpu', input, target)),
      delta,
      (d) => mul(square(d), 0.5),
      (d) => mul(sub(d, 0.5 * delta), delta),
    );
    checkCast(loss.dtype, input.dtype);
    return to(loss, input.dtype);
  },
  samples: (make) => [
    [make(2, 3), make(2, 3)],
    [make(2, 3), make(2, 3), { delta: 0.5, reduction: 'sum' }],
  ],
});

export function poissonNll(
  input: Tensor,
  target: Tensor,
  logInput: boolean,
  full: boolean,
  eps: number,
): Tensor {
  const loss = logInput ? sub(exp(input), mul(target, input)) : sub(input, mul(target, log(add(input, eps))));
  if (!full) return loss;
  // Stirling's approximation of log(target!)
  const factorial = add(sub(mul(target, log(target)), target), mul(log(mul(target, 2 * Math.PI)), 0.5));
  return add(loss, masked_fill(factorial, le(target, 1), 0));
}

/**
 * exp(input) − target · input of the logarithm of a Poisson rate, or input − target · log(input + eps) of the rate.
 *
 * @param log_input whether the input is the logarithm; default true
 * @param full adds Stirling's approximation of log(target!) where target > 1
 * @example
 * const target = torch.tensor([2, 0]);
 * console.log(F.poisson_nll_loss(torch.zeros(2), target, { reduction: 'none' }).tolist()); // [ 1, 1 ]
 */
export const poisson_nll_loss: Loss<
  [input: Tensor, target: Tensor],
  [
    log_input: boolean,
    full: boolean,
    size_average: boolean | null,
    eps: number,
    reduce: boolean | null,
    reduction: Reduction,
  ],
  { log_input?: boolean; full?: boolean; eps?: number }
> = defineLoss({
  schema:
    'poisson_nll_loss(Tensor input, Tensor target, bool log_input=True, bool full=False, bool? size_average=None, ' +
    "float eps=1e-08, bool? reduce=None, str reduction='mean')",
  each: poissonNll,
  samples: (make) => [
    [make(2, 3), make.uniform(0, 3, 2, 3)],
    [make.uniform(0.5, 2, 2, 3), make.uniform(1.5, 3, 2, 3), false, true, { reduction: 'sum' }],
    [make(2, 3), make.uniform(1.5, 3, 3), { full: true, reduction: 'none' }],
  ],
});

/** The variances as they broadcast over the input. */
function alignVariance(input: Tensor, variance: Tensor): Tensor {
  if (sameShape(variance.shape, input.shape)) return variance;
  const batch = input.shape.slice(0, -1);
  if (sameShape(variance.shape, batch)) return unsqueeze(variance, -1);
  if (variance.ndim > 0 && variance.shape.at(-1) === 1 && sameShape(variance.shape.slice(0, -1), batch))
    return variance;
  throw new ValueError('var is of incorrect size');
}

/**
 * (log(var) + (input − target)² / var) / 2. `var` has the input's shape, or its shape without the last dimension or with 1
 * there; it is at least `eps`, and that bound does not stop its gradient.
 *
 * @param full adds log(2π) / 2
 * @example
 * const [mean, goal, variance] = [torch.zeros(2), torch.ones(2), torch.ones(2)];
 * console.log(F.gaussian_nll_loss(mean, goal, variance).item()); // 0.5
 */
export const gaussian_nll_loss: Op<
  (
    ...args: Args<
      [input: Tensor, target: Tensor, var_: Tensor],
      [full: boolean, eps: number, reduction: Reduction],
      { full?: boolean; eps?: number; reduction?: Reduction }
    >
  ) => Tensor
> = defineLoss({
  schema:
    'gaussian_nll_loss(Tensor input, Tensor target, Tensor var, bool full=False, float eps=1e-06, ' +
    "str reduction='mean')",
  each: (input: Tensor, target: Tensor, given: Tensor, full: boolean, eps: number) => {
    const aligned = alignVariance(input, given);
    if (is_nonzero(any(lt(aligned, 0)))) throw new ValueError('var has negative entry/entries');
    const variance = clone(aligned);
    no_grad(() => clamp_min.inplace(variance, eps));
    const loss = mul(add(log(variance), div(square(sub(input, target)), variance)), 0.5);
    return full ? add(loss, 0.5 * Math.log(2 * Math.PI)) : loss;
  },
  samples: (make) => [
    [make(2, 3), make(2, 3), make.uniform(0.5, 2, 2, 3)],
    [make(2, 3), make(2, 3), make.uniform(0.5, 2, 2), { full: true, reduction: 'none' }],
    [make(2, 3), make(3), make.uniform(0.5, 2, 2, 1), { reduction: 'sum' }],
  ],
});
