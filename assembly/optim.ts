import { fmaOnce, fmaOnceScalar } from './exact';
import { lanes } from './simd';

// The arithmetic of PyTorch's single-tensor steps in its order: `add(alpha)` and `addcmul` are one fused multiply-add
// there (AVX2 + FMA), `mul_`, `div` and `addcdiv` round each operation. Scalars are computed in f64 and rounded to T.

/** One SGD step over n elements. buf is 0 without momentum; with `first` it is written without being read. */
export function sgdStep<T>(
  p: usize,
  g: usize,
  buf: usize,
  n: i32,
  lr: f64,
  weightDecay: f64,
  momentum: f64,
  dampening: f64,
  nesterov: i32,
  maximize: i32,
  first: i32,
): void {
  const decay = <T>weightDecay;
  const mu = <T>momentum;
  const gain = <T>(1 - dampening);
  const rate = <T>-lr;
  const decayV = v128.splat<T>(decay);
  const muV = v128.splat<T>(mu);
  const gainV = v128.splat<T>(gain);
  const rateV = v128.splat<T>(rate);
  const hasDecay = weightDecay != 0;
  let i = 0;
  for (; i <= n - lanes<T>(); i += lanes<T>()) {
    const at = <usize>i * sizeof<T>();
    const pv = v128.load(p + at);
    let d = v128.load(g + at);
    if (maximize) d = v128.neg<T>(d);
    if (hasDecay) d = fmaOnce<T>(pv, decayV, d);
    if (buf) {
      const b = first ? d : fmaOnce<T>(d, gainV, v128.mul<T>(v128.load(buf + at), muV));
      v128.store(buf + at, b);
      d = nesterov ? fmaOnce<T>(b, muV, d) : b;
    }
    v128.store(p + at, fmaOnce<T>(d, rateV, pv));
  }
  for (; i < n; i++) {
    const at = <usize>i * sizeof<T>();
    const pv = load<T>(p + at);
    let d = load<T>(g + at);
    if (maximize) d = -d;
    if (hasDecay) d = fmaOnceScalar<T>(pv, decay, d);
    if (buf) {
      const b = first ? d : fmaOnceScalar<T>(d, gain, <T>(load<T>(buf + at) * mu));
      store<T>(buf + at, b);
      d = nesterov ? fmaOnceScalar<T>(b, mu, d) : b;
    }
    store<T>(p + at, fmaOnceScalar<T>(d, rate, pv));
  }
}

/** One Adam (decoupled = 0) or AdamW (1) step; step counts from 1; vmax (0: none) is amsgrad's running maximum. */
export function adamStep<T>(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  vmax: usize,
  n: i32,
  lr: f64,
  beta1: f64,
  beta2: f64,
  eps: f64,
  weightDecay: f64,
  decoupled: i32,
  maximize: i32,
  step: f64,
): void {
  const shrink = <T>(1 - lr * weightDecay);
  const decay = <T>weightDecay;
  const b1 = <T>beta1;
  const b2 = <T>beta2;
  const a1 = <T>(1 - beta1);
  const a2 = <T>(1 - beta2);
  const root = <T>sqrt<f64>(1 - NativeMath.pow(beta2, step));
  const rate = <T>-(lr / (1 - NativeMath.pow(beta1, step)));
  const e = <T>eps;
  const l2 = !decoupled && weightDecay != 0;
  const shrinkV = v128.splat<T>(shrink);
  const decayV = v128.splat<T>(decay);
  const b1V = v128.splat<T>(b1);
  const b2V = v128.splat<T>(b2);
  const a1V = v128.splat<T>(a1);
  const a2V = v128.splat<T>(a2);
  const rootV = v128.splat<T>(root);
  const rateV = v128.splat<T>(rate);
  const eV = v128.splat<T>(e);
  let i = 0;
  for (; i <= n - lanes<T>(); i += lanes<T>()) {
    const at = <usize>i * sizeof<T>();
    let pv = v128.load(p + at);
    let d = v128.load(g + at);
    if (maximize) d = v128.neg<T>(d);
    if (decoupled) pv = v128.mul<T>(pv, shrinkV);
    if (l2) d = fmaOnce<T>(pv, decayV, d);
    const mv = fmaOnce<T>(d, a1V, v128.mul<T>(v128.load(m + at), b1V));
    const vv = fmaOnce<T>(v128.mul<T>(a2V, d), d, v128.mul<T>(v128.load(v + at), b2V));
    v128.store(m + at, mv);
    v128.store(v + at, vv);
    let s = vv;
    if (vmax) {
      s = v128.max<T>(v128.load(vmax + at), vv);
      v128.store(vmax + at, s);
    }
    const denom = v128.add<T>(v128.div<T>(v128.sqrt<T>(s), rootV), eV);
    v128.store(p + at, v128.add<T>(pv, v128.div<T>(v128.mul<T>(rateV, mv), denom)));
  }
  for (; i < n; i++) {
    const at = <usize>i * sizeof<T>();
    let pv = load<T>(p + at);
    let d = load<T>(g + at);
    if (maximize) d = -d;
    if (decoupled) pv = <T>(pv * shrink);
    if (l2) d = fmaOnceScalar<T>(pv, decay, d);
    const mv = fmaOnceScalar<T>(d, a1, <T>(load<T>(m + at) * b1));
    const vv = fmaOnceScalar<T>(<T>(a2 * d), d, <T>(load<T>(v + at) * b2));
    store<T>(m + at, mv);
    store<T>(v + at, vv);
    let s = vv;
    if (vmax) {
      s = max<T>(load<T>(vmax + at), vv);
      store<T>(vmax + at, s);
    }
    const denom = <T>(<T>(sqrt<T>(s) / root) + e);
    store<T>(p + at, <T>(pv + <T>(<T>(rate * mv) / denom)));
  }
}
