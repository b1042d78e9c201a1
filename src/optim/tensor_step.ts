import { withScope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { Optimizer } from './optimizer.js';
import type { ParamGroup, ParamState } from './optimizer.js';

/** What the groups of these optimizers may have. */
interface CommonGroup extends ParamGroup {
  weight_decay?: number;
  maximize?: boolean;
}

/**
 * Base of the optimizers whose rule is written with in-place tensor operators, in torch's order. The temporaries of one parameter
 * go before those of the next are made.
 */
export abstract class TensorOptimizer<G extends CommonGroup> extends Optimizer<G> {
  /** The state of a parameter before its first step. */
  protected abstract fresh(param: Tensor, group: G): ParamState;

  /** One step of a parameter; `grad` has the sign of `maximize` and the weight decay in it. */
  protected abstract change(param: Tensor, grad: Tensor, state: ParamState, group: G): void;

  protected override update(group: G): void {
    const { weight_decay = 0, maximize = false } = group;
    this.refuseSparse(group);
    for (const param of group.params) {
      const given = param._gradQuiet;
      if (given === null) continue;
      withScope("an optimizer's step", () => {
        let state = this.state.get(param);
        if (state === undefined) this.state.set(param, (state = this.fresh(param, group)));
        let grad = maximize ? given.neg() : given;
        if (weight_decay !== 0) grad = grad.add(param, { alpha: weight_decay });
        this.change(param, grad, state, group);
      });
    }
  }
}
