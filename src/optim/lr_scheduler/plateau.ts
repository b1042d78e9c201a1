import { ValueError } from '../../errors.js';
import { signature } from '../../signature.js';
import type { Args } from '../../ops/define.js';
import type { Tensor } from '../../tensor.js';
import { checkOptimizer, plainState, scientific } from './scheduler.js';
import type { AnyOptimizer, SchedulerState } from './scheduler.js';

export interface PlateauOptions {
  /** Whether smaller ('min', default) or larger is better. */
  mode?: 'min' | 'max';
  /** Default 0.1. */
  factor?: number;
  /** Epochs without improvement that are let pass. Default 10. */
  patience?: number;
  /** What counts as an improvement. Default 1e-4. */
  threshold?: number;
  /** Whether the threshold is a share of the best value ('rel', default) or a difference. */
  threshold_mode?: 'rel' | 'abs';
  /** Epochs after a reduction in which nothing counts. Default 0. */
  cooldown?: number;
  /** Default 0. */
  min_lr?: number | readonly number[];
  /** Smaller changes of a rate are not made. Default 1e-8. */
  eps?: number;
  verbose?: boolean;
}

type Optional = [
  mode: 'min' | 'max',
  factor: number,
  patience: number,
  threshold: number,
  threshold_mode: 'rel' | 'abs',
  cooldown: number,
  min_lr: number | readonly number[],
  eps: number,
  verbose: boolean,
];

const BIND = signature(
  "ReduceLROnPlateau(any optimizer, str mode='min', float factor=0.1, int patience=10, float threshold=1e-4, " +
    "str threshold_mode='rel', int cooldown=0, float|float[] min_lr=0, float eps=1e-8, bool verbose=False)",
);

/**
 * Multiplies the rates by `factor` when a measure has not improved for more than `patience` epochs.
 *
 * @example
 * const optimizer = new torch.optim.SGD([new nn.Parameter(torch.ones(1))], { lr: 0.1 });
 * const scheduler = new torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, { patience: 0, factor: 0.5 });
 * scheduler.step(1);
 * scheduler.step(1);
 * console.log(optimizer.param_groups[0].lr); // 0.05
 */
export class ReduceLROnPlateau {
  readonly optimizer: AnyOptimizer;
  mode: 'min' | 'max';
  factor: number;
  patience: number;
  threshold: number;
  threshold_mode: 'rel' | 'abs';
  cooldown: number;
  min_lrs: number[];
  eps: number;
  verbose: boolean;
  best: number;
  num_bad_epochs = 0;
  cooldown_counter = 0;
  last_epoch = 0;
  _last_lr: number[] = [];

  constructor(optimizer: AnyOptimizer, ...rest: Args<[], Optional, PlateauOptions>) {
    const [, mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps, verbose] = BIND([
      optimizer,
      ...rest,
    ]) as [unknown, ...Optional];
    if (factor >= 1) throw new ValueError('Factor should be < 1.0.');
    this.optimizer = checkOptimizer(optimizer);
    const groups = optimizer.param_groups.length;
    if (typeof minLr !== 'number' && minLr.length !== groups) {
      throw new ValueError(`expected ${groups} min_lrs, got ${minLr.length}`);
    }
    if (mode !== 'min' && mode !== 'max') throw new ValueError(`mode ${String(mode)} is unknown!`);
    if (thresholdMode !== 'rel' && thresholdMode !== 'abs') {
      throw new ValueError(`threshold mode ${String(thresholdMode)} is unknown!`);
    }
    this.mode = mode;
    this.factor = factor;
    this.patience = patience;
    this.threshold = threshold;
    this.threshold_mode = thresholdMode;
    this.cooldown = cooldown;
    this.min_lrs = typeof minLr === 'number' ? new Array<number>(groups).fill(minLr) : [...minLr];
    this.eps = eps;
    this.verbose = verbose;
    this.best = mode === 'min' ? Infinity : -Infinity;
  }

  /** Ends an epoch whose measure (a number or a tensor of one element) is `metrics`. */
  step(metrics: number | Tensor, epoch: number = this.last_epoch + 1): void {
    const current = typeof metrics === 'number' ? metrics : metrics.item();
    this.last_epoch = epoch;
    if (this.is_better(current, this.best)) {
      this.best = current;
      this.num_bad_epochs = 0;
    } else {
      this.num_bad_epochs++;
    }
    if (this.in_cooldown) {
      this.cooldown_counter--;
      this.num_bad_epochs = 0;
    }
    if (this.num_bad_epochs > this.patience) {
      this.reduce(epoch);
      this.cooldown_counter = this.cooldown;
      this.num_bad_epochs = 0;
    }
    this._last_lr = this.optimizer.param_groups.map((group) => group.lr);
  }

  private reduce(epoch: number): void {
    this.optimizer.param_groups.forEach((group, i) => {
      const next = Math.max(group.lr * this.factor, this.min_lrs[i]);
      if (!(group.lr - next > this.eps)) return;
      group.lr = next;
      if (this.verbose) {
        const when = String(epoch).padStart(5, '0');
        console.log(`Epoch ${when}: reducing learning rate of group ${i} to ${scientific(next)}.`);
      }
    });
  }

  get in_cooldown(): boolean {
    return this.cooldown_counter > 0;
  }

  is_better(a: number, best: number): boolean {
    const { threshold } = this;
    if (this.mode === 'min')
      return this.threshold_mode === 'rel' ? a < best * (1 - threshold) : a < best - threshold;
    return this.threshold_mode === 'rel' ? a > best * (threshold + 1) : a > best + threshold;
  }

  get_last_lr(): number[] {
    return this._last_lr;
  }

  state_dict(): SchedulerState {
    return plainState(this);
  }

  load_state_dict(state: SchedulerState): void {
    Object.assign(this, structuredClone(state));
  }
}
