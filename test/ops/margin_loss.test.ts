import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, flat } from '../nn/recorded.js';

const { functional: F } = torch.nn;
const f64 = { dtype: torch.float64 };
const r = (...shape: number[]): torch.Tensor => torch.ones(shape);
const R = (...shape: number[]): torch.Tensor => torch.randn(shape, f64).requires_grad_(true);
const L = (...values: number[]): torch.Tensor => torch.tensor(values, { dtype: torch.int64 });
const none = { reduction: 'none' } as const;

describe('margin losses', () => {
  it('have the gradients of PyTorch at their bends', () => {
    const grad = (call: (x: torch.Tensor) => torch.Tensor, values: number[]): number[] => {
      const x = torch.tensor(values, f64).requires_grad_(true);
      call(x).sum().backward();
      return flat(x.grad!);
    };
    expect(grad((x) => F.hinge_embedding_loss(x, L(-1, -1, -1), none), [0, 1, 2])).toEqual([-1, -1, 0]);
    const x2 = torch.zeros(1, f64);
    expect(grad((x) => F.margin_ranking_loss(x, x2, L(1), none), [0])).toEqual([-1]);
    expect(grad((x) => F.multi_margin_loss(x, torch.tensor(1)), [0, 1, 0])).toEqual([0, 0, 0]);
    expect(grad((x) => F.multilabel_margin_loss(x, L(1, -1, 0)), [0, 1, 0])).toEqual([0, 0, 0]);
  });

  it('count a label as often as it is named', () => {
    const x = torch.tensor([0.1, 0.2, 0.4], f64);
    expectClose([F.multilabel_margin_loss(x, L(1, 1, -1)).item()], [1.4], 1e-12);
    expect(F.multilabel_margin_loss(x, L(-1, 0, 0)).item()).toBe(0);
  });

  it('take scores without a batch', () => {
    expect(F.multi_margin_loss(r(3), L(1), none).shape).toEqual([1]);
    expect(F.multi_margin_loss(r(3), torch.tensor(1), none).shape).toEqual([]);
    expect(F.multilabel_margin_loss(r(3), L(0, -1, 1), none).shape).toEqual([]);
    expect(F.multilabel_margin_loss(r(0, 3), torch.zeros(0, 3).long(), none).shape).toEqual([0]);
    expect(F.cosine_embedding_loss(r(3), r(3), torch.tensor(1), none).shape).toEqual([]);
    expect(F.triplet_margin_loss(r(3), r(3), r(3), none).shape).toEqual([]);
  });

  it('of integers keep the dtype that PyTorch gives them', () => {
    const found = F.hinge_embedding_loss(L(1, 1), L(-1, 1), 2.5, none);
    expect(found.dtype).toBe(torch.int64);
    expect(found.tolist()).toEqual([1, 1]);
  });

  it('of mixed dtypes too', () => {
    const [single, double] = [r(2), torch.ones(2, f64)];
    expect(F.huber_loss(single, double).dtype).toBe(torch.float32);
    expect(F.mse_loss(single, torch.tensor(1, f64)).dtype).toBe(torch.float64);
    expect(F.l1_loss(single, torch.tensor(1, f64)).dtype).toBe(torch.float64);
    expect(F.binary_cross_entropy_with_logits(double, single).dtype).toBe(torch.float32);
    expect(F.margin_ranking_loss(L(1), L(2), L(1)).dtype).toBe(torch.float32);
  });

  it('triplet: a distance of its own, a module too', () => {
    torch.manual_seed(4);
    const inputs = [R(3, 2), R(3, 2), R(3, 2)] as const;
    const expected = F.triplet_margin_loss(...inputs, { p: 1, swap: true }).item();
    const distance_function = (a: torch.Tensor, b: torch.Tensor): torch.Tensor =>
      a.sub(b).add(1e-6).norm(1, -1);
    const found = F.triplet_margin_with_distance_loss(...inputs, { distance_function, swap: true });
    expect(found.item()).toBeCloseTo(expected, 12);
    const plain = F.triplet_margin_with_distance_loss(...inputs).item();
    expect(plain).toBeCloseTo(F.triplet_margin_loss(...inputs).item(), 12);
  });
});

