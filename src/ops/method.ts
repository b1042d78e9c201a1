import type { DType } from '../dtype.js';
import type { Tensor } from '../tensor.js';
import { where } from './compare.js';
import * as convert from './convert.js';
import type { TensorOrNumber } from './iterator.js';
import type { NonzeroMethod } from './mask.js';
import { allclose, equal, is_nonzero } from './predicate.js';
import { is_complex, is_conj, is_neg, is_same_size, is_signed } from './real.js';
import type { CloseArgs } from './predicate.js';
import { polygamma } from './polygamma.js';
import type { ExtremumMethod } from './reduce_extremum.js';
import type { MedianMethod } from './reduce_order.js';
import { properties } from './transpose.js';
import type { LayoutProperties } from './transpose.js';
import type { UniqueOptions, UniqueResult } from './unique.js';

type Rest<A extends unknown[]> = A extends [unknown, ...infer R] ? R : never;

/** What `Tensor` has besides the operators of the `torch` namespace, and methods whose overloads are written out. */
export interface ExtraMethods extends LayoutProperties {
  max: ExtremumMethod;
  min: ExtremumMethod;
  median: MedianMethod;
  nanmedian: MedianMethod;
  nonzero: NonzeroMethod;
  unique<O extends UniqueOptions & { sorted?: boolean } = UniqueOptions>(options?: O): UniqueResult<O>;
  unique_consecutive<O extends UniqueOptions = UniqueOptions>(options?: O): UniqueResult<O>;
  /** This tensor where condition is true, other elsewhere. */
  where(condition: Tensor, other: TensorOrNumber): Tensor;
  allclose(...args: Rest<CloseArgs>): boolean;
  equal(other: Tensor): boolean;
  is_nonzero(): boolean;
  ndimension(): number;
  /** The n-th derivative of `digamma`. */
  polygamma(n: number): Tensor;
  polygamma_(n: number): Tensor;
  is_complex(): boolean;
  is_conj(): boolean;
  is_neg(): boolean;
  is_same_size(other: Tensor): boolean;
  is_signed(): boolean;
  float(): Tensor;
  double(): Tensor;
  long(): Tensor;
  int(): Tensor;
  short(): Tensor;
  char(): Tensor;
  byte(): Tensor;
  bool(): Tensor;
  type_as(other: Tensor): Tensor;
  /** `to(dtype)`; without one the name of the tensor's type. */
  type(dtype: DType): Tensor;
  type(): string;
}

function type(x: Tensor, dtype?: DType): Tensor | string {
  return dtype === undefined ? `torch.${x.dtype.scalarName}Tensor` : x.to(dtype);
}

function choose(x: Tensor, condition: Tensor, other: TensorOrNumber): Tensor {
  return where(condition, x, other);
}

/** Methods that are no operators of the `torch` namespace. */
export const methods: Readonly<Record<string, (x: Tensor, ...args: never[]) => unknown>> = {
  ...convert,
  allclose,
  equal,
  is_complex,
  is_conj,
  is_neg,
  is_nonzero,
  is_same_size,
  is_signed,
  ndimension: (x: Tensor) => x.ndim,
  polygamma: (x: Tensor, n: number) => polygamma(n, x),
  polygamma_: (x: Tensor, n: number) => x.copy_(polygamma(n, x)),
  type,
  where: choose,
};

/** Getters. */
export { properties };
