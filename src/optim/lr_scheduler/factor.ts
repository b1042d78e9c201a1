import { ValueError } from '../../errors.js';
import { signature } from '../../signature.js';
import type { Args } from '../../ops/define.js';
import { LAST, LRScheduler, named } from './scheduler.js';
import type { AnyOptimizer, SchedulerOptions, SchedulerState } from './scheduler.js';

type Last = [last_epoch: number, verbose: boolean];
type Bound<T extends unknown[]> = [optimizer: AnyOptimizer, ...T, last_epoch: number, verbose: boolean];

// --- steps ----------------------------------------------------------------------------------------------------------

const STEP = signature(`StepLR(any optimizer, int step_size, float gamma=0.1, ${LAST})`);

/**
 * Multiplies the rates by `gamma` every `step_size` epochs.
 *
 * @example
 * const optimizer = new torch.optim.SGD([new nn.Parameter(torch.ones(1))], { lr: 0.1 });
 * const scheduler = new torch.optim.lr_scheduler.StepLR(optimizer, 2, { gamma: 0.5 });
 * for (let epoch = 0; epoch < 2; epoch++) { optimizer.step(); scheduler.step(); }
 * console.log(scheduler.get_last_lr()); // [ 0.05 ]
 */
export class StepLR extends LRScheduler {
  step_size: number;
  gamma: number;

  constructor(
    optimizer: AnyOptimizer,
    step_size: number,
    ...rest: Args<[], [gamma: number, ...Last], SchedulerOptions & { gamma?: number }>
  );
  constructor(optimizer: AnyOptimizer, options: SchedulerOptions & { step_size: number; gamma?: number });
  constructor(...args: unknown[]) {
    const [optimizer, stepSize, gamma, lastEpoch, verbose] = STEP(args) as Bound<[number, number]>;
    super(optimizer, lastEpoch, verbose);
    this.step_size = stepSize;
    this.gamma = gamma;
    this._initial_step();
  }

  override get_lr(): number[] {
    const stays = this.last_epoch === 0 || this.last_epoch % this.step_size !== 0;
    return stays ? this.rates() : this.scaled(this.gamma);
  }

  protected override closedForm(): number[] {
    return this.base_lrs.map((lr) => lr * this.gamma ** Math.floor(this.last_epoch / this.step_size));
  }
}

const MULTI_STEP = signature(`MultiStepLR(any optimizer, int[] milestones, float gamma=0.1, ${LAST})`);

/**
 * Multiplies the rates by `gamma` at each milestone; one that is listed twice counts twice.
 *
 * @example
 * const optimizer = new optim.SGD([new nn.Parameter(torch.ones(1))], { lr: 0.1 });
 * const scheduler = new optim.lr_scheduler.MultiStepLR(optimizer, [1, 3], { gamma: 0.5 });
 * for (let epoch = 0; epoch < 3; epoch++) { optimizer.step(); scheduler.step(); }
 * console.log(scheduler.get_last_lr()[0].toFixed(4)); // 0.0250
 */
export class MultiStepLR extends LRScheduler {
  /** How often each epoch is a milestone. */
  milestones: Record<number, number>;
  gamma: number;

  constructor(
    optimizer: AnyOptimizer,
    milestones: readonly number[],
    ...rest: Args<[], [gamma: number, ...Last], SchedulerOptions & { gamma?: number }>
  );
  constructor(
    optimizer: AnyOptimizer,
    options: SchedulerOptions & { milestones: readonly number[]; gamma?: number },
  );
  constructor(...args: unknown[]) {
    const [optimizer, milestones, gamma, lastEpoch, verbose] = MULTI_STEP(args) as Bound<[number[], number]>;
    super(optimizer, lastEpoch, verbose);
    this.milestones = {};
    for (const epoch of milestones) this.milestones[epoch] = (this.milestones[epoch] ?? 0) + 1;
    this.gamma = gamma;
    this._initial_step();
  }

  override get_lr(): number[] {
    const times = this.milestones[this.last_epoch] ?? 0;
    return times === 0 ? this.rates() : this.scaled(this.gamma ** times);
  }

  protected override closedForm(): number[] {
    let passed = 0;
    for (const [epoch, times] of Object.entries(this.milestones))
      if (Number(epoch) <= this.last_epoch) passed += times;
    return this.base_lrs.map((lr) => lr * this.gamma ** passed);
  }
}

// --- curves ---------------------------------------------------------------------------------------------------------

const CONSTANT = signature(
  `ConstantLR(any optimizer, float factor=0.3333333333333333, int total_iters=5, ${LAST})`,
);

/** The rates times `factor` (default 1/3) until epoch `total_iters` (default 5). */
export class ConstantLR extends LRScheduler {
  factor: number;
  total_iters: number;

