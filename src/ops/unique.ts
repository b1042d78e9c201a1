import { bool, int64 } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { elementReader, writeValues } from '../tensor_data.js';
import { allocate } from '../tensor_handle.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { dense, materialize } from './dense.js';
import { index_select } from './gather.js';
import { ravel } from './layout.js';
import { hashOrder } from './unique_order.js';
import { transpose } from './view.js';

export interface UniqueOptions {
  return_inverse?: boolean;
  return_counts?: boolean;
  dim?: number | null;
}

/** What is asked for decides between one tensor and a list [output, inverse, counts] without the parts not asked for. */
export type UniqueResult<O> = O extends { return_inverse: true } | { return_counts: true }
  ? Tensor[]
  : Tensor;

/** The groups of equal slices: a representative and the size of each, and the group of every slice. */
interface Groups {
  readonly first: number[];
  readonly counts: number[];
  readonly inverse: number[];
}

/** Compares rows i and j of `width` elements, element by element; NaN equals nothing, and sorts last. */
function comparer(rows: Tensor, width: number): (i: number, j: number) => number {
  const read = elementReader(rows);
  return (i, j) => {
    for (let k = 0; k < width; k++) {
      const a = Number(read(i * width + k));
      const b = Number(read(j * width + k));
      if (a < b) return -1;
      if (a > b) return 1;
      if (a !== b) return Number.isNaN(a) && Number.isNaN(b) ? i - j : Number.isNaN(a) ? 1 : -1;
    }
    return 0;
  };
}

function group(rows: Tensor, count: number, width: number, sorts: boolean): Groups {
  const compare = comparer(rows, width);
  const order = Array.from({ length: count }, (_, i) => i);
  if (sorts) order.sort((i, j) => compare(i, j) || i - j);
  const first: number[] = [];
  const counts: number[] = [];
  const inverse = new Array<number>(count);
  order.forEach((row, at) => {
    if (at === 0 || compare(order[at - 1], row) !== 0) {
      first.push(row);
      counts.push(0);
    }
    counts[counts.length - 1]++;
    inverse[row] = counts.length - 1;
  });
  return { first, counts, inverse };
}

/** Groups of equal elements in the order in which torch gives them unsorted. */
function groupUnsorted(x: Tensor): Groups {
  const read = elementReader(x);
  const found = new Map<number, number>();
  const values: number[] = [];
  const first: number[] = [];
  const counts: number[] = [];
  const inverse = Array.from({ length: x.numel() }, (_, i) => {
    const value = Number(read(i));
    let at = found.get(value);
    if (at === undefined || Number.isNaN(value)) {
      at = values.length;
      found.set(value, at);
      values.push(value);
      first.push(i);
      counts.push(0);
    }
    counts[at]++;
    return at;
  });
  const order = hashOrder(values, x.dtype.is_floating_point ? x.dtype.itemsize : 0);
  const rank = new Array<number>(order.length);
  order.forEach((at, k) => (rank[at] = k));
  return {
    first: order.map((at) => first[at]),
    counts: order.map((at) => counts[at]),
    inverse: inverse.map((at) => rank[at]),
  };
}

function indexTensor(values: number[], shape: readonly number[]): Tensor {
  const out = allocate(shape, int64);
  writeValues(out, values);
  return out;
}

function uniqueOf(
  x: Tensor,
  dim: number | null,
  order: 'sorted' | 'unsorted' | 'consecutive',
  inverse: boolean,
  counts: boolean,
): Tensor | Tensor[] {
  const flat = dim === null;
  const input = flat ? dense(ravel(x)) : x;
  const d = flat ? 0 : wrapDim(dim, x.ndim);
  const count = input.shape[d];
  if (!flat && x.numel() === 0 && count > 0) {
    throw new RuntimeError(
      "There are 0 sized dimensions, and they aren't selected, so unique cannot be applied",
    );
  }
  const rows = flat ? input : materialize(transpose(x, d, 0));
  const groups =
    order === 'unsorted' && flat && x.dtype !== bool
      ? groupUnsorted(rows)
      : group(rows, count, count === 0 ? 0 : rows.numel() / count, order !== 'consecutive');
  const out = [index_select(input, d, indexTensor(groups.first, [groups.first.length]))];
  if (inverse) out.push(indexTensor(groups.inverse, flat ? x.shape : [count]));
  if (counts) out.push(indexTensor(groups.counts, [groups.counts.length]));
  return out.length === 1 ? out[0] : out;
}

/**
 * The distinct elements in order, or the distinct slices along `dim`.
 *
 * @param sorted with false the elements (not slices) come in the order in which PyTorch's hash set lists them
 * @param return_inverse also the index in the result of every element
 * @param return_counts also how often each occurs
 * @example
 * console.log(torch.unique(torch.tensor([3, 1, 3])).tolist()); // [ 1, 3 ]
 */
export const unique: Op<
  <O extends UniqueOptions & { sorted?: boolean } = UniqueOptions>(
    input: Tensor,
    options?: O,
  ) => UniqueResult<O>,
  'method'
> = define(
  {
    schema:
      'unique(Tensor input, bool sorted=True, bool return_inverse=False, bool return_counts=False, int? dim=None)',
    forward: (_ctx, x: Tensor, sorted: boolean, inverse: boolean, counts: boolean, dim: number | null) =>
      uniqueOf(x, dim, sorted ? 'sorted' : 'unsorted', inverse, counts),
    backward: 'none',
    samples: (make) => [[make.int(0, 3, 2, 3)], [make.int(0, 2, 4, 2), { dim: 0, return_counts: true }]],
  },
  ['method'],
);

/** The first of each run of equal elements, or of equal slices along `dim`. */
export const unique_consecutive: Op<
  <O extends UniqueOptions = UniqueOptions>(input: Tensor, options?: O) => UniqueResult<O>,
  'method'
> = define(
  {
    schema:
      'unique_consecutive(Tensor input, bool return_inverse=False, bool return_counts=False, int? dim=None)',
    forward: (_ctx, x: Tensor, inverse: boolean, counts: boolean, dim: number | null) =>
      uniqueOf(x, dim, 'consecutive', inverse, counts),
    backward: 'none',
    samples: (make) => [[make.int(0, 3, 2, 3)], [make.int(0, 2, 4, 2), { dim: 0, return_counts: true }]],
  },
  ['method'],
);
