import { describe, expect, test, vi } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, flat } from '../nn/recorded.js';

const { nn } = torch;
const { checkpoint, checkpoint_sequential } = torch.utils.checkpoint;

function net(): torch.nn.Sequential {
  torch.manual_seed(3);
  return new nn.Sequential(
    new nn.Linear(4, 16),
    new nn.ReLU(),
    new nn.Dropout(0.5),
    new nn.Linear(16, 16),
    new nn.Tanh(),
    new nn.Dropout(0.3),
    new nn.Linear(16, 2),
  );
}

interface Run {
  out: number[];
  grads: number[][];
  next: number;
}

function run(call: (model: torch.nn.Sequential, x: torch.Tensor) => torch.Tensor): Run {
  const model = net();
  const x = torch.randn(5, 4).requires_grad_(true);
  torch.manual_seed(11);
  const out = call(model, x);
  const values = flat(out);
  const next = torch.rand(1).item();
  out.square().sum().backward();
  const grads = [x, ...model.parameters()].map((t) => flat(t.grad!));
  // Backward leaves the generator as it was.
  expect(torch.rand(1).item()).not.toBe(next);
  return { out: values, grads, next };
}

function expectSame(a: Run, b: Run): void {
  expectClose(a.out, b.out, 1e-6);
  expect(a.next).toBe(b.next);
  a.grads.forEach((grad, i) => expectClose(grad, b.grads[i], 1e-5));
}

describe('checkpoint', () => {
  test('gives the values and gradients of the call, with the same dropout', () => {
    expectSame(
      run((model, x) => checkpoint(model, x)),
      run((model, x) => model(x)),
    );
  });

  test('draws anew without preserve_rng_state', () => {
    const p = new nn.Dropout(0.5);
    const x = torch.ones(64, { requires_grad: true });
    torch.manual_seed(1);
    const y = checkpoint(p, x, { preserve_rng_state: false });
    const mask = flat(y);
    y.sum().backward();
    expect(flat(x.grad!)).not.toEqual(mask);
    torch.manual_seed(1);
    x.grad = null;
    const z = checkpoint(p, x);
    z.sum().backward();
    expect(flat(x.grad!)).toEqual(mask);
  });

  test('takes several arguments and results, and values that are no tensors', () => {
    const f = (a: torch.Tensor, k: number, b: torch.Tensor): torch.Tensor[] => [
      a.mul(b).mul(k),
      b.detach().add(1),
    ];
    const [a, b] = [
      torch.tensor([2.5], { requires_grad: true }),
      torch.tensor([3.5], { requires_grad: true }),
    ];
    const [first] = checkpoint(f, a, 2, b);
    first.backward();
    expect([a.grad!.item(), b.grad!.item()]).toEqual([7, 5]);
  });

  test('remembers the input alone', () => {
    const model = new nn.Sequential(...Array.from({ length: 6 }, () => new nn.Tanh()));
    const x = torch.ones(1000, { requires_grad: true });
    const heldBy = (call: () => torch.Tensor): number => {
      const before = torch.memory_stats().allocated_bytes;
      return torch.tidy(() => {
        call();
        return torch.memory_stats().allocated_bytes - before;
      });
    };
    // The result (and the generator's state of 5 KB) instead of six results.
    expect(heldBy(() => model(x))).toBeGreaterThan(6 * 4000);
    expect(heldBy(() => checkpoint(model, x))).toBeLessThan(3 * 4000);
    const step = (): void => torch.tidy(() => checkpoint(model, x).sum().backward());
    step();
    const before = torch.memory_stats().allocations;
    step();
    expect(torch.memory_stats().allocations).toBe(before);
  });

  test('refuses what it cannot do', () => {
    const x = torch.ones(1, { requires_grad: true });
    const f = (t: torch.Tensor): torch.Tensor => t.mul(2);
    expect(() => torch.autograd.grad(checkpoint(f, x), [x])).toThrow(
      'Checkpointing is not compatible with .grad() or when an `inputs` parameter is passed to .backward().',
    );
    expect(() => checkpoint(f, x, { preserve: false } as never)).toThrow(
      'Unexpected keyword arguments: preserve',
    );
    expect(() => checkpoint((t: torch.Tensor) => t.detach(), x).backward()).toThrow(
      'none of output has requires_grad=True, this checkpoint() is not necessary',
    );
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(checkpoint(f, torch.ones(1)).requires_grad).toBe(false);
    expect(warn).toHaveBeenCalledWith('None of the inputs have requires_grad=True. Gradients will be None');
    warn.mockRestore();
  });
});

