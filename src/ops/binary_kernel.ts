import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { address } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import type { Context, Op, Variant } from './define.js';
import { prepareLoop } from './iterator.js';
import type { TensorOrNumber } from './iterator.js';
import { runLoop } from './run_loop.js';

/** A pointwise operator of two operands; with method and in-place form unless torch lacks one. */
export type Binary<V extends Variant = Variant> = Op<(input: Tensor, other: TensorOrNumber) => Tensor, V>;

/** Runs a binary kernel in `dtype`. */
export function binaryKernel(
  ctx: Context,
  op: number,
  a: TensorOrNumber,
  b: TensorOrNumber,
  dtype: DType,
  p0 = 0,
  p1 = 0,
): Tensor {
  const { inputs, out, desc } = prepareLoop(ctx, [a, b], dtype, dtype);
  if (desc !== null) {
    if (dtype.is_floating_point) {
      runLoop('binary', [dtype.code, op], inputs, out, desc, [p0, p1]);
    } else {
      const [left, right] = inputs;
      const zero = runtime().kernels.binary(dtype.code, op, left.ptr, right.ptr, address(out), desc, p0, p1);
      if (zero !== 0) throw new RuntimeError('ZeroDivisionError');
    }
  }
  return out;
}
