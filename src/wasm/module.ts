import { RuntimeError } from '../errors.js';
import { Allocator } from './allocator.js';
import { decodeBase64 } from './base64.js';
import type { Kernels } from './generated/kernels.js';
import { relaxed } from './generated/relaxed.js';
import { simd } from './generated/simd.js';
import { Heap } from './heap.js';
import { ThreadPool } from './thread_pool.js';
import { mergeVectors, objection } from './wide.js';

const PAGE = 65536;
const INITIAL_PAGES = 64;

export type BuildName = 'simd' | 'relaxed' | 'debug';

/** What runs: the instantiated kernels with their memory. Made on first use, synchronously. */
export interface Runtime {
  readonly build: BuildName;
  /** Whether the kernels for 256-bit vectors run. */
  readonly wide: boolean;
  readonly kernels: Kernels;
  readonly heap: Heap;
  readonly allocator: Allocator;
  /** Threads beside this one; null where memory cannot be shared. */
  readonly pool: ThreadPool | null;
}

interface Settings {
  build: BuildName | null;
  guards: boolean;
  /** Whether 256-bit vectors are wanted; null: `WASMGRAD_WIDE` says. */
  wide: boolean | null;
  /** Up to where the memory may grow. Default: 4 GiB, the most that 32-bit addresses reach. */
  maximumBytes: number;
  /** The builds in base64, read when they are needed. */
  binaries: Partial<Record<BuildName, () => string>>;
}

const settings: Settings = {
  build: null,
  guards: false,
  wide: null,
  maximumBytes: 65536 * PAGE,
  binaries: { simd, relaxed },
};
let current: Runtime | null = null;

/** Chooses the build, the guard-byte mode and the limit of memory. Only before the first tensor exists. */
export function configureRuntime(options: Partial<Settings>): void {
  if (current !== null)
    throw new RuntimeError('the WebAssembly build can only be chosen before the first tensor is made');
  Object.assign(settings, { ...options, binaries: { ...settings.binaries, ...options.binaries } });
}

export function runtime(): Runtime {
  return (current ??= instantiate());
}

function environment(name: string): string | undefined {
  return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name];
}

/** Whether 256-bit vectors run, or, before anything does, whether they are wanted. */
export function isWide(): boolean {
  return current?.wide ?? wantsWide();
}

function wantsWide(): boolean {
  return settings.wide ?? environment('WASMGRAD_WIDE') === '1';
}

function environmentBuild(): BuildName | null {
  const name = environment('WASMGRAD_BUILD');
  if (name === undefined || name === '') return null;
  if (name === 'simd' || name === 'relaxed' || name === 'debug') return name;
  throw new RuntimeError(`WASMGRAD_BUILD must be simd, relaxed or debug, got '${name}'`);
}

/** The shortest module with an instruction of relaxed SIMD: () -> v128, i32x4.relaxed_trunc_f32x4_s of zeros. */
const RELAXED_PROBE = 'AGFzbQEAAAABBQFgAAF7AwIBAAoLAQkAQQD9Ef2BAgs=';

function chooseBuild(): { build: BuildName; bytes: Uint8Array<ArrayBuffer> } {
  const best = (): BuildName => (WebAssembly.validate(decodeBase64(RELAXED_PROBE)) ? 'relaxed' : 'simd');
  const build = settings.build ?? environmentBuild() ?? best();
  const text = settings.binaries[build];
  if (text === undefined)
    throw new RuntimeError(`the ${build} WebAssembly build is not part of this package`);
  return { build, bytes: decodeBase64(text()) };
}

function compile(build: BuildName, bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    throw new RuntimeError(
      `wasmgrad needs WebAssembly with 128-bit SIMD${build === 'relaxed' ? ' (relaxed)' : ''}, which this JavaScript ` +
        'engine does not have',
      { cause: error },
    );
  }
}

/**
 * Makes the module import a shared memory: kernels use no atomics, so the two kinds of module differ in the flags of that
 * import alone. The bytes before them spell its name.
 */
function shareMemory(bytes: Uint8Array<ArrayBuffer>): void {
  // Length and letters of "env" and of "memory", then: a memory, with a maximum.
  const pattern = [...new TextEncoder().encode('\x03env\x06memory\x02\x01')];
  const at = bytes.findIndex((_, i) => pattern.every((byte, k) => bytes[i + k] === byte));
  if (at < 0) throw new RuntimeError('the WebAssembly build does not import a bounded memory');
  bytes[at + pattern.length - 1] = 3;
}

/** Guard bytes are checked after each kernel, so kernels must run one at a time then. */
function mayShare(): boolean {
  return !settings.guards && typeof SharedArrayBuffer === 'function';
}

function instantiate(): Runtime {
  const { build, bytes } = chooseBuild();
  const shared = mayShare();
  const maximum = Math.max(INITIAL_PAGES, Math.floor(settings.maximumBytes / PAGE));
  const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared });
  const heap = new Heap(memory);
  const env = {
    memory,
    abort(_message: number, _file: number, line: number, column: number): never {
      throw new Error(`assertion failed in a kernel at ${line}:${column}`);
    },
  };
  if (shared) shareMemory(bytes);
  const merged = wantsWide() && mergeVectors();
  const module = compile(build, bytes);
  const { exports } = new WebAssembly.Instance(module, { env });
  const raw = exports as unknown as Kernels & { heap_base: WebAssembly.Global };
  const allocator = new Allocator(heap, Number(raw.heap_base.value), settings.guards);
  const wide = wantsWide() && mayWiden(merged, raw, allocator, heap);
  raw.set_wide(Number(wide));
  const names = Object.keys(exports) as (keyof Kernels)[];
  const pool = shared ? new ThreadPool(module, memory, names, wide) : null;
  return {
    build,
    wide,
    heap,
    allocator,
    pool,
    kernels: settings.guards ? guardedKernels(raw, allocator) : raw,
  };
}

function mayWiden(merged: boolean, kernels: Kernels, allocator: Allocator, heap: Heap): boolean {
  const why = merged ? objection(kernels, allocator, heap) : 'this engine does not have them (Node 24 does)';
  if (why !== null) console.warn(`wasmgrad: kernels for 256-bit vectors were asked for, but ${why}.`);
  return why === null;
}

/** The same kernels, each followed by a check of every allocation's guard bytes. */
function guardedKernels(raw: Kernels, allocator: Allocator): Kernels {
  const guarded: Record<string, unknown> = {};
  for (const [name, kernel] of Object.entries(raw)) {
    if (typeof kernel !== 'function') continue;
    guarded[name] = (...args: unknown[]): unknown => {
      const result: unknown = (kernel as (...args: unknown[]) => unknown)(...args);
      try {
        allocator.checkGuards();
      } catch (error) {
        throw new Error(`${name}(${args.join(', ')}): ${(error as Error).message}`, { cause: error });
      }
      return result;
    };
  }
  return guarded as unknown as Kernels;
}
