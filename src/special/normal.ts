/** Functions of the normal distribution, and entropy. */
import { eq, isnan, le, logical_and, where } from '../ops/compare.js';
import { define } from '../ops/define.js';
import type { Op } from '../ops/define.js';
import { mapFloat, mapFloats } from '../ops/float_map.js';
import { commonDtype } from '../ops/iterator.js';
import type { TensorOrNumber } from '../ops/iterator.js';
import { masked_fill } from '../ops/mask.js';
import { add, div, mul, neg, sub } from '../ops/pointwise_binary.js';
import { erfc, exp, log, log1p, square } from '../ops/pointwise_unary.js';
import { floatDtype } from '../ops/unary_kernel.js';
import { to } from '../ops/copy.js';
import { Tensor } from '../tensor.js';
import * as number from './error_number.js';

type Function = Op<(input: Tensor) => Tensor>;
type Grad = (g: Tensor, x: Tensor, out: Tensor) => Tensor;

function mapped(
  name: string,
  f: (x: number) => number,
  grad: Grad,
  [low, high]: readonly [number, number],
): Function {
  return define({
    schema: `special_${name}(Tensor input)`,
    forward: (ctx, x: Tensor) => {
      const out = mapFloat(x, floatDtype(x.dtype), f);
      ctx.save(x);
      ctx.saveOutput(out);
      return out;
    },
    backward: (ctx, g) => {
      const [x, out] = ctx.saved();
      return [grad(g, x, out)];
    },
    samples: (make) => [[make.uniform(low, high, 2, 3)]],
  });
}

/** e^(x²) erfc(x). */
export const erfcx: Function = mapped(
  'erfcx',
  number.erfcx,
  (g, x, out) => mul(g, sub(mul(mul(out, x), 2), 2 / Math.sqrt(Math.PI))),
  [-1, 3],
);
/** The logarithm of `ndtr`, accurate far below 0. */
export const log_ndtr: Function = mapped(
  'log_ndtr',
  number.logNdtr,
  (g, x, out) => mul(div(g, Math.sqrt(2 * Math.PI)), exp(neg(add(out, div(square(x), 2))))),
  [-3, 3],
);
/** The x at which `ndtr` is the input. */
export const ndtri: Function = mapped(
  'ndtri',
  number.ndtri,
  (g, _x, out) => mul(mul(g, exp(div(square(out), 2))), Math.sqrt(2 * Math.PI)),
  [0.1, 0.9],
);

/** The normal distribution's probability below x. */
export const ndtr: Function = define({
  schema: 'special_ndtr(Tensor input)',
  forward: (_ctx, x: Tensor) => mul(erfc(mul(to(x, floatDtype(x.dtype)), -Math.SQRT1_2)), 0.5),
  backward: 'composite',
  samples: (make) => [[make(2, 3)]],
});

/** −x log x; 0 at 0, −inf below. */
export const entr: Function = define({
  schema: 'special_entr(Tensor input)',
  forward: (ctx, given: Tensor) => {
    const x = to(given, floatDtype(given.dtype));
    ctx.save(x);
    const usual = neg(mul(x, log(x)));
    return where(isnan(x), x, where(eq(x, 0), 0, where(le(x, 0), -Infinity, usual)));
  },
  backward: (ctx, g) => [mul(g, neg(add(log(ctx.saved()[0]), 1)))],
  samples: (make) => [[make.uniform(0.5, 2, 2, 3)]],
});

/** input · log(1 + other), 0 where input is 0. Either may be a number, not both. */
export const xlog1py: Op<(input: TensorOrNumber, other: TensorOrNumber) => Tensor> = define({
  schema: 'special_xlog1py(Tensor|Scalar input, Tensor|Scalar other)',
  forward: (ctx, a: TensorOrNumber, b: TensorOrNumber) => {
    if (!(a instanceof Tensor) && !(b instanceof Tensor)) {
      throw new TypeError('special_xlog1py(): at least one of input and other must be a Tensor');
    }
    ctx.save(a instanceof Tensor ? a : null, b instanceof Tensor ? b : null);
    return mapFloats(a, b, floatDtype(commonDtype([a, b])), (x, y) =>
      Number.isNaN(y) ? NaN : x === 0 ? 0 : x * Math.log1p(y),
    );
  },
  backward: (ctx, g) => {
    const [savedA, savedB] = ctx.saved() as (Tensor | null)[];
    const a = savedA ?? Number(ctx.args[0]);
    const b = savedB ?? Number(ctx.args[1]);
    let left: Tensor | null = null;
    if (ctx.needs[0]) {
      const none = logical_and(eq(a as Tensor, 0), b instanceof Tensor ? le(b, -1) : b <= -1);
      left = masked_fill(mul(g, b instanceof Tensor ? log1p(b) : Math.log1p(b)), none, 0);
    }
    return [left, ctx.needs[1] ? div(mul(g, a), add(b as Tensor, 1)) : null];
  },
  samples: (make) => [
    [make(2, 3), make.uniform(0.5, 2, 3)],
    [make(2, 3), 2],
    [2, make.uniform(0.5, 2, 3)],
  ],
});
