// Forward and backward microbenchmarks over the shapes of ResNet-18: time, GFLOP/s, and the share of what one core does with
// 128-bit vectors, measured by a register-only kernel around each case.
//
//   npm run bench -- [--only REGEX] [--seconds N] [--threads N] [--json FILE]
//   npm run bench -- --layers [--batch N] [--only REGEX] [--threads N]     the roofline of ResNet-18: layers.ts
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import Benchmark from 'benchmark';
import * as torch from '../src/index.js';
import { runtime } from '../src/wasm/module.js';
import { cases } from './cases.js';
import type { BenchCase } from './cases.js';
import { layers } from './layers.js';
import { measurePeak } from './peak.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '.' },
    seconds: { type: 'string', default: '0.5' },
    threads: { type: 'string', default: '1' },
    json: { type: 'string', default: 'bench-results.json' },
    layers: { type: 'boolean', default: false },
    batch: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log('npm run bench -- [--only REGEX] [--seconds PER_CASE] [--threads N] [--json FILE]');
  console.log('npm run bench -- --layers [--batch N] [--only REGEX] [--threads N]');
  process.exit(0);
}

interface Row {
  readonly name: string;
  /** The median. */
  readonly milliseconds: number;
  /** Half width of the mean's 95 % confidence interval, relative. */
  readonly margin: number;
  readonly samples: number;
  readonly gflops: number | null;
  readonly share: number | null;
  readonly gigabytesPerSecond: number | null;
}

/** The engine optimizes JavaScript and kernels while they run: so long each case runs before it is measured. */
const WARM_UP_MS = 400;

/** The peak is measured before and after each case: on a shared machine it moves. */
function measure(benchCase: BenchCase, seconds: number): Row {
  return torch.tidy(() => {
    const body = benchCase.setup();
    const run = (): void => torch.tidy(body);
    const warm = performance.now() + WARM_UP_MS;
    do run();
    while (performance.now() < warm);
    const peakBefore = measurePeak();
    const bench = new Benchmark(benchCase.name, run, { maxTime: seconds, minSamples: 5 });
    bench.run();
    const failure = (bench as unknown as { error?: Error }).error;
    if (failure !== undefined) throw failure;
    const { rme, sample } = bench.stats;
    const median = sample.toSorted((a, b) => a - b)[sample.length >> 1];
    const peak = (peakBefore + measurePeak()) / 2;
    const gflops = benchCase.flops === undefined ? null : benchCase.flops / median / 1e9;
    return {
      name: benchCase.name,
      milliseconds: median * 1e3,
      margin: rme / 100,
      samples: sample.length,
      gflops,
      share: gflops === null ? null : gflops / peak,
      gigabytesPerSecond: benchCase.bytes === undefined ? null : benchCase.bytes / median / 1e9,
    };
  });
}

function printRow(row: Row): void {
  const number = (value: number | null, digits: number, unit: string): string =>
    (value === null ? '' : `${value.toFixed(digits)}${unit}`).padStart(12);
  console.log(
    row.name.padEnd(52) +
      number(row.milliseconds, row.milliseconds < 0.1 ? 4 : 3, ' ms') +
      ` ±${(row.margin * 100).toFixed(0).padStart(3)} %` +
      number(row.gflops, 1, ' GFLOP/s') +
      number(row.share === null ? null : row.share * 100, 0, ' %') +
      number(row.gigabytesPerSecond, 1, ' GB/s'),
  );
}

torch.manual_seed(0);
torch.set_num_threads(Number(values.threads));
const peak = measurePeak();
console.log(
  `wasmgrad, ${runtime().build} build, ${process.version}, ${values.threads} thread(s); 128-bit peak of one core ${peak.toFixed(1)} GFLOP/s (float32)\n`,
);
const only = new RegExp(values.only);
if (values.layers) {
  layers(Number(values.batch), only);
  process.exit(0);
}
const rows: Row[] = [];
let group = '';
for (const benchCase of cases) {
  if (!only.test(benchCase.name)) continue;
  if (benchCase.group !== group) {
    group = benchCase.group;
    console.log(`${rows.length > 0 ? '\n' : ''}${group}`);
  }
  const row = measure(benchCase, Number(values.seconds));
  rows.push(row);
  printRow(row);
}
const report = {
  date: new Date().toISOString(),
  node: process.version,
  build: runtime().build,
  peak_gflops: peak,
  rows,
};
writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
console.log(`\n${rows.length} cases, written to ${values.json}`);
