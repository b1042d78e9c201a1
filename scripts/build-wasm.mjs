// Compiles assembly/index.ts for every target of asconfig.json and writes src/wasm/generated/:
//   binary.ts   the two published builds, `simd` and `relaxed`, as base64
//   debug.ts    the build with assertions, apart from the others so that the package does not carry it
//   kernels.ts  `interface Kernels`, from asc's own .d.ts, so that the ABI is declared once, in assembly/index.ts
// Does nothing when neither the kernels nor the compiler changed since the last run.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const out = path.join(root, 'src/wasm/generated');
const outputs = ['binary.ts', 'debug.ts', 'kernels.ts'];
export const targets = ['simd', 'relaxed', 'debug'];

// What a host has to provide. The assertions of the debug build call env.abort; a release build must need nothing but memory.
const imports = { simd: ['env.memory'], relaxed: ['env.memory'], debug: ['env.abort', 'env.memory'] };

async function sourceHash() {
  const hash = createHash('sha256');
  const kernels = (await readdir(path.join(root, 'assembly'))).filter((name) => name.endsWith('.ts')).sort();
  const files = [...kernels.map((name) => `assembly/${name}`), 'asconfig.json', 'scripts/build-wasm.mjs'];
  for (const file of files) {
    hash.update(`${file}\0`).update(await readFile(path.join(root, file)));
  }
  return hash.update(createRequire(import.meta.url)('assemblyscript/package.json').version).digest('hex');
}

async function isCurrent(hash) {
  try {
    const present = await readdir(out);
    if (!outputs.every((name) => present.includes(name))) return false;
    return (await readFile(path.join(out, '.stamp'), 'utf8')) === hash;
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

async function compile(target, folder) {
  const asc = path.join(root, 'node_modules/assemblyscript/bin/asc.js');
  const file = path.join(folder, `${target}.wasm`);
  const bindings = target === 'simd' ? ['--bindings', 'raw'] : [];
  try {
    // AS112 warns of v128 in the signature of any exported function. Ours pass it between files of assembly/ only:
    // kernelsInterface refuses one that the host would have to call.
    const args = [asc, '--target', target, '--outFile', file, '--disableWarning', '112', ...bindings];
    const { stderr } = await run(process.execPath, args, { cwd: root });
    if (stderr) process.stderr.write(stderr);
  } catch (error) {
    throw new Error(`asc failed on target ${target}\n${error.stderr ?? ''}${error.stdout ?? ''}`, {
      cause: error,
    });
  }
  return readFile(file);
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
    `  ${name}${parameters}: ${result};`.replaceAll('boolean', 'number'),
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
const base64 = (name, bytes) => `export const ${name} =\n  '${bytes.toString('base64')}';\n`;

// A reader beside us (a test run, a type check) must never see half a file.
async function replace(name, text) {
  const temporary = path.join(out, `.${name}.${process.pid}`);
  await writeFile(temporary, text);
  await rename(temporary, path.join(out, name));
}

/** Compiles the kernels if they changed. */
export async function setup() {
  const hash = await sourceHash();
  if (await isCurrent(hash)) return;
  const start = performance.now();
  const folder = await mkdtemp(path.join(tmpdir(), 'wasmgrad-asc-'));
  try {
    const builds = await Promise.all(targets.map((target) => compile(target, folder)));
    builds.forEach((bytes, i) => check(targets[i], bytes));
    const [simd, relaxed, debug] = builds;
    const declarations = await readFile(path.join(folder, 'simd.d.ts'), 'utf8');
    await mkdir(out, { recursive: true });
    await replace('binary.ts', header + base64('simd', simd) + base64('relaxed', relaxed));
    await replace('debug.ts', header + base64('debug', debug));
    await replace('kernels.ts', header + kernelsInterface(declarations));
    await replace('.stamp', hash);
    const sizes = targets.map((target, i) => `${target} ${(builds[i].length / 1024).toFixed(1)} KiB`);
    console.log(`wasm: ${sizes.join(', ')} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether this engine accepts a target's instructions. */
export async function canRun(target) {
  const file = target === 'debug' ? 'debug.ts' : 'binary.ts';
  const text = await readFile(path.join(out, file), 'utf8');
  const [, encoded] = new RegExp(`export const ${target} =\\s*'([^']*)'`).exec(text);
  return WebAssembly.validate(Buffer.from(encoded, 'base64'));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await setup();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
