import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutOfMemoryError } from '../../src/errors.js';
import { Allocator } from '../../src/wasm/allocator.js';
import type { Block } from '../../src/wasm/allocator.js';
import { Heap } from '../../src/wasm/heap.js';

function makeAllocator(pages: number, maximum: number, guards = false): { heap: Heap; allocator: Allocator } {
  const heap = new Heap(new WebAssembly.Memory({ initial: pages, maximum }));
  return { heap, allocator: new Allocator(heap, 1000, guards) };
}

describe('Allocator', () => {
  it('never hands out overlapping or unaligned blocks, and merges everything back', () => {
    const step = fc.record({
      free: fc.boolean(),
      pick: fc.nat(),
      bytes: fc.integer({ min: 0, max: 300_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.boolean(), (steps, guards) => {
        const { heap, allocator } = makeAllocator(1, 2000, guards);
        const live: { block: Block; bytes: number }[] = [];
        for (const { free, pick, bytes } of steps) {
          if (free && live.length > 0) {
            allocator.free(live.splice(pick % live.length, 1)[0].block);
            continue;
          }
          const block = allocator.alloc(bytes);
          const start = block.ptr + block.lead;
          expect(start % 64).toBe(0);
          expect(start).toBeGreaterThanOrEqual(1000);
          expect(start + bytes).toBeLessThanOrEqual(heap.byteLength);
          for (const other of live) {
            const from = other.block.ptr;
            expect(block.ptr + block.size <= from || from + other.block.size <= block.ptr).toBe(true);
          }
          heap.u8.fill(1, start, start + bytes);
          live.push({ block, bytes });
        }
        allocator.checkGuards();
        for (const { block } of live) allocator.free(block);
        expect(allocator.allocatedBytes).toBe(0);
        expect(allocator.blocks).toBe(0);
        const reserved = heap.byteLength;
        allocator.free(allocator.alloc(reserved - 1024 - 64 - 128));
        expect(heap.byteLength).toBe(reserved);
      }),
      { numRuns: 60 },
    );
  });

  it('reuses memory that was freed', () => {
    const { heap, allocator } = makeAllocator(1, 100);
    const reserved = new Set<number>();
    for (let i = 0; i < 200; i++) {
      const block = allocator.alloc(1_000_000);
      allocator.free(block);
      reserved.add(heap.byteLength);
    }
    expect(reserved.size).toBe(1);
  });

  it('counts the peak', () => {
    const { allocator } = makeAllocator(64, 64);
    const a = allocator.alloc(6400);
    const b = allocator.alloc(6400);
    allocator.free(a);
    allocator.free(b);
    expect(allocator.peakBytes).toBe(12_800);
    expect(allocator.allocatedBytes).toBe(0);
  });

  it('fails with sizes when the memory cannot grow, and stays usable', () => {
    const { allocator } = makeAllocator(2, 4);
    const kept = allocator.alloc(1024);
    expect(() => allocator.alloc(1_000_000)).toThrow(OutOfMemoryError);
    expect(() => allocator.alloc(1_000_000)).toThrow(
      /tried to allocate 1000000 bytes; 1024 bytes are in live tensors/,
    );
    expect(allocator.blocks).toBe(1);
    allocator.free(kept);
    allocator.free(allocator.alloc(100_000));
  });

  it('finds a write past either end in guard mode', () => {
    for (const at of [-1, 10]) {
      const { heap, allocator } = makeAllocator(1, 1, true);
      const block = allocator.alloc(10);
      heap.u8[block.ptr + block.lead + at] = 7;
      expect(() => allocator.checkGuards()).toThrow(
        `guard byte overwritten at ${at} of an allocation of 10 bytes`,
      );
    }
  });
});
