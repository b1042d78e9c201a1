import { bool, int64, uint8 } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import * as code from '../wasm/opcode.js';
import { gt, le, lt, where } from './compare.js';
import { define } from './define.js';
import type { Args, Context, Op } from './define.js';
import { checkFloat } from './float_kernel.js';
import { reluFollowing } from './follow.js';
import { gated, saveInput } from './gated.js';
import type { WithOne } from './gated.js';
import { add, div, mul, sub } from './pointwise_binary.js';
import { clampNumbers } from './clamp_kernel.js';
import { abs } from './pointwise_unary.js';
import { converted } from './scalar.js';
import { unaryKernel } from './unary_kernel.js';
import type { Unary } from './unary_kernel.js';
import { reshape } from './view.js';

/** max(input, 0); NaN stays. Saves its result, as torch does: writing over that result afterwards makes backward fail. */
export const relu: Unary = define(
  {
    schema: 'relu(Tensor input)',
    forward: (ctx, x: Tensor) => {
      if (x.dtype === bool) throw new RuntimeError('Boolean inputs not supported for relu');
      const out = reluFollowing(ctx, x) ?? unaryKernel(ctx, code.U_RELU, x, x.dtype);
      if (ctx.needs[0]) ctx.saveOutput(out);
      return out;
    },
    backward: (ctx, g) => [gated(g, ctx.saved()[0], code.B_RELU_BACKWARD, 0, 0)],
    samples: (make) => [[make(2, 3)], [make(3, 2).t()]],
  },
  ['method', 'inplace'],
);

/** input where it is positive, negative_slope · input elsewhere. */
export const leaky_relu: WithOne<'negative_slope'> = define({
  schema: 'leaky_relu(Tensor input, float negative_slope=0.01)',
  forward: (ctx, x: Tensor, slope: number) => {
    checkFloat('leaky_relu_cpu', x.dtype);
    // As in torch; of a slope that is not negative the result lies on the side of 0 on which the input lay.
    const savesOutput = ctx.target !== null && slope >= 0;
    if (!savesOutput) saveInput(ctx, x);
    const out = unaryKernel(ctx, code.U_LEAKY_RELU, x, x.dtype, slope);
    if (savesOutput && ctx.needs[0]) ctx.saveOutput(out);
    return out;
  },
  backward: (ctx, g) => [gated(g, ctx.saved()[0], code.B_LEAKY_RELU_BACKWARD, ctx.args[1] as number, 0)],
  samples: (make) => [[make(2, 3)], [make(2, 3), 0.2]],
});

function hold(ctx: Context, op: string, x: Tensor, low: number, high: number): Tensor {
  if (x.dtype === bool) throw new RuntimeError(`Bool inputs not supported for ${op}`);
  saveInput(ctx, x);
  if (x.dtype.is_floating_point) return clampNumbers(ctx, x, low, high);
  const [from, to] = [low, high].map((limit) => Math.trunc(converted(limit, int64)));
  if (x.dtype === uint8 && (from < 0 || to < 0)) {
    throw new RuntimeError(`cannot do ${op} on an unsigned type with negative limits`);
  }
  return clampNumbers(ctx, x, from, to);
}

/** input held between min_val and max_val. */
export const hardtanh: Op<
  (
    ...args: Args<[input: Tensor], [min_val: number, max_val: number], { min_val?: number; max_val?: number }>
  ) => Tensor
> = define({
  schema: 'hardtanh(Tensor input, float min_val=-1.0, float max_val=1.0)',
  forward: (ctx, x: Tensor, low: number, high: number) => hold(ctx, 'hardtanh', x, low, high),
  backward: (ctx, g) => {
    const [, low, high] = ctx.args as [null, number, number];
    return [gated(g, ctx.saved()[0], code.B_HARDTANH_BACKWARD, low, high)];
  },
  samples: (make) => [[make(2, 3)], [make(2, 3), -0.5, 2]],
});

/** min(max(input, 0), 6). */
export const relu6: Op<(input: Tensor) => Tensor> = define({
  schema: 'relu6(Tensor input)',
  forward: (ctx, x: Tensor) => hold(ctx, 'relu6', x, 0, 6),
  backward: (ctx, g) => [gated(g, ctx.saved()[0], code.B_HARDTANH_BACKWARD, 0, 6)],
  samples: (make) => [[make.uniform(-3, 9, 2, 3)]],
});

/** input where it is above `threshold`, `value` elsewhere. */
export const threshold: Op<
  (
    ...args:
      | [input: Tensor, threshold: number, value: number]
      | [input: Tensor, options: { threshold: number; value: number }]
  ) => Tensor
> = define({
  schema: 'threshold(Tensor input, float threshold, float value)',
  // Doing it twice changes nothing.
  repeats: true,
  forward: (ctx, x: Tensor, limit: number, value: number) => {
    if (x.dtype === bool) checkFloat('threshold_cpu', x.dtype);
    saveInput(ctx, x);
    const [from, to] = [limit, value].map((number) => converted(number, x.dtype));
    return unaryKernel(ctx, code.U_THRESHOLD, x, x.dtype, from, to);
  },
  backward: (ctx, g) => [gated(g, ctx.saved()[0], code.B_THRESHOLD_BACKWARD, ctx.args[1] as number, 0)],
  samples: (make) => [[make(2, 3), 0.1, 5]],
});

/** input / 6 + 1/2 held between 0 and 1. */
export const hardsigmoid: Op<(input: Tensor) => Tensor> = define({
  schema: 'hardsigmoid(Tensor input)',
  forward: (ctx, x: Tensor) => {
    checkFloat('hardsigmoid_cpu', x.dtype);
    saveInput(ctx, x);
    return unaryKernel(ctx, code.U_HARDSIGMOID, x, x.dtype);
  },
  backward: (ctx, g) => [where(lt(abs(ctx.saved()[0]), 3), div(g, 6), 0)],
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
    const middle = mul(g, add(div(x, 3), 0.5));
    return [where(le(x, 3), where(gt(x, -3), middle, where(lt(x, -3), 0, middle)), g)];
  },
  samples: (make) => [[make.uniform(-5, 5, 2, 4)]],
});

/** input moved towards 0 by `lambd`, 0 where it would pass it (and for NaN, as torch). */
export const softshrink: WithOne<'lambd'> = define({
  schema: 'softshrink(Tensor input, float lambd=0.5)',
  forward: (ctx, x: Tensor, lambd: number) => {
    if (lambd < 0) throw new RuntimeError(`lambda must be greater or equal to 0, but found to be ${lambd}.`);
    checkFloat('softshrink_cpu', x.dtype);
    ctx.save(x);
    return where(gt(x, lambd), sub(x, lambd), where(lt(x, -lambd), add(x, lambd), 0));
  },
  backward: (ctx, g) => [where(le(abs(ctx.saved()[0]), ctx.args[1] as number), 0, g)],
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
      const positive = gt(x, 0);
      // What is positive is kept out of the product, whose gradient would make NaN of an infinity or of a slope that is NaN.
      return where(positive, x, mul(slope, where(positive, 0, x)));
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
