import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const { float32, float64, int64 } = torch;
const of = (values: torch.TensorData, dtype = float32): torch.Tensor => torch.tensor(values, { dtype });

describe('max and min', () => {
  it('share the gradient of ties over the whole tensor, and give it to the first along a dimension', () => {
    const x = of([1, 3, 3]).requires_grad_();
    x.max().backward();
    expect(x.grad!.tolist()).toEqual([0, 0.5, 0.5]);
    x.grad = null;
    x.max(0).values.backward();
    expect(x.grad!.tolist()).toEqual([0, 1, 0]);
    x.grad = null;
    x.amax(0).backward();
    expect(x.grad!.tolist()).toEqual([0, 0.5, 0.5]);
  });

  it('have names for their outputs and keyword forms', () => {
    const result = torch.max(
      of([
        [1, 4],
        [3, 2],
      ]),
      { dim: 1, keepdim: true },
    );
    expect(result.values.tolist()).toEqual([[4], [3]]);
    expect(result.indices.tolist()).toEqual([[1], [0]]);
    expect(result[0]).toBe(result.values);
    expect(torch.min(of([1, 4]), of([3, 2])).tolist()).toEqual([1, 2]);
    expect(torch.max(of([1, 4]), { other: of([3, 2]) } as never)).toBeInstanceOf(torch.Tensor);
  });

  it('let NaN win and take the first of equals', () => {
    const x = of([
      [1, NaN, NaN],
      [2, 2, 1],
    ]);
    expect(x.max(1).indices.tolist()).toEqual([1, 0]);
    expect(x.argmax(1).tolist()).toEqual([1, 0]);
    expect(x.argmax().item()).toBe(1);
    expect(x.t().argmax().item()).toBe(2);
  });

  it("refuse what has nothing to choose from in torch's words", () => {
    const x = torch.zeros(3, 0);
    expect(() => x.max()).toThrow('max(): Expected reduction dim to be specified for input.numel() == 0.');
    expect(() => x.max(1)).toThrow('max(): Expected reduction dim 1 to have non-zero size.');
    expect(() => x.argmax(1)).toThrow(torch.IndexError);
    expect(x.max(0).values.shape).toEqual([0]);
    expect(() => x.max(2)).toThrow('Dimension out of range (expected to be in range of [-2, 1], but got 2)');
  });
});

describe('dtypes', () => {
  it('are those of torch', () => {
    const mask = torch.tensor([true, true]);
    expect(mask.prod().dtype).toBe(int64);
    expect(mask.cumsum(0).tolist()).toEqual([1, 2]);
    expect(of([2, 0], torch.uint8).any().dtype).toBe(torch.uint8);
    expect(of([2, 0], torch.int32).all().dtype).toBe(torch.bool);
    expect(of([1, 2], int64).cumsum(0, { dtype: float64 }).dtype).toBe(float64);
    expect(of([1, 2], int64).logsumexp(0).dtype).toBe(float32);
  });

  it('that cannot be reduced are refused', () => {
    const x = of([1, 2], int64);
    expect(() => x.var()).toThrow('std and var only support floating point and complex dtypes');
    expect(() => x.norm()).toThrow(
      'norm(): input dtype should be either floating point or complex. Got Long instead.',
    );
    expect(() => x.nanmean()).toThrow('nanmean(): expected input to have floating point dtype but got Long');
  });
});

describe('moments and norms', () => {
  it('divide by count − correction', () => {
    const x = of([1, 2, 4]);
    expect(x.var().item()).toBeCloseTo(7 / 3, 6);
    expect(x.var(false).item()).toBeCloseTo(14 / 9, 6);
    expect(x.var({ correction: 2 }).item()).toBeCloseTo(14 / 3, 6);
    expect(of([3]).std().item()).toBeNaN();
    const [std, mean] = torch.std_mean(x, 0);
    expect([std.item(), mean.item()]).toEqual([
      expect.closeTo(Math.sqrt(7 / 3), 6),
      expect.closeTo(7 / 3, 6),
    ]);
  });

  it('have gradient 0 where a norm is 0', () => {
    const x = torch.zeros(3).requires_grad_();
    x.norm().backward();
    expect(x.grad!.tolist()).toEqual([0, 0, 0]);
    expect(() => x.norm('nuc')).toThrow(
      'Expected a tensor with 2 dimensions, but got a tensor with 1 dimension instead.',
    );
    expect(() => x.norm('abc' as never)).toThrow("only valid string values are 'fro' and 'nuc', found abc");
  });

  it('differentiate products through zeros', () => {
    const grad = (values: number[], f: (x: torch.Tensor) => torch.Tensor): unknown => {
      const x = of(values).requires_grad_();
      f(x).backward();
      return x.grad!.tolist();
    };
    expect(grad([2, 0, 3], (x) => x.prod())).toEqual([0, 6, 0]);
    expect(grad([0, 0, 3], (x) => x.prod())).toEqual([0, 0, 0]);
    expect(grad([2, 0, 3, 0, 5], (x) => x.cumprod(0).sum())).toEqual([1, 8, 0, 0, 0]);
  });
});

describe('median, mode, kthvalue', () => {
  it('choose the lower median and let NaN win', () => {
    expect(of([4, 1, 3, 2]).median().item()).toBe(2);
    expect(of([1, NaN, 3]).median().item()).toBeNaN();
    expect(of([1, NaN, 3]).nanmedian().item()).toBe(1);
    expect(torch.zeros(0).median().item()).toBeNaN();
  });

  it('keep the other dimensions in order', () => {
    const x = torch.arange(24).reshape(2, 3, 4).to(float32);
    expect(x.median(0).values.tolist()).toEqual(x.index(0).tolist());
    expect(x.kthvalue(2, 0).values.tolist()).toEqual(x.index(1).tolist());
    expect(x.kthvalue(1, 1).values.shape).toEqual([2, 4]);
    expect(() => x.kthvalue(5, 1)).toThrow('kthvalue(): selected number k out of range for dimension 1');
    expect(of([2, 1, 2, 1, 3]).mode().values.item()).toBe(1);
  });
});
