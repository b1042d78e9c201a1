// torch 1.13.1's factors, pivots and solutions of symmetric matrices (test/fixtures/ldl.py).
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import * as torch from '../../src/index.js';

const L = torch.linalg;

interface Case {
  pivots: number[];
  info: number;
  LD: number[] | null;
  X?: number[];
}
const { cases, errors } = JSON.parse(
  readFileSync(new URL('../fixtures/ldl.json', import.meta.url), 'utf8'),
) as { cases: Record<string, Case>; errors: Record<string, { type: string; message: string }> };

function noise(n: number, seed: number): torch.Tensor {
  const values = Array.from(
    { length: n * n },
    (_, i) => ((i * 7919 + seed * 104729 + i * i * 31) % 1009) / 504.5 - 1,
  );
  const a = torch.tensor(values, { dtype: torch.float64 }).reshape(n, n);
  return seed % 2 === 1 ? a.tril(-1) : a;
}

function near(found: torch.Tensor, expected: readonly number[], tolerance: number): void {
  const scale = Math.max(1, ...expected.map(Math.abs));
  const values = Array.from(found.flatten().numpy(), Number);
  expect(values.length).toBe(expected.length);
  values.forEach((value, i) => {
    expect(Math.abs(value - expected[i]) / scale).toBeLessThan(tolerance);
  });
}

describe.each(Object.keys(cases))('matrix %s', (name) => {
  const [n, seed] = name.split(' ').map(Number);
  const expected = cases[name];
  const b = torch.linspace(-1, 1, 2 * n, { dtype: torch.float64 }).reshape(n, 2);

  test.each([
    [torch.float64, 1e-10],
    [torch.float32, 2e-3],
  ])('%s', (dtype, tolerance) => {
    const { LD, pivots, info } = L.ldl_factor_ex(noise(n, seed).to(dtype));
    expect(LD.dtype).toBe(dtype);
    expect(pivots.dtype).toBe(torch.int32);
    expect(pivots.tolist()).toEqual(expected.pivots);
    expect(info.item()).toBe(expected.info);
    if (expected.LD !== null) near(LD, expected.LD, tolerance);
    if (expected.X === undefined) return;
    const X = L.ldl_solve(LD, pivots, b.to(dtype), { hermitian: true });
    // Of a float32 solution the residual, since some of the matrices are near singular ones.
    if (dtype === torch.float64) near(X, expected.X, tolerance);
    const a = noise(n, seed);
    near(a.tril().add(a.tril(-1).mT).matmul(X.double()), Array.from(b.flatten().numpy(), Number), 2e-3);
  });
});

test('batches are broadcast, and empty ones stay empty', () => {
  const a = torch.stack([noise(4, 0), noise(4, 1), noise(4, 2)]);
  const { LD, pivots } = L.ldl_factor(a);
  const b = torch.linspace(0, 1, 8, { dtype: torch.float64 }).reshape(4, 2);
  const X = L.ldl_solve(LD, pivots, b);
  expect(X.shape).toEqual([3, 4, 2]);
  for (let i = 0; i < 3; i++) {
    const one = L.ldl_factor(a.select(0, i));
    expect(one.pivots.tolist()).toEqual(pivots.select(0, i).tolist());
    expect(L.ldl_solve(one.LD, one.pivots, b).tolist()).toEqual(X.select(0, i).tolist());
  }
  const empty = L.ldl_factor(torch.ones(2, 0, 0));
  expect([empty.LD.shape, empty.pivots.shape]).toEqual([[2, 0, 0], [2, 0]]); // prettier-ignore
});

test('pivots of int64 do too', () => {
  const { LD, pivots } = L.ldl_factor(torch.tensor([[0.5, 1], [1, 0.5]])); // prettier-ignore
  expect(L.ldl_solve(LD, pivots.long(), torch.ones(2, 1).mul(1.5)).tolist()).toEqual([[1], [1]]);
});

describe('errors', () => {
  const ones = torch.ones(2, 1);
  const { LD, pivots } = L.ldl_factor(torch.tensor([[0.5, 1], [1, 0.5]])); // prettier-ignore
  const calls: Record<string, () => unknown> = {
    vector: () => L.ldl_factor(torch.ones(3)),
    'not square': () => L.ldl_factor(torch.ones(2, 3)),
    integers: () => L.ldl_factor_ex(torch.ones(2, 2).int()),
    gradient: () => L.ldl_factor(torch.eye(2).requires_grad_()).LD.sum().backward(),
    'solve, gradient': () => L.ldl_solve(LD, pivots, torch.ones(2, 1).requires_grad_()).sum().backward(),
    'solve, vector': () => L.ldl_solve(LD, pivots, torch.ones(2)),
    'solve, rows': () => L.ldl_solve(LD, pivots, torch.ones(3, 1)),
    'solve, pivots': () => L.ldl_solve(LD, pivots.float(), ones),
    'solve, dtypes': () => L.ldl_solve(LD, pivots, ones.double()),
    'solve, batch of pivots': () => L.ldl_solve(LD, pivots.unsqueeze(0), ones),
    'solve, factors': () => L.ldl_solve(torch.ones(2, 3), pivots, ones),
    'solve, vector of factors': () => L.ldl_solve(LD.select(0, 0), pivots, ones),
    'solve, integers': () => L.ldl_solve(LD.int(), pivots, ones.int()),
    'solve, batches': () => L.ldl_solve(LD.expand(3, 2, 2), pivots.expand(3, 2), torch.ones(2, 2, 1)),
  };

  it('covers what was recorded', () => {
    expect(Object.keys(calls).sort()).toEqual(Object.keys(errors).sort());
  });

  it.each(Object.keys(calls))('%s', (name) => {
    const { type, message } = errors[name];
    expect(calls[name]).toThrow(message);
    expect(calls[name]).toThrow(expect.objectContaining({ name: type }));
  });

  it('a zero in D', () => {
    expect(() => L.ldl_factor(torch.zeros(2, 2))).toThrow('torch.linalg.ldl_factor: D[1,1] is zero');
    expect(() => L.ldl_factor(torch.zeros(2, 2, 2))).toThrow('(Batch element 0): D[1,1] is zero');
    expect(() => L.ldl_factor_ex(torch.zeros(2, 2), { check_errors: true })).toThrow('ldl_factor_ex: D[1,1]');
    expect(L.ldl_factor_ex(torch.zeros(2, 2)).info.item()).toBe(1);
  });
});
