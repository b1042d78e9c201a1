// Norms, embeddings, activations, recurrent layers, attention and transformers print, name, draw and compute what PyTorch does.
import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, fixture, flat } from './recorded.js';
import { cases, noise } from './sequence_cases.js';

interface Recorded {
  repr: string;
  keys: string[];
  bits: number;
  outputs: number[][];
  shapes: number[][];
  inputs: number[][];
  grads: [number, number][];
  buffers: number[][];
}

const recorded = fixture('sequence') as Record<string, Recorded>;

function tensorsOf(value: unknown): torch.Tensor[] {
  if (value instanceof torch.Tensor) return [value];
  return Array.isArray(value) ? value.flatMap(tensorsOf) : [];
}

/** The sum of all float32 values' bits read as int32. */
function bitsOf(parameters: Iterable<torch.Tensor>): number {
  let sum = 0;
  for (const parameter of parameters) {
    if (parameter.dtype !== torch.float32) continue;
    const values = parameter.numpy() as Float32Array;
    for (const value of new Int32Array(values.buffer, values.byteOffset, values.length)) sum += value;
  }
  return sum;
}

test('every recorded case is here', () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(recorded).sort());
});

describe.each(Object.entries(cases))('%s', (name, { build, inputs, call, train = true }) => {
  const expected = recorded[name];

  test('prints, names and draws the same', () => {
    torch.manual_seed(0);
    const module = build() as torch.nn.Module;
    expect(String(module)).toBe(expected.repr);
    expect(Object.keys(module.state_dict())).toEqual(expected.keys);
    expect(bitsOf(module.parameters())).toBe(expected.bits);
  });

  test('computes the same outputs and gradients', () => {
    torch.manual_seed(0);
    const module = (build() as torch.nn.Module).double().train(train);
    const leaves = inputs().map((t) =>
      t.dtype.is_floating_point ? t.detach().clone().requires_grad_(true) : t,
    );
    torch.manual_seed(1);
    const run = (call ?? ((m: torch.nn.Module, ...rest: torch.Tensor[]) => m(...rest))) as (
      ...args: unknown[]
    ) => unknown;
    const outputs = tensorsOf(run(module, ...leaves));
    expect(outputs.map((out) => [...out.shape])).toEqual(expected.shapes);
    outputs.forEach((out, i) => expectClose(flat(out), expected.outputs[i], 1e-9, 1e-10));
    [...module.buffers()].forEach((buffer, i) => expectClose(flat(buffer), expected.buffers[i], 1e-10));
    const losses = outputs
      .filter((out) => out.requires_grad)
      .map((out) => out.mul(noise(out.shape, 31)).sum());
    if (losses.length === 0) return;
    losses.reduce((sum, loss) => sum.add(loss)).backward();
    leaves
      .filter((t) => t.requires_grad)
      .forEach((leaf, i) =>
        expectClose(leaf.grad === null ? [] : flat(leaf.grad), expected.inputs[i], 1e-8, 1e-9),
      );
    [...module.parameters()].forEach((parameter, i) => {
      const grad = parameter.grad ?? torch.zeros_like(parameter);
      const sums = [grad.sum().item(), grad.mul(noise(grad.shape, 17)).sum().item()];
      expectClose(sums, expected.grads[i], 1e-8, 1e-9);
    });
  });
});
