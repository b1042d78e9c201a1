// Tensors whose memory is looked at or changed; the numbers and messages are what torch 1.13.1 printed.
import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';

const floats = (n: number): torch.Tensor => torch.arange(n, { dtype: torch.float32 });

describe('resize_', () => {
  test('keeps the memory, and adds to it where it must', () => {
    const y = floats(6);
    const b = y.view(2, 3);
    expect(y.resize_(2, 2).tolist()).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(y.resize_([6]).tolist()).toEqual([0, 1, 2, 3, 4, 5]);
    y.resize_(4000);
    expect(y.narrow(0, 0, 6).tolist()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(b.tolist()).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(y.data_ptr()).toBe(b.data_ptr());
    y.fill_(7);
    expect(b.sum().item()).toBe(42);
  });

  test('keeps strides where the size stays, and starts where the tensor does', () => {
    const y = floats(6).index(torch.slice(null, null, 2));
    expect(y.resize_(3).stride()).toEqual([2]);
    expect(y.resize_(3, 1).stride()).toEqual([1, 1]);
    expect(y.tolist()).toEqual([[0], [1], [2]]);
    expect(floats(6).narrow(0, 2, 4).resize_(2, 2).tolist()).toEqual([
      [2, 3],
      [4, 5],
    ]);
    expect(floats(6).resize_as_(torch.ones(2, 1)).shape).toEqual([2, 1]);
    expect(torch.resize_as_(floats(6), torch.ones(3)).tolist()).toEqual([0, 1, 2]);
  });

  test('refuses what requires a gradient', () => {
    const y = floats(3).requires_grad_(true);
    expect(() => y.resize_(2)).toThrow('cannot resize variables that require grad');
    expect(() => y.mul(1).resize_(2)).toThrow('cannot resize variables that require grad');
    expect(() => floats(3).resize_(-1)).toThrow('negative dimension');
  });

  test('gives its memory back', () => {
    const before = torch.memory_stats();
    torch.tidy(() => {
      floats(6).resize_(1000).add_(1);
    });
    expect(torch.memory_stats().allocated_bytes).toBe(before.allocated_bytes);
    expect(torch.memory_stats().allocations).toBe(before.allocations);
  });

  test('what waits to be computed from the memory is computed first', () => {
    torch.no_grad(() => {
      const x = torch.ones(1, 1, 4, 4);
      const y = torch.conv2d(x, torch.ones(1, 1, 3, 3));
      x.resize_(10000).zero_();
      expect(y.flatten().tolist()).toEqual([9, 9, 9, 9]);
    });
  });
});

describe('as_strided_', () => {
  test('changes the geometry, and is recorded', () => {
    expect(floats(6).as_strided_([2, 2], [1, 2]).tolist()).toEqual([
      [0, 2],
      [1, 3],
    ]);
    expect(torch.as_strided_(floats(6), [2], [1], 3).tolist()).toEqual([3, 4]);
    const leaf = floats(6).requires_grad_(true);
    leaf.mul(3).as_strided_([2], [2]).sum().backward();
    expect(leaf.grad!.tolist()).toEqual([3, 0, 3, 0, 0, 0]);
    expect(() => leaf.as_strided_([2], [2])).toThrow(
      'a leaf Variable that requires grad is being used in an in-place operation.',
    );
  });
});

describe('set_', () => {
  test('takes the memory of another tensor, in its geometry or a given one', () => {
    const y = floats(6);
    const a = torch.ones(2);
    expect(a.set_(y)).toBe(a);
    expect(a.data_ptr()).toBe(y.data_ptr());
    a.add_(1);
    expect(y.tolist()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(y._version).toBe(0);
    expect(torch.ones(2).set_(floats(6), 1, [2], [2]).tolist()).toEqual([1, 3]);
    expect(torch.ones(2).set_(floats(6), 1, [2]).tolist()).toEqual([1, 2]);
    const thin = floats(6).index(torch.slice(null, null, 2));
    expect(torch.ones(2).set_(thin).tolist()).toEqual([0, 2, 4]);
    expect(a.set_().shape).toEqual([0]);
    expect(torch.ones(2).set_(floats(2), 0, [4]).narrow(0, 0, 2).tolist()).toEqual([0, 1]);
  });

  test('is an error where torch has one, or no derivative', () => {
    const leaf = torch.ones(2).requires_grad_(true);
    expect(() => leaf.set_(floats(6))).toThrow('a leaf Variable that requires grad is being used');
    expect(() => torch.ones(2).set_(leaf)).toThrow("the derivative for 'set_' is not implemented");
    expect(() => torch.ones(2).set_(torch.arange(2))).toThrow('expected a source of dtype Float, got Long');
    expect(() => torch.ones(2).set_(floats(3), -1, [1])).toThrow('invalid storage offset -1');
  });

  test('gives memory back once', () => {
    const before = torch.memory_stats().allocations;
    torch.tidy(() => {
      const y = floats(6);
      torch
        .ones(2)
        .set_(y)
        .set_(y.narrow(0, 1, 2))
        .set_();
    });
    expect(torch.memory_stats().allocations).toBe(before);
  });
});

test('data_ptr and is_cpu', () => {
  const x = floats(6).reshape(2, 3);
  expect(x.index(1).data_ptr() - x.data_ptr()).toBe(12);
  expect([torch.empty(0).data_ptr(), x.narrow(0, 0, 0).data_ptr()]).toEqual([0, 0]);
  expect(x.is_cpu).toBe(true);
  x.dispose();
  expect(() => x.data_ptr()).toThrow(torch.UseAfterReleaseError);
});

describe('asarray', () => {
  const x = torch.keep(floats(6));
  test('aliases where it can', () => {
    expect(torch.asarray(x)).toBe(x);
    expect(torch.asarray(x, { copy: true }).data_ptr()).not.toBe(x.data_ptr());
    expect(torch.asarray(x, { dtype: torch.int64 }).dtype).toBe(torch.int64);
    expect(torch.asarray([1, 2.5]).tolist()).toEqual([1, 2.5]);
    expect(() => torch.asarray(x, { copy: false, dtype: torch.float64 })).toThrow(
      new torch.ValueError("can't alias tensor with dtype 'Float' into dtype 'Double'."),
    );
    expect(() => torch.asarray([1, 2], { copy: false })).toThrow(
      "can't alias arbitrary sequence into a tensor.",
    );
  });

  test('sets, keeps or drops requires_grad', () => {
    const r = floats(2).requires_grad_(true);
    const grad = { requires_grad: true };
    expect(torch.asarray(r).requires_grad).toBe(false);
    expect(torch.asarray(r, grad)).toBe(r);
    expect(torch.asarray(r.mul(2)).grad_fn).toBe(null);
    expect(torch.asarray(r.mul(2), grad).grad_fn!.name).toBe('MulBackward0');
    expect(torch.asarray(r, { ...grad, copy: true }).grad_fn!.name).toBe('CloneBackward0');
    const plain = floats(2);
    expect(torch.asarray(plain, grad)).toBe(plain);
    expect(plain.requires_grad).toBe(true);
    expect(() => torch.asarray([1, 2], grad)).toThrow('floating point');
  });
});

test('empty_strided', () => {
  expect(torch.empty_strided([2, 3], [1, 2]).stride()).toEqual([1, 2]);
  const x = torch.empty_strided([2, 3], [10, 1], { dtype: torch.int64 }).fill_(3);
  expect([x.sum().item(), x.stride()]).toEqual([18, [10, 1]]);
  expect(() => torch.empty_strided([2, 3], [1])).toThrow(
    'dimensionality of sizes (2) must match dimensionality of strides (1)',
  );
  expect(() => torch.empty_strided([2], [-1])).toThrow(
    'Storage size calculation overflowed with sizes=[2] and strides=[-1]',
  );
});

test('new', () => {
  const x = floats(3);
  const i = torch.tensor([1, 2]);
  expect(x.new(2, 3).shape).toEqual([2, 3]);
  expect(x.new([1.5, 2]).tolist()).toEqual([1.5, 2]);
  expect(i.new([1.5, 2.5]).tolist()).toEqual([1, 2]);
  expect(x.new().shape).toEqual([0]);
  expect(x.new(x).data_ptr()).toBe(x.data_ptr());
  expect(() => i.new(x)).toThrow(TypeError);
});

describe('unsafe_chunk and unsafe_split', () => {
  test('share memory, and are no views', () => {
    const leaf = torch.ones(4, { requires_grad: true });
    const r = leaf.mul(1);
    const [a, b] = torch.unsafe_chunk(r, 2);
    a.mul_(2);
    expect(r.tolist()).toEqual([2, 2, 1, 1]);
    expect([a._base, b.grad_fn === r.grad_fn]).toEqual([null, false]);
    a.sum().add(b.mul(3).sum()).backward();
    expect(leaf.grad!.tolist()).toEqual([2, 2, 3, 3]);
    expect(torch.unsafe_split_with_sizes(floats(3), [1, 2])[1].tolist()).toEqual([1, 2]);
    expect(torch.unsafe_split(floats(3).reshape(1, 3), 2, 1)[0].tolist()).toEqual([[0, 1]]);
  });

  test("errors are torch's", () => {
    expect(() => torch.unsafe_chunk(floats(2), 0)).toThrow(
      'chunk expects `chunks` to be greater than 0, got: 0',
    );
    expect(() => torch.unsafe_split(floats(2), -1)).toThrow(
      'split expects split_size be non-negative, but got split_size=-1',
    );
    expect(() => torch.unsafe_split(floats(2), [1, 1] as never)).toThrow(TypeError);
  });
});

describe('in-place functions', () => {
  const x = (): torch.Tensor => torch.tensor([-1, 0.5, 2]);
  const rounded = (t: torch.Tensor): number[] => (t.flatten().tolist() as number[]).map((v) => +v.toFixed(4));

  test('activations', () => {
    const y = x();
    expect(torch.selu_(y)).toBe(y);
    expect(rounded(y)).toEqual([-1.1113, 0.5254, 2.1014]);
    expect(rounded(torch.celu_(x(), 2))).toEqual([-0.7869, 0.5, 2]);
    expect(rounded(torch.threshold_(x(), 1, 7))).toEqual([7, 7, 2]);
    expect(rounded(torch.rrelu_(x(), 0, 0.5))).toEqual([-0.25, 0.5, 2]);
    torch.manual_seed(0);
    expect(rounded(torch.rrelu_(torch.ones(3).neg(), 0.1, 0.3, true))).toEqual([-0.294, -0.2416, -0.1919]);
  });

  test('dropouts draw as torch draws', () => {
    const run = (
      f: (x: torch.Tensor, p: number, train: boolean) => torch.Tensor,
      ...size: number[]
    ): number[] => {
      torch.manual_seed(0);
      const y = torch.ones(size);
      expect(f(y, 0.5, true)).toBe(y);
      return rounded(y);
    };
    const low = -0.7792;
    expect(run(torch.dropout_, 6)).toEqual([0, 0, 2, 0, 0, 0]);
    expect(run(torch.alpha_dropout_, 6)).toEqual([low, low, 1.6656, low, low, low]);
    expect(run(torch.feature_alpha_dropout_, 2, 3, 1)).toEqual([low, low, 1.6656, low, low, low]);
    expect(run(torch.feature_dropout_, 2, 3, 1)).toEqual([0, 0, 2, 0, 0, 0]);
    expect(torch.dropout_(torch.ones(3), 0.5, false).tolist()).toEqual([1, 1, 1]);
    expect(() => torch.dropout_(torch.ones(3), 2, true)).toThrow(
      'dropout probability has to be between 0 and 1, but got 2',
    );
    expect(() => torch.dropout_(torch.ones(3), undefined as never, true)).toThrow("argument 'p'");
    expect(() => torch.feature_dropout(torch.ones(3), 0.5, true)).toThrow(
      'Feature dropout requires at least 2 dimensions in the input',
    );
  });

  test('float_power_ is of float64', () => {
    expect(x().double().float_power_(2).tolist()).toEqual([1, 0.25, 4]);
    expect(
      x()
        .double()
        .float_power_(torch.tensor([1, 2, 3]))
        .tolist(),
    ).toEqual([-1, 0.25, 8]);
    expect(() => x().float_power_(2)).toThrow(
      "the base given to float_power_ has dtype Float but the operation's result requires dtype Double",
    );
  });
});

describe('norms', () => {
  const x = torch.keep(floats(6).reshape(2, 3));
  const v = torch.keep(floats(24).reshape(2, 3, 4));
  const rounded = (t: torch.Tensor): number[] =>
    (t.reshape(-1).tolist() as number[]).map((n) => +n.toFixed(4));

  test('norm_except_dim', () => {
    expect(rounded(torch.norm_except_dim(x))).toEqual([2.2361, 7.0711]);
    expect(torch.norm_except_dim(x).shape).toEqual([2, 1]);
    expect(rounded(torch.norm_except_dim(x, 2, 1))).toEqual([3, 4.1231, 5.3852]);
    expect(rounded(torch.norm_except_dim(x, 2, -1))).toEqual([7.4162]);
    expect(rounded(torch.norm_except_dim(x, 1, -2))).toEqual([3, 12]);
    expect(torch.norm_except_dim(v, 2, 1).shape).toEqual([1, 3, 1]);
    expect(torch.norm_except_dim(torch.tensor([-3.5, 4])).tolist()).toEqual([3.5, 4]);
    expect(() => torch.norm_except_dim(v, 2, 5)).toThrow(torch.IndexError);
    expect(() => torch.norm_except_dim(torch.arange(3))).toThrow(
      'norm(): input dtype should be either floating point or complex. Got Long instead.',
    );
  });

  test('frobenius_norm', () => {
    expect(rounded(torch.frobenius_norm(x))).toEqual([7.4162]);
    expect(rounded(torch.frobenius_norm(x, { dim: 1 }))).toEqual([2.2361, 7.0711]);
    expect(torch.frobenius_norm(x, [0, 1], true).shape).toEqual([1, 1]);
    expect(rounded(torch.frobenius_norm(x, []))).toEqual([7.4162]);
    expect(() => torch.frobenius_norm(v, [0, 1, 2])).toThrow(
      'Expected at most 2 dimensions, but got 3 dimensions instead.',
    );
    expect(() => torch.frobenius_norm(x, [0, 0])).toThrow(
      'Expected dims to be different, got [0, 0] instead',
    );
  });

  test('nuclear_norm', () => {
    expect(rounded(torch.nuclear_norm(x))).toEqual([8.3485]);
    expect(torch.nuclear_norm(x, true).shape).toEqual([1, 1]);
    expect(torch.nuclear_norm(v, [0, 2], true).shape).toEqual([1, 3, 1]);
    expect(() => torch.nuclear_norm(v)).toThrow(
      'Expected a tensor with 2 dimensions, but got a tensor with 3 dimensions instead.',
    );
    expect(() => torch.nuclear_norm(v, [0])).toThrow("nuclear norm requires a 'dim' argument of size 2");
    expect(() => torch.nuclear_norm(x, [0, 0])).toThrow('duplicate or invalid dimensions');
    expect(() => torch.nuclear_norm(torch.arange(4).reshape(2, 2))).toThrow(
      'linalg.svd: Expected a floating point or complex tensor as input. Got Long',
    );
  });
});
