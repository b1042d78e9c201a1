import { int64 } from '../dtype.js';
import { IndexError, RuntimeError } from '../errors.js';
import { broadcastShapes, wrapDim } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { broadcast_to } from './broadcast.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { ravel } from './layout.js';
import {
  addAt,
  alongOffsets,
  checkIndexDtype,
  flatOffsets,
  integers,
  sliceOffsets,
  takeKernel,
} from './offset.js';
import { assemble } from './sparse.js';
import { indicesOf } from './sparse_kernel.js';
import { reshape } from './view.js';

/** What the backward of an operator that takes elements needs besides the offsets. */
interface Taken {
  readonly shape: Shape;
  readonly width: number;
}

/** The slices along `dim` that a vector of indices names, in its order. */
export const index_select: Op<(input: Tensor, dim: number, index: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'index_select(Tensor input, int dim, Tensor index)',
    forward: (ctx, x: Tensor, dim: number, index: Tensor) => {
      const d = wrapDim(dim, x.ndim);
      if (index.ndim > 1) throw new IndexError('index_select(): Index is supposed to be a vector');
      checkIndexDtype('index_select()', index);
      if (x.ndim === 0 && index.numel() !== 1) {
        throw new IndexError(
          `index_select(): Index to scalar can have only 1 value, got ${index.numel()} value(s)`,
        );
      }
      const { offsets, width } = sliceOffsets(
        x,
        d,
        index,
        () => new IndexError('index out of range in self'),
      );
      ctx.save(offsets);
      ctx.state = { shape: x.shape, width } satisfies Taken;
      return takeKernel(x, offsets, x.ndim === 0 ? [] : x.shape.with(d, index.numel()), width);
    },
    backward: (ctx, g) => {
      const { shape, width } = ctx.state as Taken;
      return [addAt(g, ctx.saved()[0], shape, width), null];
    },
    samples: (make) => [
      [make(3, 4), 0, make.int(0, 3, 5)],
      [make(3, 4), 1, make.int(0, 4, 2)],
    ],
  },
  ['method'],
);

/** Refuses an index that does not fit in every dimension but `dim`. */
function checkGather(x: Tensor, dim: number, index: Tensor): void {
  if (index.dtype !== int64) throw new RuntimeError('gather(): Expected dtype int64 for index');
  if (index.numel() === 0) return;
  if (Math.max(index.ndim, 1) !== Math.max(x.ndim, 1)) {
    throw new RuntimeError('Index tensor must have the same number of dimensions as input tensor');
  }
  index.shape.forEach((size, d) => {
    if (d !== dim && size > (x.shape[d] ?? 1)) {
      throw new RuntimeError(
        `Size does not match at dimension ${d} expected index [${index.shape.join(', ')}] to be smaller than self ` +
          `[${x.shape.join(', ')}] apart from dimension ${dim}`,
      );
    }
  });
}

/**
 * out[i][j] = input[index[i][j]][j] for dim 0, and so on: along `dim` the index says which element. With `sparse_grad` the gradient
 * is a sparse tensor that lists the elements that were taken.
 *
 * @example
 * console.log(torch.tensor([[5, 6], [7, 8]]).gather(1, torch.tensor([[1], [0]])).tolist()); // [ [ 6 ], [ 7 ] ]
 */
export const gather: Op<
  (input: Tensor, dim: number, index: Tensor, options?: { sparse_grad?: boolean }) => Tensor,
  'method'
> = define(
  {
    schema: 'gather(Tensor input, int dim, Tensor index, *, bool sparse_grad=False)',
    forward: (ctx, x: Tensor, dim: number, index: Tensor) => {
      const d = wrapDim(dim, x.ndim);
      checkGather(x, d, index);
      const { offsets, bad } = alongOffsets(index, d, x.shape);
      if (bad !== null) {
        throw new RuntimeError(
          `index ${bad} is out of bounds for dimension ${d} with size ${x.shape[d] ?? 1}`,
        );
      }
      ctx.save(offsets);
      ctx.state = { shape: x.shape, width: 1 } satisfies Taken;
      return takeKernel(x, offsets, index.shape, 1);
    },
    backward: (ctx, g) => {
      const [offsets] = ctx.saved();
      const { shape } = ctx.state as Taken;
      if (ctx.args[3] !== true) return [addAt(g, offsets, shape, 1), null];
      return [assemble(indicesOf(integers(offsets), shape), reshape(g, [offsets.numel()]), shape), null];
    },
    samples: (make) => [
      [make(3, 4), 0, make.int(0, 3, 2, 4)],
      [make(3, 4), 1, make.int(0, 4, 3, 5)],
    ],
  },
  ['method'],
);

/** `gather` with input and index broadcast in every other dimension; without `dim` both are flat. */
export const take_along_dim: Op<
  (input: Tensor, indices: Tensor, dim?: number | null | { dim?: number | null }) => Tensor,
  'method'
> = define(
  {
    schema: 'take_along_dim(Tensor input, Tensor indices, int? dim=None)',
    forward: (_ctx, x: Tensor, indices: Tensor, dim: number | null) => {
      if (indices.dtype !== int64) {
        throw new RuntimeError(
          `torch.take_along_dim(): dtype of indices should be Long but got ${indices.dtype.scalarName}`,
        );
      }
      if (dim === null) return gather(ravel(x), 0, ravel(indices));
      if (x.ndim !== indices.ndim) {
        throw new RuntimeError(
          'torch.take_along_dim(): input and indices should have the same number of dimensions, but got ' +
            `${x.ndim} dimensions for input, and ${indices.ndim} dimensions for indices`,
        );
      }
      const d = wrapDim(dim, x.ndim);
      const common = broadcastShapes(x.shape.with(d, 1), indices.shape.with(d, 1)) as number[];
      return gather(
        broadcast_to(x, common.with(d, x.shape[d])),
        d,
        broadcast_to(indices, common.with(d, indices.shape[d])),
      );
    },
    backward: 'composite',
    samples: (make) => [
      [make(3, 4), make.int(0, 4, 3, 2), 1],
      [make(3, 4), make.int(0, 12, 5)],
    ],
  },
  ['method'],
);

/** The elements of the flattened tensor at the indices, in the shape of the indices. */
export const take: Op<(input: Tensor, index: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'take(Tensor input, Tensor index)',
    forward: (ctx, x: Tensor, index: Tensor) => {
      if (x.numel() === 0 && index.numel() > 0)
        throw new IndexError('take(): tried to take from an empty tensor');
      const offsets = flatOffsets(x, index);
      ctx.save(offsets);
      ctx.state = { shape: x.shape, width: 1 } satisfies Taken;
      return takeKernel(x, offsets, index.shape, 1);
    },
    backward: (ctx, g) => [addAt(g, ctx.saved()[0], (ctx.state as Taken).shape, 1), null],
    samples: (make) => [[make(3, 4), make.int(-12, 12, 2, 3)]],
  },
  ['method'],
);
