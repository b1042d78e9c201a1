// The functions and bad calls of test/fixtures/linalg.py, by the names that it gives them.
import * as torch from '../../src/index.js';

const L = torch.linalg;
type T = torch.Tensor;

/** Numbers that test/fixtures/linalg.py makes in the same way. */
export function noise(seed: number, ...shape: number[]): T {
  const n = shape.reduce((product, size) => product * size, 1);
  const values = Array.from(
    { length: n },
    (_, i) => ((i * 7919 + seed * 104729 + i * i * 31) % 1009) / 504.5 - 1,
  );
  return torch.tensor(values, { dtype: torch.float64 }).reshape(shape);
}

/** A sum in which every element counts differently. */
export function weighted(x: T): T {
  return x.mul(torch.linspace(-1, 2, x.numel(), { dtype: x.dtype }).reshape(x.shape)).sum();
}

const symmetric = (a: T): T => a.add(a.mT);
const definite = (a: T): T => a.matmul(a.mT).add(torch.eye(a.size(-1), { dtype: a.dtype }));
const lowRank = (a: T): T => a.narrow(-1, 0, 1).matmul(a.narrow(-2, 0, 1));
const shifted = (a: T): T => a.add(torch.eye(3, { dtype: a.dtype }).mul(2));
const both = (a: T, b: T): T => weighted(a).add(weighted(b));
const diag = (s: T): T => torch.diag_embed(s);

export const CASES: Readonly<Record<string, (...inputs: T[]) => T>> = {
  inv: (a) => weighted(L.inv(a)),
  solve: (a, b) => weighted(L.solve(a, b)),
  'solve, right': (a, b) => weighted(L.solve(a, b, { left: false })),
  solve_triangular: (a, b) => weighted(L.solve_triangular(shifted(a), b, { upper: true })),
  det: (a) => weighted(L.det(a)),
  'det, rank 1 less': (a) => L.det(a.sub(a.sum(0, true).div(3))),
  slogdet: (a) => weighted(L.slogdet(a)[1]),
  cholesky: (a) => weighted(L.cholesky(definite(a))),
  'cholesky, upper': (a) => weighted(L.cholesky(definite(a), { upper: true })),
  cholesky_solve: (a, b) => weighted(torch.cholesky_solve(b, L.cholesky(definite(a)))),
  cholesky_inverse: (a) => weighted(torch.cholesky_inverse(L.cholesky(definite(a)))),
  qr: (a) => both(L.qr(a).Q, L.qr(a).R),
  'qr, wide': (a) => both(L.qr(a).Q, L.qr(a).R),
  svdvals: (a) => weighted(L.svdvals(a)),
  'svd, signs': (a) => both(L.svd(a).U.square(), L.svd(a).Vh.square()),
  'svd, tall': (a) => {
    const { U, S, Vh } = L.svd(a, false);
    return weighted(U.matmul(diag(S.square())).matmul(Vh));
  },
  'svd, wide': (a) => {
    const { U, S, Vh } = L.svd(a, { full_matrices: false });
    return weighted(U.matmul(diag(S.exp())).matmul(Vh));
  },
  eigvalsh: (a) => weighted(L.eigvalsh(symmetric(a))),
  'eigh, signs': (a) => weighted(L.eigh(symmetric(a)).eigenvectors.square()),
  'eigh, exponential': (a) => {
    const [values, vectors] = L.eigh(symmetric(a));
    return weighted(vectors.matmul(diag(values.exp())).matmul(vectors.mT));
  },
  pinv: (a) => weighted(L.pinv(a)),
  'pinv, hermitian': (a) => weighted(L.pinv(symmetric(a), { hermitian: true })),
  'pinv, rank 1': (a) => weighted(L.pinv(lowRank(a), { rtol: 1e-5 })),
  matrix_rank: (a) => L.matrix_rank(lowRank(a)).add(0.5).sub(0.5),
  lstsq: (a, b) => weighted(L.lstsq(a, b).solution),
  'lstsq, residuals': (a, b) => weighted(L.lstsq(a, b, { driver: 'gelsd' }).residuals),
  cond: (a) => weighted(L.cond(a)),
  'cond, fro': (a) => L.cond(a.detach(), 'fro'),
  'cond, -2': (a) => L.cond(a, -2),
  'norm, nuc': (a) => weighted(L.norm(a, 'nuc', { dim: [0, 2] })),
  'norm, -2': (a) => L.norm(a, -2),
  'norm, 1': (a) => weighted(L.matrix_norm(a, 1)),
  'norm, -inf': (a) => weighted(L.matrix_norm(a, -Infinity)),
  vector_norm: (a) => weighted(L.vector_norm(a, 2.5, { dim: 1 })),
  matrix_power: (a) => both(L.matrix_power(a, 5), L.matrix_power(a, -2)),
  matrix_exp: (a) => weighted(L.matrix_exp(a.mul(3))),
  multi_dot: (...m) => weighted(L.multi_dot(m)),
  lu: (a) => both(L.lu(a).L, L.lu(a).U),
  'lu, tall': (a) => both(L.lu(a).L, L.lu(a).U),
  'lu, wide': (a) => both(L.lu(a).L, L.lu(a).U),
  lu_solve: (a, b) => {
    const { LU, pivots } = L.lu_factor(a);
    return weighted(L.lu_solve(LU, pivots, b, { adjoint: true }));
  },
  householder_product: (a, t) => weighted(L.householder_product(a, t)),
  tensorinv: (a) => weighted(L.tensorinv(a)),
  tensorsolve: (a, b) => weighted(L.tensorsolve(a, b)),
  vander: (a) => weighted(L.vander(a, { N: 5 })),
  logdet: (a) => torch.logdet(definite(a)),
  triangular_solve: (b, a) =>
    weighted(torch.triangular_solve(b, shifted(a), { upper: false, transpose: true }).solution),
};

