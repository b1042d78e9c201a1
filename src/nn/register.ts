import { RuntimeError } from '../errors.js';
import { keep } from '../scope.js';
import { Tensor } from '../tensor.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import { typeName } from '../python_text.js';

/** A module as it is behind its Proxy: a function. */
export type Callable = Module & { name?: string; length?: number };

/** torch's `__setattr__` and `__delattr__`. */
export const registration: ProxyHandler<Callable> = {
  defineProperty(target, key, descriptor) {
    if (typeof key === 'string' && 'value' in descriptor && !register(target, key, descriptor)) return true;
    return Reflect.defineProperty(target, key, descriptor);
  },
  deleteProperty(target, key) {
    if (typeof key === 'string') forget(target, key);
    return Reflect.deleteProperty(target, key);
  },
};

function forget(target: Callable, key: string): void {
  target._parameters.delete(key);
  target._modules.delete(key);
  target._buffers.delete(key);
  target._non_persistent_buffers_set.delete(key);
}

/** Keeps the registers in step with a field; false when the field is to stay as it is. */
function register(target: Callable, key: string, descriptor: PropertyDescriptor): boolean {
  const value: unknown = descriptor.value;
  const known = registerOf(target, key);
  if (value instanceof Parameter || value instanceof Module) {
    const into: Map<string, unknown> = value instanceof Parameter ? target._parameters : target._modules;
    checkDots(value instanceof Parameter ? 'parameter' : 'module', key);
    if (known !== into) forget(target, key);
    into.set(key, value);
    return true;
  }
  if (known === null) return true;
  // A subclass that declares a field of its base class again defines it anew, as undefined.
  if (value === undefined && 'writable' in descriptor) return false;
  if (value !== null && !(known === target._buffers && value instanceof Tensor)) {
    const [kind, type] =
      known === target._parameters
        ? ['parameter', 'torch.nn.Parameter']
        : known === target._modules
          ? ['child module', 'torch.nn.Module']
          : ['buffer', 'torch.Tensor'];
    throw new TypeError(`cannot assign '${typeName(value)}' as ${kind} '${key}' (${type} or None expected)`);
  }
  known.set(key, value === null ? null : keep(value));
  return true;
}

function registerOf(target: Callable, key: string): Map<string, unknown> | null {
  if (target._parameters.has(key)) return target._parameters;
  if (target._modules.has(key)) return target._modules;
  if (target._buffers.has(key)) return target._buffers;
  return null;
}

function checkDots(kind: string, name: string): void {
  if (name.includes('.')) {
    throw new RuntimeError(`${kind} name can't contain "."${kind === 'module' ? `, got: ${name}` : ''}`);
  }
  if (name === '') throw new RuntimeError(`${kind} name can't be empty string ""`);
}

export function checkName(
  module: Module,
  kind: string,
  name: string,
  register: ReadonlyMap<string, unknown>,
): void {
  if (typeof name !== 'string') throw new TypeError(`${kind} name should be a string. Got ${typeName(name)}`);
  checkDots(kind, name);
  // A declared field that has no value yet is undefined.
  if ((module as unknown as Record<string, unknown>)[name] !== undefined && !register.has(name)) {
    throw new RuntimeError(`attribute '${name}' already exists`);
  }
}

/** Sets a field whose register is already right. */
export function setField(module: Module, name: string, value: unknown): void {
  (module as unknown as Record<string, unknown>)[name] = value;
}
