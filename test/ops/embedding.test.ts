// Look-ups beyond what the samples cover: which rows get gradients, limits on norms, bags, errors. Values from PyTorch 1.13.1.
import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, flat } from '../nn/recorded.js';

const F = torch.nn.functional;

const table = (): torch.Tensor =>
  torch.arange(12, { dtype: torch.float32 }).reshape(4, 3).detach().requires_grad_(true);
const indices = torch.keep(torch.tensor([0, 1, 2, 1, 3]));

/** The gradient of each row of the table, whose columns are alike. */
function rowGradients(call: (weight: torch.Tensor) => torch.Tensor): number[] {
  const weight = table();
  call(weight).sum().backward();
  return flat(weight.grad!.select(1, 0));
}

describe('embedding', () => {
  test('padding_idx and scale_grad_by_freq', () => {
    const input = torch.tensor([[1, 1, 0, 3]]);
    expect(rowGradients((w) => F.embedding(input, w))).toEqual([1, 2, 0, 1]);
    expect(rowGradients((w) => F.embedding(input, w, 1))).toEqual([1, 0, 0, 1]);
    expect(rowGradients((w) => F.embedding(input, w, { scale_grad_by_freq: true }))).toEqual([1, 1, 0, 1]);
    const both = { padding_idx: -1, scale_grad_by_freq: true };
    expect(rowGradients((w) => F.embedding(input, w, both))).toEqual([1, 1, 0, 0]);
  });

  test.each([
    [1, [0.5, 2 / 3, 5 / 6, 0.6, 2 / 3, 11 / 15]],
    [2, [6, 8, 10, 9, 10, 11].map((v, i) => v / Math.sqrt(i < 3 ? 50 : 302 / 4))],
    [Infinity, [1.2, 1.6, 2, 18 / 11, 20 / 11, 2]],
  ])('max_norm of order %f scales the rows that are named', (norm_type, expected) => {
    const weight = table();
    F.embedding(torch.tensor([1, 1, 3, 0]), weight, null, 2, norm_type);
    expectClose([...flat(weight.select(0, 1)), ...flat(weight.select(0, 3))], expected, 1e-6);
    expect(flat(weight.narrow(0, 2, 1))).toEqual([6, 7, 8]);
  });

  test('any dtype, either index, any shape', () => {
    expect(F.embedding(torch.tensor([1]).to(torch.int32), table().detach().long()).tolist()).toEqual([
      [3, 4, 5],
    ]);
    expect(F.embedding(torch.tensor(2), table()).shape).toEqual([3]);
    expect(F.embedding(torch.empty(0, 2, { dtype: torch.int64 }), table()).shape).toEqual([0, 2, 3]);
    expect(torch.embedding(table(), torch.tensor([3])).tolist()).toEqual([[9, 10, 11]]);
  });

  test('errors', () => {
    expect(() => F.embedding(torch.tensor([4]), table())).toThrow('index out of range in self');
    expect(() => F.embedding(torch.tensor([-1]), table())).toThrow('index out of range in self');
    expect(() => F.embedding(torch.tensor([1]), torch.ones(3))).toThrow("'weight' must be 2-D");
    expect(() => F.embedding(torch.tensor([1.5]), table())).toThrow(
      "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got " +
        'torch.FloatTensor instead (while checking arguments for embedding)',
    );
    for (const padding of [4, -5]) {
      expect(() => F.embedding(torch.tensor([1]), table(), padding)).toThrow(
        'Padding_idx must be within num_embeddings',
      );
    }
    expect(() => F.embedding(torch.tensor([1]), table().detach().long(), null, 1)).toThrow(
      'norm(): input dtype should be either floating point or complex. Got Long instead.',
    );
  });
});

