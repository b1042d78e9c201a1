import { float64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { refuseLayout } from '../sparse_storage.js';
import { Tensor } from '../tensor.js';
import { NO_POINTER } from '../tensor_data.js';
import type { NestedValues } from '../tensor_data.js';
import { address } from '../tensor_handle.js';
import { RuntimeError } from '../errors.js';
import { withScope } from '../scope.js';
import { where } from './compare.js';
import * as convert from './convert.js';
import { overwrite_ } from './copy.js';
import { empty, tensor } from './creation.js';
import type { TensorOrNumber } from './iterator.js';
import type { NonzeroMethod } from './mask.js';
import { allclose, equal, is_nonzero } from './predicate.js';
import { is_complex, is_conj, is_neg, is_same_size, is_signed } from './real.js';
import type { CloseArgs } from './predicate.js';
import { polygamma } from './polygamma.js';
import type { ExtremumMethod } from './reduce_extremum.js';
import type { MedianMethod } from './reduce_order.js';
import { sparseMethods } from './sparse.js';
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
  /** `float_power` in place, of float64 only. */
  float_power_(exponent: TensorOrNumber): Tensor;
  /**
   * A tensor of this one's dtype: empty of the given sizes, of the values of a list, or a second handle on a tensor.
   * Differs from torch: `x.shape` is a list like others, so it stands for values; use `new_empty(x.shape)`.
   */
  new: (...sizes: number[] | [data: NestedValues[] | Tensor]) => Tensor;
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
  /**
   * The address of the first element in the WebAssembly memory; 0 where there is none. Bytes move when `resize_` adds to them, and
   * are given to others after the release.
   */
  data_ptr(): number;
  /** The tensor itself: there is no other device. */
  cpu(): Tensor;
  /** -1, the number of the CPU. */
  get_device(): number;
  /** Writes `callable(value)` over each element, one by one: slow, for what no operator does. Returns the tensor. */
  apply_(callable: (value: number) => number | boolean): Tensor;
  /** Writes `callable(value, other value)` over each element; other is broadcast. Returns the tensor. */
  map_(other: Tensor, callable: (value: number, other: number) => number | boolean): Tensor;
  /** `to(dtype)`; without one the name of the tensor's type. */
  type(dtype: DType): Tensor;
  type(): string;
  /** The places of a sparse tensor as they are listed: int64 [sparse dimensions, entries]. Shares memory. */
  _indices(): Tensor;
  /** The values of a sparse tensor as they are listed, without gradient: [entries, ...dense sizes]. Shares memory. */
  _values(): Tensor;
  /** How many entries a sparse tensor lists. */
  _nnz(): number;
  /** Whether a sparse tensor lists each place once, in order. */
  is_coalesced(): boolean;
  /** How many dimensions of a sparse tensor have places that are listed: the first ones. */
  sparse_dim(): number;
  /** How many dimensions the values of a sparse tensor have, apart from the first. */
  dense_dim(): number;
}

function type(x: Tensor, dtype?: DType): Tensor | string {
  if (dtype !== undefined) return x.to(dtype);
  return `torch.${x.is_sparse ? 'sparse.' : ''}${x.dtype.scalarName}Tensor`;
}

function floatPower(x: Tensor, exponent: TensorOrNumber): Tensor {
  if (x.dtype !== float64) {
    throw new RuntimeError(
      `the base given to float_power_ has dtype ${x.dtype.scalarName} but the operation's result requires dtype Double`,
    );
  }
  return x.pow_(exponent instanceof Tensor ? exponent.to(float64) : exponent);
}

function another(x: Tensor, ...args: number[] | [NestedValues[] | Tensor]): Tensor {
  if (x.is_sparse) refuseLayout('new', x);
  const [first] = args;
  if (first === undefined) return empty([0], { dtype: x.dtype });
  if (typeof first === 'number') return empty(args as number[], { dtype: x.dtype });
  if (!(first instanceof Tensor)) return tensor(first, { dtype: x.dtype });
  if (first.dtype !== x.dtype) throw new TypeError(`expected ${type(x)} (got ${type(first)})`);
  return first.detach();
}

function choose(x: Tensor, condition: Tensor, other: TensorOrNumber): Tensor {
  return where(condition, x, other);
}

function refuseGrad(name: string, ...tensors: Tensor[]): void {
  if (tensors.some((x) => x.requires_grad)) {
    throw new RuntimeError(
      `Can't call ${name}() on Variable that requires grad. Use var.detach().${name}() instead.`,
    );
  }
}

const numbers = (x: Tensor): number[] => Array.from(x.numpy(), Number);

function applyEach(x: Tensor, callable: (value: number) => number | boolean): Tensor {
  refuseGrad('apply_', x);
  return write(
    x,
    numbers(x).map((value) => callable(value)),
  );
}

function mapEach(
  x: Tensor,
  other: Tensor,
  callable: (value: number, other: number) => number | boolean,
): Tensor {
  refuseGrad('map_', x, other);
  if (x.dtype !== other.dtype) {
    throw new TypeError(`map_: expected ${type(x)} for 'other' (got ${type(other)})`);
  }
  const others = withScope('map_', () => numbers(other.expand(x.shape)));
  return write(
    x,
    numbers(x).map((value, i) => callable(value, others[i])),
  );
}

function write(x: Tensor, values: (number | boolean)[]): Tensor {
  return withScope('apply_', () =>
    overwrite_(x, tensor(values.map(Number), { dtype: x.dtype }).reshape([...x.shape])),
  );
}

/** Methods that are no operators of the `torch` namespace. */
export const methods: Readonly<Record<string, (x: Tensor, ...args: never[]) => unknown>> = {
  ...convert,
  ...sparseMethods,
  allclose,
  apply_: applyEach,
  cpu: (x: Tensor) => x,
  data_ptr: (x: Tensor) => {
    x._live();
    if (x.is_sparse) throw new RuntimeError(NO_POINTER);
    return x.numel() === 0 ? 0 : address(x);
  },
  equal,
  float_power_: floatPower,
  get_device: () => -1,
  is_complex,
  is_conj,
  is_neg,
  is_nonzero,
  is_same_size,
  is_signed,
  map_: mapEach,
  new: another,
  ndimension: (x: Tensor) => x.ndim,
  polygamma: (x: Tensor, n: number) => polygamma(n, x),
  polygamma_: (x: Tensor, n: number) => x.copy_(polygamma(n, x)),
  type,
  where: choose,
};

/** Getters. */
export { properties };
