/** torch.nn.modules.module: hooks of all modules, for debugging. They run before a module's own. */
import type { BackwardHook } from './backward_hook.js';
import { addHook, globalHooks } from './call.js';
import type { ForwardHook, ForwardPreHook, RemovableHandle } from './call.js';
import type { Module } from './module.js';

export { Module } from './module.js';

/** Calls `hook(module, input)` before the `forward` of every module. */
export function register_module_forward_pre_hook(hook: ForwardPreHook<Module>): RemovableHandle {
  return addHook(globalHooks.pre, hook);
}

/**
 * Calls `hook(module, input, output)` after the `forward` of every module.
 *
 * @example
 * const { register_module_forward_hook } = nn.modules.module;
 * const seen = [];
 * const handle = register_module_forward_hook((module) => void seen.push(module._get_name()));
 * new nn.Sequential(new nn.Linear(4, 2), new nn.ReLU())(torch.ones(3, 4));
 * console.log(seen); // [ 'Linear', 'ReLU', 'Sequential' ]
 * handle.remove();
 */
export function register_module_forward_hook(hook: ForwardHook<Module>): RemovableHandle {
  return addHook(globalHooks.post, hook);
}

/** Calls `hook(module, grad_input, grad_output)` when the gradients of the inputs of any module are known. */
export function register_module_full_backward_hook(hook: BackwardHook<Module>): RemovableHandle {
  return addHook(globalHooks.backward, hook);
}
