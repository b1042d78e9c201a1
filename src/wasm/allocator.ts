import { OutOfMemoryError } from '../errors.js';
import type { Heap } from './heap.js';

/** A run of bytes in the heap, either handed out or on a free list. */
export interface Block {
  ptr: number;
  size: number;
  free: boolean;
  /** Bytes before `ptr + lead` are guard bytes (test mode), 0 otherwise. */
  lead: number;
  before: Block | null;
  after: Block | null;
  previousFree: Block | null;
  nextFree: Block | null;
}

const ALIGN = 64;
/** Addresses are 32 bits wide. */
const MAX_BYTES = 2 ** 32 - ALIGN;
/** Sizes of fewer units than this have a list each; larger ones share a list with those within an eighth of their power of two. */
const LINEAR_CLASSES = 64;
const CLASSES = LINEAR_CLASSES + 8 * 21;
const GUARD = 64;
const GUARD_BYTE = 0xa5;
const GUARD_WORD = 0xa5a5a5a5 | 0;
const POISON_BYTE = 0xff;

function sizeClass(size: number): number {
  const units = size >>> 6;
  if (units < LINEAR_CLASSES) return units;
  const log = 31 - Math.clz32(units);
  return LINEAR_CLASSES + (log - 6) * 8 + ((units >>> (log - 3)) & 7);
}

/**
 * Two-level segregated fit (Masmano et al., "TLSF", 2004) with its bookkeeping in JavaScript objects: constant time,
 * neighbours merge at once, no rounding up to size classes, so a training step's peak is what it uses.
 */
export class Allocator {
  private readonly heads: (Block | null)[] = new Array<Block | null>(CLASSES).fill(null);
  private readonly bitmap = new Uint32Array(Math.ceil(CLASSES / 32));
  private last: Block | null = null;
  private readonly guarded: Set<Block> | null;
  private end: number;

  allocatedBytes = 0;
  peakBytes = 0;
  blocks = 0;

  constructor(
    private readonly heap: Heap,
    start: number,
    guards: boolean,
  ) {
    this.end = Math.ceil(start / ALIGN) * ALIGN;
    this.guarded = guards ? new Set() : null;
    if (heap.byteLength - this.end >= ALIGN) this.append(heap.byteLength);
  }

  /** A block of at least `bytes` usable bytes at `ptr + lead`. The contents are whatever was there. */
  alloc(bytes: number): Block {
    const lead = this.guarded === null ? 0 : GUARD;
    const size = Math.max(ALIGN, Math.ceil((bytes + 2 * lead) / ALIGN) * ALIGN);
    if (size > MAX_BYTES) throw new OutOfMemoryError(bytes, this.allocatedBytes, this.heap.byteLength);
    const block = this.take(size) ?? this.grow(size, bytes);
    block.lead = lead;
    this.blocks++;
    this.allocatedBytes += block.size;
    if (this.allocatedBytes > this.peakBytes) this.peakBytes = this.allocatedBytes;
    if (this.guarded !== null) this.addGuards(block, bytes);
    return block;
  }

  free(block: Block): void {
    this.blocks--;
    this.allocatedBytes -= block.size;
    if (this.guarded !== null) {
      this.checkBlock(block);
      this.guarded.delete(block);
      this.heap.u8.fill(POISON_BYTE, block.ptr, block.ptr + block.size);
    }
    const { before, after } = block;
    if (after !== null && after.free) {
      this.unlist(after);
      this.absorb(block, after);
    }
    if (before !== null && before.free) {
      this.unlist(before);
      this.absorb(before, block);
      this.list(before);
    } else {
      this.list(block);
    }
  }

  /** Throws when a kernel wrote outside a live allocation. Only in guard mode. */
  checkGuards(): void {
    if (this.guarded !== null) for (const block of this.guarded) this.checkBlock(block);
  }

  private take(size: number): Block | null {
    const own = sizeClass(size);
    let block = this.heads[own];
    if (block === null || block.size < size) block = this.firstFrom(own + 1);
    if (block === null) return null;
    this.unlist(block);
    block.free = false;
    if (block.size - size >= ALIGN) this.split(block, size);
    return block;
  }

  /** The head of the first non-empty class at or above `start`: every block in it is large enough. */
  private firstFrom(start: number): Block | null {
    if (start >= CLASSES) return null;
    let word = start >> 5;
    let bits = this.bitmap[word] & (~0 << (start & 31));
    while (bits === 0) {
      if (++word >= this.bitmap.length) return null;
      bits = this.bitmap[word]!;
    }
    return this.heads[(word << 5) + 31 - Math.clz32(bits & -bits)]!;
  }

