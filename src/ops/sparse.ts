/** Sparse tensors: how they are made, taken apart, and made dense. */
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { numel, sameShape, showShape } from '../shape.js';
import type { Shape } from '../shape.js';
import { emptySparse, refuseLayout, sparseParts, sparseTensor } from '../sparse_storage.js';
import { Tensor } from '../tensor.js';
import { partsOf } from '../tensor_handle.js';
import { ne } from './compare.js';
import { clone, to } from './copy.js';
import { define } from './define.js';
import type { Context, Op } from './define.js';
import { index_select } from './gather.js';
import { nonzero } from './mask.js';
import { integers } from './offset.js';
import { any } from './reduce_logic.js';
import {
  coalescedParts,
  entries,
  indicesOf,
  lookUpPlaces,
  toDense,
  valuesAtPlaces,
} from './sparse_kernel.js';
import { reshape } from './view.js';

/** A second handle on a part of a sparse tensor, which counts writes with it. */
function partOf(x: Tensor, part: Tensor): Tensor {
  part._storage.retain();
  return new Tensor({ ...partsOf(part), version: x._versionCounter });
}

/** The forward of an operator on sparse tensors alone, which is what a dense one comes to. */
function onlySparse(op: string): (ctx: Context, x: Tensor) => never {
  return (_ctx, x) => refuseLayout(op, x);
}

/** A sparse tensor of parts that fit, recorded: the gradient of the values is what arrives at their places. */
export const assemble: Op<(indices: Tensor, values: Tensor, size: Shape, is_coalesced?: boolean) => Tensor> =
  define({
    schema:
      'sparse_coo_tensor_with_dims_and_tensors(Tensor indices, Tensor values, int[] size, bool is_coalesced=False)',
    forward: (ctx, indices: Tensor, values: Tensor, size: number[], isCoalesced: boolean) => {
      ctx.save(indices);
      return sparseTensor(indices, values, size, isCoalesced || undefined);
    },
    backward: (ctx, g) => [null, ctx.needs[1] ? valuesAt(g, ctx.saved()[0]) : null],
  });

/** The values of a sparse tensor at places; 0 where it lists none. */
export const valuesAt: Op<(input: Tensor, indices: Tensor) => Tensor> = define({
  schema: 'sparse_values_at(Tensor input, Tensor indices)',
  forward: onlySparse('_sparse_mask_helper'),
  sparse: (ctx, x: Tensor, indices: Tensor) => {
    ctx.save(indices);
    ctx.state = x.shape;
    return lookUpPlaces(x, indices);
  },
  backward: (ctx, g) => [assemble(ctx.saved()[0], g, ctx.state as Shape), null],
});

const sumPlaces: Op<(input: Tensor) => Tensor> = define({
  schema: '_coalesce(Tensor input)',
  forward: onlySparse('is_coalesced'),
  sparse: (_ctx, x: Tensor) => {
    const { indices, values } = coalescedParts(x);
    return sparseTensor(indices, values, x.shape, true);
  },
  backward: (_ctx, g) => [g],
});

/**
 * The sparse tensor with each place listed once, in order, and the values of one place added; itself where it is so already.
 *
 * @example
 * const x = torch.sparse_coo_tensor([[2, 0, 2]], [1, 5, 3], [4]);
 * console.log(x.coalesce().indices().tolist(), x.coalesce().values().tolist()); // [ [ 0, 2 ] ] [ 5, 4 ]
 */
export const coalesce: Op<(input: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'coalesce(Tensor input)',
    forward: onlySparse('is_coalesced'),
    sparse: (_ctx, x: Tensor) => (sparseParts(x).coalesced ? x : sumPlaces(x)),
    backward: 'composite',
  },
  ['method'],
);

function refuseUncoalesced(what: string, x: Tensor): void {
  if (sparseParts(x).coalesced) return;
  throw new RuntimeError(`Cannot get ${what} on an uncoalesced tensor, please call .coalesce() first`);
}

/** The places of a coalesced sparse tensor: int64 [sparse dimensions, entries]. Shares memory. */
export const indices: Op<(input: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'indices(Tensor input)',
    forward: onlySparse('indices'),
    sparse: (_ctx, x: Tensor) => {
      refuseUncoalesced('indices', x);
      return partOf(x, sparseParts(x).indices);
    },
    backward: 'none',
  },
  ['method'],
);

/** The values of a coalesced sparse tensor: [entries, ...dense sizes]. Shares memory. */
export const values: Op<(input: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'values(Tensor input)',
    forward: onlySparse('values'),
    sparse: (ctx, x: Tensor) => {
      refuseUncoalesced('values', x);
      ctx.save(sparseParts(x).indices);
      ctx.state = x.shape;
      return partOf(x, sparseParts(x).values);
    },
    backward: (ctx, g) => [assemble(ctx.saved()[0], g, ctx.state as Shape, true)],
  },
  ['method'],
);

