import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const { int64 } = torch;
const slice = torch.slice;
const grid = (): torch.Tensor => torch.arange(12).reshape(3, 4).to(torch.float32);
const long = (values: torch.TensorData): torch.Tensor => torch.tensor(values, { dtype: int64 });

describe('index', () => {
  it('gives views for integers, slices, null and the ellipsis', () => {
    const x = grid();
    const part = x.index(slice(1, null), slice(null, null, 2));
    expect(part.tolist()).toEqual([
      [4, 6],
      [8, 10],
    ]);
    expect(part.is_set_to(x)).toBe(false);
    part.fill_(-1);
    expect(x.index(2, 2).item()).toBe(-1);
    expect(x.index('...', -1).tolist()).toEqual([3, 7, 11]);
    expect(x.index(null, '...', null).shape).toEqual([1, 3, 4, 1]);
    expect(x.index(slice(-2, 100)).shape).toEqual([2, 4]);
  });

  it('gives copies for tensors, arrays and masks', () => {
    const x = grid();
    const rows = x.index([2, 0]);
    rows.fill_(0);
    expect(x.index(2, 3).item()).toBe(11);
    expect(x.index(x.gt(8)).tolist()).toEqual([9, 10, 11]);
    expect(x.index(long([[0], [2]]), long([1, -1])).tolist()).toEqual([
      [1, 3],
      [9, 11],
    ]);
    expect(x.index(x.gt(100)).shape).toEqual([0]);
    expect(x.index(torch.tensor([true, false, true]), 1).tolist()).toEqual([1, 9]);
    expect(x.t().index([1]).tolist()).toEqual([[1, 5, 9]]);
  });

  it('puts indices that are not adjacent in front', () => {
    const x = torch.zeros(2, 3, 4, 5);
    expect(x.index([0, 1, 0], slice(null), [1, 2, 3]).shape).toEqual([3, 3, 5]);
    expect(x.index(slice(null), [0, 1, 2], [1, 2, 3]).shape).toEqual([2, 3, 5]);
    expect(x.index([0, 1], null, [1, 2]).shape).toEqual([2, 1, 4, 5]);
    expect(x.index(true).shape).toEqual([1, 2, 3, 4, 5]);
    expect(x.index(torch.tensor(1), [0]).shape).toEqual([1, 4, 5]);
  });

  it('looks only at indices by which it reads', () => {
    const x = torch.ones(2, 2, 2);
    expect(x.index([0], [0, -3, 0, 0], torch.slice(0, 0)).shape).toEqual([4, 0]);
    expect(() => x.index([0], [0, -3, 0, 0])).toThrow(
      'index -3 is out of bounds for dimension 1 with size 2',
    );
  });

  it("has torch's errors", () => {
    const x = grid();
    expect(() => x.index(5)).toThrow('index 5 is out of bounds for dimension 0 with size 3');
    expect(() => x.index(0, 0, 0)).toThrow('too many indices for tensor of dimension 2');
    expect(() => x.index([7])).toThrow('index 7 is out of bounds for dimension 0 with size 3');
    expect(() => x.index(torch.tensor([0.5]))).toThrow(
      'tensors used as indices must be long, byte or bool tensors',
    );
    expect(() => x.index(torch.tensor([true]))).toThrow(
      'The shape of the mask [1] at index 0 does not match the shape of the indexed tensor [3, 4] at index 0',
    );
    expect(() => x.index([0, 1], [0, 1, 2])).toThrow(
      'shape mismatch: indexing tensors could not be broadcast together with shapes [2], [3]',
    );
    expect(() => x.index(slice(null, null, -1))).toThrow('step must be greater than zero');
    expect(() => torch.tensor(1).index(0)).toThrow('invalid index of a 0-dim tensor.');
    expect(() => x.index('x' as never)).toThrow(torch.IndexError);
    expect(() => x.index(1.5)).toThrow(torch.IndexError);
  });

  it('adds the gradients of repeated indices', () => {
    const x = grid().requires_grad_();
    x.index([0, 0, 2], [1, 1, 3]).sum().backward();
    expect(x.grad!.tolist()).toEqual([
      [0, 2, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 1],
    ]);
  });
});

