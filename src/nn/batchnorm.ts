import { int64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { ValueError } from '../errors.js';
import { ones, zeros } from '../ops/creation.js';
import type { Args } from '../ops/define.js';
import { checkDevice } from '../ops/make.js';
import { withScope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import * as F from './functional.js';
import * as init from './init.js';
import { Module } from './module.js';
import { emptyParameter } from './parameter.js';
import type { Parameter } from './parameter.js';
import { pyBool, pyFloat } from './python_text.js';
import { FACTORY, signature } from './signature.js';
import type { FactoryOptions } from './signature.js';
import type { LoadPlan, LocalMetadata, StateDict } from './state_dict.js';

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
type Bound = [number, number, number | null, boolean, boolean, string | null, DType | null];

const BIND = signature(
  'BatchNorm(int num_features, float eps=1e-5, float? momentum=0.1, bool affine=True, bool track_running_stats=True, ' +
    `${FACTORY})`,
);

/** What the batch norms of all dimensions have in common. */
export abstract class BatchNormNd extends Module {
  static override readonly _version = 2;

  num_features: number;
  eps: number;
  momentum: number | null;
  affine: boolean;
  track_running_stats: boolean;
  /** [num_features], null without `affine` */
  declare weight: Parameter | null;
  declare bias: Parameter | null;
  /** [num_features], null without `track_running_stats` */
  declare running_mean: Tensor | null;
  declare running_var: Tensor | null;
  /** How many batches went into the running statistics: int64, 0-dim. */
  declare num_batches_tracked: Tensor | null;

  constructor(num_features: number, ...rest: Args<[], Optional, BatchNormOptions>);
  constructor(options: BatchNormOptions & { num_features: number });
  constructor(...args: unknown[]) {
    super();
    const [features, eps, momentum, affine, tracks, device, dtype] = BIND(args) as Bound;
    checkDevice(device);
    this.num_features = features;
    this.eps = eps;
    this.momentum = momentum;
    this.affine = affine;
    this.track_running_stats = tracks;
    this.register_parameter('weight', affine ? emptyParameter([features], dtype) : null);
    this.register_parameter('bias', affine ? emptyParameter([features], dtype) : null);
    withScope('the making of a BatchNorm', () => {
      this.register_buffer('running_mean', tracks ? zeros(features, { dtype }) : null);
      this.register_buffer('running_var', tracks ? ones(features, { dtype }) : null);
      this.register_buffer('num_batches_tracked', tracks ? zeros([], { dtype: int64 }) : null);
    });
    this.reset_parameters();
  }

  reset_running_stats(): void {
    this.running_mean?.zero_();
    this.running_var?.fill_(1);
    this.num_batches_tracked?.zero_();
  }

  /** Weight 1, bias 0, running statistics of a standard normal. */
  reset_parameters(): void {
    this.reset_running_stats();
    if (this.weight !== null) init.ones_(this.weight);
    if (this.bias !== null) init.zeros_(this.bias);
  }

  /** @internal */
  abstract _check_input_dim(input: Tensor): void;

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

  override extra_repr(): string {
    const momentum = this.momentum === null ? 'None' : pyFloat(this.momentum);
    return (
      `${this.num_features}, eps=${pyFloat(this.eps)}, momentum=${momentum}, affine=${pyBool(this.affine)}, ` +
      `track_running_stats=${pyBool(this.track_running_stats)}`
    );
  }

  override _load_from_state_dict(
    state: StateDict,
    prefix: string,
    metadata: LocalMetadata,
    plan: LoadPlan,
  ): void {
    // Version 2 added num_batches_tracked; files without it start from 0.
    const key = `${prefix}num_batches_tracked`;
    if ((metadata.version ?? 0) < 2 && this.track_running_stats && !(key in state)) {
      state[key] = zeros([], { dtype: int64 });
    }
    super._load_from_state_dict(state, prefix, metadata, plan);
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
