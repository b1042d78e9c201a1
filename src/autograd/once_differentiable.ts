import { RuntimeError } from '../errors.js';
import { Tensor } from '../tensor.js';
import { AutogradFunction } from './function.js';
import type { FunctionContext } from './function.js';
import { is_grad_enabled, no_grad } from './mode.js';

type Backward<A extends unknown[]> = (ctx: FunctionContext, ...grads: A) => Tensor | null | (Tensor | null)[];

/** Its outputs are its inputs; to differentiate them is an error. */
class DelayedError extends AutogradFunction {
  static override forward(_ctx: FunctionContext, ...tensors: Tensor[]): Tensor[] {
    return tensors;
  }
  static override backward(): never {
    throw new RuntimeError(
      'trying to differentiate twice a function that was marked with @once_differentiable',
    );
  }
}

/**
 * Marks the `backward` of a `Function` that cannot be differentiated itself: it runs unrecorded, and to differentiate what it
 * returned is an error.
 *
 * @example
 * class Twice extends torch.autograd.Function {
 *   static forward(ctx, x) { return x.mul(2); }
 *   static backward = torch.autograd.function.once_differentiable((ctx, g) => g.mul(2));
 * }
 * const x = torch.ones(1, { requires_grad: true });
 * Twice.apply(x).backward();
 * console.log(x.grad.item()); // 2
 */
export function once_differentiable<A extends unknown[]>(backward: Backward<A>): Backward<A> {
  return function (this: unknown, ctx: FunctionContext, ...grads: A) {
    const found = no_grad(() => backward.call(this, ctx, ...grads));
    if (!is_grad_enabled() || !grads.some((grad) => grad instanceof Tensor && grad.requires_grad))
      return found;
    const list = Array.isArray(found) ? found : [found];
    const tensors = list.filter((grad) => grad !== null).map((grad) => grad.detach().requires_grad_(true));
    const guarded = DelayedError.apply(...tensors);
    return list.map((grad) => (grad === null ? null : guarded.shift()!));
  };
}
