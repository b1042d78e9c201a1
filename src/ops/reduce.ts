import { int64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { numel } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import * as code from '../wasm/opcode.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { cast } from './dense.js';
import { div } from './pointwise_binary.js';
import { reduceKernel, reducedDims, unreduce } from './reduce_kernel.js';

export interface ReduceOptions {
  dim?: number | readonly number[] | null;
  keepdim?: boolean;
}

type SumLike = Op<
  (
    ...args: Args<
      [input: Tensor],
      [dim: number | readonly number[] | null, keepdim: boolean],
      ReduceOptions & { dtype?: DType | null }
    >
  ) => Tensor,
  'method'
>;

interface ReduceState {
  readonly shape: Shape;
  readonly dims: readonly number[];
  readonly keepdim: boolean;
}

/**
 * The sum over some or all dimensions. Integers and booleans are summed in int64.
 *
 * @example
 * const x = torch.ones(2, 3);
 * console.log(x.sum().item(), x.sum(1).tolist(), x.sum(1, { keepdim: true }).shape); // 6 [ 3, 3 ] [ 2, 1 ]
 */
export const sum: SumLike = define(
  {
    schema: 'sum(Tensor input, int[]? dim=None, bool keepdim=False, *, dtype? dtype=None)',
    forward: (ctx, x: Tensor, dim: number[] | null, keepdim: boolean, dtype: DType | null) => {
      const dims = reducedDims('sum', dim, x.ndim);
      ctx.state = { shape: x.shape, dims, keepdim } satisfies ReduceState;
      const input = dtype === null ? x : cast(x, dtype);
      const natural = input.dtype.is_floating_point ? input.dtype : int64;
      const out = reduceKernel(code.R_SUM, input, dims, keepdim, natural, 0);
      return dtype === null ? out : cast(out, dtype);
    },
    backward: (ctx, g) => {
      const { shape, dims, keepdim } = ctx.state as ReduceState;
      return [unreduce(g, shape, dims, keepdim)];
    },
    samples: (make) => [
      [make(2, 3)],
      [make(2, 3), 1],
      [make(2, 3, 4), [0, 2], true],
      [make(3, 2).t(), 0],
      [make()],
    ],
  },
  ['method'],
);

/**
 * The mean over some or all dimensions, of a floating tensor.
 *
 * @example
 * console.log(torch.tensor([[1, 2], [3, 4.5]]).mean([0, 1]).item()); // 2.625
 */
export const mean: SumLike = define(
  {
    schema: 'mean(Tensor input, int[]? dim=None, bool keepdim=False, *, dtype? dtype=None)',
    forward: (ctx, x: Tensor, dim: number[] | null, keepdim: boolean, dtype: DType | null) => {
      const input = dtype === null ? x : cast(x, dtype);
      if (!input.dtype.is_floating_point) {
        throw new RuntimeError(
          'mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: ' +
            input.dtype.scalarName,
        );
      }
      const dims = reducedDims('mean', dim, x.ndim);
      ctx.state = { shape: x.shape, dims, keepdim } satisfies ReduceState;
      const count = numel(dims.map((d) => x.shape[d]));
      return reduceKernel(code.R_MEAN, input, dims, keepdim, input.dtype, NaN, 1 / count);
    },
    backward: (ctx, g) => {
      const { shape, dims, keepdim } = ctx.state as ReduceState;
      return [unreduce(div(g, numel(dims.map((d) => shape[d]))), shape, dims, keepdim)];
    },
    samples: (make) => [[make(2, 3)], [make(2, 3), 1], [make(2, 3, 4), [0, 2], true]],
  },
  ['method'],
);
