import { RuntimeError } from '../errors.js';
import { sameShape, showShape, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { clone, copy_ } from './copy.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { diagonal } from './diagonal.js';
import { sliceDim } from './slice_dim.js';
import { as_strided } from './strided.js';
import { select } from './view.js';

/** A copy of x with src written over the part of it that a view shows. */
function written(x: Tensor, src: Tensor, view: (x: Tensor) => Tensor): Tensor {
  const out = clone(x);
  const part = view(out);
  if (!sameShape(src.shape, part.shape)) {
    throw new RuntimeError(
      'expected src to have a size equal to the slice of self. ' +
        `src size = ${showShape(src.shape)}, slice size = ${showShape(part.shape)}`,
    );
  }
  copy_(part, src);
  return out;
}

/** A copy with `src` written over `diagonal(input, offset, dim1, dim2)`. */
export const diagonal_scatter: Op<
  (
    ...args: Args<
      [input: Tensor, src: Tensor],
      [offset: number, dim1: number, dim2: number],
      { offset?: number; dim1?: number; dim2?: number }
    >
  ) => Tensor,
  'method'
> = define(
  {
    schema: 'diagonal_scatter(Tensor input, Tensor src, int offset=0, int dim1=0, int dim2=1)',
    forward: (_ctx, x: Tensor, src: Tensor, offset: number, dim1: number, dim2: number) =>
      written(x, src, (out) => diagonal(out, offset, dim1, dim2)),
    backward: 'composite',
    samples: (make) => [
      [make(3, 3), make(3)],
      [make(2, 3, 4), make(3, 1), -1, 0, 2],
    ],
  },
  ['method'],
);

/** A copy with `src` written over `select(input, dim, index)`. */
export const select_scatter: Op<
  (input: Tensor, src: Tensor, dim: number, index: number) => Tensor,
  'method'
> = define(
  {
    schema: 'select_scatter(Tensor input, Tensor src, int dim, int index)',
    forward: (_ctx, x: Tensor, src: Tensor, dim: number, index: number) =>
      written(x, src, (out) => select(out, dim, index)),
    backward: 'composite',
    samples: (make) => [[make(2, 3), make(2), 1, -1]],
  },
  ['method'],
);

/** A copy with `src` written over the elements start, start + step, … below end along `dim`. */
export const slice_scatter: Op<
  (
    ...args: Args<
      [input: Tensor, src: Tensor],
      [dim: number, start: number | null, end: number | null, step: number],
      { dim?: number; start?: number | null; end?: number | null; step?: number }
    >
  ) => Tensor,
  'method'
> = define(
  {
    schema: 'slice_scatter(Tensor input, Tensor src, int dim=0, int? start=None, int? end=None, int step=1)',
    forward: (
      _ctx,
      x: Tensor,
      src: Tensor,
      dim: number,
      start: number | null,
      end: number | null,
      step: number,
    ) => {
      if (x.ndim === 0) throw new RuntimeError('slice() cannot be applied to a 0-dim tensor.');
      const d = wrapDim(dim, x.ndim);
      return written(x, src, (out) => sliceDim(out, d, start ?? 0, end ?? x.shape[d], step));
    },
    backward: 'composite',
    samples: (make) => [
      [make(4, 2), make(2, 2), 0, 1, 3],
      [make(2, 5), make(2, 2), { dim: -1, start: 1, step: 2 }],
    ],
  },
  ['method'],
);

/** A copy with `src` written over `as_strided(input, size, stride, storage_offset)`. */
export const as_strided_scatter: Op<
  (
    ...args: Args<
      [input: Tensor, src: Tensor, size: readonly number[], stride: readonly number[]],
      [storage_offset: number | null],
      { storage_offset?: number | null }
    >
  ) => Tensor,
  'method'
> = define(
  {
    schema:
      'as_strided_scatter(Tensor input, Tensor src, int[] size, int[] stride, int? storage_offset=None)',
    forward: (_ctx, x: Tensor, src: Tensor, size: number[], stride: number[], offset: number | null) =>
      written(x, src, (out) => as_strided(out, size, stride, offset ?? 0)),
    backward: 'composite',
    samples: (make) => [[make(3, 3), make(2, 2), [2, 2], [3, 1], 1]],
  },
  ['method'],
);
