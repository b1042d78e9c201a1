import { no_grad } from '../autograd/mode.js';
import { RuntimeError } from '../errors.js';
import { clone } from '../ops/copy.js';
import { keep } from '../scope.js';
import { Tensor } from '../tensor.js';
import { Module } from './module.js';
import type { AnyModule } from './any_module.js';
import { Parameter } from './parameter.js';

/**
 * Python's `copy.deepcopy(module)`: a module of the same class with copies of the parameters, buffers, children and of what its
 * fields hold in arrays, Maps, Sets and plain objects. Tensors and modules that occur twice do so in the copy. Functions and other
 * objects are shared.
 */
export function cloneModule<M extends AnyModule>(module: M): M {
  return no_grad(() => copyValue(module, new Map())) as M;
}

function copyValue(value: unknown, done: Map<unknown, unknown>): unknown {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return value;
  const known = done.get(value);
  if (known !== undefined) return known;
  if (value instanceof Module) return copyModule(value, done);
  if (value instanceof Tensor) return remember(value, copyTensor(value), done);
  if (Array.isArray(value)) {
    const list = remember<unknown[]>(value, [], done);
    for (const item of value) list.push(copyValue(item, done));
    return list;
  }
  if (value instanceof Map) {
    const map = remember(value, new Map<unknown, unknown>(), done);
    for (const [key, item] of value) map.set(copyValue(key, done), copyValue(item, done));
    return map;
  }
  if (value instanceof Set) {
    const set = remember(value, new Set<unknown>(), done);
    for (const item of value) set.add(copyValue(item, done));
    return set;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const copy = remember<Record<string, unknown>>(value, {}, done);
  for (const [key, item] of Object.entries(value)) copy[key] = copyValue(item, done);
  return copy;
}

function remember<T>(original: unknown, copy: T, done: Map<unknown, unknown>): T {
  done.set(original, copy);
  return copy;
}

function copyTensor(tensor: Tensor): Tensor {
  if (!tensor.is_leaf) {
    throw new RuntimeError(
      'Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment',
    );
  }
  const values = clone(tensor);
  const copy = tensor instanceof Parameter ? new Parameter(values, tensor.requires_grad) : keep(values);
  if (copy === values) copy.requires_grad_(tensor.requires_grad);
  else values.dispose();
  const grad = tensor._gradQuiet;
  if (grad !== null) copy._setGrad(keep(clone(grad)), false);
  return copy;
}

function copyModule(module: Module, done: Map<unknown, unknown>): Module {
  // The constructor of Module with the prototype of the class, whose own constructor does not run.
  const copy = remember(module, Reflect.construct(Module, [], module.constructor as new () => Module), done);
  const registers = ['_parameters', '_buffers', '_modules'] as const;
  for (const register of registers) {
    const into = copy[register] as Map<string, unknown>;
    for (const [name, item] of module[register]) into.set(name, copyValue(item, done));
  }
  for (const name of module._non_persistent_buffers_set) copy._non_persistent_buffers_set.add(name);
  const fields = copy as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(module)) fields[name] = copyValue(value, done);
  const { hooks } = module._state;
  if (hooks !== null) {
    const { pre, post, backward, load } = hooks;
    copy._state.hooks = {
      pre: new Set(pre),
      post: new Set(post),
      backward: new Set(backward),
      load: new Set(load),
    };
  }
  return copy;
}
