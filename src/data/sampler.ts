import { ValueError } from '../errors.js';
import { Generator, default_generator } from '../generator.js';
import { float64 } from '../dtype.js';
import { as_tensor, multinomial, randint, randperm } from '../ops/index.js';
import { pyText } from '../python_text.js';
import { keep, tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { bindArguments } from './arguments.js';

/** Anything that has a length: a dataset, an array. */
export interface Sized {
  readonly length: number;
}

/** Gives the indices of items in the order in which a loader reads them; `length` is how many. */
export abstract class Sampler<I = number> implements Iterable<I> {
  abstract [Symbol.iterator](): Iterator<I>;
  abstract get length(): number;
}

/** 0, 1, 2, … */
export class SequentialSampler extends Sampler {
  constructor(readonly data_source: Sized) {
    super();
  }

  *[Symbol.iterator](): Iterator<number> {
    for (let i = 0, n = this.data_source.length; i < n; i++) yield i;
  }

  get length(): number {
    return this.data_source.length;
  }
}

function checkCount(name: string, value: unknown): void {
  if (!Number.isInteger(value) || (value as number) <= 0) {
    throw new ValueError(`${name} should be a positive integer value, but got ${name}=${String(value)}`);
  }
}

function checkFlag(name: string, value: unknown): void {
  if (typeof value !== 'boolean')
    throw new TypeError(`${name} should be a boolean value, but got ${name}=${String(value)}`);
}

/** A seed as torch draws it: `empty((), dtype=int64).random_()`, which is 63 bits. */
export function drawSeed(generator: Generator | null): bigint {
  return BigInt.asUintN(63, (generator ?? default_generator())._random64());
}

/**
 * Generators that no iteration uses now: an epoch takes one and gives it back, since a generator's state lives in WebAssembly
 * memory and is not freed.
 */
const spare: Generator[] = [];

export interface RandomSamplerOptions {
  replacement?: boolean;
  num_samples?: number | null;
  generator?: Generator | null;
}

/**
 * Random indices: a permutation, or independent draws with `replacement`. The draws are torch's: without a `generator` each
 * pass seeds one of its own from the default generator.
 *
 * @example
 * const generator = new torch.Generator().manual_seed(0);
 * console.log([...new torch.utils.data.RandomSampler({ length: 4 }, { generator })]); // [ 0, 1, 3, 2 ]
 */
export class RandomSampler extends Sampler {
  readonly replacement: boolean;
  readonly generator: Generator | null;
  private readonly count: number | null;

  constructor(
    readonly data_source: Sized,
    options: RandomSamplerOptions = {},
  ) {
    super();
    const bound = bindArguments<RandomSamplerOptions>(
      'RandomSampler',
      ['replacement', 'num_samples', 'generator'],
      [options],
    );
    this.replacement = bound.replacement ?? false;
    this.generator = bound.generator ?? null;
    this.count = bound.num_samples ?? null;
    checkFlag('replacement', this.replacement);
    checkCount('num_samples', this.num_samples);
  }

  get num_samples(): number {
    return this.count ?? this.data_source.length;
  }

  get length(): number {
    return this.num_samples;
  }

  *[Symbol.iterator](): Iterator<number> {
    if (this.generator !== null) {
      yield* this.draw(this.generator);
      return;
    }
    const generator = spare.pop() ?? new Generator();
    generator.manual_seed(drawSeed(null));
    try {
      yield* this.draw(generator);
    } finally {
      spare.push(generator);
    }
  }

  private *draw(generator: Generator): Iterable<number> {
    const n = this.data_source.length;
    const { num_samples } = this;
    if (n === 0) throw new ValueError(`RandomSampler: cannot draw ${num_samples} samples from 0 items`);
    if (this.replacement) {
      for (let left = num_samples; left >= 32; left -= 32) yield* randomIndices(n, 32, generator);
      yield* randomIndices(n, num_samples % 32, generator);
    } else {
      for (let left = num_samples; left >= n; left -= n) yield* permutation(n, generator);
      // Drawn even when nothing of it is used: it moves a given generator on, as in torch.
      yield* permutation(n, generator).slice(0, num_samples % n);
    }
  }
}

function permutation(n: number, generator: Generator | null): number[] {
  return tidy(() => randperm(n, { generator }).tolist()) as number[];
}

function randomIndices(high: number, count: number, generator: Generator): number[] {
  return tidy(() => randint(high, [count], { generator }).tolist()) as number[];
}

/** The given indices in random order. */
export class SubsetRandomSampler extends Sampler {
  constructor(
    readonly indices: readonly number[],
    readonly generator: Generator | null = null,
  ) {
    super();
  }

  get length(): number {
    return this.indices.length;
  }

  *[Symbol.iterator](): Iterator<number> {
    for (const i of permutation(this.indices.length, this.generator)) yield this.indices[i];
  }
}

/**
 * `num_samples` indices, drawn with probabilities in proportion to the weights: with replacement (default), or each at most once.
 * The draws are torch's.
 *
 * @example
 * const sampler = new torch.utils.data.WeightedRandomSampler([0, 1, 0], 3);
 * console.log([...sampler], sampler.length); // [ 1, 1, 1 ] 3
 */
export class WeightedRandomSampler extends Sampler {
  readonly weights: Tensor;

  constructor(
    weights: readonly number[] | Tensor,
    readonly num_samples: number,
    readonly replacement: boolean = true,
    readonly generator: Generator | null = null,
  ) {
    super();
    checkCount('num_samples', num_samples);
    if (typeof replacement !== 'boolean') {
      throw new ValueError(
        `replacement should be a boolean value, but got replacement=${String(replacement)}`,
      );
    }
    const values = tidy(() => as_tensor(weights, { dtype: float64 }));
    if (values.ndim !== 1) {
      throw new ValueError(
        `weights should be a 1d sequence but given weights have shape ${pyText(values.shape)}`,
      );
    }
    // The caller's own tensor stays the caller's.
    this.weights = values === weights ? values : keep(values);
  }

  get length(): number {
    return this.num_samples;
  }

  *[Symbol.iterator](): Iterator<number> {
    const { weights, num_samples, replacement, generator } = this;
    yield* tidy(() => multinomial(weights, num_samples, replacement, { generator }).tolist()) as number[];
  }
}

/**
 * Lists of `batch_size` indices of another sampler; the last one may be shorter, unless `drop_last`.
 *
 * @example
 * const { BatchSampler, SequentialSampler } = torch.utils.data;
 * console.log([...new BatchSampler(new SequentialSampler({ length: 5 }), 2, false)]); // [ [ 0, 1 ], [ 2, 3 ], [ 4 ] ]
 */
export class BatchSampler extends Sampler<number[]> {
  constructor(
    readonly sampler: Iterable<number>,
    readonly batch_size: number,
    readonly drop_last: boolean,
  ) {
    super();
    checkCount('batch_size', batch_size);
    checkFlag('drop_last', drop_last);
  }

  get length(): number {
    const { length } = this.sampler as Partial<Sized>;
    if (length === undefined)
      throw new TypeError(`the sampler (${this.sampler.constructor.name}) has no length`);
    return this.drop_last ? Math.floor(length / this.batch_size) : Math.ceil(length / this.batch_size);
  }

  *[Symbol.iterator](): Iterator<number[]> {
    let batch: number[] = [];
    for (const index of this.sampler) {
      batch.push(index);
      if (batch.length === this.batch_size) {
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0 && !this.drop_last) yield batch;
  }
}
