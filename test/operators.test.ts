// What every operator must do, by iteration over the definitions: gradients of all samples against central differences, no leak,
// and results that leave their inputs alone.
import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';
import * as linalg from '../src/linalg/index.js';
import * as special from '../src/special/index.js';
import * as functionalOnly from '../src/ops/functional_only.js';
import * as hidden from '../src/ops/hidden.js';
import * as listed from '../src/ops/index.js';
import * as tensorOnly from '../src/ops/tensor_only.js';
import type { AnyFunction, Op, SampleMaker, Variant } from '../src/ops/define.js';

type AnyOp = Op<AnyFunction, Variant>;

/** Seeded sample inputs in float64, the precision that central differences need. */
function sampleMaker(): SampleMaker {
  torch.manual_seed(7);
  const leaf = (t: torch.Tensor): torch.Tensor => t.requires_grad_(true);
  const make = (...shape: number[]): torch.Tensor => leaf(torch.randn(shape, { dtype: torch.float64 }));
  return Object.assign(make, {
    uniform: (low: number, high: number, ...shape: number[]) =>
      leaf(torch.empty(shape, { dtype: torch.float64 }).uniform_(low, high)),
    int: (low: number, high: number, ...shape: number[]) => torch.randint(low, high, shape),
    bool: (...shape: number[]) => torch.randint(0, 2, shape).to(torch.bool),
  });
}

const operators = new Map<string, AnyOp>();
for (const [prefix, list] of [
  ['', listed],
  ['', tensorOnly],
  ['', functionalOnly],
  ['', hidden],
  ['linalg.', linalg],
  ['special.', special],
] as const) {
  for (const [name, value] of Object.entries(list)) {
    if (typeof value === 'function' && 'definition' in value) operators.set(prefix + name, value as AnyOp);
  }
}

const sampled = [...operators].filter(([, op]) => op.definition.samples !== undefined);

/** The floating outputs of a call, as one list. */
function outputsOf(result: unknown): torch.Tensor[] {
  const list = result instanceof torch.Tensor ? [result] : (result as torch.Tensor[]);
  return list.filter((out) => out.dtype.is_floating_point);
}

describe('the list of operators', () => {
  it('has every differentiable operator with samples', () => {
    const without = [...operators]
      .filter(([, op]) => typeof op.definition.backward === 'function' && op.definition.mutates !== true)
      .filter(([, op]) => op.definition.samples === undefined)
      .map(([name]) => name);
    expect(without).toEqual([]);
  });

  it('is not empty', () => {
    expect(sampled.length).toBeGreaterThan(60);
  });
});

/** Operators that PyTorch differentiates once only, and so does this library. */
const ONCE = new Set(['grid_sample']);

describe.each(sampled)('%s', (name, op) => {
  const count = torch.tidy(() => op.definition.samples!(sampleMaker()).length);
  const random = /dropout|bernoulli|rand|normal/.test(op.definition.schema.split('(')[0]);

  it.each(Array.from({ length: count }, (_, i) => i))('sample %i: gradient', (i) => {
    torch.tidy(() => {
      const args = op.definition.samples!(sampleMaker())[i];
      const leaves = leavesOf(args);
      if (op.definition.backward === 'none' || leaves.length === 0) {
        op(...args);
        return;
      }
      const call = (): torch.Tensor[] => {
        if (random) torch.manual_seed(3);
        return outputsOf(op(...args));
      };
      if (!call().some((out) => out.requires_grad)) return;
      expect(torch.autograd.gradcheck(call, leaves)).toBe(true);
    });
  });

  it.each(Array.from({ length: count }, (_, i) => i))('sample %i: gradient of the gradient', (i) => {
    torch.tidy(() => {
      const args = op.definition.samples!(sampleMaker())[i];
      const leaves = leavesOf(args);
      if (op.definition.backward === 'none' || leaves.length === 0) return;
      const call = (): torch.Tensor[] => {
        if (random) torch.manual_seed(3);
        return outputsOf(op(...args));
      };
      if (!call().some((out) => out.requires_grad)) return;
      if (ONCE.has(name)) {
        expect(() => torch.autograd.gradgradcheck(call, leaves)).toThrow('is not implemented');
        return;
      }
      expect(torch.autograd.gradgradcheck(call, leaves)).toBe(true);
    });
  });

  it.each(Array.from({ length: count }, (_, i) => i))('sample %i: frees what it made', (i) => {
    torch.tidy(() => {
      const args = op.definition.samples!(sampleMaker())[i];
      const run = (): void =>
        torch.tidy(() => {
          if (random) torch.manual_seed(3);
          const outputs = outputsOf(op(...args)).filter((out) => out.requires_grad);
          if (outputs.length > 0)
            torch.autograd.backward(
              outputs,
              outputs.map((out) => torch.ones_like(out)),
            );
          const leaves = leavesOf(args);
          for (const leaf of leaves) leaf.grad = null;
          // The graph of a gradient, which nobody follows.
          if (outputs.length === 0 || ONCE.has(name)) return;
          const total = outputsOf(op(...args)).map((out) => out.sum());
          torch.autograd.grad(
            total.reduce((a, b) => a.add(b)),
            leaves,
            { create_graph: true, allow_unused: true },
          );
        });
      run();
      const before = torch.memory_stats();
      run();
      expect(torch.memory_stats().allocations).toBe(before.allocations);
      expect(torch.memory_stats().allocated_bytes).toBe(before.allocated_bytes);
    });
  });
});

/** Tensors among the arguments that gradients are wanted for; views among samples lead back to their leaf. */
function leavesOf(args: readonly unknown[]): torch.Tensor[] {
  return args
    .flatMap((arg) => (Array.isArray(arg) ? (arg as unknown[]) : [arg]))
    .filter((arg): arg is torch.Tensor => arg instanceof torch.Tensor && arg.requires_grad);
}
