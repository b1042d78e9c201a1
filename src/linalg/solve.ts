import { RuntimeError } from '../errors.js';
import { define } from '../ops/define.js';
import type { Op } from '../ops/define.js';
import { matmul } from '../ops/matmul.js';
import { named } from '../ops/named.js';
import type { NamedTensors } from '../ops/named.js';
import { neg } from '../ops/pointwise_binary.js';
import { expand, squeeze, transpose, unsqueeze } from '../ops/view.js';
import { broadcastShapes, numel, sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { factorize, solveFactored } from './lu_number.js';
import {
  batchOf,
  checkFloating,
  checkInfo,
  checkMatrix,
  checkSquare,
  eachMatrix,
  integersOf,
  numbersOf,
  tensorOf,
} from './matrix.js';

/** The solution of A X = B for matrices of one batch shape, and 0 or the number of the zero pivot of each A. */
export const solveBatch: Op<(A: Tensor, B: Tensor) => Tensor[]> = define({
  schema: 'linalg_solve_batch(Tensor A, Tensor B)',
  forward: (ctx, A: Tensor, B: Tensor) => {
    const [n, k] = B.shape.slice(-2);
    const values = numbersOf(B);
    const info = new Int32Array(numel(batchOf(A)));
    eachMatrix(A, (a, i) => {
      const lu = factorize(a, n, n);
      info[i] = lu.info;
      solveFactored(lu, values.subarray(i * n * k, (i + 1) * n * k), n, k);
    });
    const X = tensorOf(values, B.shape, A.dtype);
    ctx.save(A);
    ctx.saveOutput(X);
    return [X, integersOf(info, batchOf(A))];
  },
  backward: (ctx, g) => {
    const [A, X] = ctx.saved();
    const gB = solveBatch(transpose(A, -2, -1), g)[0];
    return [ctx.needs[0] ? neg(matmul(gB, transpose(X, -2, -1))) : null, gB];
  },
  samples: (make) => [[make(2, 3, 3), make(2, 3, 2)]],
});

/** Refuses operands that do not fit; says whether B holds vectors rather than matrices. */
export function checkSystem(op: string, A: Tensor, B: Tensor, left: boolean): boolean {
  checkSquare(op, A);
  if (A.dtype !== B.dtype) {
    throw new RuntimeError(
      `${op}: Expected A and B to have the same dtype, but found A of type ${A.dtype.scalarName} and B of type ` +
        `${B.dtype.scalarName} instead`,
    );
  }
  checkFloating(op, A);
  const vectors = B.ndim === 1 || (A.ndim - 1 === B.ndim && sameShape(B.shape, A.shape.slice(0, -1)));
  if (vectors && !left) {
    throw new RuntimeError(
      `${op}: Vector broadcasting of the left hand side is not supported for left=False. In this case linalg.solve is ` +
        'equivalent to B / A.squeeze(-1)',
    );
  }
  if (vectors) {
    if (B.shape[B.ndim - 1] !== A.shape[A.ndim - 1])
      throw incompatible(op, A, [B.shape[B.ndim - 1], 1], left);
    return true;
  }
  checkMatrix(op, B, 'B');
  const rows = B.shape[left ? B.ndim - 2 : B.ndim - 1];
  if (rows !== A.shape[A.ndim - 2]) throw incompatible(op, A, B.shape.slice(-2), left);
  return false;
}

function incompatible(
  op: string,
  A: Tensor,
  [rows, columns]: readonly number[],
  left: boolean,
): RuntimeError {
  const [m, n] = A.shape.slice(-2);
  return new RuntimeError(
    `${op}: Incompatible shapes of A and B for the equation ${left ? 'AX = B' : 'XA = B'} (${m}x${n} and ${rows}x${columns})`,
  );
}

/** Both at their common batch shape. */
export function sameBatch(A: Tensor, B: Tensor): [Tensor, Tensor] {
  const batch = broadcastShapes(batchOf(A), batchOf(B));
  return [expand(A, [...batch, ...A.shape.slice(-2)]), expand(B, [...batch, ...B.shape.slice(-2)])];
}

interface SolveOptions {
  left?: boolean;
}

/** `solve` that does not throw for singular matrices: `[result, info]`, info the number of the zero pivot, or 0. */
export const solve_ex: Op<
  (
    A: Tensor,
    B: Tensor,
    options?: SolveOptions & { check_errors?: boolean },
  ) => NamedTensors<['result', 'info']>
> = define({
  schema: 'linalg_solve_ex(Tensor A, Tensor B, *, bool left=True, bool check_errors=False)',
  forward: (_ctx, A: Tensor, B: Tensor, left: boolean, checks: boolean) => {
    const vectors = checkSystem('linalg.solve', A, B, left);
    const turn = (x: Tensor): Tensor => (left ? x : transpose(x, -2, -1));
    const [a, b] = sameBatch(turn(A), vectors ? unsqueeze(B, -1) : turn(B));
    const [X, info] = solveBatch(a, b);
    if (checks) checkSolved('torch.linalg.solve_ex', info);
    return named(['result', 'info'], [vectors ? squeeze(X, -1) : turn(X), info]);
  },
  backward: 'composite',
  samples: (make) => [[make(2, 2), make(2, 3)]],
});

function checkSolved(op: string, info: Tensor): void {
  checkInfo(op, info, () => 'The solver failed because the input matrix is singular.');
}

/**
 * The solution X of A X = B (X A = B with `left: false`) for square matrices; B is a vector, a matrix, or a batch of
 * them.
 *
 * @throws LinAlgError when a matrix is singular
 * @example
 * const A = torch.tensor([[2, 0], [0, 4]]).float();
 * console.log(torch.linalg.solve(A, torch.ones(2)).tolist()); // [ 0.5, 0.25 ]
 */
export const solve: Op<(A: Tensor, B: Tensor, options?: SolveOptions) => Tensor> = define({
  schema: 'linalg_solve(Tensor A, Tensor B, *, bool left=True)',
  forward: (_ctx, A: Tensor, B: Tensor, left: boolean) => {
    const [X, info] = solve_ex(A, B, { left });
    checkSolved('torch.linalg.solve', info);
    return X;
  },
  backward: 'composite',
  samples: (make) => [
    [make(3, 3), make(3)],
    [make(2, 3, 3), make(3, 2)],
    [make(3, 3), make(2, 2, 3), { left: false }],
  ],
});
