import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const leaf = (...values: number[]): torch.Tensor =>
  torch.tensor(values, { dtype: torch.float32, requires_grad: true });

describe('backward', () => {
  it('accumulates into .grad', () => {
    const x = leaf(1, 2);
    x.mul(3).sum().backward();
    x.mul(2).sum().backward();
    expect(x.grad!.tolist()).toEqual([5, 5]);
  });

  it('adds the gradients of every use', () => {
    const x = leaf(2);
    const y = x.mul(x).add(x);
    y.mul(y).backward();
    expect(x.grad!.item()).toBe(2 * 6 * 5);
  });

  it('sums over broadcast dimensions', () => {
    const x = leaf(1, 2, 3);
    torch.ones(4, 3).mul(x).sum().backward();
    expect(x.grad!.tolist()).toEqual([4, 4, 4]);
    const s = torch.tensor(2.5, { requires_grad: true });
    torch.ones(2, 2).mul(s).sum().backward();
    expect(s.grad!.item()).toBe(4);
    expect(s.grad!.shape).toEqual([]);
  });

  it('gives the gradient in the dtype of the leaf', () => {
    const x = leaf(1, 2);
    x.to(torch.float64).mul(2).sum().backward();
    expect(x.grad!.dtype).toBe(torch.float32);
  });

  it('takes the gradient of a tensor of several elements', () => {
    const x = leaf(1, 2);
    x.mul(x).backward(torch.tensor([1, 10], { dtype: torch.float32 }));
    expect(x.grad!.tolist()).toEqual([2, 40]);
    expect(() => x.mul(2).backward()).toThrow('grad can be implicitly created only for scalar outputs');
    expect(() => x.mul(2).backward(torch.ones(3))).toThrow(
      /Mismatch in shape: grad_output\[0\] has a shape of/,
    );
  });

  it('has torch’s errors', () => {
    expect(() => torch.ones(1).backward()).toThrow(
      'element 0 of tensors does not require grad and does not have a grad_fn',
    );
    const x = leaf(1);
    const y = x.exp();
    y.backward();
    expect(() => y.backward()).toThrow(/Trying to backward through the graph a second time/);
    expect(() => y.backward(null, { keep_graph: true } as object)).toThrow(
      /unexpected keyword argument 'keep_graph'/,
    );
  });

  it('runs again with retain_graph', () => {
    const x = leaf(1);
    const y = x.mul(x);
    y.backward({ retain_graph: true });
    y.backward();
    expect(x.grad!.item()).toBe(4);
  });

  it('differentiates its own gradient with create_graph', () => {
    const x = leaf(2);
    const [g] = torch.autograd.grad(x.pow(3), [x], { create_graph: true });
    g!.backward();
    expect(x.grad!.item()).toBe(12);
    const z = torch.tensor([0.3], { dtype: torch.float64, requires_grad: true });
    const [first] = torch.autograd.grad(z.sin().exp(), z, { create_graph: true });
    const [second] = torch.autograd.grad(first!, z);
    expect(second!.item()).toBeCloseTo(Math.exp(Math.sin(0.3)) * (Math.cos(0.3) ** 2 - Math.sin(0.3)), 12);
  });

  it('goes only into the given inputs', () => {
    const a = leaf(1);
    const b = leaf(1);
    a.mul(b)
      .mul(3)
      .backward(null, { inputs: [b] });
    expect(a.grad).toBeNull();
    expect(b.grad!.item()).toBe(3);
  });

  it('is exact over a graph too deep for recursion', () => {
    torch.tidy(() => {
      const x = leaf(1);
      let y = x;
      for (let i = 0; i < 20_000; i++) y = y.add(0);
      y.backward();
      expect(x.grad!.item()).toBe(1);
    });
  });
});

