/** Bessel functions of order 0 and 1, modified ones, and Airy's, of numbers. */

const EULER = 0.5772156649015329;

/** Σ Πₖ (μ − (2k − 1)²) / (k · 8x), Hankel's expansion, until it no longer shrinks; `sign` (−1)ᵏ for I, 1 for K. */
function hankelSum(order: number, x: number, sign: number): number {
  const mu = 4 * order * order;
  let term = 1;
  let sum = 1;
  for (let k = 1; k < 100; k++) {
    const next = (term * sign * (mu - (2 * k - 1) ** 2)) / (k * 8 * x);
    if (Math.abs(next) >= Math.abs(term) || Math.abs(next) < 1e-18 * Math.abs(sum)) break;
    term = next;
    sum += term;
  }
  return sum;
}

/** e^(−|x|) I(x) of order 0 or 1. */
function besselIe(order: 0 | 1, x: number): number {
  const a = Math.abs(x);
  const sign = order === 1 && x < 0 ? -1 : 1;
  if (a === Infinity) return 0;
  if (a > 20) return (sign * hankelSum(order, a, -1)) / Math.sqrt(2 * Math.PI * a);
  const quarter = (a * a) / 4;
  let term = order === 0 ? 1 : a / 2;
  let sum = term;
  for (let k = 1; term > 1e-18 * sum; k++) {
    term *= quarter / (k * (k + order));
    sum += term;
  }
  return sign * sum * Math.exp(-a);
}

export const i0e = (x: number): number => besselIe(0, x);
export const i1e = (x: number): number => besselIe(1, x);
export const i0 = (x: number): number =>
  // NaN at infinity, as torch: its factors are 0 and ∞.
  i0e(x) * Math.exp(Math.abs(x));
export const i1 = (x: number): number => i1e(x) * Math.exp(Math.abs(x));

/** eˣ K(x) of any order for x > 0: ∫ e^(−x (cosh t − 1)) cosh(order · t) dt by the trapezoidal rule. */
export function besselKe(order: number, x: number): number {
  if (Number.isNaN(x) || x < 0) return NaN;
  if (x === 0) return Infinity;
  if (x === Infinity) return 0;
  if (x < 1 && (order === 0 || order === 1)) return besselKNear(order, x) * Math.exp(x);
  // Small enough for 40 digits' worth of e: the integrand is a bell as wide as 1/√x.
  const h = Math.min(0.25, 0.7 / Math.sqrt(x));
  let sum = 0.5;
  for (let k = 1; ; k++) {
    const t = k * h;
    const term = Math.exp(-2 * x * Math.sinh(t / 2) ** 2) * Math.cosh(order * t);
    sum += term;
    if (term < 1e-18 * sum) return sum * h;
  }
}

/** K₀ and K₁ of small x by their series. */
function besselKNear(order: 0 | 1, x: number): number {
  const quarter = (x * x) / 4;
  const log = Math.log(x / 2) + EULER;
  let term = 1;
  let harmonic = 0;
  let sum = order === 0 ? -log : 0;
  if (order === 1) sum = 1 / x + (x / 2) * (log - 0.5);
  for (let k = 1; k < 30; k++) {
    harmonic += 1 / k;
    if (order === 0) {
      term *= quarter / (k * k);
      sum += term * (harmonic - log);
    } else {
      term *= quarter / (k * (k + 1));
      sum += (x / 2) * term * (log - harmonic - 0.5 / (k + 1));
    }
  }
  return sum;
}

export const k0e = (x: number): number => besselKe(0, x);
export const k1e = (x: number): number => besselKe(1, x);
export const k0 = (x: number): number => k0e(x) * Math.exp(-x);
export const k1 = (x: number): number => k1e(x) * Math.exp(-x);

/** From here on Hankel's expansion has full accuracy. */
const FAR = 25;

/** J of order 0, 1, … of 0 < x < FAR, by Miller's downward recurrence. */
function besselJs(x: number): Float64Array {
  const n = x < 1 ? 14 : 2 * Math.ceil(x / 2) + 40;
  const values = new Float64Array(n + 2);
  values[n] = 1e-200;
  let norm = 0;
  for (let k = n; k > 0; k--) {
    values[k - 1] = ((2 * k) / x) * values[k] - values[k + 1];
    if (k % 2 === 1) norm += (k === 1 ? 1 : 2) * values[k - 1];
  }
  norm += 2 * values[n];
  return values.map((value) => value / norm);
}

