import { parseArgs } from 'node:util';
import { contenders } from './contender.mjs';
import { tasks } from './nets.mjs';

export const HELP = `npm run bench:peers -- [options]

  --only NAME     a contender or a task, as often as wanted; wasmgrad always runs, the others are compared with it
  --threads 1,2   numbers of threads (1,2)
  --rounds N      rounds of each task; in a round every contender has one turn (9)
  --quick         3 rounds of short turns: enough for the checks, not for numbers
  --json FILE     everything that was measured
  --help          this

contenders: ${contenders.map(({ name }) => name).join(', ')}
tasks: ${tasks.map(({ name }) => name).join(', ')}`;

/** A bad command line. */
export class UsageError extends Error {}

function positive(text, name) {
  if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`--${name}: not a positive integer: ${text}`);
  return Number(text);
}

function parse(args) {
  try {
    return parseArgs({
      args,
      options: {
        only: { type: 'string', multiple: true, default: [] },
        threads: { type: 'string', default: '1,2' },
        rounds: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error.message);
  }
}

export function parseOptions(args) {
  const { only, threads, rounds, quick, json, help } = parse(args);
  for (const name of only) {
    if (![...contenders, ...tasks].some((each) => each.name === name)) {
      throw new UsageError(`--only ${name}: no such contender or task; --help lists them`);
    }
  }
  const named = (list) => {
    const chosen = list.filter(({ name }) => only.includes(name));
    return chosen.length > 0 ? chosen : list;
  };
  const chosen = named(contenders);
  return {
    help,
    json,
    threads: threads.split(',').map((text) => positive(text, 'threads')),
    rounds: positive(rounds ?? (quick ? '3' : '9'), 'rounds'),
    turn: quick ? 50 : 300,
    tasks: named(tasks),
    contenders: contenders.filter((each) => each.name === 'wasmgrad' || chosen.includes(each)),
  };
}
