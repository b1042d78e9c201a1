import { float64, int32, int64 } from '../dtype.js';
import { NotImplementedError, RuntimeError } from '../errors.js';
import { sameShape, showShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { elementReader, writeValues } from '../tensor_data.js';
import { allocate } from '../tensor_handle.js';
import { zeros } from './creation.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { dense } from './dense.js';

export interface SearchOptions {
  /** int32 instead of int64 indices. */
  out_int32?: boolean;
  /** The last suitable position (after equal elements) instead of the first. */
  right?: boolean;
}

/** The position in the sorted elements start … end−1 before (or, with `right`, after) what equals the value. */
function bisect(
  read: (i: number) => number,
  start: number,
  end: number,
  value: number,
  right: boolean,
): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = read(middle);
    if (right ? !(at > value) : !(at >= value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Positions at which values can be put into sorted lines so that these stay sorted. */
function search(
  sorted: Tensor,
  values: Tensor,
  small: boolean,
  right: boolean,
  sorter: Tensor | null,
): Tensor {
  const rows = dense(sorted);
  const order = sorter === null ? null : elementReader(dense(sorter));
  const from = dense(values);
  const readValue = elementReader(from);
  const element = elementReader(rows);
  const n = sorted.shape[sorted.ndim - 1];
  const perRow = sorted.ndim <= 1 ? values.numel() : (values.shape.at(-1) ?? 1);
  const results = new Array<number>(values.numel());
  for (let i = 0; i < results.length; i++) {
    const start = sorted.ndim <= 1 ? 0 : Math.floor(i / perRow) * n;
    const read = (k: number): number => Number(element(order === null ? k : start + Number(order(k))));
    results[i] = bisect(read, start, start + n, Number(readValue(i)), right) - start;
  }
  const out = allocate(values.shape, small ? int32 : int64);
  writeValues(out, results);
  return out;
}

/** A number as a 0-dim tensor in float64, which holds every number that JavaScript has. */
function asTensor(value: Tensor | number | boolean): Tensor {
  if (value instanceof Tensor) return value;
  const out = allocate([], float64);
  writeValues(out, [value]);
  return out;
}

/**
 * For each value, where in the line of `sorted_sequence` it can be put before the first element not less than it.
 * Leading dimensions must agree unless the sequence is a vector.
 */
export const searchsorted: Op<
  (
    sorted_sequence: Tensor,
    input: Tensor | number,
    options?: SearchOptions & { side?: 'left' | 'right' | null; sorter?: Tensor | null },
  ) => Tensor
> = define({
  schema:
    'searchsorted(Tensor sorted_sequence, Tensor|Scalar self, *, bool out_int32=False, bool right=False, str? side=None, Tensor? sorter=None)',
  forward: (
    _ctx,
    sorted: Tensor,
    input: Tensor | number,
    small: boolean,
    right: boolean,
    side: string | null,
    sorter: Tensor | null,
  ) => {
    const values = asTensor(input);
    if (side !== null && side !== 'left' && side !== 'right') {
      throw new RuntimeError(`torch.searchsorted(): side can only be 'left' or 'right' but got ${side}`);
    }
    if (side === 'left' && right) {
      throw new RuntimeError(
        "torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True",
      );
    }
    if (sorted.ndim === 0) {
      throw new RuntimeError(
        'torch.searchsorted(): boundaries tensor should have positive dimension, but got 0 dimension',
      );
    }
    if (sorted.ndim > 1 && !sameShape(sorted.shape.slice(0, -1), values.shape.slice(0, -1))) {
      throw new RuntimeError(
        'torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and ' +
          `input value tensor must match, but we got boundaries tensor ${showShape(sorted.shape)} and input value tensor ` +
          showShape(values.shape),
      );
    }
    if (sorter !== null && !sameShape(sorter.shape, sorted.shape)) {
      throw new RuntimeError(
        `torch.searchsorted(): boundary and sorter must have the same size, but got boundary tensor ${showShape(sorted.shape)}` +
          `and got sorter tensor ${showShape(sorter.shape)}`,
      );
    }
    return search(sorted, values, small, right || side === 'right', sorter);
  },
  backward: 'none',
});

/** `searchsorted` of every value in one vector of boundaries. */
export const bucketize: Op<(input: Tensor | number, boundaries: Tensor, options?: SearchOptions) => Tensor> =
  define({
    schema: 'bucketize(Tensor|Scalar input, Tensor boundaries, *, bool out_int32=False, bool right=False)',
    forward: (_ctx, input: Tensor | number, boundaries: Tensor, small: boolean, right: boolean) => {
      if (boundaries.ndim !== 1) {
        throw new RuntimeError(`boundaries tensor must be 1 dimension, but got dim(${boundaries.ndim})`);
      }
      return search(boundaries, asTensor(input), small, right, null);
    },
    backward: 'none',
  });

/** How many elements fall into each of `bins` equal parts of [min, max]; by default the range of the elements. */
export const histc: Op<
  (
    ...args: Args<
      [input: Tensor],
      [bins: number, min: number, max: number],
      { bins?: number; min?: number; max?: number }
    >
  ) => Tensor,
  'method'
> = define(
  {
    schema: 'histc(Tensor input, int bins=100, Scalar min=0, Scalar max=0)',
    forward: (_ctx, x: Tensor, bins: number, min: number | boolean, max: number | boolean) => {
      if (!x.dtype.is_floating_point) {
        throw new NotImplementedError(`"histogram_cpu" not implemented for '${x.dtype.scalarName}'`);
      }
      if (bins <= 0) throw new RuntimeError('bins must be > 0');
      const from = dense(x);
      const read = elementReader(from);
      const n = x.numel();
      let low = Number(min);
      let high = Number(max);
      if (low === high && n > 0) {
        low = Infinity;
        high = -Infinity;
        for (let i = 0; i < n; i++) {
          low = Math.min(low, Number(read(i)));
          high = Math.max(high, Number(read(i)));
        }
      }
      if (low === high) {
        low -= 1;
        high += 1;
      }
      if (!Number.isFinite(low) || !Number.isFinite(high)) {
        throw new RuntimeError(`range of [${low}, ${high}] is not finite`);
      }
      if (low > high) throw new RuntimeError('max must be larger than min');
      const counts = new Float64Array(bins);
      for (let i = 0; i < n; i++) {
        const value = Number(read(i));
        if (!(value >= low && value <= high)) continue;
        counts[Math.min(Math.floor(((value - low) * bins) / (high - low)), bins - 1)]++;
      }
      const out = allocate([bins], x.dtype);
      writeValues(out, counts);
      return out;
    },
    backward: 'none',
  },
  ['method'],
);

/** How often each integer from 0 on occurs in a vector, or the sum of its weights. */
export const bincount: Op<
  (
    ...args: Args<
      [input: Tensor],
      [weights: Tensor | null, minlength: number],
      { weights?: Tensor | null; minlength?: number }
    >
  ) => Tensor,
  'method'
> = define(
  {
    schema: 'bincount(Tensor input, Tensor? weights=None, int minlength=0)',
    forward: (_ctx, x: Tensor, weights: Tensor | null, minlength: number) => {
      if (x.dtype.is_floating_point || x.dtype.name === 'bool') {
        throw new NotImplementedError(`"bincount_cpu" not implemented for '${x.dtype.scalarName}'`);
      }
      if (minlength < 0) throw new RuntimeError('minlength should be >= 0');
      const values = x.tolist() as number[];
      if (x.ndim !== 1 || values.some((value) => value < 0)) {
        throw new RuntimeError('bincount only supports 1-d non-negative integral inputs.');
      }
      if (weights !== null && (weights.ndim !== 1 || weights.numel() !== values.length)) {
        throw new RuntimeError('weights should be 1-d and have the same length as input');
      }
      // torch leaves before it looks at the weights.
      if (values.length === 0) return zeros([minlength], { dtype: int64 });
      const size = values.reduce((most, value) => Math.max(most, value + 1), minlength);
      const sums = new Float64Array(size);
      const weigh = weights === null ? null : elementReader(weights);
      values.forEach((value, i) => (sums[value] += weigh === null ? 1 : Number(weigh(i))));
      const out = allocate(
        [size],
        weights === null ? int64 : weights.dtype.name === 'float32' ? weights.dtype : float64,
      );
      writeValues(out, sums);
      return out;
    },
    backward: 'none',
  },
  ['method'],
);
