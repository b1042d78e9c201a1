import { IndexError, RuntimeError } from '../errors.js';
import {
  broadcastStrides,
  inferSize,
  isBroadcastableTo,
  numel,
  showShape,
  viewStrides,
  wrapDim,
} from '../shape.js';
import type { Tensor } from '../tensor.js';
import { makeView } from '../tensor_handle.js';
import { clone } from './copy.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { embed, sliceDim } from './slice_dim.js';
import { sumToSize } from './sum_to_size.js';

/** Sizes or dimensions, one by one or in a list. */
export type IntList = [...values: number[]] | [values: readonly number[]];

/**
 * The tensor seen at another shape of as many elements; one size may be -1. Shares memory; fails where the strides do not
 * allow that.
 */
export const view: Op<(input: Tensor, ...shape: IntList) => Tensor, 'method'> = define(
  {
    schema: 'view(Tensor input, int[]... size)',
    forward: (ctx, x: Tensor, size: number[]) => {
      const shape = inferSize(size, x.numel());
      const strides = viewStrides(x.shape, x._strides, shape);
      if (strides === null) {
        throw new RuntimeError(
          "view size is not compatible with input tensor's size and stride (at least one dimension spans across two " +
            `contiguous subspaces): ${showShape(x.shape)} with strides ${showShape(x._strides)} as ${showShape(shape)}. ` +
            'Use .reshape(...) instead.',
        );
      }
      ctx.state = x.shape;
      return makeView(x, shape, strides, x._offset);
    },
    backward: (ctx, g) => [reshape(g, ctx.state as number[])],
    samples: (make) => [
      [make(2, 6), [3, 4]],
      [make(2, 6), [-1]],
      [make(1), []],
    ],
  },
  ['method'],
);

/**
 * The tensor at another shape of as many elements: a view where possible, otherwise a copy.
 *
 * @example
 * console.log(torch.arange(6).reshape(2, -1).tolist()); // [ [ 0, 1, 2 ], [ 3, 4, 5 ] ]
 */
export const reshape: Op<(input: Tensor, ...shape: IntList) => Tensor, 'method'> = define(
  {
    schema: 'reshape(Tensor input, int[]... shape)',
    forward: (_ctx, x: Tensor, size: number[]) => {
      const shape = inferSize(size, x.numel());
      if (viewStrides(x.shape, x._strides, shape) === null) return view(clone(x), shape);
      return view(x, shape);
    },
    backward: 'composite',
    samples: (make) => [
      [make(2, 6), [3, 4]],
      [make(3, 4).t(), [2, 6]],
    ],
  },
  ['method'],
);

export const view_as: Op<(input: Tensor, other: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'view_as(Tensor input, Tensor other)',
    forward: (_ctx, x: Tensor, other: Tensor) => view(x, other.shape),
    backward: 'composite',
  },
  ['method'],
);

export const reshape_as: Op<(input: Tensor, other: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'reshape_as(Tensor input, Tensor other)',
    forward: (_ctx, x: Tensor, other: Tensor) => reshape(x, other.shape),
    backward: 'composite',
  },
  ['method'],
);

/**
 * Dimensions `start_dim` to `end_dim` become one.
 *
 * @example
 * console.log(torch.ones(2, 3, 4).flatten(1).shape); // [ 2, 12 ]
 */
export const flatten: Op<
  (input: Tensor, start_dim?: number | { start_dim?: number; end_dim?: number }, end_dim?: number) => Tensor,
  'method'
> = define(
  {
    schema: 'flatten(Tensor input, int start_dim=0, int end_dim=-1)',
    forward: (_ctx, x: Tensor, startDim: number, endDim: number) => {
      const start = wrapDim(startDim, x.ndim);
      const end = wrapDim(endDim, x.ndim);
      if (start > end)
        throw new RuntimeError('flatten() has invalid args: start_dim cannot come after end_dim');
      if (x.ndim === 0) return reshape(x, [1]);
      if (start === end) return x;
      const { shape } = x;
      return reshape(x, [
        ...shape.slice(0, start),
        numel(shape.slice(start, end + 1)),
        ...shape.slice(end + 1),
      ]);
    },
    backward: 'composite',
    samples: (make) => [[make(2, 3, 2)], [make(2, 3, 2), 1], [make()]],
  },
  ['method'],
);

/**
 * The dimensions in another order.
 *
 * @example
 * console.log(torch.ones(2, 3, 4).permute(2, 0, 1).shape); // [ 4, 2, 3 ]
 */
