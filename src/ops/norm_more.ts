/** Norms under the names that torch keeps for its own use. */
import { RuntimeError } from '../errors.js';
import { checkFloating } from '../linalg/matrix.js';
import { matrix_norm } from '../linalg/norm.js';
import { wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { mul } from './pointwise_binary.js';
import { sqrt } from './pointwise_unary.js';
import { sum } from './reduce.js';
import { norm } from './reduce_norm.js';
import { reshape, transpose } from './view.js';

/**
 * The norm over all dimensions but one, which are kept with size 1; of everything where `dim` is -1.
 *
 * @example
 * console.log(torch.norm_except_dim(torch.tensor([[3, 4], [6, 8]]).float()).tolist()); // [ [ 5 ], [ 10 ] ]
 */
export const norm_except_dim: Op<
  (...args: Args<[v: Tensor], [pow: number, dim: number], { pow?: number; dim?: number }>) => Tensor
> = define({
  schema: 'norm_except_dim(Tensor v, int pow=2, int dim=0)',
  forward: (_ctx, v: Tensor, power: number, dim: number) => {
    if (dim === -1) return norm(v, power);
    const kept = wrapDim(dim, v.ndim);
    const first = transpose(v, 0, kept);
    const norms = norm(reshape(first, [v.size(kept), -1]), power, 1);
    return transpose(reshape(norms, [-1, ...v.shape.slice(1).map(() => 1)]), 0, kept);
  },
  backward: 'composite',
  samples: (make) => [[make(2, 3)], [make(2, 3, 2), 1, 1], [make(2, 3), 2, -1]],
});

type NormDims<D> = Args<[input: Tensor], [dim: D, keepdim: boolean], { dim?: D; keepdim?: boolean }>;

/** The square root of the sum of squares over at most two dimensions, or all. */
export const frobenius_norm: Op<(...args: NormDims<number | readonly number[] | null>) => Tensor> = define({
  schema: 'frobenius_norm(Tensor input, int[]? dim=None, bool keepdim=False)',
  forward: (_ctx, x: Tensor, dim: number[] | null, keepdim: boolean) => {
    if (dim === null) return norm(x);
    if (dim.length > 2) {
      throw new RuntimeError(`Expected at most 2 dimensions, but got ${dim.length} dimensions instead.`);
    }
    if (dim.length < 2) return norm(x, 2, dim, keepdim);
    const [a, b] = dim.map((d) => wrapDim(d, x.ndim));
    if (a === b) throw new RuntimeError(`Expected dims to be different, got [${dim.join(', ')}] instead`);
    return sqrt(sum(mul(x, x), [a, b], keepdim));
  },
  backward: 'composite',
  samples: (make) => [[make(2, 3)], [make(2, 3), 1], [make(2, 3, 2), [0, 2], true]],
});

/** The sum of the singular values of a matrix, or of two dimensions; a boolean in place of `dim` is `keepdim`. */
export const nuclear_norm: Op<(...args: NormDims<readonly number[] | boolean | null>) => Tensor> = define({
  schema: 'nuclear_norm(Tensor input, bool|int[]? dim=None, bool keepdim=False)',
  forward: (_ctx, x: Tensor, dim: number[] | boolean | null, keepdim: boolean) => {
    if (dim === null || typeof dim === 'boolean') {
      if (x.ndim !== 2) {
        throw new RuntimeError(
          `Expected a tensor with 2 dimensions, but got a tensor with ${x.ndim} dimension${x.ndim === 1 ? '' : 's'} instead.`,
        );
      }
    } else if (dim.length !== 2) throw new RuntimeError("nuclear norm requires a 'dim' argument of size 2");
    const given = Array.isArray(dim) ? dim : [0, 1];
    if (wrapDim(given[0], x.ndim) === wrapDim(given[1], x.ndim))
      throw new RuntimeError('duplicate or invalid dimensions');
    checkFloating('linalg.svd', x);
    return matrix_norm(x, 'nuc', given, dim === true || keepdim);
  },
  backward: 'composite',
  samples: (make) => [[make(2, 3)], [make(2, 3, 2), [0, 2], true]],
});
