import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';

const { data } = torch.utils;
const {
  BatchSampler,
  DataLoader,
  RandomSampler,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
  random_split,
} = data;

interface Recorded {
  value: unknown;
  default_after: number;
  given_after: number;
}
const recorded = JSON.parse(readFileSync(new URL('../fixtures/data.json', import.meta.url), 'utf8')) as {
  orders: Record<string, Recorded>;
};
const reference = JSON.parse(readFileSync(new URL('../fixtures/rng.json', import.meta.url), 'utf8')) as {
  seeds: Record<string, Record<string, number[][]>>;
};

const ten = [...Array(10).keys()];

function epochs(loader: Iterable<torch.Tensor>, n: number): unknown[] {
  return Array.from({ length: n }, () => Array.from(loader, (batch) => batch.tolist()));
}

function firstBatch(loader: Iterable<torch.Tensor>): unknown {
  for (const batch of loader) return batch.tolist();
  return null;
}

const WEIGHTS = [0.1, 0.9, 0.4, 0.7, 3, 0.6];

/** What test/fixtures/data.py does, by the names it gives. */
const ORDERS: Record<string, (generator: torch.Generator) => unknown> = {
  random: () => [[...new RandomSampler(ten)], [...new RandomSampler(ten)]],
  'random, generator': (generator) => [
    [...new RandomSampler(ten, { generator })],
    [...new RandomSampler(ten, { generator })],
  ],
  'random, replacement': () => [...new RandomSampler(ten, { replacement: true, num_samples: 70 })],
  'random, replacement, generator': (generator) => [
    ...new RandomSampler(ten, { replacement: true, generator }),
  ],
  'random, 25 samples': () => [...new RandomSampler(ten, { num_samples: 25 })],
  'random, 25 samples, generator': (generator) => [...new RandomSampler(ten, { num_samples: 25, generator })],
  'random, 3 samples, generator': (generator) => [...new RandomSampler(ten, { num_samples: 3, generator })],
  subset: () => [...new SubsetRandomSampler([5, 3, 8, 1])],
  'subset, generator': (generator) => [...new SubsetRandomSampler([5, 3, 8, 1], generator)],
  weighted: () => [[...new WeightedRandomSampler(WEIGHTS, 50)], [...new WeightedRandomSampler(WEIGHTS, 50)]],
  'weighted, generator': (generator) => [...new WeightedRandomSampler(WEIGHTS, 50, true, generator)],
  'weighted, once': () => [...new WeightedRandomSampler([0.9, 0.4, 0.05, 0.2, 0.3, 0.1], 5, false)],
  batches: () => [...new BatchSampler(new RandomSampler(ten), 4, false)],
  loader: () => epochs(new DataLoader(ten, { batch_size: 3 }), 2),
  'loader, shuffle': () => epochs(new DataLoader(ten, { batch_size: 3, shuffle: true }), 3),
  'loader, shuffle, generator': (generator) =>
    epochs(new DataLoader(ten, { batch_size: 3, shuffle: true, generator }), 3),
  'loader, shuffle, drop_last, generator': (generator) =>
    epochs(new DataLoader(ten, 4, true, { drop_last: true, generator }), 3),
  'loader, exact batches, generator': (generator) => epochs(new DataLoader(ten, 5, true, { generator }), 3),
  'loader, sampler': (generator) =>
    epochs(new DataLoader(ten, 4, { sampler: new RandomSampler(ten, { generator }) }), 2),
  'loader, broken off, generator': (generator) => {
    const loader = new DataLoader(ten, { batch_size: 3, shuffle: true, generator });
    return [firstBatch(loader), firstBatch(loader), ...epochs(loader, 1)];
  },
  split: () => random_split(ten, [3, 7]).map((s) => s.indices),
  'split, generator': (generator) => random_split(ten, [3, 3, 4], { generator }).map((s) => s.indices),
  'split, fractions': () => random_split([...ten, 10], [0.3, 0.3, 0.4]).map((s) => s.indices),
};

