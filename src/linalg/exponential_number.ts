import { identity } from './matrix.js';

function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const x = a[i * n + k];
      if (x === 0) continue;
      for (let j = 0; j < n; j++) out[i * n + j] += x * b[k * n + j];
    }
  }
  return out;
}

/** Σ aᵏ / k! of a matrix of numbers: Taylor's series of a / 2ˢ, small enough that 18 terms do, squared s times. */
export function exponential(a: Float64Array, n: number): Float64Array {
  let norm = 0;
  for (let j = 0; j < n; j++) {
    let column = 0;
    for (let i = 0; i < n; i++) column += Math.abs(a[i * n + j]);
    norm = Math.max(norm, column);
  }
  if (!Number.isFinite(norm) || a.some(Number.isNaN)) return new Float64Array(n * n).fill(NaN);
  const squarings = norm > 0.5 ? Math.ceil(Math.log2(norm / 0.5)) : 0;
  const scaled = a.map((x) => x / 2 ** squarings);
  let out = identity(n);
  let term = out;
  for (let k = 1; k <= 18; k++) {
    term = product(term, scaled, n).map((x) => x / k);
    out = out.map((x, i) => x + term[i]);
  }
  for (let s = 0; s < squarings; s++) out = product(out, out, n);
  return out;
}
