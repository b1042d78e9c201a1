// Exits 0 if this Node accepts the WebAssembly build that is named: Node 20 refuses the opcodes of relaxed SIMD.
import { canRun } from './build-wasm.mjs';

process.exitCode = (await canRun(process.argv[2])) ? 0 : 1;
