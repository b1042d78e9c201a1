import { ValueError } from '../errors.js';
import { signature } from '../signature.js';
import { full } from '../ops/creation.js';
import type { Args } from '../ops/define.js';
import { keep } from '../scope.js';
import type { Tensor } from '../tensor.js';
import type { ParamGroup, ParamState, Params } from './optimizer.js';
import { blank, checkNonNegative } from './param_state.js';
import { TensorOptimizer } from './tensor_step.js';

export interface RpropGroup extends ParamGroup {
  etas: readonly [number, number];
  step_sizes: readonly [number, number];
  maximize: boolean;
}

export interface RpropOptions {
  /** The first step. Default 0.01. */
  lr?: number;
  /** Factors by which steps shrink and grow. Default [0.5, 1.2]. */
  etas?: readonly [number, number];
  /** The smallest and the largest step. Default [1e-6, 50]. */
  step_sizes?: readonly [number, number];
  /** Ascend instead of descend. Default false. */
  maximize?: boolean;
}

type Optional = [lr: number, etas: readonly [number, number], step_sizes: readonly [number, number]];

const BIND = signature(
  'Rprop(any params, float lr=1e-2, float[2]? etas=None, float[2]? step_sizes=None, *, bool maximize=False)',
);

/**
 * Resilient backpropagation (Riedmiller and Braun, 1993): each element moves against the sign of its gradient by a step of its own,
 * which grows while the sign stays and shrinks when it changes.
 *
 * @example
 * const p = new nn.Parameter(torch.ones(1));
 * const optimizer = new optim.Rprop([p], { lr: 0.1 });
 * p.mul(2).sum().backward();
 * optimizer.step();
 * console.log(p.item().toFixed(2)); // 0.90
 */
export class Rprop extends TensorOptimizer<RpropGroup> {
  constructor(params: Params<RpropGroup>, ...rest: Args<[], Optional, RpropOptions>) {
    const [, lr, etas, step_sizes, maximize] = BIND([params, ...rest]) as [
      unknown,
      number,
      readonly [number, number] | null,
      readonly [number, number] | null,
      boolean,
    ];
    super(params, { lr, etas: etas ?? [0.5, 1.2], step_sizes: step_sizes ?? [1e-6, 50], maximize });
  }

  protected override check({ lr, etas }: RpropGroup): void {
    checkNonNegative('learning rate', lr);
    const [down, up] = etas;
    if (!(0 < down && down < 1 && 1 < up)) throw new ValueError(`Invalid eta values: ${down}, ${up}`);
  }

  protected override fresh(param: Tensor, { lr }: RpropGroup): ParamState {
    const step_size = keep(full([...param.shape], lr, { dtype: param.dtype }));
    return { step: 0, prev: blank(param), step_size };
  }

  protected override change(param: Tensor, grad: Tensor, state: ParamState, group: RpropGroup): void {
    const [down, up] = group.etas;
    const [before, size] = [state['prev'], state['step_size']] as [Tensor, Tensor];
    state['step'] = Number(state['step']) + 1;
    const sign = grad.mul(before).sign();
    const turned = sign.lt(0);
    const factor = sign.masked_fill(sign.gt(0), up).masked_fill_(turned, down);
    size.mul_(factor.masked_fill_(sign.eq(0), 1)).clamp_(...group.step_sizes);
    const counted = grad.masked_fill(turned, 0);
    param.addcmul_(counted.sign(), size, { value: -1 });
    before.copy_(counted);
  }
}
