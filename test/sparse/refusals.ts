// The calls of test/fixtures/sparse.py that are refused, by their names there.
import * as torch from '../../src/index.js';
import { E, bag, dense, hooked, hybrid, matrix, ofTable, sparseLeaf, table, toSparse } from './calls.js';

const { tensor, sparse_coo_tensor: coo } = torch;

export const refusals: Readonly<Record<string, () => unknown>> = {
  // Errors
  index_beyond: () =>
    coo(
      [
        [0, 1],
        [0, 3],
      ],
      [1, 2],
      [2, 3],
    ),
  index_negative: () => coo([[0, -1]], [1, 2], [2]),
  index_negative_inferred: () => coo([[0, -1]], [1, 2]),
  indices_of_one_dim: () => coo([0, 1], [1, 2], [2]),
  too_many_indices: () => coo([[0, 1, 2]], [1, 2]),
  size_of_too_many_dims: () => coo([[0, 1]], [1, 2], [2, 3]),
  values_of_wrong_size: () =>
    coo(
      [[0, 1]],
      [
        [1, 2],
        [3, 4],
      ],
      [2, 3],
    ),
  value_of_no_dims: () => coo([[0, 1]], tensor(3), [2]),
  sparse_values: () => coo(tensor([[0, 1]]), hybrid(), [2, 2]),
  indices_uncoalesced: () => hybrid().indices(),
  values_uncoalesced: () => hybrid().values(),
  indices_of_dense: () => dense().indices(),
  values_of_dense: () => dense().values(),
  _indices_of_dense: () => dense()._indices(),
  _nnz_of_dense: () => dense()._nnz(),
  sparse_dim_of_dense: () => dense().sparse_dim(),
  coalesce_dense: () => dense().coalesce(),
  mask_of_dense: () => dense().sparse_mask(dense()),
  mask_uncoalesced: () => dense().sparse_mask(hybrid()),
  mask_of_other_size: () => torch.ones(4, 3).sparse_mask(hybrid().coalesce()),
  to_sparse_of_sparse: () => hybrid().to_sparse(),
  to_sparse_0: () => dense().to_sparse(0),
  to_sparse_3: () => dense().to_sparse(3),
  to_dense_of_dtype: () => hybrid().to_dense(torch.float64),
  sparse_add_dense: () => hybrid().add(dense()),
  sparse_add_number: () => hybrid().add(1),
  add_size: () => hybrid().add(matrix()),
  add_density: () => hybrid().add(coo([[0], [1]], [1], [4, 2])),
  dense_add_size: () => torch.ones(1, 2).add(hybrid()),
  dense_integers_add_: () => dense().long().add_(hybrid()),
  integers_add_: () => toSparse([1]).add_(toSparse([1.5])),
  add_bool: () => toSparse([true]).add(toSparse([true])),
  sub_bool: () => toSparse([true]).sub(toSparse([true])),
  alpha_of_integers: () => toSparse([1]).add(toSparse([1]), { alpha: 1.5 }),
  div_dense: () => hybrid().div(dense()),
  div_sparse: () => dense().div(hybrid()),
  mul_integers_: () => toSparse([1]).mul_(2.5),
  div_integers_: () => toSparse([1]).div_(2),
  copy_dense: () => hybrid().copy_(dense()),
  dense_copy: () => dense().copy_(hybrid()),
  norm_of_rows: () => hybrid().norm(2, 0),
  relu: () => hybrid().relu(),
  exp: () => hybrid().exp(),
  fill_: () => hybrid().fill_(1),
  clamp_: () => hybrid().clamp_(0, 1),
  view: () => hybrid().view(2, 4),
  max: () => hybrid().max(),
  is_set_to: () => hybrid().is_set_to(hybrid()),
  tolist: () => hybrid().tolist(),
  numpy: () => hybrid().numpy(),
  data_ptr: () => hybrid().data_ptr(),
  leaf_in_place: () => hybrid({ requires_grad: true }).add_(hybrid()),
  dense_gradient: () => sparseLeaf((x) => dense().add(x).sum()),
  dense_gradient_given: () => hybrid({ requires_grad: true }).mul(1).backward(dense()),
  hook_of_other_layout: () => hooked((g) => g.to_dense()),
  embedding_by_frequency: () => ofTable((w) => E([1, 3], { scale_grad_by_freq: true })(w).sum()),
  bag_by_frequency: () =>
    ofTable((w) => bag([[1, 3]], null, { scale_grad_by_freq: true, mode: 'sum' })(w).sum()),
  bag_max: () => bag([[1, 3]], null, { mode: 'max' })(table()),
};
