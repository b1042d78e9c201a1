import * as torch from 'wasmgrad';
import * as vision from 'wasmgrad/vision';
import { program } from './program.mjs';

const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
const inWorker = new Promise((resolve, reject) => {
  worker.addEventListener('message', ({ data }) => resolve(data));
  worker.addEventListener('error', ({ message }) => reject(new Error(message)));
});
globalThis.result = inWorker.then((fromWorker) => ({ page: program(torch, vision), worker: fromWorker }));
