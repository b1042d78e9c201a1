import { RuntimeError } from '../errors.js';
import { define } from '../ops/define.js';
import type { Args, Op } from '../ops/define.js';
import { diag_embed, diagonal, tril } from '../ops/diagonal.js';
import { matmul } from '../ops/matmul.js';
import { named } from '../ops/named.js';
import type { NamedTensors } from '../ops/named.js';
import { eye } from '../ops/creation_range.js';
import { add, mul, neg, sub } from '../ops/pointwise_binary.js';
import { transpose } from '../ops/view.js';
import { numel } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { factorizeCholesky } from './cholesky_number.js';
import {
  batchOf,
  checkFloating,
  checkInfo,
  checkSquare,
  eachMatrix,
  integersOf,
  tensorOf,
  transposed,
} from './matrix.js';
import { checkSystem, sameBatch } from './solve.js';
import { solve_triangular } from './triangular.js';

interface CholeskyOptions {
  upper?: boolean;
}

/** L and info; the gradient is symmetric, as A is taken to be. */
const choleskyLower: Op<(A: Tensor, upper: boolean) => Tensor[]> = define({
  schema: 'linalg_cholesky_lower(Tensor A, bool upper)',
  forward: (ctx, A: Tensor, upper: boolean) => {
    const n = A.shape[A.ndim - 1];
    const values = new Float64Array(A.numel());
    const infos = new Int32Array(numel(batchOf(A)));
    eachMatrix(A, (a, at) => {
      const lower = upper ? transposed(a, n, n) : a;
      infos[at] = factorizeCholesky(lower, n);
      values.set(lower, at * n * n);
    });
    const L = tensorOf(values, A.shape, A.dtype);
    ctx.saveOutput(L);
    return [L, integersOf(infos, batchOf(A))];
  },
  backward: (ctx, g) => {
    const [L] = ctx.saved();
    const turned = transpose(L, -2, -1);
    const product = tril(matmul(turned, g));
    const half = sub(product, diag_embed(mul(diagonal(product, 0, -2, -1), 0.5)));
    const left = solve_triangular(turned, half, { upper: true });
    const both = solve_triangular(L, left, { upper: false, left: false });
    return [mul(add(both, transpose(both, -2, -1)), 0.5)];
  },
  // Symmetric arguments only, so one by one: larger ones are tested as functions of a matrix that is made symmetric.
  samples: (make) => [[make.uniform(1, 2, 1, 1), false]],
});

/** `cholesky` that does not throw: `[L, info]`, info 0 or the order of the leading minor that is not positive definite. */
export const cholesky_ex: Op<
  (A: Tensor, options?: CholeskyOptions & { check_errors?: boolean }) => NamedTensors<['L', 'info']>
> = define({
  schema: 'linalg_cholesky_ex(Tensor A, *, bool upper=False, bool check_errors=False)',
  forward: (_ctx, A: Tensor, upper: boolean, checks: boolean) => {
    checkSquare('linalg.cholesky', A);
    checkFloating('linalg.cholesky', A);
    const [L, info] = choleskyLower(A, upper);
    if (checks) checkDefinite('linalg.cholesky_ex', info);
    return named(['L', 'info'], [upper ? transpose(L, -2, -1) : L, info]);
  },
  backward: 'composite',
});

function checkDefinite(op: string, info: Tensor): void {
  checkInfo(
    op,
    info,
    (order) =>
      'The factorization could not be completed because the input is not positive-definite (the leading minor of order ' +
      `${order} is not positive-definite).`,
  );
}

/**
 * The lower triangular L of A = L Lᵀ, or with `upper` the R of A = Rᵀ R, of a symmetric positive definite matrix, of which
 * one triangle is read.
 *
 * @throws LinAlgError when a matrix is not positive definite
 * @example
 * console.log(torch.linalg.cholesky(torch.tensor([[4, 2], [2, 2]]).float()).tolist()); // [ [ 2, 0 ], [ 1, 1 ] ]
 */
