import { RuntimeError } from '../errors.js';
import { define } from '../ops/define.js';
import type { Args, Op } from '../ops/define.js';
import { tril } from '../ops/diagonal.js';
import { eye } from '../ops/creation_range.js';
import { matmul } from '../ops/matmul.js';
import { add, mul, sub } from '../ops/pointwise_binary.js';
import { narrow, transpose, unsqueeze } from '../ops/view.js';
import { sameShape, showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { batchOf } from './matrix.js';

function check(A: Tensor, tau: Tensor, other: Tensor, left: boolean): void {
  const refuse = (message: string): never => {
    throw new RuntimeError(`torch.ormqr: ${message}`);
  };
  if (A.ndim < 2) refuse('input must have at least 2 dimensions.');
  if (other.ndim < 2) refuse('other must have at least 2 dimensions.');
  const side = left ? -2 : -1;
  if ((tau.shape.at(-1) ?? 0) > A.size(-1)) {
    refuse('tau.shape[-1] must be less than or equal to input.shape[-1]');
  }
  if (other.size(side) !== A.size(-2)) refuse(`other.shape[${side}] must be equal to input.shape[-2]`);
  if (tau.ndim !== A.ndim - 1) {
    refuse(
      `Expected tau to have one dimension less than input, but got tau.ndim equal to ${tau.ndim} and input.ndim is ` +
        `equal to ${A.ndim}`,
    );
  }
  if (other.ndim !== A.ndim) {
    refuse(
      `Expected other to have the same number of dimensions as input, but got other.ndim equal to ${other.ndim} and ` +
        `input.ndim is equal to ${A.ndim}`,
    );
  }
  if (!sameShape(tau.shape.slice(0, -1), batchOf(A))) {
    refuse(
      `Expected batch dimensions of tau to be equal to input.shape[:-2], but got ${showShape(tau.shape.slice(0, -1))}`,
    );
  }
  if (!sameShape(batchOf(other), batchOf(A))) {
    refuse(
      `Expected batch dimensions of other to be equal to input.shape[:-2], but got ${showShape(batchOf(other))}`,
    );
  }
  for (const [name, x] of Object.entries({ tau, other })) {
    if (x.dtype === A.dtype) continue;
    refuse(
      `Expected input and ${name} to have the same dtype, but input has dtype${A.dtype.scalarName} and ${name} has dtype ` +
        x.dtype.scalarName,
    );
  }
  if (!A.dtype.is_floating_point) {
    throw new RuntimeError(`"ormqr_cpu" not implemented for '${A.dtype.scalarName}'`);
  }
}

/**
 * Q·other, Q being the product of Householder reflections, given as `geqrf` gives them; Q itself is not made.
 *
 * @param left false: other·Q
 * @param transpose true: with Qᵀ for Q
 * @example
 * const A = torch.tensor([[3, 1], [4, 2]]).float();
 * const [a, tau] = torch.geqrf(A);
 * console.log(torch.ormqr(a, tau, A, true, true).abs().index(0, 0).item().toFixed(3)); // 5.000
 */
export const ormqr: Op<
  (
    ...args: Args<
      [input: Tensor, tau: Tensor, other: Tensor],
      [left: boolean, transpose: boolean],
      { left?: boolean; transpose?: boolean }
    >
  ) => Tensor,
  'method'
> = define(
  {
    schema: 'ormqr(Tensor input, Tensor tau, Tensor other, bool left=True, bool transpose=False)',
    forward: (_ctx, A: Tensor, tau: Tensor, other: Tensor, left: boolean, transposed: boolean) => {
      check(A, tau, other, left);
      const vectors = add(tril(A, -1), narrow(eye(A.size(-2), { dtype: A.dtype }), 1, 0, A.size(-1)));
      const turn = (x: Tensor): Tensor => transpose(x, -2, -1);
      const count = tau.size(-1);
      let out = other;
      for (let i = 0; i < count; i++) {
        // The reflection next to `other` comes first.
        const j = left === transposed ? i : count - 1 - i;
        const v = narrow(vectors, -1, j, 1);
        const scaled = mul(v, unsqueeze(narrow(tau, -1, j, 1), -1));
        out = left
          ? sub(out, matmul(scaled, matmul(turn(v), out)))
          : sub(out, matmul(matmul(out, v), turn(scaled)));
      }
      return count === 0 ? other.clone() : out;
    },
    backward: 'composite',
    samples: (make) => [
      [make(3, 2), make(2), make(3, 4)],
      [make(3, 2), make(2), make(4, 3), false, true],
    ],
  },
  ['method'],
);
