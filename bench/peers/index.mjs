// wasmgrad against its peers: the same work, in turn, in one run on one machine. docs/performance.md says how it is measured.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compete } from './competition.mjs';
import { findPython } from './contender.mjs';
import { HELP, UsageError, parseOptions } from './options.mjs';
import { machine, markdown } from './report.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const say = (text) => void process.stderr.write(`${text}\n`);

/** Installs the peers unless they are installed as the lock file says. */
function install() {
  const lock = here('package-lock.json');
  const installed = here('node_modules/.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  say('installing the peers');
  const { status } = spawnSync(
    'npm',
    ['ci', '--prefix', here('.'), '--ignore-scripts', '--no-audit', '--no-fund'],
    {
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    },
  );
  if (status !== 0) throw new Error('npm ci failed');
}

/** Below this the BLAS is a reference implementation: any that is tuned does several times as much on one core. */
const SLOW_BLAS_GFLOPS = 10;

function blasNote(gflops) {
  const found = `PyTorch's matrix product does ${gflops.toFixed(1)} GFLOP/s on one thread`;
  if (gflops >= SLOW_BLAS_GFLOPS) return `${found}.`;
  return `${found}: its BLAS is not a tuned one, and rows that lean on it (ResNet-50 at 1 thread) say nothing about PyTorch.`;
}

/** Runs everything that was asked for; the result is what --json writes. */
async function measure(options) {
  const python = findPython();
  const present = options.contenders.filter(({ program }) => python !== null || !program.endsWith('.py'));
  const notes = present.filter(({ note }) => note !== undefined).map(({ name, note }) => `${name} ${note}.`);
  if (present.length < options.contenders.length) {
    notes.push('PyTorch is left out: there is no python3 that can import torch.');
  } else if (present.some(({ program }) => program.endsWith('.py'))) {
    notes.push(blasNote(python.gflops));
  }
  const rows = [];
  const folder = mkdtempSync(join(tmpdir(), 'wasmgrad-peers-'));
  try {
    say('writing weights and images');
    const prepared = spawnSync(process.execPath, [here('prepare.mjs'), folder], { stdio: ['ignore', 2, 2] });
    if (prepared.status !== 0) throw new Error('prepare.mjs failed');
    for (const task of options.tasks) {
      const entrants = present.filter(({ tasks }) => tasks === null || tasks.includes(task.name));
      for (const threads of options.threads) {
        rows.push(...(await compete(task, threads, entrants, { ...options, python, folder, say })));
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { date: new Date().toISOString(), machine: machine(), rounds: options.rounds, rows, notes };
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(HELP);
  else {
    install();
    const report = await measure(options);
    console.log(markdown(report));
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
    if (report.rows.some((row) => row.disqualified || row.failure !== undefined)) process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
