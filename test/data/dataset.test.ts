import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';

const { data } = torch.utils;
const { ConcatDataset, DataLoader, Dataset, Subset, TensorDataset, default_collate, default_convert } = data;

const recorded = JSON.parse(readFileSync(new URL('../fixtures/data.json', import.meta.url), 'utf8')) as {
  collated: unknown[];
};

describe('Dataset', () => {
  class Squares extends Dataset<number> {
    override get length() {
      return 4;
    }
    override get(index: number) {
      return index * index;
    }
  }

  class Port extends Dataset<[torch.Tensor, number]> {
    override __len__() {
      return 3;
    }
    override __getitem__(index: number): [torch.Tensor, number] {
      return [torch.full([2], index), index];
    }
  }

  test('length and get, or torch’s names', () => {
    expect(Array.from(new DataLoader(new Squares(), 3), (x) => x.tolist())).toEqual([[0, 1, 4], [9]]);
    const port = new Port();
    expect([port.length, port.get(2)[1]]).toEqual([3, 2]);
    const batches = Array.from(new DataLoader(port, 2), ([x, y]) => [x.tolist(), y.tolist()]);
    expect(batches).toEqual([[[[0, 0], [1, 1]], [0, 1]], [[[2, 2]], [2]]]); // prettier-ignore
  });

  test('what is missing is named', () => {
    class Nothing extends Dataset<number> {}
    expect(() => new Nothing().get(0)).toThrow("Nothing: define 'get(index)' or '__getitem__(index)'");
    expect(() => new Nothing().length).toThrow("Nothing: define 'get length()' or '__len__()'");
    expect(() => new DataLoader({} as never)).toThrow(
      "expected a dataset (an object with 'length' and 'get(index)'",
    );
    expect(() => new DataLoader(null as never)).toThrow('got null');
  });
});

describe('TensorDataset, Subset, ConcatDataset', () => {
  const x = torch.arange(8).reshape(4, 2);
  const y = torch.tensor([0, 1, 0, 1]);

  test('items', () => {
    const set = new TensorDataset(x, y);
    expect(set.length).toBe(4);
    expect(set.get(1).map((t) => t.tolist())).toEqual([[2, 3], 1]);
    expect(set.get(-1).map((t) => t.tolist())).toEqual([[6, 7], 1]);
    expect(() => set.get(4)).toThrow(torch.IndexError);
    expect(() => new TensorDataset(x, torch.ones(3))).toThrow(
      'Size mismatch between tensors: shapes [4, 2], [3]',
    );
    expect(() => new TensorDataset(torch.tensor(1))).toThrow('Size mismatch');
    expect(() => new TensorDataset()).toThrow('at least one tensor');
  });

  test('subsets of subsets', () => {
    const subset = new Subset(new Subset(new TensorDataset(x), [3, 1, 2]), [2, 0]);
    expect(subset.length).toBe(2);
    expect([subset.get(0), subset.get(1)].map(([t]) => t.tolist())).toEqual([[4, 5], [6, 7]]); // prettier-ignore
    expect(() => subset.get(2)).toThrow('index 2 is out of range for 2 items');
    expect(Array.from(new DataLoader(subset, 2), ([t]) => t.tolist())).toEqual([[[4, 5], [6, 7]]]); // prettier-ignore
  });

  test('concatenation', () => {
    const set = new ConcatDataset<number>([
      { length: 2, get: (i) => i },
      { length: 0, get: () => NaN },
      { length: 3, get: (i) => 10 + i },
    ]);
    expect([set.length, set.cumulative_sizes]).toEqual([5, [2, 2, 5]]);
    expect([0, 1, 2, 4, -1, -5].map((i) => set.get(i))).toEqual([0, 1, 10, 12, 12, 0]);
    expect(() => set.get(5)).toThrow(torch.IndexError);
    expect(() => set.get(-6)).toThrow('absolute value of index should not exceed dataset length');
    expect(() => new ConcatDataset([])).toThrow('datasets should not be an empty iterable');
  });
});

