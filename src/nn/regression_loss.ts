import type { Args } from '../ops/define.js';
import { LEGACY } from '../ops/define_loss.js';
import type { Legacy } from '../ops/define_loss.js';
import type { Reduction } from '../ops/reduction.js';
import type { Tensor } from '../tensor.js';
import * as F from './functional.js';
import { Loss } from './loss.js';
import type { LossOptions } from './loss.js';
import { signature } from '../signature.js';

const L1 = signature(`L1Loss(${LEGACY})`);
const MSE = signature(`MSELoss(${LEGACY})`);
const SMOOTH = signature(`SmoothL1Loss(${LEGACY}, float beta=1.0)`);
const HUBER = signature("HuberLoss(str reduction='mean', float delta=1.0)");
const POISSON = signature(
  'PoissonNLLLoss(bool log_input=True, bool full=False, bool? size_average=None, float eps=1e-08, bool? reduce=None, ' +
    "str reduction='mean')",
);
const GAUSSIAN = signature("GaussianNLLLoss(*, bool full=False, float eps=1e-06, str reduction='mean')");

/**
 * Σ|input − target|, or its mean, or each.
 *
 * @example
 * console.log(new nn.L1Loss()(torch.ones(2), torch.zeros(2)).item()); // 1
 */
export class L1Loss extends Loss {
  constructor(...args: Args<[], Legacy, LossOptions>) {
    super(...(L1(args) as Legacy));
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return F.l1_loss(input, target, { reduction: this.reduction });
  }
}

/**
 * Mean (or sum) of (input − target)².
 *
 * @example
 * console.log(new nn.MSELoss()(torch.ones(2), torch.zeros(2)).item()); // 1
 */
export class MSELoss extends Loss {
  constructor(...args: Args<[], Legacy, LossOptions>) {
    super(...(MSE(args) as Legacy));
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return F.mse_loss(input, target, { reduction: this.reduction });
  }
}

/**
 * ½d²/beta where |d| < beta, |d| − ½beta elsewhere; d = input − target.
 *
 * @example
 * console.log(new nn.SmoothL1Loss()(torch.ones(2), torch.zeros(2)).item()); // 0.5
 */
export class SmoothL1Loss extends Loss {
  beta: number;

  constructor(...args: Args<[], [...Legacy, beta: number], LossOptions & { beta?: number }>) {
    const [average, reduce, reduction, beta] = SMOOTH(args) as [...Legacy, number];
    super(average, reduce, reduction);
    this.beta = beta;
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return F.smooth_l1_loss(input, target, { reduction: this.reduction, beta: this.beta });
  }
}

/**
 * ½d² where |d| < delta, delta·(|d| − ½delta) elsewhere; d = input − target.
 *
 * @example
 * console.log(new nn.HuberLoss({ delta: 0.5 })(torch.ones(2), torch.zeros(2)).item()); // 0.375
 */
export class HuberLoss extends Loss {
  delta: number;

  constructor(
    ...args: Args<[], [reduction: Reduction, delta: number], { reduction?: Reduction; delta?: number }>
  ) {
    const [reduction, delta] = HUBER(args) as [string, number];
    super(null, null, reduction);
    this.delta = delta;
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return F.huber_loss(input, target, { reduction: this.reduction, delta: this.delta });
  }
}

export interface PoissonNLLLossOptions extends LossOptions {
  /** Whether the input is the logarithm of the rate. Default true. */
  log_input?: boolean;
  /** Whether Stirling's approximation of log(target!) is added. Default false. */
  full?: boolean;
  /** Added to the rate, when that is the input, before its logarithm is taken. Default 1e-8. */
  eps?: number;
}

/**
 * Negative log-likelihood of counts under a Poisson distribution: exp(input) − target·input.
 *
 * @example
 * console.log(new nn.PoissonNLLLoss()(torch.zeros(2), torch.tensor([2, 0])).item()); // 1
 */
export class PoissonNLLLoss extends Loss {
  log_input: boolean;
  full: boolean;
  eps: number;

  constructor(
    ...args: Args<
      [],
      [
        log_input: boolean,
        full: boolean,
        size_average: boolean | null,
        eps: number,
        reduce: boolean | null,
        reduction: Reduction,
      ],
      PoissonNLLLossOptions
    >
  ) {
    const [logInput, full, average, eps, reduce, reduction] = POISSON(args) as [
      boolean,
      boolean,
      Legacy[0],
      number,
      Legacy[1],
      string,
    ];
    super(average, reduce, reduction);
    this.log_input = logInput;
    this.full = full;
    this.eps = eps;
  }

  forward(log_input: Tensor, target: Tensor): Tensor {
    const { full, eps, reduction } = this;
    return F.poisson_nll_loss(log_input, target, { log_input: this.log_input, full, eps, reduction });
  }
}

/**
 * Negative log-likelihood of targets under normal distributions, of the mean `input` and the variance `var`.
 *
 * @example
 * const loss = new nn.GaussianNLLLoss();
 * console.log(loss(torch.zeros(2), torch.ones(2), torch.ones(2)).item()); // 0.5
 */
export class GaussianNLLLoss extends Loss {
  full: boolean;
  eps: number;

  constructor(options: { full?: boolean; eps?: number; reduction?: Reduction } = {}) {
    const [full, eps, reduction] = GAUSSIAN([options]) as [boolean, number, string];
    super(null, null, reduction);
    this.full = full;
    this.eps = eps;
  }

  forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    const { full, eps, reduction } = this;
    return F.gaussian_nll_loss(input, target, variance, { full, eps, reduction });
  }
}