export const permute: Op<(input: Tensor, ...dims: IntList) => Tensor, 'method'> = define(
  {
    schema: 'permute(Tensor input, int[]... dims)',
    forward: (ctx, x: Tensor, dims: number[]) => {
      if (dims.length !== x.ndim) {
        throw new RuntimeError(
          `permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering ` +
            `of dimensions i.e. input.dim() = ${x.ndim} is not equal to len(dims) = ${dims.length}`,
        );
      }
      const order = dims.map((dim) => wrapDim(dim, x.ndim));
      if (new Set(order).size < order.length) {
        throw new RuntimeError(`permute(): duplicate dims are not allowed, got [${dims.join(', ')}]`);
      }
      ctx.state = order;
      return makeView(
        x,
        order.map((d) => x.shape[d]),
        order.map((d) => x._strides[d]),
        x._offset,
      );
    },
    backward: (ctx, g) => {
      const order = ctx.state as number[];
      const inverse = new Array<number>(order.length);
      order.forEach((from, to) => (inverse[from] = to));
      return [permute(g, inverse)];
    },
    samples: (make) => [[make(2, 3, 4), [2, 0, 1]]],
  },
  ['method'],
);

/**
 * Two dimensions exchanged.
 *
 * @example
 * console.log(torch.ones(2, 3).transpose(0, 1).shape); // [ 3, 2 ]
 */
export const transpose: Op<(input: Tensor, dim0: number, dim1: number) => Tensor, 'method'> = define(
  {
    schema: 'transpose(Tensor input, int dim0, int dim1)',
    forward: (_ctx, x: Tensor, dim0: number, dim1: number) => {
      const a = wrapDim(dim0, x.ndim);
      const b = wrapDim(dim1, x.ndim);
      const order = x.shape.map((_, d) => (d === a ? b : d === b ? a : d));
      return permute(x, order);
    },
    backward: 'composite',
    samples: (make) => [
      [make(2, 3, 4), 0, 2],
      [make(), 0, 0],
    ],
  },
  ['method'],
);
export const swapaxes = transpose;
export const swapdims = transpose;

/** The transpose of a matrix; tensors of fewer dimensions as they are. */
export const t: Op<(input: Tensor) => Tensor, 'method'> = define(
  {
    schema: 't(Tensor input)',
    forward: (_ctx, x: Tensor) => {
      if (x.ndim > 2)
        throw new RuntimeError(`t() expects a tensor with <= 2 dimensions, but self is ${x.ndim}D`);
      return x.ndim < 2
        ? permute(
            x,
            x.shape.map((_, d) => d),
          )
        : transpose(x, 0, 1);
    },
    backward: 'composite',
    samples: (make) => [[make(2, 3)], [make(3)]],
  },
  ['method'],
);

/**
 * A dimension of size 1 put in before `dim`.
 *
 * @example
 * console.log(torch.ones(3).unsqueeze(0).shape); // [ 1, 3 ]
 */
export const unsqueeze: Op<(input: Tensor, dim: number) => Tensor, 'method'> = define(
  {
    schema: 'unsqueeze(Tensor input, int dim)',
    forward: (ctx, x: Tensor, dim: number) => {
      const at = wrapDim(dim, x.ndim + 1);
      const shape = [...x.shape];
      const strides = [...x._strides];
      strides.splice(at, 0, at < x.ndim ? shape[at] * strides[at] : 1);
      shape.splice(at, 0, 1);
      ctx.state = at;
      return makeView(x, shape, strides, x._offset);
    },
    backward: (ctx, g) => [squeeze(g, ctx.state as number)],
    samples: (make) => [
      [make(2, 3), 1],
      [make(2), -1],
      [make(), 0],
    ],
  },
  ['method'],
);

/**
 * Dimensions of size 1 removed: all of them, or one (if it is of size 1).
 *
 * @example
 * console.log(torch.ones(1, 3, 1).squeeze().shape, torch.ones(1, 3, 1).squeeze(0).shape); // [ 3 ] [ 3, 1 ]
 */
export const squeeze: Op<(input: Tensor, dim?: number | { dim?: number }) => Tensor, 'method'> = define(
  {
    schema: 'squeeze(Tensor input, int? dim=None)',
    forward: (ctx, x: Tensor, dim: number | null) => {
      const only = dim === null ? -1 : wrapDim(dim, x.ndim);
      const kept = x.shape.map((_, d) => d).filter((d) => x.shape[d] !== 1 || (dim !== null && d !== only));
      ctx.state = x.shape;
      return makeView(
        x,
        kept.map((d) => x.shape[d]),
        kept.map((d) => x._strides[d]),
        x._offset,
      );
    },
    backward: (ctx, g) => [reshape(g, ctx.state as number[])],
    samples: (make) => [[make(2, 1, 3, 1)], [make(2, 1, 3, 1), 1], [make(2, 3), 0]],
  },
  ['method'],
);