describe('whole batches from tensors give what item by item gives', () => {
  const tensors = [
    torch.arange(24).reshape(6, 4),
    torch.tensor([true, false, true, true, false, false]),
    torch.tensor([0, 1, 2, 3, 4, 250], { dtype: torch.uint8 }),
    torch.arange(36).reshape(6, 3, 2).to(torch.float64).transpose(1, 2),
    torch.arange(6).to(torch.int16),
  ];
  const whole = new TensorDataset(...tensors);
  const items = { length: 6, get: (i: number) => whole.get(i) };
  const describeBatch = (batch: readonly torch.Tensor[]) =>
    batch.map((t) => [String(t.dtype), t.shape, t.is_contiguous(), t.tolist()]);

  test.each([1, 2, 4, 6, 7])('batches of %i', (batch_size) => {
    const order = new Subset(whole, [5, 0, 3, 3, 1, -2]);
    const slow = new Subset(items, [5, 0, 3, 3, 1, -2]);
    for (const [fast, reference] of [
      [whole, items],
      [order, slow],
    ] as const) {
      expect(Array.from(new DataLoader(fast, batch_size), describeBatch)).toEqual(
        Array.from(new DataLoader(reference, batch_size), describeBatch),
      );
    }
  });

  test('gradients reach the rows', () => {
    const w = torch.ones(3, 2, { requires_grad: true });
    const loader = new DataLoader(new TensorDataset(w), { batch_size: 2, sampler: [2, 0] });
    for (const [rows] of loader) rows.sum().backward();
    expect(w.grad!.tolist()).toEqual([[1, 1], [0, 0], [1, 1]]); // prettier-ignore
  });

  test('an index out of range', () => {
    const loader = new DataLoader(whole, { batch_size: 2, sampler: [0, 6] });
    expect(() => [...loader]).toThrow('index 6 is out of bounds for dimension 0 with size 6');
  });

  test('a subclass that changes what an item is', () => {
    class Doubled extends TensorDataset<[torch.Tensor]> {
      override get(index: number): [torch.Tensor] {
        return [super.get(index)[0].mul(2)];
      }
    }
    class Negated extends TensorDataset<[torch.Tensor]> {
      override __getitem__(index: number): [torch.Tensor] {
        return [this.tensors[0].select(0, index).neg()];
      }
      override get(index: number): [torch.Tensor] {
        return this.__getitem__(index);
      }
    }
    const values = torch.tensor([1, 2, 3]);
    expect(Array.from(new DataLoader(new Doubled(values), 3), ([t]) => t.tolist())).toEqual([[2, 4, 6]]);
    expect(Array.from(new DataLoader(new Negated(values), 3), ([t]) => t.tolist())).toEqual([[-1, -2, -3]]);
    expect(Array.from(new DataLoader(new Subset(new Doubled(values), [2]), 3), ([t]) => t.tolist())).toEqual([
      [6],
    ]);
  });
});

describe('default_collate', () => {
  const show = (value: unknown): unknown => {
    if (value instanceof torch.Tensor) return { dtype: String(value.dtype), value: value.tolist() };
    if (Array.isArray(value)) return typeof value[0] === 'string' ? value : value.map(show);
    return Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, show(item)]));
  };

  test('as torch does', () => {
    const batches: unknown[][] = [
      [0, 1, 2],
      [0.5, 1.25],
      [true, false],
      ['a', 'b'],
      [{ a: 0, b: [1, 2.5] }, { a: 3, b: [4, 5.5] }],
      [[torch.tensor([1, 2]), 7], [torch.tensor([3, 4]), 8]],
    ]; // prettier-ignore
    expect(batches.map((batch) => show(default_collate(batch)))).toEqual(recorded.collated);
  });

  test('typed arrays and bigints', () => {
    expect(show(default_collate([Float32Array.of(1, 2), Float32Array.of(3, 4)]))).toEqual({
      dtype: 'torch.float32',
      value: [[1, 2], [3, 4]], // prettier-ignore
    });
    expect(show(default_collate([1n, 2n]))).toEqual({ dtype: 'torch.int64', value: [1, 2] });
  });

  test('errors', () => {
    expect(() => default_collate([[1, 2], [3]])).toThrow(
      'each element in list of batch should be of equal size',
    );
    expect(() => default_collate([{ a: 1 }, { b: 1 }])).toThrow("an item of the batch lacks the key 'a'");
    expect(() => default_collate([new Date(0)])).toThrow('found Date');
    expect(() => default_collate([null])).toThrow('found null');
    expect(() => default_collate([Promise.resolve(1)])).toThrow('found a Promise');
    expect(() => default_collate([])).toThrow('expected at least one item');
    expect(() => default_collate([torch.ones(2), torch.ones(3)])).toThrow(
      /stack expects each tensor to be equal size/,
    );
  });

  test('default_convert', () => {
    const t = torch.ones(1);
    const converted = default_convert({ a: [t, Float64Array.of(1)], b: 'text', c: null });
    expect(converted.a[0]).toBe(t);
    expect(converted.a[1]).toBeInstanceOf(torch.Tensor);
    expect([converted.b, converted.c]).toEqual(['text', null]);
  });
});

describe('ChainDataset', () => {
  class Count extends torch.utils.data.IterableDataset<number> {
    constructor(readonly n: number) {
      super();
    }
    override *[Symbol.iterator](): Iterator<number> {
      for (let i = 0; i < this.n; i++) yield i;
    }
  }
  class Sized extends Count {
    get length(): number {
      return this.n;
    }
  }

  test('one after the other', () => {
    const chain = new torch.utils.data.ChainDataset([new Count(2), new Sized(3)]);
    expect([...chain]).toEqual([0, 1, 0, 1, 2]);
    expect(chain.length).toBeUndefined();
    const batches = Array.from(new torch.utils.data.DataLoader(chain, { batch_size: 3 }), (batch) =>
      batch.tolist(),
    );
    expect(batches).toEqual([[0, 1, 0], [1, 2]]); // prettier-ignore
  });

  test('length and errors', () => {
    expect(new torch.utils.data.ChainDataset([new Sized(2), new Sized(3)]).length).toBe(5);
    expect(() => new torch.utils.data.ChainDataset([[1, 2] as unknown as Count])).toThrow(
      'ChainDataset only supports IterableDataset',
    );
  });
});
