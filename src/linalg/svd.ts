import { RuntimeError } from '../errors.js';
import { define } from '../ops/define.js';
import type { Args, Op } from '../ops/define.js';
import { diag_embed } from '../ops/diagonal.js';
import { matmul } from '../ops/matmul.js';
import { named } from '../ops/named.js';
import type { NamedTensors } from '../ops/named.js';
import { add, div, mul, sub } from '../ops/pointwise_binary.js';
import { zeros } from '../ops/creation.js';
import { narrow, transpose, unsqueeze } from '../ops/view.js';
import { numel } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { LinAlgError } from './error.js';
import { batchOf, checkFloating, checkMatrix, eachMatrix, tensorOf } from './matrix.js';
import { decompose } from './svd_number.js';

/** What `linalg.svd` returns. */
export type SVDResult = NamedTensors<['U', 'S', 'Vh']>;

const turn = (x: Tensor): Tensor => transpose(x, -2, -1);

/** Refuses what iterations cannot work with. */
export function checkFinite(op: string, a: Float64Array, at: number, batched: boolean): void {
  if (a.every((x) => Number.isFinite(x))) return;
  throw new LinAlgError(
    `${op}: ${batched ? `(Batch element ${at}): ` : ''}The algorithm failed to converge because the input matrix contained ` +
      'non-finite values.',
  );
}

/**
 * The gradient of A = U diag(S) Vᵀ for thin factors (Townsend, "Differentiating the singular value decomposition", 2016).
 * Infinite where singular values coincide and the loss depends on which of their vectors were taken.
 */
function svdBackward(
  [gU, gS, gV]: readonly (Tensor | null)[],
  [U, S, V]: readonly Tensor[],
  m: number,
  n: number,
): Tensor {
  const k = S.shape[S.ndim - 1];
  let middle: Tensor | null = gS === null ? null : diag_embed(gS);
  if (gU !== null || gV !== null) {
    const squares = mul(S, S);
    const gaps = sub(unsqueeze(squares, -2), unsqueeze(squares, -1));
    const E = add(gaps, diag_embed(add(zeros(S.shape, { dtype: S.dtype }), 1)));
    const skew = (X: Tensor, gX: Tensor): Tensor => {
      const product = matmul(turn(X), gX);
      return div(sub(product, turn(product)), E);
    };
    for (const [X, gX, row] of [
      [U, gU, false],
      [V, gV, true],
    ] as const) {
      if (gX === null) continue;
      const part = mul(skew(X, gX), unsqueeze(S, row ? -1 : -2));
      middle = middle === null ? part : add(middle, part);
    }
  }
  let out = matmul(matmul(U, middle!), turn(V));
  const scaled = (X: Tensor): Tensor => div(X, unsqueeze(S, -2));
  // What is orthogonal to the columns of a thin factor.
  const beyond = (X: Tensor, gX: Tensor): Tensor => sub(gX, matmul(X, matmul(turn(X), gX)));
  if (gU !== null && m > k) out = add(out, matmul(scaled(beyond(U, gU)), turn(V)));
  if (gV !== null && n > k) out = add(out, matmul(scaled(U), turn(beyond(V, gV))));
  return out;
}

