import { NotImplementedError, RuntimeError, ValueError } from '../../errors.js';
import { typeName } from '../../python_text.js';
import { Optimizer } from '../optimizer.js';
import type { ParamGroup } from '../optimizer.js';

/** An optimizer of any kind. */
export type AnyOptimizer = Pick<Optimizer, '_step_count' | 'defaults'> & { param_groups: ParamGroup[] };

/** What every scheduler takes last. */
export interface SchedulerOptions {
  /** The epoch to resume from; -1 to start. Default -1. */
  last_epoch?: number;
  /** Print every change. Default false. */
  verbose?: boolean;
}

export const LAST = 'int last_epoch=-1, bool verbose=False';

/** The fields of a scheduler, save its optimizer and its functions. */
export type SchedulerState = Record<string, unknown>;

export function checkOptimizer(optimizer: unknown): AnyOptimizer {
  if (!(optimizer instanceof Optimizer)) throw new TypeError(`${typeName(optimizer)} is not an Optimizer`);
  return optimizer;
}

/**
 * A call `(optimizer, { … })` of a signature whose second argument may be any value, so that the object would be taken for it:
 * puts the object after the `required` positions.
 */
export function named(args: readonly unknown[], required: number): readonly unknown[] {
  const [optimizer, options] = args;
  const isOptions = args.length === 2 && Object.getPrototypeOf(options ?? 0) === Object.prototype;
  return isOptions ? [optimizer, ...new Array<undefined>(required - 1).fill(undefined), options] : args;
}

/** Own fields that can be saved. */
export function plainState(scheduler: object): SchedulerState {
  const state: SchedulerState = {};
  for (const [name, value] of Object.entries(scheduler)) {
    if (name !== 'optimizer' && typeof value !== 'function') state[name] = structuredClone(value);
  }
  return state;
}

/** One value for each group from what stands for all, or a list. */
export function perGroup(name: string, value: number | readonly number[], groups: number): readonly number[] {
  if (typeof value === 'number') return new Array<number>(groups).fill(value);
  if (value.length !== groups)
    throw new ValueError(`expected ${groups} values for ${name}, got ${value.length}`);
  return value;
}

/** `1.0000e-02`, as Python's `{:.4e}`. */
export function scientific(value: number): string {
  return value.toExponential(4).replace(/e([+-])(\d)$/, 'e$10$2');
}

/**
 * Base of the schedulers. `get_lr` gives the rates of the groups for `last_epoch` from those they have now (the chained form);
 * `closedForm`, where there is one, gives them from the base rates and serves `step(epoch)`.
 *
 * The constructor of a subclass sets its fields and then calls `_initial_step()`.
 */
export abstract class LRScheduler {
  readonly optimizer: AnyOptimizer;
  base_lrs: number[];
  last_epoch: number;
  verbose: boolean;
  _step_count = 0;
  _last_lr: number[] = [];

  constructor(optimizer: AnyOptimizer, last_epoch: number, verbose: boolean) {
    this.optimizer = checkOptimizer(optimizer);
    optimizer.param_groups.forEach((group, i) => {
      if (last_epoch === -1) group.initial_lr ??= group.lr;
      else if (group.initial_lr === undefined) {
        throw new RuntimeError(
          `param 'initial_lr' is not specified in param_groups[${i}] when resuming an optimizer`,
        );
      }
    });
    this.base_lrs = optimizer.param_groups.map((group) => group.initial_lr!);
    this.last_epoch = last_epoch;
    this.verbose = verbose;
  }

  _initial_step(): void {
    this.optimizer._step_count = 0;
    this._step_count = 0;
    this.step();
  }

  get_lr(): number[] {
    throw new NotImplementedError(`${this.constructor.name} has no get_lr`);
  }

  protected closedForm(): number[] | null {
    return null;
  }

  /** The rates that the last step set, one per group. */
  get_last_lr(): number[] {
    return this._last_lr;
  }

  /** The next epoch; with `epoch` that one, from the closed form. */
  step(epoch?: number): void {
    if (this._step_count === 1 && this.optimizer._step_count < 1) {
      console.warn(
        'Detected call of `lr_scheduler.step()` before `optimizer.step()`. You should call them in the opposite order: ' +
          '`optimizer.step()` before `lr_scheduler.step()`. Failure to do this will result in skipping the first value of ' +
          'the learning rate schedule.',
      );
    }
    this._step_count++;
    this.last_epoch = epoch ?? this.last_epoch + 1;
    this.setRates((epoch === undefined ? null : this.closedForm()) ?? this.get_lr(), epoch);
  }

  protected setRates(values: readonly number[], epoch?: number): void {
    this.optimizer.param_groups.forEach((group, i) => {
      group.lr = values[i]!;
      this.print_lr(this.verbose, i, group.lr, epoch ?? null);
    });
    this._last_lr = this.rates();
  }

  /** Prints the rate of a group, if `is_verbose`. */
  print_lr(is_verbose: boolean, group: number, lr: number, epoch: number | null = null): void {
    if (!is_verbose) return;
    const when = epoch === null ? 'A' : `Epoch ${String(epoch).padStart(5, '0')}: a`;
    console.log(`${when}djusting learning rate of group ${group} to ${scientific(lr)}.`);
  }

  /** The present rates. */
  protected rates(): number[] {
    return this.optimizer.param_groups.map((group) => group.lr);
  }

  /** The present rates, times a factor. */
  protected scaled(factor: number): number[] {
    return this.optimizer.param_groups.map((group) => group.lr * factor);
  }

  state_dict(): SchedulerState {
    return plainState(this);
  }

  load_state_dict(state: SchedulerState): void {
    Object.assign(this, structuredClone(state));
  }
}
