import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { pyFloat } from '../python_text.js';
import { signature } from '../signature.js';

export interface LocalResponseNormOptions {
  /** Default 1e-4. */
  alpha?: number;
  /** Default 0.75. */
  beta?: number;
  /** Default 1. */
  k?: number;
}

const BIND = signature('LocalResponseNorm(int size, float alpha=0.0001, float beta=0.75, float k=1.0)');

/** Divides [N, C, *] by (k + α·m)^β, m being the mean of the squares of `size` neighbouring channels. */
export class LocalResponseNorm extends Module {
  size: number;
  alpha: number;
  beta: number;
  k: number;

  constructor(
    size: number,
    ...rest: Args<[], [alpha: number, beta: number, k: number], LocalResponseNormOptions>
  );
  constructor(options: LocalResponseNormOptions & { size: number });
  constructor(...args: unknown[]) {
    super();
    [this.size, this.alpha, this.beta, this.k] = BIND(args) as [number, number, number, number];
  }

  forward(input: Tensor): Tensor {
    return F.local_response_norm(input, this.size, this.alpha, this.beta, this.k);
  }

  override extra_repr(): string {
    const [alpha, beta, k] = [this.alpha, this.beta, this.k].map(pyFloat);
    return `${this.size}, alpha=${alpha}, beta=${beta}, k=${k}`;
  }
}
