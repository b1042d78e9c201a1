import { int64 } from '../dtype.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { checkClassTarget, classSizes, outOfBounds, pointer } from './class_target.js';
import type { ClassOptions, LegacyArgs } from './class_target.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { cast, dense } from './dense.js';
import { floatKernel } from './float_kernel.js';
import { REDUCTION_CODE, reductionOf } from './reduction.js';

export type NllArgs = [target: Tensor, weight: Tensor | null, ignoreIndex: number, reduction: number];

/** Negative log-likelihood, arguments checked; `reduction` by its number. */
export const nllLoss: Op<(input: Tensor, ...args: NllArgs) => Tensor> = define({
  schema: 'nll_loss(Tensor input, Tensor target, Tensor? weight, int ignore_index, int reduction)',
  forward: (ctx, input: Tensor, ...[target, weight, ignoreIndex, reduction]: NllArgs) => {
    const { N, C, inner } = classSizes(input);
    const [x, t, w] = [dense(input), dense(cast(target, int64)), weight === null ? null : dense(weight)];
    const out = allocate(reduction === 0 ? target.shape : [], x.dtype);
    const total = allocate([], x.dtype);
    const bad = floatKernel('nll_forward_f32', x.dtype)(
      address(x),
      address(t),
      pointer(w),
      address(out),
      address(total),
      N,
      C,
      inner,
      ignoreIndex,
      reduction,
    );
    if (bad !== 0) throw outOfBounds(t, bad);
    ctx.save(t, w, total);
    ctx.state = input.shape;
    return out;
  },
  backward: (ctx, g) => {
    const [target, weight, total] = ctx.saved();
    const [, , , ignoreIndex, reduction] = ctx.args as [null, null, null, number, number];
    return [
      nllLossBackward(g, target, weight, total, ctx.state as number[], ignoreIndex, reduction),
      null,
      null,
    ];
  },
  samples: (make) => [
    [make(3, 4), make.int(0, 4, 3), null, -100, REDUCTION_CODE.mean],
    [make(2, 3, 2), make.int(0, 3, 2, 2), make.uniform(0.5, 2, 3).detach(), 1, REDUCTION_CODE.none],
  ],
});

type NllBackwardArgs = [
  target: Tensor,
  weight: Tensor | null,
  total: Tensor,
  size: readonly number[],
  ignoreIndex: number,
  reduction: number,
];

const nllLossBackward: Op<(grad: Tensor, ...args: NllBackwardArgs) => Tensor> = define({
  schema:
    'nll_loss_backward(Tensor grad, Tensor target, Tensor? weight, Tensor total, int[] size, int ignore_index, int reduction)',
  forward: (ctx, grad: Tensor, ...[target, weight, total, size, ignoreIndex, reduction]: NllBackwardArgs) => {
    const out = allocate(size, grad.dtype);
    const { N, C, inner } = classSizes(out);
    const g = dense(grad);
    floatKernel('nll_backward_f32', out.dtype)(
      address(g),
      address(target),
      pointer(weight),
      address(total),
      address(out),
      N,
      C,
      inner,
      ignoreIndex,
      reduction,
    );
    ctx.save(target, weight);
    return out;
  },
  // Linear in grad, and the very map that the loss is from the scores.
  backward: (ctx, v) => {
    const [target, weight] = ctx.saved();
    const [, , , , , ignoreIndex, reduction] = ctx.args as [null, null, null, null, null, number, number];
    return [nllLoss(v, target, weight, ignoreIndex, reduction), null, null, null];
  },
});

/**
 * −weight[target] · input[target] of log-probabilities [N, C, d1, ...] (or [C]) and class indices [N, d1, ...]. The mean
 * divides by Σ weight[target] over the targets that are not `ignore_index`.
 */
export const nll_loss: Op<
  (...args: Args<[input: Tensor, target: Tensor], LegacyArgs, ClassOptions>) => Tensor
> = define({
  schema:
    'nll_loss(Tensor input, Tensor target, Tensor? weight=None, bool? size_average=None, int ignore_index=-100, ' +
    "bool? reduce=None, str reduction='mean')",
  forward: (
    _ctx,
    input: Tensor,
    target: Tensor,
    weight: Tensor | null,
    sizeAverage: boolean | null,
    ignoreIndex: number,
    reduce: boolean | null,
    reduction: string,
  ) => {
    const kind = reductionOf(reduction, sizeAverage, reduce);
    checkClassTarget('nll_loss', input, target, weight);
    return nllLoss(input, target, weight, ignoreIndex, REDUCTION_CODE[kind]);
  },
  backward: 'composite',
  samples: (make) => [
    [make(3, 4), make.int(0, 4, 3)],
    [
      make(3, 4),
      make.int(0, 4, 3),
      { weight: make.uniform(0.5, 2, 4).detach(), reduction: 'sum', ignore_index: 1 },
    ],
    [make(2, 3, 2, 2), make.int(0, 3, 2, 2, 2), { reduction: 'none' }],
    [make(3), make.int(0, 3)],
  ],
});
