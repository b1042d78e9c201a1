import { int64 } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { showShape, wrapDim } from '../shape.js';
import { Tensor } from '../tensor.js';
import { partsOf } from '../tensor_handle.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { sliceDim } from './slice_dim.js';
import { select } from './view.js';

type Dim = { dim?: number };

/** Pieces of the given sizes along a dimension; views. */
export const split_with_sizes: Op<
  (...args: Args<[input: Tensor, split_sizes: readonly number[]], [dim: number], Dim>) => Tensor[],
  'method'
> = define(
  {
    schema: 'split_with_sizes(Tensor input, int[] split_sizes, int dim=0)',
    forward: (_ctx, x: Tensor, sizes: number[], dim: number) => {
      if (x.ndim === 0) throw new RuntimeError('split expects at least a 1-dimensional tensor');
      const d = wrapDim(dim, x.ndim);
      const total = sizes.reduce((sum, size) => sum + size, 0);
      if (sizes.some((size) => size < 0)) {
        throw new RuntimeError(
          `split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=${showShape(sizes)}`,
        );
      }
      if (total !== x.shape[d]) {
        throw new RuntimeError(
          `split_with_sizes expects split_sizes to sum exactly to ${x.shape[d]} (input tensor's size at dimension ${d}), ` +
            `but got split_sizes=${showShape(sizes)}`,
        );
      }
      let start = 0;
      return sizes.map((size) => {
        start += size;
        return sliceDim(x, d, start - size, start, 1);
      });
    },
    backward: 'composite',
    samples: (make) => [
      [make(5, 2), [2, 3]],
      [make(2, 3), [1, 2], 1],
    ],
  },
  ['method'],
);

/**
 * Pieces of one size (the last may be smaller) or of the given sizes; views.
 *
 * @example
 * console.log(torch.arange(5).split(2).map((part) => part.tolist())); // [ [ 0, 1 ], [ 2, 3 ], [ 4 ] ]
 */
export const split: Op<
  (
    ...args: Args<[input: Tensor, split_size_or_sections: number | readonly number[]], [dim: number], Dim>
  ) => Tensor[],
  'method'
> = define(
  {
    schema: 'split(Tensor input, int|int[] split_size_or_sections, int dim=0)',
    forward: (_ctx, x: Tensor, size: number | number[], dim: number) => {
      if (typeof size !== 'number') return split_with_sizes(x, size, dim);
      if (x.ndim === 0) throw new RuntimeError('split expects at least a 1-dimensional tensor');
      const d = wrapDim(dim, x.ndim);
      const total = x.shape[d];
      if (size < 0)
        throw new RuntimeError(`split expects split_size be non-negative, but got split_size=${size}`);
      if (size === 0 && total !== 0) {
        throw new RuntimeError(
          `split_size can only be 0 if dimension size is 0, but got dimension size of ${total}`,
        );
      }
      const count = size === 0 ? 1 : Math.max(Math.ceil(total / size), 1);
      return Array.from({ length: count }, (_, i) =>
        sliceDim(x, d, i * size, Math.min((i + 1) * size, total), 1),
      );
    },
    backward: 'composite',
    samples: (make) => [
      [make(5, 2), 2],
      [make(2, 5), [2, 3], 1],
    ],
  },
  ['method'],
);

/**
 * At most `chunks` pieces of one size, the last of which may be smaller; views.
 *
 * @example
 * console.log(torch.arange(5).chunk(2).map((part) => part.tolist())); // [ [ 0, 1, 2 ], [ 3, 4 ] ]
 */
export const chunk: Op<
  (...args: Args<[input: Tensor, chunks: number], [dim: number], Dim>) => Tensor[],
  'method'
> = define(
  {
    schema: 'chunk(Tensor input, int chunks, int dim=0)',
    forward: (_ctx, x: Tensor, chunks: number, dim: number) => {
      if (x.ndim === 0) throw new RuntimeError('chunk expects at least a 1-dimensional tensor');
      if (chunks <= 0)
        throw new RuntimeError(`chunk expects \`chunks\` to be greater than 0, got: ${chunks}`);
      const d = wrapDim(dim, x.ndim);
      const size = Math.ceil(x.shape[d] / chunks);
      if (size === 0) return split_with_sizes(x, new Array<number>(chunks).fill(0), d);
      return split(x, size, d);
    },
    backward: 'composite',
    samples: (make) => [
      [make(5, 2), 2],
      [make(2, 5), 3, 1],
    ],
  },
  ['method'],
);

/** Pieces between the given positions: sizes differ by at most one for a number of pieces. */
function splitAt(op: string, x: Tensor, where: number | number[], d: number): Tensor[] {
  const size = x.shape[d];
  if (typeof where === 'number') {
    if (where <= 0) throw new RuntimeError(`number of sections must be larger than 0, got ${where}`);
    const small = Math.floor(size / where);
    const larger = size % where;
    let start = 0;
    return Array.from({ length: where }, (_, i) => {
      const length = small + (i < larger ? 1 : 0);
      start += length;
      return sliceDim(x, d, start - length, start, 1);
    });
  }
  if (x.ndim === 0)
    throw new RuntimeError(`${op} expected at least a 1-dimensional tensor, but got a tensor with 0 dims`);
  let start = 0;
  return [...where, size].map((end) => {
    const piece = sliceDim(x, d, start, end, 1);
    start = end;
    return piece;
  });
}

/** Pieces of nearly one size, `indices_or_sections` many, or cut at the given positions; views. */
export const tensor_split: Op<
  (
    ...args: Args<
      [input: Tensor, indices_or_sections: number | readonly number[] | Tensor],
      [dim: number],
      Dim
    >
  ) => Tensor[],
  'method'
