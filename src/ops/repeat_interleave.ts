import { int32, int64 } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { wrapDim } from '../shape.js';
import { Tensor } from '../tensor.js';
import { writeValues } from '../tensor_data.js';
import { allocate } from '../tensor_handle.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { index_select } from './gather.js';
import { ravel } from './layout.js';

/**
 * Each element (or slice along `dim`) repeated in place: by one number or by one for each. Without `dim` of the flat tensor.
 *
 * `repeat_interleave(repeats)` with a tensor alone gives the indices 0…n−1 repeated.
 */
export const repeat_interleave: Op<
  (
    ...args: Args<
      [input: Tensor],
      [repeats: number | Tensor, dim: number | null],
      { repeats?: number | Tensor; dim?: number | null; output_size?: number | null }
    >
  ) => Tensor,
  'method'
> = define(
  {
    schema:
      'repeat_interleave(Tensor input, Tensor|int? repeats=None, int? dim=None, *, int? output_size=None)',
    forward: (_ctx, x: Tensor, repeats: Tensor | number | null, dim: number | null, size: number | null) => {
      if (repeats === null) return indicesOf(countsOf(x), size);
      const input = dim === null ? ravel(x) : x.ndim === 0 ? x.reshape(1) : x;
      const d = dim === null ? 0 : wrapDim(dim, x.ndim);
      const length = input.shape[d];
      let counts: number[];
      if (repeats instanceof Tensor) {
        counts = countsOf(repeats);
        if (counts.length === 1 && length !== 1) counts = new Array<number>(length).fill(counts[0]);
      } else {
        if (repeats < 0) throw new RuntimeError('Repeats must be non-negative');
        counts = new Array<number>(length).fill(repeats);
      }
      if (counts.length !== length) {
        throw new RuntimeError('repeats must have the same size as input along dim');
      }
      return index_select(input, d, indicesOf(counts, size));
    },
    backward: 'composite',
    samples: (make) => [
      [make(2, 3), 2],
      [make(2, 3), 2, 1],
      [make(3, 2), make.int(0, 3, 3), 0],
    ],
  },
  ['method'],
);

function countsOf(repeats: Tensor): number[] {
  if (repeats.ndim > 1) throw new RuntimeError('repeats must be 0-dim or 1-dim tensor');
  if (repeats.dtype !== int64 && repeats.dtype !== int32)
    throw new RuntimeError('repeats has to be Long or Int tensor');
  const counts = repeats.reshape(-1).tolist() as number[];
  if (counts.some((n) => n < 0)) throw new RuntimeError('repeats can not be negative');
  return counts;
}

/** Each position as often as its count says. */
function indicesOf(counts: readonly number[], size: number | null): Tensor {
  const total = counts.reduce((sum, n) => sum + n, 0);
  if (size !== null && size !== total) throw new RuntimeError('allocated size does not match required size');
  const out = allocate([total], int64);
  writeValues(
    out,
    counts.flatMap((n, i) => new Array<number>(n).fill(i)),
  );
  return out;
}
