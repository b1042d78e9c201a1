import { ValueError } from '../errors.js';
import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import type { BatchNormOptions } from './batchnorm.js';
import * as F from './functional.js';
import { NormNd } from './norm_base.js';
import type { NormArguments } from './norm_base.js';
import { FACTORY } from './factory.js';
import { signature } from '../signature.js';
import type { LoadPlan, LocalMetadata, StateDict } from './state_dict.js';

type Optional = [eps: number, momentum: number | null, affine: boolean, track_running_stats: boolean];

const BIND = signature(
  'InstanceNorm(int num_features, float eps=1e-5, float? momentum=0.1, bool affine=False, ' +
    `bool track_running_stats=False, ${FACTORY})`,
);

abstract class InstanceNormNd extends NormNd {
  /** Dimensions of an input without batch. */
  protected abstract readonly noBatch: number;

  constructor(num_features: number, ...rest: Args<[], Optional, BatchNormOptions>);
  constructor(options: BatchNormOptions & { num_features: number });
  constructor(...args: unknown[]) {
    super(BIND(args) as NormArguments);
  }

  /** @internal */
  override _check_input_dim(input: Tensor): void {
    const dims = this.noBatch;
    if (input.ndim !== dims && input.ndim !== dims + 1) {
      throw new ValueError(`expected ${dims}D or ${dims + 1}D input (got ${input.ndim}D input)`);
    }
  }

  forward(input: Tensor): Tensor {
    this._check_input_dim(input);
    const single = input.ndim === this.noBatch;
    const out = F.instance_norm(
      single ? input.unsqueeze(0) : input,
      this.running_mean,
      this.running_var,
      this.weight,
      this.bias,
      this.training || !this.track_running_stats,
      this.momentum ?? 0,
      this.eps,
    );
    return single ? out.squeeze(0) : out;
  }

  override _load_from_state_dict(
    state: StateDict,
    prefix: string,
    metadata: LocalMetadata,
    plan: LoadPlan,
  ): void {
    if ((metadata.version ?? null) === null && !this.track_running_stats) {
      const found = ['running_mean', 'running_var']
        .map((name) => prefix + name)
        .filter((key) => key in state);
      if (found.length > 0) {
        const kind = this._get_name();
        plan.error_msgs.push(
          `Unexpected running stats buffer(s) ${found.map((key) => `"${key}"`).join(' and ')} for ${kind} with ` +
            'track_running_stats=False. If state_dict is a checkpoint saved before 0.4.0, this may be expected because ' +
            `${kind} does not track running stats by default since 0.4.0. Please remove these keys from state_dict. If the ` +
            `running stats are actually needed, instead set track_running_stats=True in ${kind} to enable them. See the ` +
            `documentation of ${kind} for details.`,
        );
        for (const key of found) delete state[key];
      }
    }
    super._load_from_state_dict(state, prefix, metadata, plan);
  }
}

/**
 * Instance normalisation of [N, C, L] or [C, L]: each channel of each image is scaled to mean 0 and variance 1. With
 * `track_running_stats` evaluation uses running statistics.
 *
 * @example
 * console.log(new nn.InstanceNorm1d(3)(torch.randn(2, 3, 8)).mean().abs().item() < 1e-6); // true
 */
export class InstanceNorm1d extends InstanceNormNd {
  protected readonly noBatch = 2;
}

/** Instance normalisation of [N, C, H, W] or [C, H, W]. */
export class InstanceNorm2d extends InstanceNormNd {
  protected readonly noBatch = 3;
}

/** Instance normalisation of [N, C, D, H, W] or [C, D, H, W]. */
export class InstanceNorm3d extends InstanceNormNd {
  protected readonly noBatch = 4;
}
