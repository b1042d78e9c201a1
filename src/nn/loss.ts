import type { Legacy } from '../ops/define_loss.js';
import { reductionOf } from '../ops/reduction.js';
import type { Reduction, ReductionOptions } from '../ops/reduction.js';
import type { Tensor } from '../tensor.js';
import { Module } from './module.js';

export type { Reduction };

/** `reduction` is 'none', 'mean' or 'sum'; default 'mean'. */
export type LossOptions = ReductionOptions;

export interface WeightedLossOptions extends LossOptions {
  /** Weight of each class (of each element, for BCE). */
  weight?: Tensor | null;
}

/** What losses have in common. `size_average` and `reduce` are torch's older words for `reduction`. */
export abstract class Loss<R extends string = Reduction> extends Module {
  reduction: R;

  /** @param others reductions that this loss has besides the usual ones */
  constructor(sizeAverage: Legacy[0], reduce: Legacy[1], reduction: string, others: readonly string[] = []) {
    super();
    const own = sizeAverage === null && reduce === null && others.includes(reduction);
    this.reduction = (own ? reduction : reductionOf(reduction, sizeAverage, reduce)) as R;
  }
}

export abstract class WeightedLoss extends Loss {
  declare weight: Tensor | null;

  constructor(weight: Tensor | null, ...legacy: Legacy) {
    super(...legacy);
    this.register_buffer('weight', weight);
  }
}
