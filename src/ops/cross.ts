import { bool } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { roll } from './flip.js';
import { mul, sub } from './pointwise_binary.js';

/** a × b along `dim`; every other dimension is broadcast. */
export function crossProduct(a: Tensor, b: Tensor, dim: number): Tensor {
  if (a.ndim !== b.ndim)
    throw new RuntimeError('linalg.cross: inputs must have the same number of dimensions.');
  const d = wrapDim(dim, a.ndim);
  if (a.shape[d] !== 3 || b.shape[d] !== 3) {
    throw new RuntimeError(
      `linalg.cross: inputs dimension ${dim} must have length 3. Got ${a.shape[d]} and ${b.shape[d]}`,
    );
  }
  if (a.dtype !== b.dtype) {
    throw new RuntimeError(`expected scalar type ${a.dtype.scalarName} but found ${b.dtype.scalarName}`);
  }
  if (a.dtype === bool) throw new RuntimeError('"cross" not implemented for \'Bool\'');
  return sub(mul(roll(a, -1, d), roll(b, -2, d)), mul(roll(a, -2, d), roll(b, -1, d)));
}

/**
 * The cross product of vectors of three elements along `dim`; by default the first dimension of size 3.
 *
 * @example
 * console.log(torch.cross(torch.tensor([1, 0, 0]), torch.tensor([0, 1, 0])).tolist()); // [ 0, 0, 1 ]
 */
export const cross: Op<
  (input: Tensor, other: Tensor, dim?: number | null | { dim?: number | null }) => Tensor,
  'method'
> = define(
  {
    schema: 'cross(Tensor input, Tensor other, int? dim=None)',
    forward: (_ctx, a: Tensor, b: Tensor, dim: number | null) => {
      if (dim !== null) return crossProduct(a, b, dim);
      const first = a.shape.indexOf(3);
      if (first < 0) throw new RuntimeError('no dimension of size 3 in input');
      return crossProduct(a, b, first);
    },
    backward: 'composite',
    samples: (make) => [
      [make(3, 2), make(3, 2)],
      [make(1, 3), make(2, 3), -1],
    ],
  },
  ['method'],
);
