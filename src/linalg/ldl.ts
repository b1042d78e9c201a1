import { RuntimeError } from '../errors.js';
import { define } from '../ops/define.js';
import type { Op } from '../ops/define.js';
import { named } from '../ops/named.js';
import type { NamedTensors } from '../ops/named.js';
import { numel, sameShape, showShape, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { toTypedArray } from '../tensor_data.js';
import { factorizeSymmetric, solveSymmetric } from './ldl_number.js';
import {
  batchOf,
  checkFloating,
  checkInfo,
  checkSquare,
  eachMatrix,
  integersOf,
  numbersOf,
  tensorOf,
} from './matrix.js';
import { sameBatch } from './solve.js';

/** What `ldl_factor` returns. */
export type LDLFactors = NamedTensors<['LD', 'pivots']>;

interface HermitianOptions {
  /** Of real matrices it makes no difference. Default false. */
  hermitian?: boolean;
}

function refuseGradient(name: string): never {
  throw new RuntimeError(`derivative for aten::${name} is not implemented`);
}

function checkBlocks(op: string, info: Tensor): void {
  checkInfo(
    op,
    info,
    (at) =>
      `D[${at},${at}] is zero and using it on ldl_solve would result in a division by zero. If you still want to perform the ` +
      'factorization, consider calling linalg.ldl_factor_ex(A)',
  );
}

/**
 * `ldl_factor` that does not throw: `[LD, pivots, info]`, info 0 or the number of the block of D that is 0.
 *
 * @param check_errors whether it throws all the same. Default false.
 */
export const ldl_factor_ex: Op<
  (
    A: Tensor,
    options?: HermitianOptions & { check_errors?: boolean },
  ) => NamedTensors<['LD', 'pivots', 'info']>
> = define({
  schema: 'linalg_ldl_factor_ex(Tensor A, *, bool hermitian=False, bool check_errors=False)',
  forward: (_ctx, A: Tensor, _hermitian: boolean, checks: boolean) => {
    checkSquare('torch.linalg.ldl_factor_ex', A);
    checkFloating('torch.linalg.ldl_factor_ex', A);
    const n = A.shape[A.ndim - 1];
    const values = new Float64Array(A.numel());
    const pivots = new Int32Array(numel(A.shape.slice(0, -1)));
    const infos = new Int32Array(numel(batchOf(A)));
    eachMatrix(A, (a, at) => {
      const found = factorizeSymmetric(a, n);
      values.set(found.ld, at * n * n);
      pivots.set(found.pivots, at * n);
      infos[at] = found.info;
    });
    const info = integersOf(infos, batchOf(A));
    if (checks) checkBlocks('torch.linalg.ldl_factor_ex', info);
    return named(
      ['LD', 'pivots', 'info'],
      [tensorOf(values, A.shape, A.dtype), integersOf(pivots, A.shape.slice(0, -1)), info],
    );
  },
  backward: () => refuseGradient('linalg_ldl_factor_ex'),
  samples: (make) => [[make(3, 3).detach()], [make(2, 4, 4).detach(), { hermitian: true }]],
});

/**
 * A = L D Lᵀ of a symmetric matrix, or of each of a batch, of which the lower triangle is read: D has blocks of one and two rows on its
 * diagonal, L ones. Both are packed in LD, as LAPACK's sytrf packs them with its pivots: what `ldl_solve` takes.
 * Differs from torch: a D with a zero block is a LinAlgError, where torch 1.13 reports a bug of its own.
 *
 * @example
 * const { LD, pivots } = torch.linalg.ldl_factor(torch.tensor([[0.5, 1], [1, 0.5]]));
 * console.log(LD.tolist(), pivots.tolist()); // [ [ 0.5, 0 ], [ 1, 0.5 ] ] [ -2, -2 ]
 */
export const ldl_factor: Op<(A: Tensor, options?: HermitianOptions) => LDLFactors> = define({
  schema: 'linalg_ldl_factor(Tensor A, *, bool hermitian=False)',
  forward: (_ctx, A: Tensor, hermitian: boolean) => {
    const [LD, pivots, info] = ldl_factor_ex(A, { hermitian });
    checkBlocks('torch.linalg.ldl_factor', info);
    return named(['LD', 'pivots'], [LD, pivots]);
  },
  backward: 'composite',
  samples: (make) => [[make(3, 3).detach()]],
});

function checkSystem(LD: Tensor, pivots: Tensor, B: Tensor): void {
  const op = 'torch.linalg.ldl_solve';
  checkSquare(op, LD);
  checkFloating(op, LD);
  if (LD.dtype !== B.dtype) {
    throw new RuntimeError(
      `Expected b and A to have the same dtype, but found b of type ${B.dtype.scalarName} and A of type ` +
        `${LD.dtype.scalarName} instead.`,
    );
  }
  const n = LD.shape[LD.ndim - 1];
  const rows = B.shape[wrapDim(-2, B.ndim)];
  if (rows !== n) {
    throw new RuntimeError(
      `Incompatible matrix sizes for ${op}: each A matrix is ${n} by ${n} but each b matrix is ${rows} by ` +
        `${B.shape[B.ndim - 1]}`,
    );
  }
  if (!sameShape(pivots.shape, LD.shape.slice(0, -1))) {
    throw new RuntimeError(
      `${op}: Expected LD.shape[:-1] and pivots.shape to be the same, but got pivots with shape ` +
        `${showShape(pivots.shape)} instead`,
    );
  }
  if (pivots.dtype.is_floating_point || pivots.dtype.scalarName === 'Bool') {
    throw new RuntimeError(`${op}: Expected pivots to be integers. Got ${pivots.dtype.scalarName}`);
  }
}

/**
 * The solution X of A X = B from the factors of A that `ldl_factor` gives. Their batches are broadcast.
 *
 * @example
 * const { LD, pivots } = torch.linalg.ldl_factor(torch.tensor([[0.5, 1], [1, 0.5]]));
 * console.log(torch.linalg.ldl_solve(LD, pivots, torch.ones(2, 1).mul(1.5)).tolist()); // [ [ 1 ], [ 1 ] ]
 */
export const ldl_solve: Op<(LD: Tensor, pivots: Tensor, B: Tensor, options?: HermitianOptions) => Tensor> =
  define({
    schema: 'linalg_ldl_solve(Tensor LD, Tensor pivots, Tensor B, *, bool hermitian=False)',
    forward: (_ctx, LD: Tensor, pivots: Tensor, B: Tensor) => {
      checkSystem(LD, pivots, B);
      const [right, factors] = sameBatch(B, LD);
      const [n, c] = right.shape.slice(-2);
      const places = Int32Array.from(toTypedArray(pivots.expand([...batchOf(right), n])), Number);
      const values = numbersOf(right);
      eachMatrix(factors, (ld, at) => {
        const own = places.subarray(at * n, (at + 1) * n);
        solveSymmetric(ld, own, values.subarray(at * n * c, (at + 1) * n * c), n, c);
      });
      return tensorOf(values, right.shape, LD.dtype);
    },
    backward: () => refuseGradient('linalg_ldl_solve'),
    samples: (make) => [
      [make.uniform(1, 2, 2, 2).detach(), integersOf([1, 2], [2]), make(2, 3).detach()],
      [
        make.uniform(1, 2, 2, 2).detach(),
        integersOf([-2, -2], [2]),
        make(4, 2, 1).detach(),
        { hermitian: true },
      ],
    ],
  });
