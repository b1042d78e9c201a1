// What every operator must do, by iteration over the definitions: gradients of all samples against central differences, no leak,
// and results that leave their inputs alone.
import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';
import {
  CONSTRAINED,
  ONCE,
  callable,
  leavesOf,
  operators,
  outputsOf,
  sampleMaker,
  samplesOf,
} from './operators.js';

const sampled = [...operators].flatMap(([name, op]) => {
  const samples = samplesOf(name);
  return samples === null ? [] : [{ name, op, samples }];
});

describe('the list of operators', () => {
  it('has samples of every operator', () => {
    expect([...operators.keys()].filter((name) => samplesOf(name) === null)).toEqual([]);
  });

  it('is not empty', () => {
    expect(sampled.length).toBeGreaterThan(60);
  });
});

const RANDOM = /bernoulli|binomial|cauchy|dropout|exponential|geometric|gumbel|normal|poisson|rand|uniform/;

describe.each(sampled)('$name', ({ name, op, samples }) => {
  const count = torch.tidy(() => samples(sampleMaker()).length);
  const random = RANDOM.test(op.definition.schema.split('(')[0]);

  it.each(Array.from({ length: count }, (_, i) => i))('sample %i: gradient', (i) => {
    torch.tidy(() => {
      const args = samples(sampleMaker())[i];
      const leaves = leavesOf(args);
      if (op.definition.backward === 'none' || leaves.length === 0 || CONSTRAINED.has(name)) {
        op(...callable(op, args));
        return;
      }
      const call = (): torch.Tensor[] => {
        if (random) torch.manual_seed(3);
        return outputsOf(op(...callable(op, args)));
      };
      if (!call().some((out) => out.requires_grad)) return;
      expect(torch.autograd.gradcheck(call, leaves)).toBe(true);
    });
  });

  it.each(Array.from({ length: count }, (_, i) => i))('sample %i: gradient of the gradient', (i) => {
    torch.tidy(() => {
      const args = samples(sampleMaker())[i];
      const leaves = leavesOf(args);
      if (op.definition.backward === 'none' || leaves.length === 0) return;
      if (CONSTRAINED.has(name) && !ONCE.has(name)) return;
      const call = (): torch.Tensor[] => {
        if (random) torch.manual_seed(3);
        return outputsOf(op(...callable(op, args)));
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
      const args = samples(sampleMaker())[i];
      const run = (): void =>
        torch.tidy(() => {
          if (random) torch.manual_seed(3);
          const outputs = outputsOf(op(...callable(op, args))).filter((out) => out.requires_grad);
          if (outputs.length > 0)
            torch.autograd.backward(
              outputs,
              outputs.map((out) => torch.ones_like(out)),
            );
          const leaves = leavesOf(args);
          for (const leaf of leaves) leaf.grad = null;
          // The graph of a gradient, which nobody follows.
          if (outputs.length === 0 || ONCE.has(name)) return;
          const total = outputsOf(op(...callable(op, args))).map((out) => out.sum());
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