describe('index_put_', () => {
  it('assigns through basic and advanced indices, and through views', () => {
    const x = torch.zeros(3, 4);
    expect(x.index_put_([0], 1)).toBe(x);
    x.index_put_(
      [slice(1, null), [0, 3]],
      torch.tensor([
        [2.5, 3],
        [4, 5],
      ]),
    );
    x.t().index_put_([1, x.index(slice(null), 0).gt(2)], -1);
    expect(x.tolist()).toEqual([
      [1, 1, 1, 1],
      [2.5, -1, 0, 3],
      [4, -1, 0, 5],
    ]);
    x.index(slice(null, 2)).index_put_([[0, 0]], torch.ones(4), { accumulate: true });
    expect(x.index(0).tolist()).toEqual([3, 3, 3, 3]);
  });

  it('has a gradient for what remains and for the value', () => {
    const x = torch.ones(3, 2).requires_grad_();
    const value = torch.tensor([5.5, 6]).requires_grad_();
    const y = x.mul(2);
    y.index(slice(null), 0).index_put_([[0, 2]], value);
    y.mul(
      torch.tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    )
      .sum()
      .backward();
    expect(x.grad!.tolist()).toEqual([
      [0, 4],
      [6, 8],
      [0, 12],
    ]);
    expect(value.grad!.tolist()).toEqual([1, 5]);
  });

  it('refuses leaves, wrong shapes and wrong dtypes', () => {
    const leaf = torch.ones(3).requires_grad_();
    expect(() => leaf.index_put_([0], 1)).toThrow(
      'a view of a leaf Variable that requires grad is being used in an in-place operation.',
    );
    expect(() => torch.ones(2, 3).index_put_([[0]], torch.ones(2))).toThrow(
      'shape mismatch: value tensor of shape [2] cannot be broadcast to indexing result of shape [1, 3]',
    );
    expect(() => torch.ones(3).index_put_([[0]], torch.ones(1, { dtype: torch.float64 }))).toThrow(
      'Index put requires the source and destination dtypes match, got Float for the destination and Double for the source.',
    );
  });

  it('is seen by saved tensors', () => {
    const x = torch.ones(3).requires_grad_();
    const y = x.exp();
    y.index_put_([[0]], 0);
    expect(() => y.sum().backward()).toThrow('modified by an inplace operation');
  });
});

