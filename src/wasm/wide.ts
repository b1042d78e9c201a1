import type { Allocator } from './allocator.js';
import type { Kernels } from './generated/kernels.js';
import type { Heap } from './heap.js';

/** The first version of V8, that of Node 24, in which the flag below makes faster code. */
const V8_VERSION = 13;
const FLAG = '--experimental-wasm-revectorize';

interface HostProcess {
  versions?: { v8?: string };
  getBuiltinModule?: (name: string) => unknown;
}

/**
 * Has V8 merge neighbouring 128-bit operations of modules that it compiles from now on, all of them in this process, into 256-bit
 * ones. False where it cannot be asked for that.
 */
export function mergeVectors(): boolean {
  const { process } = globalThis as { process?: HostProcess };
  if (Number.parseInt(process?.versions?.v8 ?? '0', 10) < V8_VERSION) return false;
  const v8 = process?.getBuiltinModule?.('node:v8') as { setFlagsFromString(flag: string): void } | undefined;
  if (v8 === undefined) return false;
  v8.setFlagsFromString(FLAG);
  return true;
}

const [M, N, K] = [60, 128, 256];
/** Milliseconds for V8 to compile both forms and for the clock to tell them apart. */
const PATIENCE = 400;
/** So much faster the wide form has to be. Twice is what full merging gives. */
const LEAST_GAIN = 1.2;

/** What speaks against the kernels for 256 bits, after a matrix product by them and by the plain ones; null: nothing. */
export function objection(kernels: Kernels, allocator: Allocator, heap: Heap): string | null {
  const bytes = 4 * (M * K + K * N + M * N) + kernels.gemm_workspace_f32(M, N, K) + 64;
  const block = allocator.alloc(bytes);
  try {
    const a = block.ptr + block.lead;
    const b = a + 4 * M * K;
    const c = b + 4 * K * N;
    const ws = c + 4 * M * N;
    for (let i = 0; i < M * K + K * N; i++) heap.f32[(a >> 2) + i] = ((i * 7919) % 2003) / 1001 - 1;
    const product = (wide: boolean): number => {
      kernels.set_wide(Number(wide));
      const start = performance.now();
      kernels.gemm_f32(M, N, K, a, K, 1, b, N, 1, c, N, 0, ws);
      return performance.now() - start;
    };
    const result = (): Float32Array => heap.f32.slice(c >> 2, (c >> 2) + M * N);
    const fastest = { plain: Infinity, wide: Infinity };
    const start = performance.now();
    do {
      fastest.plain = Math.min(fastest.plain, product(false));
      const plain = result();
      fastest.wide = Math.min(fastest.wide, product(true));
      if (!result().every((value, i) => value === plain[i])) return 'their results differ here';
    } while (fastest.wide * LEAST_GAIN > fastest.plain && performance.now() - start < PATIENCE);
    if (!correct(heap.f32, a >> 2, b >> 2, result())) return 'their results are wrong here';
    return fastest.wide * LEAST_GAIN > fastest.plain ? 'they are not faster here' : null;
  } finally {
    kernels.set_wide(0);
    allocator.free(block);
  }
}

/** Whether the first row and the last are what plain sums in float64 give. */
function correct(values: Float32Array, a: number, b: number, c: Float32Array): boolean {
  for (const m of [0, M - 1]) {
    for (let n = 0; n < N; n++) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += values[a + m * K + k] * values[b + k * N + n];
      if (Math.abs(sum - c[m * N + n]) > 1e-4 * Math.max(1, Math.abs(sum))) return false;
    }
  }
  return true;
}
