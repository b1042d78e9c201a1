import { signature } from '../signature.js';
import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import { address } from '../tensor_handle.js';
import { Optimizer, stepInParts } from './optimizer.js';
import type { ParamGroup, Params } from './optimizer.js';
import { blank, checkNonNegative } from './param_state.js';

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
export class RMSprop extends Optimizer<RMSpropGroup> {
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

  protected override update(group: RMSpropGroup): void {
    const { lr, alpha, eps, weight_decay, momentum, centered, maximize } = group;
    const rule = [lr, alpha, eps, weight_decay, momentum, Number(maximize)];
    this.refuseSparse(group);
    for (const param of group.params) {
      const grad = param._gradQuiet;
      if (grad === null) continue;
      let state = this.state.get(param);
      if (state === undefined) this.state.set(param, (state = { step: 0, square_avg: blank(param) }));
      if (momentum > 0) state['momentum_buffer'] ??= blank(param);
      if (centered) state['grad_avg'] ??= blank(param);
      state['step'] = Number(state['step']) + 1;
      const moments = [
        address(state['square_avg'] as Tensor),
        centered ? address(state['grad_avg'] as Tensor) : 0,
        momentum > 0 ? address(state['momentum_buffer'] as Tensor) : 0,
      ];
      stepInParts('rmsprop_step_f32', param, grad, moments, rule);
    }
  }
}
