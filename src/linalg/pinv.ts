import { float64, int64 } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { gt } from '../ops/compare.js';
import { define } from '../ops/define.js';
import type { Args, Op } from '../ops/define.js';
import { matmul } from '../ops/matmul.js';
import { maximum } from '../ops/pointwise_binary.js';
import { abs } from '../ops/pointwise_unary.js';
import { add, mul, neg, sub } from '../ops/pointwise_binary.js';
import { sum } from '../ops/reduce.js';
import { amax } from '../ops/reduce_extremum.js';
import { transpose, unsqueeze } from '../ops/view.js';
import { clone, to } from '../ops/copy.js';
import { zeros } from '../ops/creation.js';
import { showShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { eigvalsh } from './eigh.js';
import { decomposeSymmetric } from './eigh_number.js';
import { batchOf, checkMatrix, checkSquare, eachMatrix, numbersOf, tensorOf } from './matrix.js';
import { checkFinite, svdvals } from './svd.js';
import { decompose } from './svd_number.js';

/** Singular values at or below max(atol, rtol · the largest) count as 0. */
export interface ToleranceOptions {
  /** Default 0. */
  atol?: number | Tensor | null;
  /** Default the larger dimension times the dtype's epsilon, or 0 with an atol above 0. */
  rtol?: number | Tensor | null;
  hermitian?: boolean;
}

function epsilon(A: Tensor): number {
  return A.dtype === float64 ? 2 ** -52 : 2 ** -23;
}

/** The threshold for each matrix of a batch, given its largest singular value. */
function threshold(
  A: Tensor,
  largest: Tensor,
  atol: number | Tensor | null,
  rtol: number | Tensor | null,
): Tensor {
  const usual = Math.max(...A.shape.slice(-2)) * epsilon(A);
  const absolute = atol ?? 0;
  let relative = rtol;
  if (relative === null) {
    if (absolute instanceof Tensor) relative = mul(to(absolute.le(0), largest.dtype), usual);
    else relative = absolute > 0 ? 0 : usual;
  }
  const scaled = mul(largest, relative);
  return absolute instanceof Tensor
    ? maximum(to(absolute, scaled.dtype), scaled)
    : scaled.clamp_min(absolute);
}

/** The singular values, or the magnitudes of a symmetric matrix's eigenvalues, and the threshold below which they are 0. */
function spectrum(
  A: Tensor,
  atol: number | Tensor | null,
  rtol: number | Tensor | null,
  hermitian: boolean,
): { values: Tensor; limit: Tensor } {
  const values = hermitian ? abs(eigvalsh(A)) : svdvals(A);
  return { values, limit: threshold(A, amax(values, -1), atol, rtol) };
}

/** V diag(1/S) Uᵀ of each matrix, S above its limit; with the gradient of a matrix whose rank stays what it is. */
const pseudoInverse: Op<(A: Tensor, limit: Tensor, hermitian: boolean) => Tensor> = define({
  schema: 'linalg_pinv_limit(Tensor A, Tensor limit, bool hermitian)',
  forward: (ctx, A: Tensor, limit: Tensor, hermitian: boolean) => {
    const [m, n] = A.shape.slice(-2);
    const k = Math.min(m, n);
    const limits = numbersOf(limit);
    // The limit was found with singular values in the dtype, and is compared with such.
    const round = A.dtype === float64 ? Math.abs : (x: number): number => Math.fround(Math.abs(x));
    const values = new Float64Array(A.numel());
    eachMatrix(A, (a, at) => {
      checkFinite('linalg.svd', a, at, A.ndim > 2);
      const out = values.subarray(at * m * n, (at + 1) * m * n);
      const symmetric = hermitian ? decomposeSymmetric(lowerMirrored(a, n), n) : null;
      const { U, S, V } =
        symmetric === null
          ? decompose(a, m, n, false)
          : { U: symmetric.vectors, S: symmetric.values, V: symmetric.vectors };
      for (let c = 0; c < k; c++) {
        if (!(round(S[c]) > limits[at])) continue;
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < m; j++) out[i * m + j] += (V[i * k + c] / S[c]) * U[j * k + c];
        }
      }
    });
    const P = tensorOf(values, [...batchOf(A), n, m], A.dtype);
    ctx.save(A);
    ctx.saveOutput(P);
    return P;
  },
  // Golub and Pereyra, "The differentiation of pseudo-inverses", 1973.
  backward: (ctx, g) => {
    const [A, P] = ctx.saved();
    const turn = (x: Tensor): Tensor => transpose(x, -2, -1);
    const own = neg(matmul(turn(P), matmul(g, turn(P))));
    const rows = matmul(matmul(turn(P), P), sub(turn(g), matmul(matmul(turn(g), P), A)));
    const gP = sub(turn(g), matmul(A, matmul(P, turn(g))));
    const columns = matmul(matmul(gP, P), turn(P));
    return [add(own, add(rows, columns)), null];
  },
  samples: (make) => [
    [make(3, 2), zeros([]), false],
    [make(2, 2, 3), zeros([2]), false],
  ],
});

