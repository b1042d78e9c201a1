import { int32, int64 } from '../dtype.js';
import { NotImplementedError, RuntimeError, ValueError } from '../errors.js';
import { sameShape, showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { arange } from './creation_range.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { cast, dense } from './dense.js';
import { checkIndices, countsOf, lookUp, renormalise } from './embedding.js';
import type { EmbeddingOptions } from './embedding.js';
import { floatKernel } from './float_kernel.js';
import { index_select } from './gather.js';
import { addAt, int32Tensor, integers, takeAt } from './offset.js';
import { div, mul } from './pointwise_binary.js';
import { reshape } from './view.js';

/** The entries of all bags that count, those of one bag together. */
interface Bags {
  /** Positions in the input. */
  readonly kept: number[];
  /** How many there are in each bag. */
  readonly sizes: number[];
}

function bagsOf(input: Tensor, offsets: Tensor, padding: number, closed: boolean): Bags {
  const starts = Array.from(integers(offsets));
  if (closed && starts.length === 0) {
    throw new RuntimeError('include_last_offset: number of offset should be at least 1');
  }
  const length = input.numel();
  if (starts.length > 0) {
    if (starts[0] !== 0) {
      throw new RuntimeError(
        'offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got ' +
          `${starts[0]}`,
      );
    }
    const last = starts[starts.length - 1];
    if (last > length) {
      throw new RuntimeError(
        `offsets[-1] can not be greater than input's length ${length} but got offsets[-1] of ${last}`,
      );
    }
  }
  if (!closed) starts.push(length);
  const rows = padding < 0 ? null : integers(input);
  const kept: number[] = [];
  const sizes: number[] = [];
  for (let bag = 0; bag + 1 < starts.length; bag++) {
    const [begin, end] = [starts[bag], starts[bag + 1]];
    if (end < begin) {
      throw new RuntimeError(`embedding_bag: offsets must not decrease, got ${begin} before ${end}`);
    }
    const before = kept.length;
    for (let i = begin; i < end; i++) if (rows === null || rows[i] !== padding) kept.push(i);
    sizes.push(kept.length - before);
  }
  return { kept, sizes };
}

/**
 * What PyTorch 1.13.1 divides the gradients of the kept entries by: for the n-th smallest index not its own count, but that
 * of the n-th of all indices in order.
 */
function frequencies(indices: Int32Array, kept: readonly number[]): number[] {
  const counts = countsOf(indices);
  const sorted = Int32Array.from(indices).sort();
  const divisors = new Map<number, number>();
  for (const index of sorted) {
    if (!divisors.has(index)) divisors.set(index, counts.get(sorted[divisors.size])!);
  }
  return kept.map((position) => divisors.get(indices[position])!);
}

/** Of each column the largest value of each bag's rows; 0 for an empty bag. */
function maxOfBags(rows: Tensor, sizes: readonly number[]): Tensor {
  const width = rows.shape[1];
  const filled = sizes.map((_, bag) => bag).filter((bag) => sizes[bag] > 0);
  const counts = int32Tensor(filled.map((bag) => sizes[bag]));
  const best = allocate([filled.length * width], int32);
  if (best.numel() > 0) {
    const from = dense(rows);
    floatKernel('bag_argmax_f32', rows.dtype)(
      address(from),
      address(counts),
      address(best),
      filled.length,
      width,
    );
  }
  const values = takeAt(rows, best, [filled.length, width], 1);
  return addAt(values, int32Tensor(filled.map((bag) => bag * width)), [sizes.length, width], width);
}

type Mode = 'sum' | 'mean' | 'max';

function bag(rows: Tensor, sizes: readonly number[], mode: Mode): Tensor {
  if (mode === 'max') return maxOfBags(rows, sizes);
  const width = rows.shape[1];
  const places = int32Tensor(sizes.flatMap((size, i) => new Array<number>(size).fill(i * width)));
  const total = addAt(rows, places, [sizes.length, width], width);
  if (mode === 'sum') return total;
  return div(total, cast(reshape(int32Tensor(sizes.map((size) => Math.max(size, 1))), [-1, 1]), rows.dtype));
}

interface EmbeddingBagOptions extends EmbeddingOptions {
  offsets?: Tensor | null;
  mode?: Mode;
  per_sample_weights?: Tensor | null;
  include_last_offset?: boolean;
}

/** Input and offsets as one list of indices and the starts of the bags in it. */
function flatBags(input: Tensor, offsets: Tensor | null): Tensor {
  if (input.ndim === 2) {
    if (offsets !== null) {
      throw new ValueError(
        'if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences. ' +
          "However, found offsets of type <class 'torch.Tensor'>",
      );
    }
    const [N, L] = input.shape as [number, number];
    return mul(arange(N, { dtype: int64 }), L);
  }
  if (input.ndim !== 1) {
    throw new ValueError(`input has to be 1D or 2D Tensor, but got Tensor of dimension ${input.ndim}`);
  }
  if (offsets === null) throw new ValueError('offsets has to be a 1D Tensor but got None');
  if (offsets.ndim !== 1) throw new ValueError('offsets has to be a 1D Tensor');
  return offsets;
}

function checkBag(input: Tensor, weight: Tensor, offsets: Tensor, perSample: Tensor | null): void {
  if (weight.ndim !== 2) {
    throw new RuntimeError(`embedding_bag: expected weight [num, dim], got ${showShape(weight.shape)}`);
  }
  for (const indices of [input, offsets]) checkIndices('embedding_bag', indices);
  if (!weight.dtype.is_floating_point) {
    throw new RuntimeError(
      "Expected tensor for argument #1 'weight' to have one of the following scalar types: Half, Float, Double; but got " +
        `torch.${weight.dtype.scalarName}Tensor instead (while checking arguments for embedding_bag)`,
    );
  }
  if (perSample !== null && perSample.dtype !== weight.dtype) {
    throw new RuntimeError(
      "Expected tensor for argument #1 'weight' to have the same type as tensor for argument #1 'per_sample_weights'; but " +
        `type torch.${weight.dtype.scalarName}Tensor does not equal torch.${perSample.dtype.scalarName}Tensor (while ` +
        'checking arguments for embedding_bag)',
    );
  }
}

function checkMode(mode: string, byFrequency: boolean, sparse: boolean, perSample: boolean): void {
  if (mode !== 'sum' && mode !== 'mean' && mode !== 'max') {
    throw new ValueError('mode has to be one of sum, mean or max');
  }
  if (mode === 'max' && byFrequency) {
    throw new ValueError('max mode does not support scaling the gradient by the frequency');
  }
  if (mode === 'max' && sparse) throw new ValueError('max mode does not support sparse weights');
  if (perSample && mode !== 'sum') {
    throw new NotImplementedError(
      'embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for ' +
        `mode='sum' (got mode='${mode}'). Please open a feature request on GitHub.`,
    );
  }
}

/**
 * `embedding`, then the sum, mean or maximum over each bag of indices: the rows of a 2-dim input, or the stretches of a
 * 1-dim one that begin at `offsets` (whose last element is the end with `include_last_offset`). Gives [bags, dim].
 *
 * @param mode `'mean'` (default), `'sum'` or `'max'`
 * @param per_sample_weights factors of the rows, for `'sum'`
 * @param padding_idx entries that are left out
 * @param sparse makes the gradient of `weight` a sparse tensor (see `embedding`); not for `'max'`
 *
 * @example
 * const weight = torch.tensor([[0, 0], [1, 2], [3, 4]]).float();
 * console.log(F.embedding_bag(torch.tensor([[0, 1], [1, 2]]), weight).tolist()); // [ [ 0.5, 1 ], [ 2, 3 ] ]
 */
export const embedding_bag: Op<
  (
    ...args: Args<
      [input: Tensor, weight: Tensor],
      [
        offsets: Tensor | null,
        max_norm: number | null,
        norm_type: number,
        scale_grad_by_freq: boolean,
        mode: Mode,
        sparse: boolean,
        per_sample_weights: Tensor | null,
        include_last_offset: boolean,
        padding_idx: number | null,
      ],
      EmbeddingBagOptions
    >
  ) => Tensor
> = define({
  schema:
    'embedding_bag(Tensor input, Tensor weight, Tensor? offsets=None, float? max_norm=None, float norm_type=2, ' +
    "bool scale_grad_by_freq=False, str mode='mean', bool sparse=False, Tensor? per_sample_weights=None, " +
    'bool include_last_offset=False, int? padding_idx=None)',
  forward: (
    _ctx,
    input: Tensor,
    weight: Tensor,
    given: Tensor | null,
    maxNorm: number | null,
    normType: number,
    byFrequency: boolean,
    mode: Mode,
    sparse: boolean,
    perSample: Tensor | null,
    closed: boolean,
    padding: number | null,
  ) => {
    if (perSample !== null && !sameShape(perSample.shape, input.shape)) {
      throw new ValueError(
        `embedding_bag: If per_sample_weights (torch.Size(${showShape(perSample.shape)})) is not None, then it must have ` +
          `the same shape as the input (torch.Size(${showShape(input.shape)}))`,
      );
    }
    const offsets = flatBags(input, given);
    checkMode(mode, byFrequency, sparse, perSample !== null);
    checkBag(input, weight, offsets, perSample);
    const indices = reshape(input, [-1]);
    const rowCount = weight.shape[0];
    if (padding !== null && (padding < -rowCount || padding >= rowCount)) {
      throw new RuntimeError(
        `padding_idx must be within the number of embeddings, ${-rowCount} through ${rowCount - 1}, but got ${padding}`,
      );
    }
    const skipped = padding === null ? -1 : padding < 0 ? padding + rowCount : padding;
    const { kept, sizes } = bagsOf(indices, offsets, skipped, closed);
    if (maxNorm !== null) renormalise(weight, indices, maxNorm, normType);
    const all = kept.length === indices.numel();
    const positions = all ? null : int32Tensor(kept);
    const rows = lookUp(
      weight,
      positions === null ? indices : index_select(indices, 0, positions),
      byFrequency ? int32Tensor(frequencies(integers(indices), kept)) : null,
      -1,
      sparse,
    );
    if (perSample === null) return bag(rows, sizes, mode);
    const flat = reshape(perSample, [-1]);
    const factors = positions === null ? flat : index_select(flat, 0, positions);
    return bag(mul(rows, reshape(factors, [-1, 1])), sizes, mode);
  },
  backward: 'composite',
  samples: (make) => [
    [make.int(0, 5, 3, 2), make(5, 3)],
    [make.int(0, 4, 5), make(4, 2), make.int(0, 1, 2), { mode: 'sum', padding_idx: 1 }],
    [make.int(0, 4, 2, 3), make(4, 2), { mode: 'max' }],
    [make.int(0, 4, 2, 3), make(4, 2), { mode: 'sum', per_sample_weights: make(2, 3) }],
  ],
});
