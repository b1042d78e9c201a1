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

/** Hurwitz's zeta function Σ (q + k)^−s for s > 1, by Euler and Maclaurin after nine terms (as Cephes does it). */
export function hurwitz(s: number, q: number): number {
  if (q <= 0) {
    if (Number.isInteger(q)) return Infinity;
    if (!Number.isInteger(s)) return NaN;
  }
  let sum = 0;
  let x = q;
  for (; x <= 9; x++) sum += x ** -s;
  sum += x ** -s / 2 + x ** (1 - s) / (s - 1);
  let rising = s;
  let power = x ** (-s - 1);
  for (let k = 0; k < BERNOULLI.length; k++) {
    sum += BERNOULLI[k] * rising * power;
    rising *= (s + 2 * k + 1) * (s + 2 * k + 2);
    power /= x * x;
  }
  return sum;
}
