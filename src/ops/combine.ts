import { int64 } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { writeValues } from '../tensor_data.js';
import { allocate } from '../tensor_handle.js';
import { broadcast_tensors } from './broadcast.js';
import { zeros } from './creation.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { index_select } from './gather.js';
import { cat, stack } from './join.js';
import { ravel } from './layout.js';
import { sliceDim } from './slice_dim.js';
import { reshape } from './view.js';

const blockDiagList: Op<(tensors: readonly Tensor[]) => Tensor> = define({
  schema: 'block_diag(Tensor[] tensors)',
  forward: (_ctx, tensors: Tensor[]) => {
    const blocks = tensors.map((x) => {
      if (x.ndim > 2)
        throw new RuntimeError(
          `torch.block_diag: Input tensors must have 2 or fewer dimensions, got ${x.ndim}`,
        );
      return x.ndim === 2 ? x : reshape(x, [1, x.numel()]);
    });
    const columns = blocks.reduce((total, x) => total + x.shape[1], 0);
    if (blocks.length === 0) return zeros([1, 0]);
    let before = 0;
    const rows = blocks.map((x) => {
      const left = zeros([x.shape[0], before], { dtype: x.dtype });
      before += x.shape[1];
      return cat([left, x, zeros([x.shape[0], columns - before], { dtype: x.dtype })], 1);
    });
    return cat(rows, 0);
  },
  backward: 'composite',
  samples: (make) => [[[make(2, 3), make(1, 2), make(2), make()]]],
});

/** Matrices along the diagonal of zeros. */
export function block_diag(...tensors: Tensor[]): Tensor {
  return blockDiagList(tensors);
}

const meshgridList: Op<(tensors: readonly Tensor[], indexing: string) => Tensor[]> = define({
  schema: 'meshgrid(Tensor[] tensors, str indexing)',
  forward: (_ctx, tensors: Tensor[], indexing: string) => {
    if (tensors.length === 0) throw new RuntimeError('meshgrid expects a non-empty TensorList');
    if (indexing !== 'ij' && indexing !== 'xy') {
      throw new RuntimeError(
        `torch.meshgrid: indexing must be one of "xy" or "ij", but received: ${indexing}`,
      );
    }
    const swap = indexing === 'xy' && tensors.length >= 2;
    const order = tensors.map((_, i) => (swap && i < 2 ? 1 - i : i));
    const wide = tensors.map((x, i) => {
      if (x.ndim > 1)
        throw new RuntimeError(
          `torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: ${x.ndim}D`,
        );
      return reshape(
        x,
        tensors.map((_, place) => (place === order[i] ? x.numel() : 1)),
      );
    });
    return broadcast_tensors(wide);
  },
  backward: 'composite',
  samples: (make) => [
    [[make(2), make(3)], 'ij'],
    [[make(2), make(3)], 'xy'],
  ],
});

/**
 * The coordinate grids of vectors, one per vector: `meshgrid(a, b)` are views [len(a), len(b)].
 *
 * The last argument may be `{ indexing: 'ij' | 'xy' }`; `'xy'` exchanges the first two dimensions.
 */
export function meshgrid(...args: (Tensor | readonly Tensor[] | { indexing?: 'ij' | 'xy' })[]): Tensor[] {
  const last = args.at(-1);
  const hasOptions = last !== undefined && !Array.isArray(last) && !('_storage' in last);
  const options = (hasOptions ? last : {}) as { indexing?: 'ij' | 'xy' };
  for (const key of Object.keys(options)) {
    if (key !== 'indexing')
      throw new TypeError(`meshgrid() got an unexpected keyword argument '${key}'; it takes: indexing`);
  }
  const tensors = (hasOptions ? args.slice(0, -1) : args).flat() as Tensor[];
  return meshgridList(tensors, options.indexing ?? 'ij');
}

/** Every combination of one element of each vector, one a row. */
export function cartesian_prod(...tensors: Tensor[]): Tensor {
  return cartesianList(tensors);
}

const cartesianList: Op<(tensors: readonly Tensor[]) => Tensor> = define({
  schema: 'cartesian_prod(Tensor[] tensors)',
  forward: (_ctx, tensors: Tensor[]) => {
    for (const x of tensors) {
      if (x.ndim !== 1) throw new RuntimeError(`Expect a 1D vector, but got shape [${x.shape.join(', ')}]`);
    }
    if (tensors.length === 1) return tensors[0];
    return stack(
      meshgridList(tensors, 'ij').map((x) => ravel(x)),
      1,
    );
  },
  backward: 'composite',
  samples: (make) => [[[make(2), make(3)]]],
});

/** Every choice of r elements of a vector, one a row, in the order of the vector. */
export const combinations: Op<
  (
    ...args: Args<
      [input: Tensor],
      [r: number, with_replacement: boolean],
      { r?: number; with_replacement?: boolean }
    >
  ) => Tensor
> = define({
  schema: 'combinations(Tensor input, int r=2, bool with_replacement=False)',
  forward: (_ctx, x: Tensor, r: number, repeated: boolean) => {
    if (x.ndim !== 1) throw new RuntimeError(`Expect a 1D vector, but got shape [${x.shape.join(', ')}]`);
    if (r < 0) throw new RuntimeError(`Expect a non-negative number, but got ${r}`);
    if (r === 0) return sliceDim(x, 0, 0, 0, 1).detach();
    const rows = choices(x.shape[0], r, repeated);
    const indices = allocate([rows.length * r], int64);
    writeValues(indices, rows.flat());
    return reshape(index_select(x, 0, indices), [rows.length, r]);
  },
  backward: 'composite',
  samples: (make) => [[make(4)], [make(3), 3, true]],
});

function choices(n: number, r: number, repeated: boolean): number[][] {
  let rows: number[][] = [[]];
  for (let k = 0; k < r; k++) {
    rows = rows.flatMap((row) => {
      const start = row.length === 0 ? 0 : row[row.length - 1] + (repeated ? 0 : 1);
      return Array.from({ length: Math.max(n - start, 0) }, (_, i) => [...row, start + i]);
    });
  }
  return rows;
}
