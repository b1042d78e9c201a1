import { Scope, adopt } from '../scope.js';
import type { Tensor } from '../tensor.js';
import type { Module } from './module.js';

/** How many calls of `cached` are running, one inside the other. */
let depth = 0;
let values = new Map<Module, Map<string, Tensor>>();
/** Owns the values, which would otherwise go with the call in which each was computed. */
let owner = new Scope('cached', null);

/**
 * Runs `body`, in which each parametrized tensor is computed once, when it is first read, and not at every use. Returns what `body`
 * returns.
 * Differs from torch: a function instead of a context manager.
 *
 * @example
 * const { parametrize } = nn.utils;
 * const fc = nn.utils.parametrizations.orthogonal(new nn.Linear(3, 3));
 * parametrize.cached(() => console.log(fc.weight === fc.weight)); // true
 * console.log(fc.weight === fc.weight); // false
 */
export function cached<R>(body: () => R): R {
  depth++;
  try {
    const result = body();
    if (typeof (result as { then?: unknown } | null | undefined)?.then === 'function') {
      throw new TypeError(
        'the function given to cached returned a Promise: the cache ends when the function returns, so it must be synchronous',
      );
    }
    return result;
  } finally {
    depth--;
    if (depth === 0) clear();
  }
}

/** What was cached may still be in use: it goes to the scope around. */
function clear(): void {
  const before = owner;
  owner = new Scope('cached', null);
  values = new Map();
  for (const tensor of before.owned) if (tensor._scope === before) adopt(tensor);
}

/** The value of a parametrized tensor, from the cache while that is in use. */
export function cachedValue(module: Module, name: string, compute: () => Tensor): Tensor {
  if (depth === 0) return compute();
  const known = values.get(module)?.get(name);
  if (known !== undefined) return known;
  const value = compute();
  // A parametrization may return what belongs to a module.
  if (value._scope !== null) {
    value._scope = owner;
    owner.owned.push(value);
  }
  if (!values.has(module)) values.set(module, new Map());
  values.get(module)!.set(name, value);
  return value;
}
