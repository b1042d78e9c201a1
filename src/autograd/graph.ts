/** torch.autograd.graph. */
import type { Tensor } from '../tensor.js';
import { withSavedHooks } from './saved_hooks.js';

/**
 * Runs `body` with hooks for what is saved for backward: `pack` takes a tensor and returns what is kept in its place, from which
 * `unpack` makes the values again when backward needs them.
 *
 * @example
 * const x = torch.tensor([1.5, 2.5], { requires_grad: true });
 * const { saved_tensors_hooks } = torch.autograd.graph;
 * const y = saved_tensors_hooks((t) => t.numpy(), (values) => torch.tensor(values), () => x.mul(x));
 * y.sum().backward();
 * console.log(x.grad.tolist()); // [ 3, 5 ]
 */
export function saved_tensors_hooks<P, R>(
  pack: (tensor: Tensor) => P,
  unpack: (packed: P) => Tensor,
  body: () => R,
): R {
  for (const hook of [pack, unpack, body]) {
    if (typeof hook !== 'function')
      throw new TypeError('saved_tensors_hooks takes two hooks and the function to run');
  }
  return withSavedHooks({ pack, unpack }, body);
}
