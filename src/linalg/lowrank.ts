/** Halko, Martinsson and Tropp (2009): decompositions of matrices of low rank by random projections. */
import { RuntimeError, ValueError } from '../errors.js';
import type { Args } from '../ops/define.js';
import { matmul } from '../ops/matmul.js';
import { sub } from '../ops/pointwise_binary.js';
import { randn } from '../ops/random.js';
import { mean } from '../ops/reduce.js';
import { transpose } from '../ops/view.js';
import { pySize } from '../python_text.js';
import { withScope } from '../scope.js';
import { signature } from '../signature.js';
import type { Tensor } from '../tensor.js';
import { qr } from './qr.js';
import { svd } from './svd.js';

type Decomposition = [U: Tensor, S: Tensor, V: Tensor];

const turn = (x: Tensor): Tensor => transpose(x, -2, -1);

/** (A − M) B. */
function product(A: Tensor, M: Tensor | null, B: Tensor): Tensor {
  const whole = matmul(A, B);
  return M === null ? whole : sub(whole, matmul(M, B));
}

/** `q` orthonormal columns whose span is nearly that of A − M. */
function basisOf(A: Tensor, q: number, rounds: number, M: Tensor | null): Tensor {
  const random = randn([A.size(-1), q], { dtype: A.dtype });
  const [At, Mt] = [turn(A), M === null ? null : turn(M)];
  let [Q] = qr(product(A, M, random));
  for (let i = 0; i < rounds; i++) {
    [Q] = qr(product(At, Mt, Q));
    [Q] = qr(product(A, M, Q));
  }
  return Q;
}

function lowRank(A: Tensor, q: number, rounds: number, M: Tensor | null): Decomposition {
  if (A.ndim < 2) throw new ValueError(`not enough values to unpack (expected 2, got ${A.ndim})`);
  const [m, n] = [A.size(-2), A.size(-1)];
  const [At, Mt] = [turn(A), M === null ? null : turn(M)];
  const wide = m < n || n > q;
  const Q = wide ? basisOf(At, q, rounds, Mt) : basisOf(A, q, rounds, M);
  const B = wide ? product(A, M, Q) : turn(product(At, Mt, Q));
  const [rows, columns] = wide ? [m, q] : [q, n];
  if (B.size(-2) !== rows || B.size(-1) !== columns) {
    throw new RuntimeError(`(${pySize(B.shape)}, ${B.size(-2) === rows ? columns : rows})`);
  }
  if (columns > rows) throw new RuntimeError(pySize(B.shape));
  const [U, S, Vh] = svd(B, false);
  return wide ? [U, S, matmul(Q, turn(Vh))] : [matmul(Q, U), S, turn(Vh)];
}

const SVD = signature('svd_lowrank(Tensor A, int? q=6, int? niter=2, Tensor? M=None)');

/**
 * U, S and V of a matrix that is about U diag(S) Vᵀ, or of each of a batch; of A − M where there is an M.
 *
 * @param q the rank, a little more than is expected; default 6
 * @param niter how many rounds of subspace iteration; default 2
 * @example
 * const [, S] = torch.svd_lowrank(torch.ones(8, 3), 1);
 * console.log(S.square().item().toFixed(3)); // 24.000
 */
export function svd_lowrank(
  A: Tensor,
  ...rest: Args<
    [],
    [q: number | null, niter: number | null, M: Tensor | null],
    { q?: number | null; niter?: number | null; M?: Tensor | null }
  >
): Decomposition {
  const [x, q, rounds, M] = SVD([A, ...rest]) as [Tensor, number | null, number | null, Tensor | null];
  return withScope('svd_lowrank', () => lowRank(x, q ?? 6, rounds ?? 2, M));
}

const PCA = signature('pca_lowrank(Tensor A, int? q=None, bool center=True, int niter=2)');

/**
 * The principal components of the rows of a matrix, as U, S and V of the matrix without the mean of its rows: the columns of V are
 * the directions, S² / (m − 1) the variances along them.
 *
 * @param q how many; default min(6, m, n)
 * @param center false where the mean is zero already
 */
export function pca_lowrank(
  A: Tensor,
  ...rest: Args<
    [],
    [q: number | null, center: boolean, niter: number],
    { q?: number | null; center?: boolean; niter?: number }
  >
): Decomposition {
  const [x, given, center, rounds] = PCA([A, ...rest]) as [Tensor, number | null, boolean, number];
  if (x.ndim < 2) throw new ValueError(`not enough values to unpack (expected 2, got ${x.ndim})`);
  const most = Math.min(x.size(-2), x.size(-1));
  const q = given ?? Math.min(6, most);
  if (q < 0 || q > most) {
    throw new ValueError(`q(=${q}) must be non-negative integer and not greater than min(m, n)=${most}`);
  }
  if (rounds < 0) throw new ValueError(`niter(=${rounds}) must be non-negative integer`);
  return withScope('pca_lowrank', () => lowRank(center ? sub(x, mean(x, [-2], true)) : x, q, rounds, null));
}
