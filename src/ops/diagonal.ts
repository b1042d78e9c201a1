import { bool, int64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { IndexError, RuntimeError } from '../errors.js';
import { wrapDim } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { writeValues } from '../tensor_data.js';
import { address, allocate, makeView } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import { clone, copy_ } from './copy.js';
import { zeros } from './creation.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { ravel } from './layout.js';
import { checkDevice } from './make.js';
import { masked_fill } from './mask.js';
import { sum } from './reduce.js';
import { embed } from './slice_dim.js';

interface DiagonalOptions {
  offset?: number;
  dim1?: number;
  dim2?: number;
}

/** A diagonal of a plane, as the last dimension of a view. */
export const diagonal: Op<
  (...args: Args<[input: Tensor], [offset: number, dim1: number, dim2: number], DiagonalOptions>) => Tensor,
  'method'
> = define(
  {
    schema: 'diagonal(Tensor input, int offset=0, int dim1=0, int dim2=1)',
    forward: (ctx, x: Tensor, offset: number, dim1: number, dim2: number) => {
      const a = wrapDim(dim1, x.ndim);
      const b = wrapDim(dim2, x.ndim);
      if (a === b) throw new RuntimeError(`diagonal dimensions cannot be identical ${dim1}, ${dim2}`);
      const length = Math.max(
        offset >= 0 ? Math.min(x.shape[a], x.shape[b] - offset) : Math.min(x.shape[a] + offset, x.shape[b]),
        0,
      );
      const start = length === 0 ? 0 : offset >= 0 ? offset * x._strides[b] : -offset * x._strides[a];
      const kept = x.shape.map((_, d) => d).filter((d) => d !== a && d !== b);
      ctx.state = { shape: x.shape, a, b };
      return makeView(
        x,
        [...kept.map((d) => x.shape[d]), length],
        [...kept.map((d) => x._strides[d]), x._strides[a] + x._strides[b]],
        x._offset + start,
      );
    },
    backward: (ctx, g) => {
      const { shape, a, b } = ctx.state as { shape: Shape; a: number; b: number };
      return [embed(g, shape, (whole) => diagonal(whole, ctx.args[1] as number, a, b))];
    },
    samples: (make) => [[make(3, 4)], [make(3, 4), 1], [make(2, 3, 4), -1, 0, 2]],
  },
  ['method'],
);

/** The last dimension laid out as a diagonal of zeros. */
export const diag_embed: Op<
  (...args: Args<[input: Tensor], [offset: number, dim1: number, dim2: number], DiagonalOptions>) => Tensor,
  'method'
> = define(
  {
    schema: 'diag_embed(Tensor input, int offset=0, int dim1=-2, int dim2=-1)',
    forward: (_ctx, x: Tensor, offset: number, dim1: number, dim2: number) => {
      if (x.ndim === 0) throw new RuntimeError('diag_embed: expected a tensor of at least one dimension');
      const a = wrapDim(dim1, x.ndim + 1);
      const b = wrapDim(dim2, x.ndim + 1);
      if (a === b) throw new RuntimeError(`diagonal dimensions cannot be identical ${dim1}, ${dim2}`);
      const size = x.shape[x.ndim - 1] + Math.abs(offset);
      const rest = x.shape.slice(0, -1);
      const shape = Array.from({ length: x.ndim + 1 }, (_, d) => (d === a || d === b ? size : rest.shift()!));
      const out = zeros(shape, { dtype: x.dtype });
      copy_(diagonal(out, offset, a, b), x);
      return out;
    },
    backward: 'composite',
    samples: (make) => [[make(3)], [make(2, 3), 1, 0, 2]],
  },
  ['method'],
);

type Diag = Op<
  (...args: Args<[input: Tensor], [diagonal: number], { diagonal?: number }>) => Tensor,
  'method'
>;

/** A vector as the diagonal of a matrix; the diagonal of a matrix as a vector. */
export const diag: Diag = define(
  {
    schema: 'diag(Tensor input, int diagonal=0)',
    forward: (_ctx, x: Tensor, offset: number) => {
      if (x.ndim === 1) return diag_embed(x, offset);
      if (x.ndim === 2) return clone(diagonal(x, offset));
      throw new RuntimeError(`diag(): Supports 1D or 2D tensors. Got ${x.ndim}D`);
    },
    backward: 'composite',
    samples: (make) => [
      [make(3), 1],
      [make(3, 4), -1],
    ],
  },
  ['method'],
);

/** All elements as the diagonal of a matrix. */
export const diagflat: Op<
  (...args: Args<[input: Tensor], [offset: number], { offset?: number }>) => Tensor,
  'method'
> = define(
  {
    schema: 'diagflat(Tensor input, int offset=0)',
    forward: (_ctx, x: Tensor, offset: number) => diag_embed(ravel(x), offset),
    backward: 'composite',
    samples: (make) => [[make(2, 2), 1]],
  },
  ['method'],
);

/** The sum of the diagonal of a matrix. */
export const trace: Op<(input: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'trace(Tensor input)',
    forward: (_ctx, x: Tensor) => {
      if (x.ndim !== 2) throw new RuntimeError('trace: expected a matrix');
      return sum(diagonal(x));
    },
    backward: 'composite',
    samples: (make) => [[make(3, 4)]],
  },
  ['method'],
);

