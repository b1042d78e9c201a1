import { runtime } from './wasm/module.js';
import type { Block } from './wasm/allocator.js';

/** Bytes kept of what was computed from storages, at most, in all: twice what the 3×3 convolutions of ResNet-50 need. */
const MOST_KEPT = 256 * 2 ** 20;
let keptBytes = 0;

/**
 * Counted bytes in WebAssembly memory. Whoever holds on to the bytes (a tensor handle, something autograd saved) holds
 * one count; at zero they go back to the allocator.
 */
export class Storage {
  private block: Block | null;
  private count = 1;
  /** What was computed from the bytes, by key; null for what was asked for once and is not kept yet. */
  private kept: Map<string, Block | null> | null = null;
  /** Address of the first byte. */
  readonly ptr: number;

  constructor(readonly nbytes: number) {
    const block = runtime().allocator.alloc(nbytes);
    this.block = block;
    this.ptr = block.ptr + block.lead;
  }

  retain(): void {
    this.count++;
  }

  release(): void {
    if (--this.count === 0) {
      this.wrote();
      runtime().allocator.free(this.block!);
      this.block = null;
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
