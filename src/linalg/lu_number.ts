/** PA = LU of one matrix of numbers, and what is solved with it. */

export interface LU {
  /** L below the diagonal, U from it on; m by n. */
  readonly lu: Float64Array;
  /** The row that each step exchanged with, from 0. */
  readonly pivots: Int32Array;
  /** 0, or the number (from 1) of the first pivot that is 0. */
  readonly info: number;
}

/** Overwrites a (m by n) with its factors; partial pivoting, the first of equal magnitudes as LAPACK. */
export function factorize(a: Float64Array, m: number, n: number): LU {
  const k = Math.min(m, n);
  const pivots = new Int32Array(k);
  let info = 0;
  for (let j = 0; j < k; j++) {
    let best = j;
    for (let i = j + 1; i < m; i++) if (Math.abs(a[i * n + j]) > Math.abs(a[best * n + j])) best = i;
    pivots[j] = best;
    if (best !== j) exchangeRows(a, n, j, best);
    const pivot = a[j * n + j];
    if (pivot === 0) {
      if (info === 0) info = j + 1;
      continue;
    }
    for (let i = j + 1; i < m; i++) {
      const factor = (a[i * n + j] /= pivot);
      if (factor === 0) continue;
      for (let c = j + 1; c < n; c++) a[i * n + c] -= factor * a[j * n + c];
    }
  }
  return { lu: a, pivots, info };
}

function exchangeRows(a: Float64Array, width: number, i: number, j: number): void {
  for (let c = 0; c < width; c++) {
    const held = a[i * width + c];
    a[i * width + c] = a[j * width + c];
    a[j * width + c] = held;
  }
}

/** Exchanges the rows of b (any number of rows, `width` columns) as the factorization did. */
export function permuteRows(pivots: Int32Array, b: Float64Array, width: number): void {
  for (let j = 0; j < pivots.length; j++) if (pivots[j] !== j) exchangeRows(b, width, j, pivots[j]);
}

/** The inverse of `permuteRows`. */
export function unpermuteRows(pivots: Int32Array, b: Float64Array, width: number): void {
  for (let j = pivots.length - 1; j >= 0; j--) if (pivots[j] !== j) exchangeRows(b, width, j, pivots[j]);
}

/** Overwrites b (n by k) with the solution of T x = b, T the triangle of a (n by n). */
export function solveTriangle(
  a: Float64Array,
  b: Float64Array,
  n: number,
  k: number,
  upper: boolean,
  unit: boolean,
): void {
  for (let step = 0; step < n; step++) {
    const i = upper ? n - 1 - step : step;
    const [from, to] = upper ? [i + 1, n] : [0, i];
    for (let j = from; j < to; j++) {
      const factor = a[i * n + j];
      if (factor === 0) continue;
      for (let c = 0; c < k; c++) b[i * k + c] -= factor * b[j * k + c];
    }
    if (!unit) for (let c = 0; c < k; c++) b[i * k + c] /= a[i * n + i];
  }
}

/** Overwrites b (n by k) with the solution of A x = b. */
export function solveFactored({ lu, pivots }: LU, b: Float64Array, n: number, k: number): void {
  permuteRows(pivots, b, k);
  solveTriangle(lu, b, n, k, false, true);
  solveTriangle(lu, b, n, k, true, false);
}
