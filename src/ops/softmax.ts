import { is_grad_enabled } from '../autograd/mode.js';
import type { DType } from '../dtype.js';
import { numel, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { to } from './copy.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { cast, dense } from './dense.js';
import { checkFloat, floatKernel } from './float_kernel.js';
import { mul, neg, sub } from './pointwise_binary.js';
import { exp } from './pointwise_unary.js';
import { sum } from './reduce.js';

type Softmax<V extends 'method' = 'method'> = Op<
  (
    ...args: Args<[input: Tensor, dim: number], [dtype: DType | null], { dim?: number; dtype?: DType | null }>
  ) => Tensor,
  V
>;

/** A contiguous tensor as [outer, n, inner] around one dimension. */
function around(x: Tensor, dim: number): [outer: number, n: number, inner: number] {
  return [numel(x.shape.slice(0, dim)), x.ndim === 0 ? 1 : x.shape[dim], numel(x.shape.slice(dim + 1))];
}

interface Row {
  readonly name: 'softmax' | 'log_softmax';
  /** The gradient written with operators, for derivatives of higher order. */
  readonly grad: (g: Tensor, out: Tensor, dim: number) => Tensor;
}

interface State {
  readonly dim: number;
  readonly from: DType;
}

function softmaxOp({ name, grad }: Row): Softmax {
  return define(
    {
      schema: `${name}(Tensor input, int dim, dtype? dtype=None)`,
      forward: (ctx, x: Tensor, dim: number, dtype: DType | null) => {
        const at = wrapDim(dim, x.ndim);
        if (x.numel() > 0) checkFloat(`${name}_lastdim_kernel_impl`, dtype ?? x.dtype);
        const source = dense(cast(x, dtype ?? x.dtype));
        const out = allocate(x.shape, source.dtype);
        if (out.numel() > 0) {
          floatKernel(`${name}_forward_f32`, out.dtype)(address(source), address(out), ...around(x, at));
        }
        ctx.state = { dim: at, from: x.dtype } satisfies State;
        ctx.saveOutput(out);
        return out;
      },
      backward: (ctx, g) => {
        const [out] = ctx.saved();
        const { dim, from } = ctx.state as State;
        const gx = is_grad_enabled() ? grad(g, out, dim) : backwardKernel(name, g, out, dim);
        return [to(gx, from)];
      },
      samples: (make) => [
        [make(2, 3), 1],
        [make(2, 3, 4), 1],
        [make(3, 2).t(), 0],
        [make(), 0],
      ],
    },
    ['method'],
  );
}

function backwardKernel(name: Row['name'], grad: Tensor, out: Tensor, dim: number): Tensor {
  const [g, y] = [dense(grad), dense(out)];
  const gx = allocate(out.shape, out.dtype);
  if (gx.numel() > 0) {
    floatKernel(`${name}_backward_f32`, out.dtype)(address(g), address(y), address(gx), ...around(out, dim));
  }
  return gx;
}

/**
 * exp(input) / Σ exp(input) along `dim`.
 *
 * @param dtype computed in this dtype instead of the input's
 * Differs from torch: `dim` must be given.
 *
 * @example
 * console.log(torch.zeros(2, 4).softmax(1).index(0).tolist()); // [ 0.25, 0.25, 0.25, 0.25 ]
 */
export const softmax: Softmax = softmaxOp({
  name: 'softmax',
  grad: (g, out, dim) => mul(out, sub(g, sum(mul(g, out), dim, true))),
});

/**
 * log of `softmax`, without its rounding.
 *
 * @example
 * console.log(torch.zeros(1, 4).log_softmax(1).index(0, 0).item().toFixed(4)); // -1.3863
 */
export const log_softmax: Softmax = softmaxOp({
  name: 'log_softmax',
  grad: (g, out, dim) => sub(g, mul(exp(out), sum(g, dim, true))),
});

/** softmax(−input). */
export const softmin: Op<
  (...args: Args<[input: Tensor, dim: number], [], { dim?: number; dtype?: DType | null }>) => Tensor
> = define({
  schema: 'softmin(Tensor input, int dim, *, dtype? dtype=None)',
  forward: (_ctx, x: Tensor, dim: number, dtype: DType | null) => softmax(neg(x), dim, dtype),
  backward: 'composite',
  samples: (make) => [[make(2, 3), 1]],
});
