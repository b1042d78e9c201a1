import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import { clean } from '../clean.js';

const { DataLoader, IterableDataset, TensorDataset } = torch.utils.data;

const allocated = () => torch.memory_stats().allocated_bytes;
const ten = [...Array(10).keys()];

/** 16 rows of 1000 floats: 4 kB each. */
function rows(n = 16): InstanceType<typeof TensorDataset<[torch.Tensor, torch.Tensor]>> {
  return new TensorDataset(
    torch.arange(n * 1000).reshape(n, 1000).to(torch.float32),
    torch.arange(n),
  ); // prettier-ignore
}

describe('options', () => {
  test('length', () => {
    expect(new DataLoader(ten).length).toBe(10);
    expect(new DataLoader(ten, 3).length).toBe(4);
    expect(new DataLoader(ten, { batch_size: 3, drop_last: true }).length).toBe(3);
    expect(new DataLoader(ten, { batch_size: null }).length).toBe(10);
    expect(new DataLoader(ten, { batch_sampler: [[1, 2], [3]] }).length).toBe(2);
    expect(() => new DataLoader(ten, { batch_size: null, sampler: new Set([1]) }).length).toThrow(
      'the sampler (Set) has no length',
    );
  });

  test('positional, and keywords', () => {
    const loader = new DataLoader(ten, 4, false, { drop_last: true });
    expect([loader.batch_size, loader.drop_last, loader.length]).toEqual([4, true, 2]);
    expect(() => new DataLoader(ten, 4, { batch_size: 3 })).toThrow(
      "got multiple values for argument 'batch_size'",
    );
  });

  test('batch_size null gives items', () => {
    const loader = new DataLoader<unknown, unknown>([1, 'a', Float32Array.of(2)], { batch_size: null });
    const [a, b, c] = Array.from(loader, (item) => (item instanceof torch.Tensor ? item.tolist() : item));
    expect([a, b, c]).toEqual([1, 'a', [2]]);
    const doubled = new DataLoader(ten, { batch_size: null, collate_fn: (item: number) => item * 2 });
    expect([...doubled]).toEqual(ten.map((i) => 2 * i));
  });

  test('collate_fn and batch_sampler', () => {
    const loader = new DataLoader(ten, {
      batch_sampler: [[3, 1], [4]],
      collate_fn: (items: number[]) => items.join('+'),
    });
    expect([...loader]).toEqual(['3+1', '4']);
    expect([
      ...new DataLoader(rows(4), { batch_size: 4, collate_fn: (items: unknown[]) => items.length }),
    ]).toEqual([4]);
  });

  test('what excludes each other, in torch’s words', () => {
    const sampler = [1];
    expect(() => new DataLoader(ten, { sampler, shuffle: true })).toThrow(
      'sampler option is mutually exclusive with shuffle',
    );
    for (const other of [{ batch_size: 2 }, { shuffle: true }, { sampler }, { drop_last: true }]) {
      expect(() => new DataLoader(ten, { batch_sampler: [[1]], ...other })).toThrow(
        'batch_sampler option is mutually exclusive with',
      );
    }
    expect(() => new DataLoader(ten, { batch_size: null, drop_last: true })).toThrow(
      'batch_size=None option disables auto-batching',
    );
    expect(() => new DataLoader(ten, { batch_size: 0 })).toThrow(
      'batch_size should be a positive integer value',
    );
    expect(() => new DataLoader(ten, { batch_size: 2.5 })).toThrow('but got batch_size=2.5');
    expect(() => new DataLoader(ten, { shuffle: 1 as unknown as boolean })).toThrow(
      'shuffle should be a boolean value',
    );
  });

  test('nothing is accepted and ignored', () => {
    const build = (options: object) => () => new DataLoader(ten, options);
    expect(build({ num_workers: 2 })).toThrow(
      'num_workers=2 is not supported: data is loaded in this thread',
    );
    expect(build({ pin_memory: true })).toThrow('pin_memory=true is not supported');
    expect(build({ persistent_workers: true })).toThrow('persistent_workers=true');
    expect(build({ prefetch_factor: 4 })).toThrow('prefetch_factor=4');
    expect(build({ timeout: 1 })).toThrow('timeout=1');
    expect(build({ worker_init_fn: () => {} })).toThrow('worker_init_fn=');
    expect(build({ num_workers: 0, pin_memory: false, timeout: 0 })).not.toThrow();
    expect(build({ batchsize: 2 })).toThrow(
      "unexpected keyword argument 'batchsize'; it takes: batch_size, shuffle",
    );
  });
});