describe('gather, scatter and their kin', () => {
  it('check indices before they write', () => {
    const x = grid();
    expect(() => x.gather(0, long([[3]]))).toThrow('index 3 is out of bounds for dimension 0 with size 3');
    expect(() => x.gather(0, long([[-1]]))).toThrow('index -1 is out of bounds for dimension 0 with size 3');
    expect(() => x.gather(0, long([1]))).toThrow(
      'Index tensor must have the same number of dimensions as input tensor',
    );
    expect(() => x.gather(0, torch.tensor([[0.5]]))).toThrow('gather(): Expected dtype int64 for index');
    expect(() => x.scatter_(0, long([[0, 9, 1, 1]]), 1)).toThrow(
      'index 9 is out of bounds for dimension 0 with size 3',
    );
    expect(x.tolist()).toEqual(grid().tolist());
    expect(() => x.index_select(0, long([3]))).toThrow('index out of range in self');
    expect(() => x.take(long([12]))).toThrow(
      'out of range: tried to access index 12 on a tensor of 12 elements.',
    );
    expect(() => x.scatter(0, long([[0]]), torch.ones(1, 1, { dtype: torch.float64 }))).toThrow(
      'scatter(): Expected self.dtype to be equal to src.dtype',
    );
  });

  it('write in place, into the same memory, also where it is not contiguous', () => {
    const x = torch.zeros(2, 3);
    const turned = x.t();
    expect(turned.scatter_(0, long([[2, 0]]), 7)).toBe(turned);
    expect(x.tolist()).toEqual([
      [0, 0, 7],
      [7, 0, 0],
    ]);
    x.index_add_(1, long([0, 0]), torch.ones(2, 2));
    expect(x.tolist()).toEqual([
      [2, 0, 7],
      [9, 0, 0],
    ]);
    x.masked_fill_(x.gt(5), 1);
    x.index_fill_(1, long([-2]), 4);
    expect(x.tolist()).toEqual([
      [2, 4, 1],
      [1, 4, 0],
    ]);
    expect(x._version).toBeGreaterThan(0);
    x.put_(long([0, -1]), torch.tensor([8, 9], { dtype: torch.float32 }));
    x.masked_scatter_(x.eq(4), torch.tensor([5, 6], { dtype: torch.float32 }));
    expect(x.tolist()).toEqual([
      [8, 5, 1],
      [1, 6, 9],
    ]);
  });

  it('reduce', () => {
    const index = long([0, 0, 1]);
    const src = torch.tensor([2, 3, 4], { dtype: torch.float32 });
    const run = (reduce: 'sum' | 'mean' | 'amax' | 'prod', include_self: boolean): unknown =>
      torch.ones(3).scatter_reduce(0, index, src, reduce, { include_self }).tolist();
    expect(run('sum', true)).toEqual([6, 5, 1]);
    expect(run('mean', false)).toEqual([2.5, 4, 1]);
    expect(run('amax', true)).toEqual([3, 4, 1]);
    expect(run('prod', false)).toEqual([6, 4, 1]);
    expect(torch.ones(3).scatter(0, index, src, { reduce: 'multiply' }).tolist()).toEqual([6, 4, 1]);
  });

  it('find what is not zero', () => {
    const x = torch.tensor([
      [0, 2],
      [3, 0],
    ]);
    expect(x.nonzero().tolist()).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(x.nonzero({ as_tuple: true }).map((v) => v.tolist())).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(torch.tensor(5).nonzero().shape).toEqual([1, 0]);
    expect(
      torch
        .tensor(5)
        .nonzero({ as_tuple: true })
        .map((v) => v.tolist()),
    ).toEqual([[0]]);
    expect(torch.argwhere(x).dtype).toBe(int64);
    expect(torch.where(x.gt(2)).map((v) => v.tolist())).toEqual([[1], [0]]);
    expect(x.where(x.gt(2), -1).tolist()).toEqual([
      [-1, -1],
      [3, -1],
    ]);
    expect(() => (torch.where as (...args: unknown[]) => unknown)(x.gt(2), { other: x })).toThrow(
      'where() takes a condition alone',
    );
  });
});

describe('masks of several dimensions', () => {
  const x = torch.arange(9).reshape(1, 3, 3);
  const mask = torch.tensor([[true, true, false]]);

  it('take up one dimension while others are selected, as in torch', () => {
    expect(x.index(mask, 1).tolist()).toEqual([3, 4]);
    expect(x.index(mask, torch.tensor(1)).tolist()).toEqual([3, 4]);
    expect(x.index(mask, long([1])).tolist()).toEqual([1, 4]);
    expect(() => x.index(mask, null)).toThrow(
      'The shape of the mask [1, 3] at index 1 does not match the shape of the indexed tensor [1, 1, 3, 3] at index 1',
    );
  });

  it('index one dimension after the other in index_put_', () => {
    const y = torch.zeros(1, 3, 3);
    y.index_put_([mask, torch.tensor(1)], 1, true);
    expect(y.tolist()).toEqual([
      [
        [0, 1, 0],
        [0, 1, 0],
        [0, 0, 0],
      ],
    ]);
  });

  it('and other indices out of range are told as torch tells them', () => {
    expect(() => x.index('...', 5)).toThrow('index 5 is out of bounds for dimension 1 with size 3');
    expect(() => x.index(slice(null), [5])).toThrow('index 5 is out of bounds for dimension 0 with size 3');
    expect(() => torch.zeros(2, 0).index(slice(null), [0])).toThrow(
      'index is out of bounds for dimension with size 0',
    );
    expect(() => torch.tensor(1).index(null, 2)).toThrow('too many indices for tensor of dimension 0');
  });
});
