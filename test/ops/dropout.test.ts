import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const { functional: F } = torch.nn;

describe('dropout', () => {
  it('draws what PyTorch 1.13.1 draws', () => {
    const kept = 1.4285714626312256;
    torch.manual_seed(0);
    expect(F.dropout(torch.ones(8), 0.3).tolist()).toEqual([0, 0, kept, 0, kept, 0, kept, kept]);
    torch.manual_seed(0);
    const wide = 1.4285714285714286;
    const doubles = F.dropout(torch.ones(6, { dtype: torch.float64 }), 0.3);
    expect(doubles.tolist()).toEqual([0, 0, wide, 0, wide, 0]);
    torch.manual_seed(0);
    expect(
      F.dropout2d(torch.ones(2, 3, 1, 2))
        .flatten()
        .tolist(),
    ).toEqual([0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0]);
  });

  it('passes gradients where it passed values, also in place', () => {
    const x = torch.ones(64, { requires_grad: true });
    const y = x.mul(1);
    expect(F.dropout(y, { p: 0.5, inplace: true })).toBe(y);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual(y.tolist());
  });

  it('is the input itself in evaluation and for p = 0, and zeros for p = 1', () => {
    const x = torch.ones(3);
    expect(F.dropout(x, 0.5, false)).toBe(x);
    expect(F.dropout(x, 0)).toBe(x);
    expect(F.dropout(x, 1).tolist()).toEqual([0, 0, 0]);
  });

  it.each<[string, () => unknown, string]>([
    ['p', () => F.dropout(torch.ones(3), 1.5), 'dropout probability has to be between 0 and 1, but got 1.5'],
    [
      'NaN',
      () => F.dropout(torch.ones(3), NaN),
      'dropout probability has to be between 0 and 1, but got NaN',
    ],
    [
      'dimensions',
      () => F.dropout2d(torch.ones(3)),
      'Feature dropout requires at least 2 dimensions in the input',
    ],
  ])('refuses: %s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
});
