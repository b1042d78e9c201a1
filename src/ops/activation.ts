import { is_grad_enabled } from '../autograd/mode.js';
import { RuntimeError } from '../errors.js';
import { showShape, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import * as code from '../wasm/opcode.js';
import { gt, le, where } from './compare.js';
import { define } from './define.js';
import type { Args, Context, Op } from './define.js';
import { checkFloat } from './float_kernel.js';
import { gated, saveInput } from './gated.js';
import type { WithOne } from './gated.js';
import { add, div, mul, neg, rsub, sub } from './pointwise_binary.js';
import { abs, erf, exp, sigmoid, tanh } from './pointwise_unary.js';
import { unaryKernel } from './unary_kernel.js';
import { narrow } from './view.js';

/** A backward in one pass; with `create_graph` by `formula`, whose operators can be differentiated. */
function curved(op: number, grad: Tensor, x: Tensor, formula: () => Tensor): Tensor {
  return is_grad_enabled() ? formula() : gated(grad, x, op, 0, 0);
}

/** α(exp(x·inputScale) − 1)·scale where x ≤ 0, x·scale elsewhere: elu, selu and celu. */
function exponentialUnit(
  ctx: Context,
  name: string,
  x: Tensor,
  alpha: number,
  scale: number,
  inputScale: number,
): Tensor {
  checkFloat(name, x.dtype);
  saveInput(ctx, x);
  return unaryKernel(ctx, code.U_ELU, x, x.dtype, alpha, scale, inputScale);
}

function exponentialBackward(g: Tensor, x: Tensor, alpha: number, scale: number, inputScale: number): Tensor {
  const below = mul(mul(exp(mul(x, inputScale)), alpha * scale * inputScale), g);
  return where(le(x, 0), below, mul(g, scale));
}

/** input where it is positive, alpha · (exp(input) − 1) elsewhere. */
export const elu: WithOne<'alpha'> = define({
  schema: 'elu(Tensor input, float alpha=1.0)',
  forward: (ctx, x: Tensor, alpha: number) => exponentialUnit(ctx, 'elu_cpu', x, alpha, 1, 1),
  backward: (ctx, g) => [exponentialBackward(g, ctx.saved()[0], ctx.args[1] as number, 1, 1)],
  samples: (make) => [[make(2, 3)], [make(2, 3), 0.5]],
});

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/** elu with the alpha and scale that keep mean 0 and variance 1. */
export const selu: Op<(input: Tensor) => Tensor> = define({
  schema: 'selu(Tensor input)',
  forward: (ctx, x: Tensor) => exponentialUnit(ctx, 'elu_cpu', x, SELU_ALPHA, SELU_SCALE, 1),
  backward: (ctx, g) => [exponentialBackward(g, ctx.saved()[0], SELU_ALPHA, SELU_SCALE, 1)],
  samples: (make) => [[make(2, 3)]],
});

/** max(input, 0) + min(alpha · (exp(input / alpha) − 1), 0). */
export const celu: WithOne<'alpha'> = define({
  schema: 'celu(Tensor input, float alpha=1.0)',
  forward: (ctx, x: Tensor, alpha: number) => {
    if (alpha === 0) throw new RuntimeError('ZeroDivisionError: alpha cannot be 0 for CELU');
    return exponentialUnit(ctx, 'elu_cpu', x, alpha, 1, 1 / alpha);
  },
  backward: (ctx, g) => {
    const alpha = ctx.args[1] as number;
    return [exponentialBackward(g, ctx.saved()[0], alpha, 1, 1 / alpha)];
  },
  samples: (make) => [[make(2, 3)], [make(2, 3), 0.5]],
});

/** x · sigmoid(x). */
export const silu: Op<(input: Tensor) => Tensor> = define({
  schema: 'silu(Tensor input)',
  forward: (ctx, x: Tensor) => {
    checkFloat('silu_cpu', x.dtype);
    saveInput(ctx, x);
    return unaryKernel(ctx, code.U_SILU, x, x.dtype);
  },
  backward: (ctx, g) => {
    const [x] = ctx.saved();
    return [
      curved(code.B_SILU_BACKWARD, g, x, () => {
        const s = sigmoid(x);
        return mul(g, mul(s, add(mul(x, rsub(s, 1)), 1)));
      }),
    ];
  },
  samples: (make) => [[make(2, 3)]],
});

/**
 * x · Φ(x), with Φ the normal distribution function.
 *
 * @param approximate `'none'`, or `'tanh'` for 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
 */
export const gelu: Op<(input: Tensor, options?: { approximate?: 'none' | 'tanh' }) => Tensor> = define({
  schema: "gelu(Tensor input, *, str approximate='none')",
  forward: (ctx, x: Tensor, approximate: string) => {
    if (approximate !== 'none' && approximate !== 'tanh') {
      throw new RuntimeError(
        `approximate argument must be either none or tanh. (gelu: got '${approximate}')`,
      );
    }
    checkFloat('GeluKernelImpl', x.dtype);
    saveInput(ctx, x);
    return unaryKernel(ctx, approximate === 'none' ? code.U_GELU : code.U_GELU_TANH, x, x.dtype);
  },
  backward: (ctx, g) => {
    const [x] = ctx.saved();
    if (ctx.args[1] === 'tanh') return [geluTanhBackward(g, x)];
    return [
      curved(code.B_GELU_BACKWARD, g, x, () => {
        const cdf = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
        const pdf = mul(exp(mul(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        return mul(g, add(cdf, mul(x, pdf)));
      }),
    ];
  },
  samples: (make) => [[make(2, 3)], [make(2, 3), { approximate: 'tanh' }]],
});

function geluTanhBackward(g: Tensor, x: Tensor): Tensor {
  const beta = Math.sqrt(2 / Math.PI);
  const square = mul(x, x);
  const t = tanh(mul(add(x, mul(mul(square, x), 0.044715)), beta));
  const slope = mul(add(mul(square, 3 * 0.044715), 1), beta);
  const right = mul(mul(x, rsub(mul(t, t), 1)), slope);
  return mul(g, mul(add(add(t, 1), right), 0.5));
}

/** x · tanh(log(1 + exp(x))). */
export const mish: Op<(input: Tensor) => Tensor> = define({
  schema: 'mish(Tensor input)',
  forward: (ctx, x: Tensor) => {
    checkFloat('mish_cpu', x.dtype);
    saveInput(ctx, x);
    return unaryKernel(ctx, code.U_MISH, x, x.dtype);
  },
  backward: (ctx, g) => {
    const [x] = ctx.saved();
    const t = tanh(softplus(x));
    return [mul(g, add(t, mul(mul(x, sigmoid(x)), rsub(mul(t, t), 1))))];
  },
  samples: (make) => [[make(2, 3)]],
});

/** log(1 + exp(beta · input)) / beta; the input itself where beta · input > threshold. */
export const softplus: Op<
  (
    ...args: Args<[input: Tensor], [beta: number, threshold: number], { beta?: number; threshold?: number }>
  ) => Tensor
> = define({
  schema: 'softplus(Tensor input, float beta=1.0, float threshold=20.0)',
  forward: (ctx, x: Tensor, beta: number, limit: number) => {
    checkFloat('softplus_cpu', x.dtype);
    saveInput(ctx, x);
    return unaryKernel(ctx, code.U_SOFTPLUS, x, x.dtype, beta, limit);
  },
  backward: (ctx, g) => {
    const [x] = ctx.saved();
    const [, beta, limit] = ctx.args as [null, number, number];
    const scaled = mul(x, beta);
    return [where(gt(scaled, limit), g, mul(g, sigmoid(scaled)))];
  },
  samples: (make) => [[make(2, 3)], [make(2, 3), 2, 1]],
});

/** log(1 / (1 + exp(−input))). */
export const logsigmoid: Op<(input: Tensor) => Tensor> = define({
  schema: 'logsigmoid(Tensor input)',
  forward: (ctx, x: Tensor) => {
    checkFloat('log_sigmoid_cpu', x.dtype);
    saveInput(ctx, x);
    return unaryKernel(ctx, code.U_LOGSIGMOID, x, x.dtype);
  },
  backward: (ctx, g) => [mul(g, sigmoid(neg(ctx.saved()[0])))],
  samples: (make) => [[make(2, 3)]],
});

/** input / (1 + |input|). */
export const softsign: Op<(input: Tensor) => Tensor> = define({
  schema: 'softsign(Tensor input)',
  forward: (_ctx, x: Tensor) => div(x, add(abs(x), 1)),
  backward: 'composite',
  samples: (make) => [[make(2, 3)]],
});

/** input − tanh(input). */
export const tanhshrink: Op<(input: Tensor) => Tensor> = define({
  schema: 'tanhshrink(Tensor input)',
  forward: (_ctx, x: Tensor) => sub(x, tanh(x)),
  backward: 'composite',
  samples: (make) => [[make(2, 3)]],
});

/** The first half of a dimension times the sigmoid of its second half. */
export const glu: WithOne<'dim'> = define({
  schema: 'glu(Tensor input, int dim=-1)',
  forward: (_ctx, x: Tensor, dim: number) => {
    if (x.ndim === 0)
      throw new RuntimeError('glu does not support scalars because halving size must be even');
    const at = wrapDim(dim, x.ndim);
    const size = x.shape[at];
    if (size % 2 !== 0) {
      throw new RuntimeError(
        `Halving dimension must be even, but dimension ${at} is size ${size} (glu: input ${showShape(x.shape)})`,
      );
    }
    return mul(narrow(x, at, 0, size / 2), sigmoid(narrow(x, at, size / 2, size / 2)));
  },
  backward: 'composite',
  samples: (make) => [[make(2, 4)], [make(4, 3), 0]],
});
