import type { Op, Variant } from './ops/define.js';
import * as operators from './ops/index.js';
import { methods, properties } from './ops/method.js';
import * as tensorOnly from './ops/tensor_only.js';
import { Tensor } from './tensor.js';

function defineMethod(name: string, value: (...args: unknown[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
}

type AnyOp = Op<(...args: unknown[]) => unknown, Variant>;

function isOp(value: unknown): value is AnyOp {
  return typeof value === 'function' && 'definition' in value && 'variants' in value;
}

/** Gives `Tensor` the methods of the operators among these values: `x.f()`, and `x.f_()` in place. */
export function defineMethods(values: Readonly<Record<string, unknown>>): void {
  for (const [name, op] of Object.entries(values)) {
    if (!isOp(op)) continue;
    if (op.variants.includes('method')) {
      defineMethod(name, function (this: Tensor, ...args: unknown[]) {
        return op(this, ...args);
      });
    }
    if (op.variants.includes('inplace')) {
      defineMethod(`${name}_`, function (this: Tensor, ...args: unknown[]) {
        return op.inplace(this, ...args);
      });
    }
  }
}

defineMethods({ ...operators, ...tensorOnly });

for (const [name, method] of Object.entries(methods)) {
  defineMethod(name, function (this: Tensor, ...args: unknown[]) {
    return method(this, ...(args as never[]));
  });
}

for (const [name, read] of Object.entries(properties)) {
  Object.defineProperty(Tensor.prototype, name, {
    get(this: Tensor) {
      return read(this);
    },
    configurable: true,
  });
}

if (Symbol.dispose !== undefined) {
  defineMethod(Symbol.dispose as unknown as string, function (this: Tensor) {
    this.dispose();
  });
}
