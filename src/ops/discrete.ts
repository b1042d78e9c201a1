import { float64, int64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { default_generator } from '../generator.js';
import type { Generator } from '../generator.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { dense } from './dense.js';
import { floatsOf } from './float_map.js';
import { checkDevice, finish } from './make.js';
import type { TensorOptions } from './make.js';
import { div } from './pointwise_binary.js';
import { exponential_, random_ } from './random.js';
import { argmax } from './reduce_extremum.js';
import { topk } from './sort.js';
import { transpose } from './view.js';

/** Random memory in the order of x's: torch draws for a transposed matrix down its columns. */
function exponentialLike(x: Tensor, generator: Generator | null): Tensor {
  const turned = x.ndim === 2 && !x.is_contiguous() && transpose(x, 0, 1).is_contiguous();
  const out = allocate(turned ? [x.shape[1], x.shape[0]] : x.shape, x.dtype);
  exponential_(out, 1, { generator });
  return turned ? transpose(out, 0, 1) : out;
}

/** Indices drawn without replacement: torch takes those of the greatest p / q, q exponential. */
function drawDistinct(x: Tensor, count: number, generator: Generator | null): Tensor {
  for (const p of floatsOf(dense(x))) {
    if (!(p >= 0 && p < Infinity)) {
      throw new RuntimeError('probability tensor contains either `inf`, `nan` or element < 0');
    }
  }
  if (x.sum(-1).eq(0).any().item()) {
    throw new RuntimeError('invalid multinomial distribution (sum of probabilities <= 0)');
  }
  const ratio = div(x, exponentialLike(x, generator));
  return count === 1 ? argmax(ratio, -1, true) : topk(ratio, count)[1];
}

/** Cumulative probabilities of one row, in its dtype as torch adds them. */
function cumulative(row: Float32Array | Float64Array): Float32Array | Float64Array {
  const sums = row.slice();
  const round = row instanceof Float32Array ? Math.fround : (x: number): number => x;
  let total = 0;
  for (let i = 0; i < row.length; i++) {
    if (!(row[i] >= 0)) {
      throw new RuntimeError('invalid multinomial distribution (encountering probability entry < 0)');
    }
    if (row[i] === Infinity) {
      throw new RuntimeError(
        'invalid multinomial distribution (encountering probability entry = infinity or NaN)',
      );
    }
    total = round(total + row[i]);
    sums[i] = total;
  }
  if (!(total > 0)) throw new RuntimeError('invalid multinomial distribution (sum of probabilities <= 0)');
  if (total > 1.00001 || total < 0.99999) for (let i = 0; i < sums.length; i++) sums[i] /= total;
  return sums;
}

/** Indices drawn with replacement: one uniform number each, looked up in the cumulative probabilities. */
function drawRepeated(x: Tensor, count: number, generator: Generator | null): Tensor {
  const n = x.shape[x.ndim - 1];
  const source = dense(x);
  const rows = source.numel() / n;
  const tables: (Float32Array | Float64Array)[] = [];
  for (let row = 0; row < rows; row++) {
    tables.push(cumulative(floatsOf(source).subarray(row * n, (row + 1) * n)));
  }
  const uniform = allocate([rows * count], float64);
  const out = allocate([...x.shape.slice(0, -1), count], int64);
  const { kernels, heap } = runtime();
  const state = (generator ?? default_generator())._state;
  kernels.random_uniform_f64(state, address(uniform), rows * count, 0, 1);
  const draws = floatsOf(uniform);
  const at = address(out) >> 3;
  for (let i = 0; i < draws.length; i++) {
    const table = tables[Math.floor(i / count)];
    let low = 0;
    let high = n;
    while (low < high) {
      const middle = (low + high) >> 1;
      // The last entry counts as 1 whatever rounding made of it.
      if (middle < n - 1 && table[middle] < draws[i]) low = middle + 1;
      else high = middle;
    }
    heap.i64[at + i] = BigInt(low);
  }
  return out;
}

/**
 * Indices drawn with the probabilities (not necessarily normalized) of a vector, or of each row of a matrix; torch's numbers.
 *
 * @example
 * torch.manual_seed(0);
 * console.log(torch.multinomial(torch.tensor([0, 10, 3, 0.5]), 3).tolist()); // [ 1, 2, 3 ]
 */
export const multinomial: Op<
  (
    ...args: Args<
      [input: Tensor, num_samples: number],
      [replacement: boolean],
      { replacement?: boolean; generator?: Generator | null }
    >
  ) => Tensor,
  'method'
> = define(
  {
    schema:
      'multinomial(Tensor input, int num_samples, bool replacement=False, *, Generator? generator=None)',
    forward: (_ctx, x: Tensor, count: number, replacement: boolean, generator: Generator | null) => {
      if (x.ndim !== 1 && x.ndim !== 2) throw new RuntimeError('prob_dist must be 1 or 2 dim');
      if (count <= 0) throw new RuntimeError('cannot sample n_sample <= 0 samples');
      if (!x.dtype.is_floating_point) {
        throw new RuntimeError(
          `multinomial only supports floating-point dtypes for input, got: ${x.dtype.scalarName}`,
        );
      }
      const n = x.shape[x.ndim - 1];
      if (!replacement && count > n) {
        throw new RuntimeError('cannot sample n_sample > prob_dist.size(-1) samples without replacement');
      }
      if (n > 2 ** 24) throw new RuntimeError('number of categories cannot exceed 2^24');
      return replacement ? drawRepeated(x, count, generator) : drawDistinct(x, count, generator);
    },
    backward: 'none',
    samples: (make) => [
      [make.uniform(0.1, 1, 4), 2],
      [make.uniform(0.1, 1, 2, 4), 6, true],
    ],
  },
  ['method'],
);

const randintLike: Op<(input: Tensor, low: number, high: number, options?: TensorOptions) => Tensor> = define(
  {
    schema:
      "randint_like(Tensor input, int low, int high, *, dtype? dtype=None, bool requires_grad=False, str? device='cpu')",
    forward: (
      _ctx,
      x: Tensor,
      low: number,
      high: number,
      dtype: DType | null,
      requiresGrad: boolean,
      device: string | null,
    ) => {
      checkDevice(device);
      return finish(random_(allocate(x.shape, dtype ?? x.dtype), low, high), requiresGrad);
    },
    backward: 'none',
  },
);

/** What `randint_like` takes as keywords. */
export interface RandintLikeOptions extends TensorOptions {
  low?: number;
  high?: number;
}

/** Integers uniform in [low, high) in the shape and dtype of a tensor: `randint_like(x, high)` or `randint_like(x, low, high)`. */
export function randint_like(input: Tensor, high: number, options?: TensorOptions): Tensor;
export function randint_like(input: Tensor, low: number, high: number, options?: TensorOptions): Tensor;
export function randint_like(input: Tensor, options: RandintLikeOptions): Tensor;
export function randint_like(input: Tensor, ...rest: (number | RandintLikeOptions | undefined)[]): Tensor {
  const given = rest.filter((value) => value !== undefined);
  const last = given.at(-1);
  const { low, high, ...options } = typeof last === 'object' ? last : ({} as RandintLikeOptions);
  const bounds = given.filter((value) => typeof value === 'number');
  if (high !== undefined) bounds.push(high);
  if (low !== undefined) bounds.unshift(low);
  if (bounds.length === 0) throw new TypeError("randint_like(): missing required argument 'high'");
  if (bounds.length > 2) throw new TypeError('randint_like() takes a tensor and one or two bounds');
  return bounds.length === 1
    ? randintLike(input, 0, bounds[0], options)
    : randintLike(input, bounds[0], bounds[1], options);
}
