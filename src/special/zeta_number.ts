/** Bernoulli numbers B₂, B₄, … over (2k)!, for the Euler–Maclaurin sum. */
const BERNOULLI = [
  1 / 12,
  -1 / 720,
  1 / 30240,
  -1 / 1209600,
  1 / 47900160,
  -691 / 1307674368000,
  1 / 74724249600,
  -3617 / 10670622842880000,
];

const EPSILON = 2 ** -53;
/**
 * Below this the terms of negative base, which mirrored are a difference of two sums of positive ones, are not added one by one: there
 * may be 2⁵² of them.
 */
const MANY_TERMS = -100;

/** Hurwitz's zeta function Σ (q + k)^−s for s > 1, by Euler and Maclaurin after nine terms (as Cephes does it). */
export function hurwitz(s: number, q: number): number {
  if (q <= 0) {
    if (q === Math.floor(q)) return Infinity;
    if (s !== Math.floor(s)) return NaN;
    if (q < MANY_TERMS) {
      const fraction = q - Math.floor(q);
      const below = hurwitz(s, 1 - fraction) - hurwitz(s, 1 - q);
      return hurwitz(s, fraction) + (s % 2 === 0 ? below : -below);
    }
  }
  let sum = 0;
  let x = q;
  for (let k = 0; k < 9 || x <= 9; k++, x++) {
    const term = x === 1 ? 1 : x ** -s;
    sum += term;
    if (k > 0 && Math.abs(term) < EPSILON * sum) return sum;
  }
  sum += x ** -s / 2 + (x ** -s * x) / (s - 1);
  let rising = s;
  let power = x ** (-s - 1);
  for (let k = 0; k < BERNOULLI.length; k++) {
    sum += BERNOULLI[k] * rising * power;
    rising *= (s + 2 * k + 1) * (s + 2 * k + 2);
    power /= x * x;
  }
  return sum;
}

/** ζ(2, x), the derivative of digamma, as torch computes it: at a pole the rounding of π·x is left, not infinity. */
export function trigamma(value: number, round: (x: number) => number): number {
  let x = value;
  let reflected = 0;
  if (value < 0.5) {
    const sine = round(Math.sin(round(round(Math.PI) * x)));
    reflected = Math.PI ** 2 / (sine * sine);
    x = 1 - x;
  }
  let sum = 0;
  for (let i = 0; i < 6; i++, x++) sum += 1 / (x * x);
  const square = 1 / (x * x);
  sum += (1 + 1 / (2 * x) + square * (1 / 6 - square * (1 / 30 - square / 42))) / x;
  return value < 0.5 ? reflected - sum : sum;
}
