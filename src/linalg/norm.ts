import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { ne, where } from '../ops/compare.js';
import { to } from '../ops/copy.js';
import { zeros } from '../ops/creation.js';
import { define } from '../ops/define.js';
import type { Args, Op } from '../ops/define.js';
import { movedim } from '../ops/layout.js';
import { div, mul } from '../ops/pointwise_binary.js';
import { abs } from '../ops/pointwise_unary.js';
import { sum } from '../ops/reduce.js';
import { amax, amin } from '../ops/reduce_extremum.js';
import { vectorNorm } from '../ops/reduce_norm.js';
import { narrow, squeeze, unsqueeze } from '../ops/view.js';
import { wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { inv_ex } from './inverse.js';
import { batchOf, checkFloating, checkMatrix, checkSquare } from './matrix.js';
import { svdvals } from './svd.js';

type Dim = number | readonly number[] | null;
export type NormOrder = number | 'fro' | 'nuc';

interface NormOptions {
  dim?: Dim;
  keepdim?: boolean;
  dtype?: DType | null;
}

function converted(op: string, x: Tensor, dtype: DType | null): Tensor {
  checkFloating(op, x);
  if (dtype === null) return x;
  if (!dtype.is_floating_point) {
    throw new RuntimeError(`${op}: dtype should be floating point or complex. Got ${dtype.scalarName}`);
  }
  if (dtype.itemsize < x.dtype.itemsize) {
    throw new RuntimeError(
      `${op}: the dtype of the input (${x.dtype.scalarName}) should be convertible without narrowing to the specified dtype ` +
        `(${dtype.scalarName})`,
    );
  }
  return to(x, dtype);
}

/**
 * The norm (Σ |x|^ord)^(1/ord) of the elements over some or all dimensions; ±inf give extremes, 0 counts.
 *
 * @example
 * console.log(torch.linalg.vector_norm(torch.tensor([3, 4]).float()).item()); // 5
 */
export const vector_norm: Op<
  (
    ...args: Args<[x: Tensor], [ord: number, dim: Dim, keepdim: boolean], NormOptions & { ord?: number }>
  ) => Tensor
> = define({
  schema:
    'linalg_vector_norm(Tensor x, float ord=2, int[]? dim=None, bool keepdim=False, *, dtype? dtype=None)',
  forward: (_ctx, x: Tensor, ord: number, dim: number[] | null, keepdim: boolean, dtype: DType | null) =>
    vectorNorm(converted('linalg.vector_norm', x, dtype), ord, dim, keepdim),
  backward: 'composite',
  samples: (make) => [[make(2, 3)], [make(2, 3), 3, 1, true]],
});

const MATRIX_ORDERS: readonly number[] = [1, -1, 2, -2, Infinity, -Infinity];

/**
 * The norm of matrices: 'fro' (default) of the elements, 'nuc' the sum of singular values, ±2 the largest or smallest of
 * them, ±1 and ±inf the largest or smallest sum of a column or row.
 */
export const matrix_norm: Op<
  (
    ...args: Args<
      [A: Tensor],
      [ord: NormOrder, dim: readonly number[], keepdim: boolean],
      { ord?: NormOrder; dim?: readonly number[]; keepdim?: boolean; dtype?: DType | null }
    >
  ) => Tensor
> = define({
  schema:
    "linalg_matrix_norm(Tensor A, float|str ord='fro', int[] dim=[-2,-1], bool keepdim=False, *, dtype? dtype=None)",
  forward: (_ctx, A: Tensor, ord: number | string, dim: number[], keepdim: boolean, dtype: DType | null) => {
    const op = 'linalg.matrix_norm';
    checkMatrix(op, A);
    if (dim.length !== 2) throw new RuntimeError(`${op}: dim must be a 2-tuple. Got ${dim.join(', ')}`);
    const [row, column] = dim.map((d) => wrapDim(d, A.ndim));
    if (row === column) {
      throw new RuntimeError(`${op}: dims must be different. Got (${dim.join(', ')})`);
    }
    const x = converted(op, A, dtype);
    if (ord === 'fro') return vectorNorm(x, 2, [row, column], keepdim);
    if (ord === 'nuc' || ord === 2 || ord === -2) {
      const S = svdvals(movedim(x, [row, column], [-2, -1]));
      const found = ord === 'nuc' ? sum(S, -1) : extremeOf(S, ord > 0, -1);
      return keepdim ? [row, column].sort((a, b) => a - b).reduce((y, d) => unsqueeze(y, d), found) : found;
    }
    if (typeof ord === 'string' || !MATRIX_ORDERS.includes(ord)) {
      throw new RuntimeError(`${op}: Order ${ord} not supported.`);
    }
    const [across, along] = Math.abs(ord) === 1 ? [row, column] : [column, row];
    const best = extremeOf(sum(abs(x), [across], true), ord > 0, along, true);
    return keepdim ? best : [row, column].sort((a, b) => b - a).reduce((y, d) => squeeze(y, d), best);
  },
  backward: 'composite',
  samples: (make) => [[make(2, 3)], [make(2, 3), 1], [make(2, 3), -2], [make(2, 2, 3), 'nuc', [0, -1], true]],
});

/** The largest or smallest along a dimension; the largest of nothing is 0. */
function extremeOf(x: Tensor, largest: boolean, dim: number, keepdim = false): Tensor {
  if (x.shape.at(dim) === 0 && largest) {
    const d = wrapDim(dim, x.ndim);
    return zeros(keepdim ? x.shape.with(d, 1) : x.shape.toSpliced(d, 1), { dtype: x.dtype });
  }
  return largest ? amax(x, [dim], keepdim) : amin(x, [dim], keepdim);
}

/**
 * `vector_norm` or `matrix_norm`: of a matrix where `ord` is a word, or `dim` are two, or A is 2-D and `ord` is given;
 * otherwise of vectors, without `ord` of all elements.
 *
 * @example
 * console.log(torch.linalg.norm(torch.tensor([[3, 0], [0, 4]]).float()).item()); // 5
 */
export const norm: Op<
  (
    ...args: Args<
      [A: Tensor],
      [ord: NormOrder | null, dim: Dim, keepdim: boolean],
      NormOptions & { ord?: NormOrder | null }
    >
  ) => Tensor
> = define({
  schema:
    'linalg_norm(Tensor A, float|str? ord=None, int[]? dim=None, bool keepdim=False, *, dtype? dtype=None)',
  forward: (
    _ctx,
    A: Tensor,
    ord: NormOrder | null,
    dim: number[] | null,
    keepdim: boolean,
    dtype: DType | null,
  ) => {
    if (dim !== null && dim.length !== 1 && dim.length !== 2) {
      throw new RuntimeError(
        `linalg.norm: If dim is specified, it must be of length 1 or 2. Got [${dim.join(', ')}]`,
      );
    }
    if (dim === null && ord !== null && A.ndim !== 1 && A.ndim !== 2) {
      throw new RuntimeError(
        `linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got ${A.ndim}D.`,
      );
    }
    const options = { keepdim, dtype };
    if (ord === null) return vector_norm(A, 2, dim, options);
    const ofMatrix = dim === null ? A.ndim === 2 : dim.length === 2;
    if (ofMatrix || typeof ord === 'string') return matrix_norm(A, ord, dim ?? [-2, -1], options);
    return vector_norm(A, ord, dim, options);
  },
  backward: 'composite',
  samples: (make) => [[make(2, 3)], [make(2, 3), 'nuc'], [make(4), 3]],
});

/**
 * How much a matrix magnifies relative errors: norm(A) · norm(A⁻¹). By default (and with p 2) the ratio of the extreme
 * singular values; inf for singular matrices.
 */
export const cond: Op<(A: Tensor, p?: NormOrder | null | { p?: NormOrder | null }) => Tensor> = define({
  schema: 'linalg_cond(Tensor A, float|str? p=None)',
  forward: (_ctx, A: Tensor, p: NormOrder | null) => {
    if (A.ndim < 2) throw new RuntimeError('linalg.cond: The input tensor must have at least 2 dimensions.');
    if (typeof p === 'string' ? p !== 'fro' && p !== 'nuc' : p !== null && !MATRIX_ORDERS.includes(p)) {
      throw new RuntimeError(`linalg.cond got an invalid norm type: ${p}`);
    }
    if (A.numel() === 0) return zeros([...batchOf(A)], { dtype: A.dtype });
    if (p === null || Math.abs(Number(p)) === 2) {
      const S = svdvals(A);
      const ends = [narrow(S, -1, 0, 1), narrow(S, -1, S.shape[S.ndim - 1] - 1, 1)];
      return squeeze(p === -2 ? div(ends[1], ends[0]) : div(ends[0], ends[1]), -1);
    }
    checkSquare(`linalg.cond(ord=${p})`, A);
    const [inverse, info] = inv_ex(A);
    const product = mul(
      matrix_norm(A, p),
      matrix_norm(where(ne(info, 0).unsqueeze(-1).unsqueeze(-1), 0, inverse), p),
    );
    return where(ne(info, 0), Infinity, product);
  },
  backward: 'composite',
  samples: (make) => [[make(3, 2)], [make(2, 2), 'fro'], [make(2, 2), 1]],
});
