import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as torch from '../../src/index.js';
import { expectClose, fixture } from '../nn/recorded.js';

const { nn, optim } = torch;
const { lr_scheduler: S } = optim;
type Scheduler = torch.optim.lr_scheduler.LRScheduler;

interface Recorded {
  schedulers: { name: keyof typeof S; args: unknown[]; rates: number[][]; momenta: number[][] }[];
  lambda: number[];
  multiplicative: number[];
  sequential: number[];
  sequential3: number[];
  chained: number[];
  cyclic: number[];
  cyclic_iterations: number[];
  swa: number[][];
  closed: Record<string, number[]>;
  resumed: number[];
  metrics: number[];
  plateaus: { options: torch.optim.lr_scheduler.PlateauOptions; rates: number[] }[];
}

const recorded = fixture('optim') as Recorded;

function twoGroups(): torch.optim.SGD {
  const [a, b] = [new nn.Parameter(torch.ones(1)), new nn.Parameter(torch.ones(2))];
  return new optim.SGD([{ params: [a] }, { params: [b], lr: 0.3 }], { lr: 0.1, momentum: 0.9 });
}

function oneGroup(lr = 0.1): torch.optim.SGD {
  return new optim.SGD([new nn.Parameter(torch.ones(1))], { lr });
}

function make(name: keyof typeof S, optimizer: torch.optim.Optimizer, args: unknown[]): Scheduler {
  return new (S[name] as new (...args: unknown[]) => Scheduler)(optimizer, ...args);
}

function ratesOf(attach: (optimizer: torch.optim.SGD) => Scheduler, steps = 25): number[] {
  const optimizer = oneGroup();
  const scheduler = attach(optimizer);
  const rates = [optimizer.param_groups[0].lr];
  for (let i = 0; i < steps; i++) {
    optimizer.step();
    scheduler.step();
    rates.push(optimizer.param_groups[0].lr);
    expect(scheduler.get_last_lr()).toEqual([optimizer.param_groups[0].lr]);
  }
  return rates;
}

