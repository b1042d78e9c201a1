// The calls of test/fixtures/sparse.py without gradients, by their names there.
import * as torch from '../../src/index.js';
import { dense, floats, hybrid, matrix, range, toSparse } from './calls.js';
import type { T } from './calls.js';

const { tensor, sparse_coo_tensor: coo } = torch;
const f64 = { dtype: torch.float64 };

function inplace(x: T, change: (x: T) => unknown): unknown {
  const other = x.detach();
  change(other);
  return [x, other, x._version];
}

const none = (): T => coo([4, 2]);
const repeated = (n: number): T => torch.ones(1).expand(n);
export const values: Readonly<Record<string, () => unknown>> = {
  // Making
  hybrid: () => hybrid(),
  matrix: () => matrix(),
  inferred: () =>
    coo(
      [
        [0, 3],
        [1, 0],
      ],
      [1.5, 2],
    ),
  inferred_hybrid: () =>
    coo(
      [[0, 3]],
      [
        [1.5, 2],
        [3, 4],
      ],
    ),
  integers: () => coo([[0, 1]], [1, 2]),
  of_dtype: () => coo([[0, 1]], [1, 2], f64),
  fractions_as_places: () => coo([[0.5, 1]], floats([1, 2]), [2]),
  int32_places: () => coo(tensor([[0, 1]], { dtype: torch.int32 }), tensor([1.5, 2]), [2]),
  size_alone: () => coo([2, 3]),
  size_alone_of_dtype: () => coo([2], { dtype: torch.int64 }),
  no_entries: () => coo(torch.zeros(1, 0, { dtype: torch.int64 }), torch.zeros(0, 2), [4, 2]),
  no_entries_inferred: () => coo(torch.zeros(1, 0, { dtype: torch.int64 }), torch.zeros(0, 2)),
  no_sparse_dims: () => coo(torch.zeros(0, 2, { dtype: torch.int64 }), torch.ones(2, 2), [2]),
  requires_grad: () => hybrid({ requires_grad: true }).requires_grad,
  of_float_places: () => coo(floats([[0, 1]]), tensor([1.5, 2]), [2]),
  // Parts
  coalesce: () => hybrid().coalesce(),
  coalesce_matrix: () =>
    coo(
      [
        [1, 0, 1, 0],
        [2, 1, 2, 0],
      ],
      floats([1, 2, 3, 4]),
      [2, 3],
    ).coalesce(),
  coalesce_bool: () => coo([[0, 0]], tensor([true, true]), [2]).coalesce(),
  coalesce_byte: () => coo([[0, 0]], tensor([200, 200], { dtype: torch.uint8 }), [2]).coalesce(),
  coalesce_negative_zeros: () => coo([[0, 0]], floats([-0, -0]), [2]).coalesce(),
  indices: () => hybrid().coalesce().indices(),
  values: () => hybrid().coalesce().values(),
  counts: () => [
    matrix()._nnz(),
    matrix().sparse_dim(),
    matrix().dense_dim(),
    hybrid().dense_dim(),
    hybrid().numel(),
  ],
  strides: () => [matrix().stride(), hybrid().stride(1), matrix().is_contiguous(), matrix().storage_offset()],
  type: () => [
    hybrid().type(),
    String(hybrid().layout),
    String(dense().layout),
    hybrid().is_sparse,
    dense().is_sparse,
  ],
  item: () => coo([[0, 0]], [1.5, 2], [1]).item(),
  // Dense and back
  to_dense: () => hybrid().to_dense(),
  to_dense_matrix: () => matrix().to_dense(),
  to_dense_bool: () => coo([[0, 0]], tensor([true, true]), [2]).to_dense(),
  to_sparse: () =>
    floats([
      [0, 5],
      [-0, 0],
      [2, 3],
    ]).to_sparse(),
  to_sparse_rows: () =>
    floats([
      [0, 1],
      [0, 0],
      [2, 3],
    ]).to_sparse(1),
  to_sparse_bool: () => toSparse([[false, true]]),
  to_sparse_scalar: () => floats(3).to_sparse(),
  to_sparse_zero: () => floats(0).to_sparse(),
  to_sparse_empty: () => torch.zeros(0, 3).to_sparse(),
  sparse_mask: () => dense().sparse_mask(hybrid().coalesce()),
  sparse_mask_double: () => dense().double().sparse_mask(hybrid().coalesce()),
  zeros_like: () => torch.zeros_like(hybrid()),
  clone: () => hybrid().coalesce().clone(),
  double: () => hybrid().double(),
  long: () => hybrid().long(),
  // Arithmetic
  neg: () => hybrid().neg(),
  mul: () => hybrid().mul(2),
  mul_tensor: () => hybrid().mul(tensor(2, f64)),
  mul_integers: () =>
    toSparse([
      [1, 0],
      [0, 2],
    ]).mul(2.5),
  mul_dense: () => hybrid().mul(dense()),
  dense_mul: () => dense().double().mul(hybrid()),
  mul_row: () => hybrid().mul(floats([2, 3])),
  mul_column: () => hybrid().mul(range(4, 1)),
  mul_matrix: () => matrix().mul(range(2, 3)),
  mul_sparse: () => hybrid().mul(hybrid()),
  mul_sparse_coalesced: () => hybrid().mul(hybrid().coalesce()),
  mul_coalesced: () => hybrid().coalesce().mul(dense().to_sparse(1)),
  div: () => hybrid().div(2),
  div_integers: () =>
    toSparse([
      [1, 0],
      [0, 2],
    ]).div(2),
  div_floor: () => hybrid().div(2, { rounding_mode: 'floor' }),
  add: () => hybrid().add(hybrid()),
  add_other_order: () => coo([[3, 1]], floats([1, 2]), [5]).add(coo([[4, 0, 3]], floats([3, 4, 5]), [5])),
  add_coalesced: () => hybrid().coalesce().add(dense().to_sparse(1), { alpha: 2 }),
  add_double: () => hybrid().add(hybrid().double()),
  add_matrices: () =>
    matrix()
      .coalesce()
      .add(
        coo(
          [
            [0, 1],
            [1, 2],
          ],
          floats([1, 2]),
          [2, 3],
        ).coalesce(),
      ),
  add_nothing: () => hybrid().add(none()),
  add_to_nothing: () => none().add(hybrid(), { alpha: 3 }),
  add_not_contiguous: () => coo([[3, 1]], repeated(2), [5]).add(coo([[4, 0]], floats([3, 4]), [5])),
  add_not_contiguous_many: () => coo([[1, 1]], repeated(2), [2]).add(coo([[1, 0]], floats([3, 4]), [2])),
  sub: () => hybrid().sub(hybrid().coalesce(), { alpha: 3 }),
  dense_add: () => dense().add(hybrid(), { alpha: 2 }),
  dense_sub: () => dense().sub(hybrid()),
  dense_add_double: () => dense().double().add(hybrid()),
  dense_integers_add: () => dense().long().add(hybrid()),
  norm: () => [2, 1, 3, 0, Infinity].map((p) => torch.norm(hybrid(), p).item()),
  // In place
  add_: () => inplace(hybrid(), (x) => x.add_(hybrid())),
  sub_: () => inplace(hybrid(), (x) => x.sub_(hybrid(), { alpha: 2 })),
  mul_: () => inplace(hybrid(), (x) => x.mul_(2)),
  mul_dense_: () => inplace(hybrid(), (x) => x.mul_(dense())),
  div_: () => inplace(hybrid(), (x) => x.div_(2)),
  neg_: () => inplace(hybrid(), (x) => x.neg_()),
  zero_: () => inplace(hybrid(), (x) => x.zero_()),
  copy_: () => inplace(hybrid(), (x) => x.copy_(hybrid().double().coalesce())),
  values_: () => inplace(hybrid(), (x) => x._values().mul_(3)),
  dense_add_: () => inplace(dense(), (x) => x.add_(hybrid(), { alpha: 2 })),
  dense_add_columns_: () => inplace(dense().reshape(2, 4).t(), (x) => x.add_(hybrid())),
  dense_add_double_: () => inplace(dense(), (x) => x.add_(hybrid().double())),
  dense_mul_: () => inplace(dense(), (x) => x.mul_(hybrid())),
};

const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

export const printed: Readonly<Record<string, () => T>> = {
  float: () => hybrid(),
  double: () => hybrid().double(),
  integers: () => matrix().long(),
  short: () => matrix().to(torch.int16),
  bool: () => toSparse([[false, true]]),
  leaf: () => hybrid({ requires_grad: true }),
  computed: () => hybrid({ requires_grad: true }).mul(2),
  empty: () => coo([2, 3]),
  empty_hybrid: () => coo(torch.zeros(1, 0, { dtype: torch.int64 }), torch.zeros(0, 2), [4, 2]),
  of_one_size: () => coo([[0, 1]], [1.5, 2], [5]),
  of_no_size: () => floats(3).to_sparse(),
  wide: () => coo([numbers(40)], floats(numbers(40)).div(8), [1000]),
  long: () => coo([numbers(1200)], floats(numbers(1200)), [5000]),
  parameter: () => new torch.nn.Parameter(matrix()),
};
