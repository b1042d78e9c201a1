import { signature } from '../nn/signature.js';
import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import type { ParamGroup, ParamState, Params } from './optimizer.js';
import { blank, checkNonNegative } from './param_state.js';
import { TensorOptimizer } from './tensor_step.js';

export interface RMSpropGroup extends ParamGroup {
  alpha: number;
  eps: number;
  weight_decay: number;
  momentum: number;
  centered: boolean;
  maximize: boolean;
}

export interface RMSpropOptions {
  /** Default 0.01. */
  lr?: number;
  /** Decay of the averages. Default 0.99. */
  alpha?: number;
  /** Added to the denominator. Default 1e-8. */
  eps?: number;
  /** L2 penalty. Default 0. */
  weight_decay?: number;
  /** Default 0. */
  momentum?: number;
  /** Divide by the deviation: the average of g² less the square of the average of g. Default false. */
  centered?: boolean;
  /** Ascend instead of descend. Default false. */
  maximize?: boolean;
}

type Optional = [
  lr: number,
  alpha: number,
  eps: number,
  weight_decay: number,
  momentum: number,
  centered: boolean,
];

const BIND = signature(
  'RMSprop(any params, float lr=1e-2, float alpha=0.99, float eps=1e-8, float weight_decay=0, float momentum=0, ' +
    'bool centered=False, *, bool maximize=False)',
);

/**
 * RMSprop (Hinton): p −= lr·g / (√v + eps) with v the average of g²; with `momentum` the quotients are summed up first.
 *
 * @example
 * const p = new nn.Parameter(torch.ones(1));
 * const optimizer = new optim.RMSprop([p], { lr: 0.01 });
 * p.mul(2).sum().backward();
 * optimizer.step();
 * console.log(p.item().toFixed(2)); // 0.90
 */
export class RMSprop extends TensorOptimizer<RMSpropGroup> {
  constructor(params: Params<RMSpropGroup>, ...rest: Args<[], Optional, RMSpropOptions>) {
    const [, lr, alpha, eps, weight_decay, momentum, centered, maximize] = BIND([params, ...rest]) as [
      unknown,
      ...Optional,
      boolean,
    ];
    super(params, { lr, momentum, alpha, eps, centered, weight_decay, maximize });
  }

  protected override check({ lr, eps, momentum, weight_decay, alpha }: RMSpropGroup): void {
    checkNonNegative('learning rate', lr);
    checkNonNegative('epsilon value', eps);
    checkNonNegative('momentum value', momentum);
    checkNonNegative('weight_decay value', weight_decay);
    checkNonNegative('alpha value', alpha);
  }

  protected override fresh(param: Tensor, group: RMSpropGroup): ParamState {
    const state: ParamState = { step: 0, square_avg: blank(param) };
    if (group.momentum > 0) state['momentum_buffer'] = blank(param);
    if (group.centered) state['grad_avg'] = blank(param);
    return state;
  }

  protected override change(param: Tensor, grad: Tensor, state: ParamState, group: RMSpropGroup): void {
    const { lr, alpha, eps, momentum, centered } = group;
    const squares = state['square_avg'] as Tensor;
    state['step'] = Number(state['step']) + 1;
    squares.mul_(alpha).addcmul_(grad, grad, { value: 1 - alpha });
    let root: Tensor;
    if (centered) {
      const average = (state['grad_avg'] ??= blank(param)) as Tensor;
      average.mul_(alpha).add_(grad, { alpha: 1 - alpha });
      root = squares.addcmul(average, average, { value: -1 }).sqrt_();
    } else {
      root = squares.sqrt();
    }
    root.add_(eps);
    if (momentum > 0) {
      const buffer = (state['momentum_buffer'] ??= blank(param)) as Tensor;
      buffer.mul_(momentum).addcdiv_(grad, root);
      param.add_(buffer, { alpha: -lr });
    } else {
      param.addcdiv_(grad, root, { value: -lr });
    }
  }
}
