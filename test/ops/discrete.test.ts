// Draws of torch 1.13.1: torch.manual_seed(3) before each.
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const P = [0.1, 0.4, 0, 0.3, 0.2];

describe('draws', () => {
  it.each(cases())('%s', (_name, draw, expected) => {
    torch.manual_seed(3);
    expect(draw().tolist()).toEqual(expected);
  });

  it.each([
    [() => torch.multinomial(torch.ones(2, 2, 2), 1), 'prob_dist must be 1 or 2 dim'],
    [() => torch.multinomial(torch.ones(2), 0), 'cannot sample n_sample <= 0 samples'],
    [
      () => torch.multinomial(torch.tensor([1, 2]), 1),
      'multinomial only supports floating-point dtypes for input, got: Long',
    ],
    [
      () => torch.multinomial(torch.ones(2), 3),
      'cannot sample n_sample > prob_dist.size(-1) samples without replacement',
    ],
    [
      () => torch.multinomial(torch.tensor([1.5, -1]), 1),
      'probability tensor contains either `inf`, `nan` or element < 0',
    ],
    [
      () => torch.multinomial(torch.tensor([1.5, -1]), 3, true),
      'invalid multinomial distribution (encountering probability entry < 0)',
    ],
    [
      () => torch.multinomial(torch.zeros(2), 3, true),
      'invalid multinomial distribution (sum of probabilities <= 0)',
    ],
  ])('refuses %#', (call, message) => {
    expect(call).toThrow(message);
  });
});

function cases(): [string, () => torch.Tensor, unknown][] {
  const rows = (): torch.Tensor => torch.tensor([P, [...P].reverse()]);
  return [
    ['without replacement', () => torch.multinomial(torch.tensor(P), 3), [0, 3, 1]],
    ['with replacement', () => torch.multinomial(torch.tensor(P), 8, true), [0, 1, 3, 1, 3, 3, 1, 1]],
    [
      'rows',
      () => torch.multinomial(rows(), 4, true),
      [
        [0, 1, 3, 1],
        [3, 3, 0, 1],
      ],
    ],
    [
      'rows that are columns in memory',
      () => torch.multinomial(rows().t().contiguous().t(), 3),
      [
        [0, 3, 4],
        [1, 3, 0],
      ],
    ],
    ['geometric_', () => torch.zeros(5).geometric_(0.3), [10, 4, 1, 5, 1]],
    [
      'geometric_ of integers',
      () => torch.zeros(5, { dtype: torch.int64 }).geometric_(0.1),
      [33, 12, 3, 17, 3],
    ],
    [
      'cauchy_',
      () => torch.zeros(3).cauchy_(1, 2),
      [-17.593225479125977, -0.584428071975708, 3.3108747005462646],
    ],
    [
      'log_normal_',
      () => torch.zeros(3).log_normal_(0.5, 0.7),
      [2.8929977416992188, 1.8633638620376587, 1.7546768188476563],
    ],
    ['randint_like', () => torch.randint_like(torch.zeros(4), 5, 9), [7, 5, 6, 8]],
  ];
}
