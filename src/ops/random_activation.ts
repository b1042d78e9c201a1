import { float64 } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { default_generator } from '../generator.js';
import type { Generator } from '../generator.js';
import type { Tensor } from '../tensor.js';
import { le } from './compare.js';
import { to } from './copy.js';
import { empty, ones_like, zeros } from './creation.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { checkFloat } from './float_kernel.js';
import { masked_fill, masked_scatter } from './mask.js';
import { add, div, mul, neg, sub } from './pointwise_binary.js';
import { log } from './pointwise_unary.js';
import { exponential_, uniform_ } from './random.js';
import { argmax } from './reduce_extremum.js';
import { count_nonzero } from './reduce_logic.js';
import { scatter } from './scatter.js';
import { softmax } from './softmax.js';

/** 1 where x > 0, elsewhere slopes drawn in order, uniform in [lower, upper): torch's stream, one double for each. */
function drawSlopes(x: Tensor, lower: number, upper: number, generator: Generator | null): Tensor {
  const mask = le(x, 0);
  const count = count_nonzero(mask).item();
  const drawn = uniform_(empty([count], { dtype: float64 }), lower, upper, {
    generator: generator ?? default_generator(),
  });
  return masked_scatter(ones_like(x), mask, to(drawn, x.dtype));
}

type RRelu<O extends unknown[], K> = Op<
  (
    ...args: Args<
      [input: Tensor],
      [lower: number, upper: number, training: boolean, ...rest: O],
      { lower?: number; upper?: number; training?: boolean } & K
    >
  ) => Tensor
>;

/**
 * input where it is positive, slope · input elsewhere: in training a slope drawn for each element, uniform in
 * [lower, upper); otherwise the middle of the two.
 *
 * @example
 * console.log(F.rrelu(torch.tensor([-8, 2]).float(), 0, 0.5).tolist()); // [ -2, 2 ]
 */
export const rrelu: RRelu<[], { generator?: Generator | null }> = define({
  schema:
    'rrelu(Tensor input, float lower=0.125, float upper=0.3333333333333333, bool training=False, *, ' +
    'Generator? generator=None)',
  forward: (ctx, x: Tensor, lower: number, upper: number, training: boolean, generator: Generator | null) => {
    if (!(lower <= upper)) {
      throw new RuntimeError('Lower bound should be less than or equal to the upper bound');
    }
    checkFloat(training ? 'rrelu_with_noise_out_cpu' : 'leaky_relu_cpu', x.dtype);
    const slopes = training
      ? drawSlopes(x, lower, upper, generator)
      : masked_fill(ones_like(x), le(x, 0), (lower + upper) / 2);
    ctx.save(slopes);
    return mul(x, slopes);
  },
  backward: (ctx, g) => [mul(g, ctx.saved()[0])],
  samples: (make) => [[make(2, 3)], [make(2, 3), 0.2, 0.4]],
});

/**
 * Softmax of (logits + noise) / tau along `dim`, the noise drawn from Gumbel(0, 1): samples of a distribution that
 * approaches the categorical one as tau goes to 0. With `hard` one-hot vectors, with the gradient of the soft ones.
 *
 * @example
 * console.log(F.gumbel_softmax(torch.zeros(2, 3), { hard: true }).sum(1).tolist()); // [ 1, 1 ]
 */
export const gumbel_softmax: Op<
  (
    ...args: Args<
      [logits: Tensor],
      [tau: number, hard: boolean, eps: number, dim: number],
      { tau?: number; hard?: boolean; eps?: number; dim?: number }
    >
  ) => Tensor
> = define({
  schema: 'gumbel_softmax(Tensor logits, float tau=1, bool hard=False, float eps=1e-10, int dim=-1)',
  forward: (_ctx, logits: Tensor, tau: number, hard: boolean, eps: number, dim: number) => {
    if (eps !== 1e-10) console.warn('`eps` parameter is deprecated and has no effect.');
    const noise = neg(log(exponential_(empty(logits.shape, { dtype: logits.dtype }))));
    const soft = softmax(div(add(logits, noise), tau), dim);
    if (!hard) return soft;
    const one = scatter(zeros(soft.shape, { dtype: soft.dtype }), dim, argmax(soft, dim, true), 1);
    return add(sub(one, soft.detach()), soft);
  },
  backward: 'composite',
});