/** Values that the types refuse, for callers without types. */
const wrong = (value: unknown): never => value as never;

interface Inputs {
  readonly r23: T;
  readonly r22: T;
  readonly z22: T;
  readonly v3: T;
  readonly i22: T;
  readonly half: T;
  readonly nan: T;
}

export function makeInputs(): Inputs {
  const [r22, z22] = [torch.eye(2), torch.zeros(2, 2)];
  return {
    r23: torch.ones(2, 3),
    r22,
    z22,
    v3: torch.ones(3),
    i22: torch.ones(2, 2).long(),
    half: torch.stack([r22, z22]),
    nan: torch.full([2, 2], NaN),
  };
}

export const BAD_CALLS: Readonly<Record<string, (inputs: Inputs) => unknown>> = {
  'inv, vector': ({ v3 }) => L.inv(v3),
  'inv, not square': ({ r23 }) => L.inv(r23),
  'inv, integers': ({ i22 }) => L.inv(i22),
  'inv, singular': ({ z22 }) => L.inv(z22),
  'inv, batch': ({ half }) => L.inv(half),
  'inverse, singular': () => torch.inverse(torch.diag(torch.tensor([1, 0, 2]).float())),
  'det, not square': ({ r23 }) => L.det(r23),
  'cholesky, not definite': () => L.cholesky(torch.tensor([[1, 2], [2, 1]]).float()), // prettier-ignore
  'cholesky, batch': ({ half }) => L.cholesky(half),
  'torch.cholesky': ({ r22 }) => torch.cholesky(r22.neg()),
  'qr, mode': ({ r23 }) => L.qr(r23, { mode: wrong('x') }),
  'householder_product, integers': ({ i22 }) => L.householder_product(i22, torch.ones(2).long()),
  'householder_product, dtypes': ({ r22 }) => torch.orgqr(r22, torch.ones(2).double()),
  'svd, not finite': ({ nan }) => L.svd(nan),
  'svd, batch': ({ r22, nan }) => L.svd(torch.stack([r22, nan])),
  'svd, integers': ({ i22 }) => L.svd(i22),
  'eigh, not square': ({ r23 }) => L.eigh(r23),
  'eigh, triangle': ({ r22 }) => L.eigh(r22, wrong('X')),
  'eigh, integers': ({ i22 }) => L.eigh(i22),
  'pinv, vector': ({ v3 }) => L.pinv(v3),
  'matrix_rank, vector': ({ v3 }) => L.matrix_rank(v3),
  'cond, order': ({ r22 }) => L.cond(r22, 3),
  'cond, not square': ({ r23 }) => L.cond(r23, 'fro'),
  'solve, singular': ({ z22, r22 }) => L.solve(z22, r22),
  'solve, sizes': ({ r22 }) => L.solve(r22, torch.ones(3, 2)),
  'solve, vector': ({ r22, v3 }) => L.solve(r22, v3),
  'solve, dtypes': ({ r22 }) => L.solve(r22, r22.double()),
  'solve_triangular, sizes': ({ r22 }) => L.solve_triangular(r22, torch.ones(3, 2), { upper: true }),
  'solve_triangular, vector': ({ r22 }) => L.solve_triangular(r22, torch.ones(2), { upper: true }),
  'lstsq, vector': ({ v3 }) => L.lstsq(v3, v3),
  'lstsq, sizes': ({ r22 }) => L.lstsq(r22, torch.ones(3, 2)),
  'lstsq, driver': ({ r22 }) => L.lstsq(r22, r22, { driver: wrong('x') }),
  'norm, order': ({ r22 }) => L.norm(r22, 3),
  'norm, word': ({ r22 }) => L.norm(r22, wrong('x')),
  'norm, 3-D': () => L.norm(torch.ones(2, 2, 2), 2),
  'norm, dims': () => L.norm(torch.ones(2, 2, 2), { dim: [0, 1, 2] }),
  'vector_norm, integers': ({ i22 }) => L.vector_norm(i22),
  'vector_norm, narrower': ({ v3 }) => L.vector_norm(v3.double(), { dtype: torch.float32 }),
  'matrix_power, not square': ({ r23 }) => L.matrix_power(r23, 2),
  'multi_dot, one': ({ r22 }) => L.multi_dot([r22]),
  'multi_dot, sizes': ({ r22 }) => L.multi_dot([r22, torch.ones(3, 2)]),
  'multi_dot, middle': ({ r22, v3 }) => L.multi_dot([r22, v3, r22]),
  'lu_factor, singular': ({ z22 }) => L.lu_factor(z22),
  'lu, pivot': ({ r22 }) => L.lu(r22, { pivot: false }),
  'vander, N': ({ v3 }) => L.vander(v3, { N: 1 }),
  'cross, size': ({ r22 }) => L.cross(r22, r22),
  'cross, dims': ({ v3, r23 }) => L.cross(v3, r23),
  'tensorinv, ind': () => L.tensorinv(torch.ones(6, 2, 3), { ind: 0 }),
  'tensorinv, sizes': () => L.tensorinv(torch.ones(2, 3, 5)),
  'tensorsolve, sizes': () => L.tensorsolve(torch.ones(2, 3, 5), torch.ones(2, 3)),
  'chain_matmul, vector': ({ v3, r22 }) => torch.chain_matmul(v3, r22),
};
