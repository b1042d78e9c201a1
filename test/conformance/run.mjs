// Runs PyTorch's OpInfo samples on the built library. Fails when an entry fails that expected.json does not name, when one that
// it names passes, or when there are fewer entries than it says.
//
//   npm run conformance -- [--op REGEX] [--all] [--json FILE] [--dir FOLDER] [--runner FILE] [--winograd VALUE]
//
//   --winograd  true, false, 2 or 4: what torch.backends.wasm.winograd is set to
//   --dir     samples in another folder than those of this repository (fixtures/opinfo.br)
//   --runner  another opinfo.mjs than the one beside this file
// The other options are the runner's.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { folder, unpack } from './samples.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const expected = JSON.parse(readFileSync(path.join(here, 'expected.json'), 'utf8'));
const { entries } = expected;

const args = process.argv.slice(2);

/** Takes an option with its value out of the arguments. */
function take(name) {
  const i = args.indexOf(`--${name}`);
  return i < 0 ? null : args.splice(i, 2)[1];
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

/** Arguments of node that set the algorithm of convolutions before the runner starts: it imports the same library. */
function forced(winograd) {
  if (winograd === null) return [];
  const library = pathToFileURL(path.resolve('dist/index.js')).href;
  const source = `import { backends } from ${JSON.stringify(library)}; backends.wasm.winograd = ${JSON.stringify(JSON.parse(winograd))};`;
  return ['--import', `data:text/javascript,${encodeURIComponent(source)}`];
}

/** What keeps a report from being the expected one. */
function problemsOf(report, whole, failing) {
  const names = Object.keys(report);
  const failed = names.filter((name) => report[name].ok !== report[name].n);
  const problems = [
    ...failed.filter((name) => !(name in failing)).map((name) => `${name} fails: ${report[name].first}`),
    ...Object.keys(failing)
      .filter((name) => name in report && !failed.includes(name))
      .map((name) => `${name} passes: take it out of expected.json`),
  ];
  if (names.length === 0) problems.push('no entry was run');
  if (whole && names.length < entries) problems.push(`${names.length} entries, expected ${entries}`);
  return problems;
}

const runner = take('runner') ?? path.join(here, 'opinfo.mjs');
const dir = take('dir');
const winograd = take('winograd');
const failing = { ...expected.failing, ...(winograd === '4' ? expected.failingWithTilesOf4 : {}) };
if (dir === null) unpack();
const results = mkdtempSync(path.join(tmpdir(), 'opinfo-'));
try {
  const json = take('json') ?? path.join(results, 'report.json');
  spawnSync(
    process.execPath,
    [...forced(winograd), runner, '--lib', 'dist/index.js', '--dir', dir ?? folder, '--json', json, ...args],
    { stdio: 'inherit' },
  );
  const problems = problemsOf(readReport(json), !args.includes('--op'), failing);
  for (const problem of problems) console.error(`conformance: ${problem}`);
  const least = entries - Object.keys(failing).length;
  if (problems.length === 0)
    console.log(`conformance: as expected (at least ${least} of ${entries} entries pass whole)`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  rmSync(results, { recursive: true, force: true });
}
