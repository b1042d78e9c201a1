import type { Lease } from './autograd/node.js';
import type { DType } from './dtype.js';
import type { Holding } from './scope.js';
import type { Shape } from './shape.js';
import type { Storage } from './storage.js';

/** How often the bytes were written since they were allocated; shared by a tensor with its views. */
export interface VersionCounter {
  value: number;
}

/** What a tensor is made of. */
export interface TensorParts {
  readonly storage: Storage;
  /** In elements. */
  readonly offset: number;
  readonly shape: Shape;
  readonly strides: Shape;
  readonly dtype: DType;
  readonly version: VersionCounter;
}

/** The counts a handle holds, in an object of its own (it must not refer to a handle) so that a finalizer can return them. */
export class Counts implements Holding {
  lease: Lease | null = null;
  /** Of the tensor that the handle is a view of. */
  base: Counts | null = null;
  /** Views whose history depends on the handle: while there are some, a released handle keeps its counts. */
  views = 0;
  released = false;
  private dropped = false;
  constructor(readonly storage: Storage) {}

  drop(): void {
    if (this.dropped) return;
    this.dropped = true;
    this.storage.release();
    this.leave();
    const { base } = this;
    if (base === null) return;
    this.base = null;
    base.views--;
    if (base.views === 0 && base.released) base.drop();
  }

  /** Returns the count on the node. */
  leave(): void {
    this.lease?.node?.release();
    this.lease = null;
  }
}
