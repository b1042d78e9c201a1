import { define } from '../ops/define.js';
import type { Args, Op } from '../ops/define.js';
import { tril, triu } from '../ops/diagonal.js';
import { matmul } from '../ops/matmul.js';
import { clone } from '../ops/copy.js';
import { named } from '../ops/named.js';
import type { NamedTensors } from '../ops/named.js';
import { neg } from '../ops/pointwise_binary.js';
import { transpose } from '../ops/view.js';
import type { Tensor } from '../tensor.js';
import { solveTriangle } from './lu_number.js';
import { eachMatrix, numbersOf, tensorOf } from './matrix.js';
import { checkSystem, sameBatch } from './solve.js';
import { RuntimeError } from '../errors.js';

/** The solution of T X = B, T the triangle of A, for matrices of one batch shape. */
const triangularBatch: Op<(A: Tensor, B: Tensor, upper: boolean, unit: boolean) => Tensor> = define({
  schema: 'linalg_solve_triangular_batch(Tensor A, Tensor B, bool upper, bool unit)',
  forward: (ctx, A: Tensor, B: Tensor, upper: boolean, unit: boolean) => {
    const [n, k] = B.shape.slice(-2);
    const values = numbersOf(B);
    eachMatrix(A, (a, i) => {
      solveTriangle(a, values.subarray(i * n * k, (i + 1) * n * k), n, k, upper, unit);
    });
    const X = tensorOf(values, B.shape, A.dtype);
    ctx.save(A);
    ctx.saveOutput(X);
    return X;
  },
  backward: (ctx, g) => {
    const [A, X] = ctx.saved();
    const [, , upper, unit] = ctx.args as [null, null, boolean, boolean];
    const gB = triangularBatch(transpose(A, -2, -1), g, !upper, unit);
    if (!ctx.needs[0]) return [null, gB];
    const whole = neg(matmul(gB, transpose(X, -2, -1)));
    return [upper ? triu(whole, unit ? 1 : 0) : tril(whole, unit ? -1 : 0), gB];
  },
  samples: (make) => [
    [make.uniform(1, 2, 3, 3), make(3, 2), true, false],
    [make.uniform(1, 2, 3, 3), make(3, 2), false, true],
  ],
});

interface TriangularOptions {
  upper: boolean;
  left?: boolean;
  unitriangular?: boolean;
}

/**
 * The solution X of A X = B (X A = B with `left: false`), of A only the upper (or lower) triangle. A zero on the
 * diagonal divides by zero and is no error.
 *
 * @param unitriangular whether the diagonal counts as ones
 */
export const solve_triangular: Op<(A: Tensor, B: Tensor, options: TriangularOptions) => Tensor> = define({
  schema:
    'linalg_solve_triangular(Tensor self, Tensor B, *, bool upper, bool left=True, bool unitriangular=False)',
  forward: (_ctx, A: Tensor, B: Tensor, upper: boolean, left: boolean, unit: boolean) => {
    const op = 'linalg.solve_triangular';
    if (B.ndim < 2) throw new RuntimeError(`${op}: The input tensor B must have at least 2 dimensions.`);
    checkSystem(op, A, B.ndim === A.ndim - 1 ? B.unsqueeze(0) : B, left);
    if (left) {
      const [a, b] = sameBatch(A, B);
      return triangularBatch(a, b, upper, unit);
    }
    const [a, b] = sameBatch(transpose(A, -2, -1), transpose(B, -2, -1));
    return transpose(triangularBatch(a, b, !upper, unit), -2, -1);
  },
  backward: 'composite',
  samples: (make) => [
    [make.uniform(1, 2, 3, 3), make(3, 2), { upper: true }],
    [make.uniform(1, 2, 3, 3), make(2, 2, 3), { upper: true, left: false, unitriangular: true }],
  ],
});

interface TriangularSolveOptions {
  upper?: boolean;
  transpose?: boolean;
  unitriangular?: boolean;
}

/** `linalg.solve_triangular` with the right side first: `[solution, cloned_coefficient]`. */
export const triangular_solve: Op<
  (
    ...args: Args<
      [b: Tensor, A: Tensor],
      [upper: boolean, transpose: boolean, unitriangular: boolean],
      TriangularSolveOptions
    >
  ) => NamedTensors<['solution', 'cloned_coefficient']>,
  'method'
> = define(
  {
    schema:
      'triangular_solve(Tensor input, Tensor A, bool upper=True, bool transpose=False, bool unitriangular=False)',
    forward: (_ctx, b: Tensor, A: Tensor, upper: boolean, turned: boolean, unit: boolean) => {
      if (b.ndim < 2) {
        throw new RuntimeError(
          `torch.triangular_solve: Expected b to have at least 2 dimensions, but it has ${b.ndim} dimensions instead`,
        );
      }
      if (A.ndim < 2) {
        throw new RuntimeError(
          `torch.triangular_solve: Expected A to have at least 2 dimensions, but it has ${A.ndim} dimensions instead`,
        );
      }
      const options = { upper: upper !== turned, unitriangular: unit };
      const solution = solve_triangular(turned ? transpose(A, -2, -1) : A, b, options);
      return named(['solution', 'cloned_coefficient'], [solution, clone(A)]);
    },
    backward: 'composite',
    samples: (make) => [
      [make(3, 2), make.uniform(1, 2, 3, 3)],
      [make(3, 2), make.uniform(1, 2, 3, 3), true, true],
    ],
  },
  ['method'],
);
