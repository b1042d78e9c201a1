import { RuntimeError } from '../errors.js';
import type { KernelCall } from './kernel_call.js';
import { runtime } from './module.js';

interface HostProcess {
  env?: Record<string, string | undefined>;
}

let threads: number | null = null;

/** Cores that may be used, as far as the environment tells. */
function cores(): number {
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
  if (navigator?.hardwareConcurrency !== undefined) return navigator.hardwareConcurrency;
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const os = process?.getBuiltinModule?.('node:os') as { availableParallelism?: () => number } | undefined;
  return os?.availableParallelism?.() ?? 1;
}

function defaultThreads(): number {
  const text = (globalThis as { process?: HostProcess }).process?.env?.['WASMGRAD_NUM_THREADS'];
  if (text === undefined || text === '') return cores();
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) {
    throw new RuntimeError(`WASMGRAD_NUM_THREADS must be a positive integer, got '${text}'`);
  }
  return count;
}

/** Threads that kernels may use, this one included. Default: the cores of the machine, or `WASMGRAD_NUM_THREADS`. */
export function get_num_threads(): number {
  return (threads ??= defaultThreads());
}

/**
 * Sets how many threads kernels may use, this one included. Results do not depend on it. More than one needs shared
 * memory (in a page: cross-origin isolation); without it everything runs on one.
 */
export function set_num_threads(count: number): void {
  if (!Number.isInteger(count) || count < 1) {
    throw new RuntimeError(`set_num_threads expects a positive integer, got ${String(count)}`);
  }
  threads = count;
}

/** A thread is worth waking for this much work: about 50 µs of it, in floating point operations or bytes moved. */
const GRAIN = 1 << 20;

/** Into how many parts work is worth splitting, of at most `limit`: 1 where there are no threads. */
export function partsFor(work: number, limit: number): number {
  const wanted = Math.min(get_num_threads(), limit, Math.floor(work / GRAIN));
  if (wanted <= 1) return 1;
  const { pool } = runtime();
  if (pool === null) return 1;
  pool.start(get_num_threads() - 1);
  return 1 + pool.available(wanted - 1);
}

/** Begin and end of one of `parts` nearly equal parts of `count`. */
export function partOf(count: number, part: number, parts: number): [begin: number, end: number] {
  return [Math.floor((count * part) / parts), Math.floor((count * (part + 1)) / parts)];
}

/**
 * Runs kernel calls that write to different places, one a thread. As many as `partsFor` said.
 */
export function runCalls(calls: readonly KernelCall[]): void {
  const { kernels, pool } = runtime();
  const here = ([name, ...args]: KernelCall): void => {
    (kernels[name] as (...args: number[]) => unknown)(...args);
  };
  if (calls.length === 1) here(calls[0]);
  else pool!.run(calls, here);
}

/** Splits [0, count) over threads; `call` says which kernel does a part. */
export function splitCalls(
  count: number,
  work: number,
  call: (begin: number, end: number) => KernelCall,
): void {
  const parts = partsFor(work, count);
  const calls: KernelCall[] = [];
  for (let part = 0; part < parts; part++) calls.push(call(...partOf(count, part, parts)));
  runCalls(calls);
}