/** √(2 / πx) (P cos χ − Q sin χ), or with sines Y, of x ≥ FAR. */
function besselFar(order: 0 | 1, x: number, second: boolean): number {
  const mu = 4 * order;
  const parts = [1, 0];
  let term = 1;
  for (let k = 1; k < 100; k++) {
    const next = (term * (mu - (2 * k - 1) ** 2)) / (k * 8 * x);
    if (Math.abs(next) >= Math.abs(term) || Math.abs(next) < 1e-18) break;
    term = next;
    parts[k % 2] += k % 4 < 2 ? term : -term;
  }
  const [P, Q] = parts;
  const angle = x - (order / 2 + 0.25) * Math.PI;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return Math.sqrt(2 / (Math.PI * x)) * (second ? P * s + Q * c : P * c - Q * s);
}

export function j0(x: number): number {
  const a = Math.abs(x);
  if (a < 1e-8) return 1;
  return a < FAR ? besselJs(a)[0] : besselFar(0, a, false);
}

export function j1(x: number): number {
  const a = Math.abs(x);
  if (a < 1e-8) return x / 2;
  return Math.sign(x) * (a < FAR ? besselJs(a)[1] : besselFar(1, a, false));
}

/** Neumann's expansions of Y in J. */
export function y0(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x >= FAR) return besselFar(0, x, true);
  if (x < 1e-8) return (2 / Math.PI) * (Math.log(x / 2) + EULER);
  const J = besselJs(x);
  let sum = (Math.log(x / 2) + EULER) * J[0];
  for (let k = 1; 2 * k < J.length; k++) sum += (k % 2 === 1 ? 2 : -2) * (J[2 * k] / k);
  return (2 / Math.PI) * sum;
}

export function y1(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x >= FAR) return besselFar(1, x, true);
  if (x < 1e-8) return -2 / (Math.PI * x);
  const J = besselJs(x);
  let sum = (Math.log(x / 2) + EULER - 1) * J[1] - J[0] / x;
  for (let k = 1; 2 * k + 1 < J.length; k++) {
    sum += ((k % 2 === 1 ? 1 : -1) * (2 * k + 1) * J[2 * k + 1]) / (k * (k + 1));
  }
  return (2 / Math.PI) * sum;
}

/** sin x / x. */
export function sphericalJ0(x: number): number {
  if (Math.abs(x) === Infinity) return 0;
  return Math.abs(x) < 1e-8 ? 1 : Math.sin(x) / x;
}

/** Ai(0) and −Ai′(0). */
const AI0 = 0.3550280538878172;
const AI1 = 0.2588194037928068;

/** Airy's function: K₁/₃ on the right, the series around 0, and its asymptotic form on the left. */
export function airyAi(x: number): number {
  if (!Number.isFinite(x)) return NaN;
  const zeta = (2 / 3) * Math.abs(x) ** 1.5;
  if (x > 1) return (Math.sqrt(x / 3) / Math.PI) * besselKe(1 / 3, zeta) * Math.exp(-zeta);
  if (x < -7) return airyLeft(-x, zeta);
  let [f, g] = [AI0, AI1 * x];
  let sum = f - g;
  for (let k = 1; k < 60; k++) {
    f *= x ** 3 / ((3 * k - 1) * 3 * k);
    g *= x ** 3 / (3 * k * (3 * k + 1));
    sum += f - g;
  }
  return sum;
}

function airyLeft(a: number, zeta: number): number {
  const parts = [1, 0];
  let term = 1;
  for (let k = 1; k < 60; k++) {
    const next = (term * (6 * k - 5) * (6 * k - 3) * (6 * k - 1)) / (216 * k * (2 * k - 1) * zeta);
    if (next >= term || next < 1e-18) break;
    term = next;
    parts[k % 2] += k % 4 < 2 ? term : -term;
  }
  const angle = zeta - Math.PI / 4;
  return (Math.cos(angle) * parts[0] + Math.sin(angle) * parts[1]) / (Math.sqrt(Math.PI) * a ** 0.25);
}
