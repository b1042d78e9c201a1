// One task at one number of threads: every contender opens, is checked, warms up and then has a turn in every round.
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { Contender } from './contender.mjs';
import { labelsOf, nets } from './nets.mjs';
import { difference, summary } from './report.mjs';

/** Threads of the last contender may still spin for some milliseconds. */
const REST_MS = 30;

/** A peer that needs longer than this for one run leaves after a few rounds: more precision is not worth the minutes. */
const SLOW_MS = 2000;
const SLOW_ROUNDS = 3;

const lastLine = (error) => error.message.trim().split('\n').at(-1);

class Lane {
  contender = null;

  constructor({ name }, task, threads) {
    this.task = task;
    this.row = { task: task.name, title: task.title, threads, contender: name, rounds: [] };
  }

  /** What goes wrong is written into the row, and the contender leaves. */
  async attempt(body) {
    try {
      await body();
    } catch (error) {
      this.row.failure = lastLine(error);
    }
    if (this.row.failure !== undefined || this.row.disqualified) await this.leave();
  }

  async leave() {
    const { contender } = this;
    this.contender = null;
    await contender?.close();
  }

  judge(values, reference) {
    const { row, task } = this;
    row.difference = Math.max(row.difference ?? 0, difference(values, reference));
    row.disqualified = row.difference > task.tolerance;
  }

  /** Starts the contender and gives the values it is judged by: wasmgrad's own where there is no reference yet. */
  async enter(description, { python, turn, request, reference }) {
    let values = null;
    await this.attempt(async () => {
      this.contender = new Contender(description, python);
      this.row.version = (await this.contender.request({ do: 'open', ...request })).version;
      ({ values } = await this.contender.request({ do: 'check' }));
      this.judge(values, reference ?? values);
      if (!this.row.disqualified) await this.contender.request({ do: 'turn', ms: 2 * turn });
    });
    return values;
  }

  async takeTurn(turn, reference) {
    const { row, task } = this;
    if (this.contender === null) return;
    await rest(REST_MS);
    await this.attempt(async () => {
      const { times, values } = await this.contender.request({ do: 'turn', ms: turn });
      row.rounds.push(summary(times).median);
      row.best = Math.min(row.best ?? Infinity, ...times);
      // Training has moved on: of its loss it can only be asked that it is a number.
      this.judge(values, task.train ? values : reference);
    });
  }

  get slow() {
    const { rounds } = this.row;
    return rounds.length >= SLOW_ROUNDS && rounds.at(-1) > SLOW_MS;
  }
}

/**
 * A ratio is that of two turns of one round, which the noise of a shared machine hits alike; that of the fastest runs of all turns is
 * what is left where both met an undisturbed moment.
 */
function finish(rows) {
  const [own] = rows;
  if (own.failure !== undefined || own.disqualified) {
    throw new Error(`wasmgrad itself failed: ${own.failure ?? 'its answers are not the same in every turn'}`);
  }
  for (const row of rows) {
    if (row.failure !== undefined || row.disqualified) continue;
    row.ms = summary(row.rounds);
    if (row === own) continue;
    row.ratio = summary(row.rounds.map((ms, i) => own.rounds[i] / ms));
    row.bestRatio = own.best / row.best;
  }
  return rows;
}

/** The rows of one task at one number of threads; the first entrant is wasmgrad, which the others are compared with. */
export async function compete(task, threads, entrants, { folder, python, rounds, turn, say }) {
  const net = nets[task.net];
  const file = join(folder, `${net.name}.safetensors`);
  const request = { task, net, labels: labelsOf(net, task.batch), file, threads };
  const lanes = [];
  let reference = null;
  try {
    for (const description of entrants) {
      say(`${task.name}, ${threads} thread(s): ${description.name}`);
      const lane = new Lane(description, task, threads);
      lanes.push(lane);
      const values = await lane.enter(description, { python, turn, request, reference });
      reference ??= values;
      if (lanes[0].contender === null) throw new Error(`wasmgrad itself failed: ${lane.row.failure}`);
    }
    for (let round = 0; round < rounds; round++) {
      // The order moves on, so that nobody always follows the same one.
      for (let i = 0; i < lanes.length; i++) {
        const lane = lanes[(round + i) % lanes.length];
        await lane.takeTurn(turn, reference);
        if (lane.slow && lane !== lanes[0]) await lane.leave();
      }
    }
  } finally {
    for (const lane of lanes) await lane.leave();
  }
  return finish(lanes.map(({ row }) => row));
}
