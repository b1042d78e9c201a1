import type { DType } from '../dtype.js';
import { empty } from '../ops/creation.js';
import { keep, withScope } from '../scope.js';
import { Tensor } from '../tensor.js';
import { sharedParts } from '../tensor_handle.js';

/**
 * A tensor that a module registers when it becomes one of its fields. It shares the memory of `data`, has no history, and
 * belongs to no scope.
 *
 * @example
 * const p = new nn.Parameter(torch.ones(2));
 * console.log(p.requires_grad, p.is_leaf); // true true
 */
export class Parameter extends Tensor {
  constructor(data: Tensor, requires_grad: boolean | { requires_grad?: boolean } = true) {
    if (!(data instanceof Tensor)) throw new TypeError(`Parameter: expected a Tensor, got ${typeof data}`);
    data._live();
    super(sharedParts(data), false);
    keep(this);
    this.requires_grad_(
      typeof requires_grad === 'object' ? (requires_grad.requires_grad ?? true) : requires_grad,
    );
  }

  override toString(): string {
    return `Parameter containing:\n${super.toString()}`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** A parameter whose values are yet to be set. */
export function emptyParameter(shape: readonly number[], dtype: DType | null): Parameter {
  return withScope('the making of a Parameter', () => new Parameter(empty(shape, { dtype })));
}

/** torch's zero_grad of modules and optimizers. */
export function clearGrads(parameters: Iterable<Tensor>, set_to_none: boolean): void {
  for (const parameter of parameters) {
    const grad = parameter._gradQuiet;
    if (grad === null) continue;
    if (set_to_none) {
      parameter._setGrad(null, false);
      continue;
    }
    if (grad.grad_fn !== null) grad.detach_();
    else grad.requires_grad_(false);
    grad.zero_();
  }
}
