import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import type { FunctionContext } from '../../src/autograd/function.js';

class MulAdd extends torch.autograd.Function {
  static override forward(ctx: FunctionContext, a: torch.Tensor, b: torch.Tensor, c: number): torch.Tensor[] {
    ctx.save_for_backward(a, b);
    ctx['scale'] = c;
    return [a.mul(b).mul(c), a.add(b)];
  }
  static override backward(
    ctx: FunctionContext,
    g0: torch.Tensor,
    g1: torch.Tensor,
  ): (torch.Tensor | null)[] {
    const [a, b] = ctx.saved_tensors;
    const c = ctx['scale'] as number;
    expect(ctx.needs_input_grad).toEqual([true, true, false]);
    return [g0.mul(b).mul(c).add(g1), g0.mul(a).mul(c).add(g1), null];
  }
}

const double = (...shape: number[]): torch.Tensor =>
  torch.randn(shape, { dtype: torch.float64, requires_grad: true });

describe('autograd.Function', () => {
  it('passes gradcheck with several outputs and a plain argument', () => {
    const fn = (a: torch.Tensor, b: torch.Tensor): torch.Tensor[] => MulAdd.apply(a, b, 3);
    expect(torch.autograd.gradcheck(fn, [double(3), double(3)])).toBe(true);
  });

  it('is differentiable twice when its backward is', () => {
    class Square extends torch.autograd.Function {
      static override forward(ctx: FunctionContext, x: torch.Tensor): torch.Tensor {
        ctx.save_for_backward(x);
        return x.mul(x);
      }
      static override backward(ctx: FunctionContext, g: torch.Tensor): torch.Tensor {
        return g.mul(ctx.saved_tensors[0]).mul(2);
      }
    }
    const x = double(1);
    const [g] = torch.autograd.grad(Square.apply(x).mul(x), x, { create_graph: true });
    const [gg] = torch.autograd.grad(g!, x);
    expect(gg!.item()).toBeCloseTo(6 * x.item(), 10);
  });

  it('marks outputs without gradient and inputs that were written', () => {
    class Step extends torch.autograd.Function {
      static override forward(ctx: FunctionContext, x: torch.Tensor): torch.Tensor[] {
        x.mul_(2);
        ctx.mark_dirty(x);
        const sign = x.sign();
        ctx.mark_non_differentiable(sign);
        return [x, sign];
      }
      static override backward(_ctx: FunctionContext, g: torch.Tensor): torch.Tensor {
        return g.mul(2);
      }
    }
    const x = double(2);
    const y = x.mul(1);
    const [out, sign] = Step.apply(y);
    expect([out === y, out.requires_grad, sign.requires_grad]).toEqual([true, true, false]);
    out.sum().backward();
    expect(x.grad!.tolist()).toEqual([2, 2]);
  });

  it('says what is missing', () => {
    class Bare extends torch.autograd.Function {}
    expect(() => Bare.apply(double(1))).toThrow('You must implement the forward function');
    class Half extends torch.autograd.Function {
      static override forward(_ctx: FunctionContext, x: torch.Tensor, y: torch.Tensor): torch.Tensor {
        return x.mul(y);
      }
      static override backward(_ctx: FunctionContext, g: torch.Tensor): torch.Tensor[] {
        return [g];
      }
    }
    const out = Half.apply(double(1), double(1));
    expect(() => out.backward()).toThrow(/returned an incorrect number of gradients \(expected 2, got 1\)/);
  });

  it('frees what it saved', () => {
    torch.tidy(() => {
      const a = double(100);
      const b = double(100);
      const before = torch.memory_stats().allocations;
      torch.tidy(() => {
        MulAdd.apply(a, b, 1);
      });
      expect(torch.memory_stats().allocations).toBe(before);
    });
  });
});

describe('saved outputs', () => {
  class SquareAndCube extends torch.autograd.Function {
    static override forward(ctx: FunctionContext, x: torch.Tensor): torch.Tensor[] {
      const [square, cube] = [x.mul(x), x.mul(x).mul(x)];
      ctx.save_for_backward(x, square, cube);
      return [square, cube];
    }
    static override backward(ctx: FunctionContext, g0: torch.Tensor, g1: torch.Tensor): torch.Tensor {
      const [x, , cube] = ctx.saved_tensors;
      return g0.mul(2).mul(x).add(g1.mul(3).mul(cube).div(x));
    }
  }

  it('have the history of the output that they are', () => {
    const x = double(3);
    const [first] = torch.autograd.grad([SquareAndCube.apply(x)[1].sum()], [x], { create_graph: true });
    const [second] = torch.autograd.grad([first!.sum()], [x]);
    expect(torch.allclose(second!, x.detach().mul(6))).toBe(true);
  });
});

