// Tensors computed from others at each reading: what torch 1.13.1 has of them (test/fixtures/parametrize.py), and what the cache,
// copies and memory do.
import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, fixture, flat } from './recorded.js';

const { nn } = torch;
const { parametrizations, parametrize } = nn.utils;
const { cached, is_parametrized, register_parametrization, remove_parametrizations } = parametrize;

type Values = Record<string, number[] | null>;
interface Case {
  repr: string;
  keys: string[];
  weight: number[];
  grads: Values;
  call?: Values;
  assigned: number[] | string;
  state: Values;
  removed: { repr: string; keys: string[]; weight: number[] };
}
const recorded = fixture('parametrize') as { cases: Record<string, Case>; errors: Record<string, string> };

class Symmetric extends nn.Module {
  forward(X: torch.Tensor): torch.Tensor {
    return X.triu().add(X.triu(1).mT);
  }
  right_inverse(A: torch.Tensor): torch.Tensor {
    return A.triu();
  }
}

class Double extends nn.Module {
  forward(X: torch.Tensor): torch.Tensor {
    return X.mul(2);
  }
  right_inverse(X: torch.Tensor): torch.Tensor {
    return X.div(2);
  }
}

class Square extends nn.Module {
  forward(X: torch.Tensor): torch.Tensor {
    return X.mul(X);
  }
}

class Sum extends nn.Module {
  forward(x: torch.Tensor, y: torch.Tensor): torch.Tensor {
    return x.unsqueeze(-1).add(y.unsqueeze(-2));
  }
  right_inverse(Z: torch.Tensor): torch.Tensor[] {
    return [Z.select(1, 0).clone(), Z.select(0, 0).clone()];
  }
}

class Wider extends nn.Module {
  forward(X: torch.Tensor): torch.Tensor {
    return torch.cat([X, X]);
  }
}

class Floats extends nn.Module {
  forward(X: torch.Tensor): torch.Tensor {
    return X.float();
  }
}

class Pair extends nn.Module {
  forward(X: torch.Tensor): torch.Tensor[] {
    return [X, X];
  }
}

class Inverse extends nn.Module {
  constructor(readonly right_inverse: (X: torch.Tensor) => unknown) {
    super();
  }
  forward(X: torch.Tensor): torch.Tensor {
    return X;
  }
}

type Layer = () => torch.nn.Module;
const square: Layer = () => new nn.Linear(3, 3);
const tall: Layer = () => new nn.Linear(3, 5);
const wide: Layer = () => new nn.Linear(5, 3);
const conv: Layer = () => new nn.Conv2d(2, 3, [4, 3]);

function made(layer: Layer): torch.nn.Module {
  torch.manual_seed(0);
  return layer().double();
}

type Change = (module: torch.nn.Module) => torch.nn.Module;

function register(modules: torch.nn.AnyModule[], options: { unsafe?: boolean; name?: string } = {}): Change {
  const { name = 'weight', ...rest } = options;
  return (module) => {
    for (const each of modules) register_parametrization(module, name, each, rest);
    return module;
  };
}

const { orthogonal, spectral_norm } = parametrizations;
const cases: Record<string, [Layer, Change, name?: string]> = {
  'spectral square': [square, (m) => spectral_norm(m)],
  'spectral wide': [wide, (m) => spectral_norm(m, { n_power_iterations: 3, eps: 1e-3 })],
  'spectral conv': [conv, (m) => spectral_norm(m, { dim: -1 })],
  'spectral transposed': [
    () => new nn.ConvTranspose2d(2, 3, 2) as unknown as torch.nn.Module,
    (m) => spectral_norm(m),
  ],
  'spectral vector': [tall, (m) => spectral_norm(m, 'bias'), 'bias'],
  symmetric: [square, register([new Symmetric()])],
  chain: [square, register([new Symmetric(), new Double()])],
  'no inverse': [square, register([new Symmetric(), new Square()])],
  several: [wide, register([new Sum(), new Double()])],
  unsafe: [() => new nn.Linear(5, 3, { bias: false }), register([new Wider()], { unsafe: true })],
};
for (const [shape, layer] of Object.entries({ square, tall, wide, conv })) {
  cases[`orthogonal ${shape}`] = [layer, (m) => orthogonal(m)];
  for (const orthogonal_map of ['matrix_exp', 'cayley', 'householder'] as const) {
    const name = `orthogonal ${shape} ${orthogonal_map}`;
    cases[name] = [layer, (m) => orthogonal(m, 'weight', orthogonal_map)];
    cases[`${name} plain`] = [layer, (m) => orthogonal(m, { orthogonal_map, use_trivialization: false })];
  }
}

test('covers what was recorded', () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(recorded.cases).sort());
});

