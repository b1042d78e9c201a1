import { bool, limits } from '../dtype.js';
import { NotImplementedError, RuntimeError } from '../errors.js';
import { Tensor } from '../tensor.js';
import * as code from '../wasm/opcode.js';
import { eq, gt, isfinite, logical_or, lt } from './compare.js';
import { to } from './copy.js';
import { full_like, zeros_like } from './creation.js';
import { define } from './define.js';
import type { Args, Context, Op } from './define.js';
import { checkPlaces, checkWritable, commonDtype, prepareLoop } from './iterator.js';
import type { TensorOrNumber } from './iterator.js';
import { masked_fill } from './mask.js';
import { div, mul, neg, rsub, sub } from './pointwise_binary.js';
import { cos, log, sin } from './pointwise_unary.js';
import { runLoop } from './run_loop.js';
import { floatDtype, unaryKernel } from './unary_kernel.js';
import type { Unary } from './unary_kernel.js';

/** start + weight · (end − start). */
export const lerp: Op<(input: Tensor, end: Tensor, weight: Tensor | number) => Tensor, 'method' | 'inplace'> =
  define(
    {
      schema: 'lerp(Tensor input, Tensor end, Tensor|Scalar weight)',
      forward: (ctx, a: Tensor, b: Tensor, weight: Tensor | number) => {
        if (a.dtype !== b.dtype) {
          throw new RuntimeError(`expected dtype ${typeWord(a)} for \`end\` but got dtype ${typeWord(b)}`);
        }
        if (weight instanceof Tensor && weight.dtype !== a.dtype) {
          throw new RuntimeError(
            `expected dtype ${typeWord(a)} for \`weight\` but got dtype ${typeWord(weight)}`,
          );
        }
        if (!a.dtype.is_floating_point) {
          throw new NotImplementedError(`"lerp_kernel_scalar" not implemented for '${a.dtype.scalarName}'`);
        }
        ctx.save(ctx.needs[2] ? a : null, ctx.needs[2] ? b : null, weight instanceof Tensor ? weight : null);
        return ternaryKernel(ctx, code.K_LERP, a, b, weight, 0);
      },
      backward: (ctx, g) => {
        const [a, b, saved] = ctx.saved() as (Tensor | null)[];
        const weight = saved ?? Number(ctx.args[2]);
        return [
          ctx.needs[0] ? mul(g, weight instanceof Tensor ? rsub(weight, 1) : 1 - weight) : null,
          ctx.needs[1] ? mul(g, weight) : null,
          ctx.needs[2] ? mul(g, sub(b!, a!)) : null,
        ];
      },
      samples: (make) => [
        [make(2, 3), make(2, 3), 0.4],
        [make(2, 3), make(3), make.uniform(0, 1, 2, 1)],
      ],
    },
    ['method', 'inplace'],
  );

/** The C++ name of a dtype, as lerp's messages have it. */
function typeWord(x: Tensor): string {
  return x.dtype.scalarName.toLowerCase();
}

/** Runs a ternary kernel over operands broadcast together, in their common dtype. */
function ternaryKernel(
  ctx: Context,
  op: number,
  a: Tensor,
  b: TensorOrNumber,
  c: TensorOrNumber,
  p0: number,
): Tensor {
  const dtype = commonDtype([a, b, c]);
  const { inputs, out, desc } = prepareLoop(ctx, [a, b, c], dtype, dtype);
  if (desc !== null) runLoop('ternary', [dtype.code, op], inputs, out, desc, [p0]);
  return out;
}

type Accumulate = Op<
  (...args: Args<[input: Tensor, tensor1: Tensor, tensor2: Tensor], [], { value?: number }>) => Tensor,
  'method' | 'inplace'
>;

