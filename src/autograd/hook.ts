import { RuntimeError } from '../errors.js';
import { keep } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { alias } from '../tensor_handle.js';
import type { GradHook } from './node.js';

export function registerHook(tensor: Tensor, hook: GradHook): { remove(): void } {
  tensor._live();
  if (typeof hook !== 'function') throw new TypeError('register_hook(): hook must be a function');
  if (!tensor.requires_grad) {
    throw new RuntimeError("cannot register a hook on a tensor that doesn't require gradient");
  }
  if (tensor.grad_fn !== null) return { remove: tensor.grad_fn.addPreHook(tensor._outputNr, hook) };
  const hooks = (tensor._hooks ??= []);
  hooks.push(hook);
  return {
    remove() {
      const at = hooks.indexOf(hook);
      if (at >= 0) hooks.splice(at, 1);
    },
  };
}

export function retainGrad(tensor: Tensor): void {
  tensor._live();
  if (!tensor.requires_grad)
    throw new RuntimeError("can't retain_grad on Tensor that has requires_grad=False");
  if (tensor.grad_fn === null || tensor._retainsGrad) return;
  tensor._retainsGrad = true;
  tensor.grad_fn.addPreHook(tensor._outputNr, (grad) => {
    if (tensor._released === null) tensor._setGrad(keep(alias(grad, true)), false);
  });
}
