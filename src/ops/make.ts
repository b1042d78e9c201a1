/** What operators that make new tensors share. */
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { writeDescriptor } from './iterator.js';
import { runLoop } from './run_loop.js';

/** What every maker of tensors takes. */
export interface TensorOptions {
  /** Default: the default dtype for floats; where values are given, what they are. */
  dtype?: DType | null;
  requires_grad?: boolean;
  device?: 'cpu' | null;
}

/** Sizes, one by one or in a list, and options last. */
export type SizeArgs<K = TensorOptions> = [...sizes: (number | K)[]] | [size: readonly number[], options?: K];

/** Sets `requires_grad` on a new tensor. */
export function finish(out: Tensor, requires_grad: boolean): Tensor {
  if (requires_grad) out.requires_grad = true;
  return out;
}

export function checkSize(op: string, size: readonly number[]): void {
  for (const n of size) {
    if (n < 0)
      throw new RuntimeError(
        `Trying to create tensor with negative dimension ${n}: ${showShape(size)} (${op})`,
      );
  }
}

export const OPTIONS = "dtype? dtype=None, bool requires_grad=False, str? device='cpu'";

export function checkDevice(device: string | null): void {
  if (device !== null && device !== 'cpu')
    throw new RuntimeError(`device '${device}' does not exist here: tensors are on the 'cpu'`);
}

export function fillKernel(out: Tensor, value: number | boolean): void {
  if (out.numel() === 0) return;
  const number = Number(value);
  runLoop('fill', [out.dtype.code], [], out, writeDescriptor(out.shape, [out._strides]), [number]);
}
