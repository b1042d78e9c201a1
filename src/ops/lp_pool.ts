import type { Tensor } from '../tensor.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { abs, sign } from './pointwise_unary.js';
import { mul, pow } from './pointwise_binary.js';
import { avg_pool1d, avg_pool2d } from './pool.js';
import { relu } from './rectifier.js';

type Size = number | readonly number[];

type LpPool = Op<
  (
    ...args: Args<
      [input: Tensor, norm_type: number, kernel_size: Size],
      [stride: Size | null, ceil_mode: boolean],
      { norm_type?: number; kernel_size?: Size; stride?: Size | null; ceil_mode?: boolean }
    >
  ) => Tensor
>;

/** From the mean of the powers to the root of their sum, in torch's steps. */
function rootOfSum(mean: Tensor, count: number, norm: number): Tensor {
  return pow(mul(mul(sign(mean), relu(abs(mean))), count), 1 / norm);
}

/**
 * The p-norm, p = `norm_type`, of each window of [N, C, H, W] or [C, H, W]: (Σ xᵖ)^(1/p), without absolute values.
 *
 * @example
 * console.log(F.lp_pool2d(torch.tensor([[[3, 4]]], { dtype: torch.float32 }), 2, [1, 2]).tolist()); // [ [ [ 5 ] ] ]
 */
export const lp_pool2d: LpPool = define({
  schema:
    'lp_pool2d(Tensor input, float norm_type, int[2] kernel_size, int[2]|int[]? stride=None, bool ceil_mode=False)',
  forward: (_ctx, x: Tensor, norm: number, kernel: number[], stride: number[] | null, ceil_mode: boolean) => {
    const mean = avg_pool2d(pow(x, norm), kernel, stride, { ceil_mode });
    return rootOfSum(mean, kernel[0] * kernel[1], norm);
  },
  backward: 'composite',
  samples: (make) => [
    [make.uniform(1, 2, 1, 1, 4, 4), 2, [2, 3], 1],
    [make.uniform(1, 2, 2, 3, 3), 3, 2, { ceil_mode: true }],
  ],
});

/** `lp_pool2d` of one dimension: [N, C, L] or [C, L]. */
export const lp_pool1d: LpPool = define({
  schema:
    'lp_pool1d(Tensor input, float norm_type, int[1] kernel_size, int[1]|int[]? stride=None, bool ceil_mode=False)',
  forward: (_ctx, x: Tensor, norm: number, kernel: number[], stride: number[] | null, ceil_mode: boolean) =>
    rootOfSum(avg_pool1d(pow(x, norm), kernel, stride, { ceil_mode }), kernel[0], norm),
  backward: 'composite',
  samples: (make) => [[make.uniform(1, 2, 1, 2, 5), 2, 2]],
});
