/** torch.nn.utils.rnn. */
import { int64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError, ValueError } from '../errors.js';
import { full, tensor as makeTensor } from '../ops/creation.js';
import { arange } from '../ops/creation_range.js';
import { index_select } from '../ops/gather.js';
import { cat, stack } from '../ops/join.js';
import { constant_pad_nd } from '../ops/pad.js';
import { stretches } from '../ops/rnn_cell.js';
import { scatter } from '../ops/scatter.js';
import { sort } from '../ops/sort.js';
import { narrow, transpose } from '../ops/view.js';
import { Tensor } from '../tensor.js';
import { given, signature } from '../signature.js';

type Parts = [
  data: Tensor,
  batch_sizes: Tensor,
  sorted_indices: Tensor | null,
  unsorted_indices: Tensor | null,
];

/**
 * Sequences of different lengths, step after step without padding: `data` [Σ lengths, …] has first the first steps of all
 * sequences, longest first, and `batch_sizes` says how many sequences have each step. An array of its parts, as torch's
 * named tuple. Made by `pack_padded_sequence` and `pack_sequence`.
 */
export class PackedSequence extends Array<Tensor | null> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  constructor(
    data: Tensor,
    batch_sizes: Tensor,
    sorted_indices: Tensor | null = null,
    unsorted_indices: Tensor | null = invert_permutation(sorted_indices),
  ) {
    super();
    this.push(data, batch_sizes, sorted_indices, unsorted_indices);
  }

  get data(): Tensor {
    return (this as unknown as Parts)[0];
  }

  get batch_sizes(): Tensor {
    return (this as unknown as Parts)[1];
  }

  /** Which sequence of the caller's order is where in the order of length; null when they were sorted. */
  get sorted_indices(): Tensor | null {
    return (this as unknown as Parts)[2];
  }

  get unsorted_indices(): Tensor | null {
    return (this as unknown as Parts)[3];
  }

  /** The same with the data in another dtype. */
  to(dtype: DType): PackedSequence {
    const data = this.data.to(dtype);
    if (data === this.data) return this;
    return new PackedSequence(data, this.batch_sizes, this.sorted_indices, this.unsorted_indices);
  }

  override toString(): string {
    const names = ['data', 'batch_sizes', 'sorted_indices', 'unsorted_indices'];
    return `PackedSequence(${names.map((name, i) => `${name}=${String(this[i] ?? 'None')}`).join(', ')})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** The permutation that undoes another. */
export function invert_permutation(permutation: Tensor): Tensor;
export function invert_permutation(permutation: Tensor | null): Tensor | null;
export function invert_permutation(permutation: Tensor | null): Tensor | null {
  if (permutation === null) return null;
  return scatter(permutation, 0, permutation, arange(permutation.numel(), { dtype: int64 }));
}

const PACK_PADDED = signature(
  'pack_padded_sequence(Tensor input, Tensor|int[] lengths, bool batch_first=False, bool enforce_sorted=True)',
);

interface PackOptions {
  /** Default false: [T, B, …]. */
  batch_first?: boolean;
  /** Whether lengths must fall. Default true. */
  enforce_sorted?: boolean;
}

/**
 * Sequences padded to [T, B, …] (or [B, T, …] with `batch_first`) and their lengths as a PackedSequence.
 *
 * @example
 * const packed = nn.utils.rnn.pack_padded_sequence(torch.tensor([[1, 2, 3], [4, 5, 0]]), [3, 2], { batch_first: true });
 * console.log(packed.data.tolist(), packed.batch_sizes.tolist()); // [ 1, 4, 2, 5, 3 ] [ 2, 2, 1 ]
 */
export function pack_padded_sequence(
  input: Tensor,
  lengths: Tensor | readonly number[],
  batch_first: boolean | PackOptions = false,
  enforce_sorted?: boolean | PackOptions,
): PackedSequence {
  const [x, given_lengths, batchFirst, sorted] = PACK_PADDED(
    given(input, lengths, batch_first, enforce_sorted),
  ) as [Tensor, Tensor | number[], boolean, boolean];
  let counts =
    given_lengths instanceof Tensor ? given_lengths.to(int64) : makeTensor(given_lengths, { dtype: int64 });
  let steps = batchFirst ? transpose(x, 0, 1) : x;
  let order: Tensor | null = null;
  if (!sorted) {
    [counts, order] = sort(counts, { descending: true });
    steps = index_select(steps, 1, order);
  }
  const sizes = batchSizes(steps, counts);
  const data = cat(
    sizes.map((size, t) => narrow(steps.select(0, t), 0, 0, size)),
    0,
  );
  return new PackedSequence(data, makeTensor(sizes, { dtype: int64 }), order);
}

/** How many sequences have each step, of lengths that fall. */
function batchSizes(steps: Tensor, counts: Tensor): number[] {
  if (steps.numel() === 0) throw new RuntimeError('Cannot pack empty tensors.');
  if (counts.ndim !== 1) {
    throw new RuntimeError(
      `'lengths' argument should be a 1D CPU int64 tensor, but got ${counts.ndim}D cpu Long tensor`,
    );
  }
  const lengths = counts.tolist() as number[];
  const [T, B] = steps.shape as [number, number];
  if (lengths.length !== B) {
    throw new RuntimeError(
      `Expected \`len(lengths)\` to be equal to batch_size, but got ${lengths.length} (batch_size=${B})`,
    );
  }
  if (lengths[B - 1] <= 0) {
    throw new RuntimeError(
      "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0",
    );
  }
  if (lengths.some((length, i) => i > 0 && length > lengths[i - 1])) {
    throw new RuntimeError(
      '`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass ' +
        '`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do not ' +
        'need ONNX exportability.',
    );
  }
  if (lengths[0] > T) {
    throw new RuntimeError(
      `pack_padded_sequence: a length of ${lengths[0]} is more than the ${T} steps of the input`,
    );
  }
  return Array.from({ length: lengths[0] }, (_, t) => lengths.filter((length) => length > t).length);
}

