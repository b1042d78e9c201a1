import { int64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { ones, zeros } from '../ops/creation.js';
import { checkDevice } from '../ops/make.js';
import { withScope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import * as init from './init.js';
import { Module } from './module.js';
import { emptyParameter } from './parameter.js';
import type { Parameter } from './parameter.js';
import { pyBool, pyFloat } from '../python_text.js';
import type { LoadPlan, LocalMetadata, StateDict } from './state_dict.js';

export type NormArguments = [
  num_features: number,
  eps: number,
  momentum: number | null,
  affine: boolean,
  track_running_stats: boolean,
  device: string | null,
  dtype: DType | null,
];

/** What batch and instance norm have in common: learned scale and shift, running statistics. */
export abstract class NormNd extends Module {
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

  constructor([features, eps, momentum, affine, tracks, device, dtype]: NormArguments) {
    super();
    checkDevice(device);
    this.num_features = features;
    this.eps = eps;
    this.momentum = momentum;
    this.affine = affine;
    this.track_running_stats = tracks;
    this.register_parameter('weight', affine ? emptyParameter([features], dtype) : null);
    this.register_parameter('bias', affine ? emptyParameter([features], dtype) : null);
    withScope('the making of a norm', () => {
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
