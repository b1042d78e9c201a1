/** A = QR of one matrix of numbers by Householder reflections, with LAPACK's signs. */

export interface Reflections {
  /** R on and above the diagonal, the reflections' vectors (whose first element is 1) below; m by n. */
  readonly qr: Float64Array;
  readonly tau: Float64Array;
}

/** Overwrites a (m by n). */
export function reflect(a: Float64Array, m: number, n: number): Reflections {
  const k = Math.min(m, n);
  const tau = new Float64Array(k);
  for (let j = 0; j < k; j++) {
    let below = 0;
    for (let i = j + 1; i < m; i++) below = Math.hypot(below, a[i * n + j]);
    if (below === 0) continue;
    const alpha = a[j * n + j];
    const negative = alpha < 0 || Object.is(alpha, -0);
    const beta = negative ? Math.hypot(alpha, below) : -Math.hypot(alpha, below);
    tau[j] = (beta - alpha) / beta;
    for (let i = j + 1; i < m; i++) a[i * n + j] /= alpha - beta;
    a[j * n + j] = beta;
    for (let c = j + 1; c < n; c++) {
      let dot = a[j * n + c];
      for (let i = j + 1; i < m; i++) dot += a[i * n + j] * a[i * n + c];
      dot *= tau[j];
      a[j * n + c] -= dot;
      for (let i = j + 1; i < m; i++) a[i * n + c] -= dot * a[i * n + j];
    }
  }
  return { qr: a, tau };
}

/** The first `columns` columns of the product of reflections (vectors in the columns of qr, m by n). */
export function productOf({ qr, tau }: Reflections, m: number, n: number, columns: number): Float64Array {
  const q = new Float64Array(m * columns);
  for (let i = 0; i < Math.min(m, columns); i++) q[i * columns + i] = 1;
  for (let j = tau.length - 1; j >= 0; j--) {
    if (tau[j] === 0) continue;
    for (let c = 0; c < columns; c++) {
      let dot = q[j * columns + c];
      for (let i = j + 1; i < m; i++) dot += qr[i * n + j] * q[i * columns + c];
      dot *= tau[j];
      q[j * columns + c] -= dot;
      for (let i = j + 1; i < m; i++) q[i * columns + c] -= dot * qr[i * n + j];
    }
  }
  return q;
}
