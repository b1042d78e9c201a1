import { NotImplementedError, ValueError } from '../errors.js';
import type { Generator } from '../generator.js';
import { LoopScope } from '../scope.js';
import { bindArguments } from './arguments.js';
import { default_collate, default_convert } from './collate.js';
import type { Collated } from './collate.js';
import { IterableDataset, asMapDataset, shortcut } from './dataset.js';
import type { MapDataset } from './dataset.js';
import { BatchSampler, RandomSampler, SequentialSampler, drawSeed } from './sampler.js';
import type { Sized } from './sampler.js';

/** torch's options. Those of worker processes take the values that mean none: data is loaded in this thread. */
export interface DataLoaderOptions<T, B = Collated<T>> {
  /** Items a batch; null gives the items one by one. Default: 1. */
  batch_size?: number | null;
  shuffle?: boolean | null;
  sampler?: Iterable<number> | null;
  batch_sampler?: Iterable<readonly number[]> | null;
  num_workers?: 0;
  /** Makes a batch of a list of items (an item, with `batch_size: null`). Default: `default_collate`. */
  collate_fn?: ((items: T[]) => B) | ((item: T) => B) | null;
  pin_memory?: false;
  drop_last?: boolean;
  timeout?: 0;
  worker_init_fn?: null;
  multiprocessing_context?: null;
  generator?: Generator | null;
  prefetch_factor?: 2 | null;
  persistent_workers?: false;
}

const NAMES: readonly (keyof DataLoaderOptions<unknown>)[] = [
  'batch_size',
  'shuffle',
  'sampler',
  'batch_sampler',
  'num_workers',
  'collate_fn',
  'pin_memory',
  'drop_last',
  'timeout',
  'worker_init_fn',
  'multiprocessing_context',
  'generator',
  'prefetch_factor',
  'persistent_workers',
];

/** Options about worker processes, and the values that ask for none. */
const WITHOUT_WORKERS: Readonly<Record<string, readonly unknown[]>> = {
  num_workers: [0],
  pin_memory: [false],
  timeout: [0],
  worker_init_fn: [null],
  multiprocessing_context: [null],
  prefetch_factor: [2, null],
  persistent_workers: [false],
};

/** Arguments after the dataset: torch's positional ones, then an object of keywords. */
export type LoaderArguments<T, B> =
  | [options?: DataLoaderOptions<T, B>]
  | [batch_size: number | null, options?: DataLoaderOptions<T, B>]
  | [batch_size: number | null, shuffle: boolean | null, options?: DataLoaderOptions<T, B>];

/**
 * Batches of a dataset's items, in torch's order bit for bit (`shuffle` draws what torch draws). Each pass of `for…of` (or
 * `for await…of`) is an epoch. What one iteration made is released when the next begins or the loop ends: `keep()` what shall
 * outlive it, or read it with `item()`.
 *
 * @example
 * const data = new torch.utils.data.TensorDataset(torch.arange(5));
 * const loader = new torch.utils.data.DataLoader(data, { batch_size: 2 });
 * for (const [x] of loader) console.log(x.tolist()); // [ 0, 1 ]  [ 2, 3 ]  [ 4 ]
 */
export class DataLoader<T, B = Collated<T>> implements Iterable<B>, AsyncIterable<B> {
  readonly dataset: MapDataset<T> | IterableDataset<T>;
  readonly batch_size: number | null;
  readonly drop_last: boolean;
  readonly sampler: Iterable<number | null>;
  readonly batch_sampler: Iterable<readonly (number | null)[]> | null;
  readonly generator: Generator | null;
  readonly num_workers = 0;
  readonly collate_fn: (data: never) => B;
  /** @internal Whether the dataset may collate on its own. */
  readonly _collatesByDefault: boolean;

  constructor(dataset: MapDataset<T> | readonly T[] | IterableDataset<T>, ...args: LoaderArguments<T, B>) {
    const options = bindArguments<DataLoaderOptions<T, B>>('DataLoader', NAMES, args);
    for (const [name, allowed] of Object.entries(WITHOUT_WORKERS)) {
      const value = (options as Record<string, unknown>)[name];
      if (value !== undefined && !allowed.includes(value)) {
        throw new NotImplementedError(
          `DataLoader: ${name}=${show(value)} is not supported: data is loaded in this thread, so only ${name}=${show(allowed[0])} is`,
        );
      }
    }
    const iterable = dataset instanceof IterableDataset;
    this.dataset = iterable ? dataset : asMapDataset(dataset);
    const { sampler = null, batch_sampler = null, batch_size = 1, drop_last = false } = options;
    const shuffle = options.shuffle ?? false;
    if (iterable) refuseSampling({ shuffle, sampler, batch_sampler });
    if (typeof shuffle !== 'boolean')
      throw new TypeError(`shuffle should be a boolean value, but got shuffle=${String(shuffle)}`);
    if (sampler !== null && shuffle)
      throw new ValueError('sampler option is mutually exclusive with shuffle');
    if (batch_sampler !== null && (batch_size !== 1 || shuffle || sampler !== null || drop_last)) {
      throw new ValueError(
        'batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last',
      );
    }
    if (batch_sampler === null && batch_size === null && drop_last) {
      throw new ValueError(
        'batch_size=None option disables auto-batching and is mutually exclusive with drop_last',
      );
    }
    this.generator = options.generator ?? null;
    this.batch_size = batch_sampler === null ? batch_size : null;
    this.drop_last = drop_last;
    this.sampler = sampler ?? defaultSampler(this.dataset, shuffle, this.generator);
    this.batch_sampler =
      batch_sampler ??
      (batch_size === null
        ? null
        : new BatchSampler(this.sampler as Iterable<number>, batch_size, drop_last));
    const convert: unknown = this.batch_sampler === null ? default_convert : default_collate;
    this.collate_fn = (options.collate_fn ?? convert) as (data: never) => B;
    this._collatesByDefault = this.batch_sampler !== null && this.collate_fn === convert;
  }

