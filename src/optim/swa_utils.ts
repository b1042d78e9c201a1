/** torch.optim.swa_utils: averages of weights over the end of a training. */
import { no_grad } from '../autograd/mode.js';
import { int64 } from '../dtype.js';
import { ValueError } from '../errors.js';
import { BatchNormNd } from '../nn/batchnorm.js';
import { cloneModule } from '../nn/clone.js';
import { Module } from '../nn/module.js';
import type { AnyModule } from '../nn/any_module.js';
import type { Inputs, Output } from '../nn/call.js';
import { signature } from '../signature.js';
import { tensor as makeTensor } from '../ops/creation.js';
import type { Args } from '../ops/define.js';
import { checkDevice } from '../ops/make.js';
import { tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { LRScheduler, perGroup } from './lr_scheduler/scheduler.js';
import type { AnyOptimizer } from './lr_scheduler/scheduler.js';

/** The new average of a parameter from the average of `num_averaged` models and one model's value. */
export type AverageFunction = (averaged: Tensor, value: Tensor, num_averaged: Tensor) => Tensor;

export interface AveragedOptions {
  device?: 'cpu' | null;
  /** Default: the mean. */
  avg_fn?: AverageFunction | null;
  /** Whether buffers are averaged too. Default false. */
  use_buffers?: boolean;
}

type AveragedOptional = [device: 'cpu' | null, avg_fn: AverageFunction | null, use_buffers: boolean];

const AVERAGED = signature(
  'AveragedModel(any model, str? device=None, function? avg_fn=None, bool use_buffers=False)',
);

const mean: AverageFunction = (averaged, value, count) => averaged.add(value.sub(averaged).div(count.add(1)));

/**
 * A copy of a model whose parameters are the average of those that `update_parameters` was called with.
 *
 * @example
 * const model = new nn.Linear(1, 1, { bias: false });
 * const averaged = new optim.swa_utils.AveragedModel(model);
 * for (const value of [1, 2, 6]) {
 *   nn.init.constant_(model.weight, value);
 *   averaged.update_parameters(model);
 * }
 * console.log(averaged.module.weight.item(), averaged.n_averaged.item()); // 3 3
 */
export class AveragedModel<M extends AnyModule = Module> extends Module {
  readonly module: M;
  /** How many models are in the average: int64, 0-dim. */
  declare readonly n_averaged: Tensor;
  readonly avg_fn: AverageFunction;
  readonly use_buffers: boolean;

  constructor(model: M, ...rest: Args<[], AveragedOptional, AveragedOptions>) {
    super();
    const [, device, averages, buffers] = AVERAGED([model, ...rest]) as [unknown, ...AveragedOptional];
    checkDevice(device);
    this.module = cloneModule(model);
    tidy(() => this.register_buffer('n_averaged', makeTensor(0, { dtype: int64 })));
    this.avg_fn = averages ?? mean;
    this.use_buffers = buffers;
  }

  forward(...args: Inputs<M>): Output<M> {
    return (this.module as unknown as (...args: unknown[]) => Output<M>)(...args);
  }

  /** Takes the parameters of `model` into the average. */
  update_parameters(model: AnyModule): void {
    const tensorsOf = (of: AnyModule): Tensor[] =>
      this.use_buffers ? [...of.parameters(), ...of.buffers()] : [...of.parameters()];
    const values = tensorsOf(model);
    const first = this.n_averaged.item() === 0;
    no_grad(() => {
      tensorsOf(this.module).forEach((averaged, i) => {
        if (i >= values.length) return;
        tidy(() => {
          const value = values[i].detach();
          averaged.copy_(first ? value : this.avg_fn(averaged.detach(), value, this.n_averaged));
        });
      });
      this.n_averaged.add_(1);
    });
  }
}

/** A model that takes one batch. */
type BatchModel = AnyModule & ((input: Tensor) => unknown);

/**
 * Computes the running statistics of all batch norms anew, by one pass over the loader; of a batch that is an array its first
 * element is given to the model.
 *
 * @example
 * const bn = new nn.BatchNorm1d(1);
 * optim.swa_utils.update_bn([torch.tensor([[1.5], [2.5]]), torch.tensor([[3.5], [6.5]])], bn);
 * console.log(bn.running_mean.tolist(), bn.num_batches_tracked.item()); // [ 3.5 ] 2
 */
export function update_bn(loader: Iterable<Tensor | readonly unknown[]>, model: BatchModel): void {
  const norms = [...model.modules()].filter((module) => module instanceof BatchNormNd);
  if (norms.length === 0) return;
  const momenta = norms.map((norm) => norm.momentum);
  const { training } = model;
  no_grad(() => {
    for (const norm of norms) {
      norm.reset_running_stats();
      norm.momentum = null;
    }
    const top = model as unknown as Module;
    top.train();
    for (const batch of loader) {
      const input = (Array.isArray(batch) ? (batch as readonly unknown[])[0] : batch) as Tensor;
      tidy(() => void model(input));
    }
    norms.forEach((norm, i) => (norm.momentum = momenta[i]));
    top.train(training);
  });
}

export interface SWALROptions {
  /** Epochs in which the rate moves to `swa_lr`. Default 10. */
  anneal_epochs?: number;
  /** Default 'cos'. */
  anneal_strategy?: 'cos' | 'linear';
  last_epoch?: number;
}

type SWALROptional = [anneal_epochs: number, anneal_strategy: 'cos' | 'linear', last_epoch: number];

const SWALR_BIND = signature(
  "SWALR(any optimizer, float|float[] swa_lr, int anneal_epochs=10, str anneal_strategy='cos', int last_epoch=-1)",
);

/**
 * Moves the rates to `swa_lr`, where they stay.
 *
 * @example
 * const optimizer = new optim.SGD([new nn.Parameter(torch.ones(1))], { lr: 0.1 });
 * const scheduler = new optim.swa_utils.SWALR(optimizer, 0.5, { anneal_epochs: 2, anneal_strategy: 'linear' });
 * for (let epoch = 0; epoch < 5; epoch++) { optimizer.step(); scheduler.step(); }
 * console.log(scheduler.get_last_lr()); // [ 0.5 ]
 */
export class SWALR extends LRScheduler {
  anneal_epochs: number;
  readonly anneal_strategy: 'cos' | 'linear';

  constructor(
    optimizer: AnyOptimizer,
    swa_lr: number | readonly number[],
    ...rest: Args<[], SWALROptional, SWALROptions>
  );
  constructor(optimizer: AnyOptimizer, options: SWALROptions & { swa_lr: number | readonly number[] });
  constructor(...args: unknown[]) {
    const [optimizer, rates, epochs, strategy, last] = SWALR_BIND(args) as [
      AnyOptimizer,
      number | readonly number[],
      ...SWALROptional,
    ];
    super(optimizer, last, false);
    const groups = optimizer.param_groups;
    if (typeof rates !== 'number' && rates.length !== groups.length) {
      throw new ValueError(
        `swa_lr must have the same length as optimizer.param_groups: swa_lr has ${rates.length}, ` +
          `optimizer.param_groups has ${groups.length}`,
      );
    }
    perGroup('swa_lr', rates, groups.length).forEach((rate, i) => (groups[i]['swa_lr'] = rate));
    if (strategy !== 'cos' && strategy !== 'linear') {
      throw new ValueError(
        `anneal_strategy must by one of 'cos' or 'linear', instead got ${String(strategy)}`,
      );
    }
    if (epochs < 0) throw new ValueError(`anneal_epochs must be equal or greater than 0, got ${epochs}`);
    this.anneal_epochs = epochs;
    this.anneal_strategy = strategy;
    this._initial_step();
  }

  override get_lr(): number[] {
    const epochs = Math.max(1, this.anneal_epochs);
    const step = this.anneal_epochs === 0 ? Math.max(1, this._step_count - 1) : this._step_count - 1;
    const [before, now] = [this.anneal((step - 1) / epochs), this.anneal(step / epochs)];
    return this.optimizer.param_groups.map((group) => {
      const target = group['swa_lr'] as number;
      const start = before === 1 ? target : (group.lr - before * target) / (1 - before);
      return target * now + start * (1 - now);
    });
  }

  private anneal(t: number): number {
    const share = Math.max(0, Math.min(1, t));
    return this.anneal_strategy === 'linear' ? share : (1 - Math.cos(Math.PI * share)) / 2;
  }
}
