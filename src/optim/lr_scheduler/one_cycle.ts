import { ValueError } from '../../errors.js';
import { signature } from '../../signature.js';
import type { Args } from '../../ops/define.js';
import type { ParamGroup } from '../optimizer.js';
import { LAST, LRScheduler, checkOptimizer, perGroup } from './scheduler.js';
import type { AnyOptimizer, SchedulerOptions } from './scheduler.js';

export interface OneCycleOptions extends SchedulerOptions {
  total_steps?: number | null;
  epochs?: number | null;
  steps_per_epoch?: number | null;
  /** Share of the steps in which the rate rises. Default 0.3. */
  pct_start?: number;
  /** Default 'cos'. */
  anneal_strategy?: 'cos' | 'linear';
  /** Whether momentum moves the other way. Default true. */
  cycle_momentum?: boolean;
  /** Default 0.85. */
  base_momentum?: number | readonly number[];
  /** Default 0.95. */
  max_momentum?: number | readonly number[];
  /** max_lr / initial rate. Default 25. */
  div_factor?: number;
  /** Initial rate / final rate. Default 1e4. */
  final_div_factor?: number;
  /** Fall back to the initial rate in a phase of its own. Default false. */
  three_phase?: boolean;
}

type Optional = [
  total_steps: number | null,
  epochs: number | null,
  steps_per_epoch: number | null,
  pct_start: number,
  anneal_strategy: 'cos' | 'linear',
  cycle_momentum: boolean,
  base_momentum: number | readonly number[],
  max_momentum: number | readonly number[],
  div_factor: number,
  final_div_factor: number,
  three_phase: boolean,
  last_epoch: number,
  verbose: boolean,
];

const BIND = signature(
  'OneCycleLR(any optimizer, float|float[] max_lr, int? total_steps=None, int? epochs=None, int? steps_per_epoch=None, ' +
    "float pct_start=0.3, str anneal_strategy='cos', bool cycle_momentum=True, float|float[] base_momentum=0.85, " +
    `float|float[] max_momentum=0.95, float div_factor=25, float final_div_factor=1e4, bool three_phase=False, ${LAST})`,
);

type Rate = 'initial_lr' | 'max_lr' | 'min_lr';
type Momentum = 'base_momentum' | 'max_momentum';

interface Phase {
  readonly end_step: number;
  readonly start_lr: Rate;
  readonly end_lr: Rate;
  readonly start_momentum: Momentum;
  readonly end_momentum: Momentum;
}

/** The fields that the schedule keeps in a group. */
interface CycleGroup extends ParamGroup {
  max_lr: number;
  min_lr: number;
  initial_lr: number;
  max_momentum: number;
  base_momentum: number;
  momentum?: number;
  betas?: readonly number[];
}

/**
 * Smith's 1cycle policy: the rate rises to `max_lr` and falls far below where it began; stepped after every batch.
 *
 * @example
 * const optimizer = new optim.SGD([new nn.Parameter(torch.ones(1))], { lr: 0.1 });
 * const scheduler = new optim.lr_scheduler.OneCycleLR(optimizer, 0.1, { total_steps: 10 });
 * console.log(scheduler.get_last_lr()[0].toFixed(4)); // 0.0040
 * for (let epoch = 0; epoch < 2; epoch++) { optimizer.step(); scheduler.step(); }
 * console.log(scheduler.get_last_lr()[0].toFixed(4)); // 0.1000
 */
export class OneCycleLR extends LRScheduler {
  total_steps: number;
  cycle_momentum: boolean;
  use_beta1: boolean;
  anneal_strategy: 'cos' | 'linear';
  _schedule_phases: Phase[];

