import { RuntimeError } from '../errors.js';
import { numel, showShape, wrapDim, wrapDims } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { makeView } from '../tensor_handle.js';
import { clone } from './copy.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { addAt, gridOffsets } from './offset.js';
import { expand, flatten, narrow, permute, reshape, unsqueeze, view } from './view.js';
import type { IntList } from './view.js';

export type Dims = number | readonly number[];

/** The tensor in one dimension: a view where possible. */
export const ravel: Op<(input: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'ravel(Tensor input)',
    forward: (_ctx, x: Tensor) => flatten(x),
    backward: 'composite',
    samples: (make) => [[make(2, 3)]],
  },
  ['method'],
);

/** Dimensions moved to new positions; the others keep their order. */
export const movedim: Op<(input: Tensor, source: Dims, destination: Dims) => Tensor, 'method'> = define(
  {
    schema: 'movedim(Tensor input, int[] source, int[] destination)',
    forward: (_ctx, x: Tensor, source: number[], destination: number[]) => {
      if (source.length !== destination.length) {
        throw new RuntimeError(
          `movedim: Invalid source or destination dims: source (${showShape(source)} dims) should contain the same number ` +
            `of dims as destination (${showShape(destination)} dims)`,
        );
      }
      const from = wrapDims('movedim', source, x.ndim);
      const to = wrapDims('movedim', destination, x.ndim);
      const rest = x.shape.map((_, d) => d).filter((d) => !from.includes(d));
      const order = x.shape.map((_, d) => (to.includes(d) ? from[to.indexOf(d)] : rest.shift()!));
      return permute(x, order);
    },
    backward: 'composite',
    samples: (make) => [
      [make(2, 3, 4), 0, 2],
      [make(2, 3, 4), [0, 1], [2, 0]],
    ],
  },
  ['method'],
);
export const moveaxis = movedim;

/** A dimension split into several; one size may be -1. */
export const unflatten: Op<(input: Tensor, dim: number, sizes: readonly number[]) => Tensor, 'method'> =
  define(
    {
      schema: 'unflatten(Tensor input, int dim, int[] sizes)',
      forward: (_ctx, x: Tensor, dim: number, sizes: number[]) => {
        const d = wrapDim(dim, x.ndim);
        if (sizes.length === 0) throw new RuntimeError('unflatten: sizes must be non-empty');
        const known = numel(sizes.filter((size) => size !== -1));
        const missing = sizes.indexOf(-1);
        const full = missing < 0 ? sizes : sizes.with(missing, x.shape[d] / known);
        if (numel(full) !== x.shape[d] || full.some((size) => !Number.isInteger(size))) {
          throw new RuntimeError(
            `unflatten: Provided sizes ${showShape(sizes)} don't multiply up to the size of dim ${d} (${x.shape[d]}) in the ` +
              'input tensor',
          );
        }
        return view(x, [...x.shape.slice(0, d), ...full, ...x.shape.slice(d + 1)]);
      },
      backward: 'composite',
      samples: (make) => [[make(2, 6), 1, [2, -1]]],
    },
    ['method'],
  );

/** Windows of `size` elements every `step` along a dimension, as a last dimension of a view. */
export const unfold: Op<(input: Tensor, dimension: number, size: number, step: number) => Tensor, 'method'> =
  define(
    {
      schema: 'unfold(Tensor input, int dimension, int size, int step)',
      forward: (ctx, x: Tensor, dimension: number, size: number, step: number) => {
        const d = wrapDim(dimension, x.ndim);
        const length = x.shape[d] ?? 1;
        if (size > length)
          throw new RuntimeError(
            `maximum size for tensor at dimension ${d} is ${length} but size is ${size}`,
          );
        if (step <= 0) throw new RuntimeError(`step is ${step} but must be > 0`);
        ctx.state = { shape: x.shape, d };
        if (x.ndim === 0) return makeView(x, [size], [1], x._offset);
        const count = Math.floor((length - size) / step) + 1;
        return makeView(
          x,
          [...x.shape.with(d, count), size],
          [...x._strides.with(d, x._strides[d] * step), x._strides[d]],
          x._offset,
        );
      },
      backward: (ctx, g) => {
        const { shape, d } = ctx.state as { shape: Shape; d: number };
        if (shape.length === 0) return [reshape(g, [])];
        const [, , , step] = ctx.args as [null, number, number, number];
        const strides = shape.map((_, i) => numel(shape.slice(i + 1)));
        const steps = [...strides.with(d, strides[d] * step), strides[d]];
        return [addAt(g, gridOffsets(g.shape, steps), shape, 1)];
      },
      samples: (make) => [
        [make(2, 5), 1, 3, 1],
        [make(6), 0, 2, 2],
      ],
    },
    ['method'],
  );