describe('the losses of the torch namespace', () => {
  const [a, b] = [torch.tensor([[0.5, -1]]), torch.tensor([[2, 0.25]])];
  const sign = torch.tensor([[1, -1]]);
  const cases: [string, (reduction?: 0 | 1 | 2) => torch.Tensor, (options: object) => torch.Tensor][] = [
    [
      'binary_cross_entropy_with_logits',
      (reduction) => torch.binary_cross_entropy_with_logits(a, b, b, { reduction }),
      (o) => F.binary_cross_entropy_with_logits(a, b, b, o),
    ],
    [
      'cosine_embedding_loss',
      (reduction) => torch.cosine_embedding_loss(a, b, L(1), { reduction }),
      (o) => F.cosine_embedding_loss(a, b, L(1), o),
    ],
    [
      'hinge_embedding_loss',
      (reduction) => torch.hinge_embedding_loss(a, sign, 0.5, { reduction }),
      (o) => F.hinge_embedding_loss(a, sign, 0.5, o),
    ],
    ['kl_div', (reduction) => torch.kl_div(a, b, { reduction }), (o) => F.kl_div(a, b, o)],
    [
      'margin_ranking_loss',
      (reduction) => torch.margin_ranking_loss(a, b, sign, { reduction }),
      (o) => F.margin_ranking_loss(a, b, sign, o),
    ],
    [
      'poisson_nll_loss',
      (reduction) => torch.poisson_nll_loss(a, b, true, true, 1e-8, reduction ?? 0),
      (o) => F.poisson_nll_loss(a, b, { full: true, ...o }),
    ],
    [
      'triplet_margin_loss',
      (reduction) => torch.triplet_margin_loss(a, b, b, 1, 1, { reduction }),
      (o) => F.triplet_margin_loss(a, b, b, 1, 1, o),
    ],
  ];
  it.each(cases)('%s reduces by number, by default not at all', (_name, byNumber, byName) => {
    expect(byNumber(0).tolist()).toEqual(byName(none).tolist());
    expect(byNumber().tolist()).toEqual(byName(none).tolist());
    expect(byNumber(1).item()).toBe(byName({}).item());
    expect(byNumber(2).item()).toBe(byName({ reduction: 'sum' }).item());
  });

  it('margin_ranking_loss broadcasts', () => {
    expect(torch.margin_ranking_loss(r(2, 3), r(3), r(3), 0.5).shape).toEqual([2, 3]);
  });
});

