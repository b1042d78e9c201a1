import { int32, int64 } from '../dtype.js';
import { IndexError, RuntimeError } from '../errors.js';
import { showShape, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { cast } from './dense.js';
import { elementReader } from '../tensor_data.js';
import { scatter_reduce } from './scatter_reduce.js';
import { expand, reshape } from './view.js';

export type IndexReduction = 'prod' | 'mean' | 'amax' | 'amin';

function checkIndexReduce(x: Tensor, d: number, index: Tensor, source: Tensor, reduce: string): void {
  if (!['prod', 'mean', 'amax', 'amin'].includes(reduce)) {
    throw new RuntimeError(
      `index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got ${reduce}.`,
    );
  }
  if (index.ndim > 1) {
    throw new IndexError(
      `index_reduce_(): Index is supposed to be a vector, but got dim: ${index.ndim} with type: ` +
        `${index.dtype.scalarName} and size: ${showShape(index.shape)}`,
    );
  }
  if (index.dtype !== int64 && index.dtype !== int32) {
    throw new RuntimeError(
      `index_reduce_(): Expected dtype int32/int64 for index but got: ${index.dtype.scalarName}`,
    );
  }
  if (x.dtype !== source.dtype) {
    throw new RuntimeError(
      `index_reduce_(): self (${x.dtype.scalarName}) and source (${source.dtype.scalarName}) must have the same scalar type`,
    );
  }
  const count = source.ndim === 0 ? 1 : source.shape[d];
  if (index.numel() !== count) {
    throw new RuntimeError(
      `index_reduce_(): Number of indices (${index.numel()}) should be equal to source.size(dim): (${count}), for dim: ${d}`,
    );
  }
  source.shape.forEach((size, i) => {
    if (i !== d && size !== x.shape[i]) {
      throw new RuntimeError(
        `The size of tensor a (${x.shape[i]}) must match the size of tensor b (${size}) at non-singleton dimension ${i}`,
      );
    }
  });
  const read = elementReader(index);
  for (let i = 0; i < index.numel(); i++) {
    const at = Number(read(i));
    if (at < 0 || at >= (x.shape[d] ?? 1)) throw new IndexError('index out of range in self');
  }
}

/**
 * The tensor with the slices of source reduced into the slices along `dim` that the indices name.
 *
 * @param include_self whether the slice that was there takes part. Default true
 */
export const index_reduce: Op<
  (
    ...args: Args<
      [input: Tensor, dim: number, index: Tensor, source: Tensor, reduce: IndexReduction],
      [],
      { include_self?: boolean }
    >
  ) => Tensor,
  'method' | 'inplace'
> = define(
  {
    schema:
      'index_reduce(Tensor input, int dim, Tensor index, Tensor source, str reduce, *, bool include_self=True)',
    forward: (
      _ctx,
      x: Tensor,
      dim: number,
      index: Tensor,
      source: Tensor,
      reduce: IndexReduction,
      include: boolean,
    ) => {
      const d = wrapDim(dim, x.ndim);
      checkIndexReduce(x, d, index, source, reduce);
      const places = reshape(
        cast(index, int64),
        source.shape.map((size, i) => (i === d ? size : 1)),
      );
      return scatter_reduce(x, d, expand(places, source.shape), source, reduce, { include_self: include });
    },
    backward: 'composite',
    samples: (make) =>
      (['prod', 'mean', 'amax', 'amin'] as const).flatMap((reduce) =>
        [true, false].map((include_self) => [
          make(3, 2),
          0,
          make.int(0, 3, 4),
          make(4, 2),
          reduce,
          { include_self },
        ]),
      ),
  },
  ['method', 'inplace'],
);
