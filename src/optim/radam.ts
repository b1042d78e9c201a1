import { signature } from '../signature.js';
import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import type { ParamGroup, ParamState, Params } from './optimizer.js';
import { advance, blank, checkBetas, checkNonNegative, scalar } from './param_state.js';
import { TensorOptimizer } from './tensor_step.js';

export interface RAdamGroup extends ParamGroup {
  betas: readonly [number, number];
  eps: number;
  weight_decay: number;
}

export interface RAdamOptions {
  /** Default 1e-3. */
  lr?: number;
  /** Decay of the averages of the gradient and of its square. Default [0.9, 0.999]. */
  betas?: readonly [number, number];
  /** Added to the denominator. Default 1e-8. */
  eps?: number;
  /** L2 penalty. Default 0. */
  weight_decay?: number;
}

type Optional = [lr: number, betas: readonly [number, number], eps: number, weight_decay: number];

const BIND = signature(
  'RAdam(any params, float lr=1e-3, float[]? betas=None, float eps=1e-8, float weight_decay=0)',
);

/**
 * RAdam (Liu and others, 2019): Adam whose adaptive rate is rectified by its variance; in the first steps, where that is not
 * tractable, p −= lr·m̂.
 *
 * @example
 * const p = new nn.Parameter(torch.ones(1));
 * const optimizer = new optim.RAdam([p], { lr: 0.1 });
 * p.mul(2).sum().backward();
 * optimizer.step();
 * console.log(p.item().toFixed(2)); // 0.80
 */
export class RAdam extends TensorOptimizer<RAdamGroup> {
  constructor(params: Params<RAdamGroup>, ...rest: Args<[], Optional, RAdamOptions>) {
    const [, lr, betas, eps, weight_decay] = BIND([params, ...rest]) as [
      unknown,
      number,
      readonly [number, number] | null,
      number,
      number,
    ];
    super(params, { lr, betas: betas ?? [0.9, 0.999], eps, weight_decay });
  }

  protected override check({ lr, betas, eps, weight_decay }: RAdamGroup): void {
    checkNonNegative('learning rate', lr);
    checkNonNegative('epsilon value', eps);
    checkBetas(betas);
    checkNonNegative('weight_decay value', weight_decay);
  }

  protected override fresh(param: Tensor): ParamState {
    return { step: scalar(0), exp_avg: blank(param), exp_avg_sq: blank(param) };
  }

  protected override change(param: Tensor, grad: Tensor, state: ParamState, group: RAdamGroup): void {
    const { lr, eps } = group;
    const [beta1, beta2] = group.betas;
    const [average, squares] = [state['exp_avg'], state['exp_avg_sq']] as [Tensor, Tensor];
    const step = advance(state);
    average.mul_(beta1).add_(grad, { alpha: 1 - beta1 });
    squares.mul_(beta2).addcmul_(grad, grad, { value: 1 - beta2 });
    const change = average.div(1 - beta1 ** step).mul_(lr);
    const most = 2 / (1 - beta2) - 1;
    const length = most - (2 * step * beta2 ** step) / (1 - beta2 ** step);
    if (length > 5) {
      const root = squares.sqrt().add_(eps);
      change.mul_(root.reciprocal_().mul_(Math.sqrt(1 - beta2 ** step)));
      change.mul_(Math.sqrt(((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length)));
    }
    param.sub_(change);
  }
}
