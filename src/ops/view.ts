import { IndexError, RuntimeError } from '../errors.js';
import {
  contiguousStrides,
  inferSize,
  isBroadcastableTo,
  broadcastStrides,
  numel,
  showShape,
  viewStrides,
  wrapDim,
  wrapDims,
} from '../shape.js';
import type { Shape } from '../shape.js';
import { address, allocate, makeView } from '../tensor.js';
import type { Tensor } from '../tensor.js';
import { runtime } from '../wasm/module.js';
import { clone, copy_, copyKernel } from './copy.js';
import { fillKernel, zeros } from './creation.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { sumToSize } from './reduce.js';

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
    samples: (make) => [[make(2, 6), [3, 4]], [make(2, 6), [-1]], [make(1), []]],
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
    samples: (make) => [[make(2, 6), [3, 4]], [make(3, 4).t(), [2, 6]]],
  },
  ['method'],
);

export const view_as: Op<(input: Tensor, other: Tensor) => Tensor, 'method'> = define(
  { schema: 'view_as(Tensor input, Tensor other)', forward: (_ctx, x: Tensor, other: Tensor) => view(x, other.shape), backward: 'composite' },
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
      if (start > end) throw new RuntimeError('flatten() has invalid args: start_dim cannot come after end_dim');
      if (x.ndim === 0) return reshape(x, [1]);
      if (start === end) return x;
      const { shape } = x;
      return reshape(x, [...shape.slice(0, start), numel(shape.slice(start, end + 1)), ...shape.slice(end + 1)]);
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
      const order = wrapDims('permute(dims)', dims, x.ndim);
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

/** Two dimensions exchanged. */
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
    samples: (make) => [[make(2, 3, 4), 0, 2], [make(), 0, 0]],
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
      if (x.ndim > 2) throw new RuntimeError(`t() expects a tensor with <= 2 dimensions, but self is ${x.ndim}D`);
      return x.ndim < 2 ? permute(x, x.shape.map((_, d) => d)) : transpose(x, 0, 1);
    },
    backward: 'composite',
    samples: (make) => [[make(2, 3)], [make(3)]],
  },
  ['method'],
);

/** A dimension of size 1 put in before `dim`. */
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
    samples: (make) => [[make(2, 3), 1], [make(2), -1], [make(), 0]],
  },
  ['method'],
);

/** Dimensions of size 1 removed: all of them, or one (if it is of size 1). */
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

/** Dimensions of size 1 stretched, without copying; -1 keeps a size, new ones may come in front. */
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
    samples: (make) => [[make(3, 1), [3, 4]], [make(3, 1), [2, -1, 4]], [make(), [2]]],
  },
  ['method'],
);

export const expand_as: Op<(input: Tensor, other: Tensor) => Tensor, 'method'> = define(
  { schema: 'expand_as(Tensor input, Tensor other)', forward: (_ctx, x: Tensor, other: Tensor) => expand(x, other.shape), backward: 'composite' },
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
        throw new IndexError(`index ${index} is out of bounds for dimension ${d} with size ${size}`);
      }
      const at = index < 0 ? index + size : index;
      ctx.state = { shape: x.shape, d, at };
      return makeView(x, x.shape.toSpliced(d, 1), x._strides.toSpliced(d, 1), x._offset + at * x._strides[d]);
    },
    backward: (ctx, g) => {
      const { shape, d, at } = ctx.state as { shape: number[]; d: number; at: number };
      return [embed(g, shape, (whole) => select(whole, d, at))];
    },
    samples: (make) => [[make(2, 3), 0, 1], [make(2, 3), 1, -1]],
  },
  ['method'],
);

/** Elements start, start + step, … below end of a dimension. */
export const sliceDim: Op<(input: Tensor, dim: number, start: number, end: number, step: number) => Tensor> = define({
  schema: 'slice(Tensor input, int dim, int start, int end, int step)',
  forward: (ctx, x: Tensor, dim: number, start: number, end: number, step: number) => {
    const size = x.shape[dim];
    if (step <= 0) throw new RuntimeError('slice step must be positive');
    const from = Math.min(Math.max(start < 0 ? start + size : start, 0), size);
    const to = Math.min(Math.max(end < 0 ? end + size : end, from), size);
    ctx.state = { shape: x.shape, dim, from, to, step };
    return makeView(
      x,
      x.shape.with(dim, Math.ceil((to - from) / step)),
      x._strides.with(dim, x._strides[dim] * step),
      x._offset + from * x._strides[dim],
    );
  },
  backward: (ctx, g) => {
    const { shape, dim, from, to, step } = ctx.state as {
      shape: number[];
      dim: number;
      from: number;
      to: number;
      step: number;
    };
    return [embed(g, shape, (whole) => sliceDim(whole, dim, from, to, step))];
  },
  samples: (make) => [[make(5, 2), 0, 1, 5, 2]],
});