describe('IterableDataset', () => {
  class Count extends IterableDataset<number> {
    constructor(readonly n: number) {
      super();
    }
    *[Symbol.iterator]() {
      for (let i = 0; i < this.n; i++) yield i;
    }
  }
  class Known extends Count {
    readonly length = this.n;
  }
  const read = (loader: Iterable<torch.Tensor>) => Array.from(loader, (x) => x.tolist());

  test('batches, their lengths, and items', () => {
    expect(read(new DataLoader(new Count(5), 2))).toEqual([[0, 1], [2, 3], [4]]); // prettier-ignore
    expect(read(new DataLoader(new Count(4), 2))).toEqual([[0, 1], [2, 3]]); // prettier-ignore
    expect(read(new DataLoader(new Count(5), 2, { drop_last: true }))).toEqual([[0, 1], [2, 3]]); // prettier-ignore
    expect([...new DataLoader<number, number>(new Count(3), { batch_size: null })]).toEqual([0, 1, 2]);
    expect(new DataLoader(new Known(5), 2).length).toBe(3);
    expect(new DataLoader(new Known(5), { batch_size: 2, drop_last: true }).length).toBe(2);
    expect(() => new DataLoader(new Count(5), 2).length).toThrow('Count has no length');
  });

  test('has its own order', () => {
    expect(() => new DataLoader(new Count(5), 2, true)).toThrow(
      'expected unspecified shuffle option, but got shuffle=true',
    );
    expect(() => new DataLoader(new Count(5), { sampler: [1] })).toThrow(
      'expected unspecified sampler option',
    );
    expect(() => new DataLoader(new Count(5), { batch_sampler: [[1]] })).toThrow(
      'expected unspecified batch_sampler option',
    );
  });
});

