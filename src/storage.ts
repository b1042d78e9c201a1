import { runtime } from './wasm/module.js';
import type { Block } from './wasm/allocator.js';

/** Bytes kept of what was computed from storages, at most, in all: twice what the 3×3 convolutions of ResNet-50 need. */
const MOST_KEPT = 256 * 2 ** 20;
let keptBytes = 0;

/** A computation of a storage's bytes that waits until somebody asks for them. */
export interface Deferred {
  /** Whether it reads these bytes. */
  reads(storage: Storage): boolean;
  /** Computes the bytes at `ptr`. */
  compute(ptr: number): void;
  /** Lets go of what it reads. */
  drop(): void;
  /** Whether another computation includes this one, so that these bytes may never be asked for. */
  readonly included: boolean;
}

/** The storages whose bytes are not computed yet. */
const waiting = new Set<Storage>();

/** To be called before the bytes of a storage are written: what is to be computed from them is computed now. */
export function settleReaders(storage: Storage): void {
  if (waiting.size === 0) return;
  for (const other of waiting) if (other.deferred!.reads(storage)) other.settle();
}

/** Computes what waits, save what something else includes. */
export function settleAll(): void {
  for (const storage of waiting) if (!storage.deferred!.included) storage.settle();
}

/**
 * Counted bytes in WebAssembly memory. Whoever holds on to the bytes (a tensor handle, something autograd saved) holds
 * one count; at zero they go back to the allocator.
 */
export class Storage {
  private block: Block | null = null;
  private count = 1;
  private computation: Deferred | null = null;
  /** What was computed from the bytes, by key; null for what was asked for once and is not kept yet. */
  private kept: Map<string, Block | null> | null = null;
  private start = 0;

  constructor(
    private size: number,
    deferred: Deferred | null = null,
  ) {
    if (deferred === null) this.allocate();
    else this.defer(deferred);
  }

  get nbytes(): number {
    return this.size;
  }

  /** Whether this holds the parts of a sparse tensor instead of bytes (sparse_storage.ts). */
  get isSparse(): boolean {
    return false;
  }

  /** The storage of a tensor that is to see the same bytes without a history, counted for it. */
  share(): Storage {
    this.retain();
    return this;
  }

  /** Adds memory at the end. The bytes move; whoever asks for the address again finds them. */
  grow(nbytes: number): void {
    const { allocator } = runtime();
    settleReaders(this);
    const from = this.ptr;
    const block = allocator.alloc(nbytes);
    const start = block.ptr + block.lead;
    runtime().heap.u8.copyWithin(start, from, from + this.size);
    this.wrote();
    this.free();
    this.block = block;
    this.start = start;
    this.size = nbytes;
  }

  protected allocate(): void {
    const block = runtime().allocator.alloc(this.size);
    this.block = block;
    this.start = block.ptr + block.lead;
  }

  /** Address of the first byte. Bytes that were waited with are computed now. */
  get ptr(): number {
    if (this.computation !== null) this.settle();
    return this.start;
  }

  /** What the bytes are to be computed by when they are asked for; null when they are there. */
  get deferred(): Deferred | null {
    return this.computation;
  }

  /** Puts another computation in place of the one that waits. */
  defer(deferred: Deferred): void {
    this.computation?.drop();
    this.computation = deferred;
    waiting.add(this);
  }

  /** Computes the bytes that were waited with. Should that fail, they wait on. */
  settle(): void {
    const deferred = this.computation!;
    this.allocate();
    try {
      deferred.compute(this.start);
    } catch (error) {
      this.free();
      throw error;
    }
    this.forget();
  }

  private forget(): void {
    if (this.computation === null) return;
    this.computation.drop();
    this.computation = null;
    waiting.delete(this);
  }

  protected free(): void {
    if (this.block !== null) runtime().allocator.free(this.block);
    this.block = null;
  }

  retain(): void {
    this.count++;
  }

  release(): void {
    if (--this.count === 0) {
      this.wrote();
      this.forget();
      this.free();
    }
  }

  /**
   * The address of `bytes` computed from this storage, kept under `key` until it is written or freed; null where they should
   * not be kept: when they are asked for the first time, since one use does not pay for fresh memory, and when so much is
   * kept already.
   */
  derived(key: string, bytes: number, compute: (ptr: number) => void): number | null {
    this.kept ??= new Map<string, Block | null>();
    let block = this.kept.get(key);
    if (block === undefined) {
      this.kept.set(key, null);
      return null;
    }
    if (block === null) {
      if (keptBytes + bytes > MOST_KEPT) return null;
      block = runtime().allocator.alloc(bytes);
      compute(block.ptr + block.lead);
      keptBytes += block.size;
      this.kept.set(key, block);
    }
    return block.ptr + block.lead;
  }

  /** To be called when the bytes were written: what was computed from them no longer holds. */
  wrote(): void {
    if (this.kept === null) return;
    for (const block of this.kept.values()) {
      if (block === null) continue;
      keptBytes -= block.size;
      runtime().allocator.free(block);
    }
    this.kept = null;
  }

  /** Whether only one handle is left on these bytes. */
  get unique(): boolean {
    return this.count === 1;
  }
}

/** Memory in use, in bytes. */
export interface MemoryStats {
  /** Bytes of live tensors, of what autograd saved, and of convolution weights that were transformed for inference. */
  readonly allocated_bytes: number;
  /** The most that `allocated_bytes` has been since the start or the last `reset_peak_memory_stats()`. */
  readonly peak_allocated_bytes: number;
  /** Size of the WebAssembly memory. It never shrinks. */
  readonly reserved_bytes: number;
  /** Live allocations. */
  readonly allocations: number;
}

/**
 * Memory in use now.
 *
 * @example
 * const before = torch.memory_stats().allocated_bytes;
 * torch.tidy(() => { torch.ones(1000); });
 * console.log(torch.memory_stats().allocated_bytes - before); // 0
 */
export function memory_stats(): MemoryStats {
  const { allocator, heap } = runtime();
  return {
    allocated_bytes: allocator.allocatedBytes,
    peak_allocated_bytes: allocator.peakBytes,
    reserved_bytes: heap.byteLength,
    allocations: allocator.blocks,
  };
}

/** Makes the present use the new peak. */
export function reset_peak_memory_stats(): void {
  const { allocator } = runtime();
  allocator.peakBytes = allocator.allocatedBytes;
}

/** Runs `body` with the address of `bytes` of scratch memory, which is gone afterwards. */
export function withWorkspace<R>(bytes: number, body: (ptr: number) => R): R {
  if (bytes === 0) return body(0);
  const { allocator } = runtime();
  const block = allocator.alloc(bytes);
  try {
    return body(block.ptr + block.lead);
  } finally {
    allocator.free(block);
  }
}
