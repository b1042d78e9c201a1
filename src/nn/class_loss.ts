import type { Args } from '../ops/define.js';
import { LEGACY } from '../ops/define_loss.js';
import type { Legacy } from '../ops/define_loss.js';
import type { Lengths } from '../ops/ctc_loss.js';
import type { Reduction } from '../ops/reduction.js';
import type { Tensor } from '../tensor.js';
import * as F from './functional.js';
import { Loss, WeightedLoss } from './loss.js';
import type { LossOptions, WeightedLossOptions } from './loss.js';
import { signature } from '../signature.js';

const CLASSES =
  'Tensor? weight=None, bool? size_average=None, int ignore_index=-100, bool? reduce=None, ' +
  "str reduction='mean'";
const NLL = signature(`NLLLoss(${CLASSES})`);
const CROSS_ENTROPY = signature(`CrossEntropyLoss(${CLASSES}, float label_smoothing=0.0)`);
const BCE = signature(`BCELoss(Tensor? weight=None, ${LEGACY})`);
const BCE_LOGITS = signature(`BCEWithLogitsLoss(Tensor? weight=None, ${LEGACY}, Tensor? pos_weight=None)`);
const KL_DIV = signature(`KLDivLoss(${LEGACY}, bool log_target=False)`);
const CTC = signature("CTCLoss(int blank=0, str reduction='mean', bool zero_infinity=False)");

export interface ClassLossOptions extends WeightedLossOptions {
  /** Targets of this value do not count. Default -100. */
  ignore_index?: number;
}

type ClassArgs = [
  weight: Tensor | null,
  size_average: boolean | null,
  ignore_index: number,
  reduce: boolean | null,
  reduction: Reduction,
];

/**
 * −weight[target]·input[target] of log probabilities [N, C, …] and classes [N, …].
 *
 * @example
 * const logits = torch.zeros(2, 4);
 * console.log(new nn.NLLLoss()(logits.log_softmax(1), torch.tensor([0, 3])).item().toFixed(4)); // 1.3863
 */
export class NLLLoss extends WeightedLoss {
  ignore_index: number;

  constructor(...args: Args<[], ClassArgs, ClassLossOptions>) {
    const [weight, average, ignoreIndex, reduce, reduction] = NLL(args) as ClassArgs;
    super(weight, average, reduce, reduction);
    this.ignore_index = ignoreIndex;
  }

  forward(input: Tensor, target: Tensor): Tensor {
    const { weight, ignore_index, reduction } = this;
    return F.nll_loss(input, target, { weight, ignore_index, reduction });
  }
}

/** NLLLoss under the name that it once had for images. */
export class NLLLoss2d extends NLLLoss {
  constructor(...args: Args<[], ClassArgs, ClassLossOptions>) {
    console.warn(
      'NLLLoss2d has been deprecated. Please use NLLLoss instead as a drop-in replacement and see ' +
        'https://pytorch.org/docs/master/nn.html#torch.nn.NLLLoss for more details.',
    );
    super(...args);
  }
}

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

  constructor(
    ...args: Args<
      [],
      [...ClassArgs, label_smoothing: number],
      ClassLossOptions & { label_smoothing?: number }
    >
  ) {
    const [weight, average, ignoreIndex, reduce, reduction, smoothing] = CROSS_ENTROPY(args) as [
      ...ClassArgs,
      number,
    ];
    super(weight, average, reduce, reduction);
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
  constructor(...args: Args<[], [weight: Tensor | null, ...Legacy], WeightedLossOptions>) {
    super(...(BCE(args) as [Tensor | null, ...Legacy]));
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return F.binary_cross_entropy(input, target, { weight: this.weight, reduction: this.reduction });
  }
}

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
    ...args: Args<
      [],
      [weight: Tensor | null, ...Legacy, pos_weight: Tensor | null],
      WeightedLossOptions & { pos_weight?: Tensor | null }
    >
  ) {
    const [weight, average, reduce, reduction, posWeight] = BCE_LOGITS(args) as [
      Tensor | null,
      ...Legacy,
      Tensor | null,
    ];
    super(weight, average, reduce, reduction);
    this.register_buffer('pos_weight', posWeight);
  }

  forward(input: Tensor, target: Tensor): Tensor {
    const { weight, reduction, pos_weight } = this;
    return F.binary_cross_entropy_with_logits(input, target, { weight, reduction, pos_weight });
  }
}

/**
 * target·(log target − input) of log probabilities. The reduction 'batchmean' divides the sum by the first size, as the
 * divergence does; 'mean', the default, divides it by the number of elements.
 *
 * @example
 * const input = torch.zeros(1, 4).log_softmax(1);
 * const loss = new nn.KLDivLoss({ reduction: 'batchmean' })(input, torch.tensor([[0, 0, 0, 1]]).float());
 * console.log(loss.item().toFixed(4)); // 1.3863
 */
export class KLDivLoss extends Loss<Reduction | 'batchmean'> {
  log_target: boolean;

  constructor(
    ...args: Args<
      [],
      [
        size_average: boolean | null,
        reduce: boolean | null,
        reduction: Reduction | 'batchmean',
        log_target: boolean,
      ],
      Omit<LossOptions, 'reduction'> & { reduction?: Reduction | 'batchmean'; log_target?: boolean }
    >
  ) {
    const [average, reduce, reduction, logTarget] = KL_DIV(args) as [Legacy[0], Legacy[1], string, boolean];
    super(average, reduce, reduction, ['batchmean']);
    this.log_target = logTarget;
  }

  forward(input: Tensor, target: Tensor): Tensor {
    return F.kl_div(input, target, { reduction: this.reduction, log_target: this.log_target });
  }
}

/**
 * Connectionist temporal classification of log probabilities [T, N, C]; see `nn.functional.ctc_loss`.
 *
 * @example
 * const scores = torch.zeros(3, 1, 4).log_softmax(2);
 * console.log(new nn.CTCLoss()(scores, torch.tensor([[1, 2]]), [3], [2]).item().toFixed(4)); // 1.2747
 */
export class CTCLoss extends Loss {
  blank: number;
  zero_infinity: boolean;

  constructor(
    ...args: Args<
      [],
      [blank: number, reduction: Reduction, zero_infinity: boolean],
      { blank?: number; reduction?: Reduction; zero_infinity?: boolean }
    >
  ) {
    const [blank, reduction, zeroInfinity] = CTC(args) as [number, string, boolean];
    super(null, null, reduction);
    this.blank = blank;
    this.zero_infinity = zeroInfinity;
  }

  forward(log_probs: Tensor, targets: Tensor, input_lengths: Lengths, target_lengths: Lengths): Tensor {
    const { blank, reduction, zero_infinity } = this;
    return F.ctc_loss(log_probs, targets, input_lengths, target_lengths, { blank, reduction, zero_infinity });
  }
}
