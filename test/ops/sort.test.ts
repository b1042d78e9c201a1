import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const of = (values: torch.TensorData, dtype = torch.float32): torch.Tensor => torch.tensor(values, { dtype });

describe('sort', () => {
  it('is stable, and counts NaN as the greatest', () => {
    const x = of([2, NaN, 1, 2, 1]);
    expect(x.sort().indices.tolist()).toEqual([2, 4, 0, 3, 1]);
    expect(x.sort({ descending: true }).indices.tolist()).toEqual([1, 0, 3, 2, 4]);
    expect(x.argsort().tolist()).toEqual([2, 4, 0, 3, 1]);
  });

  it('leaves its input alone along any dimension, contiguous or not', () => {
    const x = of([
      [3, 1],
      [2, 4],
    ]);
    expect(x.sort(0).values.tolist()).toEqual([
      [2, 1],
      [3, 4],
    ]);
    expect(x.t().sort(1).values.tolist()).toEqual([
      [2, 3],
      [1, 4],
    ]);
    expect(x.tolist()).toEqual([
      [3, 1],
      [2, 4],
    ]);
    expect(torch.msort(x).tolist()).toEqual([
      [2, 1],
      [3, 4],
    ]);
  });

  it('sends the gradient to where each element came from', () => {
    const x = of([3, 1, 2]).requires_grad_();
    x.sort()
      .values.mul(of([10, 20, 30]))
      .sum()
      .backward();
    expect(x.grad!.tolist()).toEqual([30, 10, 20]);
  });

  it('sorts long lines of every integer dtype', () => {
    const values = Array.from({ length: 100 }, (_, i) => (i * 37) % 100);
    const sorted = [...values].sort((a, b) => a - b);
    for (const dtype of [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float64]) {
      expect(of(values, dtype).sort().values.tolist()).toEqual(sorted);
    }
  });
});

describe('topk', () => {
  it('gives the best first, along any dimension', () => {
    const x = of([
      [1, 5, 3],
      [4, 2, 6],
    ]);
    expect(x.topk(2).values.tolist()).toEqual([
      [5, 3],
      [6, 4],
    ]);
    expect(x.topk(1, { dim: 0, largest: false }).indices.tolist()).toEqual([[0, 1, 0]]);
    expect(() => x.topk(4)).toThrow('selected index k out of range');
  });
});

describe('unique', () => {
  it('counts and inverts', () => {
    const [values, inverse, counts] = torch.unique(of([3, 1, 3, 2]), {
      return_inverse: true,
      return_counts: true,
    });
    expect(values.tolist()).toEqual([1, 2, 3]);
    expect(inverse.tolist()).toEqual([2, 0, 2, 1]);
    expect(counts.tolist()).toEqual([1, 1, 2]);
    expect(
      torch
        .unique(
          of([
            [1, 2],
            [0, 5],
            [1, 2],
          ]),
          { dim: 0 },
        )
        .tolist(),
    ).toEqual([
      [0, 5],
      [1, 2],
    ]);
    expect(torch.unique_consecutive(of([1, 1, 2, 1])).tolist()).toEqual([1, 2, 1]);
  });
});

describe('searching and counting', () => {
  it('finds positions from the left and from the right', () => {
    const edges = of([1, 3, 5]);
    expect(torch.bucketize(of([0, 1, 3, 6]), edges).tolist()).toEqual([0, 0, 1, 3]);
    expect(torch.bucketize(of([0, 1, 3, 6]), edges, { right: true }).tolist()).toEqual([0, 1, 2, 3]);
    expect(torch.searchsorted(edges, 3).item()).toBe(1);
    expect(torch.searchsorted(edges, of([3]), { out_int32: true }).dtype).toBe(torch.int32);
    expect(() => torch.searchsorted(edges, 3, { side: 'left', right: true })).toThrow(
      "can't be set to opposites",
    );
  });

  it('counts', () => {
    expect(of([1, 1, 3], torch.int64).bincount({ minlength: 5 }).tolist()).toEqual([0, 2, 0, 1, 0]);
    expect(torch.histc(of([1, 2, 1]), 4, 0, 3).tolist()).toEqual([0, 2, 1, 0]);
    expect(() => of([-1], torch.int64).bincount()).toThrow(
      'bincount only supports 1-d non-negative integral inputs.',
    );
    expect(() => of([1]).bincount()).toThrow('"bincount_cpu" not implemented for \'Float\'');
  });
});
