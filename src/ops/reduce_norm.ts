import { int64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { matrix_norm } from '../linalg/norm.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { allocate } from '../tensor_handle.js';
import * as code from '../wasm/opcode.js';
import { eq, isnan, logical_or } from './compare.js';
import { to } from './copy.js';
import { zeros_like } from './creation.js';
import { define } from './define.js';
import type { Args, Context, Op } from './define.js';
import { cast } from './dense.js';
import { fillKernel } from './make.js';
import { masked_fill } from './mask.js';
import { div, mul, pow } from './pointwise_binary.js';
import { abs, sign } from './pointwise_unary.js';
import { sum } from './reduce.js';
import { reduceKernel, reducedDims, reducedShape, unreduce } from './reduce_kernel.js';
import { coalesce, values } from './sparse.js';
import { unaryKernel } from './unary_kernel.js';

type Dim = number | readonly number[] | null;

interface State {
  readonly shape: Shape;
  readonly dims: readonly number[];
  readonly keepdim: boolean;
}

export interface NormOptions {
  p?: number | 'fro' | 'nuc';
  dim?: Dim;
  keepdim?: boolean;
  dtype?: DType | null;
}

/** The kernel of a p-norm, and what follows it. */
function normKernel(ctx: Context, x: Tensor, p: number, dims: readonly number[], keepdim: boolean): Tensor {
  if (x.numel() === 0) {
    const out = allocate(reducedShape(x.shape, dims, keepdim), x.dtype);
    if (out.numel() > 0 && (p < 0 || p === Infinity)) {
      throw new RuntimeError(
        `linalg.vector_norm cannot compute the ${p} norm on an empty tensor because the operation does not have an identity`,
      );
    }
    fillKernel(out, 0);
    return out;
  }
  if (p === 0) return cast(reduceKernel(code.R_COUNT_NONZERO, x, dims, keepdim, int64, 0), x.dtype);
  const op =
    p === 1
      ? code.R_SUM_ABS
      : p === 2
        ? code.R_SUM_SQUARE
        : p === Infinity
          ? code.R_MAX_ABS
          : p === -Infinity
            ? code.R_MIN_ABS
            : code.R_SUM_POW;
  // torch holds p in a float32 whatever the dtype.
  const power = Math.fround(p);
  const out = reduceKernel(op, x, dims, keepdim, x.dtype, 0, power);
  if (op === code.R_SUM_SQUARE) return unaryKernel(ctx, code.U_SQRT, out, out.dtype);
  return op === code.R_SUM_POW ? unaryKernel(ctx, code.U_POW_SCALAR, out, out.dtype, 1 / power) : out;
}

/** torch's norm_backward: at 0 the gradient is 0. */
export function normBackward(g: Tensor, x: Tensor, out: Tensor, p: number, dims: readonly number[]): Tensor {
  if (p === 0) return zeros_like(x);
  if (p === 1) return mul(sign(x), g);
  if (p === 2) return mul(g, masked_fill(div(x, out), eq(out, 0), 0));
  if (Math.abs(p) === Infinity) {
    const size = abs(x);
    const mask = logical_or(eq(size, out), isnan(size));
    return mul(sign(x), mul(div(g, dims.length === 0 ? sum(mask) : sum(mask, dims, true)), mask));
  }
  if (p < 1) {
    const scaled = masked_fill(mul(sign(x), pow(abs(x), p - 1)), eq(x, 0), 0);
    return mul(mul(scaled, g), pow(out, 1 - p));
  }
  const scale = masked_fill(div(g, pow(out, p - 1)), eq(out, 0), 0);
  return mul(p < 2 ? mul(sign(x), pow(abs(x), p - 1)) : mul(x, pow(abs(x), p - 2)), scale);
}

function nuclear(x: Tensor, dim: number[] | null, keepdim: boolean): Tensor {
  if (dim !== null ? dim.length !== 2 : x.ndim !== 2) {
    throw new RuntimeError(
      dim !== null
        ? "nuclear norm requires a 'dim' argument of size 2"
        : `Expected a tensor with 2 dimensions, but got a tensor with ${x.ndim} dimension${x.ndim === 1 ? '' : 's'} instead.`,
    );
  }
  return matrix_norm(x, 'nuc', dim ?? [-2, -1], keepdim);
}

/** The p-norm of the elements over some or all dimensions. */
export const vectorNorm: Op<(input: Tensor, p: number, dim: Dim, keepdim: boolean) => Tensor> = define({
  schema: 'linalg_vector_norm(Tensor input, float p, int[]? dim, bool keepdim)',
  forward: (ctx, x: Tensor, p: number, dim: number[] | null, keepdim: boolean) => {
    const dims = reducedDims('norm', dim, x.ndim);
    ctx.save(x);
    const out = normKernel(ctx, x, p, dims, keepdim);
    ctx.saveOutput(out);
    ctx.state = { shape: x.shape, dims, keepdim } satisfies State;
    return out;
  },
  backward: (ctx, g) => {
    const { shape, dims, keepdim } = ctx.state as State;
    const [x, out] = ctx.saved();
    const wide = (y: Tensor): Tensor => unreduce(y, shape, dims, keepdim);
    return [normBackward(wide(g), x, wide(out), ctx.args[1] as number, dims)];
  },
  samples: (make) => [1, 2, 3, 0.5, 1.5, Infinity, -Infinity].map((p) => [make(2, 3), p, [1], true]),
});

type NormArguments = [p: number | string | null, dim: number[] | null, keepdim: boolean, dtype: DType | null];

/**
 * The p-norm of the elements, over some or all dimensions; `'fro'` is p = 2. `'nuc'` is the sum of the singular values of a
 * matrix, or of two dimensions.
 *
 * @param dtype what the elements are cast to first
 * @example
 * console.log(torch.tensor([3, 4.0]).float().norm().item()); // 5
 */
export const norm: Op<
  (
    ...args: Args<
      [input: Tensor],
      [p: number | 'fro' | 'nuc' | null, dim: Dim, keepdim: boolean],
      NormOptions
    >
  ) => Tensor,
  'method'
> = define(
  {
    schema:
      "norm(Tensor input, float|str? p='fro', int[]? dim=None, bool keepdim=False, *, dtype? dtype=None)",
    forward: (_ctx, x: Tensor, ...[p, dim, keepdim, dtype]: NormArguments) => {
      const input = dtype === null ? x : to(x, dtype);
      if (!input.dtype.is_floating_point) {
        throw new RuntimeError(
          `norm(): input dtype should be either floating point or complex. Got ${x.dtype.scalarName} instead.`,
        );
      }
      if (p === 'nuc') return nuclear(input, dim, keepdim);
      if (typeof p === 'string' && p !== 'fro') {
        throw new RuntimeError(`only valid string values are 'fro' and 'nuc', found ${p}`);
      }
      // Unlike linalg's, torch.norm gives 0 for every norm of nothing.
      return vectorNorm(input, typeof p === 'number' && input.numel() > 0 ? p : 2, dim, keepdim);
    },
    sparse: (_ctx, x: Tensor, ...[p, dim, keepdim, dtype]: NormArguments) => {
      if (dim !== null && dim.length < x.ndim) {
        throw new RuntimeError(
          "norm_sparse currently only supports full reductions, so 'dim' must either be empty or contain all dimensions of the input",
        );
      }
      if (keepdim) throw new RuntimeError('norm_sparse currently does not support keepdim=True');
      return norm(values(coalesce(x)), { p: p as NormOptions['p'], dtype });
    },
    backward: 'composite',
    samples: (make) => [[make(2, 3)], [make(2, 3), 1, 1], [make(2, 3), 3, [0, 1], true]],
  },
  ['method'],
);
