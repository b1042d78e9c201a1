import { index_select, randperm, tensor } from '../ops/index.js';
import { IndexError, NotImplementedError, ValueError } from '../errors.js';
import type { Generator } from '../generator.js';
import { tidy } from '../scope.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { prototypeDepth } from './arguments.js';

/** What a DataLoader reads: how many items there are, and each by its index. */
export interface MapDataset<T> {
  readonly length: number;
  get(index: number): T;
  /**
   * A shortcut: what `default_collate` would make of these items. Used only where nothing below it in the class hierarchy
   * changes `get`; undefined when there is none after all.
   */
  get_batch?(indices: readonly number[]): unknown;
}

/**
 * Base class of datasets with items by index. JavaScript has no operators to overload, so `len(dataset)` is
 * `dataset.length` and `dataset[i]` is `dataset.get(i)`, as with typed arrays and Map; a subclass defines these two, or
 * torch's `__len__` and `__getitem__` when a port is to stay line for line.
 *
 * @example
 * class Squares extends torch.utils.data.Dataset {
 *   get length() { return 4; }
 *   get(i) { return [torch.tensor([i * 1.0]), i * i]; }
 * }
 * for (const [x, y] of new torch.utils.data.DataLoader(new Squares(), { batch_size: 4 }))
 *   console.log(x.shape, y.tolist()); // [ 4, 1 ] [ 0, 1, 4, 9 ]
 */
export class Dataset<T> implements MapDataset<T> {
  get length(): number {
    return this.__len__();
  }

  get(index: number): T {
    return this.__getitem__(index);
  }

  __len__(): number {
    throw new NotImplementedError(`${this.constructor.name}: define 'get length()' or '__len__()'`);
  }

  __getitem__(_index: number): T {
    throw new NotImplementedError(`${this.constructor.name}: define 'get(index)' or '__getitem__(index)'`);
  }
}

/**
 * Base class of datasets that only give one item after the other: a subclass defines `[Symbol.iterator]()`. Tensors that
 * its iterator holds on to from one item to the next need `keep()`: what is made while a batch is read goes with that batch.
 *
 * @example
 * class Countdown extends torch.utils.data.IterableDataset {
 *   *[Symbol.iterator]() { for (let i = 3; i > 0; i--) yield i; }
 * }
 * for (const x of new torch.utils.data.DataLoader(new Countdown(), { batch_size: 2 })) console.log(x.tolist()); // [ 3, 2 ]  [ 1 ]
 */
export abstract class IterableDataset<T> implements Iterable<T> {
  abstract [Symbol.iterator](): Iterator<T>;
}

/**
 * The items of several iterable datasets, one dataset after the other. Its `length` is undefined where one of theirs is.
 *
 * @example
 * class Countdown extends torch.utils.data.IterableDataset {
 *   *[Symbol.iterator]() { for (let i = 2; i > 0; i--) yield i; }
 * }
 * console.log([...new torch.utils.data.ChainDataset([new Countdown(), new Countdown()])]); // [ 2, 1, 2, 1 ]
 */
export class ChainDataset<T> extends IterableDataset<T> {
  readonly datasets: readonly IterableDataset<T>[];

  constructor(datasets: Iterable<IterableDataset<T>>) {
    super();
    this.datasets = [...datasets];
    for (const dataset of this.datasets) {
      if (!(dataset instanceof IterableDataset)) {
        throw new TypeError('ChainDataset only supports IterableDataset');
      }
    }
  }

  get length(): number | undefined {
    const lengths = this.datasets.map((dataset) => (dataset as { readonly length?: number }).length);
    return lengths.reduce((a, b) => (a === undefined || b === undefined ? undefined : a + b), 0);
  }

  override *[Symbol.iterator](): Iterator<T> {
    for (const dataset of this.datasets) yield* dataset;
  }
}

