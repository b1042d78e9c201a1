import { RuntimeError } from '../errors.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { eq, ne, where } from './compare.js';
import { to } from './copy.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { defineLoss, LEGACY } from './define_loss.js';
import type { Legacy, Loss } from './define_loss.js';
import { pairwise_distance } from './distance.js';
import { add, div, minimum, mul, neg, rsub, sub } from './pointwise_binary.js';
import { clamp_min } from './pointwise_clamp.js';
import { sqrt, square } from './pointwise_unary.js';
import { sum } from './reduce.js';
import { reduceLoss, reductionOf } from './reduction.js';
import type { Reduction } from './reduction.js';
import { floatDtype } from './unary_kernel.js';

export function hingeEmbedding(input: Tensor, target: Tensor, margin: number): Tensor {
  // torch writes the margin into a tensor of the input's dtype first.
  const limit = input.dtype.is_floating_point ? margin : Math.trunc(margin);
  const apart = where(ne(target, 1), clamp_min(rsub(input, limit), 0), 0);
  return add(apart, where(ne(target, -1), input, 0));
}

/**
 * input where the target is 1, max(0, margin − input) where it is −1.
 *
 * @example
 * const distance = torch.tensor([0.25, 0.25]);
 * const loss = F.hinge_embedding_loss(distance, torch.tensor([1, -1]), { reduction: 'none' });
 * console.log(loss.tolist()); // [ 0.25, 0.75 ]
 */
export const hinge_embedding_loss: Loss<
  [input: Tensor, target: Tensor],
  [margin: number, ...Legacy],
  { margin?: number }
> = defineLoss({
  schema: `hinge_embedding_loss(Tensor input, Tensor target, float margin=1.0, ${LEGACY})`,
  each: hingeEmbedding,
  samples: (make) => [
    [make(3, 2), make.int(0, 2, 3, 2).mul(2).sub(1)],
    [make(3, 2), make.int(-1, 2, 2), { margin: 0.5, reduction: 'none' }],
  ],
});

export function cosineEmbedding(input1: Tensor, input2: Tensor, target: Tensor, margin: number): Tensor {
  if (target.ndim > 1) {
    throw new RuntimeError(
      `0D or 1D target tensor expected, multi-target not supported (cosine_embedding_loss: target ${showShape(target.shape)})`,
    );
  }
  if (input1.ndim !== target.ndim + 1) {
    throw new RuntimeError(
      `${target.ndim}D target tensor expects ${target.ndim + 1}D input tensors, but found inputs with sizes ` +
        `${showShape(input1.shape)} and ${showShape(input2.shape)}.`,
    );
  }
  const dot = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), target.ndim);
  const size = (x: Tensor): Tensor => add(dot(x, x), 1e-12);
  const cosine = div(dot(input1, input2), sqrt(mul(size(input1), size(input2))));
  const apart = where(eq(target, -1), clamp_min(sub(cosine, margin), 0), 0);
  return add(where(eq(target, 1), rsub(cosine, 1), 0), apart);
}

/**
 * 1 − cos(input1, input2) where the target is 1, max(0, cos(input1, input2) − margin) where it is −1; inputs [N, D] and target
 * [N], or [D] and [].
 *
 * @example
 * const [a, b] = [torch.tensor([[1.5, 0]]), torch.tensor([[0, 1.5]])];
 * console.log(F.cosine_embedding_loss(a, b, torch.tensor([1])).item()); // 1
 */
export const cosine_embedding_loss: Loss<
  [input1: Tensor, input2: Tensor, target: Tensor],
  [margin: number, ...Legacy],
  { margin?: number }
> = defineLoss({
  schema: `cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, float margin=0.0, ${LEGACY})`,
  each: cosineEmbedding,
  samples: (make) => [
    [make(3, 2), make(3, 2), make.int(0, 2, 3).mul(2).sub(1)],
    [make(2), make(2), make.int(1, 2), { margin: 0.5, reduction: 'sum' }],
    [make(3, 2), make(1, 2), make.int(-1, 0, 3), -1, { reduction: 'none' }],
  ],
});

export function marginRanking(input1: Tensor, input2: Tensor, target: Tensor, margin: number): Tensor {
  const order = mul(neg(target), sub(input1, input2));
  // The margin is a float whatever its value.
  return clamp_min(add(to(order, floatDtype(order.dtype)), margin), 0);
}

/**
 * max(0, −target · (input1 − input2) + margin): target 1 where input1 should be the larger, −1 where the smaller.
 *
 * @example
 * const loss = F.margin_ranking_loss(torch.tensor([2.5]), torch.tensor([2]), torch.tensor([-1]), { margin: 1 });
 * console.log(loss.item()); // 1.5
 */
export const margin_ranking_loss: Loss<
  [input1: Tensor, input2: Tensor, target: Tensor],
  [margin: number, ...Legacy],
  { margin?: number }
