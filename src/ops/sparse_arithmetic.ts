/** Sums, products and quotients with sparse tensors: what add, sub, mul, div and neg do with them. */
import { can_cast } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { broadcastShapes, sameShape, showShape } from '../shape.js';
import { emptySparse, sparseParts, sparseTensor } from '../sparse_storage.js';
import { Tensor } from '../tensor.js';
import type { Context } from './define.js';
import { cast, dense, materialize } from './dense.js';
import { commonDtype } from './iterator.js';
import type { TensorOrNumber } from './iterator.js';
import { div, mul, neg } from './pointwise_binary.js';
import {
  addToDense,
  coalescedParts,
  commonEntries,
  entries,
  mergedParts,
  takeEntries,
  toDense,
  valuesAtPlaces,
} from './sparse_kernel.js';
import { expand } from './view.js';

function isSparse(value: TensorOrNumber): value is Tensor {
  return value instanceof Tensor && value.is_sparse;
}

/** The same places with other values. */
function withValues(x: Tensor, values: Tensor): Tensor {
  const { indices, coalesced } = sparseParts(x);
  return sparseTensor(indices, values, x.shape, coalesced);
}

/** A copy, in another dtype if asked for. */
export function copySparse(x: Tensor, dtype: DType = x.dtype): Tensor {
  const { indices, values, coalesced } = sparseParts(x);
  return sparseTensor(materialize(indices), materialize(values, dtype), x.shape, coalesced);
}

/** The tensor in another dtype. */
export function castSparse(x: Tensor, dtype: DType): Tensor {
  return withValues(x, cast(sparseParts(x).values, dtype));
}

/** a + factor · b, of which at least one is sparse; dense + sparse is dense. */
export function addSparse(ctx: Context, a: Tensor, b: TensorOrNumber, factor: number, common: DType): Tensor {
  if (!isSparse(b)) {
    throw new RuntimeError('add(sparse, dense) is not supported. Use add(dense, sparse) instead.');
  }
  if (!sameShape(a.shape, b.shape)) {
    throw new RuntimeError(
      a.is_sparse
        ? `add: expected sizes of 'self' and 'other' to match, but ${showShape(a.shape)} != ${showShape(b.shape)}`
        : `add: expected 'self' and 'other' to have same size, but self has size ${showShape(a.shape)} while other has size ` +
            `${showShape(b.shape)} (FYI: dense-sparse addition does not currently support broadcasting)`,
    );
  }
  const { target } = ctx;
  const dtype = target?.dtype ?? common;
  if (!can_cast(common, dtype)) {
    throw new RuntimeError(
      `Can't convert result type ${common.scalarName} to output ${dtype.scalarName} in add operation`,
    );
  }
  if (!a.is_sparse) {
    const direct = target !== null && a.dtype === common && a.is_contiguous();
    const out = direct ? a : materialize(a, common);
    addToDense(out, b, factor);
    return out;
  }
  const [left, right] = [sparseParts(a), sparseParts(b)];
  if (entries(right) === 0) return copySparse(a, dtype);
  if (entries(left) === 0) return castSparse(withValues(b, mul(right.values, factor)), dtype);
  if (left.indices.shape[0] !== right.indices.shape[0]) {
    throw new RuntimeError(
      `add: expected 'self' and 'other' to have same density, but 'self' has ${left.indices.shape[0]} sparse dimensions ` +
        `while 'other' has ${right.indices.shape[0]} sparse dimensions`,
    );
  }
  const { indices, values, coalesced } = mergedParts(a, b, factor, common);
  return sparseTensor(indices, cast(values, dtype), a.shape, coalesced);
}

/** a · b, of which at least one is sparse; the product is. */
export function mulSparse(ctx: Context, a: TensorOrNumber, b: TensorOrNumber): Tensor {
  const common = commonDtype([a, b]);
  const { target } = ctx;
  if (target?.is_sparse === true && target.dtype !== common) {
    throw new RuntimeError(
      `dtype of values (${common.scalarName}) must match dtype of sparse tensor (${target.dtype.scalarName})`,
    );
  }
  if (isSparse(a) && isSparse(b)) return intersection(a, b, common);
  const [x, other] = isSparse(a) ? [a, b] : [b as Tensor, a];
  const factors = factorsOf(x, other);
  // Of a product with nothing torch makes every dimension a sparse one.
  const product =
    sparseParts(x).values.numel() === 0
      ? emptySparse(x.shape, x.ndim, common)
      : withValues(x, mul(cast(sparseParts(x).values, common), factors));
  return target === null || target.is_sparse ? product : toDense(product);
}

