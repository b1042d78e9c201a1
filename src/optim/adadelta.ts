import { ValueError } from '../errors.js';
import { signature } from '../signature.js';
import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import type { ParamGroup, ParamState, Params } from './optimizer.js';
import { blank, checkNonNegative } from './param_state.js';
import { TensorOptimizer } from './tensor_step.js';

export interface AdadeltaGroup extends ParamGroup {
  rho: number;
  eps: number;
  weight_decay: number;
  maximize: boolean;
}

export interface AdadeltaOptions {
  /** Scales the step. Default 1. */
  lr?: number;
  /** Decay of the averages of squares. Default 0.9. */
  rho?: number;
  /** Added under both roots. Default 1e-6. */
  eps?: number;
  /** L2 penalty. Default 0. */
  weight_decay?: number;
  /** Ascend instead of descend. Default false. */
  maximize?: boolean;
}

type Optional = [lr: number, rho: number, eps: number, weight_decay: number];

const BIND = signature(
  'Adadelta(any params, float lr=1, float rho=0.9, float eps=1e-6, float weight_decay=0, *, bool maximize=False)',
);

/**
 * Adadelta (Zeiler, 2012): p −= lr·Δ with Δ = g·√(d + eps) / √(v + eps), where v and d are the averages of g² and of Δ².
 *
 * @example
 * const p = new nn.Parameter(torch.ones(1));
 * const optimizer = new optim.Adadelta([p], { lr: 100 });
 * p.mul(2).sum().backward();
 * optimizer.step();
 * console.log(p.item().toFixed(2)); // 0.68
 */
export class Adadelta extends TensorOptimizer<AdadeltaGroup> {
  constructor(params: Params<AdadeltaGroup>, ...rest: Args<[], Optional, AdadeltaOptions>) {
    const [, lr, rho, eps, weight_decay, maximize] = BIND([params, ...rest]) as [
      unknown,
      ...Optional,
      boolean,
    ];
    super(params, { lr, rho, eps, weight_decay, maximize });
  }

  protected override check({ lr, rho, eps, weight_decay }: AdadeltaGroup): void {
    checkNonNegative('learning rate', lr);
    if (!(rho >= 0 && rho <= 1)) throw new ValueError(`Invalid rho value: ${rho}`);
    checkNonNegative('epsilon value', eps);
    checkNonNegative('weight_decay value', weight_decay);
  }

  protected override fresh(param: Tensor): ParamState {
    return { step: 0, square_avg: blank(param), acc_delta: blank(param) };
  }

  protected override change(param: Tensor, grad: Tensor, state: ParamState, group: AdadeltaGroup): void {
    const { lr, rho, eps } = group;
    const [average, deltas] = [state['square_avg'], state['acc_delta']] as [Tensor, Tensor];
    state['step'] = Number(state['step']) + 1;
    average.mul_(rho).addcmul_(grad, grad, { value: 1 - rho });
    const delta = deltas.add(eps).sqrt_().div_(average.add(eps).sqrt_()).mul_(grad);
    deltas.mul_(rho).addcmul_(delta, delta, { value: 1 - rho });
    param.add_(delta, { alpha: -lr });
  }
}