describe('checkpoint without its own backward', () => {
  const options = { use_reentrant: false };
  test('gives the values and gradients of the call, with the same dropout', () => {
    expectSame(
      run((model, x) => checkpoint(model, x, options)),
      run((model, x) => model(x)),
    );
  });

  test('works with grad, for parameters alone, twice, and for second derivatives', () => {
    const model = new nn.Linear(2, 2);
    const x = torch.ones(1, 2);
    const [g] = torch.autograd.grad(checkpoint(model, x, options).sum(), [model.weight]);
    expect(flat(g!)).toEqual([1, 1, 1, 1]);
    const leaf = torch.tensor([1.5, -2], { dtype: torch.float64, requires_grad: true });
    const f = (t: torch.Tensor): torch.Tensor => t.sin().mul(t).exp();
    const y = checkpoint(f, leaf, options);
    y.sum().backward({ retain_graph: true });
    y.sum().backward();
    const expected = flat(torch.autograd.grad(f(leaf).sum(), [leaf])[0]!);
    expectClose(
      flat(leaf.grad!),
      expected.map((value) => 2 * value),
      1e-12,
    );
    expect(() => y.sum().backward()).toThrow('Trying to backward through the graph a second time');
    const through = (t: torch.Tensor): torch.Tensor => checkpoint(f, t, options);
    expect(torch.autograd.gradcheck(through, [leaf])).toBe(true);
    expect(torch.autograd.gradgradcheck(through, [leaf])).toBe(true);
  });

  test('remembers nothing between, and leaves nothing behind', () => {
    const model = new nn.Sequential(...Array.from({ length: 6 }, () => new nn.Tanh()));
    const x = torch.ones(1000, { requires_grad: true });
    const before = torch.memory_stats();
    torch.tidy(() => {
      const y = checkpoint(model, x, options);
      expect(torch.memory_stats().allocated_bytes - before.allocated_bytes).toBeLessThan(3 * 4000);
      return void y;
    });
    expect(torch.memory_stats().allocations).toBe(before.allocations);
    const step = (): void => torch.tidy(() => checkpoint(model, x, options).sum().backward());
    step();
    const after = torch.memory_stats().allocations;
    step();
    torch.no_grad(() => torch.tidy(() => void checkpoint(model, x, options)));
    expect(() => checkpoint(() => x.mul(2).add('x' as never), options)).toThrow(TypeError);
    expect(torch.memory_stats().allocations).toBe(after);
  });

  test('hands other keywords on, and tells when the second run differs', () => {
    const x = torch.ones(1, { requires_grad: true });
    const f = (t: torch.Tensor, { scale }: { scale: number }): torch.Tensor => t.mul(t).mul(scale);
    const call = checkpoint as (...args: unknown[]) => torch.Tensor;
    call(f, x, { scale: 3, use_reentrant: false }).backward();
    expect(x.grad!.item()).toBe(6);
    let runs = 0;
    const fickle = (t: torch.Tensor): torch.Tensor => (runs++ === 0 ? t.mul(t) : t.mul(2));
    expect(() => checkpoint(fickle, x, options).backward()).toThrow(
      'saved fewer tensors for backward than the first',
    );
  });
});

describe('checkpoint_sequential', () => {
  test.each([1, 2, 3, 7])('in %i segments', (segments) => {
    expectSame(
      run((model, x) => checkpoint_sequential(model, segments, x)),
      run((model, x) => model(x)),
    );
  });

  test('takes a list of functions', () => {
    const x = torch.tensor([2.5], { requires_grad: true });
    const square = (t: torch.Tensor): torch.Tensor => t.square();
    checkpoint_sequential([square, square], 2, x).backward();
    expect(x.grad!.item()).toBe(4 * 2.5 ** 3);
  });
});
