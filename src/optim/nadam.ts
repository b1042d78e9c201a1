import { signature } from '../signature.js';
import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import type { ParamGroup, ParamState, Params } from './optimizer.js';
import { advance, blank, checkBetas, checkNonNegative, scalar, scalarOf } from './param_state.js';
import { TensorOptimizer } from './tensor_step.js';

export interface NAdamGroup extends ParamGroup {
  betas: readonly [number, number];
  eps: number;
  weight_decay: number;
  momentum_decay: number;
}

export interface NAdamOptions {
  /** Default 2e-3. */
  lr?: number;
  /** Decay of the averages of the gradient and of its square. Default [0.9, 0.999]. */
  betas?: readonly [number, number];
  /** Added to the denominator. Default 1e-8. */
  eps?: number;
  /** L2 penalty. Default 0. */
  weight_decay?: number;
  /** How fast the momentum approaches β₁. Default 4e-3. */
  momentum_decay?: number;
}

type Optional = [
  lr: number,
  betas: readonly [number, number],
  eps: number,
  weight_decay: number,
  momentum_decay: number,
];

const BIND = signature(
  'NAdam(any params, float lr=2e-3, float[]? betas=None, float eps=1e-8, float weight_decay=0, float momentum_decay=4e-3)',
);

/**
 * NAdam (Dozat, 2016), Adam with Nesterov's momentum, which grows with the steps: μₜ = β₁·(1 − 0.96^(t·momentum_decay) / 2).
 *
 * @example
 * const p = new nn.Parameter(torch.ones(1));
 * const optimizer = new optim.NAdam([p], { lr: 0.1 });
 * p.mul(2).sum().backward();
 * optimizer.step();
 * console.log(p.item().toFixed(2)); // 0.90
 */
export class NAdam extends TensorOptimizer<NAdamGroup> {
  constructor(params: Params<NAdamGroup>, ...rest: Args<[], Optional, NAdamOptions>) {
    const [, lr, betas, eps, weight_decay, momentum_decay] = BIND([params, ...rest]) as [
      unknown,
      number,
      readonly [number, number] | null,
      number,
      number,
      number,
    ];
    super(params, { lr, betas: betas ?? [0.9, 0.999], eps, weight_decay, momentum_decay });
  }

  protected override check({ lr, betas, eps, weight_decay, momentum_decay }: NAdamGroup): void {
    checkNonNegative('learning rate', lr);
    checkNonNegative('epsilon value', eps);
    checkBetas(betas);
    checkNonNegative('weight_decay value', weight_decay);
    checkNonNegative('momentum_decay value', momentum_decay);
  }

  protected override fresh(param: Tensor): ParamState {
    return { step: scalar(0), mu_product: scalar(1), exp_avg: blank(param), exp_avg_sq: blank(param) };
  }

  protected override change(param: Tensor, grad: Tensor, state: ParamState, group: NAdamGroup): void {
    const { lr, eps, momentum_decay } = group;
    const [beta1, beta2] = group.betas;
    const [average, squares] = [state['exp_avg'], state['exp_avg_sq']] as [Tensor, Tensor];
    const step = advance(state);
    const momentum = (t: number): number => beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay));
    const [mu, next] = [momentum(step), momentum(step + 1)];
    const product = scalarOf(state, 'mu_product').mul_(mu);
    average.mul_(beta1).add_(grad, { alpha: 1 - beta1 });
    squares.mul_(beta2).addcmul_(grad, grad, { value: 1 - beta2 });
    const denominator = squares.div(1 - beta2 ** step).sqrt_();
    denominator.add_(eps);
    param.addcdiv_(grad, denominator, { value: (-lr * (1 - mu)) / (1 - product.item()) });
    // torch's mu_product_next has μₜ in it twice.
    param.addcdiv_(average, denominator, { value: (-lr * next) / (1 - product.mul(mu).mul(next).item()) });
  }
}
