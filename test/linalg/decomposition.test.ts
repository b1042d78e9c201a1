// Decompositions multiplied together again, on matrices of every shape and rank.
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const L = torch.linalg;
type T = torch.Tensor;

function near(a: T, b: T, tolerance: number): void {
  expect(a.shape).toEqual(b.shape);
  const scale = Math.max(1, b.numel() === 0 ? 0 : b.abs().max().item());
  expect(a.numel() === 0 ? 0 : a.sub(b).abs().max().item() / scale).toBeLessThan(tolerance);
}

function orthonormal(q: T, tolerance: number): void {
  const n = q.size(-1);
  near(q.mT.matmul(q), torch.eye(n, { dtype: q.dtype }).expand([...q.shape.slice(0, -2), n, n]), tolerance);
}

const SHAPES = [[1, 1], [3, 3], [7, 4], [4, 7], [20, 20], [2, 3, 5, 5], [0, 0], [0, 3], [3, 0], [2, 0, 3]]; // prettier-ignore

/** A matrix of each kind: regular, of low rank, tiny, huge, zero. */
function kinds(shape: readonly number[], dtype: torch.DType): [string, T][] {
  torch.manual_seed(11);
  const a = torch.randn([...shape], { dtype });
  const [m, n] = shape.slice(-2);
  const r = Math.min(m, n, 2);
  const low = a.narrow(-1, 0, r).matmul(torch.randn([...shape.slice(0, -2), r, n], { dtype }));
  return [
    ['regular', a],
    ['low rank', low],
    ['tiny', a.mul(1e-30)],
    ['huge', a.mul(1e30)],
    ['zero', a.mul(0)],
  ];
}

const TABLE = [torch.float64, torch.float32].flatMap((dtype) =>
  SHAPES.flatMap((shape) => kinds(shape, dtype).map(([kind, a]) => [dtype.name, shape, kind, a] as const)),
);

describe.each(TABLE)('%s %j, %s', (name, shape, _kind, a) => {
  const tolerance = name === 'float64' ? 1e-13 : 1e-5;
  const [m, n] = shape.slice(-2);
  const unit = (x: T): T => (a.abs().sum().item() === 0 ? x : x.div(a.abs().max()));

  it('svd', () => {
    for (const full of [true, false]) {
      const { U, S, Vh } = L.svd(a, full);
      orthonormal(U, tolerance);
      orthonormal(Vh.mT, tolerance);
      const k = Math.min(m, n);
      const thin = U.narrow(-1, 0, k)
        .mul(S.unsqueeze(-2))
        .matmul(Vh.narrow(-2, 0, k));
      near(unit(thin), unit(a), tolerance);
      expect(S.diff().gt(0).any().item()).toBe(false);
      expect(S.lt(0).any().item()).toBe(false);
    }
  });

  it('qr', () => {
    for (const mode of ['reduced', 'complete'] as const) {
      const { Q, R } = L.qr(a, mode);
      orthonormal(Q, tolerance);
      near(unit(Q.matmul(R)), unit(a), tolerance);
      expect(R.triu().tolist()).toEqual(R.tolist());
    }
    expect(L.qr(a, 'r').R.tolist()).toEqual(L.qr(a).R.tolist());
  });

  it('lu', () => {
    const { P, L: lower, U } = L.lu(a);
    near(unit(P.matmul(lower).matmul(U)), unit(a), tolerance);
    expect(lower.abs().gt(1).any().item()).toBe(false);
  });

  it.runIf(m === n)('eigh', () => {
    const s = a.add(a.mT);
    for (const triangle of ['L', 'U'] as const) {
      const { eigenvalues, eigenvectors } = L.eigh(triangle === 'L' ? s.tril() : s.triu(), triangle);
      orthonormal(eigenvectors, tolerance);
      near(
        unit(eigenvectors.mul(eigenvalues.unsqueeze(-2)).matmul(eigenvectors.mT)),
        unit(s),
        tolerance * 10,
      );
      expect(eigenvalues.diff().lt(0).any().item()).toBe(false);
    }
  });

  it('pinv', () => {
    const p = L.pinv(a);
    expect(p.shape).toEqual([...shape.slice(0, -2), n, m]);
    near(unit(a.matmul(p).matmul(a)), unit(a), tolerance * 100);
  });
});
