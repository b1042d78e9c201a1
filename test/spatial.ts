import * as torch from '../src/index.js';
import { fixture, flat } from './nn/recorded.js';

/** A shape is noise that takes a gradient; `int` counts up; `dtype` is noise of that type. */
type Spec = number[] | { int: number[] } | { dtype: string; shape: number[] };

interface Call {
  name: string;
  inputs: Spec[];
  args: unknown[];
  kwargs: Record<string, unknown>;
}

interface Results {
  out: { shape: number[]; values: number[] }[];
  grads?: (number[] | null)[];
}

/** What test/fixtures/spatial.py recorded. */
export interface Recorded {
  functions: (Call & Results)[];
  modules: (Omit<Call, 'inputs'> & {
    inputs?: Spec[];
    call?: number[] | null;
    repr: string;
    state: Record<string, { shape: number[]; values: number[] }>;
  } & Partial<Results>)[];
  errors: (Call & { error: string; message: string })[];
}

export const recorded = fixture('spatial') as Recorded;

/** The noise of the script: element i of the k-th tensor. */
function noise(shape: readonly number[], k: number): torch.Tensor {
  const values = Array.from(
    { length: shape.reduce((a, b) => a * b, 1) },
    (_, i) => (((7919 * i + 104729 * k) % 97) - 48) / 32,
  );
  return torch.tensor(values, { dtype: torch.float64 }).reshape([...shape]);
}

export function makeInput(spec: Spec, k: number): torch.Tensor {
  if (Array.isArray(spec)) return noise(spec, k).requires_grad_(true);
  if ('int' in spec) return torch.arange(spec.int.reduce((a, b) => a * b, 1)).reshape(spec.int);
  const dtypes: Record<string, torch.DType> = {
    uint8: torch.uint8,
    int64: torch.int64,
    float32: torch.float32,
    float64: torch.float64,
  };
  return noise(spec.shape, k).to(dtypes[spec.dtype]);
}

/** Positional arguments, with keywords last if there are any. */
export function argumentsOf({ args, kwargs }: Pick<Call, 'args' | 'kwargs'>): unknown[] {
  return Object.keys(kwargs).length > 0 ? [...args, kwargs] : args;
}

/** The outputs of a call and the gradients of its sum weighted by noise, as the script makes them. */
export function resultsOf(result: torch.Tensor | torch.Tensor[], leaves: readonly torch.Tensor[]): Results {
  const outs = Array.isArray(result) ? result : [result];
  const out = outs.map((t) => ({ shape: [...t.shape], values: flat(t.detach()) }));
  const terms = outs.filter((t) => t.requires_grad).map((t) => t.mul(noise(t.shape, 7)).sum());
  if (terms.length === 0) return { out };
  terms.reduce((a, b) => a.add(b)).backward();
  return { out, grads: leaves.map((leaf) => (leaf.grad === null ? null : flat(leaf.grad))) };
}

export function closeTo(found: Results, expected: Results, close: (a: number[], b: number[]) => void): void {
  found.out.forEach(({ values }, i) => {
    close(values, expected.out[i].values);
  });
  expected.grads?.forEach((grad, i) => {
    if (grad !== null) close(found.grads![i]!, grad);
  });
}