function accumulate(name: string, op: number): Accumulate {
  return define(
    {
      schema: `${name}(Tensor input, Tensor tensor1, Tensor tensor2, *, Scalar value=1)`,
      forward: (ctx, x: Tensor, a: Tensor, b: Tensor, value: number | boolean) => {
        if (op === code.K_ADDCDIV && !commonDtype([a, b]).is_floating_point) {
          throw new RuntimeError(
            'Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true ' +
              'division of tensor1 and tensor2. Use (input + value * tensor1 / tensor2) with float tensors.',
          );
        }
        ctx.save(ctx.needs[2] ? a : null, ctx.needs[1] || ctx.needs[2] ? b : null);
        return ternaryKernel(ctx, op, x, a, b, Number(value));
      },
      backward: (ctx, g) => {
        const [a, b] = ctx.saved() as (Tensor | null)[];
        const value = Number(ctx.args[3]);
        // In torch's order: the factor is of the operand's dtype, so that one of integers wraps.
        if (op === code.K_ADDCMUL) {
          const along = (t: Tensor): Tensor => mul(g, mul(t, value));
          return [g, ctx.needs[1] ? along(b!) : null, ctx.needs[2] ? along(a!) : null];
        }
        return [
          g,
          ctx.needs[1] ? mul(g, quotient(value, b!)) : null,
          ctx.needs[2] ? mul(neg(g), div(mul(a!, value), mul(b!, b!))) : null,
        ];
      },
      samples: (make) => [
        [make(2, 3), make(2, 3), make.uniform(0.5, 2, 2, 3)],
        [make(2, 3), make(3), make.uniform(0.5, 2, 2, 1), { value: 0.5 }],
      ],
    },
    ['method', 'inplace'],
  );
}

/** value / divisor as torch has it there, in the dtype of the divisor: which integers do not hold. */
function quotient(value: number, divisor: Tensor): Tensor {
  checkWritable(floatDtype(divisor.dtype), divisor.dtype);
  return div(full_like(divisor, value), divisor);
}

/** input + value · tensor1 · tensor2. */
export const addcmul: Accumulate = accumulate('addcmul', code.K_ADDCMUL);
/** input + value · tensor1 / tensor2. */
export const addcdiv: Accumulate = accumulate('addcdiv', code.K_ADDCDIV);

/** Rounded to the nearest integer, halves to the even one; or to `decimals` places. */
export const round: Op<(input: Tensor, options?: { decimals?: number }) => Tensor, 'method' | 'inplace'> =
  define(
    {
      schema: 'round(Tensor input, *, int decimals=0)',
      forward: (ctx, x: Tensor, decimals: number) => {
        if (decimals === 0) return unaryKernel(ctx, code.U_ROUND, x, x.dtype);
        if (!x.dtype.is_floating_point) {
          throw new NotImplementedError(`"round_cpu" not implemented for '${x.dtype.scalarName}'`);
        }
        // Scaled and scaled back as torch does: by a division where there are places behind the point.
        const scale = 10 ** Math.abs(decimals);
        const scaled = decimals > 0 ? mul(x, scale) : div(x, scale);
        const rounded = round(scaled);
        return decimals > 0 ? div(rounded, scale) : mul(rounded, scale);
      },
      backward: (_ctx, g) => [zeros_like(g)],
      samples: (make) => [[make(2, 3)], [make(2, 3), { decimals: 2 }]],
    },
    ['method', 'inplace'],
  );

/** NaN, inf and −inf replaced: by default by 0 and the largest and smallest finite number of the dtype. */
export const nan_to_num: Op<
  (
    ...args: Args<
      [input: Tensor],
      [nan: number | null, posinf: number | null, neginf: number | null],
      { nan?: number | null; posinf?: number | null; neginf?: number | null }
    >
  ) => Tensor,
  'method' | 'inplace'
