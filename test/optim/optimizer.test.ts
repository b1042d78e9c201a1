import { describe, expect, test, vi } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, fixture, flat } from '../nn/recorded.js';

const { nn, optim } = torch;

interface Trajectory {
  optimizer: Name;
  options: { lr: number };
  values: number[][][];
  state: Record<string, number[] | number | null>;
}

const NAMES = [
  'Adadelta',
  'Adagrad',
  'Adam',
  'Adamax',
  'AdamW',
  'ASGD',
  'LBFGS',
  'NAdam',
  'RAdam',
  'RMSprop',
  'Rprop',
  'SGD',
] as const;
type Name = (typeof NAMES)[number];

const { trajectories } = fixture('optim') as { trajectories: Trajectory[] };

function linspace(start: number, end: number, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => start + ((end - start) * i) / (n - 1));
}

function start(): torch.nn.Parameter[] {
  const a = torch.tensor(linspace(-1, 2, 7));
  const b = torch.tensor(linspace(0.5, -1.5, 6)).reshape(2, 3);
  return [new nn.Parameter(a), new nn.Parameter(b)];
}

function lossOf(a: torch.Tensor, b: torch.Tensor): torch.Tensor {
  const own = a.mul(a).mul(0.5).add(a.mul(3).sin()).sum();
  return own
    .add(
      b
        .sub(a.narrow(0, 0, 3))
        .square()
        .sum()
        .mul(0.1),
    )
    .add(b.cos().sum());
}

interface Stepper {
  zero_grad(): void;
  step<R>(closure: () => R): R | null;
}

function make(name: Name, params: torch.nn.Parameter[], options: { lr: number }): Stepper & AnyOptimizer {
  return new optim[name](params, options);
}

type AnyOptimizer = Pick<torch.optim.Optimizer, 'state_dict' | 'load_state_dict' | 'param_groups'>;

function train(optimizer: Stepper, params: torch.nn.Parameter[], steps: number): void {
  for (let step = 0; step < steps; step++) {
    torch.tidy(() => {
      optimizer.step(() => {
        optimizer.zero_grad();
        const loss = lossOf(params[0], params[1]);
        loss.backward();
        return loss;
      });
    });
  }
}

/** A number, or how many elements a list or tensor has: what is recorded of LBFGS. */
function sizeOf(value: torch.optim.StateValue): number {
  if (value instanceof torch.Tensor) return value.numel();
  return Array.isArray(value) ? value.length : Number(value);
}

describe('50 steps in float64, as PyTorch makes them', () => {
  test.each(
    trajectories.map((t): [string, Trajectory] => [`${t.optimizer} ${JSON.stringify(t.options)}`, t]),
  )('%s', (_name, { optimizer: name, options, values, state }) => {
    const params = start();
    const optimizer = make(name, params, options);
    for (const expected of values) {
      train(optimizer, params, 10);
      params.forEach((p, i) => expectClose(flat(p), expected[i], 1e-10));
    }
    const saved = optimizer.state_dict().state[name === 'LBFGS' ? 0 : 1];
    expect(Object.keys(saved).sort()).toEqual(Object.keys(state).sort());
    for (const [key, value] of Object.entries(state)) {
      const found = saved[key];
      if (value === null) expect(found).toBe(null);
      else if (name === 'LBFGS') expectClose([sizeOf(found)], [value as number], 1e-6);
      else if (found instanceof torch.Tensor) expectClose(flat(found), value as number[], 1e-9);
      else expect(found).toBe(value);
    }
  });

  test.each(NAMES)('a step of %s allocates its state once and leaves nothing else', (name) => {
    const params = start();
    const optimizer = make(name, params, { lr: 0.01 });
    // LBFGS remembers more with each step, up to its history.
    const options = name === 'LBFGS' ? { history_size: 2, max_iter: 2 } : {};
    Object.assign(optimizer.param_groups[0], options);
    train(optimizer, params, 3);
    const before = torch.memory_stats().allocations;
    train(optimizer, params, 3);
    expect(torch.memory_stats().allocations).toBe(before);
  });

  test('numbers of the order of operations: p = 1, gradient 1', () => {
    const p = new nn.Parameter(torch.ones(1, { dtype: torch.float64 }));
    p.grad = torch.ones(1, { dtype: torch.float64 });
    const optimizer = new optim.SGD([p], 0.1, 0.9, { dampening: 0.5, weight_decay: 0.1 });
    const found = [0, 1, 2].map(() => {
      optimizer.step();
      return p.item();
    });
    expectClose(found, [0.89, 0.73655, 0.54476], 1e-5);
  });
});

