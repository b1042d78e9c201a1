import { RuntimeError } from '../errors.js';
import { sameShape } from '../shape.js';
import { Tensor } from '../tensor.js';

/** Refuses what cannot be the gradient of a tensor, in torch's words. */
export function checkAssignedGrad(tensor: Tensor, grad: unknown): void {
  if (!(grad instanceof Tensor))
    throw new TypeError(`assigned grad has type ${typeof grad}, expected a Tensor or null`);
  grad._live();
  if (grad === tensor) throw new RuntimeError("can't assign Variable as its own grad");
  if (grad.dtype !== tensor.dtype) {
    throw new RuntimeError(
      `assigned grad has data of a different type: ${grad.dtype}, the tensor is ${tensor.dtype}`,
    );
  }
  if (tensor.is_sparse && !grad.is_sparse) {
    throw new RuntimeError(
      `assigned grad has data of a different type: ${grad.layout}, the tensor is ${tensor.layout}`,
    );
  }
  if (!sameShape(grad.shape, tensor.shape)) {
    throw new RuntimeError(`assigned grad has data of a different size: [${grad.shape.join(', ')}]`);
  }
}
