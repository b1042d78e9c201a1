import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Tensor } from '../../src/index.js';

/** What test/fixtures/nn.py recorded. */
export interface Recorded {
  repr: string;
  keys: string[];
  shapes: number[][];
  metadata: Record<string, number>;
  parameter_names: string[];
  module_names: string[];
  values: number[][];
  train_output: number[][];
  loss: number;
  grads: number[][];
  buffers: number[][];
  eval_output: number[][];
  layers: Record<string, string>;
  load_error: string;
  load_error_relaxed: string;
  load_result: { missing_keys: string[]; unexpected_keys: string[] };
  draws: Record<string, number[]>;
  gains: number[];
  bn_train: number[];
  bn_mean: number;
  bn_var: number;
  bn_eval: number[];
  bn_cumulative: number[];
  padding_modes: Record<'zeros' | 'reflect' | 'replicate' | 'circular', number[]>;
}

/** The recorded values of test/fixtures/${name}.json, whose type the caller knows. */
export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'));
}

export function flat(t: Tensor): number[] {
  return Array.from(t.numpy(), Number);
}

/** |a − b| ≤ atol + rtol·|b| for every element. */
export function expectClose(
  actual: readonly number[],
  expected: readonly number[],
  rtol: number,
  atol = rtol,
): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((b, i) => {
    const a = actual[i];
    const close = Math.abs(a - b) <= atol + rtol * Math.abs(b);
    if (!close) expect.fail(`element ${i}: ${a} is not within ${atol} + ${rtol}·|b| of ${b}`);
  });
}
