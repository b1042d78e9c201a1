import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const { functional: F } = torch.nn;

describe('softmax', () => {
  it('does not overflow', () => {
    const x = torch.tensor([1000, 1000, -1000], { dtype: torch.float32 });
    expect(F.softmax(x, 0).tolist()).toEqual([0.5, 0.5, 0]);
    expect(F.log_softmax(x, 0).tolist()[2 as never]).toBeCloseTo(-2000.6931, 3);
  });

  it('spreads NaN over its row alone, and −∞ counts as 0', () => {
    const x = torch.tensor(
      [
        [1, NaN],
        [0, -Infinity],
      ],
      { dtype: torch.float32 },
    );
    expect(F.softmax(x, 1).tolist()).toEqual([
      [NaN, NaN],
      [1, 0],
    ]);
  });

  it('of a row of −∞ is NaN, as in torch', () => {
    expect(F.softmax(torch.full([2], -Infinity), 0).tolist()).toEqual([NaN, NaN]);
  });

  it('computes in the dtype that is asked for', () => {
    const x = torch.tensor([1, 2], { requires_grad: true, dtype: torch.float32 });
    const out = x.softmax(0, { dtype: torch.float64 });
    expect(out.dtype).toBe(torch.float64);
    out.select(0, 0).backward();
    expect(x.grad!.dtype).toBe(torch.float32);
    expect(F.softmax(torch.tensor([0, 0]), 0, torch.float32).tolist()).toEqual([0.5, 0.5]);
  });

  it('of a 0-dim tensor is 1', () => {
    expect(F.softmax(torch.tensor(3.5), 0).item()).toBe(1);
    expect(F.softmax(torch.ones(0, 3), 1).shape).toEqual([0, 3]);
  });

  it.each<[string, () => unknown, string]>([
    [
      'integers',
      () => F.softmax(torch.tensor([1, 2]), 0),
      '"softmax_lastdim_kernel_impl" not implemented for \'Long\'',
    ],
    [
      'dim',
      () => F.softmax(torch.ones(3), 1),
      'Dimension out of range (expected to be in range of [-1, 0], but got 1)',
    ],
    [
      'no dim',
      () => (F.softmax as unknown as (x: torch.Tensor) => unknown)(torch.ones(3)),
      "missing required argument 'dim'",
    ],
  ])('refuses: %s', (_name, call, message) => {
    expect(call).toThrow(message);
  });

  it('saves its result: writing over it makes backward fail', () => {
    const x = torch.ones(2, { requires_grad: true });
    const y = x.softmax(0);
    y.mul_(2);
    expect(() => y.sum().backward()).toThrow(
      'which is output 0 of SoftmaxBackward0, is at version 1; expected version 0',
    );
  });
});
