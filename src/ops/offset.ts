import { int32, int64 } from '../dtype.js';
import { IndexError, RuntimeError } from '../errors.js';
import { contiguousStrides, numel } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import * as code from '../wasm/opcode.js';
import { define } from './define.js';
import type { Context, Op } from './define.js';
import { cast, dense, materialize } from './dense.js';
import { writeDescriptor } from './iterator.js';
import { fillKernel } from './make.js';
import { expand } from './view.js';

/**
 * Indexing goes through element offsets: every operator turns its indices into int32 offsets into a dense tensor, from which
 * elements (or runs of `width` elements) are taken, or to which they are put or added. What that leaves to write is
 * the same for all: the operators of this file are one another's backward.
 */

/** The numbers of an integer tensor. */
export function integers(x: Tensor): Int32Array {
  const from = dense(cast(x, int32));
  const start = address(from) >> 2;
  return runtime().heap.i32.slice(start, start + x.numel());
}

export function int32Tensor(values: ArrayLike<number>): Tensor {
  const out = allocate([values.length], int32);
  runtime().heap.i32.set(values, address(out) >> 2);
  return out;
}

/** The offset of every index of a geometry, in C order. */
export function gridOffsets(shape: Shape, strides: Shape): Tensor {
  const out = allocate([numel(shape)], int32);
  if (out.numel() > 0) runtime().kernels.grid_offset(address(out), writeDescriptor(shape, [strides]));
  return out;
}

/**
 * Adds index · stride to each offset, negative indices counted from the end. Answers the position of the first index out of
 * range, or -1.
 */
export function addIndex(offsets: Tensor, index: Tensor, size: number, stride: number): number {
  if (offsets.numel() === 0) return -1;
  const from = dense(cast(index, int64));
  return runtime().kernels.index_offset(address(from), address(offsets), offsets.numel(), size, stride);
}

/** The position of the first negative index of a dense int64 tensor, or -1; the sign is in the upper word. */
export function firstNegative(index: Tensor): number {
  const { i32 } = runtime().heap;
  const start = (address(index) >> 2) + 1;
  for (let i = 0; i < index.numel(); i++) if (i32[start + 2 * i] < 0) return i;
  return -1;
}

/** One element of a dense int64 tensor. */
export function indexAt(index: Tensor, position: number): number {
  return Number(runtime().heap.i64[(address(index) >> 3) + position]);
}

/**
 * Offsets of x[…, index[i], …] (index along `dim`, every other coordinate that of the index itself) into a dense tensor of
 * `shape`. `bad` is the first index out of range, null when there is none.
 */
export function alongOffsets(
  index: Tensor,
  dim: number,
  shape: Shape,
): { offsets: Tensor; bad: number | null } {
  const sizes = shape.length === 0 ? [1] : shape;
  const strides = contiguousStrides(sizes);
  const offsets = gridOffsets(index.ndim === 0 ? [1] : index.shape, strides.with(dim, 0));
  const from = dense(cast(index, int64));
  let at = firstNegative(from);
  if (at < 0) at = addIndex(offsets, from, sizes[dim], strides[dim]);
  return { offsets, bad: at < 0 ? null : indexAt(from, at) };
}

export function takeKernel(x: Tensor, offsets: Tensor, shape: Shape, width: number): Tensor {
  const out = allocate(shape, x.dtype);
  if (out.numel() === 0) return out;
  const from = dense(x);
  runtime().kernels.take(
    x.dtype.itemsize,
    address(from),
    address(offsets),
    address(out),
    offsets.numel(),
    width,
  );
  return out;
}

/** target[offset] = value; target and values dense. */
export function putKernel(target: Tensor, offsets: Tensor, values: Tensor, width: number): void {
  if (offsets.numel() * width === 0) return;
  const { put } = runtime().kernels;
  put(target.dtype.itemsize, address(target), address(offsets), address(values), offsets.numel(), width);
}

/** target[offset] = target[offset] op value; target and values dense. */
export function combineKernel(
  op: number,
  target: Tensor,
  offsets: Tensor,
  values: Tensor,
  width: number,
): void {
  if (offsets.numel() * width === 0) return;
  const { put_reduce } = runtime().kernels;
  put_reduce(
    target.dtype.code,
    op,
    address(target),
    address(offsets),
    address(values),
    offsets.numel(),
    width,
  );
}

/** Where an operator that overwrites parts of x writes: the tensor of the in-place call if it is dense, or a copy. */
export function writable(ctx: Context, x: Tensor): Tensor {
  return ctx.target !== null && ctx.target.is_contiguous() ? ctx.target : materialize(x);
}

