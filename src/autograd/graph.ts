/** torch.autograd.graph. */
import type { Tensor } from '../tensor.js';
import { withSavedHooks, withoutSavedHooks } from './saved_hooks.js';

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

/**
 * Runs `body` with what is saved for backward kept in the memory of the CPU, where it is anyway: as hooks that give back what they
 * take, so writes in place to what was saved are not noticed.
 */
export function save_on_cpu<R>(body: () => R): R {
  return saved_tensors_hooks(
    (tensor) => tensor,
    (packed) => packed,
    body,
  );
}

/**
 * Runs `body`, in which `saved_tensors_hooks` and what uses it throw a `RuntimeError` with the given message.
 *
 * @example
 * const { disable_saved_tensors_hooks, save_on_cpu } = torch.autograd.graph;
 * try {
 *   disable_saved_tensors_hooks('not here', () => save_on_cpu(() => torch.ones(2)));
 * } catch (error) {
 *   console.log(error.message); // not here
 * }
 */
export function disable_saved_tensors_hooks<R>(error_message: string, body: () => R): R {
  if (typeof error_message !== 'string' || typeof body !== 'function')
    throw new TypeError('disable_saved_tensors_hooks takes a message and the function to run');
  return withoutSavedHooks(error_message, body);
}
