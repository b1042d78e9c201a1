// Optimizers with sparse gradients, against PyTorch's.
import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, fixture, flat } from '../nn/recorded.js';

const { nn, optim } = torch;
const { functional: F } = nn;

type Values = Record<string, number | number[] | null>;

interface Trajectory {
  optimizer: 'SparseAdam' | 'SGD' | 'Adagrad';
  options: { lr: number };
  values: number[][];
  state: Values;
}

const { trajectories, saved } = fixture('sparse') as {
  trajectories: Trajectory[];
  saved: {
    before: number[];
    state: Values;
    param_groups: torch.optim.OptimizerState['param_groups'];
    after: number[];
  };
};

const f64 = { dtype: torch.float64 };

function start(): torch.nn.Parameter {
  const values = Float64Array.from({ length: 14 }, (_, i) => -1 + (3 * i) / 13);
  return new nn.Parameter(torch.tensor(values, f64).reshape(7, 2));
}

function lossAt(w: torch.Tensor, step: number): torch.Tensor {
  const named = torch.tensor([0, 1, 2, 3, 4].map((i) => (5 * step + 3 * i) % 7));
  const rows = F.embedding(named, w, { sparse: true });
  return rows.mul(rows).mul(0.5).add(rows.mul(3).sin()).sum();
}

function train(optimizer: torch.optim.Optimizer, w: torch.Tensor, from: number, to: number): void {
  for (let step = from; step < to; step++) {
    torch.tidy(() => {
      optimizer.zero_grad(step % 2 === 0);
      lossAt(w, step).backward();
      optimizer.step();
    });
  }
}

function numbers(value: torch.optim.StateValue): number[] {
  return value instanceof torch.Tensor ? flat(value.to_dense()) : [Number(value)];
}

function make({ optimizer, options }: Trajectory, w: torch.Tensor): torch.optim.Optimizer {
  return new optim[optimizer]([w], options);
}

describe.each(
  trajectories.map((t): [string, Trajectory] => [`${t.optimizer} ${JSON.stringify(t.options)}`, t]),
)('%s', (_name, trajectory) => {
  test('50 steps in float64, as PyTorch makes them', () => {
    const w = start();
    const optimizer = make(trajectory, w);
    trajectory.values.forEach((expected, i) => {
      train(optimizer, w, 10 * i, 10 * i + 10);
      expectClose(flat(w), expected, 1e-10);
    });
    const found = optimizer.state_dict().state[0];
    expect(Object.keys(found).sort()).toEqual(Object.keys(trajectory.state).sort());
    for (const [key, value] of Object.entries(trajectory.state)) {
      if (value === null) expect(found[key]).toBe(null);
      else expectClose(numbers(found[key]), [value].flat(), 1e-10);
    }
  });

  test('a step leaves nothing behind', () => {
    const w = start();
    const optimizer = make(trajectory, w);
    train(optimizer, w, 0, 4);
    const before = torch.memory_stats().allocations;
    train(optimizer, w, 4, 8);
    expect(torch.memory_stats().allocations).toBe(before);
  });

  test('goes on from what it saved', () => {
    const [w, v] = [start(), start()];
    const first = make(trajectory, w);
    train(first, w, 0, 5);
    torch.no_grad(() => v.copy_(w));
    const second = make(trajectory, v);
    second.load_state_dict(first.state_dict());
    train(first, w, 5, 9);
    train(second, v, 5, 9);
    expect(flat(v)).toEqual(flat(w));
  });
});

test('SparseAdam goes on from what PyTorch saved, and saves what PyTorch does', () => {
  const w = new nn.Parameter(torch.tensor(saved.before, f64).reshape(7, 2));
  const optimizer = new optim.SparseAdam([w]);
  const state = Object.fromEntries(
    Object.entries(saved.state).map(([name, value]) => [
      name,
      Array.isArray(value) ? torch.tensor(value, f64).reshape(7, 2) : value,
    ]),
  );
  optimizer.load_state_dict({ state: { 0: state }, param_groups: saved.param_groups });
  const dict = optimizer.state_dict();
  expect(dict.param_groups).toEqual(saved.param_groups);
  expect(dict.state[0]['step']).toBe(10);
  for (const [name, value] of Object.entries(saved.state)) {
    expect(numbers(dict.state[0][name])).toEqual([value].flat());
  }
  train(optimizer, w, 10, 20);
  expectClose(flat(w), saved.after, 1e-10);
});

/** A parameter with the gradient of three rows, two of them the same. */
function withSparse(): torch.nn.Parameter {
  const p = new nn.Parameter(torch.ones(4, 2));
  p.grad = torch.sparse_coo_tensor([[0, 2, 0]], torch.ones(3, 2), [4, 2]);
  return p;
}

