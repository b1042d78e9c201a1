/** What `torch.linalg` has besides decompositions: products of vectors, and equations between tensors. */
import { RuntimeError } from '../errors.js';
import { crossProduct } from '../ops/cross.js';
import { define } from '../ops/define.js';
import type { Args, Op } from '../ops/define.js';
import { diagonal as diagonalOf } from '../ops/diagonal.js';
import { cat } from '../ops/join.js';
import { movedim } from '../ops/layout.js';
import { mul } from '../ops/pointwise_binary.js';
import { cumprod } from '../ops/scan.js';
import { sum } from '../ops/reduce.js';
import { ones } from '../ops/creation.js';
import { expand, reshape, unsqueeze } from '../ops/view.js';
import { numel } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { inv } from './inverse.js';
import { solve } from './solve.js';

interface DimOption {
  dim?: number;
}

/** The cross product of vectors of three elements along `dim`, by default the last. */
export const cross: Op<(input: Tensor, other: Tensor, options?: DimOption) => Tensor> = define({
  schema: 'linalg_cross(Tensor input, Tensor other, *, int dim=-1)',
  forward: (_ctx, a: Tensor, b: Tensor, dim: number) => crossProduct(a, b, dim),
  backward: 'composite',
  samples: (make) => [[make(2, 3), make(1, 3)]],
});

/** Sums of products along `dim`, by default the last. */
export const vecdot: Op<(x: Tensor, y: Tensor, options?: DimOption) => Tensor> = define({
  schema: 'linalg_vecdot(Tensor x, Tensor y, *, int dim=-1)',
  forward: (_ctx, x: Tensor, y: Tensor, dim: number) => {
    if (!x.dtype.is_floating_point) {
      throw new RuntimeError(
        `linalg.vecdot: Expected a floating point or complex tensor as input. Got ${x.dtype.scalarName}`,
      );
    }
    return sum(mul(x, y), dim);
  },
  backward: 'composite',
  samples: (make) => [[make(2, 3), make(3)]],
});

interface DiagonalOptions {
  offset?: number;
  dim1?: number;
  dim2?: number;
}

/** A diagonal of matrices, by default of the last two dimensions. */
export const diagonal: Op<(A: Tensor, options?: DiagonalOptions) => Tensor> = define({
  schema: 'linalg_diagonal(Tensor A, *, int offset=0, int dim1=-2, int dim2=-1)',
  forward: (_ctx, A: Tensor, offset: number, dim1: number, dim2: number) => diagonalOf(A, offset, dim1, dim2),
  backward: 'composite',
  samples: (make) => [[make(2, 3, 3)]],
});

/** The powers 0 … N − 1 of each element as a last dimension; N defaults to the size of x. */
export const vander: Op<(x: Tensor, options?: { N?: number | null }) => Tensor> = define({
  schema: 'linalg_vander(Tensor x, *, int? N=None)',
  forward: (_ctx, given: Tensor, N: number | null) => {
    const x = given.ndim === 0 ? unsqueeze(given, 0) : given;
    const count = N ?? x.shape[x.ndim - 1];
    if (count < 2) throw new RuntimeError('N must be greater than 1.');
    const powers = cumprod(expand(unsqueeze(x, -1), [...x.shape, count - 1]), -1);
    return cat([ones([...x.shape, 1], { dtype: powers.dtype }), powers], -1);
  },
  backward: 'composite',
  samples: (make) => [[make(3)], [make(2, 2), { N: 4 }]],
});

/**
 * The inverse of the product with a tensor over its first `ind` dimensions, which must have as many elements as the
 * others: `tensordot(tensorinv(A, ind), A, ind)` is an identity.
 */
export const tensorinv: Op<(...args: Args<[A: Tensor], [ind: number], { ind?: number }>) => Tensor> = define({
  schema: 'linalg_tensorinv(Tensor self, int ind=2)',
  forward: (_ctx, A: Tensor, ind: number) => {
    if (ind <= 0) {
      throw new RuntimeError(`Expected a strictly positive integer for 'ind', but got ${ind}`);
    }
    const [first, last] = [A.shape.slice(0, ind), A.shape.slice(ind)];
    if (numel(first) !== numel(last)) {
      throw new RuntimeError(
        'Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got ' +
          `${numel(last)} != ${numel(first)}`,
      );
    }
    const n = numel(last);
    return reshape(inv(reshape(A, [n, n])), [...last, ...first]);
  },
  backward: 'composite',
  samples: (make) => [[make(2, 2, 4)]],
});

/** The X with `tensordot(A, X, X.ndim)` equal to B; `dims` of A are moved to its end first. */
export const tensorsolve: Op<
  (
    ...args: Args<
      [A: Tensor, B: Tensor],
      [dims: readonly number[] | null],
      { dims?: readonly number[] | null }
    >
  ) => Tensor
> = define({
  schema: 'linalg_tensorsolve(Tensor self, Tensor other, int[]? dims=None)',
  forward: (_ctx, A: Tensor, B: Tensor, dims: number[] | null) => {
    const moved =
      dims === null
        ? A
        : movedim(
            A,
            dims,
            dims.map((_, i) => A.ndim - dims.length + i),
          );
    const [first, last] = [moved.shape.slice(0, B.ndim), moved.shape.slice(B.ndim)];
    if (numel(first) !== numel(last)) {
      throw new RuntimeError(
        'Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got ' +
          `${numel(last)} != ${numel(first)}`,
      );
    }
    const n = numel(last);
    return reshape(solve(reshape(moved, [n, n]), reshape(B, [-1])), [...last]);
  },
  backward: 'composite',
  samples: (make) => [[make(2, 2, 4), make(2, 2)]],
});
