import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import * as torch from 'wasmgrad';
import { CheckpointError, loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import type { HistoryEntry, Progress, Training } from './checkpoint.js';
import { mnist } from './data.js';
import { display, duration } from './display.js';
import { MODELS } from './model.js';
import { TRAIN_HELP, UsageError, parseTrainOptions, runCommand } from './options.js';
import type { Settings, TrainOptions } from './options.js';

const { nn } = torch;
const { DataLoader, RandomSampler, Subset } = torch.utils.data;

/** Images that are tested at once. */
const TEST_BATCH = 500;

/** Set by Ctrl-C: the training stops after its present step. */
let stopped = false;

function watchInterrupt(): void {
  let first = 0;
  process.on('SIGINT', () => {
    // A runner between the terminal and this process passes on what the terminal has sent here too.
    if (stopped && Date.now() - first > 500) process.exit(130);
    if (!stopped) first = Date.now();
    stopped = true;
  });
}

/** The batches of an epoch, which depend on the seed and the epoch alone, so that a resumed training sees the same ones. */
function batchesOf(count: number, settings: Settings, epoch: number): number[][] {
  const generator = new torch.Generator().manual_seed(settings.seed * 1000 + epoch);
  const order = [...new RandomSampler({ length: count }, { generator })];
  const batches: number[][] = [];
  // Batch norm needs more than one value, so a last batch of one image joins the one before.
  for (let at = 0; at < count - 1; at += settings.batch_size)
    batches.push(order.slice(at, at + settings.batch_size));
  if (count % settings.batch_size === 1) batches[batches.length - 1].push(order[count - 1]);
  return batches;
}

function test(model: torch.nn.Module, settings: Settings): number {
  const set = mnist(false);
  const count = Math.min(settings.limit ?? set.length, set.length);
  const loader = new DataLoader(new Subset(set, [...Array(count).keys()]), { batch_size: TEST_BATCH });
  model.eval();
  let right = 0;
  torch.no_grad(() => {
    for (const [images, labels] of loader) right += model(images).argmax(1).eq(labels).sum().item();
  });
  model.train();
  return (100 * right) / count;
}

interface Start {
  settings: Settings;
  progress: Progress;
  model: torch.nn.Module;
  training: Training | null;
}

function begin({ settings, given, resume }: TrainOptions): Start {
  if (resume === null) {
    torch.manual_seed(settings.seed);
    return {
      settings,
      progress: { epoch: 0, step: 0, history: [] },
      model: MODELS[settings.model](),
      training: null,
    };
  }
  const saved = loadCheckpoint(resume);
  const fixed =
    saved.training === null
      ? (['model'] as const)
      : (['model', 'epochs', 'batch_size', 'lr', 'seed', 'limit'] as const);
  for (const name of fixed) {
    if (given[name] !== undefined && given[name] !== saved.settings[name]) {
      throw new UsageError(
        `--${name.replace('_', '-')} ${given[name]}: the checkpoint was trained with ${saved.settings[name]}`,
      );
    }
  }
  const merged = { ...saved.settings, ...given };
  if (saved.training === null && merged.epochs <= saved.progress.epoch) {
    throw new UsageError(
      `${resume} is finished (${saved.progress.epoch} epochs): give more --epochs to go on`,
    );
  }
  const model = MODELS[merged.model]();
  model.load_state_dict(saved.tensors);
  return { settings: merged, progress: saved.progress, model, training: saved.training };
}

async function train(options: TrainOptions): Promise<number> {
  if (!existsSync(dirname(options.out)))
    throw new CheckpointError(`--out ${options.out}: there is no folder ${dirname(options.out)}`);
  if (options.threads !== null) torch.set_num_threads(options.threads);
  const { settings, progress, model, training } = begin(options);
  watchInterrupt();
  const set = mnist(true);
  const count = Math.min(settings.limit ?? set.length, set.length);
  const steps = batchesOf(count, settings, 0).length;
  const parameters = [...model.parameters()].reduce((sum, p) => sum + p.numel(), 0);
  console.log(
    `${settings.model}: ${parameters.toLocaleString('en')} parameters, ${count.toLocaleString('en')} images, ${settings.epochs} epochs of ${steps} steps`,
  );

  const criterion = new nn.CrossEntropyLoss();
  const optimizer = new torch.optim.SGD(model.parameters(), {
    lr: settings.lr,
    momentum: 0.9,
    weight_decay: 5e-4,
    nesterov: true,
  });
  const scheduler = new torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.lr, {
    total_steps: Math.max((settings.epochs - progress.epoch) * steps + 1, 2),
    pct_start: 0.2,
  });
  if (training !== null) {
    optimizer.load_state_dict(training.optimizer);
    scheduler.load_state_dict(training.scheduler);
  }

  model.train();
  const started = Date.now();
  let trained = 0;
  for (let { epoch, step } = progress; epoch < settings.epochs && !stopped; epoch++, step = 0) {
    const batches = batchesOf(count, settings, epoch).slice(step);
    const loader = new DataLoader(set, { batch_sampler: batches });
    const bar = display(epoch + 1, settings.epochs, steps, step);
    const epochStarted = Date.now();
    const sums = { loss: 0, right: 0, seen: 0, steps: 0 };
    for (const [images, labels] of loader) {
      const outputs = model(images);
      const loss = criterion(outputs, labels);
      optimizer.zero_grad();
      loss.backward();
      optimizer.step();
      scheduler.step();

      const seen = labels.size(0);
      sums.loss += loss.item() * seen;
      sums.right += outputs.argmax(1).eq(labels).sum().item();
      sums.seen += seen;
      sums.steps++;
      trained += seen;
      const speed = trained / ((Date.now() - started) / 1000);
      const left = ((settings.epochs - epoch) * steps - step - sums.steps) * settings.batch_size;
      bar.update({
        epoch,
        step: step + sums.steps,
        loss: sums.loss / sums.seen,
        accuracy: (100 * sums.right) / sums.seen,
        speed,
        left: left / speed,
      });
      // Lets Ctrl-C and the terminal in.
      await turn();
      if (stopped) break;
    }
    bar.stop();
    const entry: HistoryEntry = {
      epoch: epoch + 1,
      steps: sums.steps,
      loss: sums.loss / sums.seen,
      accuracy: (100 * sums.right) / sums.seen,
      seconds: (Date.now() - epochStarted) / 1000,
    };
    progress.history.push(entry);
    const complete = step + sums.steps === steps;
    progress.epoch = complete ? epoch + 1 : epoch;
    progress.step = complete ? 0 : step + sums.steps;
  }

  const finished = progress.epoch === settings.epochs;
  if (!finished) {
    saveCheckpoint(options.out, model, settings, progress, {
      optimizer: optimizer.state_dict(),
      scheduler: scheduler.state_dict(),
    });
    console.log(
      `stopped in epoch ${progress.epoch + 1} after ${progress.step} of ${steps} steps; go on with: npm start -- --resume ${options.out}`,
    );
    return 130;
  }
  const accuracy = test(model, settings);
  progress.history[progress.history.length - 1].test_accuracy = accuracy;
  saveCheckpoint(options.out, model, settings, progress, null);
  console.log(`trained in ${duration((Date.now() - started) / 1000)}; saved ${options.out}`);
  console.log(`test accuracy ${accuracy.toFixed(2)} %`);
  return 0;
}

await runCommand(TRAIN_HELP, () => {
  const options = parseTrainOptions(process.argv.slice(2));
  if (options === null) {
    console.log(TRAIN_HELP);
    return 0;
  }
  return train(options);
});
