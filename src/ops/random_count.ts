/** Random numbers of events: torch's numbers. */
import { RuntimeError } from '../errors.js';
import { default_generator } from '../generator.js';
import type { Generator } from '../generator.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { broadcast_tensors } from './broadcast.js';
import { isfinite } from './compare.js';
import { zeros_like } from './creation.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { dense } from './dense.js';
import { checkFloat, floatKernel } from './float_kernel.js';

type Drawn<T extends Tensor[]> = Op<
  (...args: Args<T, [generator: Generator | null], { generator?: Generator | null }>) => Tensor
>;

function stateOf(generator: Generator | null): number {
  return (generator ?? default_generator())._state;
}

/**
 * A Poisson number of each rate.
 *
 * Differs from torch: an infinite rate is refused; torch gives the smallest int64.
 *
 * @example
 * torch.manual_seed(0);
 * console.log(torch.poisson(torch.tensor([0.5, 4, 100])).shape); // [ 3 ]
 */
export const poisson: Drawn<[input: Tensor]> = define({
  schema: 'poisson(Tensor input, Generator? generator=None)',
  forward: (_ctx, rate: Tensor, generator: Generator | null) => {
    checkFloat('poisson_cpu', rate.dtype);
    if (rate.ge(0).logical_and(isfinite(rate)).logical_not().any().item())
      throw new RuntimeError('invalid Poisson rate, expected rate to be non-negative');
    const out = allocate(rate.shape, rate.dtype);
    const rates = dense(rate);
    floatKernel('random_poisson_f32', rate.dtype)(
      stateOf(generator),
      address(rates),
      address(out),
      out.numel(),
    );
    return out;
  },
  backward: (_ctx, g) => [zeros_like(g)],
  samples: (make) => [[make.uniform(0.5, 20, 2, 3)], [make.uniform(0.5, 2)], [make.uniform(1, 2, 0)]],
});

/**
 * How many of `count` trials succeed, each with probability `prob`; the two are broadcast.
 *
 * Differs from torch: a count that is not finite is refused; torch does not return.
 *
 * @example
 * console.log(torch.binomial(torch.tensor([10, 5]).float(), torch.tensor([1, 0]).float()).tolist()); // [ 10, 0 ]
 */
export const binomial: Drawn<[count: Tensor, prob: Tensor]> = define({
  schema: 'binomial(Tensor count, Tensor prob, Generator? generator=None)',
  forward: (_ctx, count: Tensor, prob: Tensor, generator: Generator | null) => {
    if (prob.dtype !== count.dtype) {
      throw new RuntimeError(`Found dtype ${prob.dtype.scalarName} but expected ${count.dtype.scalarName}`);
    }
    checkFloat('binomial_cpu', count.dtype);
    if (isfinite(count).logical_not().any().item())
      throw new RuntimeError('binomial: expected counts to be finite');
    const [counts, probs] = broadcast_tensors(count, prob).map(dense);
    const out = allocate(counts.shape, count.dtype);
    floatKernel('random_binomial_f32', count.dtype)(
      stateOf(generator),
      address(counts),
      address(probs),
      address(out),
      out.numel(),
    );
    return out;
  },
  backward: () => {
    throw new RuntimeError('derivative for aten::binomial is not implemented');
  },
  samples: (make) => [
    [make.int(0, 50, 2, 3).to(make().dtype), make.uniform(0, 1, 3).detach()],
    [make.int(0, 50, 2, 1).to(make().dtype), make.uniform(0, 1, 3).detach()],
  ],
});