/** U, S and V (not turned), thin or full. */
const svdFactors: Op<(A: Tensor, full: boolean) => Tensor[]> = define({
  schema: 'linalg_svd_factors(Tensor A, bool full_matrices)',
  nullGrads: true,
  forward: (ctx, A: Tensor, full: boolean) => {
    const batch = batchOf(A);
    const [m, n] = A.shape.slice(-2);
    const k = Math.min(m, n);
    const [p, q] = full ? [m, n] : [k, k];
    const count = numel(batch);
    const us = new Float64Array(count * m * p);
    const ss = new Float64Array(count * k);
    const vs = new Float64Array(count * n * q);
    eachMatrix(A, (a, at) => {
      checkFinite('linalg.svd', a, at, batch.length > 0);
      const { U, S, V } = decompose(a, m, n, full);
      us.set(U, at * m * p);
      ss.set(S, at * k);
      vs.set(V, at * n * q);
    });
    const outputs = [
      tensorOf(us, [...batch, m, p], A.dtype),
      tensorOf(ss, [...batch, k], A.dtype),
      tensorOf(vs, [...batch, n, q], A.dtype),
    ];
    for (const out of outputs) ctx.saveOutput(out);
    return outputs;
  },
  backward: (ctx, ...grads) => {
    const [U, S, V] = ctx.saved();
    const [m, n] = [U.shape[U.ndim - 2], V.shape[V.ndim - 2]];
    const k = S.shape[S.ndim - 1];
    const thin = (x: Tensor | null): Tensor | null => (x === null ? null : narrow(x, -1, 0, k));
    const [gU, gS, gV] = grads as (Tensor | null)[];
    return [svdBackward([thin(gU), gS, thin(gV)], [thin(U)!, S, thin(V)!], m, n)];
  },
  // Singular values only: the vectors' signs make no difference to a loss that is fit for them (test/linalg).
  samples: (make) => [[make(1, 1), false]],
});

interface SVDOptions {
  full_matrices?: boolean;
  driver?: null;
}

function factors(A: Tensor, full: boolean): Tensor[] {
  checkMatrix('linalg.svd', A);
  checkFloating('linalg.svd', A);
  return svdFactors(A, full);
}

/**
 * The singular value decomposition A = U diag(S) Vh of a matrix, or of each of a batch; S descends. Vectors are unique up to
 * their sign; ours need not be LAPACK's.
 *
 * @param full_matrices whether U and Vh are square. Default true
 * @example
 * console.log(torch.linalg.svd(torch.tensor([[3, 0], [0, 4]]).float()).S.tolist()); // [ 4, 3 ]
 */
export const svd: Op<(...args: Args<[A: Tensor], [full_matrices: boolean], SVDOptions>) => SVDResult> =
  define({
    schema: 'linalg_svd(Tensor A, bool full_matrices=True, *, str? driver=None)',
    forward: (_ctx, A: Tensor, full: boolean, driver: string | null) => {
      if (driver !== null) {
        throw new RuntimeError(
          'torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend.',
        );
      }
      const [U, S, V] = factors(A, full);
      return named(['U', 'S', 'Vh'], [U, S, turn(V)]);
    },
    backward: 'composite',
  });

/** The singular values, descending. */
export const svdvals: Op<(A: Tensor, options?: { driver?: null }) => Tensor> = define({
  schema: 'linalg_svdvals(Tensor A, *, str? driver=None)',
  forward: (_ctx, A: Tensor, driver: string | null) => {
    if (driver !== null) {
      throw new RuntimeError(
        'torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend.',
      );
    }
    return factors(A, false)[1];
  },
  backward: 'composite',
  samples: (make) => [[make(3, 2)], [make(2, 2, 3)]],
});

interface TorchSVDOptions {
  some?: boolean;
  compute_uv?: boolean;
}

/**
 * `linalg.svd` with V instead of its transpose, and thin factors by default.
 *
 * @param compute_uv whether U and V are computed; otherwise they are zeros
 */
export const torchSvd: Op<
  (
    ...args: Args<[input: Tensor], [some: boolean, compute_uv: boolean], TorchSVDOptions>
  ) => NamedTensors<['U', 'S', 'V']>,
  'method'
> = define(
  {
    schema: 'svd(Tensor input, bool some=True, bool compute_uv=True)',
    forward: (_ctx, A: Tensor, some: boolean, computes: boolean) => {
      if (computes) return named(['U', 'S', 'V'], factors(A, !some));
      const S = factors(A, false)[1];
      const square = (n: number): Tensor => zeros([...batchOf(A), n, n], { dtype: A.dtype });
      const [m, n] = A.shape.slice(-2);
      return named(['U', 'S', 'V'], [square(m), S, square(n)]);
    },
    backward: 'composite',
  },
  ['method'],
);

/** The sum of the singular values of matrices. */
export function nuclearNorm(A: Tensor): Tensor {
  return svdvals(A).sum(-1);
}
