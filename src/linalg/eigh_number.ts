/** A = V diag(L) Vᵀ of one symmetric matrix of numbers, by Jacobi rotations. */
import { identity } from './matrix.js';

export interface Eigen {
  /** Ascending. */
  readonly values: Float64Array;
  /** n by n, its columns the vectors. */
  readonly vectors: Float64Array;
}

const SWEEPS = 60;

/** Turns rows and columns p and q of a so that a[p][q] becomes 0, and the vectors (rows of v) with them. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q];
  const theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(1, theta));
  const c = 1 / Math.hypot(1, t);
  const s = c * t;
  a[p * n + p] -= t * apq;
  a[q * n + q] += t * apq;
  a[p * n + q] = 0;
  a[q * n + p] = 0;
  for (let i = 0; i < n; i++) {
    if (i !== p && i !== q) {
      const x = a[p * n + i];
      const y = a[q * n + i];
      a[p * n + i] = c * x - s * y;
      a[q * n + i] = s * x + c * y;
      a[i * n + p] = a[p * n + i];
      a[i * n + q] = a[q * n + i];
    }
    const x = v[p * n + i];
    const y = v[q * n + i];
    v[p * n + i] = c * x - s * y;
    v[q * n + i] = s * x + c * y;
  }
}

/** Overwrites a, which is symmetric. */
export function decomposeSymmetric(a: Float64Array, n: number): Eigen {
  const v = identity(n);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        const apq = Math.abs(a[p * n + q]);
        const [app, aqq] = [Math.abs(a[p * n + p]), Math.abs(a[q * n + q])];
        // Negligible when it changes neither of the two by a bit.
        if (apq === 0 || (app + apq * 2 ** -10 === app && aqq + apq * 2 ** -10 === aqq)) continue;
        rotated = true;
        rotate(a, v, n, p, q);
      }
    }
    if (!rotated) break;
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[i * n + i] - a[j * n + j]);
  const vectors = new Float64Array(n * n);
  order.forEach((from, k) => {
    for (let i = 0; i < n; i++) vectors[i * n + k] = v[from * n + i];
  });
  return { values: Float64Array.from(order, (i) => a[i * n + i]), vectors };
}
