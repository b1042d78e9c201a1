import { RuntimeError } from '../errors.js';
import { numel } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import * as code from '../wasm/opcode.js';
import { eq } from './compare.js';
import { define } from './define.js';
import type { Args, Context, Op } from './define.js';
import { fillKernel } from './make.js';
import { masked_fill } from './mask.js';
import { add, div, mul, sub } from './pointwise_binary.js';
import { mean } from './reduce.js';
import { reduceDescriptor, reducedDims, reducedShape, unreduce } from './reduce_kernel.js';
import { unaryKernel } from './unary_kernel.js';

type Dim = number | readonly number[] | null;

export interface VarOptions {
  dim?: Dim;
  unbiased?: boolean;
  keepdim?: boolean;
  /** The divisor is the count less this; default 1, or 0 where `unbiased` is false. */
  correction?: number | null;
}

type VarArgs = Args<[input: Tensor], [dim: Dim | boolean, unbiased: boolean, keepdim: boolean], VarOptions>;
type Var = Op<(...args: VarArgs) => Tensor, 'method'>;
type VarMean = Op<(...args: VarArgs) => [Tensor, Tensor]>;

const PARAMETERS =
  'Tensor input, bool|int[]? dim=None, bool unbiased=True, bool keepdim=False, *, int? correction=None';

interface VarState {
  readonly dims: readonly number[];
  readonly keepdim: boolean;
  readonly correction: number;
  /** No dimension was given. */
  readonly whole: boolean;
}

/** The arguments in one form: `var(x, unbiased)` is `var(x, None, unbiased)`. */
function settle(
  x: Tensor,
  dim: boolean | number[] | null,
  unbiased: boolean,
  keepdim: boolean,
  correction: number | null,
): VarState {
  if (!x.dtype.is_floating_point) {
    throw new RuntimeError('std and var only support floating point and complex dtypes');
  }
  const bias = typeof dim === 'boolean' ? dim : unbiased;
  return {
    dims: reducedDims('var', typeof dim === 'boolean' ? null : dim, x.ndim),
    keepdim,
    correction: correction ?? (bias ? 1 : 0),
    whole: typeof dim === 'boolean' || dim === null || x.ndim === 0,
  };
}

function moments(x: Tensor, { dims, keepdim, correction }: VarState): [variance: Tensor, mean: Tensor] {
  const shape = reducedShape(x.shape, dims, keepdim);
  const [m2, average] = [allocate(shape, x.dtype), allocate(shape, x.dtype)];
  if (m2.numel() === 0) return [m2, average];
  if (x.numel() === 0) {
    fillKernel(m2, NaN);
    fillKernel(average, NaN);
    return [m2, average];
  }
  // In the order of memory, by which torch finds whether a mean is infinite or NaN.
  const order = dims.toSorted((a, b) => x._strides[b] - x._strides[a]);
  const { desc, inner } = reduceDescriptor(x, order);
  runtime().kernels.reduce_moments(x.dtype.code, address(x), address(average), address(m2), desc, inner);
  div.inplace(m2, Math.max(numel(dims.map((d) => x.shape[d])) - correction, 0));
  return [m2, average];
}

function root(ctx: Context, variance: Tensor): Tensor {
  return unaryKernel(ctx, code.U_SQRT, variance, variance.dtype);
}

function varianceBackward(g: Tensor, x: Tensor, { dims, keepdim, correction, whole }: VarState): Tensor {
  const count = numel(dims.map((d) => x.shape[d]));
  // torch's convention for the variance of everything, where the divisor is 0.
  if (whole && count === correction) return unreduce(mul(g, Infinity), x.shape, dims, keepdim);
  const centered = dims.length === 0 ? sub(x, x) : sub(x, mean(x, dims, true));
  return mul(unreduce(mul(g, 2 / (count - correction)), x.shape, dims, keepdim), centered);
}

/** The gradient of a variance from that of its root. */
function ofRoot(g: Tensor, out: Tensor): Tensor {
  return masked_fill(div(g, mul(out, 2)), eq(out, 0), 0);
}

function samples(make: (...shape: number[]) => Tensor): unknown[][] {
  return [
    [make(2, 3)],
    [make(2, 3), false],
    [make(2, 3), 1],
    [make(2, 3, 2), [0, 2], false, true],
    [make(2, 3), { dim: 0, correction: 0 }],
  ];
}

/** The variance over some or all dimensions; the divisor is count − 1 unless `unbiased` is false or `correction` says. */
const variance_: Var = define(
  {
    schema: `var(${PARAMETERS})`,
    forward: (
      ctx: Context,
      x: Tensor,
      ...rest: [boolean | number[] | null, boolean, boolean, number | null]
    ) => {
      const state = settle(x, ...rest);
      ctx.save(x);
      ctx.state = state;
      return moments(x, state)[0];
    },
    backward: (ctx, g) => [varianceBackward(g, ctx.saved()[0], ctx.state as VarState)],
    samples,
  },
  ['method'],
);
export { variance_ as var };

/**
 * The square root of `var`, with its arguments.
 *
 * @example
 * console.log(torch.tensor([1, 2, 4.5]).std().item().toFixed(4)); // 1.8028
 */
export const std: Var = define(
  {
    schema: `std(${PARAMETERS})`,
    forward: (
      ctx: Context,
      x: Tensor,
      ...rest: [boolean | number[] | null, boolean, boolean, number | null]
    ) => {
      const state = settle(x, ...rest);
      ctx.save(x);
      ctx.state = state;
      const out = root(ctx, moments(x, state)[0]);
      ctx.saveOutput(out);
      return out;
    },
    backward: (ctx, g) => {
      const [x, out] = ctx.saved();
      return [varianceBackward(ofRoot(g, out), x, ctx.state as VarState)];
    },
    samples,
  },
  ['method'],
);

function withMean(name: string, rooted: boolean): VarMean {
  return define({
    schema: `${name}(${PARAMETERS})`,
    nullGrads: true,
    forward: (
      ctx: Context,
      x: Tensor,
      ...rest: [boolean | number[] | null, boolean, boolean, number | null]
    ) => {
      const state = settle(x, ...rest);
      const [variance, average] = moments(x, state);
      ctx.save(x);
      ctx.state = state;
      if (!rooted) return [variance, average];
      const out = root(ctx, variance);
      ctx.saveOutput(out);
      return [out, average];
    },
    backward: (ctx, g: Tensor | null, gMean: Tensor | null) => {
      const state = ctx.state as VarState;
      const [x, out] = ctx.saved();
      const { dims, keepdim } = state;
      const spread = g === null ? null : varianceBackward(rooted ? ofRoot(g, out) : g, x, state);
      if (gMean === null) return [spread];
      const count = numel(dims.map((d) => x.shape[d]));
      const level = unreduce(div(gMean, count), x.shape, dims, keepdim);
      return [spread === null ? level : add(spread, level)];
    },
    samples,
  });
}

/**
 * `[var, mean]`, with the arguments of `var`.
 *
 * @example
 * console.log(torch.tensor([1, 2, 4.5]).var(0, { unbiased: false }).item().toFixed(4)); // 2.1667
 */
export const var_mean: VarMean = withMean('var_mean', false);
/** `[std, mean]`, with the arguments of `std`. */
export const std_mean: VarMean = withMean('std_mean', true);
