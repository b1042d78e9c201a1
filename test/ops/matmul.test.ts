import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const { functional: F } = torch.nn;
const f64 = { dtype: torch.float64 };

/** Σ over the last dimension of a and the first of b, element by element. */
function reference(a: number[][], b: number[][]): number[][] {
  return a.map((row) => b[0].map((_, j) => row.reduce((sum, x, k) => sum + x * b[k][j], 0)));
}

describe('mm', () => {
  it.each([
    ['plain', (t: torch.Tensor) => t.contiguous()],
    [
      'every second column',
      (t: torch.Tensor) =>
        torch
          .stack([t, t], 2)
          .reshape(t.shape[0], -1)
          .index('...', torch.slice(null, null, 2)),
    ],
    ['transposed', (t: torch.Tensor) => t.t().contiguous().t()],
  ])('reads %s operands in place', (_name, layout) => {
    torch.manual_seed(2);
    const [a, b] = [torch.randn(7, 5, f64), torch.randn(5, 9, f64)];
    const expected = reference(a.tolist() as number[][], b.tolist() as number[][]);
    const got = torch.mm(layout(a), layout(b)).tolist() as number[][];
    got.forEach((row, i) => row.forEach((x, j) => expect(x).toBeCloseTo(expected[i][j], 12)));
  });

  it('wraps integers around, as torch', () => {
    const i32 = { dtype: torch.int32 };
    expect(torch.mm(torch.tensor([[2 ** 31 - 1, 3]], i32), torch.tensor([[2], [5]], i32)).tolist()).toEqual([
      [13],
    ]);
    const u8 = { dtype: torch.uint8 };
    expect(torch.mm(torch.tensor([[200]], u8), torch.tensor([[2]], u8)).tolist()).toEqual([[144]]);
    const big = torch.mm(torch.tensor([[2 ** 40, 1]]), torch.tensor([[2 ** 24], [7]]));
    expect(big.tolist()).toEqual([[7]]);
  });

  it('of no inner elements is zero', () => {
    expect(torch.mm(torch.ones(2, 0), torch.ones(0, 3)).tolist()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    const x = torch.ones(0, 3, { requires_grad: true });
    const w = torch.ones(2, 3, { requires_grad: true });
    F.linear(x, w).sum().backward();
    expect(w.grad!.tolist()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });
});

describe('errors in torch’s words', () => {
  const r = (...shape: number[]): torch.Tensor => torch.ones(shape);
  it.each<[string, () => unknown, string]>([
    ['mm', () => torch.mm(r(2, 3), r(2, 3)), 'mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)'],
    ['mm of a vector', () => torch.mm(r(3), r(2, 3)), 'self must be a matrix'],
    [
      'mm of two dtypes',
      () => torch.mm(r(2, 3), torch.ones(3, 2, f64)),
      'expected scalar type Float but found Double',
    ],
    [
      'mm of bool',
      () => torch.mm(r(2, 2).to(torch.bool), r(2, 2).to(torch.bool)),
      '"addmm_impl_cpu_" not implemented for \'Bool\'',
    ],
    [
      'bmm',
      () => torch.bmm(r(2, 2, 3), r(3, 3, 5)),
      'Expected size for first two dimensions of batch2 tensor to be: [2, 3] but got: [3, 3].',
    ],
    ['mv', () => torch.mv(r(2, 3), r(2)), 'size mismatch, got 2, 2x3,2'],
    ['dot', () => torch.dot(r(3), r(2)), 'inconsistent tensor size, expected tensor [3] and src [2]'],
    ['dot of matrices', () => torch.dot(r(3, 2), r(2)), '1D tensors expected, but got 2D and 1D tensors'],
    [
      'matmul of 0-dim',
      () => torch.matmul(r(), r(2)),
      'both arguments to matmul need to be at least 1D, but they are 0D and 1D',
    ],
    [
      'matmul folded',
      () => torch.matmul(r(2, 3, 4), r(5, 6)),
      'mat1 and mat2 shapes cannot be multiplied (6x4 and 5x6)',
    ],
    [
      'matmul batches',
      () => torch.matmul(r(2, 3, 4), r(3, 4, 4)),
      'The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0',
    ],
    [
      'linear',
      () => F.linear(r(2, 2, 3), r(4, 5)),
      'mat1 and mat2 shapes cannot be multiplied (4x3 and 5x4)',
    ],
    [
      'linear bias',
      () => F.linear(r(2, 3), r(4, 3), r(5)),
      'The expanded size of the tensor (4) must match the existing size (5)',
    ],
    [
      'linear dtype',
      () => F.linear(torch.ones(2, 3, f64), r(4, 3)),
      'mat1 and mat2 must have the same dtype',
    ],
    [
      'addmm',
      () => torch.addmm(r(3), r(2, 3), r(3, 2)),
      'The expanded size of the tensor (2) must match the existing size (3) at non-singleton dimension 1.  Target sizes: [2, 2].  Tensor sizes: [3]',
    ],
    [
      'addbmm',
      () => torch.addbmm(r(2, 2), r(2, 2, 3), r(3, 3, 2)),
      'batch1 and batch2 must have same number of batches, got 2 and 3',
    ],
    ['outer', () => torch.outer(r(2, 3), r(2)), 'outer: Expected 1-D argument self, but got 2-D'],
    [
      'inner',
      () => torch.inner(r(2, 3), r(2, 2)),
      'inner() the last dimension must match on both input tensors but got shapes [2, 3] and [2, 2]',
    ],
    [
      'tensordot',
      () => torch.tensordot(r(2, 3), r(2, 3), 1),
      'contracted dimensions need to match, but first has size 3 in dim -1 and second has size 2 in dim 0',
    ],
  ])('%s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
});

describe('addmm', () => {
  it('with beta 0 does not read its input', () => {
    const out = torch.addmm(torch.full([2, 2], NaN), torch.ones(2, 3), torch.ones(3, 2), { beta: 0 });
    expect(out.tolist()).toEqual([
      [3, 3],
      [3, 3],
    ]);
  });

  it('works in place', () => {
    const x = torch.ones(2, 2);
    x.addmm_(torch.ones(2, 3), torch.ones(3, 2), { beta: 2, alpha: 0.5 });
    expect(x.tolist()).toEqual([
      [3.5, 3.5],
      [3.5, 3.5],
    ]);
  });
});

it('tensordot takes its dimensions by keyword', () => {
  const a = torch.arange(6).reshape(2, 3);
  expect(
    torch
      .tensordot(a, a, {
        dims: [
          [0, 1],
          [0, 1],
        ],
      })
      .item(),
  ).toBe(55);
});

it('linear gives a gradient only where one is wanted', () => {
  const x = torch.ones(2, 3);
  const w = torch.ones(4, 3, { requires_grad: true });
  const before = torch.memory_stats().allocations;
  torch.tidy(() => {
    F.linear(x, w.detach()).sum();
  });
  expect(torch.memory_stats().allocations).toBe(before);
  F.linear(x, w).sum().backward();
  expect(x.grad).toBeNull();
  expect(w.grad!.tolist()).toEqual(Array.from({ length: 4 }, () => [2, 2, 2]));
});
