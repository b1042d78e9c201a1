import { int64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { wrapDim } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import * as code from '../wasm/opcode.js';
import { eq, isnan, logical_not, where } from './compare.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { cast } from './dense.js';
import { masked_fill } from './mask.js';
import { div, mul, sub } from './pointwise_binary.js';
import { exp } from './pointwise_unary.js';
import { sum } from './reduce.js';
import type { ReduceOptions } from './reduce.js';
import { reduceKernel, reducedDims, unreduce } from './reduce_kernel.js';
import { floatDtype } from './unary_kernel.js';

type Dim = number | readonly number[] | null;

interface State {
  readonly shape: Shape;
  readonly dims: readonly number[];
  readonly keepdim: boolean;
}

/** The product over all dimensions or one. Integers and booleans are multiplied in int64. */
export const prod: Op<
  (
    ...args: Args<
      [input: Tensor],
      [dim: number | null, keepdim: boolean],
      { dim?: number | null; keepdim?: boolean; dtype?: DType | null }
    >
  ) => Tensor,
  'method'
> = define(
  {
    schema: 'prod(Tensor input, int? dim=None, bool keepdim=False, *, dtype? dtype=None)',
    forward: (ctx, x: Tensor, dim: number | null, keepdim: boolean, dtype: DType | null) => {
      if (dim !== null) wrapDim(dim, x.ndim);
      const dims = reducedDims('prod', dim === null ? null : [dim], x.ndim);
      const input = dtype === null ? x : cast(x, dtype);
      const natural = input.dtype.is_floating_point ? input.dtype : int64;
      const out = reduceKernel(code.R_PROD, input, dims, keepdim && dim !== null, natural, 1);
      ctx.save(input);
      ctx.state = { shape: x.shape, dims, keepdim: keepdim && dim !== null } satisfies State;
      const result = dtype === null ? out : cast(out, dtype);
      ctx.saveOutput(result);
      return result;
    },
    backward: (ctx, g) => {
      const { shape, dims, keepdim } = ctx.state as State;
      const [x, out] = ctx.saved();
      if (shape.length === 0) return [g];
      const wide = unreduce(g, shape, dims, keepdim);
      const none = eq(x, 0);
      if (none.sum().item() === 0) return [div(mul(wide, unreduce(out, shape, dims, keepdim)), x)];
      // Where a line has one zero only that element has a gradient, the product of the others; with more there is none.
      const filled = masked_fill(x, none, 1);
      const zeros = sum(none, dims, true);
      const others = dims.length === 1 ? prod(filled, dims[0], true) : prod(filled);
      const lone = where(eq(zeros, 1), others, 0);
      const usual = where(eq(zeros, 0), div(others, filled), 0);
      return [mul(wide, where(none, lone, usual))];
    },
    samples: (make) => [[make(2, 3)], [make(2, 3), 1], [make(2, 3), 0, true], [make()]],
  },
  ['method'],
);

type Reduction = Op<
  (
    ...args: Args<[input: Tensor], [dim: Dim, keepdim: boolean], ReduceOptions & { dtype?: DType | null }>
  ) => Tensor,
  'method'
>;

/** log Σ exp over some dimensions, without overflow. */
export const logsumexp: Op<
  (
    ...args: Args<[input: Tensor, dim: number | readonly number[]], [keepdim: boolean], { keepdim?: boolean }>
  ) => Tensor,
  'method'
> = define(
  {
    schema: 'logsumexp(Tensor input, int[] dim, bool keepdim=False)',
    forward: (ctx, x: Tensor, dim: number[], keepdim: boolean) => {
      const dims = reducedDims('logsumexp', dim, x.ndim);
      const input = cast(x, floatDtype(x.dtype));
      ctx.save(input);
      const out = reduceKernel(code.R_LOGSUMEXP, input, dims, keepdim, input.dtype, -Infinity);
      ctx.saveOutput(out);
      ctx.state = { shape: x.shape, dims, keepdim } satisfies State;
      return out;
    },
    backward: (ctx, g) => {
      const [x, out] = ctx.saved();
      const { shape, dims, keepdim } = ctx.state as State;
      return [mul(unreduce(g, shape, dims, keepdim), exp(sub(x, unreduce(out, shape, dims, keepdim))))];
    },
    samples: (make) => [
      [make(2, 3), 1],
      [make(2, 3, 2), [0, 2], true],
      [make(), 0],
    ],
  },
  ['method'],
);

/** The sum without NaNs. */
export const nansum: Reduction = define(
  {
    schema: 'nansum(Tensor input, int[]? dim=None, bool keepdim=False, *, dtype? dtype=None)',
    forward: (ctx, x: Tensor, dim: number[] | null, keepdim: boolean, dtype: DType | null) => {
      const input = dtype === null ? x : cast(x, dtype);
      if (!input.dtype.is_floating_point) return sum(x, dim, keepdim, { dtype });
      const dims = reducedDims('nansum', dim, x.ndim);
      ctx.save(x);
      ctx.state = { shape: x.shape, dims, keepdim } satisfies State;
      return reduceKernel(code.R_NANSUM, input, dims, keepdim, input.dtype, 0);
    },
    backward: (ctx, g) => {
      const { shape, dims, keepdim } = ctx.state as State;
      return [mul(unreduce(g, shape, dims, keepdim), logical_not(isnan(ctx.saved()[0])))];
    },
    samples: (make) => [[make(2, 3)], [make(2, 3), 1, true]],
  },
  ['method'],
);

/** The mean without NaNs, of a floating tensor. */
export const nanmean: Reduction = define(
  {
    schema: 'nanmean(Tensor input, int[]? dim=None, bool keepdim=False, *, dtype? dtype=None)',
    forward: (_ctx, x: Tensor, dim: number[] | null, keepdim: boolean, dtype: DType | null) => {
      if (!x.dtype.is_floating_point) {
        throw new RuntimeError(
          `nanmean(): expected input to have floating point dtype but got ${x.dtype.scalarName}`,
        );
      }
      const count = sum(logical_not(isnan(x)), dim, keepdim);
      return div(nansum(x, dim, keepdim, { dtype }), count);
    },
    backward: 'composite',
    samples: (make) => [[make(2, 3)], [make(2, 3), 1, true]],
  },
  ['method'],
);
