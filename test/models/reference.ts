// The inputs of the reference runs in test/fixtures/resnet, made by the formulas that each file states.
import { readFileSync } from 'node:fs';
import * as torch from '../../src/index.js';
import type { Module } from '../../src/nn/module.js';

export interface GradientSummary {
  readonly sum: number;
  readonly l2: number;
  readonly first: readonly number[];
}

export interface ReferenceRun {
  readonly train_logits: readonly number[];
  readonly loss: number;
  readonly grads: Readonly<Record<string, GradientSummary>>;
  readonly running: Readonly<Record<string, unknown>>;
  readonly eval_logits: readonly number[];
  readonly sgd_losses: readonly number[];
  readonly eval_logits_after: readonly number[];
}

export interface Reference {
  readonly model: string;
  readonly channels: number;
  readonly num_classes: number;
  readonly batch: number;
  readonly size: number;
  readonly state_dict: Readonly<Record<string, readonly number[]>>;
  readonly float64: ReferenceRun;
  readonly float32: ReferenceRun;
}

export function readReference(name: string): Reference {
  const url = new URL(`../fixtures/resnet/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Reference;
}

/** u(j, i) of the files. */
function noise(j: number, i: number): number {
  let h = Math.imul(i + 1, 2654435761) ^ Math.imul(j + 1, 2246822507);
  h = Math.imul(h ^ (h >>> 16), 2146121005);
  h = Math.imul(h ^ (h >>> 15), 2221713035);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 31 - 1;
}

/** Fills every parameter by its formula. */
export function fillParameters(model: Module): void {
  torch.no_grad(() => {
    [...model.named_parameters()].forEach(([name, parameter], j) => {
      const values = new Float32Array(parameter.numel());
      const { shape } = parameter;
      const isNorm = /(^|\.)bn\d\.|downsample\.1\./.test(name);
      let scale = 1;
      if (name.endsWith('bias') || isNorm) scale = 0.1;
      else if (shape.length === 4) scale = Math.sqrt(6 / (shape[0] * shape[2] * shape[3]));
      const divisor = shape.length === 2 ? Math.sqrt(shape[1]) : 1;
      const offset = isNorm && !name.endsWith('bias') ? 1 : 0;
      for (let i = 0; i < values.length; i++) values[i] = offset + (scale * noise(j, i)) / divisor;
      parameter.copy_(torch.tensor(values).reshape([...shape]));
    });
  });
}

export function makeBatch(reference: Reference, dtype: torch.DType): [x: torch.Tensor, y: torch.Tensor] {
  const { batch, channels, size, num_classes } = reference;
  const values = Float64Array.from({ length: batch * channels * size * size }, (_, i) =>
    Math.fround(1.5 * noise(999, i)),
  );
  const x = torch.tensor(values).reshape(batch, channels, size, size).to(dtype);
  const y = torch.tensor(Array.from({ length: batch }, (_, n) => (3 * n) % num_classes));
  return [x, y];
}
