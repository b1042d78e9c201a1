import { ValueError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { mean, sum } from './reduce.js';

/** How a loss becomes one number, or does not. */
export type Reduction = 'none' | 'mean' | 'sum';

/** The keywords that every loss takes; `size_average` and `reduce` are torch's older way to say `reduction`. */
export interface ReductionOptions {
  size_average?: boolean | null;
  reduce?: boolean | null;
  reduction?: Reduction;
}

/** The numbers that torch and the kernels know the reductions by. */
export const REDUCTION_CODE: Readonly<Record<Reduction, number>> = { none: 0, mean: 1, sum: 2 };

/** The reduction that was asked for, in the new way or the older one. */
export function reductionOf(
  reduction: string,
  sizeAverage: boolean | null,
  reduce: boolean | null,
): Reduction {
  if (sizeAverage !== null || reduce !== null) {
    if (reduce === false) return 'none';
    return sizeAverage === false ? 'sum' : 'mean';
  }
  if (reduction !== 'none' && reduction !== 'mean' && reduction !== 'sum') {
    throw new ValueError(
      `${reduction} is not a valid value for reduction (it can be 'none', 'mean' or 'sum')`,
    );
  }
  return reduction;
}

export function reduceLoss(loss: Tensor, reduction: Reduction): Tensor {
  if (reduction === 'none') return loss;
  return reduction === 'mean' ? mean(loss) : sum(loss);
}
