import { runtime } from '../../src/wasm/module.js';

type Block = ReturnType<ReturnType<typeof runtime>['allocator']['alloc']>;
type ArrayOf =
  | Uint8ArrayConstructor
  | Int8ArrayConstructor
  | Int16ArrayConstructor
  | Int32ArrayConstructor
  | BigInt64ArrayConstructor
  | Float32ArrayConstructor
  | Float64ArrayConstructor;

export interface Dtype {
  code: number;
  name: string;
  array: ArrayOf;
  float: boolean;
  bits: number;
  signed: boolean;
}

/** In the order of their codes. */
export const dtypes: readonly Dtype[] = [
  { code: 0, name: 'bool', array: Uint8Array, float: false, bits: 8, signed: false },
  { code: 1, name: 'uint8', array: Uint8Array, float: false, bits: 8, signed: false },
  { code: 2, name: 'int8', array: Int8Array, float: false, bits: 8, signed: true },
  { code: 3, name: 'int16', array: Int16Array, float: false, bits: 16, signed: true },
  { code: 4, name: 'int32', array: Int32Array, float: false, bits: 32, signed: true },
  { code: 5, name: 'int64', array: BigInt64Array, float: false, bits: 64, signed: true },
  { code: 6, name: 'float32', array: Float32Array, float: true, bits: 32, signed: true },
  { code: 7, name: 'float64', array: Float64Array, float: true, bits: 64, signed: true },
];
export const [bool, uint8, int8, int16, int32, int64, float32, float64] = dtypes as readonly [
  Dtype,
  Dtype,
  Dtype,
  Dtype,
  Dtype,
  Dtype,
  Dtype,
  Dtype,
];
export const floats = [float32, float64];
export const integers = [uint8, int8, int16, int32, int64];

/** A value as the dtype holds it; integers wrap. bigint for int64 only. */
export function held(dtype: Dtype, v: number | bigint): number | bigint {
  if (dtype.float) return dtype.bits === 32 ? Math.fround(Number(v)) : Number(v);
  if (dtype.code === 0) return Number(v) === 0 ? 0 : 1;
  const wide = typeof v === 'bigint' ? v : BigInt(Math.trunc(v));
  const wrapped = dtype.signed ? BigInt.asIntN(dtype.bits, wide) : BigInt.asUintN(dtype.bits, wide);
  return dtype.bits === 64 ? wrapped : Number(wrapped);
}

export type Layout = 'dense' | 'reversed' | 'gap' | 'row' | 'column' | 'scalar';

export function stridesOf(sizes: readonly number[], layout: Layout): number[] {
  const strides = sizes.map(() => 0);
  let step = layout === 'gap' ? 2 : 1;
  const order = sizes.map((_, d) => d);
  if (layout !== 'reversed') order.reverse();
  for (const d of order) {
    const last = d === sizes.length - 1;
    if (layout === 'scalar' || (layout === 'row' && !last) || (layout === 'column' && last)) continue;
    strides[d] = step;
    step *= sizes[d];
  }
  return strides;
}

/** Positions in C order as element offsets. */
export function offsetsOf(sizes: readonly number[], strides: readonly number[]): number[] {
  let offsets = [0];
  sizes.forEach((n, d) => {
    offsets = offsets.flatMap((o) => Array.from({ length: n }, (_, i) => o + i * strides[d]));
  });
  return offsets;
}

export interface Operand {
  dtype: Dtype;
  ptr: number;
  sizes: readonly number[];
  strides: number[];
}

/** Deterministic noise in [0, 1). */
export function noise(seed: number): () => number {
  let s = seed >>> 0;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s / 2 ** 32;
  };
}

/** Operands of one test, given back by `free`. Elements between those of a strided operand hold 0x55 bytes, and must keep them. */
export class Arena {
  private blocks: Block[] = [];

  bytes(length: number): number {
    const block = runtime().allocator.alloc(length + 16);
    this.blocks.push(block);
    const ptr = block.ptr + block.lead;
    runtime().heap.u8.fill(0x55, ptr, ptr + length + 16);
    return ptr;
  }

  /** One element past an aligned address, so that nothing counts on alignment. */
  empty(dtype: Dtype, sizes: readonly number[], layout: Layout = 'dense'): Operand {
    const strides = stridesOf(sizes, layout);
    const reach = sizes.reduce((a, n, d) => a + (n - 1) * strides[d], 1);
    const size = dtype.bits / 8;
    return { dtype, ptr: this.bytes((reach + 1) * size) + size, sizes, strides };
  }

  fill(
    dtype: Dtype,
    sizes: readonly number[],
    layout: Layout,
    value: (i: number) => number | bigint,
  ): Operand {
    const o = this.empty(dtype, sizes, layout);
    const array = view(o);
    const done = new Set<number>();
    offsetsOf(sizes, o.strides).forEach((at, i) => {
      if (!done.has(at)) array[at] = held(dtype, value(i)) as never;
      done.add(at);
    });
    return o;
  }

  vector(dtype: Dtype, values: readonly (number | bigint)[]): Operand {
    return this.fill(dtype, [values.length], 'dense', (i) => values[i]);
  }

  desc(sizes: readonly number[], ...strides: (readonly number[])[]): number {
    const words = [sizes.length, ...sizes, ...strides.flat()];
    const ptr = this.bytes(words.length * 4);
    new Int32Array(runtime().heap.memory.buffer, ptr, words.length).set(words);
    return ptr;
  }

  free(): void {
    for (const block of this.blocks.splice(0)) runtime().allocator.free(block);
  }
}

function view(o: Operand): Record<number, number | bigint> {
  const size = o.dtype.bits / 8;
  const { buffer } = runtime().heap.memory;
  const reach = o.sizes.reduce((a, n, d) => a + (n - 1) * o.strides[d], 1);
  // The operand starts one element past an aligned address, which keeps it aligned for its own element size.
  return new o.dtype.array(buffer, o.ptr, Math.min(reach, (buffer.byteLength - o.ptr) / size));
}

/** Elements in C order. */
export function read(o: Operand): (number | bigint)[] {
  const array = view(o);
  return offsetsOf(o.sizes, o.strides).map((at) => array[at]);
}

export const kernels = (): ReturnType<typeof runtime>['kernels'] => runtime().kernels;

/** The first element that differs by more than atol + rtol |want|, in words; '' when none does. NaN equals NaN. */
export function difference(
  got: readonly (number | bigint)[],
  want: readonly (number | bigint)[],
  rtol = 0,
  atol = 0,
): string {
  if (got.length !== want.length) return `${got.length} elements, expected ${want.length}`;
  for (let i = 0; i < want.length; i++) {
    const a = got[i];
    const b = want[i];
    if (a === b || (a !== a && b !== b)) continue;
    if (typeof a === 'number' && typeof b === 'number') {
      if (Math.abs(a - b) <= atol + rtol * Math.abs(b)) continue;
    }
    return `[${i}] = ${a}, expected ${b}`;
  }
  return '';
}

export const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