/** The dataset's own collated batch, unless a subclass changed what an item is without changing this. */
export function shortcut<T>(dataset: MapDataset<T>): ((indices: readonly number[]) => unknown) | null {
  const depth = prototypeDepth(dataset, 'get_batch');
  if (
    depth === Infinity ||
    depth > prototypeDepth(dataset, 'get') ||
    depth > prototypeDepth(dataset, '__getitem__')
  )
    return null;
  return (indices) => dataset.get_batch!(indices);
}

/** Rows of a tensor in any order, in a new tensor. Indices count from the end when negative, as items do. */
export function takeRows(source: Tensor, indices: readonly number[]): Tensor {
  const n = source.size(0);
  const rows = new BigInt64Array(indices.length);
  for (let i = 0; i < rows.length; i++) {
    const index = indices[i];
    if (!Number.isInteger(index) || index < -n || index >= n) {
      throw new IndexError(`index ${index} is out of bounds for dimension 0 with size ${n}`);
    }
    rows[i] = BigInt(index < 0 ? index + n : index);
  }
  return index_select(source, 0, tensor(rows));
}

/**
 * The rows of tensors of equal length: item i is `[a[i], b[i], …]`.
 *
 * @example
 * const data = new torch.utils.data.TensorDataset(torch.arange(6).reshape(3, 2), torch.tensor([0, 1, 0]));
 * console.log(data.length, data.get(1)[0].tolist()); // 3 [ 2, 3 ]
 */
export class TensorDataset<T extends readonly Tensor[]> extends Dataset<T> {
  readonly tensors: T;

  constructor(...tensors: T) {
    super();
    if (tensors.length === 0) throw new ValueError('TensorDataset: expected at least one tensor');
    if (tensors.some((t) => t.ndim === 0 || t.shape[0] !== tensors[0].shape[0])) {
      throw new ValueError(
        `Size mismatch between tensors: shapes ${tensors.map((t) => showShape(t.shape)).join(', ')} must agree in dimension 0`,
      );
    }
    this.tensors = tensors;
  }

  override get length(): number {
    return this.tensors[0].size(0);
  }

  override get(index: number): T {
    return this.tensors.map((t) => t.select(0, index)) as readonly Tensor[] as T;
  }

  get_batch(indices: readonly number[]): Tensor[] {
    return this.tensors.map((t) => takeRows(t, indices));
  }
}

/**
 * The items of a dataset at the given indices.
 *
 * @example
 * const data = new torch.utils.data.TensorDataset(torch.arange(5));
 * const some = new torch.utils.data.Subset(data, [4, 0]);
 * console.log(some.get(0)[0].item(), some.length); // 4 2
 */
export class Subset<T> extends Dataset<T> {
  constructor(
    readonly dataset: MapDataset<T>,
    readonly indices: readonly number[],
  ) {
    super();
  }

  override get length(): number {
    return this.indices.length;
  }

  private at(index: number): number {
    const found = this.indices.at(index);
    if (found === undefined) {
      throw new IndexError(`Subset: index ${index} is out of range for ${this.indices.length} items`);
    }
    return found;
  }

  override get(index: number): T {
    return this.dataset.get(this.at(index));
  }

  get_batch(indices: readonly number[]): unknown {
    return shortcut(this.dataset)?.(indices.map((index) => this.at(index)));
  }
}

/**
 * Datasets one after the other.
 *
 * @example
 * const [a, b] = [2, 3].map((n) => new torch.utils.data.TensorDataset(torch.arange(n)));
 * console.log(new torch.utils.data.ConcatDataset([a, b]).length); // 5
 */
export class ConcatDataset<T> extends Dataset<T> {
  readonly datasets: readonly MapDataset<T>[];
  /** The number of items up to and including each dataset. */
  readonly cumulative_sizes: readonly number[];

  constructor(datasets: Iterable<MapDataset<T>>) {
    super();
    this.datasets = [...datasets];
    if (this.datasets.length === 0) throw new ValueError('datasets should not be an empty iterable');
    let total = 0;
    this.cumulative_sizes = this.datasets.map((dataset) => {
      if (dataset instanceof IterableDataset)
        throw new ValueError('ConcatDataset does not support IterableDataset');
      return (total += dataset.length);
    });
  }

