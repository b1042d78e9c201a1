import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, fixture } from '../nn/recorded.js';

const { functional: A } = torch.autograd;

type Nested = number | Nested[];
interface Call {
  name: 'jacobian' | 'hessian' | 'vjp' | 'jvp' | 'vhp' | 'hvp';
  function: keyof typeof FUNCTIONS;
  inputs: Nested[];
  v: Nested[] | null;
}
const recorded = fixture('autograd') as {
  cases: (Call & { result: Nested })[];
  errors: (Call & { options: object; message: string })[];
};

type Fn = (...inputs: torch.Tensor[]) => torch.Tensor | torch.Tensor[];

/** As in test/fixtures/autograd.py. */
const FUNCTIONS = {
  one: (a) => a.sin().mul(a.cumsum(0)),
  two: (a, b) => a.mul(b).exp().sum(0).add(b.prod()),
  pair: (a, b) => [a.mul(b), a.square().sum().mul(b.index(0)).sum()],
  scalar: (a) => a.pow(3).mul(a.roll(1)).sum(),
  scalar2: (a, b) => a.exp().mul(b.square()).sum().mul(a.sum()),
  linear: (a) => a.sum().mul(3),
  constant: (a) => a.sum().mul(1.5),
  constants: (a, b) => [a.mul(2), b.sum()],
} satisfies Record<string, Fn>;

const tensorOf = (values: Nested): torch.Tensor => torch.tensor(values, { dtype: torch.float64 });
const oneOrMany = (list: Nested[], make: (values: Nested) => torch.Tensor): torch.Tensor | torch.Tensor[] =>
  list.length === 1 ? make(list[0]) : list.map(make);

function run(call: Call, options: object, make = tensorOf): unknown {
  const args: unknown[] = [FUNCTIONS[call.function], oneOrMany(call.inputs, make)];
  if (call.v !== null) args.push(oneOrMany(call.v, tensorOf));
  return (A[call.name] as (...args: unknown[]) => unknown)(...args, options);
}

/** The numbers in nested lists and tensors, with the lengths of the lists. */
function numbers(value: unknown): number[] {
  if (value instanceof torch.Tensor) return numbers(value.tolist());
  return Array.isArray(value) ? [value.length, ...value.flatMap(numbers)] : [value as number];
}

describe('as PyTorch gives it', () => {
  test.each(recorded.cases.map((c): [string, typeof c] => [`${c.name} of ${c.function}`, c]))(
    '%s',
    (_title, call) => {
      expectClose(numbers(run(call, {})), numbers(call.result), 1e-12);
      const leaf = (values: Nested): torch.Tensor => tensorOf(values).requires_grad_(true);
      const graph = run(call, { create_graph: true }, leaf);
      expectClose(numbers(graph), numbers(call.result), 1e-12);
    },
  );

  test.each(recorded.errors.map((c): [string, typeof c] => [c.message, c]))('%s', (message, call) => {
    expect(() => run(call, call.options)).toThrow(message);
  });
});

describe('results', () => {
  test('have no history without create_graph, and with it are differentiable', () => {
    const x = torch.tensor([1.5, -2], { dtype: torch.float64, requires_grad: true });
    expect(A.jacobian((a: torch.Tensor) => a.square(), x).requires_grad).toBe(false);
    const cube = (a: torch.Tensor): torch.Tensor => a.pow(3).sum();
    for (const f of [
      (a: torch.Tensor) => A.jacobian((b: torch.Tensor) => b.pow(3), a, { create_graph: true }),
      (a: torch.Tensor) => A.hessian(cube, a, { create_graph: true }),
      (a: torch.Tensor) => A.vjp(cube, a, { create_graph: true })[1],
      (a: torch.Tensor) => A.jvp(cube, a, torch.ones_like(a), true)[1],
      (a: torch.Tensor) => A.vhp(cube, a, torch.ones_like(a), true)[1],
      (a: torch.Tensor) => A.hvp(cube, a, torch.ones_like(a), true)[1],
    ]) {
      expect(torch.autograd.gradcheck(f, [x])).toBe(true);
    }
  });

  test('are all that is left', () => {
    const x = torch.tensor([1.5, -2]);
    const f = (a: torch.Tensor): torch.Tensor => a.pow(3).sum();
    const before = torch.memory_stats().allocations;
    torch.tidy(() => {
      const result = A.hessian(f, x);
      expect(torch.memory_stats().allocations).toBe(before + 1);
      return void result;
    });
    expect(torch.memory_stats().allocations).toBe(before);
  });
});

test('what is no tensor is refused in torch’s words', () => {
  const x = torch.ones(2);
  expect(() => A.jacobian((a: torch.Tensor) => a, [x, 3 as never])).toThrow(
    'The inputs given to jacobian must be either a Tensor or a tuple of Tensors but the value at index 1 has type',
  );
  expect(() => A.vjp(() => 3 as never, x)).toThrow(
    'The outputs of the user-provided function given to vjp must be either a Tensor or a tuple of Tensors',
  );
  expect(() => A.jacobian((a: torch.Tensor) => a, x, { vectorize: true } as never)).toThrow(
    'jacobian: vectorize=true is not supported',
  );
});
