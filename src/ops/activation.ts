import { is_grad_enabled } from '../autograd/mode.js';
import { bool } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { showShape, wrapDim } from '../shape.js';
import { Tensor } from '../tensor.js';
import * as code from '../wasm/opcode.js';
import { le, gt, where } from './compare.js';
import { materialize } from './copy.js';
import { define } from './define.js';
import type { Args, Context, Op } from './define.js';
import { checkFloat } from './float_kernel.js';
import { add, binaryKernel, div, mul, neg, rsub, sub } from './pointwise_binary.js';
import { abs, erf, exp, sigmoid, tanh, unaryKernel } from './pointwise_unary.js';
import type { Unary } from './pointwise_unary.js';
import { narrow, reshape } from './view.js';

/** An activation with one named parameter besides its input. */
type WithOne<K extends string, V = number> = Op<
  (...args: Args<[input: Tensor], [value: V], Partial<Record<K, V>>>) => Tensor
>;

/** Saves the input for backward; in place a copy of it, since it is about to be overwritten. */
function saveInput(ctx: Context, x: Tensor): void {
  if (ctx.needs[0]) ctx.save(ctx.target === null ? x : materialize(x));
}

/** A backward that is one pass over gradient and input (or output) and piecewise linear, so that it is its own derivative. */
const gated: Op<(grad: Tensor, other: Tensor, op: number, p0: number, p1: number) => Tensor> = define({
  schema: 'activation_backward(Tensor grad, Tensor other, int op, float p0, float p1)',
  forward: (ctx, grad: Tensor, other: Tensor, op: number, p0: number, p1: number) => {
    if (ctx.needs[0]) ctx.save(other);
    return binaryKernel(ctx, op, grad, other, grad.dtype, p0, p1);
  },
  backward: (ctx, v) => {
    const [, , op, p0, p1] = ctx.args as [null, null, number, number, number];
    return [ctx.needs[0] ? gated(v, ctx.saved()[0]!, op, p0, p1) : null, null];
  },
});

/** A backward in one pass; with `create_graph` by `formula`, whose operators can be differentiated. */
function curved(op: number, grad: Tensor, x: Tensor, formula: () => Tensor): Tensor {
  return is_grad_enabled() ? formula() : gated(grad, x, op, 0, 0);
}

/** max(input, 0); NaN stays. Saves its result, as torch does: writing over that result afterwards makes backward fail. */
export const relu: Unary = define(
  {
    schema: 'relu(Tensor input)',
    forward: (ctx, x: Tensor) => {
      if (x.dtype === bool) throw new RuntimeError('Boolean inputs not supported for relu');
      const out = unaryKernel(ctx, code.U_RELU, x, x.dtype);
      if (ctx.needs[0]) ctx.saveOutput(out);
      return out;
    },
    backward: (ctx, g) => [gated(g, ctx.saved()[0]!, code.B_RELU_BACKWARD, 0, 0)],
    samples: (make) => [[make(2, 3)], [make(3, 2).t()]],
  },
  ['method', 'inplace'],
);

/** input where it is positive, negative_slope · input elsewhere. */
export const leaky_relu: WithOne<'negative_slope'> = define({
  schema: 'leaky_relu(Tensor input, float negative_slope=0.01)',
  forward: (ctx, x: Tensor, slope: number) => {
    checkFloat('leaky_relu_cpu', x.dtype);
    saveInput(ctx, x);
    return unaryKernel(ctx, code.U_LEAKY_RELU, x, x.dtype, slope);
  },
  backward: (ctx, g) => [gated(g, ctx.saved()[0]!, code.B_LEAKY_RELU_BACKWARD, ctx.args[1] as number, 0)],
  samples: (make) => [[make(2, 3)], [make(2, 3), 0.2]],
});

/** input held between min_val and max_val. */
export const hardtanh: Op<
  (
    ...args: Args<[input: Tensor], [min_val: number, max_val: number], { min_val?: number; max_val?: number }>
  ) => Tensor