describe('the draws are PyTorch’s, and so is where they leave the generators', () => {
  test('every recorded order is tested', () => {
    expect(Object.keys(ORDERS).sort()).toEqual(Object.keys(recorded.orders).sort());
  });

  test.each(Object.keys(ORDERS))('%s', (name) => {
    torch.manual_seed(3);
    const generator = new torch.Generator().manual_seed(11);
    const { value, default_after, given_after } = recorded.orders[name];
    expect(ORDERS[name](generator)).toEqual(value);
    expect(torch.rand(1).item()).toBe(default_after);
    expect(torch.rand(1, { generator }).item()).toBe(given_after);
  });

  test.each(Object.keys(reference.seeds))('two shuffled epochs of 100 items, seed %s', (seed) => {
    torch.manual_seed(Number(seed));
    const source = new data.TensorDataset(torch.arange(100));
    const loader = new DataLoader(source, { batch_size: 16, shuffle: true });
    const order = () => Array.from(loader, ([x]) => x.tolist() as number[]).flat();
    const expected = reference.seeds[seed]['DataLoader order, 2 epochs, 100 samples, batch 16, shuffle'];
    expect([order(), order()]).toEqual(expected);
  });
});

describe('lengths and arguments', () => {
  test('lengths', () => {
    expect(new SequentialSampler(ten).length).toBe(10);
    expect(new RandomSampler(ten, { num_samples: 4 }).length).toBe(4);
    expect(new SubsetRandomSampler([1, 2]).length).toBe(2);
    expect(new BatchSampler(new SequentialSampler(ten), 4, false).length).toBe(3);
    expect(new BatchSampler(new SequentialSampler(ten), 4, true).length).toBe(2);
    expect(() => new BatchSampler(new Set([1]), 4, true).length).toThrow('the sampler (Set) has no length');
  });

  test('torch’s errors', () => {
    expect(() => new RandomSampler([])).toThrow(
      'num_samples should be a positive integer value, but got num_samples=0',
    );
    expect(() => new RandomSampler(ten, { num_samples: 1.5 })).toThrow('num_samples=1.5');
    expect(() => new RandomSampler(ten, { replacement: 1 as unknown as boolean })).toThrow(
      'replacement should be a boolean',
    );
    expect(() => new RandomSampler(ten, { replace: true } as object)).toThrow(
      "unexpected keyword argument 'replace'",
    );
    expect(() => [...new RandomSampler([], { num_samples: 2 })]).toThrow(
      'cannot draw 2 samples from 0 items',
    );
    expect(() => new BatchSampler(ten, 0, false)).toThrow('batch_size should be a positive integer value');
    expect(() => random_split(ten, [3, 3])).toThrow('Sum of input lengths does not equal the length');
    expect(() => random_split(ten, [11, -1])).toThrow('non-negative integers');
    expect(() => random_split(ten, [-0.5, 1.5])).toThrow('Fraction at index 0 is not between 0 and 1');
  });

  test('samplers take the memory of one generator, however often they run', () => {
    const before = torch.memory_stats().allocated_bytes;
    const sampler = new RandomSampler(ten);
    for (let i = 0; i < 50; i++) for (const index of sampler) if (index === 3) break;
    expect(torch.memory_stats().allocated_bytes - before).toBeLessThan(20_000);
  });

  test('two passes over one sampler do not disturb each other', () => {
    torch.manual_seed(5);
    const sampler = new RandomSampler(ten, { num_samples: 20 });
    const [a, b] = [[...sampler], [...sampler]];
    torch.manual_seed(5);
    const [first, second] = [sampler[Symbol.iterator](), sampler[Symbol.iterator]()];
    const both: number[][] = [[], []];
    for (let i = 0; i < 20; i++) {
      both[0].push(first.next().value as number);
      both[1].push(second.next().value as number);
    }
    expect(both).toEqual([a, b]);
  });
});

test('the weights of a WeightedRandomSampler', () => {
  expect(() => new WeightedRandomSampler([1], 0)).toThrow(
    'num_samples should be a positive integer value, but got num_samples=0',
  );
  expect(() => new WeightedRandomSampler(torch.ones(1, 1), 2)).toThrow(
    'weights should be a 1d sequence but given weights have shape (1, 1)',
  );
  expect(() => [...new WeightedRandomSampler([1, 1], 4, false)]).toThrow(
    'cannot sample n_sample > prob_dist.size(-1) samples without replacement',
  );
  const sampler = torch.tidy(() => new WeightedRandomSampler(torch.tensor([0, 2.5]), 3));
  expect([...sampler]).toEqual([1, 1, 1]);
  expect(sampler.weights.dtype).toBe(torch.float64);
});
