import { NotImplementedError, ValueError } from '../errors.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { ones } from './creation.js';
import { linspace } from './creation_range.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { stack } from './join.js';
import { bmm } from './matmul.js';
import { mul } from './pointwise_binary.js';
import { expand, reshape, transpose } from './view.js';

function checkTheta(theta: Tensor, size: readonly number[]): void {
  if (!theta.dtype.is_floating_point) {
    throw new ValueError(`Expected theta to have floating point type, but got torch.${theta.dtype.name}`);
  }
  const dims = size.length - 2;
  if (dims !== 2 && dims !== 3) {
    throw new NotImplementedError(
      'affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size ' +
        `${showShape(size)}.`,
    );
  }
  if (theta.ndim !== 3 || theta.shape[1] !== dims || theta.shape[2] !== dims + 1) {
    throw new ValueError(
      `Expected a batch of ${dims}D affine matrices of shape Nx${dims}x${dims + 1} for size ${showShape(size)}. Got ` +
        `torch.Size(${showShape(theta.shape)}).`,
    );
  }
  if (Math.min(...size) <= 0)
    throw new ValueError(`Expected non-zero, positive output size. Got ${showShape(size)}`);
}

/** `n` places between −1 and 1: from border to border where corners are aligned, otherwise the middles of n equal parts. */
function places(n: number, align: boolean, like: Tensor): Tensor {
  const { dtype } = like;
  if (n === 1) return linspace(0, 0, 1, { dtype });
  const all = linspace(-1, 1, n, { dtype });
  return align ? all : mul(all, (n - 1) / n);
}

/**
 * Grids for `grid_sample` from affine matrices [N, 2, 3] (or [N, 3, 4]): where each element of an output of `size` [N, C, H, W] (or
 * [N, C, D, H, W]) is taken from.
 *
 * @param align_corners as in `grid_sample`; default false
 * @example
 * const theta = torch.tensor([[[1, 0, 0], [0, 1, 0]]], { dtype: torch.float32 });
 * console.log(F.affine_grid(theta, [1, 1, 1, 2], false).index(0, 0).tolist()); // [ [ -0.5, 0 ], [ 0.5, 0 ] ]
 */
export const affine_grid: Op<
  (
    ...args: Args<
      [theta: Tensor, size: readonly number[]],
      [align_corners: boolean | null],
      { size?: readonly number[]; align_corners?: boolean | null }
    >
  ) => Tensor
> = define({
  schema: 'affine_grid(Tensor theta, int[] size, bool? align_corners=None)',
  forward: (_ctx, theta: Tensor, size: number[], align: boolean | null) => {
    checkTheta(theta, size);
    const spatial = size.slice(2);
    const dims = spatial.length;
    // Coordinates of each place, the last dimension's first, and 1.
    const axes = spatial.map((n, d) => {
      const along = reshape(
        places(n, align === true, theta),
        spatial.map((_, e) => (e === d ? n : 1)),
      );
      return expand(along, spatial);
    });
    const base = stack([...axes.reverse(), ones(spatial, { dtype: theta.dtype })], -1);
    const count = spatial.reduce((a, b) => a * b, 1);
    const all = expand(reshape(base, [1, count, dims + 1]), [size[0], count, dims + 1]);
    return reshape(bmm(all, transpose(theta, 1, 2)), [size[0], ...spatial, dims]);
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 2, 3), [2, 1, 2, 3]],
    [make(1, 3, 4), [1, 1, 2, 1, 2], true],
  ],
});
