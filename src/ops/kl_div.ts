import { RuntimeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { eq, where } from './compare.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { LEGACY } from './define_loss.js';
import { div, mul, sub } from './pointwise_binary.js';
import { exp, log } from './pointwise_unary.js';
import { reduceLoss, reductionOf } from './reduction.js';
import type { Reduction, ReductionOptions } from './reduction.js';

/** target · (log target − input); the logarithm is taken of 1 where the target is 0, so that neither value nor gradient is NaN. */
export function divergence(input: Tensor, target: Tensor, logTarget: boolean): Tensor {
  if (!input.dtype.is_floating_point || !target.dtype.is_floating_point)
    throw new RuntimeError('kl_div: Integral inputs not supported.');
  if (logTarget) return mul(exp(target), sub(target, input));
  const entropy = mul(target, log(where(eq(target, 0), 1, target)));
  return sub(entropy, mul(target, input));
}

/**
 * target · (log target − input) of log-probabilities, with 0 · log 0 = 0. Besides the usual reductions 'batchmean' divides the
 * sum by the first size. Differs from torch: the gradient of a target of 0 is finite.
 *
 * @param log_target the target is log-probabilities too
 */
export const kl_div: Op<
  (
    ...args: Args<
      [input: Tensor, target: Tensor],
      [
        size_average: boolean | null,
        reduce: boolean | null,
        reduction: Reduction | 'batchmean',
        log_target: boolean,
      ],
      Omit<ReductionOptions, 'reduction'> & { reduction?: Reduction | 'batchmean'; log_target?: boolean }
    >
  ) => Tensor
> = define({
  schema: `kl_div(Tensor input, Tensor target, ${LEGACY}, bool log_target=False)`,
  forward: (
    _ctx,
    input: Tensor,
    target: Tensor,
    average: boolean | null,
    reduce: boolean | null,
    reduction: string,
    logTarget: boolean,
  ) => {
    const byBatch = reduction === 'batchmean' && average === null && reduce === null;
    const kind = byBatch ? 'sum' : reductionOf(reduction, average, reduce);
    const loss = reduceLoss(divergence(input, target, logTarget), kind);
    return byBatch && input.ndim > 0 ? div(loss, input.shape[0]) : loss;
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 3), make.uniform(0.1, 1, 2, 3)],
    [make(2, 3), make(2, 3), { log_target: true, reduction: 'batchmean' }],
  ],
});
