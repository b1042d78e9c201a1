import { runtime } from './wasm/module.js';
import type { Block } from './wasm/allocator.js';

/**
 * Counted bytes in WebAssembly memory. Whoever holds on to the bytes (a tensor handle, something autograd saved) holds
 * one count; at zero they go back to the allocator.
 */
export class Storage {
  private block: Block | null;
  private count = 1;
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
      runtime().allocator.free(this.block!);
      this.block = null;
    }
  }

  /** Whether only one handle is left on these bytes. */
  get unique(): boolean {
    return this.count === 1;
  }
}

/** Memory in use, in bytes. */
export interface MemoryStats {
  /** Bytes of live tensors, and of what autograd saved. */
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
