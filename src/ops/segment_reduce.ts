import { int32, int64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { numel, sameShape, wrapDim } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { toTypedArray, tolist, writeValues } from '../tensor_data.js';
import { allocate } from '../tensor_handle.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { reshape } from './view.js';

const REDUCTIONS = ['sum', 'mean', 'max', 'min', 'prod'] as const;
type Reduction = (typeof REDUCTIONS)[number];

/** Where segments are: of data [rows, length, inner] each row has its own. */
interface Segments {
  readonly reduction: Reduction;
  readonly initial: number | null;
  readonly length: number;
  readonly inner: number;
  readonly rows: readonly (readonly [start: number, length: number])[][];
}

const roundOf = (dtype: DType): ((value: number) => number) =>
  dtype.itemsize === 4 ? Math.fround : (value): number => value;

/** What a segment starts from. */
function startOf({ reduction, initial }: Segments): number {
  if (initial !== null) return initial;
  return { sum: 0, mean: 0, max: -Infinity, min: Infinity, prod: 1 }[reduction];
}

/** Calls `visit` for each segment and each element of the dimensions behind: where the first of its values is, their number, the result's place. */
function eachSegment(
  { rows, length, inner }: Segments,
  visit: (first: number, count: number, place: number) => void,
): void {
  let place = 0;
  rows.forEach((row, i) => {
    for (const [start, count] of row) {
      for (let j = 0; j < inner; j++) visit((i * length + start) * inner + j, count, place++);
    }
  });
}

/** In torch's order: one value after the other, rounded to the dtype each time. */
function reduced(x: ArrayLike<number>, segments: Segments, dtype: DType): Float64Array {
  const { reduction, initial, rows, inner } = segments;
  const round = roundOf(dtype);
  const out = new Float64Array(rows.reduce((sum, row) => sum + row.length, 0) * inner);
  eachSegment(segments, (first, count, place) => {
    let value = round(startOf(segments));
    for (let k = 0, at = first; k < count; k++, at += inner) {
      const next = x[at];
      if (reduction === 'prod') value = round(value * next);
      else if (reduction === 'sum' || reduction === 'mean') value = round(value + next);
      else if (Number.isNaN(next) || (reduction === 'max' ? value < next : next < value)) value = next;
    }
    if (reduction === 'mean')
      value = count === 0 && initial === null ? NaN : count > 0 ? value / count : value;
    out[place] = value;
  });
  return out;
}

/**
 * As torch has it: NaNs count among the maxima, only a positive gradient is divided among equal ones, and the gradient of a product is
 * its quotient by each value, or where that is 0 or NaN the product of the others.
 */
function gradients(
  x: ArrayLike<number>,
  out: ArrayLike<number>,
  g: ArrayLike<number>,
  segments: Segments,
  dtype: DType,
): Float64Array {
  const { reduction, inner } = segments;
  const round = roundOf(dtype);
  const gx = new Float64Array(x.length);
  eachSegment(segments, (first, count, place) => {
    const grad = g[place];
    const places = Array.from({ length: count }, (_, k) => first + k * inner);
    if (reduction === 'sum' || reduction === 'mean') {
      for (const at of places) gx[at] = reduction === 'sum' ? grad : grad / count;
    } else if (reduction === 'prod') {
      const whole = round(grad * out[place]);
      for (const at of places) {
        if (x[at] !== 0 && !Number.isNaN(x[at])) {
          gx[at] = whole / x[at];
          continue;
        }
        let others = round(startOf(segments));
        for (const other of places) if (other !== at) others = round(others * x[other]);
        gx[at] = grad * others;
      }
    } else {
      const found = places.filter((at) => Number.isNaN(x[at]) || x[at] === out[place]);
      for (const at of found) gx[at] = grad > 0 ? grad / found.length : grad;
    }
  });
  return gx;
}

const segmentReduceBackward: Op<(grad: Tensor, output: Tensor, data: Tensor, segments: Segments) => Tensor> =
  define({
    schema: '_segment_reduce_backward(Tensor grad, Tensor output, Tensor data, any segments)',
    forward: (_ctx, grad: Tensor, output: Tensor, x: Tensor, segments: Segments) => {
      const [g, out, values] = [grad, output, x].map((t) => toTypedArray(t) as Float64Array);
      const gx = allocate(x.shape, x.dtype);
      writeValues(gx, gradients(values, out, g, segments, x.dtype));
      return gx;
    },
    backward: () => {
      throw new RuntimeError('derivative for aten::_segment_reduce_backward is not implemented');
    },
  });

/** `[start, length]` of the segments of one row. */
function segmentsOf(row: readonly number[], isLengths: boolean): [start: number, length: number][] {
  let start = 0;
  const found = isLengths
    ? row.map((length): [number, number] => {
        start += length;
        return [start - length, length];
      })
    : row.slice(1).map((end, i): [number, number] => [row[i], end - row[i]]);
  if (found.some(([, length]) => length < 0))
    throw new RuntimeError('Expected segment_length >= 0 to be true, but got false.');
  return found;
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
    ctx,
    x: Tensor,
    reduction: Reduction,
    lengths: Tensor | null,
    offsets: Tensor | null,
    dim: number,
    unsafe: boolean,
    initial: number | null,
  ) => {
    const axis = wrapDim(dim, x.ndim);
    if (x.numel() === 0) throw new RuntimeError('segment_reduce(): Expected data.numel() > 0 to be true');
    if (!REDUCTIONS.includes(reduction)) throw new RuntimeError(`unsupported reduction given! ${reduction}`);
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
    const rows = tolist(reshape(given, [-1, given.size(-1)])) as number[][];
    if (offsets === null && !unsafe) checkRows(rows, x.size(axis));
    const segments: Segments = {
      reduction,
      initial,
      length: x.shape[axis],
      inner: numel(x.shape.slice(axis + 1)),
      rows: rows.map((row) => segmentsOf(row, offsets === null)),
    };
    const count = given.size(-1) - (offsets === null ? 0 : 1);
    const shape: Shape = [...outer, count, ...x.shape.slice(axis + 1)];
    const out = allocate(shape, x.dtype);
    writeValues(out, reduced(toTypedArray(x) as Float64Array, segments, x.dtype));
    ctx.save(x);
    ctx.saveOutput(out);
    ctx.state = segments;
    return out;
  },
  backward: (ctx, g) => {
    const [x, out] = ctx.saved();
    return [segmentReduceBackward(g, out, x, ctx.state as Segments), null, null];
  },
  samples: (make) =>
    REDUCTIONS.map((reduction) => [
      make(2, 4, 2),
      reduction,
      { lengths: make.int(1, 2, 2, 3), unsafe: true, axis: 1, initial: 0.5 },
    ]),
});