describe('embedding_bag', () => {
  const offsets = torch.keep(torch.tensor([0, 2, 2]));

  test('modes, with an empty bag', () => {
    const call = (mode: 'sum' | 'mean' | 'max'): number[] =>
      flat(F.embedding_bag(indices, table(), offsets, { mode }));
    expect(call('sum')).toEqual([3, 5, 7, 0, 0, 0, 18, 21, 24]);
    expect(call('mean')).toEqual([1.5, 2.5, 3.5, 0, 0, 0, 6, 7, 8]);
    expect(call('max')).toEqual([3, 4, 5, 0, 0, 0, 9, 10, 11]);
  });

  test('bags by rows, or closed by the last offset', () => {
    expect(flat(F.embedding_bag(indices.narrow(0, 0, 4).reshape(2, 2), table()))).toEqual([
      1.5, 2.5, 3.5, 4.5, 5.5, 6.5,
    ]);
    const closed = torch.tensor([0, 2, 4]);
    const options = { mode: 'sum', include_last_offset: true } as const;
    expect(flat(F.embedding_bag(indices, table(), closed, options))).toEqual([3, 5, 7, 9, 11, 13]);
  });

  test('gradients', () => {
    const third = Math.fround(1 / 3);
    const grads = (options: object): number[] =>
      rowGradients((w) => F.embedding_bag(indices, w, offsets, options));
    expect(grads({ mode: 'sum' })).toEqual([1, 2, 1, 1]);
    expect(grads({ mode: 'sum', padding_idx: 1 })).toEqual([1, 0, 1, 1]);
    expectClose(grads({ mode: 'mean' }), [0.5, 0.5 + third, third, third], 1e-6);
    expect(grads({ mode: 'mean', padding_idx: -3 })).toEqual([1, 0, 0.5, 0.5]);
    expect(grads({ mode: 'max' })).toEqual([0, 1, 0, 1]);
    // torch divides index 2 by the count of index 1, which is third in the list of all indices in order.
    expect(grads({ mode: 'sum', scale_grad_by_freq: true })).toEqual([1, 1, 0.5, 1]);
  });

  test('factors of the rows', () => {
    const factors = torch.tensor([1, 2, 3, 4, 5], { dtype: torch.float32 }).requires_grad_(true);
    const options = { mode: 'sum', per_sample_weights: factors, padding_idx: 1 } as const;
    const out = F.embedding_bag(indices, table(), offsets, options);
    expect(flat(out)).toEqual([0, 1, 2, 0, 0, 0, 63, 71, 79]);
    out.sum().backward();
    expect(flat(factors.grad!)).toEqual([3, 0, 21, 0, 30]);
  });

  test('errors', () => {
    const bag = (offset: number[], options = {}): (() => unknown) => {
      return () => F.embedding_bag(indices, table(), torch.tensor(offset, { dtype: torch.int64 }), options);
    };
    expect(bag([1, 2])).toThrow('offsets[0] has to be 0');
    expect(bag([0, 6])).toThrow(
      "offsets[-1] can not be greater than input's length 5 but got offsets[-1] of 6",
    );
    expect(bag([0, 3, 2])).toThrow('offsets must not decrease');
    expect(bag([], { include_last_offset: true })).toThrow('number of offset should be at least 1');
    expect(bag([0], { padding_idx: 7 })).toThrow(
      'padding_idx must be within the number of embeddings, -4 through 3, but got 7',
    );
    expect(bag([0], { mode: 'min' })).toThrow('mode has to be one of sum, mean or max');
    expect(bag([0], { mode: 'max', scale_grad_by_freq: true })).toThrow(
      'max mode does not support scaling the gradient by the frequency',
    );
    expect(bag([0], { per_sample_weights: torch.ones(5) })).toThrow(
      "per_sample_weights is only supported for mode='sum' (got mode='mean')",
    );
    expect(bag([0], { mode: 'sum', per_sample_weights: torch.ones(4) })).toThrow(
      'must have the same shape as the input (torch.Size([5]))',
    );
    expect(() => F.embedding_bag(indices, table())).toThrow('offsets has to be a 1D Tensor but got None');
    expect(() => F.embedding_bag(indices.reshape(5, 1), table(), offsets)).toThrow(
      'if input is 2D, then offsets has to be None',
    );
    expect(() => F.embedding_bag(torch.tensor([[4]]), table())).toThrow('index out of range in self');
  });
});

