import type { Kernels } from './generated/kernels.js';
import type { KernelCall } from './kernel_call.js';
import { NODE_START, PAGE_START, SPIN_MS, THREAD_SOURCE } from './thread_source.js';

/** What Node's worker and the page's have in common here. */
interface Thread {
  unref?(): void;
  on?(event: 'error' | 'exit', listener: () => void): void;
  addEventListener?(event: 'error', listener: () => void): void;
  postMessage(message: unknown): void;
}

interface WorkerThreads {
  Worker: new (source: string, options: object) => Thread;
}

/**
 * One thread's slot in the control memory: 8 int32 (0 number of the last call posted, 1 kernel, 2 argument count, 3 number of the last
 * call done, 4 ready, 5 failed), then 32 float64 arguments.
 */
const SLOT_BYTES = 512;
const ARGS_AT = 64;
const [POSTED, KERNEL, COUNT, DONE, READY, FAILED] = [0, 1, 2, 3, 4, 5];

class Slot {
  private readonly ints: Int32Array;
  private readonly args: Float64Array;
  private calls = 0;
  dead = false;

  constructor(control: SharedArrayBuffer, index: number) {
    this.ints = new Int32Array(control, index * SLOT_BYTES, 8);
    this.args = new Float64Array(control, index * SLOT_BYTES + ARGS_AT, 32);
  }

  get ready(): boolean {
    return !this.dead && Atomics.load(this.ints, READY) === 1;
  }

  post(kernel: number, args: readonly number[]): void {
    this.args.set(args);
    this.ints[KERNEL] = kernel;
    this.ints[COUNT] = args.length;
    Atomics.store(this.ints, POSTED, ++this.calls);
    Atomics.notify(this.ints, POSTED);
  }

  /** Waits for the posted call; false when it failed. */
  finish(): boolean {
    const end = performance.now() + SPIN_MS;
    for (let polls = 1; ; polls++) {
      const done = Atomics.load(this.ints, DONE);
      if (done === this.calls) return this.ints[FAILED] === 0;
      if (mayBlock && polls % 100 === 0 && performance.now() > end) Atomics.wait(this.ints, DONE, done);
    }
  }
}

/** A page's main thread must not block; it polls instead. */
const mayBlock = typeof (globalThis as { document?: unknown }).document === 'undefined';

/** Threads beside the calling one, on the same memory. They never keep a process alive. */
export class ThreadPool {
  private readonly slots: Slot[] = [];
  private readonly index = new Map<keyof Kernels, number>();

  constructor(
    private readonly module: WebAssembly.Module,
    private readonly memory: WebAssembly.Memory,
    private readonly names: readonly (keyof Kernels)[],
    private readonly wide: boolean,
  ) {
    names.forEach((name, i) => this.index.set(name, i));
  }

  /** Starts threads until `count` exist. They take part in the work from when they report ready. */
  start(count: number): void {
    while (this.slots.length < count) this.add();
  }

  /** Threads that can take a call now, at most `count`. */
  available(count: number): number {
    let ready = 0;
    for (let i = 0; i < Math.min(count, this.slots.length); i++) if (this.slots[i].ready) ready++;
    return ready;
  }

  /** Runs the first call here and each other one on a thread, of which there must be enough; returns when all are done. */
  run(calls: readonly KernelCall[], here: (call: KernelCall) => void): void {
    const used: Slot[] = [];
    let next = 1;
    for (const slot of this.slots) {
      if (next === calls.length) break;
      if (!slot.ready) continue;
      const [name, ...args] = calls[next++];
      slot.post(this.index.get(name)!, args);
      used.push(slot);
    }
    let failed = false;
    try {
      here(calls[0]);
    } finally {
      for (const slot of used) failed = !slot.finish() || failed;
    }
    if (failed) throw new Error(`the kernel ${calls[0][0]} failed on a thread`);
  }

  private add(): void {
    const control = new SharedArrayBuffer(SLOT_BYTES);
    const slot = new Slot(control, 0);
    const data = {
      module: this.module,
      memory: this.memory,
      control,
      slot: { ints: 0, args: ARGS_AT },
      names: this.names,
      wide: this.wide,
    };
    const thread = startThread(data);
    if (thread === null) {
      slot.dead = true;
    } else {
      const die = (): void => {
        slot.dead = true;
      };
      thread.on?.('error', die);
      thread.on?.('exit', die);
      thread.addEventListener?.('error', die);
      thread.unref?.();
    }
    this.slots.push(slot);
  }
}

interface NodeProcess {
  getBuiltinModule?: (name: string) => unknown;
}

function startThread(data: object): Thread | null {
  const node = (globalThis as { process?: NodeProcess }).process?.getBuiltinModule?.('node:worker_threads');
  try {
    if (node !== undefined) {
      const { Worker } = node as WorkerThreads;
      return new Worker(`${THREAD_SOURCE}${NODE_START}`, {
        eval: true,
        workerData: data,
        execArgv: [],
        env: {},
      });
    }
    const url = URL.createObjectURL(new Blob([THREAD_SOURCE, PAGE_START], { type: 'text/javascript' }));
    const thread = new Worker(url);
    thread.postMessage(data);
    return thread;
  } catch {
    return null;
  }
}
