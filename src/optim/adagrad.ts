import { RuntimeError } from '../errors.js';
import { signature } from '../signature.js';
import { full } from '../ops/creation.js';
import type { Args } from '../ops/define.js';
import { keep, withScope } from '../scope.js';
import { sparseTensor } from '../sparse_storage.js';
import type { Tensor } from '../tensor.js';
import { address } from '../tensor_handle.js';
import { Optimizer, stepInParts } from './optimizer.js';
import type { ParamGroup, ParamState, Params } from './optimizer.js';
import { advance, checkNonNegative, scalar } from './param_state.js';

export interface AdagradGroup extends ParamGroup {
  lr_decay: number;
  weight_decay: number;
  initial_accumulator_value: number;
  eps: number;
  maximize: boolean;
}

export interface AdagradOptions {
  /** Default 0.01. */
  lr?: number;
  /** Default 0. */
  lr_decay?: number;
  /** L2 penalty. Default 0. */
  weight_decay?: number;
  /** Where the sum of squares begins. Default 0. */
  initial_accumulator_value?: number;
  /** Added to the denominator. Default 1e-10. */
  eps?: number;
  /** Ascend instead of descend. Default false. */
  maximize?: boolean;
}

type Optional = [
  lr: number,
  lr_decay: number,
  weight_decay: number,
  initial_accumulator_value: number,
  eps: number,
];

const BIND = signature(
  'Adagrad(any params, float lr=1e-2, float lr_decay=0, float weight_decay=0, float initial_accumulator_value=0, ' +
    'float eps=1e-10, *, bool maximize=False)',
);

/**
 * Adagrad (Duchi, Hazan and Singer, 2011): p −= lr / (1 + (t − 1)·lr_decay) · g / (√Σg² + eps). Of sparse gradients the rows that
 * they list; `weight_decay` is refused with them.
 *
 * @example
 * const p = new nn.Parameter(torch.ones(1));
 * const optimizer = new optim.Adagrad([p], { lr: 0.1 });
 * p.mul(2).sum().backward();
 * optimizer.step();
 * console.log(p.item().toFixed(2)); // 0.90
 */
export class Adagrad extends Optimizer<AdagradGroup> {
  constructor(params: Params<AdagradGroup>, ...rest: Args<[], Optional, AdagradOptions>) {
    const [, lr, lr_decay, weight_decay, initial_accumulator_value, eps, maximize] = BIND([
      params,
      ...rest,
    ]) as [unknown, ...Optional, boolean];
    super(params, { lr, lr_decay, eps, weight_decay, initial_accumulator_value, maximize });
    for (const group of this.param_groups) {
      for (const param of group.params) this.fresh(param, group);
    }
  }

  protected override check(group: AdagradGroup): void {
    checkNonNegative('learning rate', group.lr);
    checkNonNegative('lr_decay value', group.lr_decay);
    checkNonNegative('weight_decay value', group.weight_decay);
    checkNonNegative('initial_accumulator_value value', group.initial_accumulator_value);
    checkNonNegative('epsilon value', group.eps);
  }

  private fresh(param: Tensor, group: AdagradGroup): ParamState {
    const sum = keep(full([...param.shape], group.initial_accumulator_value, { dtype: param.dtype }));
    const state: ParamState = { step: scalar(0), sum };
    this.state.set(param, state);
    return state;
  }

  protected override update(group: AdagradGroup): void {
    const { lr, lr_decay, eps, weight_decay, maximize } = group;
    for (const param of group.params) {
      const grad = param._gradQuiet;
      if (grad === null) continue;
      const state = this.state.get(param) ?? this.fresh(param, group);
      const rate = lr / (1 + (advance(state) - 1) * lr_decay);
      if (grad.is_sparse) {
        if (weight_decay !== 0)
          throw new RuntimeError('weight_decay option is not compatible with sparse gradients');
        withScope("an optimizer's step", () =>
          stepSparse(param, maximize ? grad.neg() : grad, state['sum'] as Tensor, rate, eps),
        );
        continue;
      }
      const moments = [address(state['sum'] as Tensor)];
      stepInParts('adagrad_step_f32', param, grad, moments, [rate, eps, weight_decay, Number(maximize)]);
    }
  }
}

/** A step of the rows that a sparse gradient lists. */
function stepSparse(param: Tensor, grad: Tensor, sum: Tensor, rate: number, eps: number): void {
  const listed = grad.coalesce();
  const [indices, values] = [listed.indices(), listed.values()];
  sum.add_(sparseTensor(indices, values.square(), param.shape, true));
  const std = sum.sparse_mask(listed).values().sqrt_().add_(eps);
  param.add_(sparseTensor(indices, values.div(std), param.shape, true), { alpha: -rate });
}
