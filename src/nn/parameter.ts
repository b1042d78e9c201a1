import type { DType } from '../dtype.js';
import { empty } from '../ops/creation.js';
import { keep, withScope } from '../scope.js';
import { Tensor } from '../tensor.js';
import { partsOf } from '../tensor_handle.js';
import type { TensorParts } from '../tensor_parts.js';

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
    data._storage.retain();
    super(partsOf(data), false);
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

/** What `replaceData` writes; elsewhere these never change. */
interface Writable {
  _storage: TensorParts['storage'];
  _offset: number;
  _shape: TensorParts['shape'];
  _strides: TensorParts['strides'];
  _dtype: DType;
  _counts: { storage: TensorParts['storage'] };
}

/** torch's `t.data = value`: the same handle, with its hooks, gradient and version, on the bytes of `value`. */
export function replaceData(t: Tensor, value: Tensor): void {
  t._live();
  value._live();
  const target = t as unknown as Writable;
  const before = target._storage;
  value._storage.retain();
  target._storage = value._storage;
  target._counts.storage = value._storage;
  target._offset = value._offset;
  target._shape = value._shape;
  target._strides = value._strides;
  target._dtype = value.dtype;
  before.release();
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
