import * as compare from './ops/compare.js';
import * as copy from './ops/copy.js';
import * as creation from './ops/creation.js';
import type { AnyFunction, Op, Variant } from './ops/define.js';
import * as pointwiseBinary from './ops/pointwise_binary.js';
import * as pointwiseUnary from './ops/pointwise_unary.js';
import * as random from './ops/random.js';
import * as reduce from './ops/reduce.js';
import * as view from './ops/view.js';
import { Tensor } from './tensor.js';

/** The modules whose operators become methods of `Tensor`; the same list is in tensor_methods.ts for the types. */
const MODULES: readonly object[] = [compare, copy, creation, pointwiseBinary, pointwiseUnary, random, reduce, view];

function defineMethod(name: string, value: (...args: unknown[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
}

function isOp(value: unknown): value is Op<AnyFunction, Variant> {
  return typeof value === 'function' && 'definition' in value && 'variants' in value;
}

for (const module of MODULES) {
  for (const [name, op] of Object.entries(module)) {
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

if (Symbol.dispose !== undefined) {
  defineMethod(Symbol.dispose as unknown as string, function (this: Tensor) {
    this.dispose();
  });
}
