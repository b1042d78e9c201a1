// torch's positional order, keywords and refusals of what computes gradients.
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as torch from '../../src/index.js';

const { backward, grad, gradcheck, gradgradcheck } = torch.autograd;
const { hessian, jacobian } = torch.autograd.functional;

const leaf = (...values: number[]): torch.Tensor =>
  torch.tensor(values, { dtype: torch.float64, requires_grad: true });
const square = (x: torch.Tensor): torch.Tensor => x.mul(x);

afterEach(() => {
  vi.restoreAllMocks();
});

describe('autograd.grad', () => {
  it('takes grad_outputs, retain_graph, create_graph, only_inputs, allow_unused by position', () => {
    const x = leaf(1, 2);
    const unused = leaf(1);
    const y = square(x);
    const [g, none] = grad(y, [x, unused], [torch.tensor([1, 10])], true, true, true, true);
    expect(g!.tolist()).toEqual([2, 40]);
    expect(none).toBeNull();
    expect(grad(g!.sum(), x)[0]!.tolist()).toEqual([2, 20]);
    expect(grad(y, x, torch.ones(2), { retain_graph: false })[0]!.tolist()).toEqual([2, 4]);
    expect(() => grad(y, x, torch.ones(2))).toThrow('Trying to backward through the graph a second time');
  });

  it('takes null for the gradient of a single element', () => {
    const x = leaf(1, 2);
    const [g] = grad([square(x), x.sum()], x, [torch.ones(2), null]);
    expect(g!.tolist()).toEqual([3, 5]);
    expect(() => grad([x.sum(), x.sum()], x, [torch.tensor(1)])).toThrow('got 2 tensors and 1 gradients');
    expect(grad(square(x), x, [torch.ones(2), torch.ones(2)])[0]!.tolist()).toEqual([2, 4]);
  });

  it('takes a batch of gradients', () => {
    const x = leaf(1, 2);
    const unused = leaf(1);
    const [rows, none] = grad(square(x), [x, unused], torch.eye(2), null, true, true, true, true);
    expect(rows!.tolist()).toEqual([
      [2, 0],
      [0, 4],
    ]);
    expect(none).toBeNull();
    const batch = grad([square(x), x.pow(3)], x, [torch.eye(2), torch.ones(2, 2)], {
      is_grads_batched: true,
    });
    expect(batch[0]!.tolist()).toEqual([
      [5, 12],
      [3, 16],
    ]);
    const call = (grads: torch.Tensor): unknown => grad(square(x), x, grads, { is_grads_batched: true });
    expect(() => call(torch.ones(3, 3))).toThrow(
      'a mismatch was detected: grad_output[0] has a shape of torch.Size([3]) and output[0] has a shape of torch.Size([2])',
    );
    expect(() => call(torch.tensor(1))).toThrow('invalid index of a 0-dim tensor');
    expect(() => call(torch.ones(0, 2))).toThrow('index 0 is out of bounds for dimension 0 with size 0');
    expect(() =>
      grad([square(x), square(x)], x, [torch.eye(2), torch.ones(3, 2)], { is_grads_batched: true }),
    ).toThrow('Expected all tensors to have the same size in the mapped dimension, got sizes [2, 3]');
  });

  it('frees the graph after the last of a batch, unless it is retained', () => {
    const x = leaf(1, 2);
    const y = square(x);
    grad(y, x, torch.eye(2), { is_grads_batched: true, retain_graph: true });
    grad(y, x, torch.eye(2), { is_grads_batched: true });
    expect(() => grad(y, x, torch.ones(2))).toThrow('a second time');
  });

  it('refuses what is no tensor, no inputs, and unknown keywords', () => {
    const x = leaf(1);
    expect(() => grad(3 as unknown as torch.Tensor, x)).toThrow(
      "argument 'outputs' (position 1) must be Tensor or tuple of Tensors, not int 3",
    );
    expect(() => grad(square(x), [])).toThrow('grad requires non-empty inputs.');
    expect(() => grad(square(x), x, { unused: true } as object)).toThrow(
      "unexpected keyword argument 'unused'",
    );
  });

  it('warns of only_inputs', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const x = leaf(3);
    expect(grad(square(x), x, { only_inputs: false })[0]!.tolist()).toEqual([6]);
    expect(warn.mock.calls[0][0]).toContain('only_inputs argument is deprecated');
  });
});

