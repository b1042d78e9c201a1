// Sample calls of the operators whose definitions have none: makers of tensors, other names, and what writes into its input.
import * as torch from '../src/index.js';
import type { SampleMaker } from '../src/ops/define.js';

type Samples = (make: SampleMaker) => unknown[][];

const shaped: Samples = () => [[2, 3], [[2, 0]]];
const like: Samples = (make) => [[make(2, 3)], [make()]];
const inplace: Samples = (make) => [[make(2, 3)], [make()]];
const transposed: Samples = (make) => [[make(2, 3, 4), 0, -1]];
const square: Samples = (make) => [[positive(make, 3)]];
const pooled = (...size: number[]): Samples => {
  return (make) => [
    [make(2, 3, ...size), 2],
    [make(3, ...size), size.map(() => 3), true],
  ];
};
const ctc: Samples = (make) => [
  [make(5, 2, 4).log_softmax(2).detach().requires_grad_(true), make.int(1, 4, 2, 3), [5, 4], [3, 2]],
];
const pair: Samples = (make) => [[make(2, 3), make(2, 3)]];
const withTarget: Samples = (make) => [[make(4), make(4), torch.tensor([1, -1, 1, -1])]];

/** A symmetric matrix with positive eigenvalues. */
function positive(make: SampleMaker, n: number): torch.Tensor {
  const root = make(n, n).detach();
  return root
    .matmul(root.mT)
    .add(torch.eye(n, { dtype: torch.float64 }))
    .requires_grad_(true);
}

/** The samples of an LU factorization and what it solves. */
function factored(make: SampleMaker): { LU: torch.Tensor; pivots: torch.Tensor; B: torch.Tensor } {
  const [LU, pivots] = torch.linalg.lu_factor(positive(make, 3).detach());
  return { LU: LU.requires_grad_(true), pivots, B: make(3, 2) };
}

/** A sparse tensor of three rows, two of them the same. Differences are taken of dense tensors only. */
function threeRows(make: SampleMaker): torch.Tensor {
  return torch.sparse_coo_tensor([[0, 2, 0]], make(3, 2).detach(), [4, 2]);
}

