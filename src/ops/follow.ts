/** Steps that may be computed in the same pass as the convolution they follow, while nothing is recorded. */
import { sameShape } from '../shape.js';
import { Storage } from '../storage.js';
import type { Tensor } from '../tensor.js';
import { address, allocate, wrap } from '../tensor_handle.js';
import { placeOf } from './conv_deferred.js';
import type { ConvolutionPass, DeferredConvolution } from './conv_deferred.js';
import type { Context } from './define.js';
import { floatKernel } from './float_kernel.js';

/** The convolution that is to compute all of x's bytes, if it has not yet. */
function convolutionOf(x: Tensor): DeferredConvolution | null {
  // Nothing but convolutions ever waits.
  const deferred = x._storage.deferred as DeferredConvolution | null;
  if (deferred === null) return null;
  const whole = x._offset === 0 && x.is_contiguous() && x.numel() * x.element_size() === x._storage.nbytes;
  return whole ? deferred : null;
}

/** x with a step behind it, in its own place or as a new tensor. */
function follow(ctx: Context, x: Tensor, step: Partial<ConvolutionPass>): Tensor | null {
  const convolution = convolutionOf(x)!;
  const next = convolution.followedBy(step);
  if (next === null) return null;
  if (ctx.target !== null) {
    x._storage.defer(next);
    return x;
  }
  convolution.included = true;
  return wrap(new Storage(x._storage.nbytes, next), x.shape, x.dtype);
}

/** relu(x) as part of the convolution that x waits for; null where it does not. */
export function reluFollowing(ctx: Context, x: Tensor): Tensor | null {
  return ctx.mayWait && convolutionOf(x) !== null ? follow(ctx, x, { relu: true }) : null;
}

/** a + b likewise, where either waits. */
export function addFollowing(ctx: Context, a: Tensor, b: Tensor): Tensor | null {
  if (!ctx.mayWait || a.dtype !== b.dtype || !sameShape(a.shape, b.shape) || a._storage === b._storage)
    return null;
  const add = (x: Tensor, residual: Tensor): Tensor | null => {
    if (convolutionOf(x) === null || !residual.is_contiguous()) return null;
    // The other one is computed now, if it waits too.
    address(residual);
    return follow(ctx, x, { residual: placeOf(residual) });
  };
  return add(a, b) ?? (ctx.target === null ? add(b, a) : null);
}

/** (x − mean) / √(variance + eps) · weight + bias for each channel likewise; all contiguous, of x's dtype. */
export function normFollowing(
  ctx: Context,
  x: Tensor,
  mean: Tensor,
  variance: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
  eps: number,
): Tensor | null {
  if (!ctx.mayWait) return null;
  const convolution = convolutionOf(x);
  if (convolution === null) return null;
  const { N, O } = convolution.geometry;
  if (x.ndim < 2 || x.shape[0] !== N || x.shape[1] !== O) return null;
  const scale = allocate([O], x.dtype);
  const shift = allocate([O], x.dtype);
  const statistics = [address(mean), address(variance)] as const;
  const start = convolution.bias;
  const factors = [pointer(weight), pointer(bias), start, address(scale), address(shift)] as const;
  floatKernel('batchnorm_fold_f32', x.dtype)(...statistics, ...factors, O, eps);
  return follow(ctx, x, { scale: placeOf(scale), bias: placeOf(shift) });
}

const pointer = (t: Tensor | null): number => (t === null ? 0 : address(t));