describe('parameters', () => {
  test('that are not contiguous are stepped too, in float32 and float64', () => {
    for (const dtype of [torch.float32, torch.float64]) {
      const base = torch.arange(6, { dtype }).reshape(2, 3);
      const p = new nn.Parameter(base.t());
      expect(p.is_contiguous()).toBe(false);
      p.grad = torch.arange(6, { dtype }).reshape(3, 2);
      new optim.SGD([p], { lr: 1 }).step();
      expect(p.tolist()).toEqual([
        [0, 2],
        [-1, 1],
        [-2, 0],
      ]);
    }
  });

  test('without a gradient stay', () => {
    const [a, b] = start() as [torch.nn.Parameter, torch.nn.Parameter];
    a.grad = torch.ones(7, { dtype: torch.float64 });
    const before = flat(b);
    const optimizer = new optim.AdamW([a, b]);
    optimizer.step();
    expect(flat(b)).toEqual(before);
    expect(Object.keys(optimizer.state_dict().state)).toEqual(['0']);
  });

  test('are changed where autograd sees it', () => {
    const p = new nn.Parameter(torch.ones(2));
    const y = p.square().sum();
    p.grad = torch.ones(2);
    new optim.SGD([p], { lr: 0.1 }).step();
    expect(() => y.backward()).toThrow('has been modified by an inplace operation');
  });
});

test('groups have options of their own', () => {
  const [a, b] = start() as [torch.nn.Parameter, torch.nn.Parameter];
  a.grad = torch.ones(7, { dtype: torch.float64 });
  b.grad = torch.ones(2, 3, { dtype: torch.float64 });
  const [a0, b0] = [flat(a)[0], flat(b)[0]];
  const optimizer = new optim.SGD([{ params: [a] }, { params: b, lr: 0.5, name: 'head' }], { lr: 0.1 });
  optimizer.step();
  expectClose([a0 - flat(a)[0], b0 - flat(b)[0]], [0.1, 0.5], 1e-12);
  expect(optimizer.param_groups.map(({ lr, momentum }) => [lr, momentum])).toEqual([
    [0.1, 0],
    [0.5, 0],
  ]);
});

test('a closure computes the loss, with gradients', () => {
  const params = start();
  const optimizer = new optim.SGD(params, { lr: 0.1 });
  const loss = optimizer.step(() => {
    optimizer.zero_grad();
    const value = lossOf(params[0], params[1]);
    value.backward();
    return value;
  });
  expect(loss!.item()).toBe(lossOf(start()[0], start()[1]).item());
  expect(optimizer.step()).toBe(null);
});

test('zero_grad zeroes, or drops', () => {
  const params = start();
  const optimizer = new optim.SGD(params, { lr: 0.1 });
  lossOf(params[0], params[1]).backward();
  optimizer.zero_grad();
  expect(flat(params[0].grad!)).toEqual(Array(7).fill(0));
  optimizer.zero_grad({ set_to_none: true });
  expect(params[0].grad).toBe(null);
});

describe('state', () => {
  test.each(NAMES)('of %s saved and loaded continues the same trajectory', (name) => {
    const options = {
      lr: 0.05,
      ...(name === 'SGD' && { momentum: 0.9 }),
      ...(name === 'Adam' && { amsgrad: true }),
      ...(name === 'RMSprop' && { momentum: 0.9, centered: true }),
      ...(name === 'LBFGS' && { max_iter: 2 }),
      ...(name === 'ASGD' && { t0: 3 }),
    };
    const [whole, first, second] = [start(), start(), start()];
    train(make(name, whole, options), whole, 20);
    const before = make(name, first, options);
    train(before, first, 10);
    torch.no_grad(() => second.forEach((p, i) => p.copy_(first[i])));
    const after = make(name, second, { lr: 1 });
    torch.tidy(() => after.load_state_dict(before.state_dict()));
    train(after, second, 10);
    // Loading casts float state to the parameters' dtype, as torch does: mu_product of NAdam goes on in float64.
    const tolerance = name === 'NAdam' ? 1e-6 : 0;
    second.forEach((p, i) => expectClose(flat(p), flat(whole[i]), tolerance));
  });

  test("has torch's form", () => {
    const params = start();
    const optimizer = new optim.SGD([{ params: [params[0]] }, { params: [params[1]] }], {
      lr: 0.1,
      momentum: 0.9,
    });
    train(optimizer, params, 1);
    const { state, param_groups } = optimizer.state_dict();
    expect(param_groups.map((group) => group.params)).toEqual([[0], [1]]);
    expect(Object.keys(param_groups[0])).toEqual(
      expect.arrayContaining([
        'lr',
        'momentum',
        'dampening',
        'weight_decay',
        'nesterov',
        'maximize',
        'params',
      ]),
    );
    expect((state[1]['momentum_buffer'] as torch.Tensor).shape).toEqual([2, 3]);
  });

  test('that does not fit is refused', () => {
    const optimizer = new optim.SGD(start(), { lr: 0.1 });
    const state = optimizer.state_dict();
    expect(() => optimizer.load_state_dict({ ...state, param_groups: [] })).toThrow(
      'loaded state dict has a different number of parameter groups',
    );
    const [group] = state.param_groups;
    expect(() => optimizer.load_state_dict({ ...state, param_groups: [{ ...group, params: [0] }] })).toThrow(
      "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
    );
    expect(() => optimizer.load_state_dict({ ...state, state: { 9: {} } })).toThrow('parameter 9');
  });

  test('float state takes the dtype of the parameter, the step keeps its own', () => {
    const params = start();
    const optimizer = new optim.Adam(params);
    train(optimizer, params, 2);
    const narrow = start().map((p) => new nn.Parameter(p.to(torch.float32)));
    const loaded = new optim.Adam(narrow);
    loaded.load_state_dict(optimizer.state_dict());
    const { step, exp_avg } = loaded.state_dict().state[0] as Record<string, torch.Tensor>;
    expect([step.dtype, step.item(), exp_avg.dtype]).toEqual([torch.float32, 2, torch.float32]);
  });
});

