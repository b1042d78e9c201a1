import { int32, int64 } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { sameShape, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { where } from './compare.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { stack } from './join.js';
import { add, div, mul } from './pointwise_binary.js';
import { sum } from './reduce.js';
import { amax, amin } from './reduce_extremum.js';
import { prod } from './reduce_product.js';
import { narrow, reshape, select } from './view.js';

type Reduction = 'sum' | 'mean' | 'max' | 'min' | 'prod';

/** One segment, along dimension 0. */
function reduceSegment(x: Tensor, reduction: Reduction, initial: number | null): Tensor {
  // The sum of nothing is 0, with the history of x.
  const empty = (value: number): Tensor => add(sum(x, [0]), initial ?? value);
  const length = x.size(0);
  if (reduction === 'sum') return add(sum(x, [0]), initial ?? 0);
  if (reduction === 'mean') return length === 0 ? empty(NaN) : div(add(sum(x, [0]), initial ?? 0), length);
  if (reduction === 'prod') return length === 0 ? empty(1) : mul(prod(x, 0), initial ?? 1);
  const most = reduction === 'max';
  if (length === 0) return empty(most ? -Infinity : Infinity);
  const found = most ? amax(x, [0]) : amin(x, [0]);
  if (initial === null) return found;
  return where(most ? found.lt(initial) : found.gt(initial), initial, found);
}

/** `[start, length]` of the segments of one row. */
function segmentsOf(row: readonly number[], isLengths: boolean): [start: number, length: number][] {
  if (!isLengths) return row.slice(1).map((end, i) => [row[i], end - row[i]]);
  let start = 0;
  return row.map((length) => {
    start += length;
    return [start - length, length];
  });
}

function checkRows(rows: readonly (readonly number[])[], size: number): void {
  if (rows.some((row) => row.some((length) => length < 0)))
    throw new RuntimeError('lengths contains negative value!');
  if (rows.some((row) => row.reduce((total, length) => total + length, 0) !== size)) {
    throw new RuntimeError(
      'segment_reduce(): Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1) when !unsafe.',
    );
  }
}

/**
 * Reduces segments of `axis`, given by their lengths or by the offsets of their ends, to one element each. Segments differ for each
 * index of the dimensions before.
 * Differs from torch: `indices`, which PyTorch does not implement, is not taken.
 * A segment of 'max', 'min' or 'prod' with a NaN has NaN for its whole gradient, where PyTorch's has some numbers.
 *
 * @param unsafe whether lengths may leave out elements at the end
 * @param initial what each segment starts with, and what an empty one gives
 * @example
 * const x = torch.tensor([1.5, 2.5, 3]);
 * console.log(torch.segment_reduce(x, 'sum', { lengths: torch.tensor([2, 1]) }).tolist()); // [ 4, 3 ]
 */
export const segment_reduce: Op<
  (
    data: Tensor,
    reduce: Reduction,
    options: {
      lengths?: Tensor | null;
      offsets?: Tensor | null;
      axis?: number;
      unsafe?: boolean;
      initial?: number | null;
    },
  ) => Tensor
> = define({
  schema:
    'segment_reduce(Tensor data, str reduce, *, Tensor? lengths=None, Tensor? offsets=None, int dim=0, ' +
    'bool unsafe=False, float? initial=None)',
  forward: (
    _ctx,
    x: Tensor,
    reduction: string,
    lengths: Tensor | null,
    offsets: Tensor | null,
    dim: number,
    unsafe: boolean,
    initial: number | null,
  ) => {
    const axis = wrapDim(dim, x.ndim);
    if (x.numel() === 0) throw new RuntimeError('segment_reduce(): Expected data.numel() > 0 to be true');
    if (!['sum', 'mean', 'max', 'min', 'prod'].includes(reduction))
      throw new RuntimeError(`unsupported reduction given! ${reduction}`);
    const given = offsets ?? lengths;
    if (given === null)
      throw new RuntimeError('segment_reduce(): Either lengths or offsets must be defined.');
    const name = offsets === null ? 'lengths' : 'offsets';
    if (axis !== given.ndim - 1) {
      throw new RuntimeError(
        `segment_reduce(): Expected axis to be the last dimension of ${name} but got ${dim}.`,
      );
    }
    if (given.dtype !== int64 && given.dtype !== int32) {
      throw new RuntimeError(
        `"_segment_reduce_${name}_cpu_kernel1" not implemented for '${given.dtype.scalarName}'`,
      );
    }
    if (!x.dtype.is_floating_point)
      throw new RuntimeError(`"_segment_reduce_cpu" not implemented for '${x.dtype.scalarName}'`);
    const outer = x.shape.slice(0, axis);
    if (!sameShape(outer, given.shape.slice(0, -1)))
      throw new RuntimeError(`segment_reduce(): data and ${name} differ in the dimensions before axis`);
    const rows = reshape(given, [-1, given.size(-1)]).tolist() as number[][];
    if (offsets === null && !unsafe) checkRows(rows, x.size(axis));
    const flat = reshape(x, [rows.length, ...x.shape.slice(axis)]);
    const found = rows.flatMap((row, i) =>
      segmentsOf(row, offsets === null).map(([start, length]) => {
        if (length < 0) throw new RuntimeError('Expected segment_length >= 0 to be true, but got false.');
        return reduceSegment(narrow(select(flat, 0, i), 0, start, length), reduction as Reduction, initial);
      }),
    );
    const count = given.size(-1) - (offsets === null ? 0 : 1);
    return reshape(stack(found), [...outer, count, ...x.shape.slice(axis + 1)]);
  },
  backward: 'composite',
  samples: (make) =>
    (['sum', 'mean', 'max', 'min', 'prod'] as const).map((reduction) => [
      make(2, 4, 2),
      reduction,
      { lengths: make.int(1, 2, 2, 3), unsafe: true, axis: 1, initial: 0.5 },
    ]),
});
