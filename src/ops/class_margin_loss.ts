import { int64, uint8 } from '../dtype.js';
import { RuntimeError, ValueError } from '../errors.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { ge, logical_or, lt } from './compare.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { defineLoss, LEGACY } from './define_loss.js';
import type { Legacy, Loss } from './define_loss.js';
import { dense } from './dense.js';
import { checkFloat, checkSameDtype, floatKernel } from './float_kernel.js';
import { gather, index_select } from './gather.js';
import { add, div, mul, rsub } from './pointwise_binary.js';
import { square } from './pointwise_unary.js';
import { is_nonzero } from './predicate.js';
import { relu } from './rectifier.js';
import { sum } from './reduce.js';
import { any } from './reduce_logic.js';
import type { Reduction } from './reduction.js';
import { scatter } from './scatter.js';
import { reshape, unsqueeze } from './view.js';

/** The input as [N, C]: scores of C classes, in a batch or not. */
function scoresOf(x: Tensor): Tensor {
  if (x.ndim > 2 || (x.ndim > 0 && x.shape[x.ndim - 1] === 0)) {
    throw new RuntimeError(
      `Expected non-empty vector or matrix with optional 0-dim batch size, but got: ${showShape(x.shape)}`,
    );
  }
  return x.ndim === 2 ? x : reshape(x, [1, x.numel()]);
}

function checkTarget(op: string, target: Tensor): void {
  if (target.dtype !== int64) {
    throw new RuntimeError(
      `expected scalar type Long but found ${target.dtype.scalarName} (${op}: target of class indices)`,
    );
  }
}

/** Whether an element is below `low` or not below `high`. */
function isOutside(x: Tensor, low: number, high: number): boolean {
  return is_nonzero(any(logical_or(lt(x, low), ge(x, high))));
}

/**
 * Σ max(0, margin − input[target] + input[i])^p / C over the classes i that are not the target; scores [N, C] or [C] and
 * class indices [N] or [].
 *
 * @param p 1 or 2
 * @param weight one of each class, multiplies the terms of its targets
 * @example
 * const scores = torch.tensor([[0.25, 0.5, 0]]);
 * console.log(F.multi_margin_loss(scores, torch.tensor([1])).item().toFixed(4)); // 0.4167
 */
export const multi_margin_loss: Loss<
  [input: Tensor, target: Tensor],
  [
    p: number,
    margin: number,
    weight: Tensor | null,
    size_average: boolean | null,
    reduce: boolean | null,
    reduction: Reduction,
  ],
  { p?: number; margin?: number; weight?: Tensor | null }
> = defineLoss({
  schema: `multi_margin_loss(Tensor input, Tensor target, int p=1, float margin=1.0, Tensor? weight=None, ${LEGACY})`,
  each: (input: Tensor, target: Tensor, p: number, margin: number, weight: Tensor | null) => {
    if (p !== 1 && p !== 2) throw new ValueError('only p == 1 and p == 2 supported');
    if (weight !== null && weight.ndim !== 1) throw new ValueError('weight must be one-dimensional');
    const scores = scoresOf(input);
    const [N, C] = scores.shape;
    if (target.ndim > 1 || target.numel() !== N)
      throw new RuntimeError(`inconsistent target size, got: ${showShape(target.shape)}`);
    checkFloat('multi_margin_loss_cpu_kernel', input.dtype);
    checkTarget('multi_margin_loss', target);
    if (weight !== null) {
      if (weight.numel() !== C)
        throw new RuntimeError(`inconsistent weight size, expected ${C} but got ${showShape(weight.shape)}`);
      checkSameDtype('multi_margin_loss', input, { weight });
    }
    if (isOutside(target, 0, C)) throw new RuntimeError('target out of range');
    const index = reshape(target, [N, 1]);
    const excess = relu(add(rsub(gather(scores, 1, index), margin), scores));
    const others = scatter(p === 1 ? excess : square(excess), 1, index, 0);
    const losses = div(sum(others, 1), C);
    const weighted = weight === null ? losses : mul(losses, index_select(weight, 0, reshape(target, [N])));
    return reshape(weighted, target.shape);
  },
  samples: (make) => [
    [make(3, 4), make.int(0, 4, 3)],
    [make(3, 4), make.int(0, 4, 3), 2, 0.5, make.uniform(0.5, 2, 4).detach(), { reduction: 'none' }],
    [make(4), make.int(0, 4), { reduction: 'sum' }],
  ],
});

/** multilabel_margin_loss of [N, C], unreduced, arguments checked. */
export const multilabelMargin: Op<(input: Tensor, target: Tensor) => Tensor> = define({
  schema: 'multilabel_margin_loss(Tensor input, Tensor target)',
  forward: (ctx, input: Tensor, target: Tensor) => {
    const [N, C] = input.shape;
    const [x, t] = [dense(input), dense(target)];
    const out = allocate([N], x.dtype);
    const slope = allocate([N, C], x.dtype);
    const seen = allocate([C], uint8);
    floatKernel('multilabel_margin_f32', x.dtype)(
      address(x),
      address(t),
      address(out),
      address(slope),
      address(seen),
      N,
      C,
    );
    ctx.save(slope);
    return out;
  },
  // The loss is linear between its bends.
  backward: (ctx, g) => [mul(unsqueeze(g, 1), ctx.saved()[0]), null],
  samples: (make) => [[make(3, 4), make.int(0, 4, 3, 4)]],
});

/**
 * Σ max(0, 1 − (input[label] − input[i])) / C over the labels and over the classes i that are none; scores [N, C] or [C]. The
 * labels of a row are what its target, of the input's shape, has before the first −1.
 *
 * @example
 * const scores = torch.tensor([0.25, 0.5, 0]);
 * console.log(F.multilabel_margin_loss(scores, torch.tensor([1, 0, -1])).item().toFixed(4)); // 0.4167
 */
export const multilabel_margin_loss: Loss<[input: Tensor, target: Tensor], Legacy> = defineLoss({
  schema: `multilabel_margin_loss(Tensor input, Tensor target, ${LEGACY})`,
  each: (input: Tensor, target: Tensor) => {
    const scores = scoresOf(input);
    const [N, C] = scores.shape;
    const fits = input.ndim === 2 ? target.ndim === 2 && target.shape[0] === N : target.ndim < 2;
    if (!fits || target.numel() !== N * C)
      throw new RuntimeError(`inconsistent size ${showShape(target.shape)} for argument #2 'target'`);
    checkFloat('multilabel_margin_loss_forward_out_frame', input.dtype);
    checkTarget('multilabel_margin_loss', target);
    if (isOutside(target, -1, C)) throw new RuntimeError("argument #2 'target' is out of range");
    const losses = multilabelMargin(scores, reshape(target, [N, C]));
    return input.ndim === 2 ? losses : reshape(losses, []);
  },
  samples: (make) => [
    [make(3, 4), make.int(-1, 4, 3, 4)],
    [make(4), make.int(-1, 4, 4), { reduction: 'none' }],
  ],
});
