/** Copies without history: in another dtype, or contiguous. */
import type { DType } from '../dtype.js';
import { broadcastStrides } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { allocate } from '../tensor_handle.js';
import { operandOf, writeDescriptor } from './iterator.js';
import { runLoop } from './run_loop.js';

/** Writes the elements of `src`, broadcast and cast, over those of `out`. No checks, no history. */
export function copyKernel(src: Tensor, out: Tensor): void {
  if (out.numel() === 0) return;
  const strides = [out._strides, broadcastStrides(src.shape, src._strides, out.shape)];
  const desc = writeDescriptor(out.shape, strides);
  runLoop('copy', [src.dtype.code, out.dtype.code], [operandOf(src)], out, desc, []);
}

/** A contiguous copy without history. */
export function materialize(x: Tensor, dtype: DType = x.dtype): Tensor {
  const out = allocate(x.shape, dtype);
  copyKernel(x, out);
  return out;
}

/** The same values in another dtype, without history; the tensor itself when it has that dtype. */
export function cast(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : materialize(x, dtype);
}

/** The same values contiguously, without history; the tensor itself when it is contiguous. */
export function dense(x: Tensor): Tensor {
  return x.is_contiguous() ? x : materialize(x);
}
