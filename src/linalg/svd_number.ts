/** A = U diag(S) Vᵀ of one matrix of numbers, by one-sided Jacobi rotations. */
import { productOf, reflect } from './qr_number.js';
import { transposed } from './matrix.js';

export interface SVD {
  /** m rows; its first min(m, n) columns belong to S, and there are m with `full`. */
  readonly U: Float64Array;
  /** Descending. */
  readonly S: Float64Array;
  /** n rows; columns as in U, n with `full`. */
  readonly V: Float64Array;
}

const SWEEPS = 60;
const EPSILON = 2 ** -52;

/** Rotates columns p and q (each `length` numbers in a row) by the angle of cosine c and sine s. */
function rotate(x: Float64Array, length: number, p: number, q: number, c: number, s: number): void {
  for (let i = 0; i < length; i++) {
    const a = x[p * length + i];
    const b = x[q * length + i];
    x[p * length + i] = c * a - s * b;
    x[q * length + i] = s * a + c * b;
  }
}

/** Makes the columns of x orthogonal to one another, and turns those of v with them. */
function orthogonalize(x: Float64Array, v: Float64Array, m: number, n: number): void {
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        let alpha = 0;
        let beta = 0;
        let gamma = 0;
        for (let i = 0; i < m; i++) {
          const a = x[p * m + i];
          const b = x[q * m + i];
          alpha += a * a;
          beta += b * b;
          gamma += a * b;
        }
        if (gamma === 0 || Math.abs(gamma) <= EPSILON * Math.sqrt(alpha * beta)) continue;
        rotated = true;
        const zeta = (beta - alpha) / (2 * gamma);
        const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
        const c = 1 / Math.hypot(1, t);
        rotate(x, m, p, q, c, c * t);
        rotate(v, n, p, q, c, c * t);
      }
    }
    if (!rotated) return;
  }
}

/** The decomposition of a (m by n), whose numbers are finite. */
export function decompose(a: Float64Array, m: number, n: number, full: boolean): SVD {
  if (m < n) {
    const { U, S, V } = decompose(transposed(a, m, n), n, m, full);
    return { U: V, S, V: U };
  }
  // Scaled, so that no square overflows or vanishes.
  const largest = a.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const scale = largest === 0 ? 1 : 2 ** Math.floor(Math.log2(largest));
  const columns = transposed(a, m, n).map((x) => x / scale);
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  orthogonalize(columns, v, m, n);
  const norms = Float64Array.from({ length: n }, (_, j) =>
    Math.sqrt(columns.subarray(j * m, (j + 1) * m).reduce((sum, x) => sum + x * x, 0)),
  );
  const order = Array.from(norms.keys()).sort((i, j) => norms[j] - norms[i]);
  const S = Float64Array.from(order, (j) => norms[j] * scale);
  const V = new Float64Array(n * n);
  const left = new Float64Array(m * n);
  order.forEach((j, k) => {
    for (let i = 0; i < n; i++) V[i * n + k] = v[j * n + i];
    for (let i = 0; i < m; i++) left[i * n + k] = norms[j] === 0 ? 0 : columns[j * m + i] / norms[j];
  });
  return { U: completed(left, m, n, full ? m : n), S, V };
}

/** n columns that are orthonormal or 0, the latter last, completed to `columns` orthonormal ones. */
function completed(left: Float64Array, m: number, n: number, columns: number): Float64Array {
  if (columns === n && (n === 0 || left.some((x, i) => i % n === n - 1 && x !== 0))) return left;
  const reflections = reflect(left.slice(), m, n);
  const q = productOf(reflections, m, n, columns);
  // Of orthonormal columns R is diagonal with ±1; Q times that are the columns themselves. They are kept as they were.
  for (let k = 0; k < n; k++) {
    let empty = true;
    for (let i = 0; i < m && empty; i++) empty = left[i * n + k] === 0;
    if (!empty) for (let i = 0; i < m; i++) q[i * columns + k] = left[i * n + k];
  }
  return q;
}
