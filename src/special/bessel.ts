import { float32 } from '../dtype.js';
import { gt, logical_not } from '../ops/compare.js';
import { define } from '../ops/define.js';
import type { Op } from '../ops/define.js';
import { mapFloat } from '../ops/float_map.js';
import { masked_fill } from '../ops/mask.js';
import { add, div, mul, sub } from '../ops/pointwise_binary.js';
import { abs, reciprocal, sign } from '../ops/pointwise_unary.js';
import { floatDtype } from '../ops/unary_kernel.js';
import type { Unary } from '../ops/unary_kernel.js';
import type { Tensor } from '../tensor.js';
import * as number from './bessel_number.js';

/** A function without a gradient, as torch has it. */
type Plain = Op<(input: Tensor) => Tensor>;

function plain(name: string, f: (x: number) => number): Plain {
  return define({
    schema: `special_${name}(Tensor input)`,
    forward: (_ctx, x: Tensor) => mapFloat(x, floatDtype(x.dtype), f),
    backward: 'none',
    samples: (make) => [[make.uniform(0.5, 30, 5)]],
  });
}

type Grad = (g: Tensor, x: Tensor, out: Tensor) => Tensor;

function smooth(name: string, f: (x: number) => number, grad: Grad): Unary {
  return define(
    {
      schema: `${name}(Tensor input)`,
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
      samples: (make) => [[make(2, 3)], [make.uniform(15, 25, 3)]],
    },
    ['method', 'inplace'],
  );
}

/** The modified Bessel function I₀. */
export const i0: Unary = smooth('i0', number.i0, (g, x) => mul(g, i1(x)));
/** e^(−|x|) I₀(x). */
export const i0e: Unary = smooth('special_i0e', number.i0e, (g, x, out) =>
  mul(g, sub(i1e(x), mul(sign(x), out))),
);
/** Where I₁(x) / x is taken for 1/2 in gradients; torch's comparison makes NaN tiny too. */
function tiny(x: Tensor): Tensor {
  return logical_not(gt(abs(x), x.dtype === float32 ? 2 ** -23 : 2 ** -52));
}

/** The modified Bessel function I₁. */
export const i1: Unary = smooth('special_i1', number.i1, (g, x, out) =>
  mul(g, masked_fill(sub(i0(x), div(out, x)), tiny(x), 0.5)),
);
/** e^(−|x|) I₁(x). */
export const i1e: Unary = smooth('special_i1e', number.i1e, (g, x, out) =>
  mul(g, masked_fill(sub(i0e(x), mul(out, add(sign(x), reciprocal(x)))), tiny(x), 0.5)),
);

/** The Bessel function of the first kind J₀. */
export const bessel_j0: Plain = plain('bessel_j0', number.j0);
/** J₁. */
export const bessel_j1: Plain = plain('bessel_j1', number.j1);
/** The Bessel function of the second kind Y₀. */
export const bessel_y0: Plain = plain('bessel_y0', number.y0);
/** Y₁. */
export const bessel_y1: Plain = plain('bessel_y1', number.y1);
/** I₀, without a gradient. */
export const modified_bessel_i0: Plain = plain('modified_bessel_i0', number.i0);
/** I₁, without a gradient. */
export const modified_bessel_i1: Plain = plain('modified_bessel_i1', number.i1);
/** The modified Bessel function of the second kind K₀. */
export const modified_bessel_k0: Plain = plain('modified_bessel_k0', number.k0);
/** K₁. */
export const modified_bessel_k1: Plain = plain('modified_bessel_k1', number.k1);
/** eˣ K₀(x). */
export const scaled_modified_bessel_k0: Plain = plain('scaled_modified_bessel_k0', number.k0e);
/** eˣ K₁(x). */
export const scaled_modified_bessel_k1: Plain = plain('scaled_modified_bessel_k1', number.k1e);
/** sin x / x. */
export const spherical_bessel_j0: Plain = plain('spherical_bessel_j0', number.sphericalJ0);
/** Airy's function Ai. */
export const airy_ai: Plain = plain('airy_ai', number.airyAi);
