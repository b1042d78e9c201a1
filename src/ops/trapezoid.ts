import { bool } from '../dtype.js';
import { IndexError, RuntimeError } from '../errors.js';
import { wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { to } from './copy.js';
import { zeros } from './creation.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { add, div, mul, sub } from './pointwise_binary.js';
import { sum } from './reduce.js';
import { cumsum } from './scan.js';
import { floatDtype } from './unary_kernel.js';
import { narrow, reshape, select } from './view.js';

/** torch's two forms: sample points `x`, or a distance `dx` between them. */
export interface Trapezoid {
  (y: Tensor, x: Tensor, options?: { dim?: number }): Tensor;
  (y: Tensor, options?: { x?: Tensor; dx?: number; dim?: number }): Tensor;
}

const SCHEMA = '(Tensor y, Tensor? x=None, *, Scalar? dx=None, int dim=-1)';

/** All but the last, and all but the first, element of each line. */
function neighbours(y: Tensor, d: number): [Tensor, Tensor] {
  const rest = Math.max(y.shape[d] - 1, 0);
  return [narrow(y, d, 0, rest), narrow(y, d, y.shape[d] - rest, rest)];
}

/** The distances between sample points, in a shape that broadcasts with the pairs of neighbours in y. */
function distances(op: string, y: Tensor, x: Tensor, d: number): Tensor {
  if (x.dtype === bool || y.dtype === bool) {
    throw new RuntimeError(`${op}: received a bool input for \`x\` or \`y\`, but bool is not supported`);
  }
  let points = x;
  if (x.ndim === 1) {
    if (x.shape[0] !== y.shape[d]) {
      throw new RuntimeError(`${op}: There must be one \`x\` value for each sample point`);
    }
    points = reshape(
      x,
      y.shape.map((_, i) => (i === d ? x.shape[0] : 1)),
    );
  } else if (x.ndim < y.ndim) {
    points = reshape(x, [...new Array<number>(y.ndim - x.ndim).fill(1), ...x.shape]);
  }
  const [left, right] = neighbours(points, d);
  return sub(right, left);
}

function checkLine(
  op: string,
  y: Tensor,
  x: Tensor | null,
  dx: number | boolean | null,
  dim: number,
): number {
  if (x !== null && dx !== null)
    throw new TypeError(`${op}() takes sample points x or a distance dx, not both`);
  if (y.ndim === 0) throw new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`);
  if (x === null && y.dtype === bool) {
    throw new RuntimeError(`${op}: received a bool input for \`y\`, but bool is not supported`);
  }
  return wrapDim(dim, y.ndim);
}

function trapezoidal(name: string): Op<Trapezoid> {
  return define({
    schema: name + SCHEMA,
    forward: (_ctx, y: Tensor, x: Tensor | null, dx: number | boolean | null, dim: number) => {
      // torch looks at the dtype only where there is something to sum.
      const empty = y.ndim > 0 && y.shape[wrapDim(dim, y.ndim)] === 0;
      const d = empty ? wrapDim(dim, y.ndim) : checkLine('trapezoid', y, x, dx, dim);
      if (empty) return zeros(y.shape.toSpliced(d, 1), { dtype: y.dtype });
      if (x !== null) {
        const [left, right] = neighbours(y, d);
        return div(sum(mul(add(left, right), distances('trapezoid', y, x, d)), d), 2);
      }
      const ends = add(select(y, d, 0), select(y, d, -1));
      return mul(sub(sum(y, d), mul(ends, 0.5)), dx ?? 1);
    },
    backward: 'composite',
    samples: (make) => [
      [make(2, 4)],
      [make(2, 4), { dx: 0.5, dim: 0 }],
      [make(2, 4), make(4)],
      [make(2, 4), make(2, 4), { dim: 0 }],
    ],
  });
}

/**
 * The integral along `dim` by the trapezoidal rule, over sample points `x` or at distance `dx` (default 1).
 *
 * @example
 * console.log(torch.trapezoid(torch.tensor([1, 2, 4])).item()); // 4.5
 */
export const trapezoid: Op<Trapezoid> = trapezoidal('trapezoid');
/** `trapezoid` under NumPy's name. */
export const trapz: Op<Trapezoid> = trapezoidal('trapz');

/** The integrals up to every sample point but the first. */
export const cumulative_trapezoid: Op<Trapezoid> = define({
  schema: `cumulative_trapezoid${SCHEMA}`,
  forward: (_ctx, y: Tensor, x: Tensor | null, dx: number | boolean | null, dim: number) => {
    const d = checkLine('cumulative_trapezoid', y, x, dx, dim);
    if (y.shape[d] === 0) return mul(y, 0.5);
    const [left, right] = neighbours(y, d);
    const twice = add(left, right);
    if (x !== null) return div(cumsum(mul(twice, distances('cumulative_trapezoid', y, x, d)), d), 2);
    return cumsum(mul(to(twice, floatDtype(twice.dtype)), Number(dx ?? 1) / 2), d);
  },
  backward: 'composite',
  samples: (make) => [[make(2, 4)], [make(4, 2), { dim: 0, dx: 2 }], [make(2, 4), make(4)]],
});