const TOLERANCE = 1e-11;
const fieldsOf = (module: object): Record<string, torch.Tensor> => module as Record<string, torch.Tensor>;

function wave(t: torch.Tensor): torch.Tensor {
  return torch.arange(t.numel(), { dtype: torch.float64 }).square().sin().reshape(t.shape);
}

function expectValues(found: Iterable<[string, torch.Tensor | null]>, expected: Values): void {
  const entries = [...found];
  expect(entries.map(([name]) => name)).toEqual(Object.keys(expected));
  for (const [name, t] of entries) {
    const values = expected[name];
    if (values === null || t === null) expect(t).toBe(values);
    else expectClose(flat(t), values, TOLERANCE);
  }
}

function* gradsOf(module: torch.nn.Module): Generator<[string, torch.Tensor | null]> {
  for (const [name, parameter] of module.named_parameters()) yield [name, parameter.grad];
}

describe.each(Object.keys(cases))('%s', (title) => {
  const [layer, change, name = 'weight'] = cases[title];
  const expected = recorded.cases[title];

  test('as in torch', () => {
    torch.tidy(() => {
      const module = made(layer);
      expect(change(module)).toBe(module);
      expect(String(module)).toBe(expected.repr);
      expect(Object.keys(module.state_dict())).toEqual(expected.keys);
      const weight = fieldsOf(module)[name];
      expectClose(flat(weight), expected.weight, TOLERANCE);
      weight.mul(wave(weight)).sum().backward();
      expectValues(gradsOf(module), expected.grads);
      module.zero_grad();
      if (expected.call !== undefined) {
        const { in_features } = module as torch.nn.Linear;
        const x = torch
          .arange(2 * in_features, { dtype: torch.float64 })
          .cos()
          .reshape(2, -1);
        (module as torch.nn.Linear)(x).sin().sum().backward();
        expectValues(gradsOf(module), expected.call);
      }
      const assign = (): void => void (fieldsOf(module)[name] = wave(weight));
      if (typeof expected.assigned === 'string') {
        expect(assign).toThrow(expected.assigned.replace(/^\w+: /, ''));
      } else {
        assign();
        expectClose(flat(fieldsOf(module)[name]), expected.assigned, TOLERANCE);
      }
      expectValues(Object.entries(module.state_dict()), expected.state);
      remove_parametrizations(module, name);
      expect(String(module)).toBe(expected.removed.repr);
      expect(Object.keys(module.state_dict())).toEqual(expected.removed.keys);
      expectClose(flat(fieldsOf(module)[name]), expected.removed.weight, TOLERANCE);
    });
  });

  test('state dicts', () => {
    const [from, to] = [made(layer), layer().double()].map((module) => change(module).eval());
    expect(to.load_state_dict(from.state_dict())).toEqual({ missing_keys: [], unexpected_keys: [] });
    expect(flat(fieldsOf(to)[name])).toEqual(flat(fieldsOf(from)[name]));
  });

  // The diagonal of what householder's map takes is rounded to signs, which differences see.
  test.skipIf(/householder|orthogonal (tall|wide|conv)$/.test(title))('gradcheck', () => {
    const module = change(made(layer)).eval();
    const leaves = [...module.parameters()].filter((p) => p !== fieldsOf(module)[name]);
    expect(
      torch.autograd.gradcheck(() => fieldsOf(module)[name].sin(), leaves, { atol: 1e-5, rtol: 1e-4 }),
    ).toBe(true);
  });
});

