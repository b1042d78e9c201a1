/** A = L Lᵀ of one matrix of numbers. */

/**
 * Overwrites the lower triangle of a (n by n) with L and clears the rest. Answers 0, or the order of the leading minor that is
 * not positive definite; what lies behind it is left as it is.
 */
export function factorizeCholesky(a: Float64Array, n: number): number {
  let info = 0;
  for (let j = 0; j < n && info === 0; j++) {
    let d = a[j * n + j];
    for (let k = 0; k < j; k++) d -= a[j * n + k] * a[j * n + k];
    if (!(d > 0)) {
      info = j + 1;
      break;
    }
    const root = Math.sqrt(d);
    a[j * n + j] = root;
    for (let i = j + 1; i < n; i++) {
      let x = a[i * n + j];
      for (let k = 0; k < j; k++) x -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = x / root;
    }
  }
  for (let i = 0; i < n; i++) a.fill(0, i * n + i + 1, (i + 1) * n);
  return info;
}