describe('refusals', () => {
  test.each(['Adadelta', 'Adamax', 'AdamW', 'ASGD', 'NAdam', 'RAdam', 'RMSprop', 'Rprop'] as const)(
    '%s',
    (name) => {
      const [p, before] = [withSparse(), new nn.Parameter(torch.ones(2))];
      before.grad = torch.ones(2);
      const optimizer = new optim[name]([before, p]);
      expect(() => optimizer.step()).toThrow(`${name} does not support sparse gradients`);
      expect(before.tolist()).toEqual([1, 1]);
    },
  );

  test('of optimizers that take some', () => {
    const step = (optimizer: { step(): unknown }) => () => optimizer.step();
    expect(step(new optim.Adam([withSparse()]))).toThrow(
      'Adam does not support sparse gradients, please consider SparseAdam instead',
    );
    expect(step(new optim.SGD([withSparse()], { lr: 1, weight_decay: 0.1 }))).toThrow(
      'add(sparse, dense) is not supported. Use add(dense, sparse) instead.',
    );
    expect(step(new optim.Adagrad([withSparse()], { weight_decay: 0.1 }))).toThrow(
      'weight_decay option is not compatible with sparse gradients',
    );
    const dense = new nn.Parameter(torch.ones(2));
    dense.grad = torch.ones(2);
    expect(step(new optim.SparseAdam([dense]))).toThrow(
      'SparseAdam does not support dense gradients, please consider Adam instead',
    );
  });

  test('of options', () => {
    const p = withSparse();
    expect(() => new optim.SparseAdam([p], { lr: 0 })).toThrow('Invalid learning rate: 0');
    expect(() => new optim.SparseAdam([p], 0.1, [1, 0.9])).toThrow('Invalid beta parameter at index 0: 1');
    expect(() => new optim.SparseAdam([p], 0.1, [0.1, -1])).toThrow('Invalid beta parameter at index 1: -1');
    expect(() => new optim.SparseAdam([p], { eps: 0 })).toThrow('Invalid epsilon value: 0');
    expect(() => new optim.SparseAdam([])).toThrow('optimizer got an empty parameter list');
    const sparse = torch.sparse_coo_tensor([4, 2]);
    const why = 'SparseAdam requires dense parameter tensors';
    expect(() => new optim.SparseAdam([p, sparse])).toThrow(`Sparse params at indices [1]: ${why}`);
    expect(() => new optim.SparseAdam([{ params: [p, sparse] }, { params: [sparse.clone()] }])).toThrow(
      `Sparse params at indices [[0, 1], [1, 0]]: ${why}`,
    );
    expect(() => new optim.SparseAdam(p as unknown as torch.Tensor[])).toThrow('should be an iterable');
  });
});

test('momentum that began sparse takes no dense gradient; one that began dense takes sparse ones', () => {
  torch.tidy(() => {
    const p = withSparse();
    const optimizer = new optim.SGD([p], { lr: 0.1, momentum: 0.9 });
    optimizer.step();
    p.grad = torch.ones(4, 2);
    expect(() => optimizer.step()).toThrow('add(sparse, dense) is not supported');
    const other = new nn.Parameter(torch.ones(4, 2));
    other.grad = torch.ones(4, 2);
    const second = new optim.SGD([other], { lr: 0.1, momentum: 0.9 });
    second.step();
    other.grad = torch.sparse_coo_tensor([[0]], torch.ones(1, 2), [4, 2]);
    second.step();
    expectClose(flat(other), [0.71, 0.71, ...Array<number>(6).fill(0.81)], 1e-6);
  });
});

test('LBFGS makes the gradient dense', () => {
  const p = withSparse();
  new optim.LBFGS([p], { lr: 0.1, max_iter: 1 }).step(() => p.sum().item());
  expect(p.tolist()[1 as never]).toEqual([1, 1]);
  expect(p.tolist()[0 as never]).not.toEqual([1, 1]);
});

test('parameters that are not contiguous', () => {
  const p = new nn.Parameter(torch.ones(2, 4).t());
  p.grad = torch.sparse_coo_tensor([[0, 2, 0]], torch.ones(3, 2), [4, 2]);
  new optim.SparseAdam([p], { lr: 0.5 }).step();
  expectClose(flat(p), [0.5, 0.5, 1, 1, 0.5, 0.5, 1, 1], 1e-6);
});

test('a classifier of bags of words learns with SparseAdam and Adam', () => {
  torch.manual_seed(0);
  // Words 0 to 19 speak for one class, 20 to 39 for the other, 40 to 99 for neither.
  const labels = torch.randint(0, 2, [64]);
  const texts = torch.stack(
    (labels.tolist() as number[]).map((label) =>
      torch.cat([torch.randint(20 * label, 20 * label + 20, [2]), torch.randint(40, 100, [4])]),
    ),
  );
  const words = new nn.EmbeddingBag(100, 8, { sparse: true, mode: 'mean' });
  const head = new nn.Linear(8, 2);
  const optimizers = [
    new optim.SparseAdam(words.parameters(), { lr: 0.05 }),
    new optim.Adam(head.parameters(), { lr: 0.05 }),
  ];
  const before = words.weight.detach().clone();
  const loss = (): torch.Tensor => F.cross_entropy(head(words(texts)), labels);
  const first = torch.tidy(() => loss().item());
  for (let epoch = 0; epoch < 30; epoch++) {
    torch.tidy(() => {
      for (const optimizer of optimizers) optimizer.zero_grad();
      const value = loss();
      value.backward();
      expect(words.weight.grad!.is_sparse).toBe(true);
      for (const optimizer of optimizers) optimizer.step();
    });
  }
  expect(torch.tidy(() => loss().item())).toBeLessThan(first / 10);
  const right = torch.tidy(() => head(words(texts)).argmax(1).eq(labels).sum().item());
  expect(right).toBe(64);
  // Rows of words that no text has are as they were.
  const named = new Set((texts.tolist() as number[][]).flat());
  const changed = words.weight.ne(before).any(1).tolist() as boolean[];
  expect(changed).toEqual(changed.map((_, row) => named.has(row)));
});
