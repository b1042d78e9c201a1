// PyTorch's random stream, bit for bit, through the public interface: every case of test/fixtures/rng.json, and the states of
// test/fixtures/rng_state.json.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';
import { resnet18, resnet50 } from '../src/vision/models.js';

const { nn } = torch;

interface Values {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly first: readonly number[];
  readonly sha256: string;
}

interface Parameters {
  readonly parameters: number;
  readonly sha256_of_all_parameters_in_order: string;
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'));

const { seeds } = read('rng') as { seeds: Record<string, Record<string, unknown>> };
const states = read('rng_state') as Record<string, Record<string, Values[]>>;

function bytesOf(t: torch.Tensor): Uint8Array {
  const values = t.numpy();
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

const sha256 = (...parts: Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

function valuesOf(t: torch.Tensor): Values {
  return {
    dtype: String(t.dtype).replace('torch.', ''),
    shape: [...t.shape],
    first: Array.from(t.flatten().numpy().slice(0, 8), Number),
    sha256: sha256(bytesOf(t)),
  };
}

function parametersOf(module: torch.nn.Module): Parameters {
  const parameters = [...module.parameters()];
  return {
    parameters: parameters.reduce((sum, p) => sum + p.numel(), 0),
    sha256_of_all_parameters_in_order: sha256(...parameters.map(bytesOf)),
  };
}

function order(): number[][] {
  const loader = new torch.utils.data.DataLoader(
    Array.from({ length: 100 }, (_, i) => i),
    { batch_size: 16, shuffle: true },
  );
  return [0, 1].map(() => Array.from(loader, (batch) => batch.tolist() as number[]).flat());
}

/** What each case of rng.json does after `manual_seed`. */
const CASES: Readonly<Record<string, () => torch.Tensor | torch.Tensor[] | torch.nn.Module | number[][]>> = {
  'rand(5)': () => torch.rand(5),
  'rand(100003)': () => torch.rand(100003),
  'randn(5)': () => torch.randn(5),
  'randn(5) twice': () => [torch.randn(5), torch.randn(5)],
  'randn(20)': () => torch.randn(20),
  'randn(100003)': () => torch.randn(100003),
  'empty(7).normal_(1.5, 0.3)': () => torch.empty(7).normal_(1.5, 0.3),
  'empty(1001).uniform_(-0.3, 1.7)': () => torch.empty(1001).uniform_(-0.3, 1.7),
  'randperm(10)': () => torch.randperm(10),
  'randperm(50000)': () => torch.randperm(50000),
  'randint(0, 1000, (1001,))': () => torch.randint(0, 1000, [1001]),
  'rand(1001, dtype=float64)': () => torch.rand(1001, { dtype: torch.float64 }),
  'empty(1001).bernoulli_(0.3)': () => torch.empty(1001).bernoulli_(0.3),
  'dropout(ones(1001), 0.5)': () => nn.functional.dropout(torch.ones(1001), 0.5),
  'nn.Linear(4, 3)': () => new nn.Linear(4, 3),
  'nn.Linear(512, 1000)': () => new nn.Linear(512, 1000),
  'nn.Conv2d(1, 64, 7, 2, 3, bias=False)': () => new nn.Conv2d(1, 64, 7, 2, 3, { bias: false }),
  'Conv2d(1,64,7) then kaiming_normal_(fan_out, relu)': () => {
    const conv = new nn.Conv2d(1, 64, 7, 2, 3, { bias: false });
    nn.init.kaiming_normal_(conv.weight, { mode: 'fan_out', nonlinearity: 'relu' });
    return conv;
  },
  'torchvision resnet18()': () => resnet18(),
  'torchvision resnet50(zero_init_residual=True)': () => resnet50({ zero_init_residual: true }),
  'DataLoader order, 2 epochs, 100 samples, batch 16, shuffle': order,
};

describe.each(Object.entries(seeds))('seed %s', (seed, cases) => {
  it.each(Object.keys(cases))('%s', (name) => {
    torch.tidy(() => {
      torch.manual_seed(Number(seed));
      const result = CASES[name]();
      const expected = cases[name];
      if (result instanceof nn.Module) expect(parametersOf(result)).toEqual(expected);
      else if (result instanceof torch.Tensor) expect(valuesOf(result)).toMatchObject(expected as Values);
      else if (name.startsWith('DataLoader')) expect(result).toEqual(expected);
      else expect((result as torch.Tensor[]).map(valuesOf)).toMatchObject(expected as Values[]);
      if (result instanceof nn.Module) for (const p of result.parameters()) p.dispose();
    });
  });
});

/** What test/fixtures/rng_state.py does, by the names it gives; the state is read after each. */
const DRAWS: Readonly<Record<string, () => unknown>> = {
  nothing: () => null,
  'rand(5)': () => torch.rand(5),
  'randn(5)': () => torch.randn(5),
  'randn(16)': () => torch.randn(16),
  'rand(1000)': () => torch.rand(1000),
  'randn(3, float64)': () => torch.randn(3, { dtype: torch.float64 }),
  'randperm(700)': () => torch.randperm(700),
  'rand(8, float64)': () => torch.rand(8, { dtype: torch.float64 }),
  'dropout2d(ones(4, 5, 2, 2), 0.25)': () => nn.functional.dropout2d(torch.ones(4, 5, 2, 2), 0.25),
  'empty(9).exponential_(2)': () => torch.empty(9).exponential_(2),
  'randint(-5, 2**40, (6,))': () => torch.randint(-5, 2 ** 40, [6]),
  'zeros(4, 3, int64).random_(0, 17)': () => torch.zeros(4, 3, { dtype: torch.int64 }).random_(0, 17),
  'bernoulli(full((5,), 0.4))': () => torch.bernoulli(torch.full([5], 0.4)),
  'empty(4, 3).t().normal_()': () => torch.empty(4, 3).t().normal_(),
  'empty(3, 4, 2).permute(2, 0, 1).uniform_()': () => torch.empty(3, 4, 2).permute(2, 0, 1).uniform_(),
  'zeros(4, 6, int64)[:, ::2].random_(9)': () =>
    torch
      .zeros(4, 6, { dtype: torch.int64 })
      .index('...', torch.slice(null, null, 2))
      .random_(9),
};

describe.each(Object.entries(states))('the state after manual_seed(%s)', (seed, recorded) => {
  const names = Object.keys(recorded);

  it('covers what is drawn here', () => expect(names).toEqual(Object.keys(DRAWS)));

  it('is torch’s after each draw, and so is what is drawn', () => {
    torch.tidy(() => {
      torch.manual_seed(Number(seed));
      for (const name of names) {
        const drawn = DRAWS[name]();
        const got = drawn instanceof torch.Tensor ? [drawn, torch.get_rng_state()] : [torch.get_rng_state()];
        expect([name, got.map(valuesOf)]).toEqual([name, recorded[name]]);
      }
    });
  });

  it('can be set again after each draw, the cached normal included', () => {
    torch.tidy(() => {
      torch.manual_seed(Number(seed));
      for (const name of names) {
        DRAWS[name]();
        const state = torch.get_rng_state();
        const next = [torch.randn(3).tolist(), torch.rand(700).tolist(), torch.randn(20).tolist()];
        torch.manual_seed(99);
        torch.set_rng_state(state);
        expect(torch.get_rng_state().equal(state)).toBe(true);
        expect([torch.randn(3).tolist(), torch.rand(700).tolist(), torch.randn(20).tolist()]).toEqual(next);
        torch.set_rng_state(state);
      }
    });
  });
});

describe('generators', () => {
  it('of their own do not touch the default one, and draw what it would', () => {
    torch.tidy(() => {
      torch.manual_seed(7);
      const expected = [torch.rand(4), torch.randn(4), torch.randperm(9)].map((t) => t.tolist());
      torch.manual_seed(7);
      const before = torch.get_rng_state();
      const generator = new torch.Generator().manual_seed(7);
      const drawn = [
        torch.rand(4, { generator }),
        torch.randn(4, { generator }),
        torch.randperm(9, { generator }),
      ].map((t) => t.tolist());
      expect(drawn).toEqual(expected);
      expect(torch.get_rng_state().equal(before)).toBe(true);
    });
  });

  it('refuse what is no state', () => {
    expect(() => torch.set_rng_state(torch.zeros(3, { dtype: torch.uint8 }))).toThrow(/5056/);
    expect(() => torch.set_rng_state(torch.zeros(5056))).toThrow(/uint8|ByteTensor/);
  });
});

it('seed', () => {
  const first = torch.seed();
  expect(torch.initial_seed()).toBe(first);
  const draw = torch.rand(3).tolist();
  torch.manual_seed(first);
  expect(torch.rand(3).tolist()).toEqual(draw);
  const generator = new torch.Generator();
  expect(generator.seed()).not.toBe(first);
});
