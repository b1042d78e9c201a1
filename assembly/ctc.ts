// Connectionist temporal classification (Graves et al. 2006; the equations' numbers are that paper's), in logarithms.
// logp: [T, N, C]. sizes: for each of N batches three int64, where its labels begin, the length of its input and of its labels.
// The labels with a blank before, between and after them are the states s = 0 … 2·length.
import { expScalar, logScalar } from './softmax';

// @ts-ignore: decorator
@inline
function classOf(labels: usize, s: i32, blank: i32): i32 {
  return s & 1 ? <i32>load<i64>(labels + ((<usize>(s >> 1)) << 3)) : blank;
}

// @ts-ignore: decorator
@inline
function minusInfinity<T>(): T {
  return <T>-Infinity;
}

/** log(eᵃ + eᵇ + eᶜ) */
function logSum<T>(a: T, b: T, c: T): T {
  const m = max<T>(max<T>(a, b), c);
  if (m == minusInfinity<T>()) return m;
  return logScalar<T>(expScalar<T>(a - m) + expScalar<T>(b - m) + expScalar<T>(c - m)) + m;
}

/** alpha: [N, T, width], width ≥ 2 · label length + 1, kept for backward; nll: [N]. */
export function ctcForward<T>(
  logp: usize,
  labels: usize,
  sizes: usize,
  alpha: usize,
  nll: usize,
  steps: i32,
  N: i32,
  C: i32,
  width: i32,
  blank: i32,
): void {
  const none = minusInfinity<T>();
  const step = <usize>N * <usize>C * sizeof<T>();
  const row = <usize>width * sizeof<T>();
  for (let n = 0; n < N; ++n) {
    const label = labels + ((<usize>load<i64>(sizes)) << 3);
    const inputs = <i32>load<i64>(sizes, 8);
    const states = 2 * <i32>load<i64>(sizes, 16) + 1;
    sizes += 24;
    let lp = logp + <usize>n * <usize>C * sizeof<T>();
    let at = alpha + <usize>n * <usize>steps * row;
    let log: T = states == 1 ? <T>0 : none; // the likelihood of an input of length 0
    for (let t = 0; t < inputs; ++t) {
      for (let s = 0; s < states; ++s) {
        const c = classOf(label, s, blank);
        let a: T = none;
        if (t == 0) {
          if (s < 2) a = <T>0;
        } else {
          const before = at - row + <usize>s * sizeof<T>();
          const skips = s > 1 && classOf(label, s - 2, blank) != c;
          a = logSum<T>(
            load<T>(before),
            s > 0 ? load<T>(before - sizeof<T>()) : none,
            skips ? load<T>(before - 2 * sizeof<T>()) : none,
          );
        }
        store<T>(at + <usize>s * sizeof<T>(), a + load<T>(lp + <usize>c * sizeof<T>()));
      }
      if (t == inputs - 1) {
        const last = at + <usize>(states - 1) * sizeof<T>();
        log = states == 1 ? load<T>(last) : logSum<T>(load<T>(last), load<T>(last - sizeof<T>()), none);
      }
      lp += step;
      at += row;
    }
    store<T>(nll + <usize>n * sizeof<T>(), <T>0 - log);
  }
}

/** gx: [T, N, C], overwritten; beta: a workspace of 2 · width. gout: [N]. */
export function ctcBackward<T>(
  gout: usize,
  logp: usize,
  labels: usize,
  sizes: usize,
  alpha: usize,
  nll: usize,
  beta: usize,
  gx: usize,
  steps: i32,
  N: i32,
  C: i32,
  width: i32,
  blank: i32,
  zeroInfinity: bool,
): void {
  const none = minusInfinity<T>();
  const step = <usize>N * <usize>C * sizeof<T>();
  const row = <usize>width * sizeof<T>();
  memory.fill(gx, 0, <usize>steps * step);
  for (let n = 0; n < N; ++n) {
    const label = labels + ((<usize>load<i64>(sizes)) << 3);
    const inputs = <i32>load<i64>(sizes, 8);
    const states = 2 * <i32>load<i64>(sizes, 16) + 1;
    sizes += 24;
    const loss = load<T>(nll + <usize>n * sizeof<T>());
    if (zeroInfinity && loss == <T>Infinity) continue;
    const g = load<T>(gout + <usize>n * sizeof<T>());
    const column = <usize>n * <usize>C * sizeof<T>();
    for (let t = inputs - 1; t >= 0; --t) {
      const lp = logp + <usize>t * step + column;
      const out = gx + <usize>t * step + column;
      const at = alpha + (<usize>n * <usize>steps + <usize>t) * row;
      const now = beta + <usize>(t & 1) * row;
      const later = beta + <usize>(~t & 1) * row;
      for (let c = 0; c < C; ++c) store<T>(out + <usize>c * sizeof<T>(), none);
      for (let s = 0; s < states; ++s) {
        const c = classOf(label, s, blank);
        let b: T = none;
        if (t == inputs - 1) {
          if (s >= states - 2) b = <T>0; // (10)
        } else {
          const after = later + <usize>s * sizeof<T>();
          const skips = s < states - 2 && classOf(label, s + 2, blank) != c;
          b = logSum<T>(
            load<T>(after),
            s < states - 1 ? load<T>(after, sizeof<T>()) : none,
            skips ? load<T>(after, 2 * sizeof<T>()) : none,
          );
        }
        b += load<T>(lp + <usize>c * sizeof<T>());
        store<T>(now + <usize>s * sizeof<T>(), b);
        // The sum of (16), over the states of each class
        const place = out + <usize>c * sizeof<T>();
        store<T>(place, logSum<T>(load<T>(place), load<T>(at + <usize>s * sizeof<T>()) + b, none));
      }
      for (let c = 0; c < C; ++c) {
        const place = out + <usize>c * sizeof<T>();
        const l = load<T>(lp + <usize>c * sizeof<T>());
        store<T>(place, (expScalar<T>(l) - expScalar<T>(load<T>(place) + loss - l)) * g);
      }
    }
  }
}
