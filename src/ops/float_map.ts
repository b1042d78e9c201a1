/** Functions of numbers applied to every element in float64, for operators that are too rare for a kernel. */
import { float64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { broadcastShapes } from '../shape.js';
import { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import { cast, dense } from './dense.js';
import { shapeOf } from './iterator.js';
import type { TensorOrNumber } from './iterator.js';
import { expand } from './view.js';

/** The elements of a dense float tensor as a view of the memory. Not to be kept across an allocation. */
export function floatsOf(x: Tensor): Float32Array | Float64Array {
  const { heap } = runtime();
  const start = address(x) / x.dtype.itemsize;
  return (x.dtype === float64 ? heap.f64 : heap.f32).subarray(start, start + x.numel());
}

/** f of every element; `dtype` is the float dtype of the result. */
export function mapFloat(x: Tensor, dtype: DType, f: (x: number) => number): Tensor {
  const source = dense(cast(x, dtype));
  const out = allocate(x.shape, dtype);
  const from = floatsOf(source);
  const to = floatsOf(out);
  for (let i = 0; i < to.length; i++) to[i] = f(from[i]);
  return out;
}

/** f of every pair of elements of two operands, broadcast together. */
export function mapFloats(
  a: TensorOrNumber,
  b: TensorOrNumber,
  dtype: DType,
  f: (a: number, b: number) => number,
): Tensor {
  const shape = broadcastShapes(shapeOf(a), shapeOf(b));
  const read = (x: TensorOrNumber): Tensor | number =>
    x instanceof Tensor ? dense(cast(expand(x, shape), dtype)) : Number(x);
  const [left, right] = [read(a), read(b)];
  const out = allocate(shape, dtype);
  const to = floatsOf(out);
  const [u, v] = [left, right].map((x) => (x instanceof Tensor ? floatsOf(x) : x));
  for (let i = 0; i < to.length; i++) {
    to[i] = f(typeof u === 'number' ? u : u[i], typeof v === 'number' ? v : v[i]);
  }
  return out;
}