  /** The number of batches of a pass. */
  get length(): number {
    const { dataset, batch_size } = this;
    if (dataset instanceof IterableDataset) {
      const { length } = dataset as IterableDataset<T> & Partial<Sized>;
      if (length === undefined) throw new TypeError(`${dataset.constructor.name} has no length`);
      if (batch_size === null) return length;
      return this.drop_last ? Math.floor(length / batch_size) : Math.ceil(length / batch_size);
    }
    const source = this.batch_sampler ?? this.sampler;
    const { length } = source as Partial<Sized>;
    if (length === undefined) throw new TypeError(`the sampler (${source.constructor.name}) has no length`);
    return length;
  }

  [Symbol.iterator](): IterableIterator<B> {
    return new LoaderIterator<T, B>(this);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<B> {
    const iterator = new LoaderIterator<T, B>(this);
    return {
      next: async () => iterator.next(),
      return: async () => iterator.return(),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}

function show(value: unknown): string {
  return typeof value === 'object' && value !== null ? value.constructor.name : String(value);
}

function refuseSampling(options: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === null || value === false) continue;
    throw new ValueError(
      `DataLoader with IterableDataset: expected unspecified ${name} option, but got ${name}=${show(value)}`,
    );
  }
}

/** An iterable dataset has its own order: its batches are lists of placeholders. */
class Placeholders implements Iterable<null> {
  *[Symbol.iterator](): Iterator<null> {
    for (;;) yield null;
  }
}

function defaultSampler<T>(
  dataset: MapDataset<T> | IterableDataset<T>,
  shuffle: boolean,
  generator: Generator | null,
): Iterable<number | null> {
  if (dataset instanceof IterableDataset) return new Placeholders();
  return shuffle ? new RandomSampler(dataset, { generator }) : new SequentialSampler(dataset);
}

type Index = number | null | readonly (number | null)[];

/** Reads what an index, or a batch of them, stands for; null at the end of the data. */
type Fetch<B> = (index: Index) => { value: B } | null;

function mapFetch<T, B>(loader: DataLoader<T, B>, dataset: MapDataset<T>): Fetch<B> {
  const collate = loader.collate_fn as (data: unknown) => B;
  const direct = loader._collatesByDefault ? shortcut(dataset) : null;
  return (index) => {
    if (!Array.isArray(index)) return { value: collate(dataset.get(index as number)) };
    const indices = index as readonly number[];
    const batch = direct?.(indices);
    if (batch !== undefined) return { value: batch as B };
    return { value: collate(indices.map((i) => dataset.get(i))) };
  };
}

function iterableFetch<T, B>(loader: DataLoader<T, B>, dataset: IterableDataset<T>): Fetch<B> {
  const collate = loader.collate_fn as (data: unknown) => B;
  const items = dataset[Symbol.iterator]();
  return (index) => {
    if (!Array.isArray(index)) {
      const item = items.next();
      return item.done === true ? null : { value: collate(item.value) };
    }
    const batch: T[] = [];
    while (batch.length < index.length) {
      const item = items.next();
      if (item.done === true) break;
      batch.push(item.value);
    }
    if (batch.length === 0 || (loader.drop_last && batch.length < index.length)) return null;
    return { value: collate(batch) };
  };
}

/**
 * Loops whose iterator was dropped unfinished, as in `loader[Symbol.iterator]().next()`: while such a loop counts as open,
 * tensors of loops that await wait for it.
 */
const abandoned = new FinalizationRegistry<LoopScope>((loop) => loop.abandon());

class LoaderIterator<T, B> implements IterableIterator<B> {
  private readonly indices: Iterator<Index>;
  private readonly fetch: Fetch<B>;
  private readonly loop = new LoopScope('the next iteration of a DataLoader (or its end)');
  /** An item or a batch of the user's own making may be an object that hides its tensors. */
  private readonly keepAll: boolean;
  private done = false;

  constructor(loader: DataLoader<T, B>) {
    const { dataset } = loader;
    this.keepAll = !loader._collatesByDefault;
    this.fetch =
      dataset instanceof IterableDataset ? iterableFetch(loader, dataset) : mapFetch(loader, dataset);
    const source: Iterable<Index> = loader.batch_sampler ?? loader.sampler;
    this.indices = source[Symbol.iterator]();
    abandoned.register(this, this.loop);
    // torch draws a base seed for worker processes even when there are none: the sampler's draws come after it.
    drawSeed(loader.generator);
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<B, undefined> {
    if (this.done) return { done: true, value: undefined };
    let batch: { value: B } | null;
    try {
      batch = this.loop.next(() => {
        const index = this.indices.next();
        return index.done === true ? null : this.fetch(index.value);
      }, this.keepAll);
    } catch (error) {
      this.finish();
      throw error;
    }
    if (batch !== null) return { done: false, value: batch.value };
    this.finish();
    return { done: true, value: undefined };
  }

  return(): IteratorResult<B, undefined> {
    this.finish();
    return { done: true, value: undefined };
  }

  private finish(): void {
    if (this.done) return;
    this.done = true;
    this.loop.end();
    this.indices.return?.();
  }
}
