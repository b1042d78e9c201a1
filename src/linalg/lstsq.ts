import { int64 } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { to } from '../ops/copy.js';
import { zeros } from '../ops/creation.js';
import { define } from '../ops/define.js';
import type { Args, Op } from '../ops/define.js';
import { matmul } from '../ops/matmul.js';
import { named } from '../ops/named.js';
import type { NamedTensors } from '../ops/named.js';
import { square } from '../ops/pointwise_unary.js';
import { sub } from '../ops/pointwise_binary.js';
import { sum } from '../ops/reduce.js';
import { squeeze, unsqueeze } from '../ops/view.js';
import { sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { allocate } from '../tensor_handle.js';
import { batchOf, checkFloating } from './matrix.js';
import { matrix_rank, pinv } from './pinv.js';
import { svdvals } from './svd.js';

export type LstsqDriver = 'gels' | 'gelsy' | 'gelsd' | 'gelss';

/** What `lstsq` returns. */
export type Lstsq = NamedTensors<['solution', 'residuals', 'rank', 'singular_values']>;

/**
 * The X of least |A X − B|, and of least |X| among them: `[solution, residuals, rank, singular_values]`. What the
 * driver does not compute comes empty, as in torch: residuals without more rows than columns, with rank-deficient matrices and with
 * 'gelsy' (default); the rank with 'gels'; singular values but with 'gelsd' and 'gelss'.
 *
 * @param rcond singular values at or below this fraction of the largest count as 0. Default: the larger dimension times
 *   the dtype's epsilon
 */
export const lstsq: Op<
  (
    ...args: Args<
      [A: Tensor, B: Tensor],
      [rcond: number | null],
      { rcond?: number | null; driver?: LstsqDriver | null }
    >
  ) => Lstsq
> = define({
  schema: 'linalg_lstsq(Tensor self, Tensor b, float? rcond=None, *, str? driver=None)',
  forward: (_ctx, A: Tensor, B: Tensor, rcond: number | null, given: string | null) => {
    const op = 'torch.linalg.lstsq';
    if (A.ndim < 2) throw new RuntimeError(`${op}: input must have at least 2 dimensions.`);
    if (B.ndim < 1) throw new RuntimeError(`${op}: other must have at least 1 dimension.`);
    checkFloating(op, A);
    if (A.dtype !== B.dtype) {
      throw new RuntimeError(
        `${op}: Expected input and other to have the same dtype, but got ${A.dtype} and ${B.dtype}`,
      );
    }
    const driver = given ?? 'gelsy';
    if (!['gels', 'gelsy', 'gelsd', 'gelss'].includes(driver)) {
      throw new RuntimeError(`${op}: parameter \`driver\` should be one of (gels, gelsy, gelsd, gelss)`);
    }
    const [m, n] = A.shape.slice(-2);
    const vectors = B.ndim === 1 || (B.ndim === A.ndim - 1 && sameShape(B.shape, A.shape.slice(0, -1)));
    const right = vectors ? unsqueeze(B, -1) : B;
    if (right.shape[right.ndim - 2] !== m) {
      throw new RuntimeError(
        vectors
          ? `${op}: input.size(-2) should match other.size(-1)`
          : `${op}: input.size(-2) should match other.size(-2)`,
      );
    }
    const empty = (): Tensor => allocate([0], A.dtype);
    const X = matmul(pinv(A, { rtol: rcond }), right);
    const solution = vectors ? squeeze(X, -1) : X;
    if (driver === 'gels') {
      const residuals = m > n ? residualsOf(A, X, right) : empty();
      return named(NAMES, [solution, residuals, allocate([0], int64), empty()]);
    }
    const rank = matrix_rank(A.detach(), { rtol: rcond });
    if (driver === 'gelsy') return named(NAMES, [solution, empty(), rank, empty()]);
    const regular = m > n && to(rank.lt(n), A.dtype).sum().item() === 0;
    const residuals = regular ? residualsOf(A, X, right) : empty();
    const values =
      A.numel() === 0 ? zeros([...batchOf(A), Math.min(m, n)], { dtype: A.dtype }) : svdvals(A.detach());
    return named(NAMES, [solution, residuals, rank, values]);
  },
  backward: 'composite',
  samples: (make) => [
    [make(4, 2), make(4, 3)],
    [make(2, 3), make(2)],
  ],
});

const NAMES = ['solution', 'residuals', 'rank', 'singular_values'];

function residualsOf(A: Tensor, X: Tensor, B: Tensor): Tensor {
  return sum(square(sub(matmul(A, X), B)), -2).detach();
}