describe('autograd.backward', () => {
  it('takes grad_tensors, retain_graph, create_graph, grad_variables, inputs by position', () => {
    const [x, other] = [leaf(1, 2), leaf(3, 4)];
    const y = x.mul(other);
    backward(y, torch.ones(2), true, false, null, x);
    expect(x.grad!.tolist()).toEqual([3, 4]);
    expect(other.grad).toBeNull();
    backward([y], [torch.ones(2)], { inputs: [other] });
    expect(other.grad!.tolist()).toEqual([1, 2]);
    expect(() => backward(y, torch.ones(2), null, false, null, [])).toThrow(
      "'inputs' argument to backward() cannot be empty.",
    );
    expect(() => backward([x.sum(), x.sum()], torch.tensor(1))).toThrow('got 2 tensors and 1 gradients');
  });

  it('takes grad_variables with a warning', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const x = leaf(1, 2);
    backward(square(x), { grad_variables: torch.ones(2) });
    expect(x.grad!.tolist()).toEqual([2, 4]);
    expect(warn.mock.calls[0][0]).toBe("'grad_variables' is deprecated. Use 'grad_tensors' instead.");
    expect(() => backward(square(x), torch.ones(2), { grad_variables: torch.ones(2) })).toThrow(
      'arguments both passed to backward()',
    );
  });
});

describe('Tensor.backward', () => {
  it('takes gradient, retain_graph, create_graph, inputs by position', () => {
    const [x, other] = [leaf(1, 2), leaf(3, 4)];
    const y = x.mul(other).mul(x);
    y.backward(torch.ones(2), true, true, [x]);
    expect(x.grad!.tolist()).toEqual([6, 16]);
    expect(x.grad!.requires_grad).toBe(true);
    expect(other.grad).toBeNull();
    y.backward({ gradient: torch.ones(2), inputs: other });
    expect(other.grad!.tolist()).toEqual([1, 4]);
    expect(() => y.backward(torch.ones(2))).toThrow('a second time');
    expect(() => x.sum().backward(3 as unknown as torch.Tensor)).toThrow(
      "argument 'gradient' (position 1) must be Tensor (or null), not int 3",
    );
  });
});

describe('gradcheck and gradgradcheck', () => {
  class Wrong extends torch.autograd.Function {
    static override forward(_ctx: unknown, x: torch.Tensor): torch.Tensor {
      return x.mul(2);
    }
    static override backward(_ctx: unknown, g: torch.Tensor): torch.Tensor {
      return g;
    }
  }

  it('leave out outputs that do not require grad', () => {
    expect(gradcheck((x: torch.Tensor) => [square(x), x.mul(3).detach()], leaf(1, 2))).toBe(true);
  });

  it('gradgradcheck takes grad_outputs by position and by keyword', () => {
    const x = leaf(1, 2);
    const direction = leaf(1, 3);
    expect(gradgradcheck(square, [x], direction, { eps: 1e-5 })).toBe(true);
    expect(gradgradcheck(square, [x], { grad_outputs: [direction], atol: 1e-4 })).toBe(true);
    expect(gradgradcheck(square, x, { gen_non_contig_grad_outputs: true })).toBe(true);
  });

  it('do not raise with raise_exception=false', () => {
    const wrong = (x: torch.Tensor): torch.Tensor => Wrong.apply(x);
    expect(gradcheck(wrong, leaf(1), { raise_exception: false })).toBe(false);
    expect(() => gradcheck(wrong, leaf(1))).toThrow(torch.autograd.GradcheckError);
  });

  it('refuse what they do not do', () => {
    const refused = { fast_mode: true } as unknown as { fast_mode: false };
    expect(() => gradcheck(square, leaf(1), refused)).toThrow('fast_mode=true is not supported');
    expect(() => gradgradcheck(square, leaf(1), refused)).toThrow('fast_mode=true is not supported');
    expect(() => gradcheck(square, leaf(1), { epsilon: 1 } as object)).toThrow(
      "unexpected keyword argument 'epsilon'",
    );
  });
});

describe('autograd.functional', () => {
  it('takes torch’s positional order and refuses forward mode', () => {
    const x = leaf(1, 2);
    expect(jacobian(square, x, true, false, false, 'reverse-mode').requires_grad).toBe(true);
    expect(hessian((t) => square(t).sum(), x, false, true, false).tolist()).toEqual([
      [2, 0],
      [0, 2],
    ]);
    const [refused, forward] = [true, 'forward-mode'] as unknown as [false, 'reverse-mode'];
    expect(() => jacobian(square, x, false, false, refused)).toThrow(
      'jacobian: vectorize=true is not supported',
    );
    expect(() => hessian(square, x, { outer_jacobian_strategy: forward })).toThrow(
      'there are no forward-mode derivatives',
    );
  });
});
