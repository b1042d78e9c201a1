import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

describe('ranges', () => {
  it('have the dtype of their numbers', () => {
    expect(torch.arange(3).dtype).toBe(torch.int64);
    expect(torch.arange(1, 4, 2).tolist()).toEqual([1, 3]);
    expect(torch.arange(0, 1, 0.25).tolist()).toEqual([0, 0.25, 0.5, 0.75]);
    expect(torch.arange({ end: 2, dtype: torch.float64 }).dtype).toBe(torch.float64);
    expect(torch.arange(5, 0, -2).tolist()).toEqual([5, 3, 1]);
    expect(torch.range(0, 2).tolist()).toEqual([0, 1, 2]);
    expect(torch.arange(0).shape).toEqual([0]);
  });

  it('space float32 as torch does', () => {
    // torch.linspace(0, 1, 7).tolist(), PyTorch 1.13.1
    expect(torch.linspace(0, 1, 7).tolist()).toEqual([
      0, 0.1666666716337204, 0.3333333432674408, 0.5, 0.6666666269302368, 0.8333333134651184, 1,
    ]);
    expect(torch.linspace(3, 10, 1).tolist()).toEqual([3]);
    expect(torch.logspace(0, 3, { steps: 4, base: 2 } as never).tolist()).toEqual([1, 2, 4, 8]);
    expect(torch.eye(2, 3).tolist()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
  });

  it("have torch's errors", () => {
    expect(() => torch.arange(1, 0)).toThrow('upper bound and larger bound inconsistent with step sign');
    expect(() => torch.arange(0, 1, 0)).toThrow('step must be nonzero');
    expect(() => torch.linspace(0, 1, -1)).toThrow('number of steps must be non-negative');
    expect(() => torch.eye(-1)).toThrow('n must be greater or equal to 0, got -1');
    expect(() => torch.eye(2, { device: 'cuda' as never })).toThrow("tensors are on the 'cpu'");
  });
});

describe('conversion', () => {
  it('gives the tensor itself when nothing changes', () => {
    const x = torch.ones(2);
    expect(x.float()).toBe(x);
    expect(x.double().dtype).toBe(torch.float64);
    expect(x.bool().tolist()).toEqual([true, true]);
    expect([x.long(), x.int(), x.short(), x.char(), x.byte()].map((t) => t.dtype.name)).toEqual([
      'int64',
      'int32',
      'int16',
      'int8',
      'uint8',
    ]);
    expect(x.type_as(x.long()).dtype).toBe(torch.int64);
    expect(x.type()).toBe('torch.FloatTensor');
  });

  it('passes gradients back in the dtype of the tensor', () => {
    const x = torch.ones(2).requires_grad_();
    x.double().mul(3).sum().backward();
    expect(x.grad!.dtype).toBe(torch.float32);
    expect(x.grad!.tolist()).toEqual([3, 3]);
  });
});

describe('new_* methods', () => {
  it('take the dtype of the tensor unless told otherwise', () => {
    const x = torch.ones(2, { dtype: torch.float64 });
    expect(x.new_zeros(2, 3).dtype).toBe(torch.float64);
    expect(x.new_ones([2], { dtype: torch.int32 }).dtype).toBe(torch.int32);
    expect(x.new_full([2], 3).tolist()).toEqual([3, 3]);
    expect(x.new_tensor([1, 2]).dtype).toBe(torch.float64);
    expect(x.new_empty(0).shape).toEqual([0]);
  });
});

describe('triangle indices', () => {
  it('run row by row', () => {
    expect(torch.tril_indices(2, 3).tolist()).toEqual([
      [0, 1, 1],
      [0, 0, 1],
    ]);
    expect(torch.triu_indices(2, 3, 1).tolist()).toEqual([
      [0, 0, 1],
      [1, 2, 2],
    ]);
  });
});
