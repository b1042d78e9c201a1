import { ValueError } from '../errors.js';
import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { signature } from './signature.js';

export type Reduction = 'none' | 'mean' | 'sum';

export interface LossOptions {
  /** Default 'mean'. */
  reduction?: Reduction;
}

export interface WeightedLossOptions extends LossOptions {
  /** Weight of each class (of each element, for BCE). */
  weight?: Tensor | null;
}

/** torch's deprecated size_average and reduce are not taken: reduction says the same. */
abstract class Loss extends Module {
  reduction: Reduction;

  constructor(reduction: string) {
    super();
    if (reduction !== 'none' && reduction !== 'mean' && reduction !== 'sum') {
      throw new ValueError(`${reduction} is not a valid value for reduction`);
    }
    this.reduction = reduction;
  }
}

abstract class WeightedLoss extends Loss {
  declare weight: Tensor | null;

  constructor(weight: Tensor | null, reduction: string) {
    super(reduction);
    this.register_buffer('weight', weight);
  }
}

const REDUCTION = signature("__init__(*, str reduction='mean')");
const WEIGHTED = signature("__init__(Tensor? weight=None, *, str reduction='mean')");

/**
 * Σ|input − target|, or its mean, or each.
 *
 * @example
 * console.log(new nn.L1Loss()(torch.ones(2), torch.zeros(2)).item()); // 1
 */
export class L1Loss extends Loss {
  constructor(options: LossOptions = {}) {
    super(...(REDUCTION([options]) as [string]));
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
  constructor(options: LossOptions = {}) {
    super(...(REDUCTION([options]) as [string]));
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return F.mse_loss(input, target, { reduction: this.reduction });
  }
}

const SMOOTH = signature("SmoothL1Loss(*, str reduction='mean', float beta=1.0)");

/**
 * ½d²/beta where |d| < beta, |d| − ½beta elsewhere; d = input − target.
 *
 * @example
 * console.log(new nn.SmoothL1Loss()(torch.ones(2), torch.zeros(2)).item()); // 0.5
 */
export class SmoothL1Loss extends Loss {
  beta: number;

  constructor(options: LossOptions & { beta?: number } = {}) {
    const [reduction, beta] = SMOOTH([options]) as [string, number];
    super(reduction);
    this.beta = beta;
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return F.smooth_l1_loss(input, target, { reduction: this.reduction, beta: this.beta });
  }
}

const NLL = signature("NLLLoss(Tensor? weight=None, *, int ignore_index=-100, str reduction='mean')");

export interface ClassLossOptions extends WeightedLossOptions {
  /** Targets of this value do not count. Default -100. */
  ignore_index?: number;
}

/**
 * −weight[target]·input[target] of log probabilities [N, C, …] and classes [N, …].
 *
 * @example
 * const logits = torch.zeros(2, 4);
 * console.log(new nn.NLLLoss()(logits.log_softmax(1), torch.tensor([0, 3])).item().toFixed(4)); // 1.3863
 */
export class NLLLoss extends WeightedLoss {
  ignore_index: number;

  constructor(...args: Args<[], [weight: Tensor | null], ClassLossOptions>) {
    const [weight, ignoreIndex, reduction] = NLL(args) as [Tensor | null, number, string];
    super(weight, reduction);
    this.ignore_index = ignoreIndex;
  }

  forward(input: Tensor, target: Tensor): Tensor {
    const { weight, ignore_index, reduction } = this;
    return F.nll_loss(input, target, { weight, ignore_index, reduction });
  }
}

const CROSS_ENTROPY = signature(
  "CrossEntropyLoss(Tensor? weight=None, *, int ignore_index=-100, str reduction='mean', float label_smoothing=0.0)",
);

/**
 * Softmax and negative log likelihood: input [N, C, …] of logits; target [N, …] of classes (int64) or [N, C, …] of probabilities.
 *
 * @example
 * const loss = new nn.CrossEntropyLoss()(torch.zeros(2, 4), torch.tensor([0, 3]));
 * console.log(loss.item().toFixed(4)); // 1.3863
 */
export class CrossEntropyLoss extends WeightedLoss {
  ignore_index: number;
  label_smoothing: number;

  constructor(...args: Args<[], [weight: Tensor | null], ClassLossOptions & { label_smoothing?: number }>) {
    const [weight, ignoreIndex, reduction, smoothing] = CROSS_ENTROPY(args) as [
      Tensor | null,
      number,
      string,
      number,
    ];
    super(weight, reduction);
    this.ignore_index = ignoreIndex;
    this.label_smoothing = smoothing;
  }

  forward(input: Tensor, target: Tensor): Tensor {
    const { weight, ignore_index, reduction, label_smoothing } = this;
    return F.cross_entropy(input, target, { weight, ignore_index, reduction, label_smoothing });
  }
}

/**
 * −(t·log x + (1 − t)·log(1 − x)) of probabilities; the logarithms are at least −100.
 *
 * @example
 * console.log(new nn.BCELoss()(torch.full([2], 0.5), torch.ones(2)).item().toFixed(4)); // 0.6931
 */
export class BCELoss extends WeightedLoss {
  constructor(...args: Args<[], [weight: Tensor | null], WeightedLossOptions>) {
    super(...(WEIGHTED(args) as [Tensor | null, string]));
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return F.binary_cross_entropy(input, target, { weight: this.weight, reduction: this.reduction });
  }
}

const BCE_LOGITS = signature(
  "BCEWithLogitsLoss(Tensor? weight=None, *, str reduction='mean', Tensor? pos_weight=None)",
);

/**
 * BCELoss of σ(input), computed without overflow; `pos_weight` weighs the positive targets.
 *
 * @example
 * const loss = new nn.BCEWithLogitsLoss()(torch.zeros(3), torch.tensor([0, 1, 1]).float());
 * console.log(loss.item().toFixed(4)); // 0.6931
 */
export class BCEWithLogitsLoss extends WeightedLoss {
  declare pos_weight: Tensor | null;

  constructor(
    ...args: Args<[], [weight: Tensor | null], WeightedLossOptions & { pos_weight?: Tensor | null }>
  ) {
    const [weight, reduction, posWeight] = BCE_LOGITS(args) as [Tensor | null, string, Tensor | null];
    super(weight, reduction);
    this.register_buffer('pos_weight', posWeight);
  }

  forward(input: Tensor, target: Tensor): Tensor {
    const { weight, reduction, pos_weight } = this;
    return F.binary_cross_entropy_with_logits(input, target, { weight, reduction, pos_weight });
  }
}
