/** How long a thread without work, or one that waits for the others, polls before it sleeps. */
export const SPIN_MS = 0.2;

/**
 * The program of a worker thread, as text: it must start in Node and in a page alike, without a file of its own to find.
 *
 * It instantiates the kernels on the shared memory and runs one call at a time from its slot (see thread_pool.ts for the layout).
 * After each call it polls for a moment, since the next usually follows soon and to wake a sleeping thread takes longer than many
 * calls; then it sleeps: an idle thread costs nothing.
 */
export const THREAD_SOURCE = `
function run({ module, memory, control, slot, names, wide }) {
  const env = { memory, abort() { throw new Error('assertion failed in a kernel'); } };
  const kernels = new WebAssembly.Instance(module, { env }).exports;
  kernels.set_wide(wide);
  const ints = new Int32Array(control, slot.ints, 8);
  const args = new Float64Array(control, slot.args, 32);
  let seen = 0;
  Atomics.store(ints, 4, 1);
  for (;;) {
    const end = performance.now() + ${SPIN_MS};
    for (let polls = 1; Atomics.load(ints, 0) === seen; polls++) {
      if (polls % 100 === 0 && performance.now() > end) Atomics.wait(ints, 0, seen);
    }
    seen = Atomics.load(ints, 0);
    let failed = 0;
    try {
      kernels[names[ints[1]]](...args.subarray(0, ints[2]));
    } catch {
      failed = 1;
    }
    ints[5] = failed;
    Atomics.store(ints, 3, seen);
    Atomics.notify(ints, 3);
  }
}
`;

export const NODE_START = "run(require('node:worker_threads').workerData);";
export const PAGE_START = 'onmessage = (event) => run(event.data);';
