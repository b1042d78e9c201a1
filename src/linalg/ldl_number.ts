/** A = L D Lᵀ of one symmetric matrix of numbers, by LAPACK's sytf2 of the lower triangle, and what is solved with it. */

export interface LDL {
  /** D on the diagonal and, of blocks of two, beside it; L below; zeros above. n by n. */
  readonly ld: Float64Array;
  /** Of a block of one, the row (from 1) that it was exchanged with; of a block of two, twice minus that of its second row. */
  readonly pivots: Int32Array;
  /** 0, or the number (from 1) of the first block that is 0. */
  readonly info: number;
}

/** Bunch and Kaufman's bound on how much the entries grow. */
const ALPHA = (1 + Math.sqrt(17)) / 8;

/** Overwrites a (n by n), of which only the lower triangle is read. */
export function factorizeSymmetric(a: Float64Array, n: number): LDL {
  const pivots = new Int32Array(n);
  let info = 0;
  for (let k = 0; k < n;) {
    const pivot = choosePivot(a, n, k);
    if (pivot === null) {
      if (info === 0) info = k + 1;
      pivots[k] = ++k;
      continue;
    }
    const { row, size } = pivot;
    exchange(a, n, k, k + size - 1, row);
    if (size === 1) {
      eliminateOne(a, n, k);
      pivots[k] = row + 1;
    } else {
      eliminateTwo(a, n, k);
      pivots[k] = pivots[k + 1] = -(row + 1);
    }
    k += size;
  }
  for (let i = 0; i < n; i++) a.fill(0, i * n + i + 1, (i + 1) * n);
  return { ld: a, pivots, info };
}

/** Which row comes next, and whether as a block of one or of two; null where the column is 0. */
function choosePivot(a: Float64Array, n: number, k: number): { row: number; size: 1 | 2 } | null {
  const diagonal = Math.abs(a[k * n + k]);
  let largest = k;
  let column = 0;
  for (let i = k + 1; i < n; i++) {
    if (Math.abs(a[i * n + k]) > column) [largest, column] = [i, Math.abs(a[i * n + k])];
  }
  if (Number.isNaN(diagonal) || Math.max(diagonal, column) === 0) return null;
  if (diagonal >= ALPHA * column) return { row: k, size: 1 };
  let row = 0;
  for (let j = k; j < largest; j++) row = Math.max(row, Math.abs(a[largest * n + j]));
  for (let i = largest + 1; i < n; i++) row = Math.max(row, Math.abs(a[i * n + largest]));
  if (diagonal >= ALPHA * column * (column / row)) return { row: k, size: 1 };
  return { row: largest, size: Math.abs(a[largest * n + largest]) >= ALPHA * row ? 1 : 2 };
}

/** Exchanges rows and columns `from` and `to` of what is left from k on; the columns of L before stay, as LAPACK has them. */
function exchange(a: Float64Array, n: number, k: number, from: number, to: number): void {
  if (from === to) return;
  const swap = (p: number, q: number): void => {
    const held = a[p];
    a[p] = a[q];
    a[q] = held;
  };
  for (let i = to + 1; i < n; i++) swap(i * n + from, i * n + to);
  for (let i = from + 1; i < to; i++) swap(i * n + from, to * n + i);
  swap(from * n + from, to * n + to);
  if (from > k) swap(from * n + k, to * n + k);
}

function eliminateOne(a: Float64Array, n: number, k: number): void {
  const inverse = 1 / a[k * n + k];
  for (let j = k + 1; j < n; j++) {
    const factor = a[j * n + k] * inverse;
    for (let i = j; i < n; i++) a[i * n + j] -= a[i * n + k] * factor;
  }
  for (let i = k + 1; i < n; i++) a[i * n + k] *= inverse;
}

function eliminateTwo(a: Float64Array, n: number, k: number): void {
  const beside = a[(k + 1) * n + k];
  const d11 = a[(k + 1) * n + k + 1] / beside;
  const d22 = a[k * n + k] / beside;
  const scale = 1 / (d11 * d22 - 1) / beside;
  for (let j = k + 2; j < n; j++) {
    const first = scale * (d11 * a[j * n + k] - a[j * n + k + 1]);
    const second = scale * (d22 * a[j * n + k + 1] - a[j * n + k]);
    for (let i = j; i < n; i++) a[i * n + j] -= a[i * n + k] * first + a[i * n + k + 1] * second;
    a[j * n + k] = first;
    a[j * n + k + 1] = second;
  }
}

/** Overwrites b (n by c) with the solution of A x = b, as LAPACK's sytrs. */
export function solveSymmetric(
  ld: Float64Array,
  pivots: Int32Array,
  b: Float64Array,
  n: number,
  c: number,
): void {
  const starts: number[] = [];
  for (let k = 0; k < n; k += pivots[k] > 0 ? 1 : 2) {
    starts.push(k);
    if (pivots[k] > 0) {
      exchangeRows(b, c, k, pivots[k] - 1);
      for (let i = k + 1; i < n; i++) addRow(b, c, i, k, -ld[i * n + k]);
      for (let j = 0; j < c; j++) b[k * c + j] /= ld[k * n + k];
    } else {
      exchangeRows(b, c, k + 1, -pivots[k] - 1);
      for (let i = k + 2; i < n; i++) {
        addRow(b, c, i, k, -ld[i * n + k]);
        addRow(b, c, i, k + 1, -ld[i * n + k + 1]);
      }
      solveBlock(ld, b, n, c, k);
    }
  }
  for (const k of starts.reverse()) {
    const size = pivots[k] > 0 ? 1 : 2;
    for (let row = k; row < k + size; row++) {
      for (let i = k + size; i < n; i++) addRow(b, c, row, i, -ld[i * n + row]);
    }
    exchangeRows(b, c, k + size - 1, Math.abs(pivots[k]) - 1);
  }
}

/** Solves with the block of two at k. */
function solveBlock(ld: Float64Array, b: Float64Array, n: number, c: number, k: number): void {
  const beside = ld[(k + 1) * n + k];
  const first = ld[k * n + k] / beside;
  const second = ld[(k + 1) * n + k + 1] / beside;
  const determinant = first * second - 1;
  for (let j = 0; j < c; j++) {
    const [x, y] = [b[k * c + j] / beside, b[(k + 1) * c + j] / beside];
    b[k * c + j] = (second * x - y) / determinant;
    b[(k + 1) * c + j] = (first * y - x) / determinant;
  }
}

function exchangeRows(b: Float64Array, width: number, i: number, j: number): void {
  if (i === j) return;
  for (let c = 0; c < width; c++) {
    const held = b[i * width + c];
    b[i * width + c] = b[j * width + c];
    b[j * width + c] = held;
  }
}

function addRow(b: Float64Array, width: number, to: number, from: number, factor: number): void {
  for (let c = 0; c < width; c++) b[to * width + c] += factor * b[from * width + c];
}