function lowerMirrored(a: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[j * n + i] = a[i * n + j];
  return a;
}

type PinvArgs = Args<
  [A: Tensor],
  [rcond: number | Tensor | null, hermitian: boolean],
  ToleranceOptions & { rcond?: number | Tensor | null }
>;

type Tolerance = number | Tensor | null;

/**
 * The Moore–Penrose pseudo-inverse of a matrix, or of each of a batch.
 *
 * @param rcond another name of `rtol`
 * @param hermitian whether A is symmetric: its lower triangle is read
 * @example
 * console.log(torch.linalg.pinv(torch.tensor([[2, 0], [0, 0]]).float()).tolist()); // [ [ 0.5, 0 ], [ 0, 0 ] ]
 */
export const pinv: Op<(...args: PinvArgs) => Tensor> = define({
  schema:
    'linalg_pinv(Tensor A, Tensor|float? rcond=None, bool hermitian=False, *, Tensor|float? atol=None, Tensor|float? rtol=None)',
  forward: (_ctx, A: Tensor, rcond: Tolerance, hermitian: boolean, atol: Tolerance, rtol: Tolerance) => {
    if (A.ndim < 2 || !A.dtype.is_floating_point) {
      throw new RuntimeError(
        `linalg.pinv(${A.dtype.scalarName}{${showShape(A.shape)}}): expected a tensor with 2 or more dimensions of float, ` +
          'double, cfloat or cdouble types',
      );
    }
    if (hermitian) checkSquare('linalg.eigh', A);
    if (A.numel() === 0) return clone(transpose(A, -2, -1));
    const { limit } = spectrum(A.detach(), atol, rtol ?? rcond, hermitian);
    const wide = limit.ndim === 0 ? limit.expand([...batchOf(A)]) : limit;
    return pseudoInverse(A, wide, hermitian);
  },
  backward: 'composite',
  samples: (make) => [[make(3, 2)], [make(2, 2, 3)]],
});

/** `linalg.pinv` with its relative tolerance as an argument. */
export const pinverse: Op<
  (...args: Args<[input: Tensor], [rcond: number], { rcond?: number }>) => Tensor,
  'method'
> = define(
  {
    schema: 'pinverse(Tensor input, float rcond=1e-15)',
    forward: (_ctx, A: Tensor, rcond: number) => pinv(A, rcond),
    backward: 'composite',
    samples: (make) => [[make(3, 2)]],
  },
  ['method'],
);

/** How many singular values of a matrix count as more than 0; an absolute tolerance may be the second argument. */
export const matrix_rank: Op<
  (
    ...args: Args<
      [A: Tensor],
      [tol: number | Tensor | null, hermitian: boolean],
      ToleranceOptions & { tol?: number | Tensor | null }
    >
  ) => Tensor
> = define({
  schema:
    'linalg_matrix_rank(Tensor A, Tensor|float? tol=None, bool hermitian=False, *, Tensor|float? atol=None, Tensor|float? rtol=None)',
  forward: (_ctx, A: Tensor, tol: Tolerance, hermitian: boolean, atol: Tolerance, rtol: Tolerance) => {
    checkMatrix('torch.linalg.matrix_rank', A, 'input');
    if (A.numel() === 0) return zeros([...batchOf(A)], { dtype: int64 });
    const { values, limit } = spectrum(A, tol ?? atol, tol === null ? rtol : (rtol ?? 0), hermitian);
    return sum(gt(values, unsqueeze(limit, -1)), -1);
  },
  backward: 'none',
  samples: (make) => [[make(3, 2)]],
});
