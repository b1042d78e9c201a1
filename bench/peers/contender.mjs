// The runner's side: which contenders there are, and the process that one of them lives in (serve.mjs has the protocol).
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const FORWARDS = ['resnet18-forward', 'resnet50-forward', 'small-forward'];

/** glibc gives memory back to the system after each step, and PyTorch pays for its pages again; this keeps it. */
const KEEP_MEMORY = { MALLOC_TRIM_THRESHOLD_: '4000000000', MALLOC_MMAP_THRESHOLD_: '4000000000' };

/** `tasks` null: all of them. `note`: what the reader of its rows at more than one thread has to know. */
export const contenders = [
  { name: 'wasmgrad', tasks: null, program: 'wasmgrad.mjs' },
  { name: 'onnxruntime-web', tasks: FORWARDS, program: 'onnxruntime_web.mjs' },
  {
    name: 'tfjs-wasm',
    tasks: [...FORWARDS, 'small-train'],
    program: 'tfjs_wasm.mjs',
    note: 'has one thread in Node (its flag WASM_HAS_MULTITHREAD_SUPPORT is off there)',
  },
  { name: 'tfjs-cpu', tasks: ['small-forward'], program: 'tfjs_cpu.mjs', note: 'has one thread' },
  {
    name: 'jax-js',
    tasks: ['small-forward', 'small-train'],
    program: 'jax_js.mjs',
    note: 'has one thread in Node (its workers are those of browsers)',
  },
  { name: 'pytorch', tasks: null, program: 'pytorch.py' },
  { name: 'pytorch-malloc', tasks: null, program: 'pytorch.py', env: KEEP_MEMORY },
];

/** Prints the GFLOP/s of its matrix product on one thread, the best of a few. */
const PROBE = `
import time, torch
torch.set_num_threads(1)
a = torch.ones(512, 512)
def seconds():
    start = time.perf_counter()
    a @ a
    return time.perf_counter() - start
print(2 * 512**3 / min(seconds() for _ in range(6)) / 1e9)
`;

/** A Python that can import torch, with the speed of its BLAS, or null. */
export function findPython() {
  for (const command of ['python3', '/usr/bin/python3']) {
    const found = spawnSync(command, ['-c', PROBE], { encoding: 'utf8' });
    if (found.status === 0) return { command, gflops: Number(found.stdout) };
  }
  return null;
}

/** A contender at work, in a process of its own. */
export class Contender {
  #child;
  #replies;
  #complaints = '';

  constructor({ name, program, env = {} }, python) {
    this.name = name;
    const file = fileURLToPath(new URL(`contenders/${program}`, import.meta.url));
    const command = program.endsWith('.py') ? python.command : process.execPath;
    this.#child = spawn(command, [file], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    });
    this.#child.stderr.setEncoding('utf8');
    this.#child.stderr.on('data', (text) => (this.#complaints = (this.#complaints + text).slice(-2000)));
    // A dead process is noticed by its missing reply.
    this.#child.stdin.on('error', () => {});
    this.#replies = createInterface({ input: this.#child.stdio[3] })[Symbol.asyncIterator]();
  }

  async request(message) {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
    const { value, done } = await this.#replies.next();
    if (done) throw new Error(`the process ended: ${this.#complaints.trim() || 'it said nothing'}`);
    const reply = JSON.parse(value);
    if (reply.error !== undefined) throw new Error(reply.error);
    return reply;
  }

  async close() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.stdin.end();
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await exit;
    clearTimeout(late);
  }
}
