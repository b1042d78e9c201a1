import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { runtime } from '../../src/wasm/module.js';

type Dtype = 'f32' | 'f64' | 'i64';
export type Values = Float32Array | Float64Array | BigInt64Array;

interface Packed {
  dtype: Dtype;
  shape: number[];
  data: string;
}

/** A recorded case: its options, and the tensors PyTorch took and gave. */
export type Case<Options> = Options & { dtype: 'f32' | 'f64'; tensors: Record<string, Packed | null> };

const arrays = { f32: Float32Array, f64: Float64Array, i64: BigInt64Array };

export function recorded<Options>(name: string): Case<Options>[] {
  const file = new URL(`../fixtures/kernel/${name}.json`, import.meta.url);
  const { tensors, cases } = JSON.parse(readFileSync(file, 'utf8')) as {
    tensors: Packed[];
    cases: (Options & { dtype: 'f32' | 'f64'; tensors: Record<string, number | null> })[];
  };
  const resolve = (at: number | null): Packed | null => (at === null ? null : tensors[at]);
  return cases.map((c) => ({
    ...c,
    tensors: Object.fromEntries(Object.entries(c.tensors).map(([key, at]) => [key, resolve(at)])),
  }));
}

export function unpack(packed: Packed): Values {
  const bytes = Buffer.from(packed.data, 'base64');
  return new arrays[packed.dtype](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** Memory of one case, given back by `free`. Pointers are offset by one element so that nothing counts on alignment. */
export class Scratch {
  private blocks: ReturnType<ReturnType<typeof runtime>['allocator']['alloc']>[] = [];

  empty(dtype: Dtype, length: number): number {
    const { allocator, heap } = runtime();
    const size = arrays[dtype].BYTES_PER_ELEMENT;
    const block = allocator.alloc((length + 1) * size);
    this.blocks.push(block);
    const ptr = block.ptr + block.lead + size;
    heap.u8.fill(0xcd, ptr, ptr + length * size);
    return ptr;
  }

  put(values: Values): number {
    const dtype = values instanceof Float32Array ? 'f32' : values instanceof Float64Array ? 'f64' : 'i64';
    const ptr = this.empty(dtype, values.length);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    runtime().heap.u8.set(bytes, ptr);
    return ptr;
  }

  free(): void {
    for (const block of this.blocks.splice(0)) runtime().allocator.free(block);
  }
}

export function read(ptr: number, dtype: Dtype, length: number): Values {
  const { buffer } = runtime().heap.memory;
  return new arrays[dtype](buffer.slice(ptr, ptr + length * arrays[dtype].BYTES_PER_ELEMENT));
}

type Kernel = (...args: number[]) => number;

/** The export `name_dtype`. */
export function kernel(name: string, dtype: string): Kernel {
  const found = (runtime().kernels as unknown as Record<string, Kernel | undefined>)[`${name}_${dtype}`];
  if (found === undefined) throw new Error(`no kernel ${name}_${dtype}`);
  return found;
}

/** The same bits; -0 and 0 differ, NaNs are equal. Says how many differ. */
export function expectSame(actual: Values, expected: Values, what: string): void {
  let different = 0;
  for (let i = 0; i < expected.length; i++) if (!Object.is(actual[i], expected[i])) different++;
  expect(different, `${what}: elements of ${expected.length} that differ`).toBe(0);
}

/** |a − b| ≤ atol + rtol·|b|, NaN and infinities equal to themselves. */
export function expectClose(
  actual: Values,
  expected: Values,
  rtol: number,
  atol: number,
  what: string,
): void {
  for (let i = 0; i < expected.length; i++) {
    const a = Number(actual[i]);
    const b = Number(expected[i]);
    if (Object.is(a, b) || a === b) continue;
    if (!(Math.abs(a - b) <= atol + rtol * Math.abs(b))) {
      expect.fail(`${what}[${i}]: ${a}, expected ${b}`);
    }
  }
}
