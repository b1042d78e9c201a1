import { bool, int64, limits } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { elementReader } from '../tensor_data.js';
import { address, allocate } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { copyKernel, dense, materialize } from './dense.js';
import { movedim } from './layout.js';
import { fillKernel } from './make.js';
import { valuesIndices } from './named.js';
import type { ValuesIndices } from './named.js';
import { reducedShape } from './reduce_kernel.js';
import { checkNonEmpty, selectAlong, selectionBackward, shareEqual } from './selection.js';
import type { SelectAlong, Selection } from './selection.js';
import { sortRows } from './sort_kernel.js';

/** The position of the chosen element in a sorted row of `n`, whose elements `read` gives. */
type Choose = (read: (i: number) => number, n: number) => number;

/**
 * Sorts each line, chooses a position in it, and gives the element there with the index it had.
 */
function chooseAlong(x: Tensor, dim: number, keepdim: boolean, choose: Choose): Tensor[] {
  const shape = reducedShape(x.shape, [dim], keepdim);
  const values = allocate(shape, x.dtype);
  const indices = allocate(shape, int64);
  if (x.ndim === 0) {
    copyKernel(x, values);
    fillKernel(indices, 0);
    return [values, indices];
  }
  if (values.numel() === 0) return [values, indices];
  const sorted = materialize(movedim(x, dim, -1));
  const origin = sortRows(sorted, false);
  const n = x.shape[dim];
  const read = elementReader(sorted);
  const { heap } = runtime();
  const to = address(indices) >> 3;
  const from = address(origin) >> 3;
  const bytes = x.dtype.itemsize;
  for (let row = 0; row < values.numel(); row++) {
    const at = row * n + choose((i) => Number(read(row * n + i)), n);
    heap.i64[to + row] = heap.i64[from + at];
    heap.u8.copyWithin(
      address(values) + row * bytes,
      address(sorted) + at * bytes,
      address(sorted) + (at + 1) * bytes,
    );
  }
  return [values, indices];
}

const medianOf: Choose = (read, n) => {
  if (Number.isNaN(read(n - 1))) return firstNaN(read, n);
  return (n - 1) >> 1;
};

/** NaNs sort last; the lower median of what stands before them. */
const nanMedianOf: Choose = (read, n) => {
  const count = Number.isNaN(read(n - 1)) ? firstNaN(read, n) : n;
  return count === 0 ? 0 : (count - 1) >> 1;
};

function firstNaN(read: (i: number) => number, n: number): number {
  let low = 0;
  let high = n - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Number.isNaN(read(middle))) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The longest run; of equally long ones the one with the smallest value. Its last element, as torch. */
const modeOf: Choose = (read, n) => {
  let best = 0;
  let length = 0;
  for (let start = 0; start < n;) {
    const value = read(start);
    let end = start + 1;
    while (end < n && read(end) === value) end++;
    if (end - start > length) {
      length = end - start;
      best = end - 1;
    }
    start = end;
  }
  return best;
};

function chooser(name: string, choose: Choose): SelectAlong {
  return selectAlong(name, (x, dim, keepdim) => chooseAlong(x, dim, keepdim, choose));
}

/** `median` of all elements or along one dimension. */
export interface Median {
  (input: Tensor): Tensor;
  (...args: Args<[input: Tensor, dim: number], [keepdim: boolean], { keepdim?: boolean }>): ValuesIndices;
  (input: Tensor, options: { dim: number; keepdim?: boolean }): ValuesIndices;
}

/** The forms of `median` as methods. */
export interface MedianMethod {
  (): Tensor;
  (...args: Args<[dim: number], [keepdim: boolean], { keepdim?: boolean }>): ValuesIndices;
  (options: { dim: number; keepdim?: boolean }): ValuesIndices;
}

/** Of an empty tensor NaN; of integers what x86 makes of it: the least one where they have 32 bits or more, otherwise 0. */
function emptyMedian(x: Tensor): Tensor {
  const out = allocate([], x.dtype);
  const { dtype } = x;
  fillKernel(
    out,
    dtype.is_floating_point || dtype === bool ? NaN : dtype.itemsize >= 4 ? limits(dtype)[0] : 0,
  );
  return out;
}

function medianLike(name: string, choose: Choose): Op<Median, 'method'> {
  const whole: Op<(input: Tensor) => Tensor> = define({
    schema: `${name}(Tensor input)`,
    forward: (ctx, x: Tensor) => {
      ctx.save(x);
      const out = x.numel() === 0 ? emptyMedian(x) : chooseAlong(dense(x).view(-1), 0, false, choose)[0];
      ctx.saveOutput(out);
      return out;
    },
    backward: (ctx, g) => {
      const [x, out] = ctx.saved();
      return [shareEqual(g, x, out)];
    },
    samples: (make) => [[make(2, 3)], [make()]],
  });
  const along = chooser(name, choose);
  return define(
    {
      schema: `${name}(Tensor input, int? dim=None, bool keepdim=False)`,
      forward: (_ctx, x: Tensor, dim: number | null, keepdim: boolean) => {
        if (dim !== null) return along(x, dim, keepdim);
        return whole(x);
      },
      backward: 'composite',
      samples: (make) => [[make(2, 3)], [make(2, 4), 1], [make(3, 2), 0, true]],
    },
    ['method'],
  );
}

/** The median (the lower of two), of all elements, or along `dim` with its index: `[values, indices]`. NaN wins. */
export const median: Op<Median, 'method'> = medianLike('median', medianOf);
/** `median` that passes over NaNs. */
export const nanmedian: Op<Median, 'method'> = medianLike('nanmedian', nanMedianOf);

const modeAlong = chooser('mode', modeOf);

/** The most frequent element of each line (the smallest of several), with the index of its last: `[values, indices]`. */
export const mode: Op<
  (
    ...args: Args<[input: Tensor], [dim: number, keepdim: boolean], { dim?: number; keepdim?: boolean }>
  ) => ValuesIndices,
  'method'
> = define(
  {
    schema: 'mode(Tensor input, int dim=-1, bool keepdim=False)',
    forward: (_ctx, x: Tensor, dim: number, keepdim: boolean) => modeAlong(x, dim, keepdim),
    backward: 'composite',
    samples: (make) => [[make(2, 3)], [make(4, 2), 0, true]],
  },
  ['method'],
);

/** The k-th smallest element (k from 1) of each line with its index: `[values, indices]`. */
export const kthvalue: Op<
  (
    ...args: Args<
      [input: Tensor, k: number],
      [dim: number, keepdim: boolean],
      { dim?: number; keepdim?: boolean }
    >
  ) => ValuesIndices,
  'method'
> = define(
  {
    schema: 'kthvalue(Tensor input, int k, int dim=-1, bool keepdim=False)',
    forward: (ctx, x: Tensor, k: number, dim: number, keepdim: boolean) => {
      const d = wrapDim(dim, x.ndim);
      checkNonEmpty('kthvalue()', x.shape, x.ndim === 0 ? [] : [d]);
      if (k < 1 || k > (x.shape[d] ?? 1)) {
        throw new RuntimeError(`kthvalue(): selected number k out of range for dimension ${d}`);
      }
      const [values, indices] = chooseAlong(x, d, keepdim, () => k - 1);
      ctx.save(indices);
      ctx.state = { shape: x.shape, dim: d, keepdim } satisfies Selection;
      return valuesIndices(values, indices);
    },
    backward: (ctx, g) => [selectionBackward(g, ctx.saved()[0], ctx.state as Selection)],
    samples: (make) => [
      [make(2, 4), 2],
      [make(4, 2), 3, 0, true],
    ],
  },
  ['method'],
);