describe('gradcheck', () => {
  class Wrong extends torch.autograd.Function {
    static override forward(ctx: FunctionContext, x: torch.Tensor): torch.Tensor {
      ctx.save_for_backward(x);
      return x.mul(x);
    }
    static override backward(ctx: FunctionContext, g: torch.Tensor): torch.Tensor {
      return g.mul(ctx.saved_tensors[0]);
    }
  }

  it('finds a wrong backward', () => {
    const x = double(2);
    const fn = (t: torch.Tensor): torch.Tensor => Wrong.apply(t);
    expect(() => torch.autograd.gradcheck(fn, [x])).toThrow(
      /Jacobian mismatch for output 0 with respect to input 0/,
    );
    expect(torch.autograd.gradcheck(fn, [x], { raise_exception: false })).toBe(false);
  });

  it('leaves its inputs as they were', () => {
    const x = double(3);
    const before = x.tolist();
    torch.autograd.gradcheck((t: torch.Tensor) => t.exp(), x);
    expect(x.tolist()).toEqual(before);
  });

  it('needs an input that requires grad, and known options', () => {
    expect(() => torch.autograd.gradcheck((t: torch.Tensor) => t, [torch.ones(1)])).toThrow(
      /expects at least one input tensor/,
    );
    expect(() =>
      torch.autograd.gradcheck((t: torch.Tensor) => t, [double(1)], { epsilon: 1 } as object),
    ).toThrow(/'epsilon'/);
  });

  it('tells what it cannot differentiate twice', () => {
    class Cut extends torch.autograd.Function {
      static override forward(ctx: FunctionContext, x: torch.Tensor): torch.Tensor {
        ctx.save_for_backward(x);
        return x.square();
      }
      static override backward = torch.autograd.function.once_differentiable(
        (ctx: FunctionContext, g: torch.Tensor) => ctx.saved_tensors[0].mul(2).mul(g),
      );
    }
    const x = double(2);
    expect(torch.autograd.gradcheck((t: torch.Tensor) => Cut.apply(t), [x])).toBe(true);
    const [plain] = torch.autograd.grad(Cut.apply(x).sum(), [x], { create_graph: true });
    expect(plain!.requires_grad).toBe(false);
    const [g] = torch.autograd.grad(Cut.apply(x).sin().sum(), [x], { create_graph: true });
    expect(() => g!.sum().backward()).toThrow(
      'trying to differentiate twice a function that was marked with @once_differentiable',
    );
  });

  it('gives null for missing gradients when asked', () => {
    const seen: unknown[] = [];
    class Two extends torch.autograd.Function {
      static override forward(ctx: FunctionContext, x: torch.Tensor): torch.Tensor[] {
        ctx.set_materialize_grads(false);
        return [x.mul(2), x.mul(3)];
      }
      static override backward(_ctx: FunctionContext, a: torch.Tensor | null, b: torch.Tensor | null): null {
        seen.push(a === null, b === null);
        return null;
      }
    }
    Two.apply(double(1))[0].sum().backward();
    expect(seen).toEqual([false, true]);
  });

  it('refuses what torch refuses', () => {
    type Backward = (
      ctx: FunctionContext,
      ...grads: torch.Tensor[]
    ) => torch.Tensor | (torch.Tensor | null)[];
    const withBackward = (
      backward: Backward,
      forward?: (ctx: FunctionContext, x: torch.Tensor) => torch.Tensor,
    ) => {
      class Own extends torch.autograd.Function {
        static override forward(ctx: FunctionContext, x: torch.Tensor): torch.Tensor {
          return forward === undefined ? x.mul(2) : forward(ctx, x);
        }
        static override backward = backward;
      }
      return (x: torch.Tensor): torch.Tensor => Own.apply(x);
    };
    const x = double(2);
    withBackward((_ctx, g) => [g, null])(x)
      .sum()
      .backward();
    expect(() =>
      withBackward((_ctx, g) => [g, g])(x)
        .sum()
        .backward(),
    ).toThrow('function OwnBackward returned an incorrect number of gradients (expected 1, got 2)');
    expect(() =>
      withBackward(() => 3 as never)(x)
        .sum()
        .backward(),
    ).toThrow('expected Variable or None (got number)');
    const dirty = withBackward(
      (_ctx, g) => g,
      (ctx, t) => (ctx.mark_dirty(t), t.mul(1)),
    );
    expect(() => dirty(x.mul(1))).toThrow(
      'Some elements marked as dirty during the forward method were not returned',
    );
    const same = withBackward(
      (_ctx, g) => g,
      (_ctx, t) => t,
    )(x.mul(1));
    expect(() => same.add_(1)).toThrow('Output 0 of OwnBackward is a view and is being modified inplace.');
    class Bare extends torch.autograd.Function {
      static override forward(_ctx: FunctionContext, t: torch.Tensor): torch.Tensor {
        return t.mul(2);
      }
    }
    expect(() => Bare.apply(x).sum().backward()).toThrow(
      'You must implement either the backward or vjp method',
    );
    expect(() => torch.autograd.Function.apply(x)).toThrow('You must implement the forward function');
  });
});