> = defineLoss({
  schema: `margin_ranking_loss(Tensor input1, Tensor input2, Tensor target, float margin=0.0, ${LEGACY})`,
  each: (input1: Tensor, input2: Tensor, target: Tensor, margin: number) => {
    if (input1.ndim !== input2.ndim || input1.ndim !== target.ndim) {
      const sizes = [input1, input2, target].map((x) => `torch.Size(${showShape(x.shape)})`);
      throw new RuntimeError(
        'margin_ranking_loss : All input tensors should have same dimension but got sizes: ' +
          `input1: ${sizes[0]}, input2: ${sizes[1]}, target: ${sizes[2]} `,
      );
    }
    return marginRanking(input1, input2, target, margin);
  },
  samples: (make) => [
    [make(3, 2), make(3, 2), make.int(0, 2, 3, 2).mul(2).sub(1)],
    [make(3, 2), make(3, 1), make.int(1, 2, 1, 2), 0.5, { reduction: 'none' }],
  ],
});

export function tripletMargin(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  margin: number,
  p: number,
  eps: number,
  swap: boolean,
): Tensor {
  if (anchor.ndim !== positive.ndim || positive.ndim !== negative.ndim) {
    throw new RuntimeError(
      `All inputs should have same dimension but got ${anchor.ndim}D, ${positive.ndim}D and ${negative.ndim}D inputs.`,
    );
  }
  const distance = (a: Tensor, b: Tensor): Tensor => pairwise_distance(a, b, p, eps);
  const [near, far] = tripletDistances(distance, anchor, positive, negative, swap);
  return clamp_min(sub(add(near, margin), far), 0);
}

/** A function of two tensors that says how far apart they are; a module is one too. */
export type DistanceFunction = (x1: Tensor, x2: Tensor) => Tensor;

/** From the positive and from the negative. */
function tripletDistances(
  distance: DistanceFunction,
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  swap: boolean,
): [near: Tensor, far: Tensor] {
  const near = distance(anchor, positive);
  const far = distance(anchor, negative);
  return [near, swap ? minimum(far, distance(positive, negative)) : far];
}

/**
 * max(0, d(anchor, positive) − d(anchor, negative) + margin), d being `pairwise_distance`, of tensors [N, D] or [D].
 *
 * @param swap takes the smaller of d(anchor, negative) and d(positive, negative)
 * @example
 * const [anchor, positive, negative] = [torch.zeros(1, 2), torch.ones(1, 2), torch.ones(1, 2)];
 * console.log(F.triplet_margin_loss(anchor, positive, negative).item().toFixed(4)); // 1.0000
 */
export const triplet_margin_loss: Loss<
  [anchor: Tensor, positive: Tensor, negative: Tensor],
  [margin: number, p: number, eps: number, swap: boolean, ...Legacy],
  { margin?: number; p?: number; eps?: number; swap?: boolean }
> = defineLoss({
  schema:
    'triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, float margin=1.0, float p=2.0, ' +
    `float eps=1e-06, bool swap=False, ${LEGACY})`,
  each: tripletMargin,
  samples: (make) => [
    [make(3, 2), make(3, 2), make(3, 2)],
    [make(3, 2), make(3, 2), make(1, 2), { margin: 0.5, p: 1, swap: true, reduction: 'none' }],
    [make(2), make(2), make(2), { reduction: 'sum' }],
  ],
});

/**
 * `triplet_margin_loss` with a distance of one's own.
 *
 * @param distance_function default `pairwise_distance`
 * @example
 * const distance_function = (a, b) => a.sub(b).abs().amax(-1);
 * const [anchor, positive, negative] = [torch.zeros(1, 2), torch.ones(1, 2), torch.full([1, 2], 1.5)];
 * console.log(F.triplet_margin_with_distance_loss(anchor, positive, negative, { distance_function }).item()); // 0.5
 */
export const triplet_margin_with_distance_loss: Op<
  (
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    options?: {
      distance_function?: DistanceFunction | null;
      margin?: number;
      swap?: boolean;
      reduction?: Reduction;
    },
  ) => Tensor
> = define({
  schema:
    'triplet_margin_with_distance_loss(Tensor anchor, Tensor positive, Tensor negative, *, any distance_function=None, ' +
    "float margin=1.0, bool swap=False, str reduction='mean')",
  forward: (
    _ctx,
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    distance: unknown,
    margin: number,
    swap: boolean,
    reduction: string,
  ) => {
    const kind = reductionOf(reduction, null, null);
    if (distance !== null && typeof distance !== 'function') {
      throw new TypeError(
        'triplet_margin_with_distance_loss: distance_function must be a function of two tensors',
      );
    }
    const between = (distance ?? pairwise_distance) as DistanceFunction;
    const [near, far] = tripletDistances(between, anchor, positive, negative, swap);
    return reduceLoss(clamp_min(add(sub(near, far), margin), 0), kind);
  },
  backward: 'composite',
  samples: (make) => [
    [make(3, 2), make(3, 2), make(3, 2)],
    [
      make(3, 2),
      make(3, 2),
      make(3, 2),
      {
        distance_function: (a: Tensor, b: Tensor) => sum(square(sub(a, b)), -1),
        swap: true,
        reduction: 'none',
      },
    ],
  ],
});