it.each<[string, () => unknown, string]>([
  [
    'cosine targets',
    () => F.cosine_embedding_loss(r(2, 3), r(2, 3), r(2, 1)),
    '0D or 1D target tensor expected, multi-target not supported',
  ],
  [
    'cosine vectors',
    () => F.cosine_embedding_loss(r(3), r(3), r(3)),
    '1D target tensor expects 2D input tensors, but found inputs with sizes [3] and [3].',
  ],
  [
    'cosine matrices',
    () => F.cosine_embedding_loss(r(2, 3), r(2, 3), torch.tensor(1)),
    '0D target tensor expects 1D input tensors, but found inputs with sizes [2, 3] and [2, 3].',
  ],
  [
    'ranking',
    () => F.margin_ranking_loss(r(2, 3), r(3), r(2, 3)),
    'margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: torch.Size([2, 3]), ' +
      'input2: torch.Size([3]), target: torch.Size([2, 3]) ',
  ],
  [
    'triplet',
    () => F.triplet_margin_loss(r(2, 3), r(3), r(2, 3)),
    'All inputs should have same dimension but got 2D, 1D and 2D inputs.',
  ],
  [
    'no distance',
    () => F.triplet_margin_with_distance_loss(r(3), r(3), r(3), { distance_function: 1 as never }),
    'distance_function must be a function',
  ],
  ['hinge of integers', () => F.hinge_embedding_loss(L(1), L(1)), 'mean(): could not infer output dtype'],
  ['class', () => F.multi_margin_loss(r(2, 3), L(0, 3)), 'target out of range'],
  ['negative class', () => F.multi_margin_loss(r(2, 3), L(0, -1)), 'target out of range'],
  ['classes', () => F.multi_margin_loss(r(2, 3), L(0)), 'inconsistent target size, got: [1]'],
  ['power', () => F.multi_margin_loss(r(2, 3), L(0, 1), { p: 3 }), 'only p == 1 and p == 2 supported'],
  [
    'weights',
    () => F.multi_margin_loss(r(2, 3), L(0, 1), { weight: r(2) }),
    'inconsistent weight size, expected 3',
  ],
  [
    'weight',
    () => F.multi_margin_loss(r(2, 3), L(0, 1), { weight: r(1, 3) }),
    'weight must be one-dimensional',
  ],
  [
    'dtype of weights',
    () => F.multi_margin_loss(r(2, 3), L(0, 1), { weight: r(3).double() }),
    'expected scalar type Float but found Double',
  ],
  [
    'int32 classes',
    () => F.multi_margin_loss(r(2, 3), L(0, 1).int()),
    'expected scalar type Long but found Int',
  ],
  [
    'integers',
    () => F.multi_margin_loss(r(2, 3).long(), L(0, 1)),
    '"multi_margin_loss_cpu_kernel" not implemented for \'Long\'',
  ],
  [
    'three dimensions',
    () => F.multi_margin_loss(r(2, 3, 1), L(0, 1)),
    'Expected non-empty vector or matrix with optional 0-dim batch size, but got: [2, 3, 1]',
  ],
  [
    'labels',
    () => F.multilabel_margin_loss(r(2, 3), r(2, 2).long()),
    "inconsistent size [2, 2] for argument #2 'target'",
  ],
  [
    'a label after the last',
    () => F.multilabel_margin_loss(r(1, 3), torch.tensor([[0, -1, 7]])),
    "argument #2 'target' is out of range",
  ],
  [
    'integer scores',
    () => F.multilabel_margin_loss(r(2, 3).long(), r(2, 3).long()),
    '"multilabel_margin_loss_forward_out_frame" not implemented for \'Long\'',
  ],
  [
    'soft margin of integers',
    () => F.soft_margin_loss(L(1), L(1)),
    "result type Float can't be cast to the desired output type Long",
  ],
  [
    'soft margin of a larger target',
    () => F.soft_margin_loss(r(3), r(2, 3)),
    "output with shape [3] doesn't match the broadcast shape [2, 3]",
  ],
  [
    'huber of integers',
    () => F.huber_loss(L(1), r(1)),
    "result type Float can't be cast to the desired output type Long",
  ],
  [
    'logits of integers',
    () => F.binary_cross_entropy_with_logits(L(1), r(1)),
    "result type Float can't be cast to the desired output type Long",
  ],
  [
    'no classes',
    () => F.multilabel_soft_margin_loss(torch.tensor(1.5), torch.tensor(1)),
    'Dimension specified as -1 but tensor has no dimensions',
  ],
  ['sizes of variances', () => F.gaussian_nll_loss(r(2, 3), r(2, 3), r(3)), 'var is of incorrect size'],
  ['variances', () => F.gaussian_nll_loss(r(2), r(2), r(2).neg()), 'var has negative entry/entries'],
  ['kl_div of integers', () => F.kl_div(r(2), r(2).long()), 'kl_div: Integral inputs not supported.'],
])('refuses: %s', (_name, call, message) => {
  expect(call).toThrow(message);
});
