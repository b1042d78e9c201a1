// Full backward hooks and hooks of all modules, as PyTorch 1.13.1 ran them.
import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';

const { nn } = torch;
type Seen = [(number[] | null)[], (number[] | null)[]];

class Three extends nn.Module {
  forward(a: torch.Tensor, b: torch.Tensor, c: torch.Tensor, k: number): torch.Tensor[] {
    return [a.mul(b).mul(k), b.exp(), c.mul(2)];
  }
}

class Scale extends nn.Module {
  readonly w = new nn.Parameter(torch.tensor([2.5]));
  forward(x: torch.Tensor): torch.Tensor {
    return x.mul(this.w);
  }
}

function watch(module: torch.nn.AnyModule): Seen[] {
  const seen: Seen[] = [];
  const values = (list: (torch.Tensor | null)[]): (number[] | null)[] =>
    list.map((t) => (t === null ? null : (t.tolist() as number[])));
  (module as unknown as torch.nn.Module).register_full_backward_hook((_module, inputs, outputs) => {
    seen.push([values(inputs), values(outputs)]);
  });
  return seen;
}

const leaf = (...values: number[]): torch.Tensor =>
  torch.tensor(values, { dtype: torch.float32, requires_grad: true });

describe('register_full_backward_hook', () => {
  test('sees the gradients of inputs and outputs', () => {
    const module = new Three();
    const seen = watch(module);
    const [first, second] = module(leaf(1, 2), torch.tensor([3.5, 4]), leaf(1, 1), 2);
    expect(second.requires_grad).toBe(false);
    first.sum().backward();
    expect(seen).toEqual([
      [
        [[7, 8], [0, 0], [0, 0], null],
        [[1, 1], null, null],
      ],
    ]);
  });

  test('runs where no input requires grad', () => {
    const module = new Scale();
    const seen = watch(module);
    module(torch.tensor([5.5]))
      .sum()
      .backward();
    expect(seen).toEqual([[[null], [[1]]]]);
    module.register_full_backward_hook(() => [torch.ones(1)]);
    expect(() =>
      module(torch.tensor([5.5]))
        .sum()
        .backward(),
    ).toThrow(
      'Backward hook for Modules where no input requires gradient should always return None or None for all gradients.',
    );
  });

  test('replaces the gradients of the inputs, one hook after the other', () => {
    const module = new Scale();
    const order: string[] = [];
    const first = module.register_full_backward_hook((_m, [g]) => (order.push('first'), [g!.mul(10)]));
    module.register_full_backward_hook((_m, [g]) => (order.push('second'), [g!.add(1)]));
    const x = leaf(5);
    module(x).backward();
    expect([x.grad!.item(), module.w.grad!.item(), order]).toEqual([26, 5, ['first', 'second']]);
    first.remove();
    module(x).backward();
    expect(x.grad!.item()).toBe(26 + 3.5);
    module.register_full_backward_hook((_m, [g]) => [g, g]);
    expect(() => module(x).backward()).toThrow(
      'Backward hook returned an invalid number of grad_input, got 2, but expected 1',
    );
  });

  test('runs once for each call, under create_graph too', () => {
    const module = new Scale();
    const seen = watch(module);
    const x = leaf(5);
    const [g] = torch.autograd.grad(module(module(x)), [x], { create_graph: true });
    expect(seen).toEqual([
      [[[2.5]], [[1]]],
      [[[6.25]], [[2.5]]],
    ]);
    g!.backward();
    expect(module.w.grad!.item()).toBe(5);
  });

  test('forbids in-place writes to what goes in and comes out', () => {
    const relu = new nn.ReLU({ inplace: true });
    watch(relu);
    const message = /^Output 0 of BackwardHookFunctionBackward is a view and is being modified inplace./;
    expect(() => relu(leaf(1).mul(2))).toThrow(message);
    const module = new Scale();
    watch(module);
    const out = module(leaf(1));
    expect(() => out.add_(1)).toThrow(message);
    torch.no_grad(() => module(leaf(1)).add_(1));
  });

  test('leaves nothing behind', () => {
    const module = new nn.Sequential(new nn.Linear(2, 2), new Scale());
    watch(module[0]);
    watch(module);
    const step = (): void =>
      torch.tidy(() =>
        module(torch.ones(1, 2, { requires_grad: true }))
          .sum()
          .backward(),
      );
    step();
    const before = torch.memory_stats().allocations;
    step();
    expect(torch.memory_stats().allocations).toBe(before);
  });
});

test('hooks of all modules run before their own', () => {
  const {
    register_module_forward_hook,
    register_module_forward_pre_hook,
    register_module_full_backward_hook,
  } = nn.modules.module;
  const module = new Scale();
  const order: string[] = [];
  module.register_forward_pre_hook(() => void order.push('pre'));
  module.register_forward_hook(() => void order.push('post'));
  module.register_full_backward_hook(() => void order.push('backward'));
  const handles = [
    register_module_forward_pre_hook(() => void order.push('global pre')),
    register_module_forward_hook(() => void order.push('global post')),
    register_module_full_backward_hook((m) => void order.push(`global backward of ${m._get_name()}`)),
  ];
  module(leaf(1)).backward();
  handles.forEach((handle) => handle.remove());
  expect(order).toEqual(['global pre', 'pre', 'global post', 'post', 'global backward of Scale', 'backward']);
  order.length = 0;
  new nn.ReLU()(leaf(1)).backward();
  expect(order).toEqual([]);
});
