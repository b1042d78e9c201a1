import { bool, get_default_dtype } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { sameShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { all } from './reduce_logic.js';
import { eq, isfinite, isnan, le, logical_and, logical_or } from './compare.js';
import { to } from './copy.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { commonDtype } from './iterator.js';
import type { TensorOrNumber } from './iterator.js';
import { add, mul, sub } from './pointwise_binary.js';
import { abs } from './pointwise_unary.js';

interface CloseOptions {
  rtol?: number;
  atol?: number;
  equal_nan?: boolean;
}

export type CloseArgs = Args<
  [input: Tensor, other: Tensor],
  [rtol: number, atol: number, equal_nan: boolean],
  CloseOptions
>;

/** Where |input − other| ≤ atol + rtol · |other|; equal infinities are close, and NaNs with `equal_nan`. */
export const isclose: Op<(...args: CloseArgs) => Tensor, 'method'> = define(
  {
    schema: 'isclose(Tensor input, Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False)',
    forward: (_ctx, a: Tensor, b: Tensor, rtol: number, atol: number, equalNaN: boolean) => {
      if (a.dtype !== b.dtype)
        throw new RuntimeError(`${a.dtype.scalarName} did not match ${b.dtype.scalarName}`);
      if (rtol < 0) throw new RuntimeError(`rtol must be greater than or equal to zero, but got ${rtol}`);
      if (atol < 0) throw new RuntimeError(`atol must be greater than or equal to zero, but got ${atol}`);
      const same = equalNaN ? logical_or(eq(a, b), logical_and(isnan(a), isnan(b))) : eq(a, b);
      if (rtol === 0 && atol === 0) return same;
      const right = a.dtype.is_floating_point ? b : to(b, get_default_dtype());
      const difference = abs(sub(a.dtype === bool ? to(a, get_default_dtype()) : a, right));
      const near = le(difference, add(abs(mul(right, rtol)), atol));
      return logical_or(same, logical_and(isfinite(difference), near));
    },
    backward: 'none',
    samples: (make) => [[make.int(0, 3, 2, 3), make.int(0, 3, 3)]],
  },
  ['method'],
);

const allclose_: Op<(...args: CloseArgs) => Tensor> = define({
  schema: 'allclose(Tensor input, Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False)',
  forward: (_ctx, a: Tensor, b: Tensor, rtol: number, atol: number, equalNaN: boolean) =>
    all(isclose(a, b, rtol, atol, equalNaN)),
  backward: 'none',
});

/** Whether `isclose` everywhere. */
export function allclose(...args: CloseArgs): boolean {
  return truth(allclose_(...args));
}

/** A test's result as a JavaScript boolean. */
function truth(result: Tensor): boolean {
  const value = Boolean(result.item());
  result.dispose();
  return value;
}

const equal_: Op<(input: Tensor, other: Tensor) => Tensor> = define({
  schema: 'equal(Tensor input, Tensor other)',
  forward: (_ctx, a: Tensor, b: Tensor) => all(eq(a, b)),
  backward: 'none',
});

/** Whether two tensors have the same shape and the same elements. */
export function equal(input: Tensor, other: Tensor): boolean {
  return sameShape(input.shape, other.shape) && truth(equal_(input, other));
}

/** Whether the one element of a tensor is not 0. */
export function is_nonzero(input: Tensor): boolean {
  const count = input.numel();
  if (count === 0) throw new RuntimeError('Boolean value of Tensor with no values is ambiguous');
  if (count > 1) throw new RuntimeError('Boolean value of Tensor with more than one value is ambiguous');
  return Boolean(input.item());
}

/** The dtype that two tensors or numbers are computed in. */
export function result_type(a: TensorOrNumber, b: TensorOrNumber): DType {
  return commonDtype([a, b]);
}

/** The number of elements. */
export function numel(input: Tensor): number {
  return input.numel();
}

/** Whether a value is a tensor. */
export function is_tensor(value: unknown): value is Tensor {
  return value instanceof Tensor;
}

export function is_floating_point(input: Tensor): boolean {
  return input.dtype.is_floating_point;
}
