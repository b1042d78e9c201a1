import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';

const { disable_saved_tensors_hooks, save_on_cpu, saved_tensors_hooks } = torch.autograd.graph;
const leaf = (): torch.Tensor => torch.tensor([1.5, -2], { dtype: torch.float64, requires_grad: true });
const identity = (t: torch.Tensor): torch.Tensor => t;

describe('saved_tensors_hooks', () => {
  test('sees what is saved, and what it gives back is used', () => {
    const x = leaf();
    const packed: unknown[] = [];
    const y = saved_tensors_hooks(
      (t) => packed.push(t.tolist()) - 1,
      (at) => torch.tensor(packed[at] as number[], { dtype: torch.float64 }).mul(10),
      () => x.mul(x),
    );
    expect(packed).toEqual([
      [1.5, -2],
      [1.5, -2],
    ]);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([30, -40]);
  });

  test('keeps history: second derivatives, outputs, leaves and interior tensors', () => {
    const f = (x: torch.Tensor): torch.Tensor =>
      saved_tensors_hooks(
        (t) => t.mul(2),
        (t) => t.div(2),
        () => x.exp().mul(x.sin()).pow(2),
      );
    expect(torch.autograd.gradcheck(f, [leaf()])).toBe(true);
    expect(torch.autograd.gradgradcheck(f, [leaf()])).toBe(true);
    const g = (x: torch.Tensor): torch.Tensor =>
      saved_tensors_hooks(identity, identity, () => x.exp().mul(x));
    expect(torch.autograd.gradgradcheck(g, [leaf()])).toBe(true);
  });

  test('applies to custom functions and in-place operators', () => {
    class Square extends torch.autograd.Function {
      static override forward(ctx: torch.autograd.FunctionContext, x: torch.Tensor): torch.Tensor {
        ctx.save_for_backward(x);
        return x.square();
      }
      static override backward(ctx: torch.autograd.FunctionContext, g: torch.Tensor): torch.Tensor {
        return ctx.saved_tensors[0].mul(2).mul(g);
      }
    }
    const f = (x: torch.Tensor): torch.Tensor =>
      saved_tensors_hooks(
        (t) => t.numpy(),
        (values) => torch.tensor(values),
        () => Square.apply(x).mul(2).exp_().relu_(),
      );
    expect(torch.autograd.gradcheck(f, [leaf()])).toBe(true);
  });

  test.each<[string, (t: torch.Tensor) => unknown]>([
    ['itself', identity],
    ['a copy', (t) => t.mul(2)],
    ['a list', (t) => [t, t.clone()]],
  ])('lets go of what it packed: %s', (_name, pack) => {
    const x = leaf();
    const unpack = (p: unknown): torch.Tensor =>
      Array.isArray(p) ? (p[0] as torch.Tensor) : (p as torch.Tensor);
    const run = (): torch.Tensor => saved_tensors_hooks(pack, unpack, () => x.exp().mul(x).sum());
    const before = torch.memory_stats().allocations;
    torch.tidy(() => void run());
    torch.tidy(() => void torch.autograd.grad(run(), [x]));
    expect(torch.memory_stats().allocations).toBe(before);
  });

  test('refuses hooks that do not do their work', () => {
    const x = leaf();
    const y = saved_tensors_hooks(
      () => 3,
      (p) => p as never,
      () => x.exp(),
    );
    expect(() => y.sum().backward()).toThrow(
      'Output of saved tensor unpack_hook expected to be a Tensor but got result of type number',
    );
    expect(() =>
      saved_tensors_hooks(
        (t) => t.mul_(2),
        identity,
        () => x.mul(3).mul(x),
      ),
    ).toThrow('A saved tensor pack hook is modifying its input in place.');
    expect(() => saved_tensors_hooks(identity, identity, null as never)).toThrow(TypeError);
    expect(x.mul(x).sum().item()).toBe(6.25);
  });
});

describe('save_on_cpu and disable_saved_tensors_hooks', () => {
  test('save_on_cpu changes no gradient, and leaves nothing behind', () => {
    const x = torch.ones(2, { requires_grad: true });
    const run = (): void => {
      torch.tidy(() => {
        save_on_cpu(() => x.mul(x).exp())
          .sum()
          .backward();
      });
    };
    run();
    const before = torch.memory_stats().allocated_bytes;
    run();
    expect(torch.memory_stats().allocated_bytes).toBe(before);
    const expected = 2 * (2 * Math.E);
    for (const value of x.grad!.tolist() as number[]) expect(value).toBeCloseTo(expected, 5);
  });

  test('hooks are errors while they are disabled', () => {
    const x = torch.ones(2, { requires_grad: true });
    const use = (): torch.Tensor => save_on_cpu(() => x.mul(x));
    expect(() => disable_saved_tensors_hooks('no!', use)).toThrow(new torch.RuntimeError('no!'));
    expect(() => save_on_cpu(() => disable_saved_tensors_hooks('no!', () => 2))).toThrow('no!');
    expect(() =>
      disable_saved_tensors_hooks('no!', () => {
        disable_saved_tensors_hooks('nono!', () => 1);
        return use();
      }),
    ).toThrow(new torch.RuntimeError('no!'));
    expect(disable_saved_tensors_hooks('no!', () => x.mul(x)).tolist()).toEqual([1, 1]);
    expect(use().tolist()).toEqual([1, 1]);
  });
});