/** `values` densely, copied if they share memory with what is written. */
export function apart(values: Tensor, target: Tensor): Tensor {
  return values._storage === target._storage ? materialize(values) : dense(values);
}

type AtOp = Op<(input: Tensor, offsets: Tensor, shape: Shape, width: number) => Tensor>;

/** The elements at the offsets, as a tensor of `shape`. */
export const takeAt: AtOp = define({
  schema: 'take_at(Tensor input, Tensor offsets, int[] shape, int width)',
  forward: (ctx, x: Tensor, offsets: Tensor, shape: number[], width: number) => {
    ctx.save(offsets);
    ctx.state = x.shape;
    return takeKernel(x, offsets, shape, width);
  },
  backward: (ctx, g) => [addAt(g, ctx.saved()[0], ctx.state as Shape, ctx.args[3] as number), null],
});

/** Zeros of `shape` with the values added at the offsets. */
export const addAt: AtOp = define({
  schema: 'add_at(Tensor input, Tensor offsets, int[] shape, int width)',
  forward: (ctx, values: Tensor, offsets: Tensor, shape: number[], width: number) => {
    ctx.save(offsets);
    ctx.state = values.shape;
    const out = allocate(shape, values.dtype);
    fillKernel(out, 0);
    combineKernel(code.P_ADD, out, offsets, dense(values), width);
    return out;
  },
  backward: (ctx, g) => [takeAt(g, ctx.saved()[0], ctx.state as Shape, ctx.args[3] as number), null],
});

/** The tensor with zeros at the offsets. */
export const zeroAt: Op<(input: Tensor, offsets: Tensor, width: number) => Tensor> = define({
  schema: 'zero_at(Tensor input, Tensor offsets, int width)',
  forward: (ctx, x: Tensor, offsets: Tensor, width: number) => {
    ctx.save(offsets);
    const out = materialize(x);
    const nothing = allocate([offsets.numel() * width], x.dtype);
    fillKernel(nothing, 0);
    putKernel(out, offsets, nothing, width);
    return out;
  },
  backward: (ctx, g) => [zeroAt(g, ctx.saved()[0], ctx.args[2] as number), null],
});

/** The backward of taking one element of each line along `dim`: g goes where the indices say; both have all dimensions. */
export function selectBackward(g: Tensor, dim: number, indices: Tensor, shape: Shape): Tensor {
  if (shape.length === 0) return g;
  return addAt(g, alongOffsets(indices, dim, shape).offsets, shape, 1);
}

/** Gives a tensor that no one else has seen, and that is dense, another shape. */
export function reshapeNew(x: Tensor, shape: Shape): Tensor {
  x._shape = shape;
  x._strides = contiguousStrides(shape);
  return x;
}

/** Offsets of whole slices of a dense x along `dim`, one per outer coordinate and index; negative indices refused. */
export function sliceOffsets(
  x: Tensor,
  dim: number,
  index: Tensor,
  outOfRange: (index: number) => Error,
): { offsets: Tensor; width: number } {
  const shape = x.ndim === 0 ? [1] : x.shape;
  const strides = contiguousStrides(shape);
  const count = index.numel();
  const lines = [...shape.slice(0, dim), count];
  const offsets = gridOffsets(lines, strides.slice(0, dim + 1).with(dim, 0));
  const from = dense(cast(index.ndim === 0 ? index.reshape(1) : index, int64));
  let at = firstNegative(from);
  if (at < 0) {
    const repeated = dense(expand(from, lines));
    at = addIndex(offsets, repeated, shape[dim], strides[dim]);
    if (at >= 0) throw outOfRange(indexAt(repeated, at));
  } else throw outOfRange(indexAt(from, at));
  return { offsets, width: numel(shape.slice(dim + 1)) };
}

export function checkIndexDtype(op: string, index: Tensor): void {
  if (index.dtype !== int64 && index.dtype !== int32) {
    throw new RuntimeError(`${op}: Expected dtype int32 or int64 for index`);
  }
}

/** Offsets into a flat tensor; negative indices count from the end. */
export function flatOffsets(x: Tensor, index: Tensor): Tensor {
  if (index.dtype !== int64)
    throw new RuntimeError(`take(): Expected a long tensor for index, but got ${index.dtype.scalarName}`);
  const offsets = gridOffsets([index.numel()], [0]);
  const from = dense(index);
  const at = addIndex(offsets, from, x.numel(), 1);
  if (at >= 0) {
    throw new IndexError(
      `out of range: tried to access index ${indexAt(from, at)} on a tensor of ${x.numel()} elements.`,
    );
  }
  return offsets;
}