const PAD_PACKED = signature(
  'pad_packed_sequence(any sequence, bool batch_first=False, float padding_value=0.0, int? total_length=None)',
);

interface PadOptions {
  batch_first?: boolean;
  padding_value?: number;
  /** Steps of the result, at least as many as the longest sequence has. */
  total_length?: number | null;
}

/** The inverse of `pack_padded_sequence`: `[padded, lengths]`. */
export function pad_packed_sequence(
  sequence: PackedSequence,
  batch_first: boolean | PadOptions = false,
  padding_value?: number | PadOptions,
  total_length?: number | null | PadOptions,
): [padded: Tensor, lengths: Tensor] {
  const [, batchFirst, value, total] = PAD_PACKED(
    given(sequence, batch_first, padding_value, total_length),
  ) as [unknown, boolean, number, number | null];
  const { data, batch_sizes, unsorted_indices: order } = sequence;
  const sizes = batch_sizes.tolist() as number[];
  if (total !== null && total < sizes.length) {
    throw new ValueError(
      'Expected total_length to be at least the length of the longest sequence in input, but got ' +
        `total_length=${total} and max sequence length being ${sizes.length}`,
    );
  }
  const [B] = sizes;
  const widths = data.shape.slice(1).flatMap(() => [0, 0]);
  const steps = stretches(data, sizes).map((step, t) =>
    sizes[t] === B ? step : constant_pad_nd(step, [...widths, 0, B - sizes[t]], value),
  );
  const missing = (total ?? sizes.length) - sizes.length;
  for (let i = 0; i < missing; i++) steps.push(full(steps[0].shape, value, { dtype: data.dtype }));
  const padded = stack(steps, batchFirst ? 1 : 0);
  const lengths = makeTensor(
    Array.from({ length: B }, (_, b) => sizes.filter((size) => size > b).length),
    { dtype: int64 },
  );
  if (order === null) return [padded, lengths];
  return [index_select(padded, batchFirst ? 0 : 1, order), index_select(lengths, 0, order)];
}

const PAD = signature('pad_sequence(Tensor[] sequences, bool batch_first=False, float padding_value=0.0)');

/**
 * Sequences [L, *] of different lengths as one tensor [T, B, *] (or [B, T, *]), the shorter ones padded at the end.
 *
 * @example
 * const padded = nn.utils.rnn.pad_sequence([torch.tensor([1, 2]), torch.tensor([3])], { batch_first: true });
 * console.log(padded.tolist()); // [ [ 1, 2 ], [ 3, 0 ] ]
 */
export function pad_sequence(
  sequences: Iterable<Tensor> | Tensor,
  batch_first: boolean | Omit<PadOptions, 'total_length'> = false,
  padding_value?: number | Omit<PadOptions, 'total_length'>,
): Tensor {
  const list = sequences instanceof Tensor ? sequences.unbind(0) : Array.from(sequences);
  const [all, batchFirst, value] = PAD(given(list, batch_first, padding_value)) as [
    Tensor[],
    boolean,
    number,
  ];
  if (all.length === 0) throw new RuntimeError('received an empty list of sequences');
  const longest = Math.max(...all.map((sequence) => sequence.shape[0] ?? 0));
  const padded = all.map((sequence) => {
    const widths = sequence.shape.slice(1).flatMap(() => [0, 0]);
    return constant_pad_nd(sequence, [...widths, 0, longest - sequence.shape[0]], value);
  });
  return stack(padded, batchFirst ? 0 : 1);
}

/** The inverse of `pad_sequence`: the first `lengths[i]` steps of each sequence. */
export function unpad_sequence(
  padded_sequences: Tensor,
  lengths: Tensor | readonly number[],
  batch_first: boolean | { batch_first?: boolean } = false,
): Tensor[] {
  const first = typeof batch_first === 'object' ? (batch_first.batch_first ?? false) : batch_first;
  const all = first ? padded_sequences : transpose(padded_sequences, 0, 1);
  const counts = lengths instanceof Tensor ? (lengths.tolist() as number[]) : lengths;
  return all.unbind(0).map((sequence, i) => narrow(sequence, 0, 0, counts[i]));
}

/** Sequences [L, *] as a PackedSequence. */
export function pack_sequence(
  sequences: Iterable<Tensor>,
  enforce_sorted: boolean | { enforce_sorted?: boolean } = true,
): PackedSequence {
  const sorted =
    typeof enforce_sorted === 'object' ? (enforce_sorted.enforce_sorted ?? true) : enforce_sorted;
  const list = Array.from(sequences);
  return pack_padded_sequence(
    pad_sequence(list),
    list.map((sequence) => sequence.shape[0]),
    { enforce_sorted: sorted },
  );
}

/** The inverse of `pack_sequence`. */
export function unpack_sequence(packed_sequences: PackedSequence): Tensor[] {
  const [padded, lengths] = pad_packed_sequence(packed_sequences, true);
  return unpad_sequence(padded, lengths, true);
}
