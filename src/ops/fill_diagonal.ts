import { RuntimeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { fill_ } from './creation.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { as_strided } from './strided.js';

/** Writes a value over the diagonal of x, and with `wrap` over its continuations below each square of a tall matrix. */
function overwrite(x: Tensor, value: number | boolean, wrap: boolean): void {
  const [m, n] = x.shape;
  const step = x._strides.reduce((total, stride) => total + stride, 0);
  const length = Math.min(m, n);
  fill_(as_strided(x, [length], [step], x._offset), value);
  if (!wrap || x.ndim !== 2 || m <= n + 1) return;
  const rest = Math.ceil((m * n) / (n + 1)) - length;
  fill_(as_strided(x, [rest], [step], x._offset + x._strides[0] * (n + 1)), value);
}

/**
 * Writes a value over the main diagonal; of more than two dimensions, all of one size, over the elements whose indices
 * are equal.
 *
 * @param wrap whether the diagonal of a tall matrix goes on below each square
 */
export const fill_diagonal_: Op<
  (...args: Args<[input: Tensor, fill_value: number], [wrap: boolean], { wrap?: boolean }>) => Tensor,
  'method'
> = define(
  {
    schema: 'fill_diagonal_(Tensor self, Scalar fill_value, bool wrap=False)',
    mutates: true,
    repeats: true,
    forward: (_ctx, self: Tensor, value: number | boolean, wrap: boolean) => {
      if (self.ndim < 2) throw new RuntimeError('dimensions must larger than 1');
      if (self.ndim > 2 && self.shape.some((size) => size !== self.shape[0])) {
        throw new RuntimeError('all dimensions of input must be of equal length');
      }
      overwrite(self, value, wrap);
      return self;
    },
    backward: (ctx, g) => [fill_diagonal_(g.clone(), 0, ctx.args[2] as boolean)],
  },
  ['method'],
);