  override get length(): number {
    return this.cumulative_sizes[this.cumulative_sizes.length - 1];
  }

  override get(index: number): T {
    const { length } = this;
    if (-index > length) throw new ValueError('absolute value of index should not exceed dataset length');
    const wrapped = index < 0 ? index + length : index;
    const which = this.cumulative_sizes.findIndex((size) => wrapped < size);
    if (which < 0) throw new IndexError(`ConcatDataset: index ${index} is out of range for ${length} items`);
    return this.datasets[which].get(which === 0 ? wrapped : wrapped - this.cumulative_sizes[which - 1]);
  }
}

/** Python's math.isclose(sum, 1) and sum <= 1. */
function areFractions(lengths: readonly number[]): boolean {
  const sum = lengths.reduce((a, b) => a + b, 0);
  return sum <= 1 && 1 - sum <= 1e-9;
}

function lengthsOfFractions(fractions: readonly number[], count: number): number[] {
  const lengths = fractions.map((fraction, i) => {
    if (fraction < 0 || fraction > 1) throw new ValueError(`Fraction at index ${i} is not between 0 and 1`);
    return Math.floor(count * fraction);
  });
  const remainder = count - lengths.reduce((a, b) => a + b, 0);
  for (let i = 0; i < remainder; i++) lengths[i % lengths.length]++;
  lengths.forEach((length, i) => {
    if (length === 0)
      console.warn(`Length of split at index ${i} is 0. This might result in an empty dataset.`);
  });
  return lengths;
}

/**
 * Splits a dataset into random subsets of the given lengths, or of fractions that sum to 1.
 *
 * @example
 * const g = new torch.Generator().manual_seed(42);
 * const [a, b] = torch.utils.data.random_split([...'abcdefghij'], [3, 7], { generator: g });
 * console.log(a.indices, b.length); // [ 2, 6, 1 ] 7
 */
export function random_split<T>(
  dataset: MapDataset<T> | readonly T[],
  lengths: readonly number[],
  generator?: Generator | null | { generator?: Generator | null },
): Subset<T>[] {
  const source = asMapDataset(dataset);
  const chosen = areFractions(lengths) ? lengthsOfFractions(lengths, source.length) : lengths;
  if (chosen.some((length) => !Number.isInteger(length) || length < 0)) {
    throw new ValueError(
      `random_split: lengths must be non-negative integers or fractions that sum to 1, got [${lengths.join(', ')}]`,
    );
  }
  if (chosen.reduce((a, b) => a + b, 0) !== source.length) {
    throw new ValueError(
      `Sum of input lengths does not equal the length of the input dataset! ([${lengths.join(', ')}] for ${source.length} items)`,
    );
  }
  const given =
    generator !== undefined && generator !== null && 'generator' in generator
      ? generator.generator
      : generator;
  const order = tidy(() =>
    randperm(source.length, { generator: (given ?? null) as Generator | null }).tolist(),
  ) as number[];
  let offset = 0;
  return chosen.map((length) => new Subset(source, order.slice(offset, (offset += length))));
}

/** Arrays serve as datasets, as Python's lists do. */
export function asMapDataset<T>(dataset: MapDataset<T> | readonly T[]): MapDataset<T> {
  if (Array.isArray(dataset)) return { length: dataset.length, get: (index) => dataset.at(index) as T };
  const candidate = dataset as Partial<MapDataset<T>> | null | undefined;
  if (typeof candidate?.get !== 'function' || typeof candidate.length !== 'number') {
    throw new TypeError(
      `expected a dataset (an object with 'length' and 'get(index)', an IterableDataset or an array), got ${describe(dataset)}`,
    );
  }
  return candidate as MapDataset<T>;
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return value.constructor?.name ?? 'an object';
}
