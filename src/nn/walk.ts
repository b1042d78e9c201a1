import { RuntimeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { Module } from './module.js';
import { metadataOf, saveExtraState } from './state_dict.js';
import type { StateDict } from './state_dict.js';

/** The second of two positional arguments, when the first is not the object of keywords. */
export function explicit(first: unknown, second: unknown): unknown[] {
  return typeof first === 'object' ? [] : [second];
}

export function* walkModules(
  module: Module,
  prefix: string,
  seen: Set<Module> | null,
): Generator<[string, Module], void, undefined> {
  if (seen !== null) {
    if (seen.has(module)) return;
    seen.add(module);
  }
  yield [prefix, module];
  for (const [name, child] of module._modules) {
    if (child !== null) yield* walkModules(child, join(prefix, name), seen);
  }
}

export function* namedMembers<T>(
  root: Module,
  members: (module: Module) => ReadonlyMap<string, T | null>,
  bound: unknown[],
): Generator<[string, T], void, undefined> {
  const [prefix, recurse] = bound as [string, boolean];
  const seen = new Set<T>();
  const modules = recurse ? walkModules(root, prefix, new Set()) : [[prefix, root] as [string, Module]];
  for (const [path, module] of modules) {
    for (const [name, member] of members(module)) {
      if (member === null || seen.has(member)) continue;
      seen.add(member);
      yield [join(path, name), member];
    }
  }
}

function join(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}.${name}`;
}

export function attribute(module: Module, name: string): unknown {
  const value = (module as unknown as Record<string, unknown>)[name];
  if (value === undefined) throw new RuntimeError(`${module._get_name()} has no attribute \`${name}\``);
  return value;
}

/** The module at a dotted path, `''` for `root`. */
export function submodule(root: Module, target: string): Module {
  let module = root;
  for (const item of target === '' ? [] : target.split('.')) {
    const next = attribute(module, item);
    if (!(next instanceof Module)) throw new RuntimeError(`\`${item}\` is not an nn.Module`);
    module = next;
  }
  return module;
}

export function splitPath(module: Module, target: string): [Module, string] {
  const dot = target.lastIndexOf('.');
  return [module.get_submodule(target.slice(0, Math.max(dot, 0))), target.slice(dot + 1)];
}

export function saveModule(module: Module, destination: StateDict, prefix: string, keepVars: boolean): void {
  const version = (module.constructor as unknown as { readonly _version: number })._version;
  metadataOf(destination)![prefix.slice(0, -1)] = { version };
  const save = (name: string, tensor: Tensor | null): void => {
    if (tensor !== null) destination[prefix + name] = keepVars ? tensor : tensor.detach();
  };
  for (const [name, parameter] of module._parameters) save(name, parameter);
  for (const [name, buffer] of module._buffers)
    if (!module._non_persistent_buffers_set.has(name)) save(name, buffer);
  saveExtraState(module, destination, prefix);
  for (const [name, child] of module._modules) {
    if (child !== null) saveModule(child, destination, `${prefix}${name}.`, keepVars);
  }
}
