// The calls of test/fixtures/sparse.py, by their names there.
import * as torch from '../../src/index.js';

const { functional: F } = torch.nn;
const { tensor, sparse_coo_tensor: coo } = torch;
const f64 = { dtype: torch.float64 };

type T = torch.Tensor;
type Use = (w: T) => T;

export const floats = (values: unknown): T => tensor(values as number[], { dtype: torch.float32 });

/** Three rows of a [4, 2], one of them twice. */
export function hybrid(options: { requires_grad?: boolean } = {}): T {
  const values = floats([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  return coo([[0, 2, 0]], values, [4, 2], options);
}

export function matrix(): T {
  return coo(
    [
      [1, 0, 1],
      [0, 2, 2],
    ],
    floats([4, 3, 5]),
    [2, 3],
  );
}

export const dense = (): T => torch.arange(8, { dtype: torch.float32 }).reshape(4, 2);
export const table = (): T => torch.arange(10, { dtype: torch.float32 }).reshape(5, 2).requires_grad_();

function withGrad(leaf: T, use: Use): T {
  use(leaf).backward();
  return leaf.grad!;
}

const total = (x: T, power: number): T => x.pow(power).sum();
const ofTable = (use: Use): T => withGrad(table(), use);

export function E(
  indices: unknown,
  options: { padding_idx?: number; max_norm?: number; scale_grad_by_freq?: boolean } = {},
): Use {
  return (w) => F.embedding(tensor(indices as number[]), w, { ...options, sparse: true });
}

type BagOptions = Parameters<typeof F.embedding_bag>[2] & object;

function bag(indices: unknown, offsets: number[] | null = null, options: BagOptions = {}): Use {
  const starts = offsets === null ? null : tensor(offsets);
  return (w) =>
    F.embedding_bag(tensor(indices as number[]), w, {
      ...(options as object),
      offsets: starts,
      sparse: true,
    });
}

function second(use: Use): unknown {
  const w = table();
  const [grad] = torch.autograd.grad(use(w), w, { create_graph: true });
  grad!.to_dense().sum().backward();
  return [grad, w.grad];
}

function twice(first: Use, then: Use): T {
  const w = table();
  first(w).backward();
  then(w).backward();
  return w.grad!;
}

function zeroed(use: Use): unknown {
  const w = table();
  use(w).backward();
  new torch.optim.SGD([w], { lr: 0.1 }).zero_grad();
  const empty = shows(w.grad);
  use(w).backward();
  return [empty, shows(w.grad)];
}

function clipped(order: number): unknown {
  const w = table();
  total(E([3, 1, 3])(w), 2).backward();
  return [torch.nn.utils.clip_grad_norm_([w], 1, order), w.grad];
}

function hooked(change: Use): T {
  const w = table();
  w.register_hook(change);
  return withGrad(w, (x) => E([3, 1])(x).sum());
}

function weighted(options: { padding_idx?: number } = {}): unknown {
  const [w, p] = [table(), floats([1, 2, 3, 4]).requires_grad_()];
  const use = bag([1, 3, 1, 2], [0, 2], { ...options, mode: 'sum', per_sample_weights: p });
  total(use(w), 2).backward();
  return [w.grad, p.grad];
}

function G(x: T, dim: number, index: unknown): T {
  const taken = (y: T): T => torch.gather(y, dim, tensor(index as number[]), { sparse_grad: true });
  return withGrad(x.requires_grad_(), (y) => total(taken(y), 2));
}

function inplace(x: T, change: (x: T) => unknown): unknown {
  const other = x.detach();
  change(other);
  return [x, other, x._version];
}

const sparseLeaf = (use: Use): T => withGrad(hybrid({ requires_grad: true }), use);
const through = (use: Use): T =>
  withGrad(floats([1, 2, 3]).requires_grad_(), (v) => use(coo([[2, 0, 2]], v, [4])));
const ofDense = (use: Use): T => withGrad(dense().requires_grad_(), use);
const line = (): T => floats([1, 2, 3, 4]);
const toSparse = (values: unknown): T => tensor(values as number[]).to_sparse();
const none = (): T => coo([4, 2]);
const repeated = (n: number): T => torch.ones(1).expand(n);
const range = (...shape: number[]): T =>
  torch
    .arange(
      shape.reduce((a, b) => a * b),
      { dtype: torch.float32 },
    )
    .reshape(shape);

/** A result in the form in which the fixture has it. */
export function shows(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shows);
  if (!(value instanceof torch.Tensor)) return value;
  const plain = { dtype: value.dtype.name, size: [...value.shape], text: String(value.detach()) };
  if (!value.is_sparse) return { ...plain, values: value.tolist() };
  const parts = { indices: value._indices().tolist(), values: value._values().tolist() };
  return { ...plain, ...parts, coalesced: value.is_coalesced() };
}

export const cases: Readonly<Record<string, () => unknown>> = {
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
  // Gradients of sparse tensors
  grad_to_dense: () => sparseLeaf((x) => x.to_dense().mul(dense()).sum()),
  grad_values: () => sparseLeaf((x) => total(x.coalesce().values(), 2)),
  grad_mul: () => sparseLeaf((x) => x.mul(3).to_dense().sum()),
  grad_mul_dense: () => sparseLeaf((x) => x.mul(dense()).to_dense().sum()),
  grad_div: () => sparseLeaf((x) => x.neg().div(4).to_dense().sum()),
  grad_add: () => sparseLeaf((x) => x.add(x, { alpha: 2 }).to_dense().sum()),
  grad_clone: () => sparseLeaf((x) => x.clone().double().to_dense().sum()),
  grad_of_factor: () => ofDense((d) => hybrid().mul(d).to_dense().sum()),
  grad_of_values: () => through((x) => x.to_dense().mul(line()).sum()),
  grad_of_values_coalesced: () => through((x) => total(x.coalesce().values(), 2)),
  grad_of_values_in_place: () => through((x) => total(x.mul(1).mul_(3).to_dense(), 2)),
  grad_to_sparse: () => ofDense((x) => x.to_sparse().mul(3).to_dense().sum()),
  grad_to_sparse_rows: () => ofDense((x) => total(x.to_sparse(1).values(), 2)),
  grad_sparse_mask: () => ofDense((x) => x.sparse_mask(hybrid().coalesce()).mul(3).to_dense().sum()),
  // Sparse gradients of a dense tensor
  embedding: () => ofTable((w) => total(E([1, 3, 1])(w), 2)),
  embedding_of_ones: () =>
    ofTable((w) =>
      E([
        [1, 3],
        [1, 0],
      ])(w).sum(),
    ),
  embedding_padding: () =>
    ofTable((w) =>
      total(
        E(
          [
            [1, 3],
            [1, 0],
          ],
          { padding_idx: 1 },
        )(w),
        2,
      ),
    ),
  embedding_padding_alone: () => ofTable((w) => total(E([[1, 1]], { padding_idx: 1 })(w), 2)),
  embedding_number: () => ofTable((w) => total(E(2)(w), 2)),
  embedding_one_row: () => ofTable((w) => E([2])(w).sum()),
  embedding_max_norm: () => ofTable((w) => total(E([1, 3], { max_norm: 1 })(w), 2)),
  embedding_scaled: () => ofTable((w) => E([3, 1])(w.mul(w)).sum()),
  embedding_of_sum: () => ofTable((w) => E([3, 1])(w.add(1).exp().div(2)).sum()),
  bag_sum: () => ofTable((w) => total(bag([1, 3, 1, 2], [0, 2], { mode: 'sum' })(w), 2)),
  bag_mean: () => ofTable((w) => total(bag([1, 3, 1, 2], [0, 2], { mode: 'mean' })(w), 2)),
  bag_mean_padding: () =>
    ofTable((w) => total(bag([1, 3, 1, 2], [0, 2], { mode: 'mean', padding_idx: 1 })(w), 2)),
  bag_rows: () =>
    ofTable((w) =>
      bag([
        [1, 3],
        [1, 2],
      ])(w).sum(),
    ),
  bag_closed: () => ofTable((w) => total(bag([1, 3, 1, 2], [0, 2, 4], { include_last_offset: true })(w), 2)),
  bag_empty: () => ofTable((w) => total(bag([1, 3], [0, 2, 2])(w), 2)),
  bag_weighted: () => weighted(),
  bag_weighted_padding: () => weighted({ padding_idx: 3 }),
  gather: () =>
    G(range(2, 3), 1, [
      [0, 0],
      [2, 1],
    ]),
  gather_rows: () =>
    G(range(2, 3), 0, [
      [0, 1, 0],
      [1, 1, 1],
      [0, 0, 0],
    ]),
  gather_three_dims: () => G(range(2, 3, 4), 1, [[[2, 0]], [[1, 1]]]),
  gather_number: () => G(floats(3), 0, 0),
  gather_one: () => G(floats([3]), 0, 0),
  gather_line: () => G(range(3), 0, [2, 0, 2]),
  // Accumulation
  of_two_uses: () => ofTable((w) => total(E([3, 1])(w), 3).add(total(E([4, 0, 3])(w), 2))),
  of_two_uses_of_ones: () =>
    ofTable((w) =>
      E([3, 1])(w)
        .sum()
        .add(E([4, 0, 3])(w).sum()),
    ),
  of_two_backwards: () =>
    twice(
      (w) => total(E([3, 1])(w), 3),
      (w) => total(E([4, 0, 3])(w), 2),
    ),
  sparse_then_dense: () =>
    twice(
      (w) => total(E([3, 1, 3])(w), 3),
      (w) => total(w, 2),
    ),
  dense_then_sparse: () =>
    twice(
      (w) => total(w, 2),
      (w) => total(E([3, 1, 3])(w), 3),
    ),
  sparse_and_dense: () => ofTable((w) => total(E([3, 1, 3])(w), 3).add(total(w, 2))),
  dense_and_sparse: () => ofTable((w) => total(w, 2).add(total(E([3, 1, 3])(w), 3))),
  zero_grad: () => zeroed((w) => total(E([3, 1])(w), 2)),
  second_embedding: () => second((w) => total(E([1, 3, 1])(w), 3)),
  second_padding: () => second((w) => total(E([1, 3, 1], { padding_idx: 3 })(w), 3)),
  second_bag: () =>
    second((w) =>
      total(
        bag([
          [1, 3],
          [1, 2],
        ])(w),
        3,
      ),
    ),
  second_gather: () =>
    second((w) => total(torch.gather(w, 1, tensor([[0], [1], [0]]), { sparse_grad: true }), 3)),
  clip_grad_norm: () => clipped(2),
  clip_grad_norm_of_order_1: () => clipped(1),
  hook: () => hooked((g) => g.mul(2)),
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
