// Modules of spatial operators: what PyTorch prints, names, draws and computes (test/fixtures/spatial.py).
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { argumentsOf, closeTo, makeInput, recorded, resultsOf } from '../spatial.js';
import { expectClose, flat } from './recorded.js';

type Made = torch.nn.Module & ((...args: unknown[]) => torch.Tensor | torch.Tensor[]);
const nn = torch.nn as unknown as Record<string, new (...args: unknown[]) => Made>;

describe.each(
  recorded.modules.map(
    (row) => [`${row.name} ${JSON.stringify(row.args)} ${JSON.stringify(row.kwargs)}`, row] as const,
  ),
)('%s', (_name, row) => {
  it('prints and draws what torch does', () => {
    torch.manual_seed(3);
    const made = new nn[row.name](...argumentsOf(row));
    expect(String(made)).toBe(row.repr);
    const state = made.state_dict();
    expect(Object.keys(state)).toEqual(Object.keys(row.state));
    for (const [key, { shape, values }] of Object.entries(row.state)) {
      expect(state[key].shape).toEqual(shape);
      expectClose(flat(state[key]), values, 1e-7);
    }
  });

  const { inputs, out } = row;
  if (inputs === undefined || out === undefined) return;

  it('computes what torch does', () => {
    torch.manual_seed(3);
    const made = new nn[row.name](...argumentsOf(row)).double();
    const tensors = inputs.map(makeInput);
    const leaves = [...tensors.filter((t) => t.requires_grad), ...made.parameters()];
    torch.manual_seed(5);
    const options = row.call == null ? [] : [{ output_size: row.call }];
    const found = resultsOf(made(...tensors, ...options), leaves);
    expect(found.out.map(({ shape }) => shape)).toEqual(out.map(({ shape }) => shape));
    closeTo(found, { out, grads: row.grads }, (a, b) => {
      expectClose(a, b, 2e-8);
    });
  });
});
