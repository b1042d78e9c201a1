import { describe, expect, test, vi } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, fixture, flat } from './recorded.js';
import type { Recorded } from './recorded.js';

const { nn } = torch;
const { init, utils } = nn;
const recorded = fixture('nn') as Recorded;

function drawn(make: () => torch.Tensor | torch.Tensor[]): number[] {
  torch.manual_seed(7);
  const made = make();
  return Array.isArray(made) ? made.flatMap(flat) : flat(made);
}

describe('draws of torch.manual_seed(7)', () => {
  test.each<[string, () => torch.Tensor | torch.Tensor[]]>([
    ['linear', () => [...new nn.Linear(7, 5).parameters()]],
    ['conv', () => [...new nn.Conv2d(4, 6, 3, { groups: 2 }).parameters()]],
    ['uniform', () => init.uniform_(torch.empty(5), -2, 3)],
    ['normal', () => init.normal_(torch.empty(20), { mean: 1, std: 2 })],
    ['xavier_uniform', () => init.xavier_uniform_(torch.empty(3, 5), { gain: 2 })],
    ['xavier_normal', () => init.xavier_normal_(torch.empty(4, 5))],
    ['kaiming_uniform', () => init.kaiming_uniform_(torch.empty(3, 2, 3, 3), { nonlinearity: 'relu' })],
    ['kaiming_normal', () => init.kaiming_normal_(torch.empty(3, 2, 3, 3), 0, 'fan_out', 'relu')],
    ['sparse', () => init.sparse_(torch.empty(6, 4), 0.4)],
    ['dirac', () => init.dirac_(torch.empty(4, 3, 3, 2), 2)],
    ['eye', () => init.eye_(torch.empty(3, 4))],
  ])('%s: bit for bit', (name, make) => {
    expect(drawn(make)).toEqual(recorded.draws[name]);
  });

  test('trunc_normal_: within the accuracy of erfinv', () => {
    expectClose(
      drawn(() => init.trunc_normal_(torch.empty(40), 0.5, 2, { a: -1, b: 3 })),
      recorded.draws['trunc_normal'],
      2e-6,
    );
  });

  test('orthogonal_: within the accuracy of a float32 factorisation', () => {
    expectClose(
      drawn(() => init.orthogonal_(torch.empty(6, 4))),
      recorded.draws['orthogonal_tall'],
      1e-5,
    );
    expectClose(
      drawn(() => init.orthogonal_(torch.empty(3, 2, 4), 2)),
      recorded.draws['orthogonal_wide'],
      1e-5,
    );
  });
});

test('orthogonal_ gives orthonormal columns, or rows', () => {
  const tall = init.orthogonal_(torch.empty(7, 3, { dtype: torch.float64 }));
  const gram = tall.t().matmul(tall).tolist() as number[][];
  gram.forEach((row, i) =>
    expectClose(
      row,
      row.map((_, j) => Number(i === j)),
      1e-14,
    ),
  );
  const wide = init.orthogonal_(torch.empty(2, 5, { dtype: torch.float64 }), { gain: 3 });
  const rows = wide.matmul(wide.t()).tolist() as number[][];
  rows.forEach((row, i) =>
    expectClose(
      row,
      row.map((_, j) => 9 * Number(i === j)),
      1e-13,
    ),
  );
});

test('parameters are initialised unrecorded', () => {
  const p = new nn.Parameter(torch.zeros(3, 3));
  init.kaiming_normal_(p);
  expect(p.is_leaf && p.requires_grad).toBe(true);
  expect(flat(init.constant_(p, 3))).toEqual(Array(9).fill(3));
  expect(flat(init.ones_(p))[0]).toBe(1);
  expect(flat(init.zeros_(p))[0]).toBe(0);
});

