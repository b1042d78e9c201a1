import { int64 } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { zeros } from './creation.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { max, min } from './reduce_extremum.js';
import { scatter } from './scatter.js';
import { unsqueeze } from './view.js';

/**
 * Classes (int64) as vectors of `num_classes` numbers (default: as many as the largest class needs), 1 at the class and 0
 * elsewhere.
 *
 * @example
 * console.log(F.one_hot(torch.tensor([0, 2])).tolist()); // [ [ 1, 0, 0 ], [ 0, 0, 1 ] ]
 */
export const one_hot: Op<
  (...args: Args<[input: Tensor], [num_classes: number], { num_classes?: number }>) => Tensor
> = define({
  schema: 'one_hot(Tensor input, int num_classes=-1)',
  forward: (_ctx, x: Tensor, count: number) => {
    if (x.dtype !== int64) throw new RuntimeError('one_hot is only applicable to index tensor.');
    if (x.numel() === 0) {
      if (count <= 0) throw new RuntimeError('Can not infer total number of classes from empty tensor.');
      return zeros([...x.shape, count], { dtype: int64 });
    }
    if (min(x).item() < 0) throw new RuntimeError('Class values must be non-negative.');
    const needed = max(x).item() + 1;
    if (count !== -1 && count < needed) {
      throw new RuntimeError('Class values must be smaller than num_classes.');
    }
    const out = zeros([...x.shape, count === -1 ? needed : count], { dtype: int64 });
    return scatter(out, -1, unsqueeze(x, -1), 1);
  },
  backward: 'none',
  samples: (make) => [[make.int(0, 5, 2, 3)], [make.int(0, 3, 4), 7]],
});
