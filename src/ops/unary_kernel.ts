import { get_default_dtype } from '../dtype.js';
import type { DType } from '../dtype.js';
import type { Tensor } from '../tensor.js';
import type { Context, Op } from './define.js';
import { prepareLoop } from './iterator.js';
import { runLoop } from './run_loop.js';

/** A pointwise operator of one tensor, with method and in-place form. */
export type Unary = Op<(input: Tensor) => Tensor, 'method' | 'inplace'>;

/** Runs a unary kernel; for every operator that is one, with up to three parameters. */
export function unaryKernel(
  ctx: Context,
  op: number,
  x: Tensor,
  dtype: DType,
  p0 = 0,
  p1 = 0,
  p2 = 0,
): Tensor {
  const { inputs, out, desc } = prepareLoop(ctx, [x], dtype, dtype);
  if (desc !== null) runLoop('unary', [dtype.code, op], inputs, out, desc, [p0, p1, p2]);
  return out;
}

/** The dtype of a result that is floating whatever comes in. */
export function floatDtype(dtype: DType): DType {
  return dtype.is_floating_point ? dtype : get_default_dtype();
}
