import * as torch from 'wasmgrad';
import { datasets } from 'wasmgrad/vision';
import { loadCheckpoint } from './checkpoint.js';
import { mnistFolder, transform } from './data.js';
import { MODELS } from './model.js';
import { PREDICT_HELP, parsePredictOptions, runCommand } from './options.js';
import type { PredictOptions } from './options.js';
import { draw, readPicture, toMnist } from './picture.js';

function loadModel(path: string): torch.nn.Module {
  const { settings, tensors } = loadCheckpoint(path);
  const model = MODELS[settings.model]();
  model.load_state_dict(tensors);
  return model.eval();
}

/** The probability of each digit, for each image. */
function probabilities(model: torch.nn.Module, images: readonly Uint8Array[]): number[][] {
  return torch.no_grad(() =>
    torch.tidy(() => {
      const inputs = images.map((image) => transform(torch.tensor(image).reshape(28, 28)));
      return model(torch.stack(inputs)).softmax(1).tolist() as number[][];
    }),
  );
}

function best(row: readonly number[]): number {
  return row.indexOf(Math.max(...row));
}

function predictFile(model: torch.nn.Module, file: string): void {
  const image = toMnist(readPicture(file));
  const [row] = probabilities(model, [image]);
  console.log(draw([image]));
  row.forEach((p, digit) => {
    console.log(
      `${digit} ${'█'.repeat(Math.round(40 * p)).padEnd(40)} ${(100 * p).toFixed(2).padStart(6)} %`,
    );
  });
  console.log(`${file}: ${best(row)}`);
}

function predictTests(model: torch.nn.Module, { count, seed }: PredictOptions): void {
  const set = new datasets.MNIST(mnistFolder(), { train: false });
  const generator = new torch.Generator().manual_seed(seed ?? Date.now());
  const chosen = (torch.randperm(set.length, { generator }).tolist() as number[]).slice(0, count);
  const items = chosen.map((index) => set.get(index));
  const images = items.map(([image]) => image.numpy() as Uint8Array);
  const rows = probabilities(model, images);
  const across = Math.max(1, Math.floor((process.stdout.columns ?? 150) / 29));
  for (let at = 0; at < images.length; at += across) {
    console.log(draw(images.slice(at, at + across)));
    const labels = rows.slice(at, at + across).map((row, i) => {
      const digit = best(row);
      const truth = items[at + i][1];
      return `${digit} (${(100 * row[digit]).toFixed(1)} %)${digit === truth ? '' : `, it is a ${truth}`}`.padEnd(
        28,
      );
    });
    console.log(`${labels.join(' ').trimEnd()}\n`);
  }
  const right = rows.filter((row, i) => best(row) === items[i][1]).length;
  console.log(`${right} of ${images.length} right`);
}

await runCommand(PREDICT_HELP, () => {
  const options = parsePredictOptions(process.argv.slice(2));
  if (options === null) {
    console.log(PREDICT_HELP);
    return 0;
  }
  const model = loadModel(options.checkpoint);
  if (options.file === null) predictTests(model, options);
  else predictFile(model, options.file);
  return 0;
});