> = define({
  schema: 'hardtanh(Tensor input, float min_val=-1.0, float max_val=1.0)',
  forward: (ctx, x: Tensor, low: number, high: number) => {
    if (x.dtype === bool) throw new RuntimeError('Bool inputs not supported for hardtanh');
    saveInput(ctx, x);
    return unaryKernel(ctx, code.U_CLAMP, x, x.dtype, low, high);
  },
  backward: (ctx, g) => {
    const [, low, high] = ctx.args as [null, number, number];
    return [gated(g, ctx.saved()[0]!, code.B_HARDTANH_BACKWARD, low, high)];
  },
  samples: (make) => [[make(2, 3)], [make(2, 3), -0.5, 2]],
});

/** min(max(input, 0), 6). */
export const relu6: Op<(input: Tensor) => Tensor> = define({
  schema: 'relu6(Tensor input)',
  forward: (_ctx, x: Tensor) => hardtanh(x, 0, 6),
  backward: 'composite',
  samples: (make) => [[make.uniform(-3, 9, 2, 3)]],
});

/** input where it is above `threshold`, `value` elsewhere. */
export const threshold: Op<
  (
    ...args:
      | [input: Tensor, threshold: number, value: number]
      | [input: Tensor, options: { threshold: number; value: number }]
  ) => Tensor,
  'inplace'
> = define(
  {
    schema: 'threshold(Tensor input, float threshold, float value)',
    forward: (ctx, x: Tensor, limit: number, value: number) => {
      if (x.dtype === bool) checkFloat('threshold_cpu', x.dtype);
      saveInput(ctx, x);
      return unaryKernel(ctx, code.U_THRESHOLD, x, x.dtype, limit, value);
    },
    backward: (ctx, g) => [gated(g, ctx.saved()[0]!, code.B_THRESHOLD_BACKWARD, ctx.args[1] as number, 0)],
    samples: (make) => [[make(2, 3), 0.1, 5]],
  },
  ['inplace'],
);

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
  backward: (ctx, g) => [exponentialBackward(g, ctx.saved()[0]!, ctx.args[1] as number, 1, 1)],
  samples: (make) => [[make(2, 3)], [make(2, 3), 0.5]],
});

const SELU_ALPHA = 1.6732632423543772848170429916717;
const SELU_SCALE = 1.0507009873554804934193349852946;

/** elu with the alpha and scale that keep mean 0 and variance 1. */
export const selu: Op<(input: Tensor) => Tensor, 'inplace'> = define(
  {
    schema: 'selu(Tensor input)',
    forward: (ctx, x: Tensor) => exponentialUnit(ctx, 'elu_cpu', x, SELU_ALPHA, SELU_SCALE, 1),
    backward: (ctx, g) => [exponentialBackward(g, ctx.saved()[0]!, SELU_ALPHA, SELU_SCALE, 1)],
    samples: (make) => [[make(2, 3)]],
  },
  ['inplace'],
);

