import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const of = (values: torch.TensorData, dtype = torch.float32): torch.Tensor => torch.tensor(values, { dtype });

describe('clamp', () => {
  it('passes the gradient on both bounds, and to bounds that decide', () => {
    const x = of([-2, -1, 0, 1, 2]).requires_grad_();
    x.clamp(-1, 1).sum().backward();
    expect(x.grad!.tolist()).toEqual([0, 1, 1, 1, 0]);
    const low = of([-1, 0, 0, 3, 0]).requires_grad_();
    of([-2, -1, 0, 1, 2]).clamp({ min: low }).sum().backward();
    expect(low.grad!.tolist()).toEqual([1, 1, 0, 1, 0]);
  });

  it('works in place, keeps NaN and promotes', () => {
    const x = of([NaN, 5]);
    expect(x.clamp_(0, 1)).toBe(x);
    expect(x.tolist()).toEqual([NaN, 1]);
    expect(of([1, 5], torch.int64).clamp(2.5).dtype).toBe(torch.float32);
    expect(() => x.clamp()).toThrow("torch.clamp: At least one of 'min' or 'max' must not be None");
    expect(() => of([1], torch.int64).clamp_(0.5)).toThrow(
      "result type Float can't be cast to the desired output type Long",
    );
  });
});

describe('rounding', () => {
  it('goes to the even neighbour', () => {
    expect(of([0.5, 1.5, -2.5]).round().tolist()).toEqual([0, 2, -2]);
    expect(of([1234.5678]).double().round({ decimals: -2 }).tolist()).toEqual([1200]);
  });
});

describe('integer operators', () => {
  it('refuse floats and take numbers on either side', () => {
    const x = of([6, 4], torch.int32);
    expect(x.gcd(of([4, 6], torch.int32)).tolist()).toEqual([2, 2]);
    expect(torch.bitwise_left_shift(1, x).tolist()).toEqual([64, 16]);
    expect(x.bitwise_and_(2)).toBe(x);
    expect(x.tolist()).toEqual([2, 0]);
    expect(of([true, false], torch.bool).bitwise_not().tolist()).toEqual([false, true]);
    expect(() => x.bitwise_or(of([1, 2]))).toThrow("not implemented for 'Float'");
  });
});

describe('ternary operators', () => {
  it('work in place and refuse mixed dtypes', () => {
    const x = of([1, 2]);
    expect(x.addcmul_(of([2, 2]), of([3, 4]), { value: 0.5 })).toBe(x);
    expect(x.tolist()).toEqual([4, 6]);
    expect(x.lerp(of([8, 8]), 0.25).tolist()).toEqual([5, 6.5]);
    expect(() => x.lerp(x, x.double())).toThrow('expected dtype float for `weight` but got dtype double');
  });
});

describe('predicates', () => {
  it('answer with JavaScript booleans', () => {
    const x = of([1, NaN]);
    expect(torch.allclose(x, x)).toBe(false);
    expect(torch.allclose(x, x, { equal_nan: true })).toBe(true);
    expect(torch.equal(of([1]), of([1]))).toBe(true);
    expect(torch.equal(of([1]), of([[1]]))).toBe(false);
    expect(x.isclose(of([1.000001, 2])).tolist()).toEqual([true, false]);
    expect(() => x.isclose(x.long())).toThrow('Float did not match Long');
    expect(() => x.is_nonzero()).toThrow('Boolean value of Tensor with more than one value is ambiguous');
    expect(torch.is_tensor(3)).toBe(false);
    expect(torch.result_type(of([1], torch.uint8), of([1], torch.int8))).toBe(torch.int16);
    expect(torch.result_type(of([1]), of(1, torch.float64))).toBe(torch.float32);
  });
});

describe('at the edges', () => {
  it('gradients are those of torch', () => {
    const grad = (x: torch.Tensor, f: (x: torch.Tensor) => torch.Tensor): unknown => {
      x.requires_grad_();
      f(x).sum().backward();
      return x.grad!.tolist();
    };
    expect(grad(of([0, 2]), (x) => torch.xlogy(x, 0))).toEqual([0, -Infinity]);
    expect(grad(of([0]), (x) => x.sinc())).toEqual([0]);
    expect(grad(of([0, -3]), (x) => x.copysign(1))).toEqual([0, -1]);
    expect(grad(of([NaN, 1]), (x) => x.nan_to_num())).toEqual([0, 1]);
    expect(grad(of([1, NaN]), (x) => torch.fmax(x, of([1, 5])))).toEqual([1, 0]);
    // torch divides in the divisor's dtype, which integers do not hold.
    expect(() => grad(of([1]), (x) => of([1]).addcdiv(x, of([2], torch.int32)))).toThrow(
      "result type Float can't be cast to the desired output type Int",
    );
  });

  it('products wrap in lcm', () => {
    const large = of([2 ** 31 - 1], torch.int32);
    expect(large.lcm(of([2 ** 31 - 2], torch.int32)).tolist()).toEqual([2 ** 31 - 2]);
  });
});
