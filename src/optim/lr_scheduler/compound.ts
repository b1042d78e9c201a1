import { ValueError } from '../../errors.js';
import { signature } from '../../signature.js';
import type { Args } from '../../ops/define.js';
import { LAST, LRScheduler, named } from './scheduler.js';
import type { AnyOptimizer, SchedulerOptions, SchedulerState } from './scheduler.js';

/** Schedulers that work on one optimizer together. */
abstract class Compound extends LRScheduler {
  _schedulers: LRScheduler[];

  constructor(
    optimizer: AnyOptimizer,
    schedulers: readonly LRScheduler[],
    lastEpoch: number,
    verbose: boolean,
  ) {
    super(optimizer, lastEpoch, verbose);
    this._schedulers = [...schedulers];
  }

  override state_dict(): SchedulerState {
    const { _schedulers, optimizer: _optimizer, ...rest } = this;
    return {
      ...structuredClone(rest as SchedulerState),
      _schedulers: _schedulers.map((scheduler) => scheduler.state_dict()),
    };
  }

  override load_state_dict(state: SchedulerState): void {
    const { _schedulers, ...rest } = state as SchedulerState & { _schedulers: SchedulerState[] };
    super.load_state_dict(rest);
    _schedulers.forEach((inner, i) => this._schedulers[i].load_state_dict(inner));
  }
}

const SEQUENTIAL = signature(`SequentialLR(any optimizer, any schedulers, int[] milestones, ${LAST})`);

/**
 * One scheduler after the other: number i takes over at epoch `milestones[i - 1]`.
 *
 * @example
 * const optimizer = new torch.optim.SGD([new nn.Parameter(torch.ones(1))], { lr: 0.1 });
 * const { LinearLR, CosineAnnealingLR, SequentialLR } = torch.optim.lr_scheduler;
 * const warmup = new LinearLR(optimizer, 0.01, 1, 5);
 * const scheduler = new SequentialLR(optimizer, [warmup, new CosineAnnealingLR(optimizer, 10)], [5]);
 * console.log(scheduler.get_last_lr()); // [ 0.001 ]
 */
export class SequentialLR extends Compound {
  _milestones: number[];

  constructor(
    optimizer: AnyOptimizer,
    schedulers: readonly LRScheduler[],
    milestones: readonly number[],
    ...rest: Args<[], [last_epoch: number, verbose: boolean], SchedulerOptions>
  );
  constructor(
    optimizer: AnyOptimizer,
    options: SchedulerOptions & { schedulers: readonly LRScheduler[]; milestones: readonly number[] },
  );
  constructor(...args: unknown[]) {
    const [optimizer, schedulers, milestones, lastEpoch, verbose] = SEQUENTIAL(named(args, 3)) as [
      AnyOptimizer,
      LRScheduler[],
      number[],
      number,
      boolean,
    ];
    schedulers.forEach((scheduler, i) => {
      if (scheduler.optimizer !== optimizer) {
        throw new ValueError(
          'Sequential Schedulers expects all schedulers to belong to the same optimizer, but got schedulers at index ' +
            `${i} to be different than the optimizer passed in.`,
        );
      }
    });
    if (milestones.length !== schedulers.length - 1) {
      throw new ValueError(
        'Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, ' +
          `but got number of schedulers ${schedulers.length} and the number of milestones to be equal to ${milestones.length}`,
      );
    }
    super(optimizer, schedulers, lastEpoch, verbose);
    this._milestones = [...milestones];
    this.last_epoch = lastEpoch + 1;
    for (const group of optimizer.param_groups) group.lr = group.initial_lr!;
    // The schedulers have each made their first step; undo it, and let the first one make it again.
    for (const scheduler of schedulers) scheduler.last_epoch--;
    schedulers[0]._initial_step();
    this._last_lr = schedulers[0].get_last_lr();
  }

  override step(): void {
    this.last_epoch++;
    const index = this._milestones.filter((milestone) => milestone <= this.last_epoch).length;
    const scheduler = this._schedulers[index];
    if (index > 0 && this._milestones[index - 1] === this.last_epoch) scheduler.step(0);
    else scheduler.step();
    this._last_lr = scheduler.get_last_lr();
  }
}

/** All schedulers step, one after the other, on the same rates. */
export class ChainedScheduler extends Compound {
  constructor(schedulers: readonly LRScheduler[]) {
    const [first] = schedulers;
    if (first === undefined) throw new ValueError('ChainedScheduler expects at least one scheduler');
    schedulers.forEach((scheduler, i) => {
      if (scheduler.optimizer !== first.optimizer) {
        throw new ValueError(
          'ChainedScheduler expects all schedulers to belong to the same optimizer, but got schedulers at index 0 and ' +
            `${i} to be different`,
        );
      }
    });
    super(first.optimizer, schedulers, -1, false);
    this._last_lr = this.rates();
  }

  override step(): void {
    for (const scheduler of this._schedulers) scheduler.step();
    this._last_lr = this.rates();
  }
}