/**
 * The values of a dense tensor at the places that `mask`, a coalesced sparse tensor, lists.
 *
 * @example
 * const mask = torch.sparse_coo_tensor([[0, 2]], [1, 1], [3]).coalesce();
 * console.log(torch.tensor([5, 6, 7]).sparse_mask(mask).values().tolist()); // [ 5, 7 ]
 */
export const sparse_mask: Op<(input: Tensor, mask: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'sparse_mask(Tensor self, Tensor mask)',
    forward: (_ctx, x: Tensor) => refuseLayout('sparse_mask', x),
    sparse: (ctx, x: Tensor, mask: Tensor) => {
      if (x.is_sparse || !mask.is_sparse) return refuseLayout('sparse_mask', x);
      if (!sparseParts(mask).coalesced) throw new RuntimeError('sparse_mask: mask is uncoalesced');
      if (!sameShape(x.shape, mask.shape)) {
        throw new RuntimeError(
          `sparse_mask: operands have incompatible sizes; self has size ${showShape(x.shape)} but mask has size ` +
            showShape(mask.shape),
        );
      }
      ctx.save(mask);
      const places = clone(sparseParts(mask).indices);
      // Here, too, torch makes every dimension a sparse one.
      if (places.shape[1] === 0) return emptySparse(x.shape, x.ndim, x.dtype);
      return sparseTensor(places, valuesAtPlaces(x, places), x.shape, true);
    },
    backward: (ctx, g) => [to_dense(sparse_mask(to_dense(g), ctx.saved()[0])), null],
  },
  ['method'],
);

const scatterPlaces: Op<(input: Tensor) => Tensor> = define({
  schema: '_to_dense(Tensor input)',
  forward: onlySparse('to_dense'),
  sparse: (ctx, x: Tensor) => {
    ctx.save(x);
    return toDense(x);
  },
  backward: (ctx, g) => [sparse_mask(g, coalesce(ctx.saved()[0]))],
});

/**
 * A dense tensor of the values of a sparse one; a dense tensor as it is.
 *
 * @example
 * console.log(torch.sparse_coo_tensor([[2, 0, 2]], [1, 5, 3], [4]).to_dense().tolist()); // [ 5, 0, 4, 0 ]
 */
export const to_dense: Op<(input: Tensor, dtype?: DType | null) => Tensor, 'method'> = define(
  {
    schema: 'to_dense(Tensor input, dtype? dtype=None)',
    forward: (_ctx, x: Tensor, dtype: DType | null) => (dtype === null ? x : to(x, dtype)),
    sparse: (_ctx, x: Tensor, dtype: DType | null) => {
      if (dtype !== null) throw new RuntimeError('dtype argument is not supported by sparse_to_dense');
      return scatterPlaces(x);
    },
    backward: 'composite',
  },
  ['method'],
);

/**
 * A sparse tensor of what is not 0 in a dense one. With `sparse_dim` only so many dimensions, the first ones, have places that are
 * listed, and a value is what the others hold there.
 *
 * @example
 * console.log(torch.tensor([[0, 1], [0, 0], [2, 3]]).to_sparse(1).indices().tolist()); // [ [ 0, 2 ] ]
 */
export const to_sparse: Op<(input: Tensor, sparse_dim?: number | null) => Tensor, 'method'> = define(
  {
    schema: 'to_sparse(Tensor input, int? sparse_dim=None)',
    forward: (_ctx, x: Tensor, given: number | null) => {
      const dims = given ?? x.ndim;
      if (x.ndim > 0 && dims <= 0) throw new RuntimeError('sparse_dim must be >0 if dimensionality > 0');
      if (dims > x.ndim) throw new RuntimeError('sparse_dim must be less than or equal to self.dim()');
      const [listed, held] = [x.shape.slice(0, dims), x.shape.slice(dims)];
      const rows = reshape(x, [numel(listed), numel(held)]);
      const found = reshape(nonzero(any(ne(rows, 0), 1)), [-1]);
      const places = indicesOf(integers(found), listed);
      return sparseTensor(
        places,
        reshape(index_select(rows, 0, found), [found.numel(), ...held]),
        x.shape,
        true,
      );
    },
    backward: (_ctx, g) => [to_dense(g)],
  },
  ['method'],
);

/** `Tensor`'s methods that ask a sparse tensor for its parts as they are, or for numbers. */
export const sparseMethods = {
  _indices: (x: Tensor) => partOf(x, partsIn('_indices', x).indices),
  _values: (x: Tensor) => partOf(x, partsIn('_values', x).values),
  _nnz: (x: Tensor) => entries(partsIn('_nnz', x)),
  is_coalesced: (x: Tensor) => partsIn('is_coalesced', x).coalesced,
  sparse_dim: (x: Tensor) => partsIn('sparse_dim', x).indices.shape[0],
  dense_dim: (x: Tensor) => partsIn('dense_dim', x).values.ndim - 1,
};

function partsIn(op: string, x: Tensor): ReturnType<typeof sparseParts> {
  x._live();
  return x.is_sparse ? sparseParts(x) : refuseLayout(op, x);
}