  constructor(
    optimizer: AnyOptimizer,
    max_lr: number | readonly number[],
    ...rest: Args<[], Optional, OneCycleOptions>
  );
  constructor(optimizer: AnyOptimizer, options: OneCycleOptions & { max_lr: number | readonly number[] });
  constructor(...args: unknown[]) {
    const [optimizer, maxLr, ...options] = BIND(args) as [
      AnyOptimizer,
      number | readonly number[],
      ...Optional,
    ];
    const [totalSteps, epochs, stepsPerEpoch, pctStart, strategy, cycles] = options;
    const [baseMomentum, maxMomentum, divFactor, finalDivFactor, threePhase, lastEpoch, verbose] =
      options.slice(6) as [
        number | readonly number[],
        number | readonly number[],
        number,
        number,
        boolean,
        number,
        boolean,
      ];
    checkOptimizer(optimizer);
    const total = countSteps(totalSteps, epochs, stepsPerEpoch);
    if (!(pctStart >= 0 && pctStart <= 1)) {
      throw new ValueError(`Expected float between 0 and 1 pct_start, but got ${pctStart}`);
    }
    if (strategy !== 'cos' && strategy !== 'linear') {
      throw new ValueError(
        `anneal_strategy must by one of 'cos' or 'linear', instead got ${String(strategy)}`,
      );
    }
    const usesBeta = 'betas' in optimizer.defaults;
    if (cycles && !usesBeta && !('momentum' in optimizer.defaults)) {
      throw new ValueError('optimizer must support momentum with `cycle_momentum` option enabled');
    }
    const groups = optimizer.param_groups as CycleGroup[];
    const maxLrs = perGroup('max_lr', maxLr, groups.length);
    const maxMomentums = perGroup('max_momentum', maxMomentum, groups.length);
    const baseMomentums = perGroup('base_momentum', baseMomentum, groups.length);
    if (lastEpoch === -1) {
      groups.forEach((group, i) => {
        group.initial_lr = maxLrs[i] / divFactor;
        group.max_lr = maxLrs[i]!;
        group.min_lr = group.initial_lr / finalDivFactor;
        if (!cycles) return;
        setMomentum(group, usesBeta, maxMomentums[i]);
        group.max_momentum = maxMomentums[i]!;
        group.base_momentum = baseMomentums[i]!;
      });
    }
    super(optimizer, lastEpoch, verbose);
    this.total_steps = total;
    this.cycle_momentum = cycles;
    this.use_beta1 = usesBeta;
    this.anneal_strategy = strategy;
    this._schedule_phases = phasesOf(total, pctStart, threePhase);
    this._initial_step();
  }

  override get_lr(): number[] {
    const step = this.last_epoch;
    if (step > this.total_steps) {
      throw new ValueError(
        `Tried to step ${step + 1} times. The specified number of total steps is ${this.total_steps}`,
      );
    }
    const at = this._schedule_phases.findIndex((phase) => step <= phase.end_step);
    const index = at < 0 ? this._schedule_phases.length - 1 : at;
    const phase = this._schedule_phases[index];
    const start = index === 0 ? 0 : this._schedule_phases[index - 1].end_step;
    const share = (step - start) / (phase.end_step - start);
    return (this.optimizer.param_groups as CycleGroup[]).map((group) => {
      if (this.cycle_momentum) {
        const momentum = this.anneal(group[phase.start_momentum], group[phase.end_momentum], share);
        setMomentum(group, this.use_beta1, momentum);
      }
      return this.anneal(group[phase.start_lr], group[phase.end_lr], share);
    });
  }

  private anneal(start: number, end: number, share: number): number {
    if (this.anneal_strategy === 'linear') return (end - start) * share + start;
    return end + ((start - end) / 2) * (Math.cos(Math.PI * share) + 1);
  }
}

function countSteps(total: number | null, epochs: number | null, perEpoch: number | null): number {
  if (total !== null) {
    if (total <= 0) throw new ValueError(`Expected positive integer total_steps, but got ${total}`);
    return total;
  }
  if (epochs === null && perEpoch === null) {
    throw new ValueError('You must define either total_steps OR (epochs AND steps_per_epoch)');
  }
  if (epochs === null || epochs <= 0)
    throw new ValueError(`Expected positive integer epochs, but got ${epochs}`);
  if (perEpoch === null || perEpoch <= 0) {
    throw new ValueError(`Expected positive integer steps_per_epoch, but got ${perEpoch}`);
  }
  return epochs * perEpoch;
}

function setMomentum(group: CycleGroup, usesBeta: boolean, momentum: number): void {
  if (usesBeta) group.betas = [momentum, ...group.betas!.slice(1)];
  else group.momentum = momentum;
}

function phasesOf(total: number, pctStart: number, threePhase: boolean): Phase[] {
  const rise: Phase = {
    end_step: pctStart * total - 1,
    start_lr: 'initial_lr',
    end_lr: 'max_lr',
    start_momentum: 'max_momentum',
    end_momentum: 'base_momentum',
  };
  const fall: Phase = {
    end_step: threePhase ? 2 * pctStart * total - 2 : total - 1,
    start_lr: 'max_lr',
    end_lr: threePhase ? 'initial_lr' : 'min_lr',
    start_momentum: 'base_momentum',
    end_momentum: 'max_momentum',
  };
  const tail: Phase = {
    end_step: total - 1,
    start_lr: 'initial_lr',
    end_lr: 'min_lr',
    start_momentum: 'max_momentum',
    end_momentum: 'max_momentum',
  };
  return threePhase ? [rise, fall, tail] : [rise, fall];
}
