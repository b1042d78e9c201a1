/** What the engine does differently with sparse gradients. */
import { add, clone, isnan } from '../ops/internal.js';
import { sparseParts, sparseTensor } from '../sparse_storage.js';
import type { Tensor } from '../tensor.js';

/** Sparse + dense is refused, dense + sparse is not. */
export function sumOf(before: Tensor, grad: Tensor): Tensor {
  return before.is_sparse && !grad.is_sparse ? add(grad, before) : add(before, grad);
}

/**
 * A sparse gradient in memory that is nobody else's. As in torch one that nobody else holds, and that is contiguous, forgets
 * that its places are in order.
 */
export function ownSparse(x: Tensor): Tensor {
  const { indices, values, coalesced } = sparseParts(x);
  const alone = x._storage.unique;
  const own = (part: Tensor): Tensor =>
    alone && part._storage.unique && part.is_contiguous() ? part : clone(part);
  const forgets = alone && indices.is_contiguous() && values.is_contiguous();
  return sparseTensor(own(indices), own(values), x.shape, forgets ? undefined : coalesced);
}

export function hasNaN(grad: Tensor): boolean {
  return Boolean(
    isnan(grad.is_sparse ? sparseParts(grad).values : grad)
      .any()
      .item(),
  );
}
