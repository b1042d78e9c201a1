// An operator that does not say that it takes sparse tensors refuses each of its tensors being one, before it does anything.
import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import * as listed from '../../src/ops/index.js';
import { callable, isOperator, operators, sampleMaker, samplesOf } from '../operators.js';

/** The arguments with the n-th tensor made sparse; null when there are fewer. */
function withSparse(args: readonly unknown[], n: number): unknown[] | null {
  let at = -1;
  const change = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(change);
    if (!(value instanceof torch.Tensor) || value.is_sparse) return value;
    return ++at === n ? value.detach().to_sparse() : value;
  };
  const changed = args.map(change);
  return at < n ? null : changed;
}

const REFUSED = /^Could not run 'aten::\w+' with arguments from the 'SparseCPU' backend\.$/;
const all = [...operators].filter(([name]) => samplesOf(name) !== null);

describe('operators', () => {
  const refusing = all.filter(([, op]) => op.definition.sparse === undefined);

  test('are nearly all of them', () => {
    expect(refusing.length).toBeGreaterThan(550);
  });

  test.each(refusing)('%s', (name, op) => {
    torch.tidy(() => {
      for (const args of samplesOf(name)!(sampleMaker())) {
        const given = callable(op, args);
        for (let n = 0; ; n++) {
          const changed = withSparse(given, n);
          if (changed === null) break;
          const before = torch.memory_stats().allocations;
          expect(() => op(...changed)).toThrow(REFUSED);
          expect(torch.memory_stats().allocations).toBe(before);
        }
      }
    });
  });
});

describe('functions that are no operators', () => {
  const x = (): torch.Tensor => torch.sparse_coo_tensor([[0, 1]], [1, 2], [2]);
  const answering = new Set([
    'is_complex',
    'is_conj',
    'is_floating_point',
    'is_neg',
    'is_nonzero',
    'is_same_size',
    'is_signed',
    'is_tensor',
    'numel',
    'result_type',
    'sparse_coo_tensor',
  ]);
  const functions = Object.entries(listed).filter(
    ([name, value]) => typeof value === 'function' && !isOperator(value) && !answering.has(name),
  );

  test.each(functions)('%s computes nothing from what it cannot read', (_name, f) => {
    torch.tidy(() => {
      const call = f as (...args: unknown[]) => unknown;
      for (const args of [[x()], [x(), x()], [[x(), x()]], ['i->i', x()]]) {
        let result: unknown = null;
        try {
          result = call(...args);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          continue;
        }
        // What it gives is what it was given.
        const list = (Array.isArray(result) ? result : [result]) as unknown[];
        for (const item of list) {
          if (item instanceof torch.Tensor) expect(item.is_sparse).toBe(true);
        }
      }
    });
  });
});
