import { ValueError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { pad } from './pad.js';
import { add, div, mul, pow } from './pointwise_binary.js';
import { avg_pool2d } from './pool.js';
import { avg_pool3d } from './pool3d.js';
import { reshape, squeeze, unsqueeze } from './view.js';

/**
 * Across channels of [N, C, *]: input / (k + α·m)^β, m being the mean over `size` neighbouring channels of their squares, zeros
 * beyond the first and the last.
 *
 * @example
 * const x = torch.ones(1, 3, 1);
 * console.log(F.local_response_norm(x, 1, { alpha: 1, beta: 1 }).tolist()); // [ [ [ 0.5 ], [ 0.5 ], [ 0.5 ] ] ]
 */
export const local_response_norm: Op<
  (
    ...args: Args<
      [input: Tensor, size: number],
      [alpha: number, beta: number, k: number],
      { size?: number; alpha?: number; beta?: number; k?: number }
    >
  ) => Tensor
> = define({
  schema: 'local_response_norm(Tensor input, int size, float alpha=0.0001, float beta=0.75, float k=1.0)',
  forward: (_ctx, x: Tensor, size: number, alpha: number, beta: number, k: number) => {
    if (x.ndim < 3) {
      throw new ValueError(`Expected 3D or higher dimensionality input (got ${x.ndim} dimensions)`);
    }
    if (x.numel() === 0) return x;
    const around = [Math.floor(size / 2), Math.floor((size - 1) / 2)];
    const squares = unsqueeze(mul(x, x), 1);
    const [N, C, L] = x.shape;
    const mean =
      x.ndim === 3
        ? squeeze(avg_pool2d(pad(squares, [0, 0, ...around]), [size, 1], 1), 1)
        : avg_pool3d(pad(reshape(squares, [N, 1, C, L, -1]), [0, 0, 0, 0, ...around]), [size, 1, 1], 1);
    return div(x, pow(add(mul(reshape(mean, x.shape), alpha), k), beta));
  },
  backward: 'composite',
  samples: (make) => [
    [make(1, 4, 3), 3],
    [make(2, 3, 2, 2), 2, { alpha: 0.5, beta: 0.5, k: 2 }],
  ],
});
