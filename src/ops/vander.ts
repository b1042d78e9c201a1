import { int64 } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { ones } from './creation.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { flip } from './flip.js';
import { cat } from './join.js';
import { cumprod } from './scan.js';
import { expand, unsqueeze } from './view.js';

/**
 * The powers of the elements of a vector, one row an element, from N − 1 down to 0; N defaults to their number.
 *
 * @example
 * console.log(torch.vander(torch.tensor([2, 3]), 3).tolist()); // [ [ 4, 2, 1 ], [ 9, 3, 1 ] ]
 */
export const vander: Op<
  (
    ...args: Args<
      [x: Tensor],
      [N: number | null, increasing: boolean],
      { N?: number | null; increasing?: boolean }
    >
  ) => Tensor
> = define({
  schema: 'vander(Tensor x, int? N=None, bool increasing=False)',
  forward: (_ctx, x: Tensor, N: number | null, increasing: boolean) => {
    if (x.ndim !== 1) throw new RuntimeError('x must be a one-dimensional tensor.');
    const n = x.shape[0];
    const count = N ?? n;
    if (count < 0) throw new RuntimeError('N must be non-negative.');
    const dtype = x.dtype.is_floating_point ? x.dtype : int64;
    const one = ones([n, Math.min(count, 1)], { dtype });
    if (count < 2) return one;
    const powers = cat([one, cumprod(expand(unsqueeze(x, 1), [n, count - 1]), 1)], 1);
    return increasing ? powers : flip(powers, 1);
  },
  backward: 'composite',
  samples: (make) => [[make(3)], [make(3), 4, true]],
});