describe('25 epochs, as PyTorch has them', () => {
  test.each(recorded.schedulers.map((s): [string, typeof s] => [`${s.name} ${JSON.stringify(s.args)}`, s]))(
    '%s',
    (_title, { name, args, rates, momenta }) => {
      const optimizer = twoGroups();
      const scheduler = make(name, optimizer, args);
      rates.forEach((expected, epoch) => {
        if (epoch > 0) {
          optimizer.step();
          scheduler.step();
        }
        expectClose(
          optimizer.param_groups.map((group) => group.lr),
          expected,
          1e-12,
          1e-16,
        );
        expectClose(
          optimizer.param_groups.map((group) => group.momentum),
          momenta[epoch],
          1e-12,
        );
      });
    },
  );

  test('functions', () => {
    expectClose(
      ratesOf((o) => new S.LambdaLR(o, (epoch) => 0.95 ** epoch)),
      recorded.lambda,
      1e-12,
    );
    expectClose(
      ratesOf((o) => new S.MultiplicativeLR(o, { lr_lambda: (epoch) => 1 - epoch / 100 })),
      recorded.multiplicative,
      1e-12,
    );
  });

  test('compositions', () => {
    const warmup = (o: torch.optim.SGD): Scheduler =>
      new S.SequentialLR(o, [new S.LinearLR(o, 0.01, 1, 5), new S.CosineAnnealingLR(o, 10)], [5]);
    expectClose(ratesOf(warmup), recorded.sequential, 1e-12, 1e-15);
    const three = (o: torch.optim.SGD): Scheduler => {
      const parts = [new S.ConstantLR(o, 0.1, 3), new S.ExponentialLR(o, 0.9), new S.StepLR(o, 4, 0.5)];
      return new S.SequentialLR(o, { schedulers: parts, milestones: [3, 12] });
    };
    expectClose(ratesOf(three), recorded.sequential3, 1e-12);
    const chain = (o: torch.optim.SGD): Scheduler =>
      new S.ChainedScheduler([new S.ConstantLR(o, 0.1, 2), new S.ExponentialLR(o, 0.9)]);
    expectClose(ratesOf(chain), recorded.chained, 1e-12);
  });

  test('cycles of a height of their own', () => {
    const options = { step_size_up: 4, cycle_momentum: false };
    const byCycle = (o: torch.optim.SGD): Scheduler =>
      new S.CyclicLR(o, 0.1, 0.5, { ...options, scale_fn: (x) => 0.5 ** x });
    expectClose(ratesOf(byCycle), recorded.cyclic, 1e-12);
    const byStep = (o: torch.optim.SGD): Scheduler =>
      new S.CyclicLR(o, 0.1, 0.5, { ...options, scale_fn: (x) => 1 / (1 + x), scale_mode: 'iterations' });
    expectClose(ratesOf(byStep), recorded.cyclic_iterations, 1e-12);
  });

  test('rates of averaged weights', () => {
    const { SWALR } = optim.swa_utils;
    expectClose(
      ratesOf((o) => new SWALR(o, 0.02)),
      recorded.swa[0],
      1e-12,
    );
    expectClose(
      ratesOf((o) => new SWALR(o, 0.3, 5, 'linear')),
      recorded.swa[1],
      1e-12,
    );
    expectClose(
      ratesOf((o) => new SWALR(o, 0.3, { anneal_epochs: 0 })),
      recorded.swa[2],
      1e-12,
    );
  });

  test.each(recorded.plateaus)('ReduceLROnPlateau $options', ({ options, rates }) => {
    const optimizer = oneGroup();
    const scheduler = new S.ReduceLROnPlateau(optimizer, options);
    const found = recorded.metrics.map((metric, i) => {
      scheduler.step(i % 2 === 0 ? metric : torch.tensor(metric, { dtype: torch.float64 }));
      return optimizer.param_groups[0].lr;
    });
    expectClose(found, rates, 1e-12);
  });

  test('closed forms', () => {
    const optimizer = oneGroup();
    const found: Record<string, number[]> = {};
    for (const { name, args } of recorded.schedulers.slice(0, 9)) {
      for (const group of optimizer.param_groups) group.lr = group.initial_lr = 0.1;
      const scheduler = make(name, optimizer, args);
      optimizer.step();
      scheduler.step(4);
      (found[name] ??= []).push(optimizer.param_groups[0].lr);
    }
    expect(Object.keys(found)).toEqual(Object.keys(recorded.closed));
    for (const [name, rates] of Object.entries(found)) expectClose(rates, recorded.closed[name], 1e-12);
  });

  test('a schedule that begins in the middle', () => {
    const params = [new nn.Parameter(torch.ones(1))];
    const optimizer = new optim.SGD([{ params, initial_lr: 0.1 }], { lr: 0.02 });
    const scheduler = new S.CosineAnnealingLR(optimizer, { T_max: 8, last_epoch: 3 });
    const found = [optimizer.param_groups[0].lr];
    for (let i = 0; i < 3; i++) {
      optimizer.step();
      scheduler.step();
      found.push(optimizer.param_groups[0].lr);
    }
    expectClose(found, recorded.resumed, 1e-12);
    expect(() => new S.StepLR(oneGroup(), 3, { last_epoch: 2 })).toThrow(
      "param 'initial_lr' is not specified in param_groups[0] when resuming an optimizer",
    );
  });
});

describe('state', () => {
  const attach: Record<string, (o: torch.optim.SGD) => Scheduler> = {
    StepLR: (o) => new S.StepLR(o, 3),
    MultiStepLR: (o) => new S.MultiStepLR(o, [2, 8]),
    LambdaLR: (o) => new S.LambdaLR(o, (epoch) => 0.9 ** epoch),
    OneCycleLR: (o) => new S.OneCycleLR(o, { max_lr: 0.1, total_steps: 20 }),
    CyclicLR: (o) => new S.CyclicLR(o, 0.1, 0.5, 4, { cycle_momentum: false, mode: 'triangular2' }),
    SWALR: (o) => new optim.swa_utils.SWALR(o, 0.02),
    CosineAnnealingWarmRestarts: (o) => new S.CosineAnnealingWarmRestarts(o, 2, { T_mult: 2 }),
    SequentialLR: (o) => new S.SequentialLR(o, [new S.ConstantLR(o), new S.ExponentialLR(o, 0.5)], [4]),
  };
  test.each(Object.entries(attach))('of %s saved as JSON continues', (_name, build) => {
    const run = (optimizer: torch.optim.SGD, scheduler: Scheduler, epochs: number): number[] => {
      const rates: number[] = [];
      for (let i = 0; i < epochs; i++) {
        optimizer.step();
        scheduler.step();
        rates.push(optimizer.param_groups[0].lr);
      }
      return rates;
    };
    const [first, second] = [oneGroup(), oneGroup()];
    const before = build(first);
    run(first, before, 6);
    const after = build(second);
    after.load_state_dict(JSON.parse(JSON.stringify(before.state_dict())) as Record<string, unknown>);
    second.load_state_dict(first.state_dict());
    expect(run(second, after, 8)).toEqual(run(first, before, 8));
    expect(before.state_dict()).not.toHaveProperty('optimizer');
  });

  test('of ReduceLROnPlateau', () => {
    const [first, second] = [oneGroup(), oneGroup()];
    const before = new S.ReduceLROnPlateau(first, { patience: 1 });
    before.step(1);
    before.step(2);
    const after = new S.ReduceLROnPlateau(second);
    after.load_state_dict(before.state_dict());
    after.step(2);
    expectClose(after.get_last_lr(), [0.01], 1e-12);
  });
});

