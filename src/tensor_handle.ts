/** Handles on tensors: new ones, views, and where their bytes are. */
import { gradientEdge } from './autograd/node.js';
import type { AccumulateGrad } from './autograd/node.js';
import type { DType } from './dtype.js';
import { contiguousStrides, numel } from './shape.js';
import type { Shape } from './shape.js';
import { Storage } from './storage.js';
import { Tensor } from './tensor.js';
import type { TensorParts } from './tensor_parts.js';

export function partsOf(t: Tensor): TensorParts {
  return {
    storage: t._storage,
    offset: t._offset,
    shape: t._shape,
    strides: t._strides,
    dtype: t.dtype,
    version: t._versionCounter,
  };
}

/** The parts of a second tensor on the same bytes, without history; counted. */
export function sharedParts(t: Tensor): TensorParts {
  return { ...partsOf(t), storage: t._storage.share() };
}

/** A second handle on a tensor, with its history; not owned by a scope unless asked for. */
export function alias(t: Tensor, owned = false): Tensor {
  t._storage.retain();
  const out = new Tensor(partsOf(t), owned);
  const gradFn = t.grad_fn;
  if (gradFn !== null) {
    out._setGradFn(gradFn, t._outputNr);
  } else if (t.requires_grad) {
    out.requires_grad = true;
    out._accumulate = gradientEdge(t)!.node as AccumulateGrad;
  }
  return out;
}

/** A second handle without history, owned by nobody. */
export function detachedAlias(t: Tensor): Tensor {
  t._storage.retain();
  return new Tensor(partsOf(t), false);
}

/** A view of `t`: the same bytes seen through another geometry; in-place writes to either are known to both. */
export function makeView(t: Tensor, shape: Shape, strides: Shape, offset: number): Tensor {
  t._storage.retain();
  const out = new Tensor({
    storage: t._storage,
    offset,
    shape,
    strides,
    dtype: t.dtype,
    version: t._versionCounter,
  });
  const base = t._base ?? t;
  base._counts.views++;
  out._counts.base = base._counts;
  out._base = base;
  out._baseHistory = base._history;
  return out;
}

/** A new contiguous tensor with whatever was in its memory. */
export function allocate(shape: Shape, dtype: DType): Tensor {
  return wrap(new Storage(numel(shape) * dtype.itemsize), shape, dtype);
}

/** A contiguous tensor of a new storage. */
export function wrap(storage: Storage, shape: Shape, dtype: DType): Tensor {
  return new Tensor({
    storage,
    offset: 0,
    shape,
    strides: contiguousStrides(shape),
    dtype,
    version: { value: 0 },
  });
}

/** What `replaceData` writes; elsewhere these never change. */
interface Writable {
  _storage: TensorParts['storage'];
  _offset: number;
  _shape: TensorParts['shape'];
  _strides: TensorParts['strides'];
  _dtype: DType;
  _counts: { storage: TensorParts['storage'] };
}

/** torch's `t.data = value`: the same handle, with its hooks, gradient and version, on the bytes of `value`. */
export function replaceData(t: Tensor, value: Tensor): void {
  t._live();
  value._live();
  const target = t as unknown as Writable;
  const before = target._storage;
  value._storage.retain();
  target._storage = value._storage;
  target._counts.storage = value._storage;
  target._offset = value._offset;
  target._shape = value._shape;
  target._strides = value._strides;
  target._dtype = value.dtype;
  before.release();
}

/** Address of the first element. */
export function address(t: Tensor): number {
  return t._storage.ptr + t._offset * t.dtype.itemsize;
}