  private split(block: Block, size: number): void {
    const rest: Block = {
      ptr: block.ptr + size,
      size: block.size - size,
      free: true,
      lead: 0,
      before: block,
      after: block.after,
      previousFree: null,
      nextFree: null,
    };
    if (rest.after !== null) rest.after.before = rest;
    else this.last = rest;
    block.after = rest;
    block.size = size;
    this.list(rest);
  }

  private absorb(block: Block, neighbour: Block): void {
    block.size += neighbour.size;
    block.after = neighbour.after;
    if (block.after !== null) block.after.before = block;
    else this.last = block;
  }

  private list(block: Block): void {
    const index = sizeClass(block.size);
    const head = this.heads[index]!;
    block.free = true;
    block.previousFree = null;
    block.nextFree = head;
    if (head !== null) head.previousFree = block;
    this.heads[index] = block;
    this.bitmap[index >> 5] |= 1 << (index & 31);
  }

  private unlist(block: Block): void {
    const { previousFree, nextFree } = block;
    if (nextFree !== null) nextFree.previousFree = previousFree;
    if (previousFree !== null) {
      previousFree.nextFree = nextFree;
    } else {
      const index = sizeClass(block.size);
      this.heads[index] = nextFree;
      if (nextFree === null) this.bitmap[index >> 5] &= ~(1 << (index & 31));
    }
  }

  private grow(size: number, requested: number): Block {
    const tail = this.last !== null && this.last.free ? this.last.size : 0;
    if (!this.heap.growTo(this.end + size - tail)) {
      throw new OutOfMemoryError(requested, this.allocatedBytes, this.heap.byteLength);
    }
    this.append(this.heap.byteLength);
    return this.take(size)!;
  }

  /** Makes the bytes between the managed end and `end` a free block, merged with a free last one. */
  private append(end: number): void {
    const usable = Math.floor(end / ALIGN) * ALIGN;
    const last = this.last;
    if (last !== null && last.free) {
      this.unlist(last);
      last.size += usable - this.end;
      this.list(last);
    } else {
      const block: Block = {
        ptr: this.end,
        size: usable - this.end,
        free: true,
        lead: 0,
        before: last,
        after: null,
        previousFree: null,
        nextFree: null,
      };
      if (last !== null) last.after = block;
      this.last = block;
      this.list(block);
    }
    this.end = usable;
  }

  private addGuards(block: Block, bytes: number): void {
    const { u8 } = this.heap;
    u8.fill(GUARD_BYTE, block.ptr, block.ptr + GUARD);
    u8.fill(POISON_BYTE, block.ptr + GUARD, block.ptr + GUARD + bytes);
    u8.fill(GUARD_BYTE, block.ptr + GUARD + bytes, block.ptr + block.size);
    guardStart.set(block, block.ptr + GUARD + bytes);
    this.guarded!.add(block);
  }

  private checkBlock(block: Block): void {
    const { i32, u8 } = this.heap;
    const tail = guardStart.get(block)!;
    const end = block.ptr + block.size;
    const aligned = Math.ceil(tail / 4) * 4;
    if (
      all(i32, block.ptr >>> 2, (block.ptr + GUARD) >>> 2, GUARD_WORD) &&
      all(u8, tail, aligned, GUARD_BYTE) &&
      all(i32, aligned >>> 2, end >>> 2, GUARD_WORD)
    )
      return;
    for (let i = block.ptr; i < block.ptr + GUARD; i++) if (u8[i] !== GUARD_BYTE) guardError(block, i);
    for (let i = tail; i < end; i++) if (u8[i] !== GUARD_BYTE) guardError(block, i);
  }
}

/** Words at a time, and a byte at a time only to find the one that is wrong: this runs for every block after every kernel. */
function all(view: Int32Array | Uint8Array, from: number, to: number, value: number): boolean {
  for (let i = from; i < to; i++) if (view[i] !== value) return false;
  return true;
}

/** Where the guard bytes after a guarded block's usable bytes begin. */
const guardStart = new WeakMap<Block, number>();

function guardError(block: Block, at: number): never {
  const usable = guardStart.get(block)! - block.ptr - block.lead;
  throw new Error(
    `guard byte overwritten at ${at - block.ptr - block.lead} of an allocation of ${usable} bytes`,
  );
}
