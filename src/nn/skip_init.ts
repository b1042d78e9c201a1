import { RuntimeError } from '../errors.js';
import { typeName } from '../python_text.js';
import { withoutInitialisers } from './init_structured.js';
import { Module } from './module.js';
import type { AnyModule } from './any_module.js';

function isOptions(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/**
 * A module made without initialising its parameters: they are whatever was in their memory, and nothing is drawn from the
 * generator. The class must take `device`.
 *
 * @example
 * const fc = nn.utils.skip_init(nn.Linear, 4, 2);
 * console.log(fc.weight.shape); // [ 2, 4 ]
 */
export function skip_init<M extends AnyModule>(module_cls: new (...args: never) => M, ...args: unknown[]): M {
  if (typeof module_cls !== 'function' || !(module_cls.prototype instanceof Module)) {
    const found =
      typeof module_cls === 'function' ? (module_cls as { name: string }).name : typeName(module_cls);
    throw new RuntimeError(`Expected a Module; got ${found}`);
  }
  const last = args.at(-1);
  const given = isOptions(last)
    ? [...args.slice(0, -1), { device: 'cpu', ...last }]
    : [...args, { device: 'cpu' }];
  try {
    return withoutInitialisers(() => new module_cls(...(given as never)));
  } catch (error) {
    if (error instanceof TypeError && error.message.includes("unexpected keyword argument 'device'")) {
      throw new RuntimeError("Module must support a 'device' arg to skip initialization");
    }
    throw error;
  }
}
