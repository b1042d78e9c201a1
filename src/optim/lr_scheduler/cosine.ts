import { ValueError } from '../../errors.js';
import { signature } from '../../signature.js';
import type { Args } from '../../ops/define.js';
import { LAST, LRScheduler } from './scheduler.js';
import type { AnyOptimizer, SchedulerOptions } from './scheduler.js';

const { PI, cos } = Math;

const COSINE = signature(`CosineAnnealingLR(any optimizer, float T_max, float eta_min=0, ${LAST})`);

/**
 * The rates fall to `eta_min` (default 0) along half a cosine of `T_max` epochs, and then rise again.
 *
 * @example
 * const optimizer = new optim.SGD([new nn.Parameter(torch.ones(1))], { lr: 0.1 });
 * const scheduler = new optim.lr_scheduler.CosineAnnealingLR(optimizer, 10);
 * for (let epoch = 0; epoch < 5; epoch++) { optimizer.step(); scheduler.step(); }
 * console.log(scheduler.get_last_lr()[0].toFixed(4)); // 0.0500
 */
export class CosineAnnealingLR extends LRScheduler {
  T_max: number;
  eta_min: number;

  constructor(
    optimizer: AnyOptimizer,
    T_max: number,
    ...rest: Args<
      [],
      [eta_min: number, last_epoch: number, verbose: boolean],
      SchedulerOptions & { eta_min?: number }
    >
  );
  constructor(optimizer: AnyOptimizer, options: SchedulerOptions & { T_max: number; eta_min?: number });
  constructor(...args: unknown[]) {
    const [optimizer, tMax, etaMin, lastEpoch, verbose] = COSINE(args) as [
      AnyOptimizer,
      number,
      number,
      number,
      boolean,
    ];
    super(optimizer, lastEpoch, verbose);
    this.T_max = tMax;
    this.eta_min = etaMin;
    this._initial_step();
  }

  override get_lr(): number[] {
    const { last_epoch: epoch, T_max: period, eta_min: floor, base_lrs: bases } = this;
    if (epoch === 0) return this.rates();
    if (this._step_count === 1 && epoch > 0) {
      return bases.map((lr) => floor + ((lr - floor) * (1 + cos((epoch * PI) / period))) / 2);
    }
    if ((epoch - 1 - period) % (2 * period) === 0) {
      return this.rates().map((lr, i) => lr + ((bases[i] - floor) * (1 - cos(PI / period))) / 2);
    }
    const factor = (1 + cos((PI * epoch) / period)) / (1 + cos((PI * (epoch - 1)) / period));
    return this.rates().map((lr) => factor * (lr - floor) + floor);
  }

  protected override closedForm(): number[] {
    const { last_epoch: epoch, T_max: period, eta_min: floor } = this;
    return this.base_lrs.map((lr) => floor + ((lr - floor) * (1 + cos((PI * epoch) / period))) / 2);
  }
}

const RESTARTS = signature(
  `CosineAnnealingWarmRestarts(any optimizer, int T_0, int T_mult=1, float eta_min=0, ${LAST})`,
);

/** Cosine annealing that starts anew after `T_0` epochs, then after T_0·T_mult, and so on. */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  T_0: number;
  T_i: number;
  T_mult: number;
  eta_min: number;
  T_cur: number;

  constructor(
    optimizer: AnyOptimizer,
    T_0: number,
    ...rest: Args<
      [],
      [T_mult: number, eta_min: number, last_epoch: number, verbose: boolean],
      SchedulerOptions & { T_mult?: number; eta_min?: number }
    >
  );
  constructor(
    optimizer: AnyOptimizer,
    options: SchedulerOptions & { T_0: number; T_mult?: number; eta_min?: number },
  );
  constructor(...args: unknown[]) {
    const [optimizer, first, factor, etaMin, lastEpoch, verbose] = RESTARTS(args) as [
      AnyOptimizer,
      number,
      number,
      number,
      number,
      boolean,
    ];
    if (first <= 0) throw new ValueError(`Expected positive integer T_0, but got ${first}`);
    if (factor < 1) throw new ValueError(`Expected integer T_mult >= 1, but got ${factor}`);
    super(optimizer, lastEpoch, verbose);
    this.T_0 = first;
    this.T_i = first;
    this.T_mult = factor;
    this.eta_min = etaMin;
    this.T_cur = lastEpoch;
    this._initial_step();
  }

  override get_lr(): number[] {
    const { T_cur, T_i, eta_min: floor } = this;
    return this.base_lrs.map((lr) => floor + ((lr - floor) * (1 + cos((PI * T_cur) / T_i))) / 2);
  }

  /** `epoch` may be fractional, to step within an epoch. */
  override step(epoch?: number): void {
    const to = epoch ?? (this.last_epoch < 0 ? 0 : null);
    if (to === null) {
      this.T_cur++;
      if (this.T_cur >= this.T_i) {
        this.T_cur -= this.T_i;
        this.T_i *= this.T_mult;
      }
    } else {
      this.jump(to);
    }
    this.last_epoch = Math.floor(to ?? this.last_epoch + 1);
    this.setRates(this.get_lr(), epoch);
  }

  private jump(epoch: number): void {
    if (epoch < 0) throw new ValueError(`Expected non-negative epoch, but got ${epoch}`);
    if (epoch < this.T_0) {
      this.T_i = this.T_0;
      this.T_cur = epoch;
    } else if (this.T_mult === 1) {
      this.T_cur = epoch % this.T_0;
    } else {
      const n = Math.trunc(Math.log((epoch / this.T_0) * (this.T_mult - 1) + 1) / Math.log(this.T_mult));
      this.T_cur = epoch - (this.T_0 * (this.T_mult ** n - 1)) / (this.T_mult - 1);
      this.T_i = this.T_0 * this.T_mult ** n;
    }
  }
}
