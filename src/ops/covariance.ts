import { bool } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { diagonal } from './diagonal.js';
import { matmul } from './matmul.js';
import { div, mul, sub } from './pointwise_binary.js';
import { clamp } from './pointwise_clamp.js';
import { sqrt } from './pointwise_unary.js';
import { sum } from './reduce.js';
import { reshape, squeeze, t, unsqueeze } from './view.js';

function checkWeights(name: string, weights: Tensor, count: number, integral: boolean): void {
  if (weights.ndim > 1) {
    throw new RuntimeError(
      `cov(): expected ${name} to have one or fewer dimensions but got ${name} with ${weights.ndim} dimensions`,
    );
  }
  if (
    integral ? weights.dtype.is_floating_point || weights.dtype === bool : !weights.dtype.is_floating_point
  ) {
    throw new RuntimeError(
      `cov(): expected ${name} to have ${integral ? 'integral' : 'floating point'} dtype but got ${name} with ` +
        `${weights.dtype.scalarName} dtype`,
    );
  }
  if (weights.numel() !== count) {
    throw new RuntimeError(
      `cov(): expected ${name} to have the same numel as there are observations in the input but got ${weights.numel()} != ${count}`,
    );
  }
  if (count > 0 && weights.min().item() < 0) throw new RuntimeError(`cov(): ${name} cannot be negative`);
}

interface CovOptions {
  correction?: number;
  fweights?: Tensor | null;
  aweights?: Tensor | null;
}

/**
 * The covariance matrix of variables (rows) over observations (columns); of one variable its variance.
 *
 * @param correction the difference between the number of observations and the divisor. Default 1
 * @param fweights how often each observation counts, int64
 * @param aweights how much each observation weighs
 */
export const cov: Op<(input: Tensor, options?: CovOptions) => Tensor, 'method'> = define(
  {
    schema: 'cov(Tensor input, *, int correction=1, Tensor? fweights=None, Tensor? aweights=None)',
    forward: (_ctx, x: Tensor, correction: number, fweights: Tensor | null, aweights: Tensor | null) => {
      if (x.ndim > 2) {
        throw new RuntimeError(
          `cov(): expected input to have two or fewer dimensions but got an input with ${x.ndim} dimensions`,
        );
      }
      if (x.dtype === bool) throw new RuntimeError('cov(): bool dtype is not supported for input');
      const rows = x.ndim < 2 ? reshape(x, [1, x.numel()]) : x;
      const count = rows.shape[1];
      if (fweights !== null) checkWeights('fweights', fweights, count, true);
      if (aweights !== null) checkWeights('aweights', aweights, count, false);
      const weights = fweights === null ? aweights : aweights === null ? fweights : mul(fweights, aweights);
      const total = weights === null ? null : sum(weights);
      if (total !== null && count > 0 && total.item() === 0) {
        throw new RuntimeError("cov(): weights sum to zero, can't be normalized");
      }
      const mean =
        weights === null || total === null
          ? div(sum(rows, 1), count)
          : div(sum(mul(rows, weights), 1), total);
      const centred = sub(rows, unsqueeze(mean, 1));
      const product = matmul(centred, t(weights === null ? centred : mul(centred, weights)));
      if (weights === null || total === null) return squeeze(div(product, Math.max(count - correction, 0)));
      const lost =
        correction === 0
          ? 0
          : aweights === null
            ? correction
            : div(mul(sum(mul(weights, aweights)), correction), total);
      const norm = clamp(sub(total, lost), 0, null);
      return squeeze(div(product, norm));
    },
    backward: 'composite',
    samples: (make) => [[make(2, 4)], [make(3), { correction: 0 }]],
  },
  ['method'],
);

/** The matrix of Pearson's correlation coefficients of variables (rows) over observations (columns). */
export const corrcoef: Op<(input: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'corrcoef(Tensor input)',
    forward: (_ctx, x: Tensor) => {
      if (x.ndim > 2) {
        throw new RuntimeError(
          `corrcoef(): expected input to have two or fewer dimensions but got an input with ${x.ndim} dimensions`,
        );
      }
      const c = cov(x);
      if (c.ndim === 0) return div(c, c);
      const deviation = sqrt(diagonal(c));
      return clamp(div(div(c, reshape(deviation, [-1, 1])), reshape(deviation, [1, -1])), -1, 1);
    },
    backward: 'composite',
    samples: (make) => [[make(2, 4)]],
  },
  ['method'],
);
