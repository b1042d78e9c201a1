import { NotImplementedError, RuntimeError } from '../errors.js';
import { closeScope, openScope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { BackwardHooks } from './backward_hook.js';
import type { BackwardHook } from './backward_hook.js';
import type { Module } from './module.js';
import type { IncompatibleKeys } from './state_dict.js';

/** The arguments of a module's call: those of its `forward`. */
export type Inputs<M> = M extends { forward(...args: infer A): unknown } ? A : Tensor[];
/** The result of a module's call: that of its `forward`. */
export type Output<M> = M extends { forward(...args: never[]): infer R } ? R : Tensor;

/** Sees, and may replace, the arguments of a call. */
export type ForwardPreHook<M> = (module: M, input: Inputs<M>) => unknown;
/** Sees, and may replace, the result of a call. */
export type ForwardHook<M> = (module: M, input: Inputs<M>, output: Output<M>) => unknown;

/** Sees a module whose parameters were loaded, and may change the lists of keys. */
export type LoadStateDictHook<M> = (module: M, incompatible_keys: IncompatibleKeys) => void;

export interface RemovableHandle {
  remove(): void;
}

export interface Hooks {
  readonly pre: Set<ForwardPreHook<Module>>;
  readonly post: Set<ForwardHook<Module>>;
  readonly backward: Set<BackwardHook<Module>>;
  readonly load: Set<LoadStateDictHook<Module>>;
}

export function noHooks(): Hooks {
  return { pre: new Set(), post: new Set(), backward: new Set(), load: new Set() };
}

/** The hooks of all modules. */
export const globalHooks = noHooks();

function anyGlobal(): boolean {
  return globalHooks.pre.size + globalHooks.post.size + globalHooks.backward.size > 0;
}

/** What a module knows beyond its fields. */
export interface State {
  readonly label: string;
  hooks: Hooks | null;
}

interface HasForward {
  forward?(...args: unknown[]): unknown;
}

export function callModule(module: Module, state: State, args: unknown[]): unknown {
  const scope = openScope(state.label);
  let result: unknown;
  try {
    result =
      state.hooks === null && !anyGlobal()
        ? forward(module, args)
        : callHooked(module, state.hooks ?? noHooks(), args);
    return result;
  } finally {
    closeScope(scope, result);
  }
}

function forward(module: Module, args: unknown[]): unknown {
  const self = module as HasForward;
  if (typeof self.forward !== 'function') {
    throw new NotImplementedError(
      `Module [${module._get_name()}] is missing the required "forward" function`,
    );
  }
  const result = self.forward(...args);
  if (typeof (result as { then?: unknown } | null | undefined)?.then === 'function') {
    throw new RuntimeError(
      `the forward of ${module._get_name()} returned a Promise: its tensors are released when the call returns, so forward ` +
        'must be synchronous',
    );
  }
  return result;
}

function callHooked(module: Module, hooks: Hooks, args: unknown[]): unknown {
  let input = args;
  for (const hook of [...globalHooks.pre, ...hooks.pre]) {
    const replaced = hook(module, input as Tensor[]);
    if (replaced !== undefined && replaced !== null)
      input = Array.isArray(replaced) ? (replaced as unknown[]) : [replaced];
  }
  const onBackward = [...globalHooks.backward, ...hooks.backward];
  const backward = onBackward.length === 0 ? null : new BackwardHooks(module, onBackward);
  if (backward !== null) input = backward.onInputs(input);
  let result = forward(module, input);
  for (const hook of [...globalHooks.post, ...hooks.post]) {
    const replaced = hook(module, input as Tensor[], result as Tensor);
    if (replaced !== undefined && replaced !== null) result = replaced;
  }
  return backward === null ? result : backward.onOutputs(result);
}

export function hooksOf(module: Module): Hooks {
  return (module._state.hooks ??= noHooks());
}

export function addHook<H>(hooks: Set<H>, hook: H): RemovableHandle {
  if (typeof hook !== 'function') throw new TypeError('the hook must be a function');
  // Wrapped so that the same function may be registered twice.
  const entry = ((...args: unknown[]): unknown => (hook as (...args: unknown[]) => unknown)(...args)) as H;
  hooks.add(entry);
  return {
    remove() {
      hooks.delete(entry);
    },
  };
}
