import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PNG } from 'pngjs';
import { afterAll, describe, expect, test } from 'vitest';
import { childEnv } from '../child_env.js';
import * as torch from '../../src/index.js';
import { datasets } from '../../src/vision/index.js';
import { loadCheckpoint } from '../../examples/mnist/checkpoint.js';
import { mnistFolder } from '../../examples/mnist/data.js';
import { MODELS } from '../../examples/mnist/model.js';
import { draw, readPicture, toMnist } from '../../examples/mnist/picture.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'wasmgrad-examples-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string) => join(folder, name);

interface Run {
  code: number | null;
  out: string;
  err: string;
}

function run(
  script: string,
  args: string[],
  onOutput?: (kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', `examples/mnist/${script}.ts`, ...args], {
      cwd: root,
      env: childEnv(),
    });
    const result: Run = { code: null, out: '', err: '' };
    child.stdout.on('data', (data) => {
      if (result.out === '') onOutput?.((signal) => child.kill(signal));
      result.out += String(data);
    });
    child.stderr.on('data', (data) => (result.err += String(data)));
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...result, code }));
  });
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)!;
}

/** The tensors of a checkpoint as lists, without the momentum. */
function weights(path: string): Record<string, unknown> {
  return torch.tidy(() => {
    const { tensors } = loadCheckpoint(path);
    return Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, t.tolist()]));
  });
}

const SMALL = ['--limit', '240', '--batch-size', '24', '--epochs', '2'];

