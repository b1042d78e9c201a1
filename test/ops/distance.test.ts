import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, flat } from '../nn/recorded.js';

const { functional: F } = torch.nn;
const f64 = { dtype: torch.float64 };
const r = (...shape: number[]): torch.Tensor => torch.ones(shape);
const R = (...shape: number[]): torch.Tensor => torch.randn(shape, f64).requires_grad_(true);

/** The p-norms of all differences, with operators. */
function allPairs(x1: torch.Tensor, x2: torch.Tensor, p: number): torch.Tensor {
  return x1.unsqueeze(-2).sub(x2.unsqueeze(-3)).norm(p, -1);
}

describe('cdist', () => {
  it.each([0, 0.5, 1, 1.5, 2, 3, Infinity])('p = %d: values and gradients', (p) => {
    torch.manual_seed(1);
    for (const M of [1, 3, 4, 9]) {
      const [a, b] = [R(2, 1, 5, M), R(3, 4, M)];
      const cotangent = torch.randn([2, 3, 5, 4], f64);
      const [x, y] = [torch.cdist(a, b, p), allPairs(a, b, p)];
      expectClose(flat(x), flat(y), 1e-12);
      if (p === 0) continue;
      const found = torch.autograd.grad([x], [a, b], { grad_outputs: [cotangent] });
      const expected = torch.autograd.grad([y], [a, b], { grad_outputs: [cotangent] });
      found.forEach((grad, i) => expectClose(flat(grad!), flat(expected[i]!), 1e-10));
      const single = torch.cdist(a.detach().float(), b.detach().float(), p);
      // The square of a sum of roots: a rounded difference near 0 counts for more.
      expectClose(flat(single), flat(y), p < 1 ? 1e-3 : 1e-5);
    }
  });

  it('by a matrix product agrees, and is what many rows take', () => {
    torch.manual_seed(2);
    const [a, b] = [R(30, 5), R(3, 5)];
    const product = torch.cdist(a, b, { compute_mode: 'use_mm_for_euclid_dist' });
    const direct = torch.cdist(a, b, { compute_mode: 'donot_use_mm_for_euclid_dist' });
    expectClose(flat(product), flat(direct), 1e-12);
    expect(torch.cdist(a, b).tolist()).toEqual(product.tolist());
    expect(product.tolist()).not.toEqual(direct.tolist());
  });

  it('has finite derivatives where rows are equal', () => {
    const x = torch
      .tensor(
        [
          [1, 2.5],
          [1, 2.5],
          [0, 0.5],
        ],
        f64,
      )
      .requires_grad_(true);
    const derivatives = [0.5, 1, 1.5, 2, 3, Infinity].flatMap((p) => {
      const first = torch.autograd.grad([torch.cdist(x, x, p).sum()], [x], { create_graph: true })[0]!;
      const [second] = torch.autograd.grad([first.square().sum()], [x], { allow_unused: true });
      return [...flat(first), ...(second === null ? [] : flat(second))];
    });
    expect(derivatives.every(Number.isFinite)).toBe(true);
  });

  it('gives every element that attains the maximum the whole gradient', () => {
    const x = torch.tensor([[1, -1, 0.5]], f64).requires_grad_(true);
    torch
      .cdist(x, torch.zeros(1, 3, f64), Infinity)
      .sum()
      .backward();
    expect(flat(x.grad!)).toEqual([1, -1, 0]);
  });

  it('of NaN is NaN', () => {
    const x = torch.tensor([[0.5, NaN, 1, 2, 3]]);
    for (const p of [0.5, 1, 2, 3, Infinity]) expect(torch.cdist(x, torch.zeros(1, 5), p).item()).toBeNaN();
  });

  it('of nothing', () => {
    expect(torch.cdist(r(2, 0), r(3, 0)).tolist()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(torch.cdist(r(0, 2), r(3, 2)).shape).toEqual([0, 3]);
    expect(torch.pdist(r(1, 2)).shape).toEqual([0]);
    expect(torch.pdist(r(0, 2)).shape).toEqual([0]);
    expect(torch.pdist(r(3, 0)).tolist()).toEqual([0, 0, 0]);
  });
});

it('pdist is the upper triangle of cdist', () => {
  torch.manual_seed(3);
  const x = R(4, 3);
  const all = torch.cdist(x, x, 3).tolist() as number[][];
  const [a, b, c] = all;
  expect(F.pdist(x, { p: 3 }).tolist()).toEqual([...a.slice(1), ...b.slice(2), ...c.slice(3)]);
});

describe('cosine_similarity', () => {
  it('broadcasts and promotes', () => {
    const found = F.cosine_similarity(r(2, 3), torch.ones(3, { dtype: torch.int64 }), { dim: -1 });
    expectClose(flat(found), [1, 1], 1e-6);
    expect(F.cosine_similarity(r(2, 3).double(), r(2, 3)).dtype).toBe(torch.float64);
  });

  it('bounds the norms, which does not stop the gradient', () => {
    const x = torch.zeros(1, 3, f64).requires_grad_(true);
    const y = torch.tensor([[3, 0, 4]], f64);
    const similarity = F.cosine_similarity(x, y, { eps: 0.5 });
    expect(similarity.item()).toBe(0);
    similarity.sum().backward();
    expectClose(flat(x.grad!), [1.2, 0, 1.6], 1e-12);
  });
});

describe('renorm', () => {
  it('scales what is longer, also in place', () => {
    const x = torch.tensor([
      [3, 4],
      [0.3, 0.4],
    ]);
    expectClose(flat(x.renorm(2, 0, 1)), [0.6, 0.8, 0.3, 0.4], 1e-6);
    expectClose(flat(torch.renorm(x, Infinity, 1, 2)), [2, 2, 0.2, 0.2], 1e-6);
    x.renorm_(1, 0, 0);
    expect(flat(x)).toEqual([0, 0, 0, 0]);
  });
});

it.each<[string, () => unknown, string]>([
  ['cdist 1-D', () => torch.cdist(r(3), r(2, 3)), 'cdist only supports at least 2D tensors, X1 got: 1D'],
  [
    'cdist columns',
    () => torch.cdist(r(2, 3), r(2, 4)),
    'X1 and X2 must have the same number of columns. X1: 3 X2: 4',
  ],
  ['cdist p', () => torch.cdist(r(2, 3), r(2, 3), -1), 'cdist only supports non-negative p values'],
  ['cdist NaN', () => torch.cdist(r(2, 3), r(2, 3), NaN), 'cdist only supports non-negative p values'],
  [
    'cdist integers',
    () => torch.cdist(r(2, 3).long(), r(2, 3)),
    'cdist only supports floating-point dtypes, X1 got: Long',
  ],
  [
    'cdist dtypes',
    () => torch.cdist(r(2, 3), r(2, 3).double()),
    'expected scalar type Float but found Double',
  ],
  [
    'cdist batches',
    () => torch.cdist(r(2, 3, 4), r(3, 3, 4)),
    'The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0',
  ],
  [
    'cdist mode',
    () => torch.cdist(r(2, 3), r(2, 3), { compute_mode: 'foo' as 'use_mm_for_euclid_dist' }),
    'foo is not a valid value for compute_mode',
  ],
  ['pdist 3-D', () => torch.pdist(r(2, 3, 4)), 'pdist only supports 2D tensors, got: 3D'],
  ['pdist p', () => torch.pdist(r(2, 3), -1), 'pdist only supports non-negative p values'],
  ['pdist integers', () => torch.pdist(r(2, 3).long()), 'pdist only supports floating-point dtypes'],
  [
    'cosine of integers',
    () => F.cosine_similarity(r(2).long(), r(2).long(), 0),
    'expected common dtype to be floating point, yet common dtype is Long',
  ],
  [
    'cosine along no dimension',
    () => F.cosine_similarity(r(3), r(3)),
    'Dimension out of range (expected to be in range of [-1, 0], but got 1)',
  ],
  [
    'normalize integers',
    () => F.normalize(r(2, 3).long()),
    'norm(): input dtype should be either floating point or complex. Got Long instead.',
  ],
  [
    'renorm 1-D',
    () => torch.renorm(r(3), 2, 0, 1),
    'renorm: input needs at least 2 dimensions, got 1 dimensions',
  ],
  ['renorm p', () => torch.renorm(r(3, 2), 0, 0, 1), 'renorm: non-positive-norm not supported'],
  ['renorm bound', () => torch.renorm(r(3, 2), 2, 0, -1), 'renorm: expected maxnorm to be >= 0 but got -1'],
  [
    'renorm integers',
    () => torch.renorm(r(3, 2).long(), 2, 0, 1),
    'linalg.vector_norm: Expected a floating point or complex tensor as input. Got Long',
  ],
])('refuses: %s', (_name, call, message) => {
  expect(call).toThrow(message);
});