export const cholesky: Op<(A: Tensor, options?: CholeskyOptions) => Tensor> = define({
  schema: 'linalg_cholesky(Tensor A, *, bool upper=False)',
  forward: (_ctx, A: Tensor, upper: boolean) => {
    const [L, info] = cholesky_ex(A, { upper });
    checkDefinite('linalg.cholesky', info);
    return L;
  },
  backward: 'composite',
});

type UpperArgs<R extends unknown[]> = Args<R, [upper: boolean], CholeskyOptions>;

/** `linalg.cholesky` with `upper` as its second argument. */
export const torchCholesky: Op<(...args: UpperArgs<[input: Tensor]>) => Tensor, 'method'> = define(
  {
    schema: 'cholesky(Tensor input, bool upper=False)',
    forward: (_ctx, A: Tensor, upper: boolean) => {
      checkSquare('cholesky', A);
      const [L, info] = cholesky_ex(A, { upper });
      checkDefinite('cholesky', info);
      return L;
    },
    backward: 'composite',
  },
  ['method'],
);

/** The solution X of A X = B from the Cholesky factor of A; the factor's gradient has no triangle, as torch's. */
export const cholesky_solve: Op<(...args: UpperArgs<[input: Tensor, input2: Tensor]>) => Tensor, 'method'> =
  define(
    {
      schema: 'cholesky_solve(Tensor input, Tensor input2, bool upper=False)',
      forward: (_ctx, B: Tensor, factor: Tensor, upper: boolean) => {
        for (const [name, x] of [
          ['b', B],
          ['u', factor],
        ] as const) {
          if (x.ndim < 2) {
            throw new RuntimeError(
              `${name} should have at least 2 dimensions, but has ${x.ndim} dimensions instead`,
            );
          }
        }
        checkSystem('cholesky_solve', factor, B, true);
        const [L, right] = sameBatch(factor, B);
        return fromFactor(right, upper ? turn(L) : L);
      },
      backward: 'composite',
      samples: (make) => [[make(1, 2), make.uniform(1, 2, 1, 1)]],
    },
    ['method'],
  );

/** (L Lᵀ)⁻¹ B. */
const fromFactor: Op<(B: Tensor, L: Tensor) => Tensor> = define({
  schema: 'cholesky_solve_lower(Tensor B, Tensor L)',
  forward: (ctx, B: Tensor, L: Tensor) => {
    const half = solve_triangular(L, B, { upper: false });
    const X = solve_triangular(turn(L), half, { upper: true });
    ctx.save(L);
    ctx.saveOutput(X);
    return X;
  },
  backward: (ctx, g) => {
    const [L, X] = ctx.saved();
    const gB = fromFactor(g, L);
    if (!ctx.needs[1]) return [gB, null];
    const product = matmul(gB, turn(X));
    return [gB, neg(matmul(add(product, turn(product)), L))];
  },
  samples: (make) => [[make(1, 2), make.uniform(1, 2, 1, 1)]],
});

/** The inverse of A from its Cholesky factor. */
export const cholesky_inverse: Op<(...args: UpperArgs<[input: Tensor]>) => Tensor, 'method'> = define(
  {
    schema: 'cholesky_inverse(Tensor input, bool upper=False)',
    forward: (_ctx, factor: Tensor, upper: boolean) => {
      checkSquare('cholesky_inverse', factor);
      const n = factor.shape[factor.ndim - 1];
      const unit = eye(n, { dtype: factor.dtype }).expand([...batchOf(factor), n, n]);
      return fromFactor(unit, upper ? turn(factor) : factor);
    },
    backward: 'composite',
    samples: (make) => [[make.uniform(1, 2, 1, 1)]],
  },
  ['method'],
);

const turn = (x: Tensor): Tensor => transpose(x, -2, -1);
