/** Orthogonal polynomials of degree n, by their recurrences. None has a gradient, as in torch. */
import { define } from '../ops/define.js';
import type { Op } from '../ops/define.js';
import { mapFloats } from '../ops/float_map.js';
import { commonDtype } from '../ops/iterator.js';
import type { TensorOrNumber } from '../ops/iterator.js';
import { floatDtype } from '../ops/unary_kernel.js';
import { Tensor } from '../tensor.js';

type Polynomial = Op<(input: TensorOrNumber, n: TensorOrNumber) => Tensor>;

/** The polynomial of degree 1 at x. */
type First = (x: number) => number;
/** The polynomial of degree k + 1 from those of degree k and k − 1. */
type Next = (x: number, k: number, p: number, before: number) => number;

function polynomial(name: string, first: First, next: Next): Polynomial {
  const value = (x: number, degree: number): number => {
    const n = Math.trunc(degree);
    if (Number.isNaN(x)) return NaN;
    // torch makes the degree an int64 first: what does not fit, NaN too, is the smallest there is.
    if (!(n >= 0 && n < 2 ** 63)) return 0;
    if (n === 0) return 1;
    let before = 1;
    let p = first(x);
    for (let k = 1; k < n && !Number.isNaN(p); k++) [before, p] = [p, next(x, k, p, before)];
    return p;
  };
  return define({
    schema: `special_${name}(Tensor|Scalar input, Tensor|Scalar n)`,
    forward: (_ctx, x: TensorOrNumber, n: TensorOrNumber) => {
      if (!(x instanceof Tensor) && !(n instanceof Tensor)) {
        throw new TypeError(`special_${name}(): at least one of input and n must be a Tensor`);
      }
      return mapFloats(x, n, floatDtype(commonDtype([x, n])), value);
    },
    backward: 'none',
    samples: (make) => [[make(2, 3), make.int(0, 5, 3)]],
  });
}

const chebyshev: Next = (x, _k, p, before) => 2 * x * p - before;
const shifted: Next = (x, _k, p, before) => 2 * (2 * x - 1) * p - before;

/** Chebyshev's polynomial of the first kind, cos(n arccos x). */
export const chebyshev_polynomial_t: Polynomial = polynomial('chebyshev_polynomial_t', (x) => x, chebyshev);
/** Chebyshev's polynomial of the second kind. */
export const chebyshev_polynomial_u: Polynomial = polynomial(
  'chebyshev_polynomial_u',
  (x) => 2 * x,
  chebyshev,
);
/** Chebyshev's polynomial of the third kind. */
export const chebyshev_polynomial_v: Polynomial = polynomial(
  'chebyshev_polynomial_v',
  (x) => 2 * x - 1,
  chebyshev,
);
/** Chebyshev's polynomial of the fourth kind. */
export const chebyshev_polynomial_w: Polynomial = polynomial(
  'chebyshev_polynomial_w',
  (x) => 2 * x + 1,
  chebyshev,
);
/** `chebyshev_polynomial_t` of 2x − 1. */
export const shifted_chebyshev_polynomial_t: Polynomial = polynomial(
  'shifted_chebyshev_polynomial_t',
  (x) => 2 * x - 1,
  shifted,
);
/** `chebyshev_polynomial_u` of 2x − 1. */
export const shifted_chebyshev_polynomial_u: Polynomial = polynomial(
  'shifted_chebyshev_polynomial_u',
  (x) => 2 * (2 * x - 1),
  shifted,
);
/** `chebyshev_polynomial_v` of 2x − 1. */
export const shifted_chebyshev_polynomial_v: Polynomial = polynomial(
  'shifted_chebyshev_polynomial_v',
  (x) => 2 * (2 * x - 1) - 1,
  shifted,
);
/** `chebyshev_polynomial_w` of 2x − 1. */
export const shifted_chebyshev_polynomial_w: Polynomial = polynomial(
  'shifted_chebyshev_polynomial_w',
  (x) => 2 * (2 * x - 1) + 1,
  shifted,
);
/** The physicist's Hermite polynomial. */
export const hermite_polynomial_h: Polynomial = polynomial(
  'hermite_polynomial_h',
  (x) => 2 * x,
  (x, k, p, before) => 2 * x * p - 2 * k * before,
);
/** The probabilist's Hermite polynomial. */
export const hermite_polynomial_he: Polynomial = polynomial(
  'hermite_polynomial_he',
  (x) => x,
  (x, k, p, before) => x * p - k * before,
);
/** Laguerre's polynomial. */
export const laguerre_polynomial_l: Polynomial = polynomial(
  'laguerre_polynomial_l',
  (x) => 1 - x,
  (x, k, p, before) => ((2 * k + 1 - x) * p - k * before) / (k + 1),
);
/** Legendre's polynomial. */
export const legendre_polynomial_p: Polynomial = polynomial(
  'legendre_polynomial_p',
  (x) => x,
  (x, k, p, before) => ((2 * k + 1) * x * p - k * before) / (k + 1),
);
