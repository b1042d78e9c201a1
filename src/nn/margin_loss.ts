import { ValueError } from '../errors.js';
import type { Args } from '../ops/define.js';
import { LEGACY } from '../ops/define_loss.js';
import type { Legacy } from '../ops/define_loss.js';
import type { DistanceFunction } from '../ops/margin_loss.js';
import type { Reduction } from '../ops/reduction.js';
import type { Tensor } from '../tensor.js';
import { PairwiseDistance } from './distance.js';
import * as F from './functional.js';
import { Loss, WeightedLoss } from './loss.js';
import type { LossOptions, WeightedLossOptions } from './loss.js';
import { signature } from '../signature.js';

const HINGE = signature(`HingeEmbeddingLoss(float margin=1.0, ${LEGACY})`);
const COSINE = signature(`CosineEmbeddingLoss(float margin=0.0, ${LEGACY})`);
const RANKING = signature(`MarginRankingLoss(float margin=0.0, ${LEGACY})`);
const SOFT = signature(`SoftMarginLoss(${LEGACY})`);
const MULTI = signature(`MultiMarginLoss(int p=1, float margin=1.0, Tensor? weight=None, ${LEGACY})`);
const MULTI_LABEL = signature(`MultiLabelMarginLoss(${LEGACY})`);
const MULTI_LABEL_SOFT = signature(`MultiLabelSoftMarginLoss(Tensor? weight=None, ${LEGACY})`);
const TRIPLET = signature(
  `TripletMarginLoss(float margin=1.0, float p=2.0, float eps=1e-06, bool swap=False, ${LEGACY})`,
);
const TRIPLET_DISTANCE = signature(
  'TripletMarginWithDistanceLoss(*, any distance_function=None, float margin=1.0, bool swap=False, ' +
    "str reduction='mean')",
);

export interface MarginLossOptions extends LossOptions {
  margin?: number;
}

type MarginArgs = [margin: number, ...Legacy];

/**
 * input where the target is 1, max(0, margin − input) where it is −1. Default margin 1.
 *
 * @example
 * const loss = new nn.HingeEmbeddingLoss();
 * console.log(loss(torch.tensor([0.25, 0.25]), torch.tensor([1, -1])).item()); // 0.5
 */
export class HingeEmbeddingLoss extends Loss {
  margin: number;

  constructor(...args: Args<[], MarginArgs, MarginLossOptions>) {
    const [margin, ...legacy] = HINGE(args) as MarginArgs;
    super(...legacy);
    this.margin = margin;
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return F.hinge_embedding_loss(input, target, { margin: this.margin, reduction: this.reduction });
  }
}

/**
 * 1 − cos(input1, input2) where the target is 1, max(0, cos(input1, input2) − margin) where it is −1. Default margin 0.
 *
 * @example
 * const [a, b] = [torch.tensor([[1.5, 0]]), torch.tensor([[0, 1.5]])];
 * console.log(new nn.CosineEmbeddingLoss()(a, b, torch.tensor([1])).item()); // 1
 */
export class CosineEmbeddingLoss extends Loss {
  margin: number;

  constructor(...args: Args<[], MarginArgs, MarginLossOptions>) {
    const [margin, ...legacy] = COSINE(args) as MarginArgs;
    super(...legacy);
    this.margin = margin;
  }

  forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    const { margin, reduction } = this;
    return F.cosine_embedding_loss(input1, input2, target, { margin, reduction });
  }
}

/**
 * max(0, −target·(input1 − input2) + margin). Default margin 0.
 *
 * @example
 * const loss = new nn.MarginRankingLoss({ margin: 1 });
 * console.log(loss(torch.tensor([2.5]), torch.tensor([2]), torch.tensor([-1])).item()); // 1.5
 */
export class MarginRankingLoss extends Loss {
  margin: number;

  constructor(...args: Args<[], MarginArgs, MarginLossOptions>) {
    const [margin, ...legacy] = RANKING(args) as MarginArgs;
    super(...legacy);
    this.margin = margin;
  }

  forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    const { margin, reduction } = this;
    return F.margin_ranking_loss(input1, input2, target, { margin, reduction });
  }
}

/**
 * log(1 + exp(−target·input)) for targets 1 and −1.
 *
 * @example
 * console.log(new nn.SoftMarginLoss()(torch.zeros(2), torch.tensor([1, -1])).item().toFixed(4)); // 0.6931
 */
export class SoftMarginLoss extends Loss {
  constructor(...args: Args<[], Legacy, LossOptions>) {
    super(...(SOFT(args) as Legacy));
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return F.soft_margin_loss(input, target, { reduction: this.reduction });
  }
}

/**
 * Σ max(0, margin − input[target] + input[i])^p / C over the classes i that are not the target; input [N, C], target [N].
 *
 * @example
 * const scores = torch.tensor([[0.25, 0.5, 0]]);
 * console.log(new nn.MultiMarginLoss()(scores, torch.tensor([1])).item().toFixed(4)); // 0.4167
 */
export class MultiMarginLoss extends WeightedLoss {
  p: number;
  margin: number;

