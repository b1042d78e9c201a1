// The calls of test/fixtures/sparse.py that compute gradients, by their names there.
import * as torch from '../../src/index.js';
import {
  E,
  bag,
  dense,
  floats,
  hooked,
  hybrid,
  ofTable,
  range,
  shows,
  sparseLeaf,
  table,
  total,
  withGrad,
} from './calls.js';
import type { T, Use } from './calls.js';

const { tensor, sparse_coo_tensor: coo } = torch;

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

const through = (use: Use): T =>
  withGrad(floats([1, 2, 3]).requires_grad_(), (v) => use(coo([[2, 0, 2]], v, [4])));
const ofDense = (use: Use): T => withGrad(dense().requires_grad_(), use);
const line = (): T => floats([1, 2, 3, 4]);
export const gradients: Readonly<Record<string, () => unknown>> = {
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
};
