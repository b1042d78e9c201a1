import { no_grad } from '../autograd/mode.js';
import { RuntimeError } from '../errors.js';
import { broadcastShapes, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { gt, where } from './compare.js';
import { clone, to } from './copy.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { commonDtype } from './iterator.js';
import { add, div, mul, sub } from './pointwise_binary.js';
import { clamp_min } from './pointwise_clamp.js';
import { reciprocal, sqrt, square } from './pointwise_unary.js';
import { sum } from './reduce.js';
import { norm, normBackward, vectorNorm } from './reduce_norm.js';
import { floatDtype } from './unary_kernel.js';
import { expand } from './view.js';

/**
 * Σ x1 · x2 / (‖x1‖ · ‖x2‖) along `dim`, of tensors that broadcast together; each norm is at least `eps`.
 *
 * @example
 * const [a, b] = [torch.tensor([[3.5, 0]]), torch.tensor([[2.5, 2.5]])];
 * console.log(torch.cosine_similarity(a, b).item().toFixed(4)); // 0.7071
 */
export const cosine_similarity: Op<
  (
    ...args: Args<[x1: Tensor, x2: Tensor], [dim: number, eps: number], { dim?: number; eps?: number }>
  ) => Tensor
> = define({
  schema: 'cosine_similarity(Tensor x1, Tensor x2, int dim=1, float eps=1e-08)',
  forward: (_ctx, x1: Tensor, x2: Tensor, dim: number, eps: number) => {
    const dtype = commonDtype([x1, x2]);
    if (!dtype.is_floating_point) {
      throw new RuntimeError(
        `expected common dtype to be floating point, yet common dtype is ${dtype.scalarName}`,
      );
    }
    const shape = broadcastShapes(x1.shape, x2.shape);
    const d = wrapDim(dim, shape.length);
    const unit = (x: Tensor): Tensor => {
      const wide = expand(to(x, dtype), shape);
      // As in torch the bound does not stop the gradient of the norm, which is wide / norm with the bound in the norm.
      const squared = clone(sum(square(wide), d, true));
      no_grad(() => clamp_min.inplace(squared, eps * eps));
      return div(wide, sqrt(squared));
    };
    return sum(mul(unit(x1), unit(x2)), d);
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 3), make(2, 3)],
    [make(2, 3), make(3), { dim: -1, eps: 1e-6 }],
    [make(3, 2, 2), make(2, 2), 0],
  ],
});

/**
 * ‖x1 − x2 + eps‖ₚ along the last dimension.
 *
 * @example
 * console.log(torch.pairwise_distance(torch.tensor([[3, 0]]), torch.tensor([[0, 4]])).item().toFixed(4)); // 5.0000
 */
export const pairwise_distance: Op<
  (
    ...args: Args<
      [x1: Tensor, x2: Tensor],
      [p: number, eps: number, keepdim: boolean],
      { p?: number; eps?: number; keepdim?: boolean }
    >
  ) => Tensor
> = define({
  schema: 'pairwise_distance(Tensor x1, Tensor x2, float p=2.0, float eps=1e-06, bool keepdim=False)',
  forward: (_ctx, x1: Tensor, x2: Tensor, p: number, eps: number, keepdim: boolean) => {
    const difference = sub(x1, x2);
    // eps is a float whatever its value.
    return norm(add(to(difference, floatDtype(difference.dtype)), eps), p, -1, keepdim);
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 3), make(2, 3)],
    [make(2, 3), make(3), 1, { keepdim: true }],
    [make(3), make(3), { p: 3, eps: 0.1 }],
  ],
});

/**
 * The input divided by its p-norm along `dim` (one or several); the norm is at least `eps`.
 *
 * @example
 * console.log(F.normalize(torch.tensor([[3, 4.5]]), { p: Infinity }).index(0, 1).item()); // 1
 */
export const normalize: Op<
  (
    ...args: Args<
      [input: Tensor],
      [p: number, dim: number | readonly number[], eps: number],
      { p?: number; dim?: number | readonly number[]; eps?: number }
    >
  ) => Tensor
> = define({
  schema: 'normalize(Tensor input, float p=2.0, int[] dim=[1], float eps=1e-12)',
  forward: (_ctx, x: Tensor, p: number, dim: number[], eps: number) =>
    div(x, clamp_min(norm(x, p, dim, true), eps)),
  backward: 'composite',
  samples: (make) => [[make(2, 3)], [make(2, 3, 2), 1, [0, 2]], [make(3), { dim: 0, p: 3 }]],
});

/**
 * Each slice along `dim` whose p-norm is above `maxnorm`, scaled down to it.
 *
 * @example
 * console.log(torch.renorm(torch.tensor([[3.5, 4], [0, 2]]), 1, 0, 3).sum(1).tolist().map(Math.round)); // [ 3, 2 ]
 */
export const renorm: Op<
  (
    ...args: Args<
      [input: Tensor, p: number, dim: number, maxnorm: number],
      [],
      { p?: number; dim?: number; maxnorm?: number }
    >
  ) => Tensor,
  'method' | 'inplace'
> = define(
  {
    schema: 'renorm(Tensor input, float p, int dim, float maxnorm)',
    forward: (ctx, x: Tensor, p: number, dim: number, maxnorm: number) => {
      if (!(p > 0)) throw new RuntimeError('renorm: non-positive-norm not supported');
      if (!(maxnorm >= 0)) throw new RuntimeError(`renorm: expected maxnorm to be >= 0 but got ${maxnorm}`);
      if (x.ndim < 2)
        throw new RuntimeError(`renorm: input needs at least 2 dimensions, got ${x.ndim} dimensions`);
      const d = wrapDim(dim, x.ndim);
      if (!x.dtype.is_floating_point) {
        throw new RuntimeError(
          `linalg.vector_norm: Expected a floating point or complex tensor as input. Got ${x.dtype.scalarName}`,
        );
      }
      const others = x.shape.map((_, i) => i).filter((i) => i !== d);
      ctx.save(x);
      ctx.state = others;
      const size = vectorNorm(x, p, others, true);
      return mul(x, where(gt(size, maxnorm), mul(reciprocal(add(size, 1e-7)), maxnorm), 1));
    },
    backward: (ctx, g) => {
      const [x] = ctx.saved();
      const [, p, , maxnorm] = ctx.args as [null, number, number, number];
      const others = ctx.state as number[];
      const size = vectorNorm(x, p, others, true);
      const inverse = reciprocal(add(size, 1e-7));
      const pull = normBackward(sum(mul(x, g), others, true), x, size, p, others);
      return [where(gt(size, maxnorm), mul(mul(inverse, maxnorm), sub(g, mul(inverse, pull))), g)];
    },
    samples: (make) => [
      [make(2, 3), 2, 0, 1],
      [make(2, 3, 2), 1, -1, 2],
      [make(2, 3), Infinity, 1, 0.5],
    ],
  },
  ['method', 'inplace'],
);