/** The elements that the values of x are multiplied by. */
function factorsOf(x: Tensor, other: TensorOrNumber): TensorOrNumber {
  if (!(other instanceof Tensor) || other.ndim === 0) return other;
  const shape = broadcastShapes(x.shape, other.shape);
  if (!sameShape(shape, x.shape)) {
    throw new RuntimeError(
      `mul: a sparse tensor of size ${showShape(x.shape)} cannot be broadcast to ${showShape(shape)}`,
    );
  }
  const { indices } = sparseParts(x);
  if (other.ndim <= x.ndim - indices.shape[0]) return other;
  return valuesAtPlaces(dense(expand(other, x.shape)), indices);
}

/** As in torch, entries come in the order of the tensor in which the other's are looked for. */
function intersection(a: Tensor, b: Tensor, dtype: DType): Tensor {
  if (!sameShape(a.shape, b.shape)) {
    throw new RuntimeError(
      `mul: expected sizes of 'self' and 'other' to match, but ${showShape(a.shape)} != ${showShape(b.shape)}`,
    );
  }
  const [left, right] = [sparseParts(a), sparseParts(b)];
  if (left.indices.shape[0] !== right.indices.shape[0]) {
    throw new RuntimeError('mul: expected two sparse tensors with the same number of sparse dimensions');
  }
  if (entries(left) === 0 || entries(right) === 0) return emptySparse(a.shape, a.ndim, dtype);
  const swap = left.coalesced === right.coalesced ? entries(left) < entries(right) : right.coalesced;
  const [source, other] = swap ? [a, b] : [b, a];
  const { rows, others } = commonEntries(source, other);
  const { indices, values } = takeEntries(sparseParts(source), rows);
  const factors = takeEntries(sparseParts(other), others).values;
  const product = mul(cast(values, dtype), cast(factors, dtype));
  return sparseTensor(indices, product, a.shape, sparseParts(source).coalesced);
}

/** a / b, with a sparse and b a number. */
export function divSparse(
  ctx: Context,
  a: Tensor,
  b: TensorOrNumber,
  rounding_mode: 'trunc' | 'floor' | null,
): Tensor {
  if (b instanceof Tensor && (b.ndim > 0 || b.is_sparse)) {
    throw new RuntimeError(
      'Sparse division requires a scalar or zero-dim dense tensor divisor (got shape ' +
        `${showShape(b.shape)} for divisor)`,
    );
  }
  if (ctx.target !== null && rounding_mode === null) {
    div.inplace(sparseParts(a).values, b);
    return a;
  }
  // Rounded quotients of the parts of a sum are not those of the sum.
  const parts = rounding_mode === null ? sparseParts(a) : coalescedParts(a);
  const values = cast(parts.values, commonDtype([a, b]));
  return sparseTensor(parts.indices, div(values, b, { rounding_mode }), a.shape, parts.coalesced);
}

/** −x. */
export function negSparse(ctx: Context, x: Tensor): Tensor {
  const { values } = sparseParts(x);
  if (ctx.target === null) return withValues(x, neg(values));
  neg.inplace(values);
  return x;
}

/** Writes a sparse tensor over another. */
export function copyOverSparse(x: Tensor, src: Tensor): Tensor {
  if (x.is_sparse !== src.is_sparse) {
    throw new RuntimeError(
      'copy_() between dense and sparse Tensors is not implemented! Found self type = ' +
        `${x.type()} and src type = ${src.type()}`,
    );
  }
  if (!sameShape(x.shape, src.shape)) {
    throw new RuntimeError(
      `copy_(): a sparse tensor of size ${showShape(src.shape)} does not fit over one of ${showShape(x.shape)}`,
    );
  }
  return copySparse(src, x.dtype);
}