> = define(
  {
    schema: 'nan_to_num(Tensor input, float? nan=None, float? posinf=None, float? neginf=None)',
    repeats: true,
    forward: (ctx, x: Tensor, nan: number | null, posinf: number | null, neginf: number | null) => {
      // Of integers nothing is written.
      if (!x.dtype.is_floating_point) return ctx.target ?? x.clone();
      if (ctx.target !== null) checkPlaces(ctx.target);
      ctx.save(x);
      const [lowest, highest] = limits(x.dtype);
      return unaryKernel(ctx, code.U_NAN_TO_NUM, x, x.dtype, nan ?? 0, posinf ?? highest, neginf ?? lowest);
    },
    backward: (ctx, g) => [mul(g, isfinite(ctx.saved()[0]))],
    samples: (make) => [[make(2, 3)], [make(3), 1, 2, 3]],
  },
  ['method', 'inplace'],
);

/** log(x / (1 − x)), of x clamped to [eps, 1 − eps] where an eps is given that is not negative. */
export const logit: Op<
  (input: Tensor, eps?: number | null | { eps?: number | null }) => Tensor,
  'method' | 'inplace'
> = define(
  {
    schema: 'logit(Tensor input, float? eps=None)',
    forward: (ctx, x: Tensor, eps: number | null) => {
      ctx.save(x);
      const dtype = floatDtype(x.dtype);
      const z = eps === null || eps < 0 ? to(x, dtype) : to(x, dtype).clamp(eps, 1 - eps);
      return log(div(z, rsub(z, 1)));
    },
    backward: (ctx, g) => {
      const [x] = ctx.saved();
      const eps = ctx.args[1] as number | null;
      const usual = div(g, mul(x, rsub(x, 1)));
      const [low, high, outside] = eps === null || eps < 0 ? [0, 1, NaN] : [eps, 1 - eps, 0];
      return [masked_fill(usual, logical_or(lt(x, low), gt(x, high)), outside)];
    },
    samples: (make) => [[make.uniform(0.1, 0.9, 2, 3)], [make.uniform(0.1, 0.9, 3), 0.2]],
  },
  ['method', 'inplace'],
);

/** sin(πx) / πx, 1 at 0. */
export const sinc: Unary = define(
  {
    schema: 'sinc(Tensor input)',
    forward: (ctx, x: Tensor) => {
      ctx.save(x);
      const scaled = mul(x, Math.PI);
      return masked_fill(div(sin(scaled), scaled), eq(x, 0), 1);
    },
    backward: (ctx, g) => {
      const [x] = ctx.saved();
      const scaled = mul(x, Math.PI);
      const slope = div(sub(mul(scaled, cos(scaled)), sin(scaled)), mul(scaled, x));
      return [mul(g, masked_fill(slope, eq(x, 0), 0))];
    },
    samples: (make) => [[make(2, 3)]],
  },
  ['method', 'inplace'],
);

function scaled(name: string, factor: number): Unary {
  return define(
    {
      schema: `${name}(Tensor input)`,
      forward: (_ctx, x: Tensor) => mul(x, factor),
      backward: (_ctx, g) => [mul(g, factor)],
      samples: (make) => [[make(2, 3)]],
    },
    ['method', 'inplace'],
  );
}

/** Degrees as radians. */
export const deg2rad: Unary = scaled('deg2rad', Math.PI / 180);
/** Radians as degrees. */
export const rad2deg: Unary = scaled('rad2deg', 180 / Math.PI);

/** The tensor itself; bool is refused. */
export const positive: Op<(input: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'positive(Tensor input)',
    forward: (_ctx, x: Tensor) => {
      if (x.dtype === bool) throw new RuntimeError('The `+` operator, on a bool tensor is not supported.');
      return x;
    },
    backward: 'composite',
  },
  ['method'],
);

/** The p-norm of input − other. */
export const dist: Op<(input: Tensor, other: Tensor, p?: number | { p?: number }) => Tensor, 'method'> =
  define(
    {
      schema: 'dist(Tensor input, Tensor other, float p=2)',
      forward: (_ctx, a: Tensor, b: Tensor, p: number) => sub(a, b).norm(p),
      backward: 'composite',
      samples: (make) => [
        [make(2, 3), make(2, 3)],
        [make(2, 3), make(3), 1],
      ],
    },
    ['method'],
  );
