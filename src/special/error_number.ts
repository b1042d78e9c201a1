/** Functions of the normal distribution, of numbers. */

const H = 0.5;
const WEIGHTS = Array.from({ length: 13 }, (_, k) => Math.exp(-(((k + 1) * H) ** 2)));

/** erf of |x| < 1: Σ 2ⁿ x²ⁿ⁺¹ / (2n + 1)!! · 2 e^(−x²) / √π. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 40 && Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/**
 * e^(x²) erfc(x). From x = 1 on by the trapezoidal rule with the correction of its pole (Hunter and Regan, "A note on the
 * evaluation of the complementary error function", 1972): 2e-16.
 */
export function erfcx(x: number): number {
  if (x < 0) return 2 * Math.exp(x * x) - erfcx(-x);
  if (x < 1) return Math.exp(x * x) * (1 - erfSeries(x));
  if (!(x < 1e8)) return 1 / (x * Math.sqrt(Math.PI));
  let sum = 1 / (2 * x * x);
  for (let k = 0; k < WEIGHTS.length; k++) sum += WEIGHTS[k] / (((k + 1) * H) ** 2 + x * x);
  const pole = x < Math.PI / H ? (2 * Math.exp(x * x)) / Math.expm1((2 * Math.PI * x) / H) : 0;
  return ((2 * H * x) / Math.PI) * sum - pole;
}

/** The logarithm of the normal distribution below x. */
export function logNdtr(x: number): number {
  const t = x * Math.SQRT1_2;
  if (x < -1) return Math.log(erfcx(-t) / 2) - t * t;
  return Math.log1p(-(Math.exp(-t * t) * erfcx(t)) / 2);
}

/** The x below which the normal distribution has p, by Newton's steps on its logarithm. */
export function ndtri(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN;
  if (p > 0.5) return -ndtri(1 - p);
  const goal = Math.log(p);
  let x = p > 0.1 ? (p - 0.5) * Math.sqrt(2 * Math.PI) : -Math.sqrt(-2 * goal);
  for (let i = 0; i < 40; i++) {
    const slope = Math.sqrt(2 / Math.PI) / erfcx(-x * Math.SQRT1_2);
    const step = (logNdtr(x) - goal) / slope;
    x -= step;
    if (Math.abs(step) <= 1e-16 * Math.abs(x)) break;
  }
  return x;
}