describe('errors and messages', () => {
  let warn: ReturnType<typeof vi.spyOn>;
  let log: ReturnType<typeof vi.spyOn>;
  beforeEach(() => {
    warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    log = vi.spyOn(console, 'log').mockImplementation(() => {});
  });
  afterEach(() => {
    warn.mockRestore();
    log.mockRestore();
  });

  test('a scheduler that steps before its optimizer is warned of', () => {
    const optimizer = oneGroup();
    const scheduler = new S.StepLR(optimizer, 1);
    scheduler.step();
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('before `optimizer.step()`'));
  });

  test('verbose prints changes', () => {
    new S.StepLR(oneGroup(), 1, { verbose: true });
    expect(log).toHaveBeenCalledWith('Adjusting learning rate of group 0 to 1.0000e-01.');
    const plateau = new S.ReduceLROnPlateau(oneGroup(), { patience: 0, verbose: true });
    plateau.step(1);
    plateau.step(1);
    expect(log).toHaveBeenCalledWith('Epoch 00002: reducing learning rate of group 0 to 1.0000e-02.');
  });

  test.each<[string, () => unknown]>([
    ['number is not an Optimizer', () => new S.StepLR(3 as never, 1)],
    ["missing required argument 'step_size'", () => new S.StepLR(oneGroup(), { gamma: 0.1 } as never)],
    ["unexpected keyword argument 'gama'", () => new S.StepLR(oneGroup(), 2, { gama: 0.1 } as never)],
    ['Constant multiplicative factor expected to be between 0 and 1.', () => new S.ConstantLR(oneGroup(), 2)],
    ['Starting multiplicative factor expected to be between 0 and 1.', () => new S.LinearLR(oneGroup(), 2)],
    ['Ending multiplicative factor expected to be between 0 and 1.', () => new S.LinearLR(oneGroup(), 1, 2)],
    ['Expected 1 lr_lambdas, but got 2', () => new S.LambdaLR(oneGroup(), [() => 1, () => 1])],
    ['number of milestones to be equal to 0', () => new S.SequentialLR(oneGroup(), [], [])],
    [
      'to be different than the optimizer passed in',
      () => new S.SequentialLR(oneGroup(), [new S.StepLR(oneGroup(), 1)], []),
    ],
    ['You must define either total_steps OR', () => new S.OneCycleLR(oneGroup(), 0.1)],
    ['Expected positive integer total_steps, but got 0', () => new S.OneCycleLR(oneGroup(), 0.1, 0)],
    ['expected 1 values for max_lr, got 2', () => new S.OneCycleLR(oneGroup(), [0.1, 0.2], 10)],
    [
      'mode is invalid and scale_fn is None',
      () => new S.CyclicLR(oneGroup(), 0.1, 0.5, { mode: 'square' as 'triangular' }),
    ],
    [
      'optimizer must support momentum with `cycle_momentum` option enabled',
      () => new S.CyclicLR(new optim.Adam([new nn.Parameter(torch.ones(1))]), 0.1, 0.5),
    ],
    ['expected 1 values for base_lr, got 2', () => new S.CyclicLR(oneGroup(), [0.1, 0.2], 0.5)],
    [
      'swa_lr must have the same length as optimizer.param_groups: swa_lr has 2, optimizer.param_groups has 1',
      () => new optim.swa_utils.SWALR(oneGroup(), [0.1, 0.2]),
    ],
    [
      'anneal_epochs must be equal or greater than 0, got -1',
      () => new optim.swa_utils.SWALR(oneGroup(), 0.1, -1),
    ],
    ['Factor should be < 1.0.', () => new S.ReduceLROnPlateau(oneGroup(), { factor: 1 })],
    ['mode up is unknown!', () => new S.ReduceLROnPlateau(oneGroup(), 'up' as 'min')],
    ['Expected positive integer T_0, but got 0', () => new S.CosineAnnealingWarmRestarts(oneGroup(), 0)],
  ])('%s', (message, build) => {
    expect(build).toThrow(message);
  });

  test('OneCycleLR ends', () => {
    const optimizer = oneGroup();
    const scheduler = new S.OneCycleLR(optimizer, 0.1, 2);
    for (let i = 0; i < 2; i++) scheduler.step();
    expect(() => scheduler.step()).toThrow('Tried to step 4 times. The specified number of total steps is 2');
  });
});