  constructor(
    optimizer: AnyOptimizer,
    ...rest: Args<
      [],
      [factor: number, total_iters: number, ...Last],
      SchedulerOptions & { factor?: number; total_iters?: number }
    >
  ) {
    const [, factor, totalIters, lastEpoch, verbose] = CONSTANT([optimizer, ...rest]) as Bound<
      [number, number]
    >;
    if (factor > 1 || factor < 0) {
      throw new ValueError('Constant multiplicative factor expected to be between 0 and 1.');
    }
    super(optimizer, lastEpoch, verbose);
    this.factor = factor;
    this.total_iters = totalIters;
    this._initial_step();
  }

  override get_lr(): number[] {
    if (this.last_epoch === 0) return this.scaled(this.factor);
    return this.last_epoch === this.total_iters ? this.scaled(1 / this.factor) : this.rates();
  }

  protected override closedForm(): number[] {
    const factor = this.factor + Number(this.last_epoch >= this.total_iters) * (1 - this.factor);
    return this.base_lrs.map((lr) => lr * factor);
  }
}

const LINEAR = signature(
  `LinearLR(any optimizer, float start_factor=0.3333333333333333, float end_factor=1.0, int total_iters=5, ${LAST})`,
);

/**
 * The rates times a factor that goes from `start_factor` (default 1/3) to `end_factor` (1) in `total_iters` (5) epochs.
 *
 * @example
 * const optimizer = new optim.SGD([new nn.Parameter(torch.ones(1))], { lr: 0.1 });
 * const scheduler = new optim.lr_scheduler.LinearLR(optimizer, { start_factor: 0.1, total_iters: 3 });
 * for (let epoch = 0; epoch < 3; epoch++) { optimizer.step(); scheduler.step(); }
 * console.log(scheduler.get_last_lr()[0].toFixed(4)); // 0.1000
 */
export class LinearLR extends LRScheduler {
  start_factor: number;
  end_factor: number;
  total_iters: number;

  constructor(
    optimizer: AnyOptimizer,
    ...rest: Args<
      [],
      [start_factor: number, end_factor: number, total_iters: number, ...Last],
      SchedulerOptions & { start_factor?: number; end_factor?: number; total_iters?: number }
    >
  ) {
    const [, start, end, totalIters, lastEpoch, verbose] = LINEAR([optimizer, ...rest]) as Bound<
      [number, number, number]
    >;
    if (start > 1 || start < 0) {
      throw new ValueError('Starting multiplicative factor expected to be between 0 and 1.');
    }
    if (end > 1 || end < 0)
      throw new ValueError('Ending multiplicative factor expected to be between 0 and 1.');
    super(optimizer, lastEpoch, verbose);
    this.start_factor = start;
    this.end_factor = end;
    this.total_iters = totalIters;
    this._initial_step();
  }

  override get_lr(): number[] {
    const { start_factor: start, total_iters: total, last_epoch: epoch } = this;
    if (epoch === 0) return this.scaled(start);
    if (epoch > total) return this.rates();
    const rise = this.end_factor - start;
    return this.scaled(1 + rise / (total * start + (epoch - 1) * rise));
  }

  protected override closedForm(): number[] {
    const { start_factor: start, total_iters: total, last_epoch: epoch } = this;
    const factor = start + ((this.end_factor - start) * Math.min(total, epoch)) / total;
    return this.base_lrs.map((lr) => lr * factor);
  }
}

const EXPONENTIAL = signature(`ExponentialLR(any optimizer, float gamma, ${LAST})`);

/**
 * Multiplies the rates by `gamma` every epoch.
 *
 * @example
 * const optimizer = new optim.SGD([new nn.Parameter(torch.ones(1))], { lr: 0.1 });
 * const scheduler = new optim.lr_scheduler.ExponentialLR(optimizer, 0.9);
 * for (let epoch = 0; epoch < 2; epoch++) { optimizer.step(); scheduler.step(); }
 * console.log(scheduler.get_last_lr()[0].toFixed(4)); // 0.0810
 */
export class ExponentialLR extends LRScheduler {
  gamma: number;

  constructor(optimizer: AnyOptimizer, gamma: number, ...rest: Args<[], Last, SchedulerOptions>);
  constructor(optimizer: AnyOptimizer, options: SchedulerOptions & { gamma: number });
  constructor(...args: unknown[]) {
    const [optimizer, gamma, lastEpoch, verbose] = EXPONENTIAL(args) as Bound<[number]>;
    super(optimizer, lastEpoch, verbose);
    this.gamma = gamma;
    this._initial_step();
  }

  override get_lr(): number[] {
    return this.last_epoch === 0 ? this.rates() : this.scaled(this.gamma);
  }

  protected override closedForm(): number[] {
    return this.base_lrs.map((lr) => lr * this.gamma ** this.last_epoch);
  }
}

const POLYNOMIAL = signature(`PolynomialLR(any optimizer, int total_iters=5, float power=1.0, ${LAST})`);

