// Exits 0 if this Node accepts the WebAssembly build that is named.
import { runnable } from './build-wasm.mjs';

process.exitCode = runnable().includes(process.argv[2]) ? 0 : 1;
