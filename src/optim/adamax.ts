import { signature } from '../signature.js';
import { maximum } from '../ops/pointwise_binary.js';
import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import type { ParamGroup, ParamState, Params } from './optimizer.js';
import { advance, blank, checkBetas, checkNonNegative, scalar } from './param_state.js';
import { TensorOptimizer } from './tensor_step.js';

export interface AdamaxGroup extends ParamGroup {
  betas: readonly [number, number];
  eps: number;
  weight_decay: number;
  maximize: boolean;
}

export interface AdamaxOptions {
  /** Default 2e-3. */
  lr?: number;
  /** Decay of the average of the gradient and of the bound of its size. Default [0.9, 0.999]. */
  betas?: readonly [number, number];
  /** Added to the size of the gradient. Default 1e-8. */
  eps?: number;
  /** L2 penalty. Default 0. */
  weight_decay?: number;
  /** Ascend instead of descend. Default false. */
  maximize?: boolean;
}

type Optional = [lr: number, betas: readonly [number, number], eps: number, weight_decay: number];

const BIND = signature(
  'Adamax(any params, float lr=2e-3, float[]? betas=None, float eps=1e-8, float weight_decay=0, *, bool maximize=False)',
);

/**
 * Adamax (Kingma and Ba, 2014), Adam with the infinity norm: p −= lr / (1 − β₁ᵗ) · m / u with u = max(β₂·u, |g| + eps).
 *
 * @example
 * const p = new nn.Parameter(torch.ones(1));
 * const optimizer = new optim.Adamax([p], { lr: 0.1 });
 * p.mul(2).sum().backward();
 * optimizer.step();
 * console.log(p.item().toFixed(2)); // 0.90
 */
export class Adamax extends TensorOptimizer<AdamaxGroup> {
  constructor(params: Params<AdamaxGroup>, ...rest: Args<[], Optional, AdamaxOptions>) {
    const [, lr, betas, eps, weight_decay, maximize] = BIND([params, ...rest]) as [
      unknown,
      number,
      readonly [number, number] | null,
      number,
      number,
      boolean,
    ];
    super(params, { lr, betas: betas ?? [0.9, 0.999], eps, weight_decay, maximize });
  }

  protected override check({ lr, betas, eps, weight_decay }: AdamaxGroup): void {
    checkNonNegative('learning rate', lr);
    checkNonNegative('epsilon value', eps);
    checkBetas(betas);
    checkNonNegative('weight_decay value', weight_decay);
  }

  protected override fresh(param: Tensor): ParamState {
    return { step: scalar(0), exp_avg: blank(param), exp_inf: blank(param) };
  }

  protected override change(param: Tensor, grad: Tensor, state: ParamState, group: AdamaxGroup): void {
    const { lr, eps } = group;
    const [beta1, beta2] = group.betas;
    const [average, bound] = [state['exp_avg'], state['exp_inf']] as [Tensor, Tensor];
    const step = advance(state);
    average.mul_(beta1).add_(grad, { alpha: 1 - beta1 });
    bound.mul_(beta2);
    bound.copy_(maximum(bound, grad.abs().add_(eps)));
    param.addcdiv_(average, bound, { value: -lr / (1 - beta1 ** step) });
  }
}