/** `length` elements of a dimension from `start` on. */
export const narrow: Op<(input: Tensor, dim: number, start: number, length: number) => Tensor, 'method'> = define(
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

/** Zeros with `g` written where `part` looks: the backward of a view that shows each element at most once. */
export function embed(g: Tensor, shape: Shape, part: (whole: Tensor) => Tensor): Tensor {
  const whole = zeros([...shape], { dtype: g.dtype });
  copy_(part(whole), g);
  return whole;
}

/** The storage seen through any geometry. */
export const as_strided: Op<
  (
    input: Tensor,
    size: readonly number[],
    stride: readonly number[],
    storage_offset?: number | null | { storage_offset?: number | null },
  ) => Tensor,
  'method'
> = define(
  {
    schema: 'as_strided(Tensor input, int[] size, int[] stride, int? storage_offset=None)',
    forward: (ctx, x: Tensor, size: number[], stride: number[], offset: number | null) => {
      if (size.length !== stride.length) {
        throw new RuntimeError(
          `mismatch in length of strides and shape: ${showShape(size)} and ${showShape(stride)}`,
        );
      }
      const start = offset ?? x._offset;
      let last = start;
      size.forEach((n, d) => {
        if (n < 0 || stride[d] < 0) throw new RuntimeError('as_strided: sizes and strides must be non-negative');
        last += Math.max(n - 1, 0) * stride[d];
      });
      const capacity = Math.floor(x._storage.nbytes / x.dtype.itemsize);
      if (start < 0 || (!size.includes(0) && last >= capacity)) {
        throw new RuntimeError(
          `setStorage: sizes ${showShape(size)}, strides ${showShape(stride)}, storage offset ${start}, requiring ` +
            `${last + 1} elements, are out of bounds for storage of ${capacity} elements`,
        );
      }
      ctx.state = { shape: x.shape, base: x._offset };
      return makeView(x, size, stride, start);
    },
    backward: (ctx, g) => {
      const { shape, base } = ctx.state as { shape: number[]; base?: number };
      const [, size, stride, offset] = ctx.args as [null, number[], number[], number | null];
      return [scatterStrided(g, shape, size, stride, (offset ?? base ?? 0) - (base ?? 0))];
    },
    samples: (make) => [[make(3, 4), [2, 2], [4, 1], 1], [make(6), [4, 3], [1, 1]]],
  },
  ['method'],
);

/** Adds each element of `g` to the place in a contiguous tensor that the geometry gives it. */
function scatterStrided(g: Tensor, shape: Shape, size: Shape, stride: Shape, offset: number): Tensor {
  const whole = zeros([...shape], { dtype: g.dtype });
  if (isInjective(size, stride)) {
    copy_(as_strided(whole, size, stride, offset), g);
    return whole;
  }
  return stridedAdd(g, shape, size, stride, offset);
}

/** Whether no two indices name the same element. */
function isInjective(size: Shape, stride: Shape): boolean {
  const dims = size.map((n, d) => ({ n, step: stride[d] })).filter(({ n }) => n > 1);
  dims.sort((a, b) => a.step - b.step);
  let reach = 0;
  for (const { n, step } of dims) {
    if (step <= reach) return false;
    reach += (n - 1) * step;
  }
  return true;
}

const stridedAdd: Op<(g: Tensor, shape: Shape, size: Shape, stride: Shape, offset: number) => Tensor> = define({
  schema: 'strided_add(Tensor input, int[] shape, int[] size, int[] stride, int offset)',
  forward: (_ctx, g: Tensor, shape: number[], size: number[], stride: number[], offset: number) => {
    const out = allocate(shape, g.dtype);
    fillKernel(out, 0);
    const values = allocate(size, g.dtype);
    copyKernel(g, values);
    addAtOffsets(out, values, stridedOffsets(size, stride, offset));
    return out;
  },
  backward: (ctx, g) => {
    const [, , size, stride, offset] = ctx.args as [null, number[], number[], number[], number];
    return [as_strided(g.contiguous(), size, stride, g._offset + offset)];
  },
});

/** The element offset of each index of a geometry, in C order. */
function stridedOffsets(size: Shape, stride: Shape, offset: number): Int32Array {
  const out = new Int32Array(numel(size));
  const steps = contiguousStrides(size);
  for (let i = 0; i < out.length; i++) {
    let at = offset;
    for (let d = 0; d < size.length; d++) at += (Math.floor(i / steps[d]) % size[d]) * stride[d];
    out[i] = at;
  }
  return out;
}

/** out[offsets[i]] += values[i]; both contiguous and floating. */
function addAtOffsets(out: Tensor, values: Tensor, offsets: Int32Array): void {
  const { heap } = runtime();
  const memory = out.dtype.itemsize === 8 ? heap.f64 : heap.f32;
  const to = address(out) / out.dtype.itemsize;
  const from = address(values) / values.dtype.itemsize;
  for (let i = 0; i < offsets.length; i++) memory[to + offsets[i]] += memory[from + i];
}
