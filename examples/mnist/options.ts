import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { MODELS } from './model.js';
import type { ModelName } from './model.js';

/** What a training depends on: saved with the checkpoint, and taken from there when it is resumed. */
export interface Settings {
  model: ModelName;
  epochs: number;
  batch_size: number;
  lr: number;
  seed: number;
  limit: number | null;
}

export interface TrainOptions {
  settings: Settings;
  /** The settings that the command line names. */
  given: Partial<Settings>;
  /** null: the library's default. */
  threads: number | null;
  resume: string | null;
  out: string;
}

export class UsageError extends Error {}

export const DEFAULTS: Readonly<Settings> = {
  model: 'small',
  epochs: 2,
  batch_size: 64,
  lr: 0.1,
  seed: 0,
  limit: null,
};
export const CHECKPOINT = 'mnist.safetensors';

export const TRAIN_HELP = `Trains a ResNet on the 60,000 handwritten digits of MNIST and tests it on the other 10,000.

npm start -- [options]

  --model NAME       ${Object.keys(MODELS).join(' | ')} (default ${DEFAULTS.model})
  --epochs N         passes over the training images (default ${DEFAULTS.epochs})
  --batch-size N     images a step (default ${DEFAULTS.batch_size})
  --lr X             highest learning rate of the one-cycle schedule (default ${DEFAULTS.lr})
  --seed N           seed of the weights and of the order of the images (default ${DEFAULTS.seed})
  --threads N        threads to compute on (default: the cores of the machine); the result is the same
  --limit N          only the first N training and N test images
  --resume FILE      go on with a checkpoint: one that Ctrl-C left, or a finished one with more --epochs
  --out FILE         where the checkpoint goes (default ${CHECKPOINT}, or the file that is resumed)
  --help             this text

Ctrl-C stops and saves what there is; a second Ctrl-C stops at once.`;

export const PREDICT_HELP = `Says which digit the trained model sees.

npm run predict -- [options] [FILE.png]

  FILE.png           a picture of one digit, of any size, dark on light or light on dark;
                     without it some test images are drawn
  --checkpoint FILE  the trained model (default ${CHECKPOINT})
  --count N          test images to draw (default 5)
  --seed N           which test images (default: others each time)
  --help             this text`;

/** Options as strings, by their names; what is not listed is an error. */
function parse(
  args: readonly string[],
  names: readonly string[],
  files: boolean,
): { values: Record<string, string>; positionals: string[]; help: boolean } {
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } };
  for (const name of names) options[name] = { type: 'string' };
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: files,
      strict: true,
    });
    const { help, ...rest } = values;
    return { values: rest as Record<string, string>, positionals, help: help === true };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function number(
  values: Record<string, string>,
  name: string,
  { integer = true, least = 1 } = {},
): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value) || value < least || (integer && !Number.isSafeInteger(value))) {
    throw new UsageError(
      `--${name} must be ${integer ? 'an integer' : 'a number'} of at least ${least}, got '${text}'`,
    );
  }
  return value;
}

/** null when help is asked for. */
export function parseTrainOptions(args: readonly string[]): TrainOptions | null {
  const names = ['model', 'epochs', 'batch-size', 'lr', 'seed', 'threads', 'limit', 'resume', 'out'];
  const { values, help } = parse(args, names, false);
  if (help) return null;
  if (values['model'] !== undefined && !Object.hasOwn(MODELS, values['model'])) {
    throw new UsageError(
      `--model must be one of ${Object.keys(MODELS).join(', ')}, got '${values['model']}'`,
    );
  }
  const given: Partial<Settings> = {
    model: values['model'] as ModelName | undefined,
    epochs: number(values, 'epochs'),
    batch_size: number(values, 'batch-size', { least: 2 }),
    lr: number(values, 'lr', { integer: false, least: 1e-12 }),
    seed: number(values, 'seed', { least: 0 }),
    limit: number(values, 'limit', { least: 2 }),
  };
  for (const name of Object.keys(given) as (keyof Settings)[])
    if (given[name] === undefined) delete given[name];
  const resume = values['resume'] ?? null;
  return {
    settings: { ...DEFAULTS, ...given },
    given,
    threads: number(values, 'threads') ?? null,
    resume,
    out: values['out'] ?? resume ?? CHECKPOINT,
  };
}

export interface PredictOptions {
  file: string | null;
  checkpoint: string;
  count: number;
  seed: number | null;
}

/** null when help is asked for. */
export function parsePredictOptions(args: readonly string[]): PredictOptions | null {
  const { values, positionals, help } = parse(args, ['checkpoint', 'count', 'seed'], true);
  if (help) return null;
  if (positionals.length > 1) throw new UsageError(`expected one file, got ${positionals.join(' ')}`);
  return {
    file: positionals[0] ?? null,
    checkpoint: values['checkpoint'] ?? CHECKPOINT,
    count: number(values, 'count') ?? 5,
    seed: number(values, 'seed', { least: 0 }) ?? null,
  };
}

/** Runs a command: what a user can mend is printed as one line, without a stack. */
export async function runCommand(help: string, main: () => Promise<number> | number): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (error instanceof UsageError) console.error(`${error.message}\n\n${help}`);
    else if (error instanceof Error && isExpected(error)) console.error(error.message);
    else throw error;
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

/** A file that is missing, damaged or cannot be written; data or a checkpoint that does not fit. */
function isExpected(error: Error): boolean {
  return ['FileError', 'SafetensorsError', 'RuntimeError', 'CheckpointError', 'PictureError'].includes(
    error.name,
  );
}
