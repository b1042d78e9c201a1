/** Sparse tensors: handles whose storage holds the tensors that they are made of. */
import { int64 } from './dtype.js';
import type { DType } from './dtype.js';
import { NotImplementedError } from './errors.js';
import type { Shape } from './shape.js';
import { Storage } from './storage.js';
import type { Tensor } from './tensor.js';
import { allocate, detachedAlias, wrap } from './tensor_handle.js';

/** What a sparse tensor is made of. */
export interface SparseParts {
  /** int64 [sparse dimensions, entries]: a column is the place of an entry. */
  readonly indices: Tensor;
  /** [entries, ...dense sizes] */
  readonly values: Tensor;
  /** Whether no place is listed twice and the places are in order. */
  readonly coalesced: boolean;
}

/**
 * The storage of a sparse tensor: no bytes of its own, but handles on its parts, which live as long as it. Whoever counts on a
 * storage (handles, scopes, what autograd saves, `.grad`) so counts on the parts, and a kernel that asks for an address gets an error.
 */
export class SparseStorage extends Storage {
  private held: SparseParts;

  /** @param parts is copied: the storage has handles of its own. */
  constructor(parts: SparseParts) {
    super(0);
    this.held = ownHandles(parts);
  }

  override get isSparse(): boolean {
    return true;
  }

  override get ptr(): number {
    throw new NotImplementedError('Cannot access storage of SparseTensorImpl');
  }

  get parts(): SparseParts {
    return this.held;
  }

  /** Puts other parts in place of these, where a tensor is written in place. */
  replace(parts: SparseParts): void {
    const before = this.held;
    this.held = ownHandles(parts);
    dropHandles(before);
  }

  /** As in torch, a tensor without history shares the parts, but not the write that replaces them. */
  override share(): Storage {
    return new SparseStorage(this.held);
  }

  protected override allocate(): void {}

  protected override free(): void {
    dropHandles(this.held);
  }
}

function ownHandles({ indices, values, coalesced }: SparseParts): SparseParts {
  return { indices: detachedAlias(indices), values: detachedAlias(values), coalesced };
}

function dropHandles({ indices, values }: SparseParts): void {
  indices._drop();
  values._drop();
}

/** A sparse tensor of these parts, unchecked; where nothing is known of their order, fewer than two are in order. */
export function sparseTensor(
  indices: Tensor,
  values: Tensor,
  shape: Shape,
  coalesced: boolean = indices.shape[1] < 2,
): Tensor {
  return wrap(new SparseStorage({ indices, values, coalesced }), shape, values.dtype);
}

/** A sparse tensor without entries. */
export function emptySparse(shape: Shape, sparseDims: number, dtype: DType): Tensor {
  const values = allocate([0, ...shape.slice(sparseDims)], dtype);
  return sparseTensor(allocate([sparseDims, 0], int64), values, shape);
}

/** The parts of a tensor that is sparse. */
export function sparseParts(x: Tensor): SparseParts {
  return (x._storage as SparseStorage).parts;
}

/** Makes a sparse tensor, which is written in place, one of the parts of another; counts the write. */
export function overwriteSparse(x: Tensor, by: Tensor): void {
  (x._storage as SparseStorage).replace(sparseParts(by));
  x._wrote();
}

/** Refuses a tensor of a layout that an operator does not have, in torch's words. */
export function refuseLayout(op: string, x: Tensor): never {
  const backend = x.is_sparse ? 'SparseCPU' : 'CPU';
  throw new NotImplementedError(`Could not run 'aten::${op}' with arguments from the '${backend}' backend.`);
}