describe('training', { timeout: 240_000 }, () => {
  test('trains, tests, and saves what PyTorch loads as it is', async () => {
    const out = file('whole.safetensors');
    const result = await run('train', [...SMALL, '--out', out]);
    expect(result.err).toBe('');
    expect(result.code).toBe(0);
    expect(result.out).toContain('small: 77,754 parameters, 240 images, 2 epochs of 10 steps');
    expect(result.out).toMatch(
      /epoch 2\/2 step 10\/10 \| loss \d\.\d{4} \| accuracy \d+\.\d\d % \| \d+ images\/s \| 0s left/,
    );
    expect(lastLine(result.out)).toMatch(/^test accuracy \d+\.\d\d %$/);
    const { settings, progress, training, tensors } = loadCheckpoint(out);
    expect(settings).toEqual({ model: 'small', epochs: 2, batch_size: 24, lr: 0.1, seed: 0, limit: 240 });
    expect([progress.epoch, progress.step, training]).toEqual([2, 0, null]);
    expect(progress.history.map(({ epoch, steps }) => [epoch, steps])).toEqual([[1, 10], [2, 10]]); // prettier-ignore
    expect(`test accuracy ${progress.history[1].test_accuracy!.toFixed(2)} %`).toBe(lastLine(result.out));
    expect(progress.history[1].loss).toBeLessThan(progress.history[0].loss);
    expect(Object.keys(tensors).sort()).toEqual(Object.keys(MODELS.small().state_dict()).sort());
  });

  test('Ctrl-C saves what there is; going on ends where an undisturbed training ends', async () => {
    const out = file('stopped.safetensors');
    const stopped = await run('train', [...SMALL, '--out', out], (kill) => kill('SIGINT'));
    expect(stopped.err).toBe('');
    expect(stopped.code).toBe(130);
    const [, epoch, step] =
      /stopped in epoch (\d) after (\d+) of 10 steps; go on with: npm start -- --resume (.*)/.exec(
        stopped.out,
      )!;
    const saved = loadCheckpoint(out);
    expect([saved.progress.epoch + 1, saved.progress.step]).toEqual([Number(epoch), Number(step)]);
    expect(saved.training).not.toBe(null);

    const refused = await run('train', ['--resume', out, '--lr', '0.2']);
    expect([refused.code, refused.err]).toEqual([
      2,
      expect.stringContaining('--lr 0.2: the checkpoint was trained with 0.1'),
    ]);
    expect(weights(out)).toEqual(
      torch.tidy(() =>
        Object.fromEntries(Object.entries(saved.tensors).map(([name, t]) => [name, t.tolist()])),
      ),
    );

    const resumed = await run('train', ['--resume', out, '--threads', '1']);
    expect([resumed.code, resumed.err]).toEqual([0, '']);
    expect(weights(out)).toEqual(weights(file('whole.safetensors')));
  });

  test('a finished training goes on with more epochs', async () => {
    const whole = file('whole.safetensors');
    const finished = await run('train', ['--resume', whole]);
    expect([finished.code, finished.err]).toEqual([
      2,
      expect.stringContaining('is finished (2 epochs): give more --epochs'),
    ]);
    const more = await run('train', ['--resume', whole, '--epochs', '3', '--out', file('more.safetensors')]);
    expect([more.code, more.err]).toEqual([0, '']);
    expect(loadCheckpoint(file('more.safetensors')).progress.history.map((entry) => entry.epoch)).toEqual([
      1, 2, 3,
    ]);
    expect(loadCheckpoint(whole).progress.epoch).toBe(2);
  });

  test.each([
    ['--epoch', '2', /Unknown option '--epoch'/],
    ['--epochs', '0', /--epochs must be an integer of at least 1, got '0'/],
    ['--epochs', '1.5', /--epochs must be an integer/],
    ['--lr', 'fast', /--lr must be a number .* got 'fast'/],
    ['--model', 'vgg', /--model must be one of small, resnet18, resnet34, got 'vgg'/],
    ['--threads', '0', /--threads must be an integer of at least 1, got '0'/],
    ['--batch-size', '', /--batch-size must be an integer/],
    ['stray', '2', /Unexpected argument 'stray'/],
  ])('%s %s is refused', async (name, value, message) => {
    const result = await run('train', [name, value]);
    expect(result.code).toBe(2);
    expect(result.err).toMatch(message);
    expect(result.err).toContain('--batch-size N');
  });

  test('files that are missing or damaged, a folder that is missing, a full disk', async () => {
    const damaged = file('damaged.safetensors');
    writeFileSync(damaged, readFileSync(file('whole.safetensors')).subarray(0, 5000));
    const foreign = file('foreign.safetensors');
    torch.safetensors.save_file({ x: torch.ones(1) }, foreign);
    const expectations: [string[], RegExp][] = [
      [['--resume', file('none')], /^cannot read '.*none': ENOENT/],
      [['--resume', damaged], /^safetensors: /],
      [
        ['--resume', foreign],
        /foreign.safetensors: not written by this program: its metadata lacks 'settings'/,
      ],
      [['--out', file('none/x.safetensors')], /^--out .*: there is no folder/],
    ];
    if (existsSync('/dev/full')) {
      expectations.push([
        [...SMALL, '--limit', '48', '--epochs', '1', '--out', '/dev/full'],
        /^cannot write '\/dev\/full': ENOSPC/,
      ]);
    }
    for (const [args, message] of expectations) {
      const result = await run('train', args);
      expect([result.code, result.err]).toEqual([1, expect.stringMatching(message)]);
      expect(result.err.trim().split('\n')).toHaveLength(1);
    }
  });

  test('--help', async () => {
    for (const script of ['train', 'predict']) {
      const result = await run(script, ['--help']);
      expect([result.code, result.err]).toEqual([0, '']);
      expect(result.out).toContain('--seed N');
    }
  });
});

/** An MNIST image enlarged, dark on light. */
function enlarge(image: Uint8Array, scale: number, offset = 0): PNG {
  const side = 28 * scale + offset;
  const png = new PNG({ width: side, height: side });
  png.data.fill(255);
  for (let y = 0; y < 28 * scale; y++) {
    for (let x = 0; x < 28 * scale; x++) {
      const grey = 255 - image[Math.floor(y / scale) * 28 + Math.floor(x / scale)];
      png.data.fill(grey, 4 * ((y + offset) * side + x), 4 * ((y + offset) * side + x) + 3);
    }
  }
  return png;
}

