// Runs the unit tests on every WebAssembly build that this Node accepts, one after the other.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runnable, targets } from './build-wasm.mjs';

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const failed = [];
for (const build of targets) {
  if (!runnable().includes(build)) {
    console.log(`${build}: skipped, Node ${process.version} does not run it`);
    continue;
  }
  console.log(`${build}:`);
  const args = [vitest, 'run', '--project', 'unit', ...process.argv.slice(2)];
  const env = { ...process.env, WASMGRAD_BUILD: build };
  if (spawnSync(process.execPath, args, { env, stdio: 'inherit' }).status !== 0) failed.push(build);
}
if (failed.length > 0) {
  console.error(`failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
