import { ValueError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { define } from './define.js';
import type { AnyFunction, Args, Op, SampleMaker } from './define.js';
import { REDUCTION_CODE, reduceLoss, reductionOf } from './reduction.js';
import type { Reduction, ReductionOptions } from './reduction.js';

/** The arguments in which losses of `nn.functional` say how they reduce, where nothing stands between them. */
export type Legacy = [size_average: boolean | null, reduce: boolean | null, reduction: Reduction];

export const LEGACY = "bool? size_average=None, bool? reduce=None, str reduction='mean'";

/** A loss of `nn.functional`: its tensors, what else it takes by position, and by name. */
export type Loss<I extends Tensor[], O extends unknown[], K = object> = Op<
  (...args: Args<I, O, ReductionOptions & K>) => Tensor
>;

/** A loss of the `torch` namespace: `reduction` is 0 (none), 1 (mean) or 2 (sum). */
export type TorchLoss<I extends Tensor[], O extends unknown[], K = object> = Op<
  (...args: Args<I, [...O, reduction: number], K & { reduction?: number }>) => Tensor
>;

interface LossDefinition {
  readonly schema: string;
  /** The losses before they are reduced, from the schema's other arguments in their order. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each loss has its own arguments
  readonly each: (...args: any[]) => Tensor;
  readonly samples?: (make: SampleMaker) => unknown[][];
}

/** A loss made of recorded operators. */
export function defineLoss<F extends AnyFunction>({ schema, each, samples }: LossDefinition): Op<F> {
  const op: Op<F> = define<F>({
    schema,
    forward: (_ctx, ...args: unknown[]) => {
      let average: boolean | null = null;
      let reduce: boolean | null = null;
      let reduction: unknown = 'mean';
      const others = args.filter((value, i) => {
        const { name } = op.parsed.params[i];
        if (name === 'size_average') average = value as boolean | null;
        else if (name === 'reduce') reduce = value as boolean | null;
        else if (name === 'reduction') reduction = value;
        else return true;
        return false;
      });
      const kind = kindOf(reduction as string | number, average, reduce);
      return reduceLoss(each(...others), kind);
    },
    backward: 'composite',
    samples,
  });
  return op;
}

/** The reduction that was asked for by name, by torch's number, or in the older way. */
export function kindOf(
  reduction: string | number,
  sizeAverage: boolean | null = null,
  reduce: boolean | null = null,
): Reduction {
  if (typeof reduction === 'string') return reductionOf(reduction, sizeAverage, reduce);
  for (const [name, code] of Object.entries(REDUCTION_CODE)) if (code === reduction) return name as Reduction;
  throw new ValueError(
    `${reduction} is not a valid value for reduction (it can be 0 for none, 1 for mean or 2 for sum)`,
  );
}
