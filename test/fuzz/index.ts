/**
 * `npm run fuzz`: random calls of every operator, compared with PyTorch as it runs; what differs is shrunk and, with --keep, added
 * to the regression tests together with PyTorch's answer.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { call } from './case.js';
import type { Case, Result } from './case.js';
import { accepts, difference } from './compare.js';
import { Draw } from './draw.js';
import { all } from './operators.js';
import { Oracle } from './oracle.js';

const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: '250' },
    only: { type: 'string', default: '.' },
    seed: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    keep: { type: 'boolean', default: false },
    accepts: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) {
  console.log(`npm run fuzz -- [--cases N] [--only REGEX] [--seed N] [--python FILE] [--keep]
  --cases   calls of each operator (default 250)     --only    operators whose name matches
  --seed    of the random calls                      --python  one that has torch 1.13.1 (default python3)
  --keep    adds what differs to test/fuzz/regressions.json
  --accepts shows what is accepted here and refused by torch`);
  process.exit(0);
}

/** Milliseconds for an operator, most of which go into making a failing call smaller. */
const TIME_LIMIT = 10_000;

const store = fileURLToPath(new URL('regressions.json', import.meta.url));

async function main(): Promise<number> {
  const seed = options.seed === undefined ? Date.now() % 2 ** 31 : Number(options.seed);
  const only = new RegExp(`^(?:${options.only})$|${options.only === '.' ? '.' : '^$'}`);
  const chosen = all().filter((one) => only.test(one.name));
  if (chosen.length === 0)
    throw new Error(`no operator is called ${options.only}: --only has to match the whole name`);
  const oracle = new Oracle(options.python);
  const found: { case: Case; torch: Result }[] = [];
  let [cases, answers, more, failures] = [0, 0, 0, 0];
  for (const { name, make } of chosen) {
    let last: { case: Case; torch: Result; text: string } | null = null;
    let [valid, accepted, example] = [0, 0, ''];
    const property = fc.asyncProperty(fc.gen(), async (g) => {
      const one = make(new Draw(g));
      cases++;
      const theirs = await oracle.ask(one);
      if (theirs === null) return;
      if (!('error' in theirs)) valid++;
      const ours = call(one);
      if (ours === null) return;
      if (accepts(ours, theirs)) {
        accepted++;
        if (options.accepts && 'error' in theirs)
          example = `${theirs.error.split('\n')[0]}  ${JSON.stringify(one)}`;
      }
      const text = difference(one, ours, theirs);
      if (text === null) return;
      last = { case: one, torch: theirs, text };
      throw new Error(text);
    });
    const result = await fc.check(property, {
      numRuns: Number(options.cases),
      seed,
      interruptAfterTimeLimit: TIME_LIMIT,
    });
    answers += valid;
    more += accepted;
    if (example !== '') console.log(`${name}: accepts ${accepted} calls that torch refuses: ${example}`);
    const outcome = last as { case: Case; torch: Result; text: string } | null;
    if (result.failed && outcome !== null) {
      failures++;
      found.push({ case: outcome.case, torch: outcome.torch });
      console.log(`${name}: ${outcome.text}\n  ${JSON.stringify(outcome.case)}`);
    } else if (valid * 20 < result.numRuns) {
      console.log(`${name}: only ${valid} of ${result.numRuns} calls were valid`);
    }
  }
  oracle.close();
  if (options.keep && found.length > 0) {
    const kept = JSON.parse(readFileSync(store, 'utf8')) as unknown[];
    writeFileSync(store, `${JSON.stringify([...kept, ...found], null, 1)}\n`);
  }
  console.log(
    `${cases} calls (seed ${seed}), ${answers} of them valid, ${more} refused by torch alone; ${failures} operators differ from PyTorch`,
  );
  return failures === 0 ? 0 : 1;
}

process.exitCode = await main();
