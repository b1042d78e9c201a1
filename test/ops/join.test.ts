import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const f32 = { dtype: torch.float32 };
const grid = (): torch.Tensor => torch.arange(6).reshape(2, 3).to(torch.float32);

describe('joining', () => {
  it('promotes dtypes, passes over empty vectors and gives new memory', () => {
    const x = grid();
    const out = torch.cat([x, torch.tensor([], f32), torch.ones(1, 3, { dtype: torch.float64 })]);
    expect(out.dtype).toBe(torch.float64);
    expect(out.shape).toEqual([3, 3]);
    out.fill_(9);
    expect(x.index(0, 1).item()).toBe(1);
    expect(torch.stack([x.t(), x.t()], { dim: -1 }).shape).toEqual([3, 2, 2]);
  });

  it("has torch's errors", () => {
    const x = grid();
    expect(() => torch.cat([])).toThrow('torch.cat(): expected a non-empty list of Tensors');
    expect(() => torch.cat([x, torch.zeros(3, 3)], 1)).toThrow(
      'Sizes of tensors must match except in dimension 1. Expected size 2 but got size 3 for tensor number 1 in the list.',
    );
    expect(() => torch.cat([x, torch.zeros(3)])).toThrow(
      'Tensors must have same number of dimensions: got 2 and 1',
    );
    expect(() => torch.cat([torch.tensor(1), x])).toThrow(
      'zero-dimensional tensor (at position 0) cannot be concatenated',
    );
    expect(() => torch.stack([x, x.index(0)])).toThrow(
      'stack expects each tensor to be equal size, but got [2, 3] at entry 0 and [3] at entry 1',
    );
    expect(() => x.split([1, 2])).toThrow(
      "split_with_sizes expects split_sizes to sum exactly to 2 (input tensor's size at dimension 0)",
    );
    expect(() => x.chunk(0)).toThrow('chunk expects `chunks` to be greater than 0, got: 0');
  });
});

describe('views', () => {
  it('share memory', () => {
    const x = grid();
    x.split(2, 1)[1].fill_(-1);
    x.unbind(1)[0].mul_(10);
    x.diagonal().add_(100);
    x.movedim(0, 1).index(1).neg_();
    expect(x.tolist()).toEqual([
      [100, -1, -1],
      [30, -104, -1],
    ]);
    x.unfold(1, 2, 1).index(0, 1).zero_();
    expect(x.index(0).tolist()).toEqual([100, 0, 0]);
    expect(x.T.is_set_to(x)).toBe(true);
  });

  it('that cannot be made say why', () => {
    const x = grid();
    expect(() => x.unfold(0, 3, 1)).toThrow('maximum size for tensor at dimension 0 is 2 but size is 3');
    expect(() => x.diagonal(0, 0, 0)).toThrow('diagonal dimensions cannot be identical 0, 0');
    expect(() => x.unflatten(0, [3, 1])).toThrow("don't multiply up to the size of dim 0 (2)");
    expect(() => torch.ones(2).mT).toThrow('tensor.mT is only supported on matrices or batches of matrices.');
  });

  it('carry the history of in-place writes', () => {
    const x = grid().requires_grad_();
    const y = x.mul(1);
    y.chunk(3, 1)[1].mul_(5);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([
      [1, 5, 1],
      [1, 5, 1],
    ]);
  });
});

describe('in-place changes of shape', () => {
  it('keep the handle and the history', () => {
    const x = grid().requires_grad_();
    const y = x.mul(2);
    expect(y.transpose_(0, 1)).toBe(y);
    expect(y.unsqueeze_(0).shape).toEqual([1, 3, 2]);
    y.index(0, 2, 1).backward();
    expect(x.grad!.tolist()).toEqual([
      [0, 0, 0],
      [0, 0, 2],
    ]);
    expect(() => x.t_()).toThrow(
      'a leaf Variable that requires grad is being used in an in-place operation.',
    );
    expect(x.shape).toEqual([2, 3]);
    const z = torch.zeros(1, 2, 1);
    z.squeeze_();
    expect(z.shape).toEqual([2]);
  });
});

describe('copies', () => {
  it('have memory of their own', () => {
    const x = grid();
    for (const copy of [
      x.flip(0),
      x.roll(1),
      x.roll(0, 0),
      x.rot90(4),
      x.repeat(1, 1),
      x.narrow_copy(0, 0, 1),
      x.tril(),
    ]) {
      copy.fill_(-5);
    }
    expect(x.tolist()).toEqual(grid().tolist());
  });

  it('follow torch in shape and order', () => {
    const x = grid();
    expect(x.flip(0, 1).tolist()).toEqual([
      [5, 4, 3],
      [2, 1, 0],
    ]);
    expect(x.t().flip(0).tolist()).toEqual([
      [2, 5],
      [1, 4],
      [0, 3],
    ]);
    expect(x.roll([1, 1], [0, 1]).tolist()).toEqual([
      [5, 3, 4],
      [2, 0, 1],
    ]);
    expect(x.tile(2).shape).toEqual([2, 6]);
    expect(x.repeat_interleave(torch.tensor([2, 1]), 0).tolist()).toEqual([
      [0, 1, 2],
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(() => x.flip(0, 0)).toThrow('dim 0 appears multiple times in the list of dims');
    expect(() => x.repeat(2)).toThrow('Number of dimensions of repeat dims can not be smaller');
    expect(() => torch.broadcast_shapes([2], [3])).toThrow(
      'Shape mismatch: objects cannot be broadcast to a single shape',
    );
  });

  it('keep NaN out of what tril clears', () => {
    expect(torch.full([2, 2], NaN).tril(-1).tolist()).toEqual([
      [0, 0],
      [NaN, 0],
    ]);
  });
});

describe('padding', () => {
  const x = torch.arange(3).reshape(1, 3).to(torch.float32);
  const F = torch.nn.functional;

  it('has four modes', () => {
    expect(F.pad(x, [1, -1], { value: 7 }).tolist()).toEqual([[7, 0, 1]]);
    expect(F.pad(x, [2, 1], 'reflect').tolist()).toEqual([[2, 1, 0, 1, 2, 1]]);
    expect(F.pad(x, [2, 1], 'replicate').tolist()).toEqual([[0, 0, 0, 1, 2, 2]]);
    expect(F.pad(x, [2, 1], 'circular').tolist()).toEqual([[1, 2, 0, 1, 2, 0]]);
  });

  it('refuses what torch refuses', () => {
    expect(() => F.pad(x, [1, 1, 1])).toThrow('Padding length must be divisible by 2');
    expect(() => F.pad(x, [3, 3], 'reflect')).toThrow(
      'Padding size should be less than the corresponding input dimension, but got: padding (3, 3) at dimension 1',
    );
    expect(() => F.pad(x.index(0), [1, 1], 'reflect')).toThrow(torch.NotImplementedError);
    expect(() => F.pad(x, [1, 1], { mode: 'reflect', value: 2 })).toThrow("doesn't take in value argument");
  });
});
