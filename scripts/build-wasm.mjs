// Compiles assembly/index.ts for the targets of asconfig.json and writes src/wasm/generated/:
//   simd.ts, relaxed.ts   the published builds, as base64
//   debug.ts    the build with assertions, which the package does not carry
//   kernels.ts  `interface Kernels`, from asc's own .d.ts, so that the ABI is declared once, in assembly/index.ts
// A target is compiled when the kernels or the compiler changed since its last time. A test run asks for no more than
// the targets it can load; the others are empty strings then, which no engine takes for a module, never stale ones.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const out = path.join(root, 'src/wasm/generated');
const cache = path.join(out, 'cache');
const lock = path.join(out, 'lock');

export const targets = ['simd', 'relaxed', 'debug'];

// What a host has to provide. The assertions of the debug build call env.abort; a release build must need nothing but memory.
const imports = { simd: ['env.memory'], relaxed: ['env.memory'], debug: ['env.abort', 'env.memory'] };

// The shortest module that uses an instruction of relaxed SIMD: () -> v128, i32x4.relaxed_trunc_f32x4_s of zeros.
const relaxedProbe = Buffer.from('0061736d010000000105016000017b030201000a0b0109004100fd11fd81020b', 'hex');

/** The targets whose instructions this engine accepts: Node 20 refuses the opcodes of relaxed SIMD. */
export function runnable() {
  return WebAssembly.validate(relaxedProbe) ? targets : targets.filter((target) => target !== 'relaxed');
}

async function sourceHash() {
  const hash = createHash('sha256');
  const kernels = (await readdir(path.join(root, 'assembly'))).filter((name) => name.endsWith('.ts')).sort();
  const kernelFiles = kernels.map((name) => `assembly/${name}`);
  // The kernels import the codes of their operators from src/wasm/opcode.ts.
  const files = [...kernelFiles, 'src/wasm/opcode.ts', 'asconfig.json', 'scripts/build-wasm.mjs'];
  for (const file of files) {
    hash.update(`${file}\0`).update(await readFile(path.join(root, file)));
  }
  hash.update(createRequire(import.meta.url)('assemblyscript/package.json').version);
  return hash.digest('hex').slice(0, 16);
}

async function readIfPresent(file, encoding) {
  try {
    return await readFile(file, encoding);
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

async function compile(target, hash) {
  const asc = path.join(root, 'node_modules/assemblyscript/bin/asc.js');
  const file = path.join(cache, `${target}.${process.pid}.wasm`);
  // AS112 warns of v128 in the signature of any exported function. Ours pass it between files of assembly/ only:
  // kernelsInterface refuses one that the host would have to call.
  const args = [asc, '--target', target, '--outFile', file, '--bindings', 'raw', '--disableWarning', '112'];
  try {
    const { code, stderr } = await run(process.execPath, args, { cwd: root }).catch((error) => error);
    if (code) throw new Error(`the kernels do not compile for target ${target}\n${stderr}`);
    if (stderr) process.stderr.write(stderr);
    check(target, await readFile(file));
    await replace(path.join(cache, 'kernels.d.ts'), await readFile(file.replace(/wasm$/, 'd.ts')));
    for (const name of await readdir(cache)) {
      if (name.startsWith(`${target}-`)) await rm(path.join(cache, name));
    }
    await rename(file, path.join(cache, `${target}-${hash}.wasm`));
  } finally {
    for (const end of ['wasm', 'd.ts', 'js']) await rm(file.replace(/wasm$/, end), { force: true });
  }
}

function check(target, bytes) {
  // Node 20 has no relaxed SIMD and refuses that module; its imports and exports are those of the simd build.
  if (!WebAssembly.validate(bytes)) {
    if (target === 'relaxed') return;
    throw new Error(`the ${target} build is not a valid WebAssembly module`);
  }
  const module = new WebAssembly.Module(bytes);
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    if (!imports[target].includes(`${from}.${name}`))
      throw new Error(`the ${target} build imports ${from}.${name}`);
  }
  if (
    !WebAssembly.Module.exports(module).some(({ name, kind }) => name === 'heap_base' && kind === 'global')
  ) {
    throw new Error(`the ${target} build does not export heap_base, the end of its static data`);
  }
}

function kernelsInterface(declarations) {
  const kernels = [...declarations.matchAll(/export function (\w+)(\([^)]*\)): (\w+);/g)];
  const strange = kernels.find(([, , parameters, result]) => `${parameters}${result}`.includes('unknown'));
  if (strange) throw new Error(`${strange[1]} has a type that no host can pass: ${strange[0]}`);
  // asc's bindings turn i32 into boolean for a bool; a bare instance, which is what the loader calls, does not.
  const lines = kernels.map(([, name, parameters, result]) =>
    `  readonly ${name}: ${parameters} => ${result};`.replaceAll('boolean', 'number'),
  );
  return `/** Every kernel of assembly/index.ts as the host calls it: pointers are byte addresses, i64 is bigint. */
export interface Kernels {
  /** Where static data ends and allocation may begin. */
  readonly heap_base: { readonly value: number };
${lines.join('\n')}
}
`;
}

const header = '// Written by scripts/build-wasm.mjs from assembly/. Do not edit.\n\n';
const base64 = (name, bytes) =>
  `${header}export const ${name} = (): string =>\n  '${bytes.toString('base64')}';\n`;

// A reader beside us (a test run, a type check) must never see half a file.
async function replace(file, text) {
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, text);
  await rename(temporary, file);
}

async function write(hash) {
  const binaries = await Promise.all(
    targets.map(
      async (target) => (await readIfPresent(path.join(cache, `${target}-${hash}.wasm`))) ?? Buffer.of(),
    ),
  );
  const declarations = await readFile(path.join(cache, 'kernels.d.ts'), 'utf8');
  const files = {
    ...Object.fromEntries(targets.map((target, i) => [`${target}.ts`, base64(target, binaries[i])])),
    'kernels.ts': header + kernelsInterface(declarations),
  };
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(out, name);
    if ((await readIfPresent(file, 'utf8')) !== text) await replace(file, text);
  }
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

// Two commands started together would compile the same kernels twice, side by side.
async function locked(body) {
  for (;;) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const owner = Number(await readIfPresent(lock, 'utf8'));
      if (owner > 0 && !isRunning(owner)) await rm(lock, { force: true });
      else await setTimeout(100);
    }
  }
  try {
    return await body();
  } finally {
    await rm(lock, { force: true });
  }
}

/** Brings the named targets up to date. */
export async function build(wanted) {
  await mkdir(cache, { recursive: true });
  await locked(async () => {
    const start = performance.now();
    const hash = await sourceHash();
    const present = await readdir(cache);
    const missing = wanted.filter((target) => !present.includes(`${target}-${hash}.wasm`));
    await Promise.all(missing.map((target) => compile(target, hash)));
    await write(hash);
    if (missing.length > 0) {
      console.log(`wasm: ${missing.join(', ')} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
    }
  });
}

/** Vitest's global setup: what the tests of this run can load. */
export async function setup() {
  const asked = process.env.WASMGRAD_BUILD;
  await build(asked ? [asked] : runnable().filter((target) => target !== 'debug'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await build(targets);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
