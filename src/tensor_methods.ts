import type * as compare from './ops/compare.js';
import type * as copy from './ops/copy.js';
import type * as creation from './ops/creation.js';
import type { AnyFunction, Op, Variant } from './ops/define.js';
import type * as pointwiseBinary from './ops/pointwise_binary.js';
import type * as pointwiseUnary from './ops/pointwise_unary.js';
import type * as random from './ops/random.js';
import type * as reduce from './ops/reduce.js';
import type * as view from './ops/view.js';

/** Every module of operators that `Tensor` gets methods from. */
type Operators = typeof compare &
  typeof copy &
  typeof creation &
  typeof pointwiseBinary &
  typeof pointwiseUnary &
  typeof random &
  typeof reduce &
  typeof view;

/** An operator as a method: the first argument is the tensor. */
type Method<F> = F extends (self: never, ...rest: infer A) => infer R ? (...rest: A) => R : never;

type HasVariant<T, V extends Variant> = T extends { readonly variants: readonly (infer W)[] } ? (V extends W ? true : false) : false;

/** The methods that `Tensor` gets from the operators: `x.f(…)` and, in place, `x.f_(…)`. */
export type TensorMethods = {
  [K in keyof Operators as HasVariant<Operators[K], 'method'> extends true ? K : never]: Method<Operators[K]>;
} & {
  [K in keyof Operators as HasVariant<Operators[K], 'inplace'> extends true ? `${K & string}_` : never]: Method<Operators[K]>;
};

export type { AnyFunction, Op };
