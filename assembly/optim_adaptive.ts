import { fmaOnce, fmaOnceScalar } from './exact';
import { lanes } from './simd';

// RMSprop and Adagrad in the order of PyTorch's single-tensor steps; what is fused there is fused here (see optim.ts).

/** One RMSprop step over n elements. avg is 0 unless centered, buf without momentum. */
export function rmspropStep<T>(
  p: usize,
  g: usize,
  squares: usize,
  avg: usize,
  buf: usize,
  n: i32,
  lr: f64,
  alpha: f64,
  eps: f64,
  weightDecay: f64,
  momentum: f64,
  maximize: i32,
): void {
  const decay = <T>weightDecay;
  const keepShare = <T>alpha;
  const newShare = <T>(1 - alpha);
  const e = <T>eps;
  const mu = <T>momentum;
  const rate = <T>-lr;
  const decayV = v128.splat<T>(decay);
  const keepV = v128.splat<T>(keepShare);
  const newV = v128.splat<T>(newShare);
  const eV = v128.splat<T>(e);
  const muV = v128.splat<T>(mu);
  const rateV = v128.splat<T>(rate);
  const hasDecay = weightDecay != 0;
  let i = 0;
  for (; i <= n - lanes<T>(); i += lanes<T>()) {
    const at = <usize>i * sizeof<T>();
    const pv = v128.load(p + at);
    let d = v128.load(g + at);
    if (maximize) d = v128.neg<T>(d);
    if (hasDecay) d = fmaOnce<T>(pv, decayV, d);
    let s = fmaOnce<T>(v128.mul<T>(newV, d), d, v128.mul<T>(v128.load(squares + at), keepV));
    v128.store(squares + at, s);
    if (avg) {
      const a = fmaOnce<T>(d, newV, v128.mul<T>(v128.load(avg + at), keepV));
      v128.store(avg + at, a);
      s = fmaOnce<T>(v128.neg<T>(a), a, s);
    }
    const root = v128.add<T>(v128.sqrt<T>(s), eV);
    if (buf) {
      const b = v128.add<T>(v128.mul<T>(v128.load(buf + at), muV), v128.div<T>(d, root));
      v128.store(buf + at, b);
      v128.store(p + at, fmaOnce<T>(b, rateV, pv));
    } else {
      v128.store(p + at, v128.add<T>(pv, v128.div<T>(v128.mul<T>(rateV, d), root)));
    }
  }
  for (; i < n; i++) {
    const at = <usize>i * sizeof<T>();
    const pv = load<T>(p + at);
    let d = load<T>(g + at);
    if (maximize) d = -d;
    if (hasDecay) d = fmaOnceScalar<T>(pv, decay, d);
    let s = fmaOnceScalar<T>(<T>(newShare * d), d, <T>(load<T>(squares + at) * keepShare));
    store<T>(squares + at, s);
    if (avg) {
      const a = fmaOnceScalar<T>(d, newShare, <T>(load<T>(avg + at) * keepShare));
      store<T>(avg + at, a);
      s = fmaOnceScalar<T>(-a, a, s);
    }
    const root = <T>(sqrt<T>(s) + e);
    if (buf) {
      const b = <T>(<T>(load<T>(buf + at) * mu) + <T>(d / root));
      store<T>(buf + at, b);
      store<T>(p + at, fmaOnceScalar<T>(b, rate, pv));
    } else {
      store<T>(p + at, <T>(pv + <T>(<T>(rate * d) / root)));
    }
  }
}

/** One Adagrad step over n elements at the decayed rate. */
export function adagradStep<T>(
  p: usize,
  g: usize,
  sum: usize,
  n: i32,
  rate: f64,
  eps: f64,
  weightDecay: f64,
  maximize: i32,
): void {
  const decay = <T>weightDecay;
  const e = <T>eps;
  const r = <T>-rate;
  const decayV = v128.splat<T>(decay);
  const eV = v128.splat<T>(e);
  const rV = v128.splat<T>(r);
  const hasDecay = weightDecay != 0;
  let i = 0;
  for (; i <= n - lanes<T>(); i += lanes<T>()) {
    const at = <usize>i * sizeof<T>();
    const pv = v128.load(p + at);
    let d = v128.load(g + at);
    if (maximize) d = v128.neg<T>(d);
    if (hasDecay) d = fmaOnce<T>(pv, decayV, d);
    const s = fmaOnce<T>(d, d, v128.load(sum + at));
    v128.store(sum + at, s);
    const root = v128.add<T>(v128.sqrt<T>(s), eV);
    v128.store(p + at, v128.add<T>(pv, v128.div<T>(v128.mul<T>(rV, d), root)));
  }
  for (; i < n; i++) {
    const at = <usize>i * sizeof<T>();
    const pv = load<T>(p + at);
    let d = load<T>(g + at);
    if (maximize) d = -d;
    if (hasDecay) d = fmaOnceScalar<T>(pv, decay, d);
    const s = fmaOnceScalar<T>(d, d, load<T>(sum + at));
    store<T>(sum + at, s);
    const root = <T>(sqrt<T>(s) + e);
    store<T>(p + at, <T>(pv + <T>(<T>(r * d) / root)));
  }
}
