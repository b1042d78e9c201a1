import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const leaf = (...values: number[]): torch.Tensor =>
  torch.tensor(values, { dtype: torch.float32, requires_grad: true });

describe('in-place operators', () => {
  it('write the same bytes and count versions, also through views', () => {
    const x = torch.ones(2, 3);
    const row = x.select(0, 1);
    expect(row.add_(1)).toBe(row);
    expect(x.tolist()).toEqual([
      [1, 1, 1],
      [2, 2, 2],
    ]);
    expect([x._version, row._version]).toEqual([1, 1]);
  });

  it('have gradients', () => {
    const x = leaf(2, 3);
    const y = x.mul(2);
    y.add_(1).exp_();
    y.sum().backward();
    const grads = x.grad!.tolist() as number[];
    expect(grads[0]).toBeCloseTo(2 * Math.exp(5), 2);
  });

  it('refuse leaves that require grad, and views of them', () => {
    const x = leaf(1, 2);
    expect(() => x.add_(1)).toThrow(
      'a leaf Variable that requires grad is being used in an in-place operation.',
    );
    expect(() => x.view(2, 1).mul_(2)).toThrow('a view of a leaf Variable that requires grad is being used');
    torch.no_grad(() => x.add_(1));
    expect(x.tolist()).toEqual([2, 3]);
  });

  it('find a saved tensor that was changed', () => {
    const x = leaf(1, 2, 3);
    const y = x.exp();
    y.add_(1);
    expect(() => y.sum().backward()).toThrow(
      'one of the variables needed for gradient computation has been modified by an inplace operation: ' +
        '[torch.FloatTensor [3]], which is output 0 of ExpBackward0, is at version 1; expected version 0 instead',
    );
    const z = x.mul(3);
    z.add_(1);
    z.sum().backward();
    expect(x.grad!.tolist()).toEqual([3, 3, 3]);
    const w = x.mul(2);
    w.mul_(w);
    expect(() => w.sum().backward()).toThrow(/modified by an inplace operation/);
  });

  it('refuse results that do not fit', () => {
    expect(() => torch.ones(2, { dtype: torch.int64 }).add_(0.5)).toThrow(
      "result type Float can't be cast to the desired output type Long",
    );
    const flags = torch.tensor([true, false]);
    const ints = torch.tensor([0, 0]);
    for (const call of [
      () => flags.floor_divide_(ints),
      () => flags.fmod_(ints),
      () => flags.remainder_(ints),
      () => flags.hypot_(ints),
      () => flags.nextafter_(ints),
      () => flags.igamma_(ints),
    ]) {
      expect(call).toThrow("result type Long can't be cast to the desired output type Bool");
    }
    expect(() => torch.ones(3).add_(torch.ones(2, 3))).toThrow(
      "output with shape [3] doesn't match the broadcast shape [2, 3]",
    );
  });

  it('work when operands share memory in another layout', () => {
    const x = torch.tensor([
      [1, 2],
      [3, 4],
    ]);
    x.add_(x.t());
    expect(x.tolist()).toEqual([
      [2, 5],
      [5, 8],
    ]);
  });

  it('compute in the wider dtype and come back', () => {
    const x = torch.ones(2);
    x.add_(torch.full([2], 0.5, { dtype: torch.float64 }));
    expect([x.dtype, x.tolist()]).toEqual([torch.float32, [1.5, 1.5]]);
  });
});

describe('tensors that show one place several times', () => {
  const message =
    'unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please ' +
    'clone() the tensor before performing the operation.';
  const wide = (): torch.Tensor => torch.ones(2, 1).expand(2, 3);
  const rows = torch.tensor([0, 1]);

  it.each([
    ['add_', (x: torch.Tensor) => x.add_(1)],
    ['add_ of another shape', (x: torch.Tensor) => x.add_(torch.ones(4, 2, 3))],
    ['relu_', (x: torch.Tensor) => x.relu_()],
    ['div_', (x: torch.Tensor) => x.div_(2)],
    ['copy_', (x: torch.Tensor) => x.copy_(torch.ones(2, 3))],
    ['cumsum_', (x: torch.Tensor) => x.cumsum_(0)],
    ['uniform_', (x: torch.Tensor) => x.uniform_()],
    ['index_add_', (x: torch.Tensor) => x.index_add_(0, rows, torch.ones(2, 3))],
    ['relu6', (x: torch.Tensor) => torch.nn.functional.relu6(x, { inplace: true })],
  ] as const)('are not written: %s', (_name, call) => {
    const x = wide();
    expect(() => call(x)).toThrow(message);
    expect(x.tolist()).toEqual(torch.ones(2, 3).tolist());
  });

  it.each([
    ['fill_', (x: torch.Tensor) => x.fill_(2)],
    ['index_fill_', (x: torch.Tensor) => x.index_fill_(0, rows, 2)],
    ['masked_fill_', (x: torch.Tensor) => x.masked_fill_(x.eq(1), 2)],
  ] as const)('are, as in torch: %s', (_name, call) => {
    expect(call(wide()).tolist()).toEqual(torch.full([2, 3], 2).tolist());
  });

  it('are when they show nothing', () => {
    expect(torch.ones(1, 0).expand(3, 0).add_(1).shape).toEqual([3, 0]);
  });
});

describe('in-place writes to views', () => {
  it('change the history of the base and of other views', () => {
    const x = leaf(1, 2, 3, 4);
    const y = x.mul(1);
    const first = y.view(2, 2).select(0, 0);
    const whole = y.view(4, 1);
    first.mul_(10);
    expect(y.tolist()).toEqual([10, 20, 3, 4]);
    expect(y.grad_fn!.name).toBe('CopySlices');
    whole.sum().backward({ retain_graph: true });
    expect(x.grad!.tolist()).toEqual([10, 10, 1, 1]);
    x.grad = null;
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([10, 10, 1, 1]);
  });

  it('let a constant take gradients through an assignment', () => {
    const w = leaf(5);
    const canvas = torch.zeros(3);
    canvas.select(0, 1).copy_(w.select(0, 0));
    expect(canvas.requires_grad).toBe(true);
    canvas
      .mul(torch.tensor([1, 2, 3]))
      .sum()
      .backward();
    expect(w.grad!.tolist()).toEqual([2]);
  });

  it('cut the gradient of what was overwritten', () => {
    const x = leaf(1, 2);
    const y = x.mul(3);
    y.select(0, 0).fill_(0);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([0, 3]);
  });
});