  constructor(
    ...args: Args<
      [],
      [p: number, margin: number, weight: Tensor | null, ...Legacy],
      WeightedLossOptions & { p?: number; margin?: number }
    >
  ) {
    const [p, margin, weight, ...legacy] = MULTI(args) as [number, number, Tensor | null, ...Legacy];
    super(weight, ...legacy);
    if (p !== 1 && p !== 2) throw new ValueError('only p == 1 and p == 2 supported');
    if (weight !== null && weight.ndim !== 1) throw new ValueError('weight must be one-dimensional');
    this.p = p;
    this.margin = margin;
  }

  forward(input: Tensor, target: Tensor): Tensor {
    const { p, margin, weight, reduction } = this;
    return F.multi_margin_loss(input, target, { p, margin, weight, reduction });
  }
}

/**
 * Σ max(0, 1 − (input[label] − input[i])) / C over labels and over classes i that are none; a row's labels are what its target
 * has before the first −1.
 *
 * @example
 * const scores = torch.tensor([0.25, 0.5, 0]);
 * console.log(new nn.MultiLabelMarginLoss()(scores, torch.tensor([1, 0, -1])).item().toFixed(4)); // 0.4167
 */
export class MultiLabelMarginLoss extends Loss {
  constructor(...args: Args<[], Legacy, LossOptions>) {
    super(...(MULTI_LABEL(args) as Legacy));
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return F.multilabel_margin_loss(input, target, { reduction: this.reduction });
  }
}

/**
 * BCEWithLogitsLoss averaged over the classes, the last dimension.
 *
 * @example
 * const loss = new nn.MultiLabelSoftMarginLoss();
 * console.log(loss(torch.zeros(1, 3), torch.tensor([[0, 1, 1]])).item().toFixed(4)); // 0.6931
 */
export class MultiLabelSoftMarginLoss extends WeightedLoss {
  constructor(...args: Args<[], [weight: Tensor | null, ...Legacy], WeightedLossOptions>) {
    super(...(MULTI_LABEL_SOFT(args) as [Tensor | null, ...Legacy]));
  }

  forward(input: Tensor, target: Tensor): Tensor {
    const { weight, reduction } = this;
    return F.multilabel_soft_margin_loss(input, target, { weight, reduction });
  }
}

export interface TripletMarginLossOptions extends MarginLossOptions {
  /** Of the norm. Default 2. */
  p?: number;
  /** Added to the differences. Default 1e-6. */
  eps?: number;
  /** Whether the distance of the positive from the negative counts where it is the smaller. Default false. */
  swap?: boolean;
}

/**
 * max(0, ‖anchor − positive‖ − ‖anchor − negative‖ + margin). Default margin 1.
 *
 * @example
 * const [anchor, positive, negative] = [torch.zeros(1, 2), torch.ones(1, 2), torch.ones(1, 2)];
 * console.log(new nn.TripletMarginLoss()(anchor, positive, negative).item().toFixed(4)); // 1.0000
 */
export class TripletMarginLoss extends Loss {
  margin: number;
  p: number;
  eps: number;
  swap: boolean;

  constructor(
    ...args: Args<
      [],
      [margin: number, p: number, eps: number, swap: boolean, ...Legacy],
      TripletMarginLossOptions
    >
  ) {
    const [margin, p, eps, swap, ...legacy] = TRIPLET(args) as [number, number, number, boolean, ...Legacy];
    super(...legacy);
    this.margin = margin;
    this.p = p;
    this.eps = eps;
    this.swap = swap;
  }

  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { margin, p, eps, swap, reduction } = this;
    return F.triplet_margin_loss(anchor, positive, negative, { margin, p, eps, swap, reduction });
  }
}

export interface TripletMarginWithDistanceLossOptions {
  /** A function of two tensors, which a module is too. Default `PairwiseDistance`. */
  distance_function?: DistanceFunction | null;
  margin?: number;
  swap?: boolean;
  reduction?: Reduction;
}

/**
 * TripletMarginLoss with a distance of one's own.
 *
 * @example
 * const distance_function = (a, b) => a.sub(b).abs().amax(-1);
 * const loss = new nn.TripletMarginWithDistanceLoss({ distance_function });
 * console.log(loss(torch.zeros(1, 2), torch.ones(1, 2), torch.full([1, 2], 1.5)).item()); // 0.5
 */
export class TripletMarginWithDistanceLoss extends Loss {
  distance_function: DistanceFunction;
  margin: number;
  swap: boolean;

  constructor(options: TripletMarginWithDistanceLossOptions = {}) {
    const [distance, margin, swap, reduction] = TRIPLET_DISTANCE([options]) as [
      DistanceFunction | null,
      number,
      boolean,
      string,
    ];
    super(null, null, reduction);
    this.distance_function = distance ?? new PairwiseDistance();
    this.margin = margin;
    this.swap = swap;
  }

  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { distance_function, margin, swap, reduction } = this;
    return F.triplet_margin_with_distance_loss(anchor, positive, negative, {
      distance_function,
      margin,
      swap,
      reduction,
    });
  }
}