test('prints its groups', () => {
  const optimizer = new optim.SGD(start(), { lr: 0.1, nesterov: true, momentum: 0.5 });
  expect(String(optimizer)).toBe(
    'SGD (\nParameter Group 0\n    dampening: 0\n    lr: 0.1\n    maximize: False\n    momentum: 0.5\n    nesterov: True\n' +
      '    weight_decay: 0\n)',
  );
});

function searchUnknown(): unknown {
  const p = new nn.Parameter(torch.ones(1));
  const optimizer = new optim.LBFGS([p], { line_search_fn: 'weak' as never });
  return optimizer.step(() => {
    const loss = p.square().sum();
    loss.backward();
    return loss;
  });
}

describe('errors', () => {
  const p = (): torch.nn.Parameter => new nn.Parameter(torch.ones(1));
  test.each<[string, () => unknown]>([
    ['Invalid learning rate: -1', () => new optim.SGD([p()], { lr: -1 })],
    ['Invalid momentum value: -0.5', () => new optim.SGD([p()], { lr: 1, momentum: -0.5 })],
    ['Invalid weight_decay value: -1', () => new optim.SGD([p()], { lr: 1, weight_decay: -1 })],
    [
      'Nesterov momentum requires a momentum and zero dampening',
      () => new optim.SGD([p()], { lr: 1, nesterov: true }),
    ],
    [
      "parameter group didn't specify a value of required optimization parameter lr",
      () => new optim.SGD([p()]),
    ],
    ['optimizer got an empty parameter list', () => new optim.SGD([], { lr: 1 })],
    [
      'params argument given to the optimizer should be an iterable of Tensors or dicts, but got torch.FloatTensor',
      () => new optim.SGD(p() as never, { lr: 1 }),
    ],
    [
      'optimizer can only optimize Tensors, but one of the params is number',
      () => new optim.SGD([3 as never], { lr: 1 }),
    ],
    ["can't optimize a non-leaf Tensor", () => new optim.SGD([p().mul(2)], { lr: 1 })],
    [
      'some parameters appear in more than one parameter group',
      () => {
        const shared = p();
        return new optim.SGD([{ params: [shared] }, { params: [shared] }], { lr: 1 });
      },
    ],
    [
      "unexpected keyword argument 'momentm'; it takes: params, lr",
      () => new optim.SGD([p()], { lr: 1, momentm: 1 } as never),
    ],
    [
      "unknown option 'lrr' in a parameter group",
      () => new optim.SGD([{ params: [p()], lrr: 1 }], { lr: 1 }),
    ],
    ['Invalid epsilon value: -1', () => new optim.Adam([p()], { eps: -1 })],
    ['Invalid beta parameter at index 1: 1', () => new optim.Adam([p()], { betas: [0.9, 1] })],
    ['Invalid learning rate: -0.1', () => new optim.AdamW([p()], -0.1)],
    ['Invalid rho value: 2', () => new optim.Adadelta([p()], { rho: 2 })],
    ['Invalid lr_decay value: -1', () => new optim.Adagrad([p()], 0.1, -1)],
    [
      'Invalid initial_accumulator_value value: -1',
      () => new optim.Adagrad([p()], { initial_accumulator_value: -1 }),
    ],
    ['Invalid beta parameter at index 0: 1', () => new optim.Adamax([p()], { betas: [1, 0.9] })],
    ['Invalid momentum_decay value: -1', () => new optim.NAdam([p()], { momentum_decay: -1 })],
    ['Invalid epsilon value: -1', () => new optim.RAdam([p()], { eps: -1 })],
    ['Invalid alpha value: -1', () => new optim.RMSprop([p()], { alpha: -1 })],
    ['Invalid weight_decay value: -1', () => new optim.ASGD([p()], { weight_decay: -1 })],
    ['Invalid eta values: 1.5, 2', () => new optim.Rprop([p()], { etas: [1.5, 2] })],
    [
      "LBFGS doesn't support per-parameter options (parameter groups)",
      () => new optim.LBFGS([{ params: [p()] }, { params: [p()] }]),
    ],
    [
      "missing 1 required positional argument: 'closure'",
      () => new optim.LBFGS([p()]).step(undefined as never),
    ],
    ["only 'strong_wolfe' is supported", searchUnknown],
    ['betas must be two numbers', () => new optim.AdamW([p()], { betas: [0.9] as never })],
  ])('%s', (message, make) => {
    expect(make).toThrow(message);
  });

  test('duplicates within a group are warned of', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const shared = p();
    new optim.SGD([shared, shared], { lr: 1 });
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('duplicate parameters'));
    warn.mockRestore();
  });
});
