import { fma, lanes } from './simd';

// Resampling of volumes D×H×W to Od×Oh×Ow, separable: each output coordinate of a dimension is a weighted sum of input
// coordinates. A dimension's plan is, for O outputs of at most `taps` inputs each: counts [O] i32, then positions [O·taps] i32,
// then weights [O·taps] T (its address a multiple of 8). Slices and rows are combined first, whole rows at a time, then columns.

// @ts-ignore: decorator
@inline
function positionsOf(plan: usize, O: i32): usize {
  return plan + ((<usize>O) << 2);
}

// @ts-ignore: decorator
@inline
function weightsOf(plan: usize, O: i32, taps: i32): usize {
  return (plan + ((<usize>(O + O * taps)) << 2) + 7) & ~7;
}

// to[0, n) (+)= weight · from[0, n)
// @ts-ignore: decorator
@inline
function addRow<T>(to: usize, from: usize, weight: T, n: i32, accumulate: bool): void {
  const w = v128.splat<T>(weight);
  let i = 0;
  if (accumulate) {
    for (; i <= n - lanes<T>(); i += lanes<T>()) {
      v128.store(to, fma<T>(v128.load(from), w, v128.load(to)));
      from += 16;
      to += 16;
    }
    for (; i < n; i++) {
      store<T>(to, <T>(load<T>(to) + <T>(load<T>(from) * weight)));
      from += sizeof<T>();
      to += sizeof<T>();
    }
  } else {
    for (; i <= n - lanes<T>(); i += lanes<T>()) {
      v128.store(to, v128.mul<T>(v128.load(from), w));
      from += 16;
      to += 16;
    }
    for (; i < n; i++) {
      store<T>(to, <T>(load<T>(from) * weight));
      from += sizeof<T>();
      to += sizeof<T>();
    }
  }
}

/** row: room for W elements. */
export function resampleForward<T>(
  x: usize,
  out: usize,
  volumes: i32,
  D: i32,
  H: i32,
  W: i32,
  Od: i32,
  Oh: i32,
  Ow: i32,
  dTaps: i32,
  hTaps: i32,
  wTaps: i32,
  dPlan: usize,
  hPlan: usize,
  wPlan: usize,
  row: usize,
): void {
  const dAt = positionsOf(dPlan, Od);
  const dWeight = weightsOf(dPlan, Od, dTaps);
  const hAt = positionsOf(hPlan, Oh);
  const hWeight = weightsOf(hPlan, Oh, hTaps);
  const wAt = positionsOf(wPlan, Ow);
  const wWeight = weightsOf(wPlan, Ow, wTaps);
  for (let volume = 0; volume < volumes; volume++) {
    for (let o = 0; o < Od; o++) {
      const dCount = load<i32>(dPlan + ((<usize>o) << 2));
      for (let p = 0; p < Oh; p++) {
        const hCount = load<i32>(hPlan + ((<usize>p) << 2));
        let from = row;
        let first = true;
        for (let i = 0; i < dCount; i++) {
          const d = load<i32>(dAt + ((<usize>(o * dTaps + i)) << 2));
          const wd = load<T>(dWeight + <usize>(o * dTaps + i) * sizeof<T>());
          for (let j = 0; j < hCount; j++) {
            const h = load<i32>(hAt + ((<usize>(p * hTaps + j)) << 2));
            const weight = <T>(wd * load<T>(hWeight + <usize>(p * hTaps + j) * sizeof<T>()));
            const source = x + <usize>((d * H + h) * W) * sizeof<T>();
            if (dCount == 1 && hCount == 1 && weight == 1) from = source;
            else addRow<T>(row, source, weight, W, !first);
            first = false;
          }
        }
        if (wTaps == 1) {
          for (let q = 0; q < Ow; q++) {
            const at = load<i32>(wAt + ((<usize>q) << 2));
            const weight = load<T>(wWeight + <usize>q * sizeof<T>());
            store<T>(out, <T>(load<T>(from + <usize>at * sizeof<T>()) * weight));
            out += sizeof<T>();
          }
        } else {
          for (let q = 0; q < Ow; q++) {
            const count = load<i32>(wPlan + ((<usize>q) << 2));
            let at = wAt + ((<usize>(q * wTaps)) << 2);
            let weight = wWeight + <usize>(q * wTaps) * sizeof<T>();
            let sum: T = 0;
            for (let k = 0; k < count; k++) {
              const v = load<T>(from + <usize>load<i32>(at) * sizeof<T>());
              sum = <T>(sum + <T>(v * load<T>(weight)));
              at += 4;
              weight += sizeof<T>();
            }
            store<T>(out, sum);
            out += sizeof<T>();
          }
        }
      }
    }
    x += <usize>(D * H * W) * sizeof<T>();
  }
}

/** The adjoint: gx is zeroed here; row: room for W elements. */
export function resampleBackward<T>(
  gout: usize,
  gx: usize,
  volumes: i32,
  D: i32,
  H: i32,
  W: i32,
  Od: i32,
  Oh: i32,
  Ow: i32,
  dTaps: i32,
  hTaps: i32,
  wTaps: i32,
  dPlan: usize,
  hPlan: usize,
  wPlan: usize,
  row: usize,
): void {
  const dAt = positionsOf(dPlan, Od);
  const dWeight = weightsOf(dPlan, Od, dTaps);
  const hAt = positionsOf(hPlan, Oh);
  const hWeight = weightsOf(hPlan, Oh, hTaps);
  const wAt = positionsOf(wPlan, Ow);
  const wWeight = weightsOf(wPlan, Ow, wTaps);
  const size = <usize>(D * H * W) * sizeof<T>();
  memory.fill(gx, 0, <usize>volumes * size);
  for (let volume = 0; volume < volumes; volume++) {
    for (let o = 0; o < Od; o++) {
      const dCount = load<i32>(dPlan + ((<usize>o) << 2));
      for (let p = 0; p < Oh; p++) {
        const hCount = load<i32>(hPlan + ((<usize>p) << 2));
        memory.fill(row, 0, <usize>W * sizeof<T>());
        for (let q = 0; q < Ow; q++) {
          const count = load<i32>(wPlan + ((<usize>q) << 2));
          let at = wAt + ((<usize>(q * wTaps)) << 2);
          let weight = wWeight + <usize>(q * wTaps) * sizeof<T>();
          const g = load<T>(gout);
          gout += sizeof<T>();
          for (let k = 0; k < count; k++) {
            const to = row + <usize>load<i32>(at) * sizeof<T>();
            store<T>(to, <T>(load<T>(to) + <T>(g * load<T>(weight))));
            at += 4;
            weight += sizeof<T>();
          }
        }
        for (let i = 0; i < dCount; i++) {
          const d = load<i32>(dAt + ((<usize>(o * dTaps + i)) << 2));
          const wd = load<T>(dWeight + <usize>(o * dTaps + i) * sizeof<T>());
          for (let j = 0; j < hCount; j++) {
            const h = load<i32>(hAt + ((<usize>(p * hTaps + j)) << 2));
            const weight = <T>(wd * load<T>(hWeight + <usize>(p * hTaps + j) * sizeof<T>()));
            addRow<T>(gx + <usize>((d * H + h) * W) * sizeof<T>(), row, weight, W, true);
          }
        }
      }
    }
    gx += size;
  }
}