describe('errors', () => {
  const again =
    (first: torch.nn.Module, second: torch.nn.Module): (() => unknown) =>
    () =>
      register([second])(register([first])(made(square)));
  const calls: Record<string, () => unknown> = {
    'no tensor': () => register([new Double()], { name: 'wight' })(made(square)),
    shape: () => register([new Wider()])(made(square)),
    dtype: () => register([new Floats()])(made(square)),
    'no result': () => register([new Pair()])(made(square)),
    'inverse dtype': () => register([new Inverse((X) => X.float())])(made(square)),
    'second shape': again(new Double(), new Wider()),
    'second dtype': again(new Double(), new Floats()),
    'second inverse dtype': again(new Double(), new Inverse((X) => X.float())),
    'second inverse shape': again(new Double(), new Inverse((X) => X.select(0, 0))),
    'no list': () => new parametrize.ParametrizationList([], torch.ones(2)),
    remove: () => remove_parametrizations(made(square), 'weight'),
    'remove several': () => remove_parametrizations(register([new Sum()])(made(wide)), 'weight', false),
    'orthogonal name': () => orthogonal(made(square), 'wight'),
    'orthogonal vector': () => orthogonal(made(square), 'bias'),
    'orthogonal map': () => orthogonal(made(square), { orthogonal_map: 'qr' as 'cayley' }),
    'orthogonal shape': () => (fieldsOf(orthogonal(made(square))).weight = torch.ones(2, 2)),
    'spectral name': () => spectral_norm(made(square), 'wight'),
    'spectral dim': () => spectral_norm(made(square), { dim: 2 }),
    'spectral iterations': () => spectral_norm(made(square), { n_power_iterations: 0 }),
  };

  test('covers what was recorded', () => {
    expect(Object.keys(calls).sort()).toEqual(Object.keys(recorded.errors).sort());
  });

  test.each(Object.keys(calls))('%s', (name) => {
    const [, type, message] = /^(\w+): ([^]*)$/.exec(recorded.errors[name])!;
    // JavaScript has no tuples.
    expect(calls[name]).toThrow(message.replace('Got tuple', 'Got Array'));
    expect(calls[name]).toThrow(expect.objectContaining({ name: type }));
  });

  test('what is assigned', () => {
    const fc = register_parametrization(new nn.Linear(3, 3), 'weight', new Double());
    expect(() => (fc.weight = new nn.Parameter(torch.ones(3, 3)))).toThrow(
      "attribute 'weight' already exists",
    );
    const wrong = register_parametrization(
      new nn.Linear(3, 3),
      'weight',
      new Inverse((X) => (X.sum().item() === 9 ? [X] : X)),
    );
    expect(() => (fieldsOf(wrong).weight = torch.ones(3, 3))).toThrow(
      '`right_inverse` should return a tensor. Got Array',
    );
  });

  test('a value of another dtype does not become the original', () => {
    const fc = register_parametrization(new nn.Linear(3, 3).double(), 'weight', new Floats(), {
      unsafe: true,
    });
    expect(() => remove_parametrizations(fc, 'weight')).toThrow("'weight' is torch.float32");
    expect(is_parametrized(fc, 'weight')).toBe(true);
    remove_parametrizations(fc, 'weight', { leave_parametrized: false });
    expect(fc.weight.dtype).toBe(torch.float64);
  });
});

describe('register_parametrization', () => {
  test('keeps the parameter that an optimizer has, and trains it', () => {
    const fc = new nn.Linear(3, 3);
    const { weight } = fc;
    const optimizer = new torch.optim.SGD(fc.parameters(), { lr: 0.1 });
    const parametrized = register_parametrization(fc, 'weight', new Symmetric());
    expect(parametrized.parametrizations.weight.original).toBe(weight);
    const before = flat(fc.weight);
    fc(torch.ones(2, 3)).square().sum().backward();
    optimizer.step();
    expect(flat(fc.weight)).not.toEqual(before);
    expect(fc.weight.equal(fc.weight.mT)).toBe(true);
    remove_parametrizations(fc, 'weight');
    expect(fc.weight).toBe(weight);
  });

  test('a buffer stays one', () => {
    const bn = register_parametrization(new nn.BatchNorm1d(3), 'running_var', new Double());
    expect(Object.keys(bn.state_dict())).toContain('parametrizations.running_var.original');
    expect([...bn.named_buffers()].map(([name]) => name)).toContain('parametrizations.running_var.original');
    remove_parametrizations(bn, 'running_var');
    expect(bn.get_buffer('running_var').tolist()).toEqual([1, 1, 1]);
  });

  test('several tensors of a module, removed one by one', () => {
    const fc = new nn.Linear(3, 3);
    register_parametrization(fc, 'weight', new Symmetric());
    register_parametrization(fc, 'bias', new Double());
    expect(is_parametrized(fc, 'weight') && is_parametrized(fc, 'bias')).toBe(true);
    expect(parametrize.type_before_parametrizations(fc)).toBe(nn.Linear);
    expect(fc).toBeInstanceOf(nn.Linear);
    expect(fc._get_name()).toBe('ParametrizedLinear');
    remove_parametrizations(fc, 'weight');
    expect(is_parametrized(fc, 'weight')).toBe(false);
    expect(is_parametrized(fc)).toBe(true);
    expect(fc.weight).toBeInstanceOf(nn.Parameter);
    expect(fc.bias).not.toBeInstanceOf(nn.Parameter);
    remove_parametrizations(fc, 'bias');
    expect(is_parametrized(fc)).toBe(false);
    expect(fc.constructor).toBe(nn.Linear);
    expect('parametrizations' in fc).toBe(false);
  });

  test('takes the mode of the module', () => {
    const double = new Double();
    register_parametrization(new nn.Linear(3, 3).eval(), 'weight', double);
    expect(double.training).toBe(false);
  });

  test('a second one without checks, and `unsafe` stays', () => {
    const fc = register_parametrization(new nn.Linear(3, 2), 'weight', new Wider(), { unsafe: true });
    register_parametrization(fc, 'weight', new Double());
    expect(fc.parametrizations.weight.unsafe).toBe(true);
    expect(fc.parametrizations.weight.length).toBe(2);
    expect(fc.weight.shape).toEqual([4, 3]);
  });

  test('the kernel of a recurrent layer', () => {
    const rnn = new nn.RNN(2, 3);
    register_parametrization(rnn as torch.nn.AnyModule, 'weight_hh_l0', new Double());
    const plain = new nn.RNN(2, 3);
    plain.load_state_dict(
      Object.fromEntries(
        ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0'].map((name) => [
          name,
          fieldsOf(rnn)[name],
        ]),
      ),
    );
    const x = torch.randn(4, 1, 2);
    expect(flat(rnn(x)[0])).toEqual(flat(plain(x)[0]));
  });

  test('what backward needs of a value that was replaced is missed', () => {
    const fc = register_parametrization(new nn.Linear(2, 2), 'weight', new Inverse((X) => X.clone()));
    const loss = fc.weight.mul(fc.weight).sum();
    fieldsOf(fc).weight = torch.ones(2, 2);
    expect(() => loss.backward()).toThrow('modified by an inplace operation');
  });

  test('trains without a leak', () => {
    const fc = orthogonal(new nn.Linear(4, 4));
    const optimizer = new torch.optim.SGD(fc.parameters(), { lr: 0.1 });
    const step = (): void =>
      torch.tidy(() => {
        optimizer.zero_grad();
        cached(() =>
          fc(fc(torch.ones(2, 4)))
            .square()
            .sum(),
        ).backward();
        optimizer.step();
      });
    step();
    step();
    const before = torch.memory_stats();
    for (let i = 0; i < 5; i++) step();
    expect(torch.memory_stats().allocated_bytes).toBe(before.allocated_bytes);
    expect(fc.weight.matmul(fc.weight.mT).allclose(torch.eye(4), { atol: 1e-5 })).toBe(true);
  });
});

