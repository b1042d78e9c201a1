import { NotImplementedError, RuntimeError } from '../errors.js';
import { define } from '../ops/define.js';
import type { Args, Op, Variant } from '../ops/define.js';
import { mapFloats } from '../ops/float_map.js';
import { checkTarget, commonDtype } from '../ops/iterator.js';
import type { TensorOrNumber } from '../ops/iterator.js';
import { add, mul, neg, sub } from '../ops/pointwise_binary.js';
import { exp, lgamma, log } from '../ops/pointwise_unary.js';
import { sum } from '../ops/reduce.js';
import { floatDtype } from '../ops/unary_kernel.js';
import { unsqueeze } from '../ops/view.js';
import { Tensor } from '../tensor.js';
import { writeValues } from '../tensor_data.js';
import { allocate } from '../tensor_handle.js';
import * as number from './gamma_number.js';
import { hurwitz } from './zeta_number.js';

type Incomplete = Op<(input: Tensor, other: Tensor) => Tensor, Variant>;

function incomplete(name: string, f: (a: number, x: number) => number, sign: number): Incomplete {
  return define(
    {
      schema: `${name}(Tensor input, Tensor other)`,
      forward: (ctx, a: Tensor, x: Tensor) => {
        const dtype = commonDtype([a, x]);
        checkTarget(ctx, dtype);
        if (!dtype.is_floating_point) {
          throw new NotImplementedError(`"${name}_cpu" not implemented for '${dtype.scalarName}'`);
        }
        ctx.save(a, x);
        return mapFloats(a, x, dtype, f);
      },
      backward: (ctx, g) => {
        if (ctx.needs[0]) {
          throw new NotImplementedError(`the derivative for '${name}: input' is not implemented.`);
        }
        const [a, x] = ctx.saved();
        const density = exp(sub(sub(mul(sub(a, 1), log(x)), x), lgamma(a)));
        return [null, mul(g, sign < 0 ? neg(density) : density)];
      },
      samples: (make) => [[make.uniform(0.5, 3, 2, 3).detach(), make.uniform(0.5, 3, 3)]],
    },
    ['method', 'inplace'],
  );
}

/** The regularized lower incomplete gamma function P(input, other) = ∫₀ᵒᵗʰᵉʳ tᵃ⁻¹ e⁻ᵗ dt / Γ(a). */
export const igamma: Incomplete = incomplete('igamma', number.igamma, 1);
/** The regularized upper incomplete gamma function Q = 1 − P. */
export const igammac: Incomplete = incomplete('igammac', number.igammac, -1);

/** log Γ_p(input), the multivariate gamma function of dimension p. */
export const mvlgamma: Op<(...args: Args<[input: Tensor], [p: number], { p: number }>) => Tensor, Variant> =
  define(
    {
      schema: 'mvlgamma(Tensor input, int p)',
      forward: (_ctx, x: Tensor, p: number) => {
        if (p < 1) throw new RuntimeError('p has to be greater than or equal to 1');
        const shifts = allocate([p], floatDtype(x.dtype));
        writeValues(
          shifts,
          Array.from({ length: p }, (_, j) => -j / 2),
        );
        const terms = lgamma(add(unsqueeze(x, -1), shifts));
        return add(sum(terms, -1), ((p * (p - 1)) / 4) * Math.log(Math.PI));
      },
      backward: 'composite',
      samples: (make) => [[make.uniform(2, 3, 2, 3), 3]],
    },
    ['method', 'inplace'],
  );

/** Hurwitz's zeta function Σ (q + k)⁻ˣ; NaN for x < 1. */
export const zeta: Op<(input: TensorOrNumber, other: TensorOrNumber) => Tensor> = define({
  schema: 'special_zeta(Tensor|Scalar input, Tensor|Scalar other)',
  forward: (ctx, x: TensorOrNumber, q: TensorOrNumber) => {
    ctx.save(x instanceof Tensor ? x : null, q instanceof Tensor ? q : null);
    return mapFloats(x, q, floatDtype(commonDtype([x, q])), (s, t) =>
      s === 1 ? Infinity : s < 1 ? NaN : hurwitz(s, t),
    );
  },
  backward: (ctx, g) => {
    if (ctx.needs[0]) throw new NotImplementedError("the derivative for 'zeta' is not implemented.");
    const [saved, q] = ctx.saved() as (Tensor | null)[];
    const x = saved ?? Number(ctx.args[0]);
    const above = x instanceof Tensor ? add(x, 1) : x + 1;
    return [null, mul(mul(g, zeta(above, q!)), x instanceof Tensor ? neg(x) : -x)];
  },
  samples: (make) => [
    [make.uniform(2, 3, 2, 3).detach(), make.uniform(0.5, 3, 3)],
    [2, make.uniform(1, 2, 3)],
  ],
});
