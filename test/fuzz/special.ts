/** Calls of what `torch.special` has with arguments of which not every value is determined. */
import type { Arg } from './case.js';
import type { Make } from './call.js';

/** Of small degree: in float32 torch's recurrences leave only rounding of large ones. */
const polynomial: Make = (draw) => {
  const size = draw.shape();
  const dtype = draw.floatDtype();
  const degree = draw.pick([dtype, 'int64', 'int32']);
  const degrees: Arg = draw.bool()
    ? draw.int(-1, 8)
    : draw.tensor(draw.broadcastable(size), { dtype: degree, low: -1, high: 8 });
  return { args: [draw.tensor(size, { dtype, low: -1.5, high: 1.5 }), degrees] };
};

const POLYNOMIALS = [
  'chebyshev_polynomial_t',
  'chebyshev_polynomial_u',
  'chebyshev_polynomial_v',
  'chebyshev_polynomial_w',
  'hermite_polynomial_h',
  'hermite_polynomial_he',
  'laguerre_polynomial_l',
  'legendre_polynomial_p',
  'shifted_chebyshev_polynomial_t',
  'shifted_chebyshev_polynomial_u',
  'shifted_chebyshev_polynomial_v',
  'shifted_chebyshev_polynomial_w',
];

export const special: Readonly<Record<string, Make>> = Object.fromEntries(
  POLYNOMIALS.map((name) => [name, polynomial]),
);