/** A mask of a matrix that is true above (or below) its k-th diagonal. */
function triangle(rows: number, columns: number, k: number, upper: boolean): Tensor {
  const out = allocate([rows, columns], bool);
  const { u8 } = runtime().heap;
  for (let r = 0; r < rows; r++) {
    const at = address(out) + r * columns;
    const first = Math.min(Math.max(upper ? r + k + 1 : r + k, 0), columns);
    u8.fill(upper ? 0 : 1, at, at + first);
    u8.fill(upper ? 1 : 0, at + first, at + columns);
  }
  return out;
}

type Triangular = Op<
  (...args: Args<[input: Tensor], [diagonal: number], { diagonal?: number }>) => Tensor,
  'method' | 'inplace'
>;

function triangular(name: string, clearsUpper: boolean): Triangular {
  return define(
    {
      schema: `${name}(Tensor input, int diagonal=0)`,
      repeats: true,
      forward: (_ctx, x: Tensor, k: number) => {
        if (x.ndim === 1 && x.numel() === 0) return x.clone();
        if (x.ndim === 0) throw new IndexError('Dimension specified as -2 but tensor has no dimensions');
        wrapDim(-2, x.ndim);
        const [rows, columns] = x.shape.slice(-2);
        return masked_fill(x, triangle(rows, columns, k, clearsUpper), 0);
      },
      backward: 'composite',
      samples: (make) => [[make(3, 4)], [make(2, 3, 3), 1], [make(3, 4), -1]],
    },
    ['method', 'inplace'],
  );
}

/** Zeros above the k-th diagonal. */
export const tril: Triangular = triangular('tril', true);
/** Zeros below the k-th diagonal. */
export const triu: Triangular = triangular('triu', false);

type TriangleIndices = Op<
  (
    ...args: Args<
      [row: number, col: number],
      [offset: number],
      { offset?: number; dtype?: DType | null; device?: 'cpu' | null }
    >
  ) => Tensor
>;

function triangleIndices(name: string, lower: boolean): TriangleIndices {
  return define({
    schema: `${name}(int row, int col, int offset=0, *, dtype? dtype=None, str? device='cpu')`,
    forward: (_ctx, row: number, col: number, offset: number, dtype: DType | null, device: string | null) => {
      checkDevice(device);
      if (row < 0 || col < 0)
        throw new RuntimeError(`${name}: row and col must be non-negative, got ${row} and ${col}`);
      const rows: number[] = [];
      const columns: number[] = [];
      for (let r = 0; r < row; r++) {
        for (let c = 0; c < col; c++) {
          if (lower ? c - r <= offset : c - r >= offset) {
            rows.push(r);
            columns.push(c);
          }
        }
      }
      const out = allocate([2, rows.length], dtype ?? int64);
      writeValues(out, [...rows, ...columns]);
      return out;
    },
    backward: 'none',
  });
}

/** Coordinates [2, n] of the lower triangle of a matrix, row by row. */
export const tril_indices: TriangleIndices = triangleIndices('tril_indices', true);
/** Coordinates [2, n] of the upper triangle of a matrix, row by row. */
export const triu_indices: TriangleIndices = triangleIndices('triu_indices', false);
