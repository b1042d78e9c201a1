import { int64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { numel, wrapDims } from '../shape.js';
import type { Shape } from '../shape.js';
import { Tensor, address, allocate } from '../tensor.js';
import { runtime } from '../wasm/module.js';
import * as code from '../wasm/opcode.js';
import { cast } from './copy.js';
import { fillKernel } from './creation.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { writeRawDescriptor } from './iterator.js';
import { div } from './pointwise_binary.js';
import { expand, reshape } from './view.js';

export interface ReduceOptions {
  dim?: number | readonly number[] | null;
  keepdim?: boolean;
}

/** Which dimensions a reduction runs over; no list, or an empty one, means all. */
export function reducedDims(op: string, dim: readonly number[] | null, ndim: number): number[] {
  if (dim === null || dim.length === 0) return Array.from({ length: ndim }, (_, d) => d);
  if (ndim === 0) {
    wrapDims(op, dim, 0);
    return [];
  }
  return wrapDims(op, dim, ndim);
}

/** The shape of a reduction's result. */
export function reducedShape(shape: Shape, dims: readonly number[], keepdim: boolean): number[] {
  const out: number[] = [];
  shape.forEach((size, d) => {
    if (!dims.includes(d)) out.push(size);
    else if (keepdim) out.push(1);
  });
  return out;
}

/**
 * Runs a reduction kernel over `dims` of x. `identity` is what a reduction over nothing gives; null where torch raises.
 */
export function reduceKernel(
  op: number,
  x: Tensor,
  dims: readonly number[],
  keepdim: boolean,
  outDtype: DType,
  identity: number | null,
  p0 = 0,
): Tensor {
  const out = allocate(reducedShape(x.shape, dims, keepdim), outDtype);
  if (out.numel() === 0) return out;
  if (numel(x.shape) === 0) {
    if (identity === null) throw new RuntimeError('reduction over an empty dimension has no identity');
    fillKernel(out, identity);
    return out;
  }
  const { desc, inner } = reduceDescriptor(x, dims);
  runtime().kernels.reduce(x.dtype.code, op, address(x), address(out), desc, inner, p0);
  return out;
}

/** Kept dimensions first, reduced ones last; runs that memory allows are merged within each group. */
export function reduceDescriptor(x: Tensor, dims: readonly number[]): { desc: number; inner: number } {
  const sizes: number[] = [];
  const outStrides: number[] = [];
  const strides: number[] = [];
  const kept = x.shape.map((_, d) => d).filter((d) => !dims.includes(d));
  let outStep = numel(kept.map((d) => x.shape[d]));
  const push = (d: number, outStride: number, groupStart: number): void => {
    const size = x.shape[d];
    if (size === 1) return;
    const last = sizes.length - 1;
    const mergeable =
      last >= groupStart && strides[last] === x._strides[d] * size && outStrides[last] === outStride * size;
    if (mergeable) {
      sizes[last] *= size;
      strides[last] = x._strides[d];
      outStrides[last] = outStride;
    } else {
      sizes.push(size);
      strides.push(x._strides[d]);
      outStrides.push(outStride);
    }
  };
  for (const d of kept) {
    outStep /= x.shape[d];
    push(d, outStep, 0);
  }
  const keptCount = sizes.length;
  for (const d of [...dims].sort((a, b) => a - b)) push(d, 0, keptCount);
  if (sizes.length === keptCount) {
    sizes.push(1);
    strides.push(1);
    outStrides.push(0);
  }
  return { desc: writeRawDescriptor(sizes, [outStrides, strides]), inner: sizes.length - keptCount };
}

/** A gradient of a reduction's result, stretched over what was reduced. */
export function unreduce(g: Tensor, shape: Shape, dims: readonly number[], keepdim: boolean): Tensor {
  const withOnes = keepdim ? g : reshape(g, shape.map((size, d) => (dims.includes(d) ? 1 : size)));
  return expand(withOnes, shape);
}

type SumLike = Op<
  (
    ...args: Args<
      [input: Tensor],
      [dim: number | readonly number[] | null, keepdim: boolean],
      ReduceOptions & { dtype?: DType | null }
    >
  ) => Tensor,
  'method'
>;

interface ReduceState {
  readonly shape: Shape;
  readonly dims: readonly number[];
  readonly keepdim: boolean;
}

/**
 * The sum over some or all dimensions. Integers and booleans are summed in int64.
 *
 * @example
 * const x = torch.ones(2, 3);
 * console.log(x.sum().item(), x.sum(1).tolist(), x.sum(1, { keepdim: true }).shape); // 6 [ 3, 3 ] [ 2, 1 ]
 */
export const sum: SumLike = define(
  {
    schema: 'sum(Tensor input, int[]? dim=None, bool keepdim=False, *, dtype? dtype=None)',
    forward: (ctx, x: Tensor, dim: number[] | null, keepdim: boolean, dtype: DType | null) => {
      const dims = reducedDims('sum', dim, x.ndim);
      ctx.state = { shape: x.shape, dims, keepdim } satisfies ReduceState;
      const input = dtype === null ? x : cast(x, dtype);
      const natural = input.dtype.is_floating_point ? input.dtype : int64;
      const out = reduceKernel(code.R_SUM, input, dims, keepdim, natural, 0);
      return dtype === null ? out : cast(out, dtype);
    },
    backward: (ctx, g) => {
      const { shape, dims, keepdim } = ctx.state as ReduceState;
      return [unreduce(g, shape, dims, keepdim)];
    },
    samples: (make) => [[make(2, 3)], [make(2, 3), 1], [make(2, 3, 4), [0, 2], true], [make(3, 2).t(), 0], [make()]],
  },
  ['method'],
);

/**
 * The mean over some or all dimensions, of a floating tensor.
 *
 * @example
 * console.log(torch.tensor([[1, 2], [3, 4.5]]).mean([0, 1]).item()); // 2.625
 */
export const mean: SumLike = define(
  {
    schema: 'mean(Tensor input, int[]? dim=None, bool keepdim=False, *, dtype? dtype=None)',
    forward: (ctx, x: Tensor, dim: number[] | null, keepdim: boolean, dtype: DType | null) => {
      const input = dtype === null ? x : cast(x, dtype);
      if (!input.dtype.is_floating_point) {
        throw new RuntimeError(
          'mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: ' +
            input.dtype.scalarName,
        );
      }
      const dims = reducedDims('mean', dim, x.ndim);
      ctx.state = { shape: x.shape, dims, keepdim } satisfies ReduceState;
      const count = numel(dims.map((d) => x.shape[d]));
      return reduceKernel(code.R_MEAN, input, dims, keepdim, input.dtype, NaN, 1 / count);
    },
    backward: (ctx, g) => {
      const { shape, dims, keepdim } = ctx.state as ReduceState;
      return [unreduce(div(g, numel(dims.map((d) => shape[d]))), shape, dims, keepdim)];
    },
    samples: (make) => [[make(2, 3)], [make(2, 3), 1], [make(2, 3, 4), [0, 2], true]],
  },
  ['method'],
);

/** Sums a tensor of a broadcast shape back to the shape it was broadcast from. */
export function sumToSize(g: Tensor, shape: Shape): Tensor {
  const lead = g.ndim - shape.length;
  if (lead < 0) throw new RuntimeError(`size [${shape.join(', ')}] is not expandable to [${g.shape.join(', ')}]`);
  const dims: number[] = [];
  g.shape.forEach((size, d) => {
    if (d < lead || (shape[d - lead] === 1 && size !== 1)) dims.push(d);
    else if (shape[d - lead] !== size) {
      throw new RuntimeError(`size [${shape.join(', ')}] is not expandable to [${g.shape.join(', ')}]`);
    }
  });
  const summed = dims.length === 0 ? g : sum(g, dims, true);
  return lead === 0 ? summed : reshape(summed, shape);
}