/** max(input, 0) + min(alpha · (exp(input / alpha) − 1), 0). */
export const celu: WithOne<'alpha'> = define({
  schema: 'celu(Tensor input, float alpha=1.0)',
  forward: (ctx, x: Tensor, alpha: number) => {
    if (alpha === 0) throw new RuntimeError('ZeroDivisionError: alpha cannot be 0 for CELU');
    return exponentialUnit(ctx, 'elu_cpu', x, alpha, 1, 1 / alpha);
  },
  backward: (ctx, g) => {
    const alpha = ctx.args[1] as number;
    return [exponentialBackward(g, ctx.saved()[0]!, alpha, 1, 1 / alpha)];
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
      curved(code.B_SILU_BACKWARD, g, x!, () => {
        const s = sigmoid(x!);
        return mul(g, mul(s, add(mul(x!, rsub(s, 1)), 1)));
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
    if (ctx.args[1] === 'tanh') return [geluTanhBackward(g, x!)];
    return [
      curved(code.B_GELU_BACKWARD, g, x!, () => {
        const cdf = mul(add(erf(mul(x!, Math.SQRT1_2)), 1), 0.5);
        const pdf = mul(exp(mul(mul(x!, x!), -0.5)), 1 / Math.sqrt(2 * Math.PI));
        return mul(g, add(cdf, mul(x!, pdf)));
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
    const t = tanh(softplus(x!));
    return [mul(g, add(t, mul(mul(x!, sigmoid(x!)), rsub(mul(t, t), 1))))];
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
    const scaled = mul(x!, beta);
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
  backward: (ctx, g) => [mul(g, sigmoid(neg(ctx.saved()[0]!)))],
  samples: (make) => [[make(2, 3)]],
});

/** input / 6 + 1/2 held between 0 and 1. */
export const hardsigmoid: Op<(input: Tensor) => Tensor> = define({
  schema: 'hardsigmoid(Tensor input)',
  forward: (ctx, x: Tensor) => {
    checkFloat('hardsigmoid_cpu', x.dtype);
    saveInput(ctx, x);
    return unaryKernel(ctx, code.U_HARDSIGMOID, x, x.dtype);
  },
  backward: (ctx, g) => [mul(gated(g, ctx.saved()[0]!, code.B_HARDTANH_BACKWARD, -3, 3), 1 / 6)],
  samples: (make) => [[make.uniform(-5, 5, 2, 4)]],
});

/** input · hardsigmoid(input). */
export const hardswish: Op<(input: Tensor) => Tensor> = define({
  schema: 'hardswish(Tensor input)',
  forward: (ctx, x: Tensor) => {
    checkFloat('hardswish_cpu', x.dtype);
    saveInput(ctx, x);
    return unaryKernel(ctx, code.U_HARDSWISH, x, x.dtype);
  },
  backward: (ctx, g) => {
    const [x] = ctx.saved();
    const middle = mul(g, add(div(x!, 3), 0.5));
    return [where(le(x!, 3), where(gt(x!, -3), middle, where(x!.lt(-3), 0, middle)), g)];
  },
  samples: (make) => [[make.uniform(-5, 5, 2, 4)]],
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

/** input moved towards 0 by `lambd`, 0 where it would pass it (and for NaN, as torch). */
export const softshrink: WithOne<'lambd'> = define({
  schema: 'softshrink(Tensor input, float lambd=0.5)',
  forward: (_ctx, x: Tensor, lambd: number) => {
    if (lambd < 0) throw new RuntimeError(`lambda must be greater or equal to 0, but found to be ${lambd}.`);
    checkFloat('softshrink_cpu', x.dtype);
    return where(gt(x, lambd), sub(x, lambd), where(x.lt(-lambd), add(x, lambd), 0));
  },
  backward: 'composite',
  samples: (make) => [[make(2, 4)], [make(2, 4), 0.2]],
});

/** input, but 0 where |input| ≤ lambd. */
export const hardshrink: Op<
  (...args: Args<[input: Tensor], [lambd: number], { lambd?: number }>) => Tensor,
  'method'
> = define(
  {
    schema: 'hardshrink(Tensor input, float lambd=0.5)',
    forward: (_ctx, x: Tensor, lambd: number) => {
      checkFloat('hardshrink_cpu', x.dtype);
      return where(le(abs(x), lambd), 0, x);
    },
    backward: 'composite',
    samples: (make) => [[make(2, 4)], [make(2, 4), 0.2]],
  },
  ['method'],
);

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

/** input where it is positive, weight · input elsewhere; one weight, or one per channel (dimension 1). */
export const prelu: Op<(input: Tensor, weight: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'prelu(Tensor input, Tensor weight)',
    forward: (_ctx, x: Tensor, weight: Tensor) => {
      const count = weight.numel();
      if (count !== 1) {
        if (x.ndim === 0) throw new RuntimeError('Not allow zero-dim input tensor.');
        const channels = x.ndim > 1 ? x.shape[1] : 1;
        if (channels !== count) {
          throw new RuntimeError(
            `Mismatch of parameter numbers and input channel size. Found parameter numbers = ${count} and channel size = ${channels}.`,
          );
        }
      }
      const slope =
        count === 1 ? reshape(weight, []) : reshape(weight, [count, ...x.shape.slice(2).map(() => 1)]);
      return where(gt(x, 0), x, mul(slope, x));
    },
    backward: 'composite',
    samples: (make) => [
      [make(2, 3), make(1)],
      [make(2, 3, 2), make(3)],
      [make(4), make(1)],
    ],
  },
  ['method'],
);
