import { ValueError } from '../errors.js';
import { signature } from '../signature.js';
import { empty } from '../ops/creation.js';
import type { Args } from '../ops/define.js';
import { keep, withScope } from '../scope.js';
import { Tensor } from '../tensor.js';
import { address } from '../tensor_handle.js';
import { Optimizer, stepInParts } from './optimizer.js';
import type { ParamGroup, ParamState, Params } from './optimizer.js';

export interface SGDGroup extends ParamGroup {
  momentum: number;
  dampening: number;
  weight_decay: number;
  nesterov: boolean;
  maximize: boolean;
}

export interface SGDOptions {
  lr?: number;
  /** Default 0. */
  momentum?: number;
  /** Share of the gradient that does not enter the momentum. Default 0. */
  dampening?: number;
  /** L2 penalty. Default 0. */
  weight_decay?: number;
  nesterov?: boolean;
  /** Ascend instead of descend. Default false. */
  maximize?: boolean;
}

type Optional = [lr: number, momentum: number, dampening: number, weight_decay: number, nesterov: boolean];

const BIND = signature(
  'SGD(any params, float? lr=None, float momentum=0, float dampening=0, float weight_decay=0, bool nesterov=False, *, ' +
    'bool maximize=False)',
);

/**
 * Stochastic gradient descent: g += weight_decay·p; buf = momentum·buf + (1 − dampening)·g (the first time buf = g);
 * p −= lr·buf, or with `nesterov` lr·(g + momentum·buf).
 *
 * `lr` must be given, here or in every group. With sparse gradients the momentum is sparse too, and `weight_decay` is refused.
 *
 * @example
 * const p = new nn.Parameter(torch.ones(1));
 * const optimizer = new torch.optim.SGD([p], { lr: 0.1, momentum: 0.9 });
 * p.mul(2).sum().backward();
 * optimizer.step();
 * console.log(p.item().toFixed(2)); // 0.80
 */
export class SGD extends Optimizer<SGDGroup> {
  constructor(params: Params<SGDGroup>, ...rest: Args<[], Optional, SGDOptions>) {
    const [, lr, momentum, dampening, weight_decay, nesterov, maximize] = BIND([params, ...rest]) as [
      unknown,
      number | null,
      number,
      number,
      number,
      boolean,
      boolean,
    ];
    const defaults = { lr: lr as number, momentum, dampening, weight_decay, nesterov, maximize };
    checkSGD(defaults);
    super(params, defaults);
  }

  protected override check(group: SGDGroup): void {
    checkSGD(group);
  }

  protected override update(group: SGDGroup): void {
    const { lr, weight_decay, momentum, dampening, nesterov, maximize } = group;
    for (const param of group.params) {
      const grad = param._gradQuiet;
      if (grad === null) continue;
      let state = this.state.get(param);
      if (state === undefined) this.state.set(param, (state = { momentum_buffer: null }));
      let buffer = state['momentum_buffer'] ?? null;
      if (grad.is_sparse || (buffer instanceof Tensor && buffer.is_sparse)) {
        withScope("an optimizer's step", () => stepSparse(param, grad, state, group));
        continue;
      }
      const first = momentum !== 0 && buffer === null;
      if (first) state['momentum_buffer'] = buffer = keep(empty(param.shape, { dtype: param.dtype }));
      const at = momentum !== 0 && buffer instanceof Tensor ? address(buffer) : 0;
      const rule = [lr, weight_decay, momentum, dampening, Number(nesterov), Number(maximize), Number(first)];
      stepInParts('sgd_step_f32', param, grad, [at], rule);
    }
  }
}

/** A step with a sparse gradient, or a momentum of such: only the rows that they list change. */
function stepSparse(param: Tensor, grad: Tensor, state: ParamState, group: SGDGroup): void {
  const { lr, weight_decay, momentum, dampening, nesterov, maximize } = group;
  let step = maximize ? grad.neg() : grad;
  if (weight_decay !== 0) step = step.add(param, { alpha: weight_decay });
  if (momentum !== 0) {
    const before = state['momentum_buffer'] as Tensor | null;
    const buffer = before?.mul_(momentum).add_(step, { alpha: 1 - dampening }) ?? keep(step.clone());
    state['momentum_buffer'] = buffer;
    step = nesterov ? step.add(buffer, { alpha: momentum }) : buffer;
  }
  param.add_(step, { alpha: -lr });
}

function checkSGD(options: Omit<SGDGroup, 'params'>): void {
  const { lr, momentum, dampening, weight_decay, nesterov } = options as SGDGroup;
  if (lr !== null && lr < 0) throw new ValueError(`Invalid learning rate: ${lr}`);
  if (momentum < 0) throw new ValueError(`Invalid momentum value: ${momentum}`);
  if (weight_decay < 0) throw new ValueError(`Invalid weight_decay value: ${weight_decay}`);
  if (nesterov && (momentum <= 0 || dampening !== 0)) {
    throw new ValueError('Nesterov momentum requires a momentum and zero dampening');
  }
}
