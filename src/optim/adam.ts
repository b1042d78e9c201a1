import { signature } from '../signature.js';
import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import { address } from '../tensor_handle.js';
import { Optimizer, stepInParts } from './optimizer.js';
import type { ParamGroup, ParamState, Params } from './optimizer.js';
import { advance, blank, checkBetas, checkNonNegative, scalar } from './param_state.js';

export interface AdamGroup extends ParamGroup {
  betas: readonly [number, number];
  eps: number;
  weight_decay: number;
  amsgrad: boolean;
  maximize: boolean;
}

export interface AdamOptions {
  /** Default 1e-3. */
  lr?: number;
  /** Decay of the averages of the gradient and of its square. Default [0.9, 0.999]. */
  betas?: readonly [number, number];
  /** Added to the denominator. Default 1e-8. */
  eps?: number;
  weight_decay?: number;
  /** Divide by the largest average of squares so far. Default false. */
  amsgrad?: boolean;
  /** Ascend instead of descend. Default false. */
  maximize?: boolean;
}

export type AdamOptional = [
  lr: number,
  betas: readonly [number, number],
  eps: number,
  weight_decay: number,
  amsgrad: boolean,
];

/** What Adam and AdamW have in common: all but the weight decay. */
export abstract class AdamBase extends Optimizer<AdamGroup> {
  protected abstract readonly decoupled: boolean;

  protected override check(group: AdamGroup): void {
    const { lr, eps, betas, weight_decay } = group;
    checkNonNegative('learning rate', lr);
    checkNonNegative('epsilon value', eps);
    checkBetas(betas);
    checkNonNegative('weight_decay value', weight_decay);
  }

  protected override update(group: AdamGroup): void {
    const { lr, eps, weight_decay, amsgrad, maximize } = group;
    const [beta1, beta2] = group.betas;
    this.refuseSparse(group, this.decoupled ? '' : ', please consider SparseAdam instead');
    for (const param of group.params) {
      const grad = param._gradQuiet;
      if (grad === null) continue;
      let state = this.state.get(param);
      if (state === undefined) this.state.set(param, (state = freshState(param, amsgrad)));
      const [m, v, vmax] = [state['exp_avg'], state['exp_avg_sq'], state['max_exp_avg_sq'] ?? null] as [
        Tensor,
        Tensor,
        Tensor | null,
      ];
      const step = advance(state);
      const moments = [address(m), address(v), amsgrad ? address(vmax!) : 0];
      const rule = [lr, beta1, beta2, eps, weight_decay, Number(this.decoupled), Number(maximize), step];
      stepInParts('adam_step_f32', param, grad, moments, rule);
    }
  }
}

function freshState(param: Tensor, amsgrad: boolean): ParamState {
  const state: ParamState = { step: scalar(0), exp_avg: blank(param), exp_avg_sq: blank(param) };
  if (amsgrad) state['max_exp_avg_sq'] = blank(param);
  return state;
}

export const ADAM = 'float[]? betas=None, float eps=1e-8, float weight_decay';
export const ADAM_REST = 'bool amsgrad=False, *, bool maximize=False';

const BIND = signature(`Adam(any params, float lr=1e-3, ${ADAM}=0, ${ADAM_REST})`);

/** The bound arguments as the defaults of groups. */
export function adamDefaults(bound: unknown[]): Omit<AdamGroup, 'params'> {
  const [, lr, betas, eps, weight_decay, amsgrad, maximize] = bound as [
    unknown,
    number,
    readonly [number, number] | null,
    number,
    number,
    boolean,
    boolean,
  ];
  return { lr, betas: betas ?? [0.9, 0.999], eps, weight_decay, amsgrad, maximize };
}

/**
 * Adam (Kingma and Ba, 2014): p −= lr·m̂ / (√v̂ + eps), with m̂ and v̂ the bias-corrected averages of the gradient and of its
 * square. `weight_decay` is an L2 penalty.
 *
 * @example
 * const p = new nn.Parameter(torch.ones(1));
 * const optimizer = new torch.optim.Adam([p], { lr: 0.1 });
 * p.mul(2).sum().backward();
 * optimizer.step();
 * console.log(p.item().toFixed(2)); // 0.90
 */
export class Adam extends AdamBase {
  protected override get decoupled(): boolean {
    return false;
  }

  constructor(params: Params<AdamGroup>, ...rest: Args<[], AdamOptional, AdamOptions>) {
    super(params, adamDefaults(BIND([params, ...rest])));
  }
}