describe('memory of synchronous loops', () => {
  test('what one iteration made is gone when the next begins, and at the end', () => {
    const loader = new DataLoader(rows(), { batch_size: 4, shuffle: true });
    for (const _ of loader) break;
    const before = allocated();
    let last: torch.Tensor | null = null;
    for (const [x] of loader) {
      if (last !== null) expect(() => last!.sum()).toThrow(/released by the next iteration of a DataLoader/);
      last = x.add(1).mul(2);
      expect(allocated() - before).toBeLessThan(60_000);
    }
    expect(() => last!.sum()).toThrow(/released/);
    expect(allocated()).toBe(before);
  });

  test('keep and item carry results out', () => {
    let kept: torch.Tensor | null = null;
    let sum = 0;
    for (const [, y] of new DataLoader(rows(), 4)) {
      sum += y.sum().item();
      kept ??= torch.keep(y.mul(2));
    }
    expect(sum).toBe(120);
    expect(kept!.tolist()).toEqual([0, 2, 4, 6]);
    kept!.dispose();
  });

  test.each([true, false])('break, return and throw end the loop (whole batches: %s)', (whole) => {
    const set = rows();
    const loader = new DataLoader(whole ? set : { length: 16, get: (i: number) => set.get(i) }, 4);
    for (const _ of loader) break;
    const before = allocated();
    for (const [x] of loader) {
      x.add(1);
      break;
    }
    expect(allocated()).toBe(before);
    (() => {
      for (const [x] of loader) return x.add(1).sum().item();
      return 0;
    })();
    expect(allocated()).toBe(before);
    expect(() => {
      for (const [x] of loader) {
        x.add(1);
        throw new Error('inside');
      }
    }).toThrow('inside');
    expect(allocated()).toBe(before);
    const after = torch.ones(3);
    expect(after.sum().item()).toBe(3);
    after.dispose();
  });

  test('an error of the dataset ends the loop', () => {
    const set = { length: 4, get: (i: number) => (i === 3 ? torch.ones(2).reshape(3) : torch.ones(2)) };
    const before = allocated();
    const seen: unknown[] = [];
    const iterator = new DataLoader(set, 2)[Symbol.iterator]();
    seen.push(iterator.next().value!.shape);
    expect(() => iterator.next()).toThrow(/shape '\[3\]' is invalid/);
    expect(iterator.next()).toEqual({ done: true, value: undefined });
    expect(seen).toEqual([[2, 2]]);
    expect(allocated()).toBe(before);
  });

  test('a batch may be an object of a class', () => {
    class Batch {
      readonly sum: torch.Tensor;
      constructor(items: number[]) {
        this.sum = torch.tensor(items).sum();
      }
    }
    const before = allocated();
    const loader = new DataLoader(ten, { batch_size: 5, collate_fn: (items: number[]) => new Batch(items) });
    const sums: number[] = [];
    for (const batch of loader) sums.push(batch.sum.item());
    expect(sums).toEqual([10, 35]);
    expect(allocated()).toBe(before);
  });

  test('nested loops, and loops in a tidy', () => {
    const outer = new DataLoader(rows(4), 2);
    const inner = new DataLoader(rows(6), 3);
    const before = allocated();
    let total = 0;
    const result = torch.tidy(() => {
      const base = torch.ones(1000);
      for (const [x] of outer) {
        const scaled = x.add(base);
        for (const [y] of inner) {
          total += scaled.sum(0).add(y.sum(0)).numel();
          if (total % 2000 === 0) break;
        }
        expect(scaled.shape).toEqual([2, 1000]);
      }
      return base.add(1);
    });
    expect(total).toBeGreaterThan(0);
    expect(torch.tidy(() => result.sum().item())).toBe(2000);
    result.dispose();
    expect(allocated()).toBe(before);
  });

  test('an inner iterator left unfinished: its body ends with the loop around it, its batch when it moves on', () => {
    const loader = new DataLoader(rows(4), 2);
    const before = allocated();
    const inner = loader[Symbol.iterator]();
    let batch: torch.Tensor | null = null;
    let made: torch.Tensor | null = null;
    for (const [x] of loader) {
      if (batch === null) {
        [batch] = inner.next().value!;
        made = x.add(1);
      } else {
        expect(batch.shape).toEqual([2, 1000]);
        expect(() => made!.sum()).toThrow(/released/);
      }
    }
    expect(batch!.shape).toEqual([2, 1000]);
    inner.return!();
    expect(allocated()).toBe(before);
  });

  test('two iterators side by side', () => {
    const [a, b] = [new DataLoader(rows(8), 1), new DataLoader(rows(4), 1)];
    const before = allocated();
    const [first, second] = [a[Symbol.iterator](), b[Symbol.iterator]()];
    const sums: number[] = [];
    let y: torch.Tensor | null = null;
    for (let i = 0; i < 8; i++) {
      const [, x] = first.next().value!;
      if (i % 2 === 0) y = second.next().value![1];
      sums.push(x.add(y!).item());
    }
    expect(sums).toEqual([0, 1, 3, 4, 6, 7, 9, 10]);
    first.return!();
    second.return!();
    expect(allocated()).toBe(before);
  });

  test('gradients and parameters are not the loop’s', () => {
    const w = torch.zeros(1000, { requires_grad: true });
    for (const [x] of new DataLoader(rows(4), 2)) x.mul(w).sum().backward();
    expect(w.grad!.sum().item()).toBeCloseTo((3999 * 4000) / 2, -3);
    w.grad = null;
  });
});

/** A loop that computes, awaits in several ways, and checks that all it made in an iteration is still there. */
async function work(
  loader: Iterable<readonly torch.Tensor[]> & AsyncIterable<readonly torch.Tensor[]>,
  waits: number,
  useFor: 'of' | 'await',
): Promise<number[]> {
  const sums: number[] = [];
  const body = async ([x, y]: readonly torch.Tensor[]) => {
    const a = x.mean(1);
    for (let i = 0; i < waits; i++) await Promise.resolve();
    const b = a.add(y);
    if (waits % 2 === 1) await turn();
    const c = b.mul(2);
    await sleep(waits % 3);
    sums.push(c.add(a).add(b).sum().item(), x.sum().item());
  };
  if (useFor === 'of') for (const batch of loader) await body(batch);
  else for await (const batch of loader) await body(batch);
  return sums;
}

