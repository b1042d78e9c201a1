// What operators say in torch 1.13.1 to arguments that do not fit.
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const ones = (...shape: number[]): torch.Tensor => torch.ones(shape);
const ints = torch.tensor([1, 2]);
const flags = torch.tensor([true, false]);
const index = torch.tensor([0, 1]);

const CALLS: readonly (readonly [() => unknown, string])[] = [
  [() => torch.cross(ones(2, 2), ones(2, 2)), 'no dimension of size 3 in input'],
  [() => torch.cross(ones(3), ones(2, 3)), 'linalg.cross: inputs must have the same number of dimensions.'],
  [() => torch.cross(ones(3), ones(3).double()), 'expected scalar type Float but found Double'],
  [() => torch.frexp(ints), 'torch.frexp() only supports floating-point dtypes'],
  [() => torch.nextafter(ints, ints), '"nextafter_cpu" not implemented for \'Long\''],
  [
    () => torch.fill(ones(2), ones(2)),
    'fill_ only supports 0-dimension value tensor but got tensor with 1 dimensions.',
  ],
  [() => torch.histogram(ints, 2), '"histogramdd" not implemented for \'Long\''],
  [() => torch.histogram(ones(3), 0), 'torch.histogram(): bins must be > 0, but got 0 for dimension 0'],
  [
    () => torch.histogram(ones(3), ones(2, 2)),
    'torch.histogramdd: bins tensor should have one dimension, but got 2 dimensions in the bins tensor for dimension 0',
  ],
  [
    () => torch.histogram(ones(3), 3, { range: [1, 0] }),
    'torch.histogramdd: min should not exceed max, but got min 1 max 0 for dimension 0',
  ],
  [
    () => torch.histogram(torch.tensor([1.5, NaN]), 3),
    "torch.histogramdd: dimension 0's range [nan, nan] is not finite",
  ],
  [
    () => torch.histogramdd(ones(3), [2]),
    'torch.histogramdd: input tensor should have at least 2 dimensions',
  ],
  [
    () => torch.histogramdd(ones(3, 2), [ones(2)]),
    'torch.histogramdd: expected 2 sequences of bin edges for a 2-dimensional histogram but got 1',
  ],
  [
    () => torch.index_reduce(ones(2, 2), 0, index, ones(2, 2), 'sum' as 'mean'),
    'index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got sum.',
  ],
  [
    () => torch.index_reduce(ones(2, 2), 0, index.float(), ones(2, 2), 'mean'),
    'index_reduce_(): Expected dtype int32/int64 for index but got: Float',
  ],
  [
    () => torch.index_reduce(ones(2, 2), 0, torch.tensor([0, 3]), ones(2, 2), 'mean'),
    'index out of range in self',
  ],
  [() => torch.isin(flags, flags), 'Unsupported input type encountered for isin(): Bool'],
  [() => torch.quantile(torch.zeros(0), 0.5), 'quantile() input tensor must be non-empty'],
  [() => torch.quantile(ints, 0.5), 'quantile() input tensor must be either float or double dtype'],
  [() => torch.quantile(ones(3), 1.5), 'quantile() q must be in the range [0, 1] but got 1.5'],
  [
    () => torch.quantile(ones(3), ones(1).double()),
    'quantile() q tensor must be same dtype as the input tensor',
  ],
  [() => torch.quantile(ones(3), ones(1, 1)), 'quantile() q must be a scalar or 1D tensor'],
  [() => torch.trapezoid(flags), 'trapezoid: received a bool input for `y`, but bool is not supported'],
  [() => torch.trapezoid(ones(3), ones(2)), 'trapezoid: There must be one `x` value for each sample point'],
  [
    () => torch.gradient(ones(3), { edge_order: 3 }),
    'torch.gradient only supports edge_order=1 and edge_order=2.',
  ],
  [() => torch.gradient(ones(1)), 'torch.gradient expected each dimension size to be at least edge_order+1'],
  [
    () => torch.gradient(ones(3, 3), { spacing: [1, 2, 3] }),
    'torch.gradient expected spacing to be unspecified, a scalar or a list of length 2 but got a list of length 3',
  ],
  [() => ones(2, 3).sum_to_size(2, 2), 'size {[2, 2]} is not expandable to size {[2, 3]}.'],
  [
    () => torch.select_scatter(ones(2, 3), ones(2), 0, 0),
    'expected src to have a size equal to the slice of self. src size = [2], slice size = [3]',
  ],
  [
    () => torch.cov(ones(2, 2, 2)),
    'cov(): expected input to have two or fewer dimensions but got an input with 3 dimensions',
  ],
  [
    () => torch.cov(ones(2, 3), { fweights: ones(3) }),
    'cov(): expected fweights to have integral dtype but got fweights with Float dtype',
  ],
  [() => torch.cov(ones(2, 3), { aweights: ones(3).neg() }), 'cov(): aweights cannot be negative'],
  [() => torch.imag(ones(2)), 'imag is not implemented for tensors with non-complex dtypes.'],
  [() => torch.vander(ones(2, 2)), 'x must be a one-dimensional tensor.'],
  [() => ones(2).fill_diagonal_(1), 'dimensions must larger than 1'],
  [() => ones(2, 3, 3).fill_diagonal_(1), 'all dimensions of input must be of equal length'],
  [() => ones(2).geometric_(0), 'geometric_ expects p to be in (0, 1), but got p=0'],
  [() => ones(2).log_normal_(0, -1), 'log_normal_ expects std > 0.0, but found std=-1'],
  [() => ints.cauchy_(), '"cauchy_cpu" not implemented for \'Long\''],
];

describe('refusals', () => {
  it.each(CALLS)('%s', (call, message) => {
    expect(call).toThrow(message);
  });
});

describe('fill_diagonal_', () => {
  it('wraps around below squares', () => {
    const rows = (x: torch.Tensor): unknown => x.nonzero().select(1, 0).tolist();
    expect(rows(torch.zeros(7, 3).fill_diagonal_(5, { wrap: true }))).toEqual([0, 1, 2, 4, 5, 6]);
    expect(rows(torch.zeros(7, 3).fill_diagonal_(5))).toEqual([0, 1, 2]);
    expect(rows(torch.zeros(3, 3, 3).fill_diagonal_(1))).toEqual([0, 1, 2]);
  });

  it('takes the gradient away from what it overwrites', () => {
    const x = ones(2, 2).requires_grad_();
    x.mul(2).fill_diagonal_(0).sum().backward();
    expect(x.grad!.tolist()).toEqual([
      [0, 2],
      [2, 0],
    ]);
  });
});

describe('functions that write in place', () => {
  it('return their argument', () => {
    const x = torch.tensor([-1.5, 2]);
    expect(torch.relu_(x)).toBe(x);
    expect(x.tolist()).toEqual([0, 2]);
    expect(torch.clamp_(x, 1, null).tolist()).toEqual([1, 2]);
  });
});
