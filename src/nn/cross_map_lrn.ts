import { crossMapLRN2d } from '../ops/cross_map_lrn.js';
import type { Args } from '../ops/define.js';
import { pyText } from '../python_text.js';
import { signature } from '../signature.js';
import type { Tensor } from '../tensor.js';
import type { LocalResponseNormOptions } from './local_response_norm.js';
import { Module } from './module.js';

const BIND = signature('CrossMapLRN2d(int size, float alpha=0.0001, float beta=0.75, float k=1)');

/**
 * Divides [N, C, H, W] by (k + α·s / size)^β, s being a sum of squares over neighbouring channels. PyTorch's own sums, errors
 * included: channel 0 stays in every sum, and the gradient sums other channels; `size` 1 has no gradient. `LocalResponseNorm` is
 * the one without them.
 *
 * @example
 * console.log(new nn.CrossMapLRN2d(1, { alpha: 1, beta: 1 })(torch.ones(1, 1, 1, 1)).item()); // 0.5
 */
export class CrossMapLRN2d extends Module {
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
    return crossMapLRN2d(input, this.size, this.alpha, this.beta, this.k);
  }

  override extra_repr(): string {
    const [alpha, beta, k] = [this.alpha, this.beta, this.k].map(pyText);
    return `${this.size}, alpha=${alpha}, beta=${beta}, k=${k}`;
  }
}
