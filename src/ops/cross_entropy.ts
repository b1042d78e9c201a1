import { runGrad } from '../autograd/engine.js';
import { is_grad_enabled } from '../autograd/mode.js';
import { int64 } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { sameShape, showShape, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { checkClassTarget, checkClassWeight, classSizes, outOfBounds, pointer } from './class_target.js';
import type { ClassOptions, LegacyArgs } from './class_target.js';
import { ne } from './compare.js';
import { to } from './copy.js';
import { ones_like } from './creation.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { cast, dense } from './dense.js';
import { checkFloat, floatKernel } from './float_kernel.js';
import { nllLoss } from './nll_loss.js';
import type { NllArgs } from './nll_loss.js';
import { add, div, mul, neg } from './pointwise_binary.js';
import { sum } from './reduce.js';
import { REDUCTION_CODE, reduceLoss, reductionOf } from './reduction.js';
import type { Reduction } from './reduction.js';
import { log_softmax } from './softmax.js';
import { reshape } from './view.js';

type CrossEntropyArgs = [...NllArgs, labelSmoothing: number];

/** log_softmax and negative log-likelihood in one, for class indices, arguments checked. */
const crossEntropy: Op<(input: Tensor, ...args: CrossEntropyArgs) => Tensor> = define({
  schema:
    'cross_entropy_loss(Tensor input, Tensor target, Tensor? weight, int ignore_index, int reduction, float label_smoothing)',
  forward: (ctx, input: Tensor, ...[target, weight, ignoreIndex, reduction, smoothing]: CrossEntropyArgs) => {
    const { N, C, inner } = classSizes(input);
    const [x, t, w] = [dense(input), dense(cast(target, int64)), weight === null ? null : dense(weight)];
    const out = allocate(reduction === 0 ? target.shape : [], x.dtype);
    const total = allocate([], x.dtype);
    const stats = allocate([N, 2, inner], x.dtype);
    const bad = floatKernel('cross_entropy_forward_f32', x.dtype)(
      address(x),
      address(t),
      pointer(w),
      address(stats),
      address(out),
      address(total),
      N,
      C,
      inner,
      ignoreIndex,
      reduction,
      smoothing,
    );
    if (bad !== 0) throw outOfBounds(t, bad);
    ctx.save(input, t, w, stats, total);
    return out;
  },
  backward: (ctx, g) => {
    const [input, target, weight, stats, total] = ctx.saved();
    const [, , , ignoreIndex, reduction, smoothing] = ctx.args as [null, null, null, number, number, number];
    if (is_grad_enabled()) {
      const again = crossEntropyByParts(input, target, weight, ignoreIndex, reduction, smoothing);
      return [runGrad([again], [g], [input], { create_graph: true })[0]!, null, null];
    }
    const out = allocate(input.shape, input.dtype);
    const { N, C, inner } = classSizes(input);
    const [grad, x] = [dense(g), dense(input)];
    floatKernel('cross_entropy_backward_f32', out.dtype)(
      address(grad),
      address(x),
      address(target),
      pointer(weight),
      address(stats),
      address(total),
      address(out),
      N,
      C,
      inner,
      ignoreIndex,
      reduction,
      smoothing,
    );
    return [out, null, null];
  },
});

/** The same loss made of operators that can be differentiated twice. */
function crossEntropyByParts(
  input: Tensor,
  ...[target, weight, ignoreIndex, reduction, smoothing]: CrossEntropyArgs
): Tensor {
  const logp = log_softmax(input, input.ndim === 1 ? 0 : 1);
  const picked = nllLoss(logp, target, weight, ignoreIndex, reduction);
  if (smoothing === 0) return picked;
  const { C } = classSizes(input);
  // Every class as the target in turn gives the smoothing term with the ignored positions left out.
  const spread = neg(
    sum(weight === null ? logp : mul(logp, alongClasses(weight, input)), input.ndim === 1 ? 0 : 1),
  );
  const counted = to(ne(target, ignoreIndex), input.dtype);
  const masked = mul(spread, reshape(counted, spread.shape));
  const ones = weight === null ? counted : neg(nllLoss(ones_like(logp), target, weight, ignoreIndex, 0));
  const smooth = reduction === 0 ? masked : reduction === 1 ? div(sum(masked), sum(ones)) : sum(masked);
  return add(mul(picked, 1 - smoothing), mul(smooth, smoothing / C));
}

/** A vector over the classes, shaped to broadcast over the scores. */
function alongClasses(weight: Tensor, x: Tensor): Tensor {
  return x.ndim === 1 ? weight : reshape(weight, [1, weight.shape[0], ...x.shape.slice(2).map(() => 1)]);
}

/** Targets that are probabilities of the classes. */
function softCrossEntropy(
  x: Tensor,
  target: Tensor,
  weight: Tensor | null,
  reduction: Reduction,
  smoothing: number,
): Tensor {
  const { C, N, inner } = classSizes(x);
  const dim = x.ndim === 1 ? 0 : 1;
  const goal = smoothing > 0 ? add(mul(target, 1 - smoothing), smoothing / C) : target;
  const logp = log_softmax(x, dim);
  const losses = neg(sum(mul(weight === null ? logp : mul(logp, alongClasses(weight, x)), goal), dim));
  return reduction === 'mean' ? div(sum(losses), N * inner) : reduceLoss(losses, reduction);
}

/** What log_softmax, with which torch begins, refuses. */
function checkScores(x: Tensor): void {
  const dim = wrapDim(x.ndim === 1 ? 0 : 1, x.ndim);
  const last = dim === x.ndim - 1 || x.ndim === 0;
  checkFloat(last ? 'log_softmax_lastdim_kernel_impl' : 'softmax_kernel_impl', x.dtype);
}

/**
 * −Σ target · log_softmax(input) over the classes of scores [N, C, d1, ...] (or [C]).
 *
 * The target is class indices [N, d1, ...], int64, or probabilities of the input's shape. With indices the mean divides by
 * Σ weight[target] over those that are not `ignore_index`; with probabilities by their number.
 *
 * @example
 * const scores = torch.tensor([[0, 0], [0, 0]], { dtype: torch.float32 });
 * console.log(F.cross_entropy(scores, torch.tensor([0, 1])).item().toFixed(4)); // 0.6931
 */
export const cross_entropy: Op<
  (
    ...args: Args<
      [input: Tensor, target: Tensor],
      [...LegacyArgs, label_smoothing: number],
      ClassOptions & { label_smoothing?: number }
    >
  ) => Tensor
> = define({
  schema:
    'cross_entropy(Tensor input, Tensor target, Tensor? weight=None, bool? size_average=None, int ignore_index=-100, ' +
    "bool? reduce=None, str reduction='mean', float label_smoothing=0.0)",
  forward: (
    _ctx,
    input: Tensor,
    target: Tensor,
    weight: Tensor | null,
    sizeAverage: boolean | null,
    ignoreIndex: number,
    reduce: boolean | null,
    reduction: string,
    smoothing: number,
  ) => {
    const kind = reductionOf(reduction, sizeAverage, reduce);
    if (!(smoothing >= 0 && smoothing <= 1)) {
      throw new RuntimeError(`label_smoothing must be between 0.0 and 1.0. Got: ${smoothing}`);
    }
    if (sameShape(input.shape, target.shape)) {
      if (!target.dtype.is_floating_point) {
        throw new RuntimeError(
          `Expected floating point type for target with class probabilities, got ${target.dtype.scalarName} ` +
            `(cross_entropy: input and target ${showShape(input.shape)})`,
        );
      }
      if (ignoreIndex >= 0) throw new RuntimeError('ignore_index is not supported for floating point target');
      checkScores(input);
      checkClassWeight('cross_entropy', weight, input);
      return softCrossEntropy(input, target, weight, kind, smoothing);
    }
    checkScores(input);
    checkClassTarget('cross_entropy', input, target, weight);
    return crossEntropy(input, target, weight, ignoreIndex, REDUCTION_CODE[kind], smoothing);
  },
  backward: 'composite',
  samples: (make) => [
    [make(3, 4), make.int(0, 4, 3)],
    [
      make(3, 4),
      make.int(0, 4, 3),
      { weight: make.uniform(0.5, 2, 4).detach(), label_smoothing: 0.1, ignore_index: 1 },
    ],
    [make(2, 3, 2, 2), make.int(0, 3, 2, 2, 2), { reduction: 'none', label_smoothing: 0.2 }],
    [make(3), make.int(0, 3), { reduction: 'sum' }],
    [
      make(3, 4),
      make.uniform(0, 1, 3, 4),
      { label_smoothing: 0.1, weight: make.uniform(0.5, 2, 4).detach() },
    ],
  ],
});