describe('torch.autograd.grad', () => {
  it('leaves .grad alone and works for inner tensors', () => {
    const x = leaf(3);
    const y = x.mul(2);
    const [gx, gy] = torch.autograd.grad(y.mul(y), [x, y]);
    expect(gx!.item()).toBe(24);
    expect(gy!.item()).toBe(12);
    expect(x.grad).toBeNull();
  });

  it('refuses or allows unused inputs', () => {
    const x = leaf(3);
    const y = leaf(3);
    expect(() => torch.autograd.grad(x.mul(2), [y])).toThrow(/not have been used in the graph/);
    expect(torch.autograd.grad(x.mul(2), [y], { allow_unused: true })).toEqual([null]);
  });
});

describe('modes', () => {
  it('record or not', () => {
    const x = leaf(1);
    expect(torch.no_grad(() => x.mul(2)).requires_grad).toBe(false);
    expect(torch.no_grad(() => torch.enable_grad(() => x.mul(2))).requires_grad).toBe(true);
    expect(torch.inference_mode(() => [x.mul(2).requires_grad, torch.is_inference_mode_enabled()])).toEqual([
      false,
      true,
    ]);
    torch.set_grad_enabled(false);
    expect(x.mul(2).requires_grad).toBe(false);
    torch.set_grad_enabled(true);
    expect(torch.set_grad_enabled(false, () => x.mul(2).requires_grad)).toBe(false);
    expect(torch.is_grad_enabled()).toBe(true);
  });

  it('are restored after an error, and refuse a Promise', () => {
    expect(() =>
      torch.no_grad(() => {
        throw new Error('x');
      }),
    ).toThrow('x');
    expect(torch.is_grad_enabled()).toBe(true);
    expect(() => torch.no_grad(() => Promise.resolve())).toThrow(/synchronous/);
  });
});

describe('leaves and detach', () => {
  it('know what they are', () => {
    const x = leaf(1);
    expect([x.is_leaf, x.grad_fn, x.mul(2).is_leaf]).toEqual([true, null, false]);
    expect(String(x.exp().grad_fn)).toBe('<ExpBackward0>');
    expect(x.exp().mul(2).grad_fn!.next_functions[0][0]!.name).toBe('ExpBackward0');
    expect(() => (x.mul(2).requires_grad = false)).toThrow(
      /you can only change requires_grad flags of leaf variables/,
    );
    expect(() => torch.ones(2, { dtype: torch.int64, requires_grad: true })).toThrow(
      /only Tensors of floating point/,
    );
  });

  it('detach shares memory and versions, data only memory', () => {
    const x = leaf(1, 2);
    const d = x.detach();
    d.mul_(2);
    expect(x.tolist()).toEqual([2, 4]);
    expect(x._version).toBe(1);
    x.data.fill_(7);
    expect(x.tolist()).toEqual([7, 7]);
    expect(x._version).toBe(1);
  });

  it('checks an assigned gradient', () => {
    const x = leaf(1, 2);
    x.grad = torch.tensor([3, 4], { dtype: torch.float32 });
    expect(x.grad.tolist()).toEqual([3, 4]);
    expect(() => (x.grad = torch.ones(3))).toThrow(/different size/);
    expect(() => (x.grad = torch.ones(2, { dtype: torch.float64 }))).toThrow(/different type/);
  });
});

describe('hooks', () => {
  it('see and replace gradients of leaves and inner tensors', () => {
    const x = leaf(1);
    const y = x.mul(3);
    const seen: number[] = [];
    const handle = y.register_hook((g) => {
      seen.push(g.item());
      return g.mul(2);
    });
    x.register_hook((g) => void seen.push(g.item()));
    y.backward({ retain_graph: true });
    expect(seen).toEqual([1, 6]);
    expect(x.grad!.item()).toBe(6);
    handle.remove();
    y.backward();
    expect(x.grad!.item()).toBe(9);
    expect(() => y.register_hook(() => torch.ones(3))).not.toThrow();
    expect(() => torch.ones(1).register_hook(() => null)).toThrow(/doesn't require gradient/);
  });

  it('retain_grad keeps the gradient of an inner tensor', () => {
    const x = leaf(2);
    const y = x.mul(3);
    y.retain_grad();
    y.mul(y).backward();
    expect(y.grad!.item()).toBe(12);
    expect(y.retains_grad).toBe(true);
  });
});
