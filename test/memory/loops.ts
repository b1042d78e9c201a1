// Runs loops synchronously and without any dispose or tidy, and prints by how many MiB memory grew after the first steps of each.
// Run by training.test.ts: node --expose-gc --import tsx loops.ts
import * as torch from '../../src/index.js';
import { BasicBlock } from '../nn/block.js';

const { nn } = torch;

const WARM = 20;

class Net extends nn.Module {
  layer1;
  avgpool;
  fc;

  constructor() {
    super();
    const downsample = new nn.Sequential(new nn.Conv2d(3, 8, 1, 2, { bias: false }), new nn.BatchNorm2d(8));
    this.layer1 = new BasicBlock(3, 8, 2, downsample);
    this.avgpool = new nn.AdaptiveAvgPool2d([1, 1]);
    this.fc = new nn.Linear(8, 5);
  }

  forward(x: torch.Tensor) {
    let out = this.layer1(x);
    out = this.avgpool(out);
    return this.fc(torch.flatten(out, 1));
  }
}

interface Use {
  allocated: number;
  reserved: number;
  heap: number;
  rss: number;
}

function use(): Use {
  (globalThis as { gc?: () => void }).gc!();
  const { allocated_bytes, reserved_bytes } = torch.memory_stats();
  const { heapUsed, rss } = process.memoryUsage();
  return { allocated: allocated_bytes, reserved: reserved_bytes, heap: heapUsed, rss };
}

let first: Use | null = null;
let steps = 0;
let last = NaN;

/** Counts a step; what comes before it is written as it would be in torch. */
function count(value: number): void {
  last = value;
  if (++steps === WARM) first = use();
}

torch.manual_seed(0);
const model = new Net();
const criterion = new nn.CrossEntropyLoss();
const optimizer = new torch.optim.SGD(model.parameters(), { lr: 0.02, momentum: 0.9 });
const scheduler = new torch.optim.lr_scheduler.StepLR(optimizer, 400, { gamma: 0.5 });
const images = torch.randn(64, 3, 8, 8);
const labels = torch.randint(0, 5, [64]);
const data = new torch.utils.data.TensorDataset(images, labels);
const x = torch.randn(8, 3, 8, 8);
const y = torch.arange(8).remainder(5);

const LOOPS: Readonly<Record<string, () => void>> = {
  'training, DataLoader'() {
    const loader = new torch.utils.data.DataLoader(data, { batch_size: 8, shuffle: true });
    for (let epoch = 0; epoch < 150; epoch++) {
      for (const [inputs, targets] of loader) {
        optimizer.zero_grad();
        const out = model(inputs);
        const loss = criterion(out, targets);
        loss.backward();
        optimizer.step();
        scheduler.step();
        if (out.argmax(1).eq(targets).sum().item() > 8) throw new Error('more right than there are');
        count(loss.item());
      }
    }
  },

  'training, plain loop'() {
    for (let step = 0; step < 1200; step++) {
      const out = model(x);
      const loss = criterion(out, y);
      optimizer.zero_grad();
      loss.backward();
      optimizer.step();
      count(loss.item());
    }
  },

  'training, plain loop, Adam and clipping'() {
    const adam = new torch.optim.Adam(model.parameters(), { lr: 1e-3 });
    for (let step = 0; step < 1200; step++) {
      adam.zero_grad({ set_to_none: true });
      const loss = torch.nn.functional.cross_entropy(model(x), y);
      loss.backward();
      nn.utils.clip_grad_norm_(model.parameters(), 1);
      adam.step();
      count(loss.item());
    }
  },

  'inference, no_grad around the loop'() {
    model.eval();
    torch.no_grad(() => {
      for (let step = 0; step < 3000; step++) count(model(x).argmax(1).select(0, 0).item());
    });
  },

  'inference, no_grad in the loop'() {
    model.eval();
    for (let step = 0; step < 3000; step++) {
      const out = torch.no_grad(() => model(x));
      count(out.softmax(1).max().item());
    }
  },

  'inference, inference_mode, DataLoader'() {
    model.eval();
    const loader = new torch.utils.data.DataLoader(data, { batch_size: 2 });
    torch.inference_mode(() => {
      for (let epoch = 0; epoch < 94; epoch++) {
        for (const [inputs, targets] of loader) count(model(inputs).argmax(1).eq(targets).sum().item());
      }
    });
  },

  'inference, recorded, DataLoader'() {
    model.eval();
    const loader = new torch.utils.data.DataLoader(data, { batch_size: 2 });
    for (let epoch = 0; epoch < 94; epoch++) {
      for (const [inputs] of loader) count(model(inputs).argmax(1).select(0, 0).item());
    }
  },
};

// V8 grows its young generation and compiles for some hundred steps, whatever the program does.
for (const loop of [LOOPS['training, plain loop'], LOOPS['inference, no_grad in the loop']]) loop();
for (const [name, loop] of Object.entries(LOOPS)) {
  first = null;
  steps = 0;
  model.train();
  loop();
  const begin = first as unknown as Use;
  const end = use();
  const growth = Object.fromEntries(
    (Object.keys(end) as (keyof Use)[]).map((key) => [key, (end[key] - begin[key]) / 2 ** 20]),
  );
  console.log(JSON.stringify({ name, steps, last, growth }));
}
