// Statistics over rounds, and the table.
import { availableParallelism, cpus, totalmem } from 'node:os';

/** The largest difference, relative to the largest reference value; Infinity where they cannot be compared. */
export function difference(values, reference) {
  if (values.length !== reference.length) return Infinity;
  let largest = 0;
  let scale = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]) || !Number.isFinite(reference[i])) return Infinity;
    largest = Math.max(largest, Math.abs(values[i] - reference[i]));
    scale = Math.max(scale, Math.abs(reference[i]));
  }
  return largest / scale;
}

/** The quantile `q` of some numbers, interpolated. */
export function quantile(numbers, q) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

export function summary(numbers) {
  const [low, median, high] = [0.25, 0.5, 0.75].map((q) => quantile(numbers, q));
  return { median, low, high };
}

export function machine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory_gib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
}

const digits = (n) => (n >= 100 ? n.toFixed(0) : n.toPrecision(3));
const spread = ({ median, low, high }) => [digits(median), `${digits(low)} – ${digits(high)}`];

function results({ failure, disqualified, ms, best, ratio, bestRatio, difference }) {
  if (failure !== undefined) return [`FAILED: ${failure}`, '', '', '', '', '', ''];
  const distance = difference.toExponential(0);
  if (disqualified) return ['DISQUALIFIED', '', '', '', '', '', distance];
  const times = [...spread(ms), digits(best)];
  if (ratio === undefined) return [...times, '', '', '', ''];
  return [...times, ...spread(ratio), digits(bestRatio), distance];
}

function line(row) {
  const cells = [row.title, row.threads, `${row.contender} ${row.version ?? ''}`.trim(), ...results(row)];
  return `| ${cells.map((cell) => String(cell).replaceAll(/[|\n]/g, ' ')).join(' | ')} |`;
}

/** Markdown: the machine, the rows and the notes. */
export function markdown({ date, machine, rounds, rows, notes }) {
  const { cpu, cores, memory_gib: memory, node } = machine;
  return [
    `${cpu}, ${cores} cores, ${memory} GiB, Node ${node}, ${date.slice(0, 10)}; ${rounds} rounds.`,
    '',
    '| work | threads | library | ms, median | quartiles | best | wasmgrad / it | quartiles | of the best | difference |',
    '| --- | --: | --- | --: | --: | --: | --: | --: | --: | --: |',
    ...rows.map(line),
    ...(notes.length > 0 ? ['', ...notes.map((note) => `- ${note}`)] : []),
  ].join('\n');
}
