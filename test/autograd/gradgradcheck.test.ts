import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';

const { GradcheckError, gradcheck, gradgradcheck } = torch.autograd;
const R = (...shape: number[]): torch.Tensor =>
  torch.randn(shape, { dtype: torch.float64 }).requires_grad_(true);

/** x², whose backward is wrong in its second derivative: it uses a detached x. */
class Cut extends torch.autograd.Function {
  static override forward(ctx: torch.autograd.FunctionContext, x: torch.Tensor): torch.Tensor {
    ctx.save_for_backward(x);
    return x.square();
  }
  static override backward(ctx: torch.autograd.FunctionContext, g: torch.Tensor): torch.Tensor {
    return ctx.saved_tensors[0].detach().mul(2).mul(g);
  }
}

describe('gradgradcheck', () => {
  test('passes what is right, with several inputs and outputs', () => {
    const fn = (a: torch.Tensor, b: torch.Tensor): torch.Tensor[] => [a.mul(b), a.exp().sum()];
    expect(gradgradcheck(fn, [R(2, 3), R(3)])).toBe(true);
    expect(gradgradcheck((x: torch.Tensor) => x.pow(3), R(2), R(2))).toBe(true);
  });

  test('finds a second derivative that is wrong where the first is right', () => {
    const fn = (x: torch.Tensor): torch.Tensor => Cut.apply(x);
    expect(gradcheck(fn, [R(2)])).toBe(true);
    expect(() => gradgradcheck(fn, [R(2)])).toThrow(GradcheckError);
    expect(gradgradcheck(fn, [R(2)], null, { raise_exception: false })).toBe(false);
  });

  test('refuses what has no gradient, and leaves nothing behind', () => {
    const x = R(2);
    expect(() => gradgradcheck((t: torch.Tensor) => t.detach(), [x])).toThrow(
      'none of the outputs requires grad',
    );
    const before = torch.memory_stats().allocations;
    gradgradcheck((t: torch.Tensor) => t.sin(), [x]);
    expect(torch.memory_stats().allocations).toBe(before);
  });
});

test('gradcheck of a function without gradient wants it to be constant', () => {
  expect(gradcheck((x: torch.Tensor) => x.detach().sign(), [R(3)])).toBe(true);
  expect(() => gradcheck((x: torch.Tensor) => x.detach().exp(), [R(3)])).toThrow(
    'Numerical gradient for function expected to be zero',
  );
});