describe('pictures', () => {
  const set = new datasets.MNIST(mnistFolder(), { train: false });
  const image = (i: number) => set.get(i)[0].flatten().numpy() as Uint8Array;
  const difference = (a: Uint8Array, b: Uint8Array) =>
    a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;

  test('of any size, dark on light or light on dark, become what MNIST has', () => {
    for (const i of [0, 1, 3, 7]) {
      const path = file('digit.png');
      writeFileSync(path, PNG.sync.write(enlarge(image(i), 5, 33)));
      expect(difference(toMnist(readPicture(path)), image(i)), `image ${i}`).toBeLessThan(6);
    }
    const png = enlarge(image(0), 1);
    for (let i = 0; i < png.data.length; i++) if (i % 4 !== 3) png.data[i] = 255 - png.data[i];
    writeFileSync(file('light.png'), PNG.sync.write(png));
    expect(difference(toMnist(readPicture(file('light.png'))), image(0))).toBeLessThan(6);
  });

  test('transparent ground is paper', () => {
    const png = new PNG({ width: 40, height: 40 });
    for (let y = 8; y < 32; y++) png.data[4 * (y * 40 + 20) + 3] = 255;
    writeFileSync(file('line.png'), PNG.sync.write(png));
    const columns = toMnist(readPicture(file('line.png')));
    expect([0, 13, 14].map((x) => columns[14 * 28 + x]).sort((a, b) => a - b)).toEqual([0, 0, 255]);
  });

  test('what is no picture of a digit', () => {
    writeFileSync(file('text.png'), 'no png');
    expect(() => readPicture(file('text.png'))).toThrow(/cannot read '.*text.png' as a PNG/);
    const blank = new PNG({ width: 9, height: 9 });
    blank.data.fill(200);
    writeFileSync(file('blank.png'), PNG.sync.write(blank));
    expect(() => toMnist(readPicture(file('blank.png')))).toThrow('the picture is blank');
  });

  test('drawing', () => {
    const dot = new Uint8Array(784);
    dot[0] = dot[29] = 255;
    const lines = draw([dot, dot]).split('\n');
    expect(lines).toHaveLength(14);
    expect(lines[0]).toBe(`▀▄${' '.repeat(27)}▀▄`);
  });
});

describe('predicting', { timeout: 120_000 }, () => {
  test('a file', async () => {
    const checkpoint = ['--checkpoint', file('whole.safetensors')];
    writeFileSync(
      file('five.png'),
      PNG.sync.write(enlarge(new datasets.MNIST(mnistFolder()).get(0)[0].flatten().numpy() as Uint8Array, 4)),
    );
    const result = await run('predict', [...checkpoint, file('five.png')]);
    expect([result.code, result.err]).toEqual([0, '']);
    const lines = result.out.trimEnd().split('\n');
    const percents = lines.slice(-11, -1).map((line) => Number(/^\d .* (\d+\.\d\d) %$/.exec(line)![1]));
    expect(percents.reduce((a, b) => a + b, 0)).toBeCloseTo(100, 0);
    expect(lines.at(-1)).toBe(`${file('five.png')}: ${percents.indexOf(Math.max(...percents))}`);
  });

  test('test images', async () => {
    const args = ['--checkpoint', file('whole.safetensors'), '--count', '7', '--seed', '3'];
    const [result, again] = [await run('predict', args), await run('predict', args)];
    expect([result.code, result.err]).toEqual([0, '']);
    expect(lastLine(result.out)).toMatch(/^[0-7] of 7 right$/);
    expect(again.out).toBe(result.out);
  });

  test('errors', async () => {
    const missing = await run('predict', ['--checkpoint', file('none')]);
    expect([missing.code, missing.err]).toEqual([1, expect.stringMatching(/^cannot read '.*none': ENOENT/)]);
    const many = await run('predict', ['a.png', 'b.png']);
    expect([many.code, many.err]).toEqual([2, expect.stringContaining('expected one file, got a.png b.png')]);
    const none = await run('predict', ['--checkpoint', file('whole.safetensors'), file('none.png')]);
    expect([none.code, none.err]).toEqual([
      1,
      expect.stringMatching(/cannot read '.*none.png' as a PNG: ENOENT/),
    ]);
    expect(statSync(file('whole.safetensors')).size).toBeGreaterThan(300_000);
  });
});
