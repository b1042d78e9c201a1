import type { Variant } from './ops/define.js';
import type * as operators from './ops/index.js';
import type { ExtraMethods } from './ops/method.js';
import type * as tensorOnly from './ops/tensor_only.js';

type Operators = typeof operators & typeof tensorOnly;

/** An operator as a method: the first argument is the tensor. */
type Method<F> = F extends (self: never, ...rest: infer A) => infer R ? (...rest: A) => R : never;

type HasVariant<T, V extends Variant> = T extends { readonly variants: readonly (infer W)[] }
  ? V extends W
    ? true
    : false
  : false;

/** The methods that `Tensor` gets from the operators: `x.f(…)` and, in place, `x.f_(…)`. */
export type TensorMethods = ExtraMethods & {
  [
    K in Exclude<keyof Operators, keyof ExtraMethods> as HasVariant<Operators[K], 'method'> extends true
      ? K
      : never
  ]: Method<Operators[K]>;
} & {
  [
    K in Exclude<keyof Operators, keyof ExtraMethods> as HasVariant<Operators[K], 'inplace'> extends true
      ? `${K & string}_`
      : never
  ]: Method<Operators[K]>;
};