test('gains and fans', () => {
  const names = ['linear', 'conv2d', 'sigmoid', 'tanh', 'relu', 'leaky_relu', 'selu'] as const;
  expect(names.map((name) => init.calculate_gain(name))).toEqual(recorded.gains);
  expect(init.calculate_gain('leaky_relu', 0.2)).toBe(Math.sqrt(2 / (1 + 0.2 ** 2)));
  expect(init._calculate_fan_in_and_fan_out(torch.empty(6, 4, 3, 5))).toEqual([60, 90]);
});

test('errors', () => {
  expect(() => init.xavier_normal_(torch.empty(3))).toThrow(
    'Fan in and fan out can not be computed for tensor with fewer than 2 dimensions',
  );
  expect(() => init.kaiming_normal_(torch.empty(3, 3), { mode: 'fan' as 'fan_in' })).toThrow(
    "Mode fan not supported, please use one of ['fan_in', 'fan_out']",
  );
  expect(() => init.calculate_gain('swish' as 'relu')).toThrow('Unsupported nonlinearity swish');
  expect(() => init.kaiming_normal_(torch.empty(3, 3), { slope: 1 } as never)).toThrow('unexpected keyword');
  expect(() => init.eye_(torch.empty(3))).toThrow('Only tensors with 2 dimensions are supported');
  expect(() => init.dirac_(torch.empty(3, 3))).toThrow(
    'Only tensors with 3, 4, or 5 dimensions are supported',
  );
  expect(() => init.dirac_(torch.empty(3, 3, 3), 2)).toThrow('dim 0 must be divisible by groups');
  expect(() => init.orthogonal_(torch.empty(3))).toThrow(
    'Only tensors with 2 or more dimensions are supported',
  );
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  init.kaiming_uniform_(torch.empty(0, 3));
  expect(warn).toHaveBeenCalledWith('Initializing zero-element tensors is a no-op');
  warn.mockRestore();
});

describe('utils', () => {
  function withGrads(): torch.nn.Parameter[] {
    const make = (values: number[]): torch.nn.Parameter => {
      const p = new nn.Parameter(torch.zeros(values.length));
      p.grad = torch.tensor(values, { dtype: torch.float32 });
      return p;
    };
    return [make([3, 4]), make([12]), new nn.Parameter(torch.ones(1))];
  }

  test('clip_grad_norm_', () => {
    const parameters = withGrads();
    expect(utils.clip_grad_norm_(parameters.values(), 1).item()).toBe(13);
    expectClose(flat(parameters[0].grad!), [3 / 13, 4 / 13], 1e-6);
    expectClose(flat(parameters[1].grad!), [12 / 13], 1e-6);
    expect(utils.clip_grad_norm_(withGrads(), 100, { norm_type: Infinity }).item()).toBe(12);
    expect(utils.clip_grad_norm_(withGrads(), { max_norm: 1, norm_type: 1 }).item()).toBe(19);
    expect(utils.clip_grad_norm_([], 1).item()).toBe(0);
    const broken = withGrads();
    broken[0].grad!.fill_(NaN);
    expect(() => utils.clip_grad_norm_(broken, 1, 2, true)).toThrow(
      'The total norm of order 2.0 for gradients',
    );
  });

  test('clip_grad_value_', () => {
    const parameters = withGrads();
    utils.clip_grad_value_(parameters, 3.5);
    expect(parameters.slice(0, 2).flatMap((p) => flat(p.grad!))).toEqual([3, 3.5, 3.5]);
  });

  test('parameters to vector and back', () => {
    const fc = new nn.Linear(2, 2);
    const vector = utils.parameters_to_vector(fc.parameters());
    expect(flat(vector)).toEqual([...fc.parameters()].flatMap(flat));
    utils.vector_to_parameters(torch.arange(6, { dtype: torch.float32 }), fc.parameters());
    expect(fc.weight.tolist()).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(fc.bias!.tolist()).toEqual([4, 5]);
    expect(() => utils.vector_to_parameters(torch.ones(2), fc.parameters())).toThrow(
      'expected a vector of 6 elements',
    );
  });
});
