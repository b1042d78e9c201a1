import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { numel, wrapDims } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import type { Args, Op } from './define.js';
import { writeRawDescriptor } from './iterator.js';
import { fillKernel } from './make.js';
import { expand, reshape } from './view.js';

/** A reduction along one dimension, or over all elements. */
export type AlongOrAll = Op<
  (
    ...args: Args<
      [input: Tensor],
      [dim: number | null, keepdim: boolean],
      { dim?: number | null; keepdim?: boolean }
    >
  ) => Tensor,
  'method'
>;

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
  const { desc, inner } = reduceDescriptor(
    x,
    [...dims].sort((a, b) => a - b),
  );
  runtime().kernels.reduce(x.dtype.code, op, address(x), address(out), desc, inner, p0);
  return out;
}

/** Kept dimensions first, reduced ones last and in the order given; runs that memory allows are merged within each group. */
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
  for (const d of dims) push(d, 0, keptCount);
  if (sizes.length === keptCount) {
    sizes.push(1);
    strides.push(1);
    outStrides.push(0);
  }
  return { desc: writeRawDescriptor(sizes, [outStrides, strides]), inner: sizes.length - keptCount };
}

/** A gradient of a reduction's result, stretched over what was reduced. */
export function unreduce(g: Tensor, shape: Shape, dims: readonly number[], keepdim: boolean): Tensor {
  const withOnes = keepdim
    ? g
    : reshape(
        g,
        shape.map((size, d) => (dims.includes(d) ? 1 : size)),
      );
  return expand(withOnes, shape);
}
