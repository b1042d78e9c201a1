import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const { functional: F } = torch.nn;

function close(got: torch.Tensor, want: number[], digits = 6): void {
  const values = got.flatten().tolist() as number[];
  expect(values).toHaveLength(want.length);
  values.forEach((x, i) => expect(x).toBeCloseTo(want[i], digits));
}

describe('batch_norm', () => {
  it('moves the running statistics and normalizes as PyTorch 1.13.1 does', () => {
    const x = torch.tensor([1, 2, 3, 6], { dtype: torch.float32 }).reshape(4, 1, 1, 1);
    const [mean, variance] = [torch.zeros(1), torch.ones(1)];
    close(F.batch_norm(x, mean, variance, null, null, true), [-1.069043398, -0.534521699, 0, 1.603565097]);
    expect(mean.item()).toBe(Math.fround(0.3));
    expect(variance.item()).toBeCloseTo(1.366666675, 7);
    close(F.batch_norm(x, mean, variance), [0.598777056, 1.45417285, 2.309568644, 4.875756264]);
    expect(mean.item()).toBe(Math.fround(0.3));
  });

  it('with momentum 1/2 after 1 averages two batches', () => {
    const x = torch.tensor([1, 2, 3, 6], { dtype: torch.float32 }).reshape(4, 1);
    const [mean, variance] = [torch.zeros(1), torch.ones(1)];
    F.batch_norm(x, mean, variance, { training: true, momentum: 1 });
    F.batch_norm(x.add(1), mean, variance, { training: true, momentum: 0.5 });
    expect(mean.item()).toBe(3.5);
    expect(variance.item()).toBeCloseTo(4.6666665, 6);
  });

  it('moves strided running statistics', () => {
    const stats = torch.zeros(3, 2);
    const mean = stats.select(1, 1);
    F.batch_norm(torch.ones(4, 3), mean, torch.ones(3), { training: true, momentum: 1 });
    expect(stats.tolist()).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
  });

  it('does not save its output, so that a residual can be added in place', () => {
    torch.manual_seed(0);
    const x = torch.randn(2, 3, 4, 4, { requires_grad: true });
    const grads = [true, false].map((inplace) => {
      const out = F.batch_norm(x, null, null, null, null, true);
      const sum = inplace ? out.add_(x) : out.add(x);
      const y = F.relu(sum, { inplace });
      y.mul(y).sum().backward();
      const { grad } = x;
      x.grad = null;
      return grad!.flatten().tolist();
    });
    expect(grads[0]).toEqual(grads[1]);
  });

  it('differentiates evaluation by the statistics of the forward', () => {
    const x = torch.ones(2, 1, { requires_grad: true });
    const [mean, variance] = [torch.zeros(1), torch.ones(1)];
    const weight = torch.ones(1, { requires_grad: true });
    const out = F.batch_norm(x, mean, variance, weight, null, false, 0.1, 0);
    torch.no_grad(() => mean.fill_(100));
    out.sum().backward();
    expect(weight.grad!.tolist()).toEqual([2]);
    expect(x.grad!.tolist()).toEqual([[1], [1]]);
  });

  it('takes an empty batch', () => {
    expect(
      F.batch_norm(torch.ones(0, 3, 2, 2), torch.zeros(3), torch.ones(3), { training: true }).shape,
    ).toEqual([0, 3, 2, 2]);
  });

  const [z, o] = [(): torch.Tensor => torch.zeros(3), (): torch.Tensor => torch.ones(3)];
  it.each<[string, () => unknown, string]>([
    [
      'one value',
      () => F.batch_norm(torch.ones(1, 3, 1, 1), z(), o(), { training: true }),
      'Expected more than 1 value per channel when training, got input size torch.Size([1, 3, 1, 1])',
    ],
    [
      'running_mean',
      () => F.batch_norm(torch.ones(2, 4, 1, 1), z(), o()),
      'running_mean should contain 4 elements not 3',
    ],
    [
      'weight',
      () => F.batch_norm(torch.ones(2, 3), z(), o(), torch.ones(4)),
      'weight should contain 3 elements not 4',
    ],
    [
      'no statistics',
      () => F.batch_norm(torch.ones(2, 3), null, null),
      'running_mean must be defined in evaluation mode',
    ],
    [
      'no variance',
      () => F.batch_norm(torch.ones(2, 3), z(), null),
      'running_var must be defined in evaluation mode',
    ],
    [
      'integers',
      () => F.batch_norm(torch.ones(2, 3, { dtype: torch.int64 }), z(), o()),
      '"batch_norm" not implemented for \'Long\'',
    ],
    ['dtypes', () => F.batch_norm(torch.ones(2, 3, { dtype: torch.float64 }), z(), o()), 'mixed dtype (CPU)'],
  ])('refuses: %s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
});