describe('cached', () => {
  class Counting extends nn.Module {
    calls = 0;
    forward(X: torch.Tensor): torch.Tensor {
      this.calls++;
      return X.mul(1);
    }
  }

  test('computes once, also in nested calls, and its values live on', () => {
    const counting = new Counting();
    const fc = register_parametrization(new nn.Linear(2, 2), 'weight', counting);
    counting.calls = 0;
    const x = torch.ones(1, 2);
    const value = torch.tidy(() => {
      let seen: torch.Tensor | null = null;
      cached(() => {
        fc(x);
        cached(() => void fc(x));
        seen = fc.weight;
      });
      expect(counting.calls).toBe(1);
      expect(seen!.shape).toEqual([2, 2]);
      return torch.keep(seen!);
    });
    expect(value.shape).toEqual([2, 2]);
    void fc.weight;
    expect(counting.calls).toBe(2);
  });

  test('ends with an error, and refuses a promise', () => {
    const fc = register_parametrization(new nn.Linear(2, 2), 'weight', new Double());
    expect(() =>
      cached(() => {
        void fc.weight;
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect(fc.weight).not.toBe(fc.weight);
    expect(() => cached(async () => Promise.resolve())).toThrow('returned a Promise');
  });
});

test('a copy has parametrizations of its own', () => {
  const fc = orthogonal(new nn.Linear(3, 3));
  const copy = new torch.optim.swa_utils.AveragedModel(fc).module;
  expect(String(copy)).toBe(String(fc));
  expect(copy.weight.equal(fc.weight)).toBe(true);
  torch.no_grad(() => void copy.parametrizations.weight.original.mul_(2).tril_().add_(1));
  expect(copy.weight.equal(fc.weight)).toBe(false);
  remove_parametrizations(copy, 'weight');
  expect(is_parametrized(fc, 'weight')).toBe(true);
  expect(fc(torch.ones(1, 3)).shape).toEqual([1, 3]);
});

test('transfer_parametrizations_and_params', () => {
  const from = register_parametrization(new nn.Linear(3, 3), 'weight', new Sum());
  register_parametrization(from, 'bias', new Double());
  const to = parametrize.transfer_parametrizations_and_params(from, new nn.Linear(3, 3), 'weight');
  expect(flat(to.weight)).toEqual(flat(from.weight));
  expect(is_parametrized(to, 'bias')).toBe(false);
  const other = new nn.Module();
  parametrize.transfer_parametrizations_and_params(from, other);
  expect(Object.keys(other.state_dict())).toEqual([
    'parametrizations.weight.original0',
    'parametrizations.weight.original1',
    'parametrizations.bias.original',
  ]);
  const plain = new nn.Linear(2, 2);
  expect(parametrize.transfer_parametrizations_and_params(plain, other)).toBe(other);
});
