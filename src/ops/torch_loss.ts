/**
 * The losses that `torch` has in its own namespace too. There `reduction` is a number, 0 for none, 1 for mean, 2 for sum, and
 * 0 where it is not given; what they compute is in `nn.functional`, under the same names.
 */
import type { Tensor } from '../tensor.js';
import { logitEntropy } from './binary_loss.js';
import { reducedCtc } from './ctc_loss.js';
import type { CtcArgs, Lengths } from './ctc_loss.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { defineLoss } from './define_loss.js';
import type { TorchLoss } from './define_loss.js';
import { divergence } from './kl_div.js';
import { cosineEmbedding, hingeEmbedding, marginRanking, tripletMargin } from './margin_loss.js';
import { poissonNll } from './regression_loss.js';

/** `nn.functional.binary_cross_entropy_with_logits`, reduced by number. */
export const binary_cross_entropy_with_logits: TorchLoss<
  [input: Tensor, target: Tensor],
  [weight: Tensor | null, pos_weight: Tensor | null],
  { weight?: Tensor | null; pos_weight?: Tensor | null }
> = defineLoss({
  schema:
    'binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight=None, Tensor? pos_weight=None, ' +
    'int reduction=0)',
  each: logitEntropy,
});

/** `nn.functional.cosine_embedding_loss`, reduced by number. */
export const cosine_embedding_loss: TorchLoss<
  [input1: Tensor, input2: Tensor, target: Tensor],
  [margin: number],
  { margin?: number }
> = defineLoss({
  schema:
    'cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, float margin=0.0, int reduction=0)',
  each: cosineEmbedding,
});

/** `nn.functional.hinge_embedding_loss`, reduced by number. */
export const hinge_embedding_loss: TorchLoss<
  [input: Tensor, target: Tensor],
  [margin: number],
  { margin?: number }
> = defineLoss({
  schema: 'hinge_embedding_loss(Tensor input, Tensor target, float margin=1.0, int reduction=0)',
  each: hingeEmbedding,
});

/** `nn.functional.kl_div`, reduced by number. */
export const kl_div: Op<
  (
    ...args: Args<
      [input: Tensor, target: Tensor],
      [reduction: number],
      { reduction?: number; log_target?: boolean }
    >
  ) => Tensor
> = defineLoss({
  schema: 'kl_div(Tensor input, Tensor target, int reduction=0, *, bool log_target=False)',
  each: divergence,
});

/** `nn.functional.margin_ranking_loss`, reduced by number; inputs of different dimensions are broadcast. */
export const margin_ranking_loss: TorchLoss<
  [input1: Tensor, input2: Tensor, target: Tensor],
  [margin: number],
  { margin?: number }
> = defineLoss({
  schema:
    'margin_ranking_loss(Tensor input1, Tensor input2, Tensor target, float margin=0.0, int reduction=0)',
  each: marginRanking,
});

/** `nn.functional.poisson_nll_loss`, reduced by number. */
export const poisson_nll_loss: Op<
  (
    ...args: Args<
      [input: Tensor, target: Tensor],
      [log_input: boolean, full: boolean, eps: number, reduction: number],
      { log_input?: boolean; full?: boolean; eps?: number; reduction?: number }
    >
  ) => Tensor
> = defineLoss({
  schema:
    'poisson_nll_loss(Tensor input, Tensor target, bool log_input, bool full, float eps, int reduction)',
  each: poissonNll,
});

/** `nn.functional.triplet_margin_loss`, reduced by number. */
export const triplet_margin_loss: TorchLoss<
  [anchor: Tensor, positive: Tensor, negative: Tensor],
  [margin: number, p: number, eps: number, swap: boolean],
  { margin?: number; p?: number; eps?: number; swap?: boolean }
> = defineLoss({
  schema:
    'triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, float margin=1.0, float p=2.0, float eps=1e-06, ' +
    'bool swap=False, int reduction=0)',
  each: tripletMargin,
});

/** `nn.functional.ctc_loss`, reduced by number. */
export const ctc_loss: Op<
  (
    ...args: Args<
      [log_probs: Tensor, targets: Tensor, input_lengths: Lengths, target_lengths: Lengths],
      [blank: number, reduction: number, zero_infinity: boolean],
      { blank?: number; reduction?: number; zero_infinity?: boolean }
    >
  ) => Tensor
> = define({
  schema:
    'ctc_loss(Tensor log_probs, Tensor targets, Tensor|int[] input_lengths, Tensor|int[] target_lengths, int blank=0, ' +
    'int reduction=0, bool zero_infinity=False)',
  forward: (_ctx, ...args: CtcArgs) => reducedCtc(...args),
  backward: 'composite',
});
