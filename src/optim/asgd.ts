import { signature } from '../signature.js';
import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import type { ParamGroup, ParamState, Params } from './optimizer.js';
import { advance, blank, checkNonNegative, scalar, scalarOf, setScalar } from './param_state.js';
import { TensorOptimizer } from './tensor_step.js';

export interface ASGDGroup extends ParamGroup {
  lambd: number;
  alpha: number;
  t0: number;
  weight_decay: number;
  maximize: boolean;
}

export interface ASGDOptions {
  /** Default 0.01. */
  lr?: number;
  /** Decay of the parameters. Default 1e-4. */
  lambd?: number;
  /** Power by which the rate falls. Default 0.75. */
  alpha?: number;
  /** The step at which averaging begins. Default 1e6. */
  t0?: number;
  /** L2 penalty. Default 0. */
  weight_decay?: number;
  /** Ascend instead of descend. Default false. */
  maximize?: boolean;
}

type Optional = [lr: number, lambd: number, alpha: number, t0: number, weight_decay: number];

const BIND = signature(
  'ASGD(any params, float lr=1e-2, float lambd=1e-4, float alpha=0.75, float t0=1e6, float weight_decay=0, *, ' +
    'bool maximize=False)',
);

/**
 * Averaged stochastic gradient descent (Polyak and Juditsky, 1992): p = p·(1 − lambd·η) − η·g with η = lr / (1 + lambd·lr·t)^alpha.
 * The average of the parameters from step `t0` on is the state `ax`.
 *
 * @example
 * const p = new nn.Parameter(torch.ones(1));
 * const optimizer = new optim.ASGD([p], { lr: 0.1 });
 * p.mul(2).sum().backward();
 * optimizer.step();
 * console.log(p.item().toFixed(2)); // 0.80
 */
export class ASGD extends TensorOptimizer<ASGDGroup> {
  constructor(params: Params<ASGDGroup>, ...rest: Args<[], Optional, ASGDOptions>) {
    const [, lr, lambd, alpha, t0, weight_decay, maximize] = BIND([params, ...rest]) as [
      unknown,
      ...Optional,
      boolean,
    ];
    super(params, { lr, lambd, alpha, t0, weight_decay, maximize });
  }

  protected override check({ lr, weight_decay }: ASGDGroup): void {
    checkNonNegative('learning rate', lr);
    checkNonNegative('weight_decay value', weight_decay);
  }

  protected override fresh(param: Tensor, { lr }: ASGDGroup): ParamState {
    return { step: scalar(0), eta: scalar(lr), mu: scalar(1), ax: blank(param) };
  }

  protected override change(param: Tensor, grad: Tensor, state: ParamState, group: ASGDGroup): void {
    const { lr, lambd, alpha, t0 } = group;
    const average = state['ax'] as Tensor;
    const [eta, mu] = [scalarOf(state, 'eta'), scalarOf(state, 'mu')];
    const step = advance(state);
    const rate = eta.item();
    param.mul_(1 - lambd * rate).add_(grad, { alpha: -rate });
    const share = mu.item();
    if (share === 1) average.copy_(param);
    else average.add_(param.sub(average).mul_(share));
    setScalar(eta, lr / (1 + lambd * lr * step) ** alpha);
    setScalar(mu, 1 / Math.max(1, step - t0));
  }
}
