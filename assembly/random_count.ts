import { randomUnit } from './random';
import { lgamma } from './special';

// Poisson and binomial numbers, drawn as PyTorch draws them: the same uniform numbers in the same order, compared in float64.

/** Rates are finite and not negative. */
export function poisson<T>(state: usize, rate: usize, out: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    store<T>(out, <T>poissonOf(state, <f64>load<T>(rate)));
    rate += sizeof<T>();
    out += sizeof<T>();
  }
}

/** Counts are finite; 0 where a count or a probability is not positive, NaN where a probability is. */
export function binomial<T>(state: usize, count: usize, prob: usize, out: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    store<T>(out, <T>binomialOf<T>(state, <f64>load<T>(count), <f64>load<T>(prob)));
    count += sizeof<T>();
    prob += sizeof<T>();
    out += sizeof<T>();
  }
}

function poissonOf(state: usize, rate: f64): f64 {
  if (rate == 0) return 0;
  return rate >= 10 ? poissonRejected(state, rate) : poissonMultiplied(state, rate);
}

/** Knuth: how many uniform numbers it takes until their product is below e^-rate. */
function poissonMultiplied(state: usize, rate: f64): f64 {
  const bound = NativeMath.exp(-rate);
  let product: f64 = 1;
  let k: f64 = 0;
  while (true) {
    product *= randomUnit(state);
    if (product <= bound) return k;
    k += 1;
  }
}

/** Transformed rejection (Hörmann, 1993: PTRS). */
function poissonRejected(state: usize, rate: f64): f64 {
  const root = sqrt<f64>(rate);
  const logRate = NativeMath.log(rate);
  const b = 0.931 + 2.53 * root;
  const a = -0.059 + 0.02483 * b;
  const logInvAlpha = NativeMath.log(1.1239 + 1.1328 / (b - 3.4));
  const vr = 0.9277 - 3.6224 / (b - 2);
  while (true) {
    const u = randomUnit(state) - 0.5;
    const v = randomUnit(state);
    const us = 0.5 - abs(u);
    const k = floor(((2 * a) / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= vr) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const left = NativeMath.log(v) + logInvAlpha - NativeMath.log(a / (us * us) + b);
    if (left <= -rate + k * logRate - lgamma(k + 1)) return k;
  }
}

// A result that PyTorch has in T: it computes with T where both operands have that type, and in float64 elsewhere.
// @ts-ignore: decorator
@inline
function rounded<T>(x: f64): f64 {
  return <f64>(<T>x);
}

function binomialOf<T>(state: usize, count: f64, prob: f64): f64 {
  if (count <= 0 || prob <= 0) return 0;
  if (prob >= 1) return count;
  if (prob <= 0.5) return smallerHalf<T>(state, count, prob);
  return prob > 0.5 ? count - smallerHalf<T>(state, count, rounded<T>(1 - prob)) : NaN;
}

function smallerHalf<T>(state: usize, count: f64, prob: f64): f64 {
  return rounded<T>(count * prob) >= 10
    ? binomialRejected<T>(state, count, prob)
    : binomialInverted<T>(state, count, prob);
}

/** How many geometric numbers fit into the count. */
function binomialInverted<T>(state: usize, count: f64, prob: f64): f64 {
  const logProb = rounded<T>(NativeMath.log1p(-prob));
  let sum: f64 = 0;
  let k: f64 = 0;
  while (true) {
    sum += ceil(NativeMath.log(randomUnit(state)) / logProb);
    if (sum > count) return k;
    k += 1;
  }
}

/** Transformed rejection (Hörmann, 1993: BTRS). */
function binomialRejected<T>(state: usize, count: f64, prob: f64): f64 {
  const mean = rounded<T>(count * prob);
  const rest = rounded<T>(1 - prob);
  const deviation = rounded<T>(sqrt<f64>(rounded<T>(mean * rest)));
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * prob;
  const c = mean + 0.5;
  const vr = 0.92 - 4.2 / b;
  const r = rounded<T>(prob / rest);
  const alpha = (2.83 + 5.1 / b) * deviation;
  const m = floor(rounded<T>((count + 1) * prob));
  while (true) {
    const u = randomUnit(state) - 0.5;
    const v = randomUnit(state);
    const us = 0.5 - abs(u);
    const k = floor(((2 * a) / us + b) * u + c);
    if (k < 0 || k > count) continue;
    if (us >= 0.07 && v <= vr) return k;
    const bound =
      (m + 0.5) * NativeMath.log((m + 1) / (r * (count - m + 1))) +
      (count + 1) * NativeMath.log((count - m + 1) / (count - k + 1)) +
      (k + 0.5) * NativeMath.log((r * (count - k + 1)) / (k + 1)) +
      stirlingTail(m) +
      stirlingTail(count - m) -
      stirlingTail(k) -
      stirlingTail(count - k);
    if (NativeMath.log((v * alpha) / (a / (us * us) + b)) <= bound) return k;
  }
}

/** log k! minus Stirling's approximation of it. */
function stirlingTail(k: f64): f64 {
  if (k > 9) {
    const square = (k + 1) * (k + 1);
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1);
  }
  switch (<i32>k) {
    case 0:
      return 0.0810614667953272;
    case 1:
      return 0.0413406959554092;
    case 2:
      return 0.0276779256849983;
    case 3:
      return 0.02079067210376509;
    case 4:
      return 0.0166446911898211;
    case 5:
      return 0.0138761288230707;
    case 6:
      return 0.0118967099458917;
    case 7:
      return 0.010411265261972;
    case 8:
      return 0.00925546218271273;
    default:
      return 0.00833056343336287;
  }
}