export const samples: Readonly<Record<string, Samples>> = {
  'Tensor.coalesce': (make) => [[threeRows(make)]],
  'Tensor.indices': (make) => [[threeRows(make).coalesce()]],
  'Tensor.values': (make) => [[threeRows(make).coalesce()]],
  'Tensor.to_dense': (make) => [[threeRows(make)], [make(2, 3)]],
  'Tensor.to_sparse': (make) => [[make(2, 3)], [make(2, 3), 1]],
  'Tensor.sparse_mask': (make) => [[make(4, 2), threeRows(make).coalesce()]],
  'part: assemble': (make) => [[torch.tensor([[0, 2, 0]]), make(3, 2), [4, 2]]],
  'part: valuesAt': (make) => [[threeRows(make), torch.tensor([[0, 1]])]],
  zeros: shaped,
  ones: shaped,
  empty: shaped,
  rand: shaped,
  randn: shaped,
  empty_strided: () => [
    [
      [2, 3],
      [1, 2],
    ],
  ],
  zeros_like: like,
  ones_like: like,
  empty_like: like,
  rand_like: like,
  randn_like: like,
  randperm: () => [[5], [0]],
  full: () => [[[2, 3], 2]],
  full_like: (make) => [[make(2, 3), 2]],
  scalar_tensor: () => [[2]],
  tensor: () => [[[1, 2]], [3]],
  arange: () => [[5], [1, 7, 2]],
  range: () => [[1, 7, 2]],
  eye: () => [[3], [2, 3]],
  linspace: () => [[0, 3, 4]],
  logspace: () => [[0, 3, 4]],
  tril_indices: () => [[3, 3]],
  triu_indices: () => [[3, 3]],
  'Tensor.new_empty': (make) => [[make(2), [2, 3]]],
  'Tensor.new_zeros': (make) => [[make(2), [2, 3]]],
  'Tensor.new_ones': (make) => [[make(2), [2, 3]]],
  'Tensor.new_full': (make) => [[make(2), [2, 3], 2]],
  'Tensor.new_tensor': (make) => [[make(2), [1, 2]]],

  fill_: (make) => [
    [make(2, 3), 2],
    [make(2, 3), make()],
  ],
  zero_: inplace,
  'Tensor.fill_diagonal_': (make) => [[make(3, 3), 2]],
  'Tensor.copy_': (make) => [
    [make(2, 3), make(2, 3)],
    [make(2, 3), make(3)],
  ],
  'Tensor.bernoulli_': inplace,
  'Tensor.cauchy_': inplace,
  'Tensor.exponential_': inplace,
  'Tensor.geometric_': (make) => [[make(2, 3), 0.4]],
  'Tensor.log_normal_': inplace,
  'Tensor.normal_': inplace,
  'Tensor.random_': (make) => [[make(2, 3), 0, 5]],
  'Tensor.uniform_': inplace,
  'Tensor.squeeze_': (make) => [[make(2, 1, 3)], [make(2, 1, 3), 1]],
  'Tensor.unsqueeze_': (make) => [[make(2, 3), 1]],
  'Tensor.swapaxes_': transposed,
  'Tensor.swapdims_': transposed,
  'Tensor.transpose_': transposed,
  'Tensor.t_': (make) => [[make(2, 3)]],
  as_strided_: (make) => [[make(2, 3), [2, 2], [1, 2]]],
  resize_as_: (make) => [[make(2, 3).detach(), make(2, 2).detach()]],
  'Tensor.resize_': (make) => [[make(2, 3).detach(), [2, 4]]],
  'Tensor.set_': (make) => [[make(2, 3).detach(), make(4).detach(), 1, [2], [2]]],
  index_put_: (make) => [[make(4, 3), [torch.tensor([0, 2])], make(2, 3)]],

  'Tensor.expand_as': (make) => [[make(1, 3), make(2, 3)]],
  'Tensor.view_as': (make) => [[make(2, 3), make(6)]],
  'Tensor.reshape_as': (make) => [[make(2, 3), make(6)]],
  'Tensor.to': (make) => [[make(2, 3)]],
  div: (make) => [
    [make(2, 3), make.uniform(0.5, 2, 3)],
    [make(2, 3), 2],
  ],
  divide: (make) => [[make(2, 3), make.uniform(0.5, 2, 3)]],
  positive: (make) => [[make(2, 3)]],
  isreal: (make) => [[make(2, 3)]],
  bincount: (make) => [[make.int(0, 4, 6)], [make.int(0, 4, 6), make(6).detach(), 5]],
  bucketize: (make) => [[make(5), torch.tensor([-1, 0, 1], { dtype: torch.float64 })]],
  searchsorted: (make) => [[torch.tensor([-1, 0, 1], { dtype: torch.float64 }), make(5)]],
  histc: (make) => [[make(5), 4, -2, 2]],

  native_batch_norm: (make) => [[make(4, 3, 2), make(3), make(3), null, null, true, 0.1, 1e-5]],
  native_layer_norm: (make) => [[make(4, 3, 2), [3, 2], make(3, 2), make(3, 2), 1e-5]],
  'nn.functional.batch_norm': (make) => [
    [make(4, 3, 2), null, null, make(3), make(3), true],
    [make(4, 3), make(3).detach(), make.uniform(0.5, 2, 3).detach(), make(3), make(3)],
  ],
  'nn.functional.instance_norm': (make) => [[make(2, 3, 5), null, null, make(3), make(3)]],
  'nn.functional.embedding': (make) => [
    [make.int(0, 5, 2, 3), make(5, 4)],
    [make.int(0, 5, 2), make(5, 4), 1],
  ],
  'nn.functional.gumbel_softmax': (make) => [[make(4, 3)]],
  'nn.functional.adaptive_max_pool2d': pooled(5, 6),
  'nn.functional.adaptive_max_pool3d': pooled(5, 6, 4),

  ctc_loss: ctc,
  'nn.functional.ctc_loss': ctc,
  binary_cross_entropy_with_logits: pair,
  kl_div: (make) => [[make(2, 3), make.uniform(0.1, 1, 2, 3)]],
  cosine_embedding_loss: (make) => [[make(4, 3), make(4, 3), torch.tensor([1, -1, 1, -1])]],
  hinge_embedding_loss: (make) => [[make(4), torch.tensor([1, -1, 1, -1])]],
  margin_ranking_loss: withTarget,
  poisson_nll_loss: (make) => [[make(4), make.uniform(1, 5, 4), true, false, 1e-8, 1]],
  triplet_margin_loss: (make) => [[make(4, 3), make(4, 3), make(4, 3)]],

  cholesky: square,
  lu: square,
  svd: square,
  symeig: (make) => [[positive(make, 3), true]],
  lu_solve: (make) => {
    const { LU, pivots, B } = factored(make);
    return [[B, LU, pivots]];
  },
  'linalg.cholesky': square,
  'linalg.cholesky_ex': square,
  'linalg.eigh': square,
  'linalg.eigvalsh': square,
  'linalg.lu_factor': square,
  'linalg.lu_factor_ex': square,
  'linalg.svd': square,
};