describe('loops that await', () => {
  test('for…of with awaits frees each iteration', async () => {
    const set = rows();
    const loader = new DataLoader(set, 2);
    await work(loader, 1, 'of');
    await clean();
    const before = allocated();
    let most = 0;
    for (const [x] of loader) {
      const a = x.add(1);
      await turn();
      const b = a.mul(2);
      await turn();
      expect(b.sub(2).div(2).sub(x).abs().max().item()).toBeLessThan(1e-3);
      most = Math.max(most, allocated() - before);
    }
    await turn();
    expect(most).toBeLessThan(80_000);
    expect(allocated()).toBe(before);
  });

  test('for await…of frees each iteration', async () => {
    const loader = new DataLoader(rows(), 2);
    await work(loader, 1, 'await');
    await clean();
    const before = allocated();
    let most = 0;
    for await (const [x] of loader) {
      const a = x.add(1);
      await turn();
      expect(a.sub(x).sum().item()).toBe(2000);
      most = Math.max(most, allocated() - before);
    }
    expect(most).toBeLessThan(60_000);
    expect(allocated()).toBe(before);
  });

  test('for await…of broken off', async () => {
    const loader = new DataLoader(rows(), 2);
    await clean();
    const before = allocated();
    for await (const [x] of loader) {
      x.add(1);
      break;
    }
    expect(allocated()).toBe(before);
    await expect(async () => {
      for await (const [x] of loader) {
        x.add(1);
        throw new Error('inside');
      }
    }).rejects.toThrow('inside');
    expect(allocated()).toBe(before);
  });

  test.each(['of', 'await'] as const)('interleaved loops keep their own tensors (for %s)', async (useFor) => {
    const alone: number[][] = [];
    const make = (i: number) => new DataLoader(rows(6 + 2 * i), 2);
    for (let i = 0; i < 5; i++) alone.push(await work(make(i), i, useFor));
    const together = await Promise.all(alone.map((_, i) => work(make(i), i, useFor)));
    expect(together).toEqual(alone);
  });

  test('a nested loop, in the loop that awaits', async () => {
    const outer = new DataLoader(rows(4), 2);
    const set = rows(6);
    const loop = async () => {
      const sums: number[] = [];
      for (const [x] of outer) {
        const a = x.add(1);
        await turn();
        for (const [y] of new DataLoader(set, 3)) {
          const b = y.add(1);
          await turn();
          sums.push(a.sum().add(b.sum()).item());
        }
        sums.push(a.sum().item());
      }
      return sums;
    };
    const alone = await loop();
    expect(await Promise.all([loop(), loop(), loop()])).toEqual([alone, alone, alone]);
  });

  test('interleaved loops do not grow the memory with their iterations', async () => {
    const set = rows(4);
    const sampler = Array.from({ length: 400 }, (_, i) => i % 4);
    const loop = async (n: number) => {
      for (const [x] of new DataLoader(set, { batch_size: 2, sampler: sampler.slice(0, n) })) {
        const a = x.add(1);
        await turn();
        a.mul(2);
      }
    };
    await Promise.all([loop(8), loop(8)]);
    await clean();
    const before = allocated();
    await Promise.all([loop(400), loop(400)]);
    await turn();
    // An iteration makes 24 kB, both loops 400 of them: 9.6 MB.
    expect(allocated() - before).toBeLessThan(400_000);
  });

  test('tensors made between two loops live on', async () => {
    const set = rows(4);
    const loop = async () => {
      for (const [x] of new DataLoader(set, 2)) {
        await turn();
        x.add(1);
        await turn();
      }
    };
    const first = loop();
    await turn();
    const second = loop();
    await Promise.all([first, second]);
    const after = torch.ones(4);
    await turn();
    await loop();
    expect(after.sum().item()).toBe(4);
    after.dispose();
  });
});

describe('an iterator that is never finished', () => {
  test('what it gave lives as long as it', async () => {
    const iterator = new DataLoader(rows(), 4)[Symbol.iterator]();
    const [x] = iterator.next().value!;
    await turn();
    await turn();
    expect(x.sum().item()).toBeGreaterThan(0);
    iterator.return!();
    expect(() => x.sum()).toThrow(/released/);
  });

  test('other loops still free what is theirs', async () => {
    const loader = new DataLoader(rows(), 4);
    const abandoned = loader[Symbol.iterator]();
    abandoned.next();
    await turn();
    await clean();
    const before = allocated();
    for (const [x] of loader) x.add(1);
    for (let i = 0; i < 30; i++) for (const [x] of loader) x.add(1);
    expect(allocated() - before).toBeLessThan(100_000);
    abandoned.return!();
  });
});