/** The tensor repeated along each dimension; new dimensions may come in front. */
export const repeat: Op<(input: Tensor, ...repeats: IntList) => Tensor, 'method'> = define(
  {
    schema: 'repeat(Tensor input, int[]... repeats)',
    forward: (_ctx, x: Tensor, repeats: number[]) => {
      if (repeats.length < x.ndim) {
        throw new RuntimeError(
          'Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor',
        );
      }
      if (repeats.some((n) => n < 0)) {
        throw new RuntimeError(
          `Trying to create tensor with negative dimension: repeats ${showShape(repeats)}`,
        );
      }
      const lead = repeats.length - x.ndim;
      const sizes = repeats.map((_, d) => (d < lead ? 1 : x.shape[d - lead]));
      // A dimension of the repetitions before each of the tensor's.
      const apart = reshape(
        x,
        sizes.flatMap((size) => [1, size]),
      );
      const wide = expand(
        apart,
        sizes.flatMap((size, d) => [repeats[d], size]),
      );
      return reshape(
        clone(wide),
        sizes.map((size, d) => size * repeats[d]),
      );
    },
    backward: 'composite',
    samples: (make) => [
      [make(2, 3), [2, 1]],
      [make(3), [2, 2]],
      [make(2), [0]],
    ],
  },
  ['method'],
);

/** `repeat` that lets leading repetitions be left out. */
export const tile: Op<(input: Tensor, ...dims: IntList) => Tensor, 'method'> = define(
  {
    schema: 'tile(Tensor input, int[]... dims)',
    forward: (_ctx, x: Tensor, dims: number[]) => {
      const missing = x.ndim - dims.length;
      return repeat(x, missing > 0 ? [...new Array<number>(missing).fill(1), ...dims] : dims);
    },
    backward: 'composite',
    samples: (make) => [
      [make(2, 3), [2]],
      [make(3), [2, 2]],
    ],
  },
  ['method'],
);

/** One tensor gives one, several (or a list) a list. */
export interface AtLeast {
  (input: Tensor): Tensor;
  (input: readonly Tensor[]): Tensor[];
  (first: Tensor, second: Tensor, ...rest: Tensor[]): Tensor[];
}

function atLeast(grow: (x: Tensor) => Tensor): AtLeast {
  function apply(...tensors: (Tensor | readonly Tensor[])[]): Tensor | Tensor[] {
    if (tensors.length === 1 && !Array.isArray(tensors[0])) return grow(tensors[0] as Tensor);
    return tensors.flat().map((x) => grow(x));
  }
  return apply as AtLeast;
}

/** The tensor with at least one dimension. */
export const atleast_1d: AtLeast = atLeast((x) => (x.ndim === 0 ? reshape(x, [1]) : x));
/** The tensor with at least two dimensions: a vector becomes a row. */
export const atleast_2d: AtLeast = atLeast((x) =>
  x.ndim === 0 ? reshape(x, [1, 1]) : x.ndim === 1 ? unsqueeze(x, 0) : x,
);
/** The tensor with at least three dimensions: [n] becomes [1, n, 1], [m, n] [m, n, 1]. */
export const atleast_3d: AtLeast = atLeast((x) => {
  if (x.ndim === 0) return reshape(x, [1, 1, 1]);
  if (x.ndim === 1) return unsqueeze(unsqueeze(x, 0), -1);
  return x.ndim === 2 ? unsqueeze(x, -1) : x;
});

/** A copy of `narrow`. */
export const narrow_copy: Op<
  (input: Tensor, dim: number, start: number, length: number) => Tensor,
  'method'
> = define(
  {
    schema: 'narrow_copy(Tensor input, int dim, int start, int length)',
    forward: (_ctx, x: Tensor, dim: number, start: number, length: number) =>
      clone(narrow(x, dim, start, length)),
    backward: 'composite',
    samples: (make) => [[make(4, 2), 0, 1, 2]],
  },
  ['method'],
);
