import { RuntimeError } from '../errors.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { makeView } from '../tensor_handle.js';
import { copy_ } from './copy.js';
import { zeros } from './creation.js';
import { define } from './define.js';
import type { Op } from './define.js';

/** Elements start, start + step, … below end of a dimension. */
export const sliceDim: Op<(input: Tensor, dim: number, start: number, end: number, step: number) => Tensor> =
  define({
    schema: 'slice(Tensor input, int dim, int start, int end, int step)',
    forward: (ctx, x: Tensor, dim: number, start: number, end: number, step: number) => {
      const size = x.shape[dim];
      if (step <= 0) throw new RuntimeError('slice step must be positive');
      const from = Math.min(Math.max(start < 0 ? start + size : start, 0), size);
      const to = Math.min(Math.max(end < 0 ? end + size : end, from), size);
      ctx.state = { shape: x.shape, dim, from, to, step };
      return makeView(
        x,
        x.shape.with(dim, Math.ceil((to - from) / step)),
        x._strides.with(dim, x._strides[dim] * step),
        x._offset + from * x._strides[dim],
      );
    },
    backward: (ctx, g) => {
      const { shape, dim, from, to, step } = ctx.state as {
        shape: number[];
        dim: number;
        from: number;
        to: number;
        step: number;
      };
      return [embed(g, shape, (whole) => sliceDim(whole, dim, from, to, step))];
    },
    samples: (make) => [[make(5, 2), 0, 1, 5, 2]],
  });

/** Zeros with `g` written where `part` looks: the backward of a view that shows each element at most once. */
export function embed(g: Tensor, shape: Shape, part: (whole: Tensor) => Tensor): Tensor {
  const whole = zeros([...shape], { dtype: g.dtype });
  copy_(part(whole), g);
  return whole;
}
