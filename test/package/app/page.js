import * as torch from 'wasmgrad';
import * as vision from 'wasmgrad/vision';
import { program } from './program.mjs';

function answer(worker) {
  return new Promise((resolve, reject) => {
    worker.addEventListener('message', ({ data }) => resolve(data));
    worker.addEventListener('error', ({ message }) => reject(new Error(message)));
  });
}

async function main() {
  // Vite finds a worker by the URL written in the expression itself.
  const worker = answer(new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }));
  const named = answer(new Worker(new URL('./named.js', import.meta.url), { type: 'module' }));
  return { page: program(torch, vision), worker: await worker, named: await named };
}

globalThis.result = main();
