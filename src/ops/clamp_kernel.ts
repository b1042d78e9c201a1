import type { Tensor } from '../tensor.js';
import { allocate } from '../tensor_handle.js';
import * as code from '../wasm/opcode.js';
import type { Context } from './define.js';
import { commonDtype } from './iterator.js';
import { fillKernel } from './make.js';
import { converted } from './scalar.js';
import { unaryKernel } from './unary_kernel.js';

/** min(max(x, min), max) with numbers, one of which may be absent; all NaN where one is NaN. */
export function clampNumbers(ctx: Context, x: Tensor, min: number | null, max: number | null): Tensor {
  const dtype = commonDtype([x, ...[min, max].filter((bound) => bound !== null)]);
  if (Number.isNaN(min) || Number.isNaN(max)) {
    const out = allocate(x.shape, dtype);
    fillKernel(out, NaN);
    return out;
  }
  const bound = (value: number): number => converted(value, dtype);
  if (max === null) return unaryKernel(ctx, code.U_CLAMP_MIN, x, dtype, bound(min!));
  if (min === null) return unaryKernel(ctx, code.U_CLAMP_MAX, x, dtype, bound(max));
  return unaryKernel(ctx, code.U_CLAMP, x, dtype, bound(min), bound(max));
}
