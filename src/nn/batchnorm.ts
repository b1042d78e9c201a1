import { ValueError } from '../errors.js';
import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import * as F from './functional.js';
import { NormNd } from './norm_base.js';
import type { NormArguments } from './norm_base.js';
import { FACTORY } from './factory.js';
import { signature } from '../signature.js';
import type { FactoryOptions } from './factory.js';

export interface BatchNormOptions extends FactoryOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Weight of the new batch in the running statistics; null for the mean over all batches. Default 0.1. */
  momentum?: number | null;
  /** Whether a learned scale and shift follow. Default true. */
  affine?: boolean;
  /** Whether running statistics are kept for evaluation. Default true. */
  track_running_stats?: boolean;
}

type Optional = [eps: number, momentum: number | null, affine: boolean, track_running_stats: boolean];

const BIND = signature(
  'BatchNorm(int num_features, float eps=1e-5, float? momentum=0.1, bool affine=True, bool track_running_stats=True, ' +
    `${FACTORY})`,
);

/** What the batch norms of all dimensions have in common. */
export abstract class BatchNormNd extends NormNd {
  constructor(num_features: number, ...rest: Args<[], Optional, BatchNormOptions>);
  constructor(options: BatchNormOptions & { num_features: number });
  constructor(...args: unknown[]) {
    super(BIND(args) as NormArguments);
  }

  forward(input: Tensor): Tensor {
    this._check_input_dim(input);
    const {
      training,
      track_running_stats: tracks,
      running_mean: mean,
      running_var: variance,
      weight,
      bias,
    } = this;
    const counter = training && tracks ? this.num_batches_tracked : null;
    let factor = this.momentum ?? 0;
    if (counter !== null && this.momentum === null) factor = 1 / (counter.item() + 1);
    const ofBatch = training || (mean === null && variance === null);
    const updates = !training || tracks;
    const out = F.batch_norm(
      input,
      updates ? mean : null,
      updates ? variance : null,
      weight,
      bias,
      ofBatch,
      factor,
      this.eps,
    );
    // After the call, so that one that fails is not counted.
    counter?.add_(1);
    return out;
  }
}

/**
 * Batch normalisation of [N, C] or [N, C, L]: each channel is scaled to mean 0 and variance 1 over the batch (in evaluation:
 * by the running statistics), then by the learned weight and bias.
 *
 * @example
 * const bn = new nn.BatchNorm1d(3);
 * console.log(bn(torch.randn(8, 3)).mean().abs().item() < 1e-6); // true
 */
export class BatchNorm1d extends BatchNormNd {
  override _check_input_dim(input: Tensor): void {
    if (input.ndim !== 2 && input.ndim !== 3) {
      throw new ValueError(`expected 2D or 3D input (got ${input.ndim}D input)`);
    }
  }
}

/**
 * Batch normalisation of [N, C, H, W]: y = (x − mean) / √(var + eps) · weight + bias per channel, with the biased variance of the
 * batch in training and the running statistics in evaluation. Training moves the running statistics by `momentum` towards
 * the batch's mean and unbiased variance.
 *
 * @example
 * const bn = new nn.BatchNorm2d(8);
 * console.log(bn(torch.ones(2, 8, 4, 4)).shape, bn.num_batches_tracked.item()); // [ 2, 8, 4, 4 ] 1
 */
export class BatchNorm2d extends BatchNormNd {
  override _check_input_dim(input: Tensor): void {
    if (input.ndim !== 4) throw new ValueError(`expected 4D input (got ${input.ndim}D input)`);
  }
}

/** Batch normalisation of [N, C, D, H, W]. */
export class BatchNorm3d extends BatchNormNd {
  override _check_input_dim(input: Tensor): void {
    if (input.ndim !== 5) throw new ValueError(`expected 5D input (got ${input.ndim}D input)`);
  }
}
