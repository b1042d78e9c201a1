import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { signature } from '../signature.js';

const PAIRWISE = signature('PairwiseDistance(float p=2.0, float eps=1e-06, bool keepdim=False)');
const COSINE = signature('CosineSimilarity(int dim=1, float eps=1e-08)');

/**
 * ‖x1 − x2 + eps‖ₚ along the last dimension.
 *
 * @example
 * const distance = new nn.PairwiseDistance(1);
 * console.log(distance(torch.tensor([[3, 0]]), torch.tensor([[0, 4]])).item().toFixed(4)); // 7.0000
 */
export class PairwiseDistance extends Module {
  /** The p of the norm. */
  norm: number;
  eps: number;
  keepdim: boolean;

  constructor(
    ...args: Args<
      [],
      [p: number, eps: number, keepdim: boolean],
      { p?: number; eps?: number; keepdim?: boolean }
    >
  ) {
    super();
    [this.norm, this.eps, this.keepdim] = PAIRWISE(args) as [number, number, boolean];
  }

  forward(x1: Tensor, x2: Tensor): Tensor {
    return F.pairwise_distance(x1, x2, this.norm, this.eps, this.keepdim);
  }
}

/**
 * The cosine of the angle between x1 and x2 along `dim`.
 *
 * @example
 * const cosine = new nn.CosineSimilarity({ dim: 0 });
 * console.log(cosine(torch.tensor([3.5, 0]), torch.tensor([2.5, 2.5])).item().toFixed(4)); // 0.7071
 */
export class CosineSimilarity extends Module {
  dim: number;
  eps: number;

  constructor(...args: Args<[], [dim: number, eps: number], { dim?: number; eps?: number }>) {
    super();
    [this.dim, this.eps] = COSINE(args) as [number, number];
  }

  forward(x1: Tensor, x2: Tensor): Tensor {
    return F.cosine_similarity(x1, x2, this.dim, this.eps);
  }
}