describe('one_hot', () => {
  test('of nothing, of a number, with classes to spare', () => {
    expect(F.one_hot(torch.empty(0, { dtype: torch.int64 }), 3).shape).toEqual([0, 3]);
    expect(F.one_hot(torch.tensor(2)).tolist()).toEqual([0, 0, 1]);
    expect(F.one_hot(torch.tensor([[1]]), { num_classes: 3 }).tolist()).toEqual([[[0, 1, 0]]]);
  });

  test('errors', () => {
    expect(() => F.one_hot(torch.tensor([0, 2]), 2)).toThrow(
      'Class values must be smaller than num_classes.',
    );
    expect(() => F.one_hot(torch.tensor([-2]))).toThrow('Class values must be non-negative.');
    expect(() => F.one_hot(torch.empty(0, { dtype: torch.int64 }))).toThrow(
      'Can not infer total number of classes from empty tensor.',
    );
    expect(() => F.one_hot(torch.tensor([1.5]))).toThrow('one_hot is only applicable to index tensor.');
  });
});

describe('bilinear', () => {
  const weight = torch.keep(torch.ones(5, 3, 4));

  test('errors', () => {
    const call = (a: number[], b: number[], bias: torch.Tensor | null = null): (() => unknown) => {
      return () => F.bilinear(torch.ones(a), torch.ones(b), weight, bias);
    };
    expect(call([2, 3], [3, 4])).toThrow('input batch dimensions do not match at dim 0: got 2 and 3');
    expect(call([2, 2], [2, 4])).toThrow('input1 size does not match weight size: got 2 but expected 3');
    expect(call([2, 3], [2, 3])).toThrow('input2 size does not match weight size: got 3 but expected 4');
    expect(call([2, 3], [2, 1, 4])).toThrow('input dimensions do not match: got 2 and 3');
    expect(call([2, 3], [2, 4], torch.ones(4))).toThrow(
      'bias size does not match weight size: got 4 but expected 5',
    );
  });
});

describe('activations that draw', () => {
  test('rrelu in training has the gradient of its slopes', () => {
    const x = torch.tensor([-1, 2, -4, 0], { dtype: torch.float32 }).requires_grad_(true);
    torch.manual_seed(0);
    const y = F.rrelu(x, 0.25, 0.5, true);
    const slopes = flat(y.div(x));
    expect(slopes[1]).toBe(1);
    for (const i of [0, 2]) expect(slopes[i] >= 0.25 && slopes[i] < 0.5).toBe(true);
    y.sum().backward();
    expectClose(flat(x.grad!).slice(0, 3), slopes.slice(0, 3), 1e-6);
    const inplace = x.detach().clone();
    torch.manual_seed(0);
    F.rrelu_(inplace, 0.25, 0.5, true);
    expect(flat(inplace)).toEqual(flat(y));
    expect(() => F.rrelu(x, 0.5, 0.25)).toThrow(
      'Lower bound should be less than or equal to the upper bound',
    );
  });

  test('gumbel_softmax draws as torch does', () => {
    torch.manual_seed(4);
    const soft = F.gumbel_softmax(torch.zeros(2, 3), 0.7);
    expectClose(flat(soft), [0.0313919, 0.0114257, 0.9571824, 0.1229892, 0.1170389, 0.7599719], 1e-5);
    torch.manual_seed(4);
    const hard = F.gumbel_softmax(torch.zeros(2, 3), { tau: 0.7, hard: true });
    expect(flat(hard.argmax(1))).toEqual(flat(soft.argmax(1)));
  });
});
