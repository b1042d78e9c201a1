import { ValueError } from '../../errors.js';
import { signature } from '../../signature.js';
import type { Args } from '../../ops/define.js';
import type { ParamGroup } from '../optimizer.js';
import { LAST, LRScheduler, checkOptimizer, perGroup } from './scheduler.js';
import type { AnyOptimizer, SchedulerOptions } from './scheduler.js';

export interface CyclicOptions extends SchedulerOptions {
  /** Steps in which the rate rises. Default 2000. */
  step_size_up?: number;
  /** Steps in which it falls. Default: step_size_up. */
  step_size_down?: number | null;
  /** How the height of the cycles changes: not at all, by half with each, or by gamma with each step. Default 'triangular'. */
  mode?: 'triangular' | 'triangular2' | 'exp_range';
  /** Default 1. */
  gamma?: number;
  /** The height as a function of the cycle or of the step, in place of `mode`. Default null. */
  scale_fn?: ((x: number) => number) | null;
  /** What `scale_fn` is given. Default 'cycle'. */
  scale_mode?: 'cycle' | 'iterations';
  /** Whether momentum moves the other way. Default true. */
  cycle_momentum?: boolean;
  /** Default 0.8. */
  base_momentum?: number | readonly number[];
  /** Default 0.9. */
  max_momentum?: number | readonly number[];
}

type Rates = number | readonly number[];

type Optional = [
  step_size_up: number,
  step_size_down: number | null,
  mode: 'triangular' | 'triangular2' | 'exp_range',
  gamma: number,
  scale_fn: ((x: number) => number) | null,
  scale_mode: 'cycle' | 'iterations',
  cycle_momentum: boolean,
  base_momentum: Rates,
  max_momentum: Rates,
  last_epoch: number,
  verbose: boolean,
];

const BIND = signature(
  'CyclicLR(any optimizer, float|float[] base_lr, float|float[] max_lr, float step_size_up=2000, float? step_size_down=None, ' +
    "str mode='triangular', float gamma=1, function? scale_fn=None, str scale_mode='cycle', bool cycle_momentum=True, " +
    `float|float[] base_momentum=0.8, float|float[] max_momentum=0.9, ${LAST})`,
);

/**
 * Smith's cyclical rates: up from `base_lr` to `max_lr` and down again, along straight lines; stepped after every batch.
 *
 * @example
 * const optimizer = new optim.SGD([new nn.Parameter(torch.ones(1))], { lr: 0.1, momentum: 0.9 });
 * const scheduler = new optim.lr_scheduler.CyclicLR(optimizer, 0.1, 0.5, { step_size_up: 2 });
 * const rates = [];
 * for (let batch = 0; batch < 4; batch++) {
 *   optimizer.step();
 *   scheduler.step();
 *   rates.push(scheduler.get_last_lr()[0].toFixed(1));
 * }
 * console.log(rates.join(' ')); // 0.3 0.5 0.3 0.1
 */
export class CyclicLR extends LRScheduler {
  max_lrs: readonly number[];
  total_size: number;
  step_ratio: number;
  mode: 'triangular' | 'triangular2' | 'exp_range';
  gamma: number;
  scale_mode: 'cycle' | 'iterations';
  cycle_momentum: boolean;
  base_momentums: readonly number[] = [];
  max_momentums: readonly number[] = [];
  private readonly _scale_fn_custom: ((x: number) => number) | null;

  constructor(
    optimizer: AnyOptimizer,
    base_lr: Rates,
    max_lr: Rates,
    ...rest: Args<[], Optional, CyclicOptions>
  );
  constructor(optimizer: AnyOptimizer, options: CyclicOptions & { base_lr: Rates; max_lr: Rates });
  constructor(...args: unknown[]) {
    const [optimizer, baseLr, maxLr, ...options] = BIND(args) as [AnyOptimizer, Rates, Rates, ...Optional];
    const [up, givenDown, mode, gamma, scale, scaleMode, cycles, baseMomentum, maxMomentum, last, verbose] =
      options;
    checkOptimizer(optimizer);
    const groups = optimizer.param_groups;
    const baseLrs = perGroup('base_lr', baseLr, groups.length);
    if (last === -1) groups.forEach((group, i) => (group.lr = baseLrs[i]));
    const maxLrs = perGroup('max_lr', maxLr, groups.length);
    const down = givenDown ?? up;
    if (scale === null && !['triangular', 'triangular2', 'exp_range'].includes(mode))
      throw new ValueError('mode is invalid and scale_fn is None');
    const momenta = groups as (ParamGroup & { momentum: number })[];
    let maxMomenta: readonly number[] = [];
    if (cycles) {
      if (!('momentum' in optimizer.defaults))
        throw new ValueError('optimizer must support momentum with `cycle_momentum` option enabled');
      const baseMomenta = perGroup('base_momentum', baseMomentum, groups.length);
      if (last === -1) momenta.forEach((group, i) => (group.momentum = baseMomenta[i]));
      maxMomenta = perGroup('max_momentum', maxMomentum, groups.length);
    }
    super(optimizer, last, verbose);
    this.max_lrs = maxLrs;
    this.total_size = up + down;
    this.step_ratio = up / (up + down);
    this.mode = mode;
    this.gamma = gamma;
    this._scale_fn_custom = scale;
    if (scale === null) this.scale_mode = mode === 'exp_range' ? 'iterations' : 'cycle';
    else this.scale_mode = scaleMode;
    this.cycle_momentum = cycles;
    if (cycles) {
      this.base_momentums = momenta.map((group) => group.momentum);
      this.max_momentums = maxMomenta;
    }
    this._initial_step();
    this.base_lrs = [...baseLrs];
  }

  /** The height of a cycle: of the whole distance between the rates. */
  scale_fn(x: number): number {
    if (this._scale_fn_custom !== null) return this._scale_fn_custom(x);
    if (this.mode === 'triangular') return 1;
    return this.mode === 'triangular2' ? 1 / 2 ** (x - 1) : this.gamma ** x;
  }

  override get_lr(): number[] {
    const cycle = Math.floor(1 + this.last_epoch / this.total_size);
    const x = 1 + this.last_epoch / this.total_size - cycle;
    const share = x <= this.step_ratio ? x / this.step_ratio : (x - 1) / (this.step_ratio - 1);
    const height = this.scale_fn(this.scale_mode === 'cycle' ? cycle : this.last_epoch);
    if (this.cycle_momentum) {
      this.optimizer.param_groups.forEach((group, i) => {
        const [base, max] = [this.base_momentums[i], this.max_momentums[i]];
        group['momentum'] = max - (max - base) * share * height;
      });
    }
    return this.base_lrs.map((base, i) => base + (this.max_lrs[i] - base) * share * height);
  }
}
