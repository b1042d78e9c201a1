import { runtime } from './wasm/module.js';
import { get_num_threads } from './wasm/parallel.js';

/** The version of this package. */
export const __version__ = '0.1.0';

/** What runs, as text: the WebAssembly build, its memory, the threads. */
export const __config__ = {
  show(): string {
    const { build, wide, heap, pool } = runtime();
    const threads = pool === null ? '1 (memory cannot be shared here)' : String(get_num_threads());
    return [
      `wasmgrad ${__version__}`,
      `  - WebAssembly build: ${build}${build === 'relaxed' ? ' (fused multiply-add)' : ''}, ${wide ? 256 : 128}-bit vectors`,
      `  - memory: ${(heap.byteLength / 2 ** 20).toFixed(0)} MiB reserved${pool === null ? '' : ', shared'}`,
      `  - threads: ${threads}`,
      '',
    ].join('\n');
  },
};