/** The rates times (1 − epoch / total_iters)^power. */
export class PolynomialLR extends LRScheduler {
  total_iters: number;
  power: number;

  constructor(
    optimizer: AnyOptimizer,
    ...rest: Args<
      [],
      [total_iters: number, power: number, ...Last],
      SchedulerOptions & { total_iters?: number; power?: number }
    >
  ) {
    const [, totalIters, power, lastEpoch, verbose] = POLYNOMIAL([optimizer, ...rest]) as Bound<
      [number, number]
    >;
    super(optimizer, lastEpoch, verbose);
    this.total_iters = totalIters;
    this.power = power;
    this._initial_step();
  }

  override get_lr(): number[] {
    const { total_iters: total, last_epoch: epoch } = this;
    if (epoch === 0 || epoch > total) return this.rates();
    return this.scaled(((1 - epoch / total) / (1 - (epoch - 1) / total)) ** this.power);
  }

  protected override closedForm(): number[] {
    const { total_iters: total, last_epoch: epoch } = this;
    return this.base_lrs.map((lr) => lr * (1 - Math.min(total, epoch) / total) ** this.power);
  }
}

// --- functions ------------------------------------------------------------------------------------------------------

/** From an epoch to a factor. */
export type LRFunction = (epoch: number) => number;

abstract class FunctionScheduler extends LRScheduler {
  lr_lambdas: LRFunction[];

  constructor([optimizer, lambda, lastEpoch, verbose]: Bound<[unknown]>) {
    super(optimizer, lastEpoch, verbose);
    const groups = optimizer.param_groups.length;
    const list: unknown[] = Array.isArray(lambda) ? lambda : new Array<unknown>(groups).fill(lambda);
    if (list.length !== groups) throw new ValueError(`Expected ${groups} lr_lambdas, but got ${list.length}`);
    if (list.some((f) => typeof f !== 'function'))
      throw new TypeError('lr_lambda must be a function or a list of them');
    this.lr_lambdas = list as LRFunction[];
    this._initial_step();
  }

  /** Functions are not saved: as in torch, null stands for each. */
  override state_dict(): SchedulerState {
    const { lr_lambdas, ...rest } = this;
    return { ...fieldsOf(rest), lr_lambdas: lr_lambdas.map(() => null) };
  }

  override load_state_dict(state: SchedulerState): void {
    const { lr_lambdas: _functions, ...rest } = state;
    super.load_state_dict(rest);
  }
}

function fieldsOf(fields: object): SchedulerState {
  const { optimizer: _optimizer, ...rest } = fields as SchedulerState;
  return structuredClone(rest);
}

const LAMBDA = signature(`LambdaLR(any optimizer, any lr_lambda, ${LAST})`);

/**
 * The base rates times `lr_lambda(epoch)`; one function for all groups, or one for each.
 *
 * @example
 * const optimizer = new optim.SGD([new nn.Parameter(torch.ones(1))], { lr: 0.1 });
 * const scheduler = new optim.lr_scheduler.LambdaLR(optimizer, (epoch) => 1 / (1 + epoch));
 * for (let epoch = 0; epoch < 3; epoch++) { optimizer.step(); scheduler.step(); }
 * console.log(scheduler.get_last_lr()[0].toFixed(4)); // 0.0250
 */
export class LambdaLR extends FunctionScheduler {
  constructor(
    optimizer: AnyOptimizer,
    lr_lambda: LRFunction | readonly LRFunction[],
    ...rest: Args<[], Last, SchedulerOptions>
  );
  constructor(
    optimizer: AnyOptimizer,
    options: SchedulerOptions & { lr_lambda: LRFunction | readonly LRFunction[] },
  );
  constructor(...args: unknown[]) {
    super(LAMBDA(named(args, 2)) as Bound<[unknown]>);
  }

  override get_lr(): number[] {
    return this.base_lrs.map((lr, i) => lr * this.lr_lambdas[i](this.last_epoch));
  }
}

const MULTIPLICATIVE = signature(`MultiplicativeLR(any optimizer, any lr_lambda, ${LAST})`);

/** Multiplies the rates by `lr_lambda(epoch)` every epoch. */
export class MultiplicativeLR extends FunctionScheduler {
  constructor(
    optimizer: AnyOptimizer,
    lr_lambda: LRFunction | readonly LRFunction[],
    ...rest: Args<[], Last, SchedulerOptions>
  );
  constructor(
    optimizer: AnyOptimizer,
    options: SchedulerOptions & { lr_lambda: LRFunction | readonly LRFunction[] },
  );
  constructor(...args: unknown[]) {
    super(MULTIPLICATIVE(named(args, 2)) as Bound<[unknown]>);
  }

  override get_lr(): number[] {
    const rates = this.rates();
    return this.last_epoch > 0 ? rates.map((lr, i) => lr * this.lr_lambdas[i](this.last_epoch)) : rates;
  }
}