> = define(
  {
    schema: 'tensor_split(Tensor input, Tensor|int|int[] indices_or_sections, int dim=0)',
    forward: (_ctx, x: Tensor, where: Tensor | number | number[], dim: number) => {
      if (x.ndim === 0) {
        throw new RuntimeError(
          'tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims',
        );
      }
      const d = wrapDim(dim, x.ndim);
      if (!(where instanceof Tensor)) return splitAt('tensor_split', x, where, d);
      if (where.dtype !== int64) {
        throw new RuntimeError(
          `tensor_split expected tensor_indices_or_sections to have dtype of long, but got ${where.dtype.scalarName}`,
        );
      }
      return splitAt('tensor_split', x, where.tolist() as number | number[], d);
    },
    backward: 'composite',
    samples: (make) => [
      [make(5, 2), 2],
      [make(2, 5), [1, 3], 1],
    ],
  },
  ['method'],
);

type DirectedSplit = Op<
  (input: Tensor, indices_or_sections: number | readonly number[]) => Tensor[],
  'method'
>;

function directed(name: string, least: number, dimOf: (ndim: number) => number): DirectedSplit {
  return define(
    {
      schema: `${name}(Tensor input, int|int[] indices_or_sections)`,
      forward: (_ctx, x: Tensor, where: number | number[]) => {
        if (x.ndim < least) {
          throw new RuntimeError(
            `torch.${name} requires a tensor with at least ${least} dimension, but got a tensor with ${x.ndim} dimensions!`,
          );
        }
        const d = dimOf(x.ndim);
        if (typeof where === 'number' && x.shape[d] % where !== 0) {
          throw new RuntimeError(
            `torch.${name} attempted to split along dimension ${d}, but the size of the dimension ${x.shape[d]} is not ` +
              `divisible by the split_size ${where}!`,
          );
        }
        return splitAt(name, x, where, d);
      },
      backward: 'composite',
      samples: (make) => [
        [make(2, 4, 2), 2],
        [make(4, 4, 2), [1]],
      ],
    },
    ['method'],
  );
}

/** `tensor_split` into equal pieces along the second dimension (the first of vectors). */
export const hsplit: DirectedSplit = directed('hsplit', 1, (ndim) => (ndim === 1 ? 0 : 1));
/** `tensor_split` into equal pieces along the first dimension. */
export const vsplit: DirectedSplit = directed('vsplit', 2, () => 0);
/** `tensor_split` into equal pieces along the third dimension. */
export const dsplit: DirectedSplit = directed('dsplit', 3, () => 2);

/** The slices along a dimension, one view each. */
export const unbind: Op<(input: Tensor, dim?: number | Dim) => Tensor[], 'method'> = define(
  {
    schema: 'unbind(Tensor input, int dim=0)',
    forward: (_ctx, x: Tensor, dim: number) => {
      const d = wrapDim(dim, x.ndim);
      if (x.ndim === 0) throw new RuntimeError('Dimension specified as 0 but tensor has no dimensions');
      return Array.from({ length: x.shape[d] }, (_, i) => select(x, d, i));
    },
    backward: 'composite',
    samples: (make) => [[make(2, 3)], [make(2, 3), 1]],
  },
  ['method'],
);

/** Another handle, with the same history, that autograd does not take for a view: a write to it is none to the others. */
function unseen(view: Tensor): Tensor {
  view._storage.retain();
  const out = new Tensor({ ...partsOf(view), version: { value: 0 } });
  const history = view.grad_fn;
  if (history !== null) out._setGradFn(history, view._outputNr);
  return out;
}

/** `split` into pieces of one size that autograd takes for tensors of their own: writes to one must not reach the others. */
export const unsafe_split: Op<
  (...args: Args<[input: Tensor, split_size: number], [dim: number], Dim>) => Tensor[],
  'method'
> = define(
  {
    schema: 'unsafe_split(Tensor input, int split_size, int dim=0)',
    forward: (_ctx, x: Tensor, size: number, dim: number) => split(x, size, dim).map(unseen),
    backward: 'composite',
    samples: (make) => [[make(5, 2), 2]],
  },
  ['method'],
);

/** `split_with_sizes` into pieces that autograd takes for tensors of their own. */
export const unsafe_split_with_sizes: Op<
  (...args: Args<[input: Tensor, split_sizes: readonly number[]], [dim: number], Dim>) => Tensor[],
  'method'
> = define(
  {
    schema: 'unsafe_split_with_sizes(Tensor input, int[] split_sizes, int dim=0)',
    forward: (_ctx, x: Tensor, sizes: number[], dim: number) => split_with_sizes(x, sizes, dim).map(unseen),
    backward: 'composite',
    samples: (make) => [[make(5, 2), [2, 3]]],
  },
  ['method'],
);

/**
 * `chunk` into pieces that autograd takes for tensors of their own: writes to one must not reach the others.
 *
 * @example
 * const [a] = torch.unsafe_chunk(torch.arange(5), 2);
 * console.log(a.tolist(), a._base); // [ 0, 1, 2 ] null
 */
export const unsafe_chunk: Op<
  (...args: Args<[input: Tensor, chunks: number], [dim: number], Dim>) => Tensor[],
  'method'
> = define(
  {
    schema: 'unsafe_chunk(Tensor input, int chunks, int dim=0)',
    forward: (_ctx, x: Tensor, chunks: number, dim: number) => chunk(x, chunks, dim).map(unseen),
    backward: 'composite',
    samples: (make) => [[make(5, 2), 2]],
  },
  ['method'],
);
