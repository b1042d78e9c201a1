/** Incomplete gamma functions, of numbers. */
import { erfcx } from './error_number.js';

/** Stirling's series of log Γ(a) − (a − ½) log a + a − ½ log 2π, for a ≥ 10. */
function stirlingTail(a: number): number {
  const w = 1 / (a * a);
  return (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w * (1 / 1188 - (w * 691) / 360360))))) / a;
}

/** log(1 + u) − u without cancellation. */
function log1pLess(u: number): number {
  if (Math.abs(u) > 0.3) return Math.log1p(u) - u;
  let power = u * u;
  let sum = -power / 2;
  for (let k = 3; k < 60; k++) {
    power *= -u;
    const term = -power / k;
    sum += term;
    if (Math.abs(term) < 1e-18 * Math.abs(sum)) break;
  }
  return sum;
}

/** xᵃ e⁻ˣ / Γ(a + 1). */
function factor(a: number, x: number): number {
  if (a >= 10) {
    const exponent = a * log1pLess((x - a) / a) - stirlingTail(a);
    return Math.exp(exponent) / Math.sqrt(2 * Math.PI * a);
  }
  let rising = 1;
  let b = a + 1;
  for (; b < 11; b++) rising *= b;
  const logGamma = (b - 0.5) * Math.log(b) - b + 0.5 * Math.log(2 * Math.PI) + stirlingTail(b);
  return Math.exp(a * Math.log(x) - x - logGamma) * rising;
}

/** P(a, x) by its series. */
function lowerSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 1; term > 1e-17 * sum; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return factor(a, x) * sum;
}

/** Q(a, x) by its continued fraction (Lentz). */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < 1e7; n++) {
    const an = -n * (n - a);
    b += 2;
    d = an * d + b;
    if (d === 0) d = 1e-300;
    c = b + an / c;
    if (c === 0) c = 1e-300;
    d = 1 / d;
    const change = d * c;
    h *= change;
    if (Math.abs(change - 1) < 1e-16) break;
  }
  return factor(a, x) * a * h;
}

/** Past this, series need 10⁵ terms: P and Q by Temme's uniform expansion, whose second term is below 1e-9. */
const LARGE = 1e9;

function upperLarge(a: number, x: number): number {
  const mu = (x - a) / a;
  const eta = Math.sign(mu) * Math.sqrt(Math.max(-2 * log1pLess(mu), 0));
  const density = Math.exp(-0.5 * a * eta * eta);
  const t = Math.abs(eta) * Math.sqrt(a / 2);
  const tail = 0.5 * density * erfcx(t);
  const first = Math.abs(eta) < 1e-3 ? -1 / 3 + eta / 12 : 1 / mu - 1 / eta;
  const rest = (density / Math.sqrt(2 * Math.PI * a)) * first;
  return (eta < 0 ? 1 - tail : tail) + rest;
}

/** The share of Γ(a) that lies below x, with torch's values at the edges. */
export function igamma(a: number, x: number): number {
  if (a < 0 || x < 0) return NaN;
  if (a === 0) return x > 0 ? 1 : NaN;
  if (x === 0) return 0;
  if (a === Infinity) return x === Infinity ? NaN : 0;
  if (x === Infinity) return 1;
  if (Number.isNaN(a) || Number.isNaN(x)) return NaN;
  if (a > LARGE) return 1 - upperLarge(a, x);
  return x < a + 1 ? lowerSeries(a, x) : 1 - upperFraction(a, x);
}

/** The share of Γ(a) that lies above x. */
export function igammac(a: number, x: number): number {
  if (a < 0 || x < 0) return NaN;
  if (a === 0) return x > 0 ? 0 : NaN;
  if (x === 0) return 1;
  if (a === Infinity) return x === Infinity ? NaN : 1;
  if (x === Infinity) return 0;
  if (Number.isNaN(a) || Number.isNaN(x)) return NaN;
  if (a > LARGE) return upperLarge(a, x);
  return x < a + 1 ? 1 - lowerSeries(a, x) : upperFraction(a, x);
}