/**
 * Dimensions of size 1 stretched, without copying; -1 keeps a size, new ones may come in front.
 *
 * @example
 * console.log(torch.ones(3, 1).expand(-1, 4).shape); // [ 3, 4 ]
 */
export const expand: Op<(input: Tensor, ...sizes: IntList) => Tensor, 'method'> = define(
  {
    schema: 'expand(Tensor input, int[]... size)',
    forward: (ctx, x: Tensor, size: number[]) => {
      const lead = size.length - x.ndim;
      if (lead < 0) {
        throw new RuntimeError(
          `expand(torch.${x.dtype.scalarName}Tensor{${showShape(x.shape)}}, size=${showShape(size)}): the number of sizes ` +
            `provided (${size.length}) must be greater or equal to the number of dimensions in the tensor (${x.ndim})`,
        );
      }
      const target = size.map((n, d) => {
        if (n !== -1) return n;
        if (d < lead) {
          throw new RuntimeError(
            `The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension ${d}`,
          );
        }
        return x.shape[d - lead];
      });
      if (!isBroadcastableTo(x.shape, target)) {
        const bad = x.shape.findIndex((n, d) => n !== 1 && n !== target[d + lead]);
        throw new RuntimeError(
          `The expanded size of the tensor (${target[bad + lead]}) must match the existing size (${x.shape[bad]}) at ` +
            `non-singleton dimension ${bad + lead}.  Target sizes: ${showShape(target)}.  Tensor sizes: ${showShape(x.shape)}`,
        );
      }
      ctx.state = x.shape;
      return makeView(x, target, broadcastStrides(x.shape, x._strides, target), x._offset);
    },
    backward: (ctx, g) => [sumToSize(g, ctx.state as number[])],
    samples: (make) => [
      [make(3, 1), [3, 4]],
      [make(3, 1), [2, -1, 4]],
      [make(), [2]],
    ],
  },
  ['method'],
);

export const expand_as: Op<(input: Tensor, other: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'expand_as(Tensor input, Tensor other)',
    forward: (_ctx, x: Tensor, other: Tensor) => expand(x, other.shape),
    backward: 'composite',
  },
  ['method'],
);

/** One slice of a dimension, which goes. */
export const select: Op<(input: Tensor, dim: number, index: number) => Tensor, 'method'> = define(
  {
    schema: 'select(Tensor input, int dim, int index)',
    forward: (ctx, x: Tensor, dim: number, index: number) => {
      if (x.ndim === 0) throw new IndexError('select() cannot be applied to a 0-dim tensor.');
      const d = wrapDim(dim, x.ndim);
      const size = x.shape[d];
      if (index < -size || index >= size) {
        throw new IndexError(
          `select(): index ${index} out of range for tensor of size ${showShape(x.shape)} at dimension ${d}`,
        );
      }
      const at = index < 0 ? index + size : index;
      ctx.state = { shape: x.shape, d, at };
      return makeView(x, x.shape.toSpliced(d, 1), x._strides.toSpliced(d, 1), x._offset + at * x._strides[d]);
    },
    backward: (ctx, g) => {
      const { shape, d, at } = ctx.state as { shape: number[]; d: number; at: number };
      return [embed(g, shape, (whole) => select(whole, d, at))];
    },
    samples: (make) => [
      [make(2, 3), 0, 1],
      [make(2, 3), 1, -1],
    ],
  },
  ['method'],
);

/** `length` elements of a dimension from `start` on. */
export const narrow: Op<(input: Tensor, dim: number, start: number, length: number) => Tensor, 'method'> =
  define(
    {
      schema: 'narrow(Tensor input, int dim, int start, int length)',
      forward: (_ctx, x: Tensor, dim: number, start: number, length: number) => {
        if (x.ndim === 0) throw new RuntimeError('narrow() cannot be applied to a 0-dim tensor.');
        const d = wrapDim(dim, x.ndim);
        const size = x.shape[d];
        const from = start < 0 ? start + size : start;
        if (length < 0) throw new RuntimeError('narrow(): length must be non-negative.');
        if (from < 0 || from + length > size) {
          throw new RuntimeError(`start (${start}) + length (${length}) exceeds dimension size (${size}).`);
        }
        return sliceDim(x, d, from, from + length, 1);
      },
      backward: 'composite',
      samples: (make) => [[make(4, 2), 0, 1, 2]],
    },
    ['method'],
  );
