import { fmaOnceScalar, promoteHigh, promoteLow } from './exact';
import { fma, lanes, sumLanes } from './simd';

// x is [N, G, D, L]: G groups of D channels of L elements. A row is one image's group; the statistics of rows are
// those of layernorm.ts. Rows rowBegin..rowEnd-1 are done, so that threads split by row.

// @ts-ignore: decorator
@inline
function scaled<T>(x: usize, out: usize, L: i32, scale: T, shift: T): void {
  const s = v128.splat<T>(scale);
  const t = v128.splat<T>(shift);
  let i = 0;
  for (; i <= L - 2 * lanes<T>(); i += 2 * lanes<T>()) {
    const v0 = fma<T>(v128.load(x), s, t);
    const v1 = fma<T>(v128.load(x, 16), s, t);
    v128.store(out, v0);
    v128.store(out, v1, 16);
    x += 32;
    out += 32;
  }
  for (; i < L; i++) {
    store<T>(out, fmaOnceScalar<T>(load<T>(x), scale, shift));
    x += sizeof<T>();
    out += sizeof<T>();
  }
}

/** out = x·scale + shift with scale = rstd·weight, shift = bias − mean·scale; weight and bias [G·D] or 0. */
export function groupnormForward<T>(
  x: usize,
  mean: usize,
  rstd: usize,
  weight: usize,
  bias: usize,
  out: usize,
  G: i32,
  D: i32,
  L: i32,
  rowBegin: i32,
  rowEnd: i32,
): void {
  for (let r = rowBegin; r < rowEnd; r++) {
    const m = load<T>(mean + <usize>r * sizeof<T>());
    const s = load<T>(rstd + <usize>r * sizeof<T>());
    for (let d = 0; d < D; d++) {
      const at = (<usize>(r % G) * <usize>D + <usize>d) * sizeof<T>();
      const scale = <T>(s * (weight ? load<T>(weight + at) : <T>1));
      const shift = fmaOnceScalar<T>(-m, scale, bias ? load<T>(bias + at) : <T>0);
      const plane = (<usize>r * <usize>D + <usize>d) * <usize>L * sizeof<T>();
      scaled<T>(x + plane, out + plane, L, scale, shift);
    }
  }
}

/** For each channel of each image Σ g and Σ g·(x − mean)·rstd, both [N, G·D]. */
export function groupnormSums<T>(
  g: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  sums: usize,
  products: usize,
  D: i32,
  L: i32,
  rowBegin: i32,
  rowEnd: i32,
): void {
  for (let r = rowBegin; r < rowEnd; r++) {
    const m = load<T>(mean + <usize>r * sizeof<T>());
    const s = load<T>(rstd + <usize>r * sizeof<T>());
    const mv = v128.splat<T>(m);
    for (let d = 0; d < D; d++) {
      const channel = <usize>r * <usize>D + <usize>d;
      let p = g + channel * <usize>L * sizeof<T>();
      let q = x + channel * <usize>L * sizeof<T>();
      let a0 = f64x2.splat(0);
      let a1 = a0;
      let b0 = a0;
      let b1 = a0;
      let i = 0;
      for (; i <= L - lanes<T>(); i += lanes<T>()) {
        const v = v128.load(p);
        const dot = v128.mul<T>(v, v128.sub<T>(v128.load(q), mv));
        a0 = f64x2.add(a0, promoteLow<T>(v));
        b0 = f64x2.add(b0, promoteLow<T>(dot));
        if (sizeof<T>() == 4) {
          a1 = f64x2.add(a1, promoteHigh<T>(v));
          b1 = f64x2.add(b1, promoteHigh<T>(dot));
        }
        p += 16;
        q += 16;
      }
      let sum = sumLanes<f64>(f64x2.add(a0, a1));
      let product = sumLanes<f64>(f64x2.add(b0, b1));
      for (; i < L; i++) {
        const v = load<T>(p);
        sum += <f64>v;
        product += <f64>(<T>(v * <T>(load<T>(q) - m)));
        p += sizeof<T>();
        q += sizeof<T>();
      }
      store<T>(sums + channel * sizeof<T>(), <T>sum);
      store<T>(products + channel * sizeof<T>(), <T>(product * <f64>s));
    }
  }
}

/** gx from the sums: g·rstd·weight − (mean(gw) + (x − mean)·rstd·mean(gw·hat))·rstd. gx may be g. */
export function groupnormBackward<T>(
  g: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  weight: usize,
  sums: usize,
  products: usize,
  gx: usize,
  G: i32,
  D: i32,
  L: i32,
  rowBegin: i32,
  rowEnd: i32,
): void {
  const count = <f64>D * <f64>L;
  for (let r = rowBegin; r < rowEnd; r++) {
    const m = load<T>(mean + <usize>r * sizeof<T>());
    const s = load<T>(rstd + <usize>r * sizeof<T>());
    const first = <usize>r * <usize>D;
    const gains = weight + <usize>(r % G) * <usize>D * sizeof<T>();
    let sum: f64 = 0;
    let product: f64 = 0;
    for (let d = 0; d < D; d++) {
      const w = weight ? <f64>load<T>(gains + <usize>d * sizeof<T>()) : 1;
      sum += w * <f64>load<T>(sums + (first + <usize>d) * sizeof<T>());
      product += w * <f64>load<T>(products + (first + <usize>d) * sizeof<T>());
    }
    // gx = g·a − (x − mean)·k − c
    const k = <T>((product / count) * <f64>s * <f64>s);
    const c = <T>((sum / count) * <f64>s);
    const mv = v128.splat<T>(m);
    const kv = v128.splat<T>(k);
    const cv = v128.splat<T>(c);
    for (let d = 0; d < D; d++) {
      const a = <T>(s * (weight ? load<T>(gains + <usize>d * sizeof<T>()) : <T>1));
      const av = v128.splat<T>(a);
      const plane = (first + <usize>d) * <usize>L * sizeof<T>();
      let p = g + plane;
      let q = x + plane;
      let o = gx + plane;
      let i = 0;
      for (; i <= L - lanes<T>(); i += lanes<T>()) {
        const pull = v128.mul<T>(v128.sub<T>(v128.load(q), mv), kv);
        v128.store(o, v128.sub<T>(v128.sub<T>(v128.mul<T>(v128.load(p), av), pull), cv));
        p += 16;
        q += 16;
        o += 16;
      }
      for (; i < L; i++) {
        const pull = <T>(<T>(load<T>(q) - m) * k);
        store<T>(o, <T>(<T>(<T>(load<T>(p) * a) - pull) - c));
        p += sizeof<T>();
        q += sizeof<T>();
        o += sizeof<T>();
      }
    }
  }
}
