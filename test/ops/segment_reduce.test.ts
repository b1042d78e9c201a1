// What torch 1.13.1 printed.
import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';

const data = (): torch.Tensor => torch.tensor([1, -2, 3, 4, 5]).float().requires_grad_(true);
const lengths = torch.keep(torch.tensor([2, 0, 3]));
type Reduction = 'sum' | 'mean' | 'max' | 'min' | 'prod';

// prettier-ignore
const CASES: [Reduction, number | null, number[], number[]][] = [
  ['sum', null, [-1, 0, 12], [1, 1, 3, 3, 3]],
  ['sum', 2, [1, 2, 14], [1, 1, 3, 3, 3]],
  ['mean', null, [-0.5, NaN, 4], [0.5, 0.5, 1, 1, 1]],
  ['mean', 4, [1.5, 4, 16 / 3], [0.5, 0.5, 1, 1, 1]],
  ['max', null, [1, -Infinity, 5], [1, 0, 0, 0, 3]],
  ['max', 2, [2, 2, 5], [0, 0, 0, 0, 3]],
  ['min', null, [-2, Infinity, 3], [0, 1, 3, 0, 0]],
  ['min', 2, [-2, 2, 2], [0, 1, 0, 0, 0]],
  ['prod', null, [-2, 1, 60], [-2, 1, 60, 45, 36]],
  ['prod', 2, [-4, 2, 120], [-4, 2, 120, 90, 72]],
];

describe('segment_reduce', () => {
  test.each(CASES)('%s from %s', (reduction, initial, out, grad) => {
    const x = data();
    const y = torch.segment_reduce(x, reduction, { lengths, initial });
    expect(y.tolist()).toEqual(out.map(Math.fround));
    const weights = torch.tensor([1, 2, 3]).float();
    const finite = y.isfinite();
    y.masked_select(finite).mul(weights.masked_select(finite)).sum().backward();
    (x.grad!.tolist() as number[]).forEach((v, i) => expect(v).toBeCloseTo(grad[i], 5));
  });

  test('offsets, axes, ties and unsafe lengths', () => {
    const offsets = torch.tensor([0, 2, 5]);
    expect(torch.segment_reduce(data(), 'sum', { offsets }).tolist()).toEqual([-1, 12]);
    expect(torch.segment_reduce(data(), 'sum', { offsets: torch.tensor([0, 2]) }).tolist()).toEqual([-1]);
    const D = torch.arange(12).float().reshape(2, 3, 2);
    const rows = torch.tensor([[1, 2], [3, 0]]); // prettier-ignore
    const sums = [[[0, 1], [6, 8]], [[24, 27], [0, 0]]]; // prettier-ignore
    expect(torch.segment_reduce(D, 'sum', { lengths: rows, axis: 1 }).tolist()).toEqual(sums);
    expect(torch.segment_reduce(D, 'sum', { lengths: rows, axis: -2 }).tolist()).toEqual(sums);
    const most = torch.segment_reduce(D, 'max', { offsets: torch.tensor([[0, 1, 3], [0, 3, 3]]), axis: 1 }); // prettier-ignore
    expect(most.tolist()).toEqual([[[0, 1], [4, 5]], [[10, 11], [-Infinity, -Infinity]]]); // prettier-ignore
    const two = torch.tensor([2, 2]);
    expect(torch.segment_reduce(data(), 'sum', { lengths: two, unsafe: true }).tolist()).toEqual([-1, 7]);
    const tied = torch.tensor([3, 3, 0, 2]).float().requires_grad_(true);
    torch.segment_reduce(tied, 'max', { lengths: two }).sum().backward();
    expect(tied.grad!.tolist()).toEqual([0.5, 0.5, 0, 1]);
  });

  // prettier-ignore
  const GRADIENTS: [string, Reduction, number[], number[], number | null, number[], number[]][] = [
    ['equal maxima share a positive gradient only', 'max', [-2, -2, -2, -2], [2, 2], null, [-1, 3], [-1, -1, 1.5, 1.5]],
    ['a maximum that is the initial value', 'max', [2, 2], [0, 2], 2, [1, 3], [1.5, 1.5]],
    ['NaN among maxima', 'max', [1, NaN, 3, 2], [3, 1], null, [1, 1], [0, 1, 0, 1]],
    ['NaN among minima', 'min', [1, NaN, 3, 2], [3, 1], null, [-1, 1], [0, -1, 0, 1]],
    ['NaN and 0 in products', 'prod', [1, NaN, 3, 0], [3, 1], null, [1, 2], [NaN, 3, NaN, 2]],
    ['zeros in products', 'prod', [2, 0, 3, 0, 0], [3, 2], 2, [1, 2], [0, 12, 0, 0, 0]],
    ['NaN in means', 'mean', [2, NaN, 2], [0, 3], null, [1, 3], [1, 1, 1]],
  ];
  test.each(GRADIENTS)('%s', (_, reduction, values, sizes, initial, weights, grad) => {
    const x = torch.tensor(values).float().requires_grad_(true);
    const y = torch.segment_reduce(x, reduction, { lengths: torch.tensor(sizes), initial });
    y.backward(torch.tensor(weights).float());
    expect(x.grad!.tolist()).toEqual(grad);
  });

  test('is rounded after each value, and differentiated once', () => {
    const x = torch.tensor([1e8, 1, -1e8, 1]).float();
    expect(torch.segment_reduce(x, 'sum', { lengths: torch.tensor([4]) }).tolist()).toEqual([1]);
    const z = data();
    const [first] = torch.autograd.grad(torch.segment_reduce(z, 'prod', { lengths }).sum(), [z], {
      create_graph: true,
    });
    expect(() => first!.sum().backward()).toThrow(
      'derivative for aten::_segment_reduce_backward is not implemented',
    );
  });

  test("errors are torch's", () => {
    const of = (...values: number[]): { lengths: torch.Tensor } => ({ lengths: torch.tensor(values) });
    const run =
      (options: object, x = data(), by = 'sum') =>
      (): unknown =>
        torch.segment_reduce(x, by as Reduction, options);
    expect(run(of(2, 2))).toThrow(
      'Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1)',
    );
    expect(run(of(6, -1))).toThrow('lengths contains negative value!');
    expect(run({})).toThrow('segment_reduce(): Either lengths or offsets must be defined.');
    expect(run(of(5), data(), 'foo')).toThrow('unsupported reduction given! foo');
    expect(run(of(2.5))).toThrow(`"_segment_reduce_lengths_cpu_kernel1" not implemented for 'Float'`);
    expect(run(of(3), torch.arange(3))).toThrow(`"_segment_reduce_cpu" not implemented for 'Long'`);
    expect(run({ ...of(1, 2), axis: 1 }, torch.ones(2, 3))).toThrow(
      'segment_reduce(): Expected axis to be the last dimension of lengths but got 1.',
    );
  });
});
