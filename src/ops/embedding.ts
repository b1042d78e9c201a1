import { no_grad } from '../autograd/mode.js';
import { float64, int32, int64 } from '../dtype.js';
import { IndexError, RuntimeError } from '../errors.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { gt, where } from './compare.js';
import { to } from './copy.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { addAt, int32Tensor, integers, sliceOffsets, takeKernel, zeroAt } from './offset.js';
import { index_select } from './gather.js';
import { index_copy } from './index_dim.js';
import { add, div, mul } from './pointwise_binary.js';
import { assemble } from './sparse.js';
import { reciprocal } from './pointwise_unary.js';
import { norm } from './reduce_norm.js';
import { unique } from './unique.js';
import { reshape } from './view.js';

/**
 * The rows of a weight that the indices name; a row's part of the gradient is divided by `frequency`, one number for each
 * index, and row `padding_idx` (−1: none) gets no gradient. With `sparse` the gradient lists the rows that were named.
 */
export const lookUp: Op<
  (weight: Tensor, indices: Tensor, frequency: Tensor | null, padding_idx: number, sparse?: boolean) => Tensor
> = define({
  schema:
    'embedding_rows(Tensor weight, Tensor indices, Tensor? frequency, int padding_idx, bool sparse=False)',
  forward: (
    ctx,
    weight: Tensor,
    indices: Tensor,
    frequency: Tensor | null,
    _padding: number,
    sparse: boolean,
  ) => {
    const { offsets, width } = sliceOffsets(
      weight,
      0,
      reshape(indices, [-1]),
      () => new IndexError('index out of range in self'),
    );
    ctx.save(sparse ? indices : offsets, frequency);
    ctx.state = weight.shape;
    return takeKernel(weight, offsets, [...indices.shape, width], width);
  },
  backward: (ctx, g) => {
    const [offsets, frequency] = ctx.saved();
    const weight = ctx.state as Shape;
    const padding = ctx.args[3] as number;
    if (ctx.args[4] === true) {
      if (frequency !== null) {
        throw new RuntimeError('embedding_backward: scale_grad_by_freq not supported with sparse gradients');
      }
      return [sparseRows(g, offsets, weight, padding), null, null];
    }
    const width = weight[1];
    const rows = reshape(g, [offsets.numel(), width]);
    const scaled = frequency === null ? rows : div(rows, reshape(to(frequency, g.dtype), [-1, 1]));
    const grad = addAt(scaled, offsets, weight, width);
    return [padding < 0 ? grad : zeroAt(grad, rowOffset(padding, width), width), null, null];
  },
  samples: (make) => [
    [make(5, 3), make.int(0, 5, 4), null, -1],
    [make(4, 2), make.int(0, 4, 2, 3), null, -1],
    [make(2, 3).t(), make.int(0, 3, 2), null, -1],
  ],
});

/** The gradient of a weight as the rows that were named: uncoalesced, without those of row `padding`. */
function sparseRows(g: Tensor, indices: Tensor, weight: Shape, padding: number): Tensor {
  const rows = reshape(g, [indices.numel(), weight[1]]);
  const places = reshape(indices, [-1]);
  if (padding < 0) return assemble(to(reshape(places, [1, places.numel()]), int64), rows, weight);
  const kept: number[] = [];
  integers(places).forEach((row, i) => {
    if (row !== padding) kept.push(i);
  });
  const positions = int32Tensor(kept);
  const named = to(index_select(places, 0, positions), int64);
  return assemble(reshape(named, [1, kept.length]), index_select(rows, 0, positions), weight);
}

export function checkIndices(op: string, indices: Tensor): void {
  if (indices.dtype === int64 || indices.dtype === int32) return;
  throw new RuntimeError(
    "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got " +
      `torch.${indices.dtype.scalarName}Tensor instead (while checking arguments for ${op})`,
  );
}

export function countsOf(values: Int32Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/**
 * The rows of a weight [num, dim] that the indices name. Row `padding_idx` (−1: none) gets no gradient; with
 * `scale_grad_by_freq` a row's gradient is divided by how often it is named; with `sparse` the gradient is a sparse tensor.
 */
export const embedding: Op<
  (
    ...args: Args<
      [weight: Tensor, indices: Tensor],
      [padding_idx: number, scale_grad_by_freq: boolean, sparse: boolean],
      { padding_idx?: number; scale_grad_by_freq?: boolean; sparse?: boolean }
    >
  ) => Tensor
> = define({
  schema:
    'embedding(Tensor weight, Tensor indices, int padding_idx=-1, bool scale_grad_by_freq=False, bool sparse=False)',
  forward: (
    _ctx,
    weight: Tensor,
    indices: Tensor,
    padding: number,
    byFrequency: boolean,
    sparse: boolean,
  ) => {
    if (weight.ndim !== 2) throw new RuntimeError("'weight' must be 2-D");
    checkIndices('embedding', indices);
    if (!byFrequency) return lookUp(weight, indices, null, padding, sparse);
    const rows = integers(indices);
    const counts = countsOf(rows);
    const frequency = int32Tensor(rows.map((row) => counts.get(row)!));
    return lookUp(weight, indices, frequency, padding, sparse);
  },
  backward: 'composite',
  samples: (make) => [[make(5, 3), make.int(0, 5, 4)]],
});

function rowOffset(row: number, width: number): Tensor {
  return int32Tensor([row * width]);
}

/** Scales the rows that are named and whose norm is above `max_norm` down to it, in place and unrecorded. */
export function renormalise(weight: Tensor, indices: Tensor, maxNorm: number, normType: number): void {
  checkIndices('embedding_renorm_', indices);
  no_grad(() => {
    const table = weight.detach();
    const named = unique(to(reshape(indices, [-1]), int64));
    const rows = index_select(table, 0, named);
    const norms = to(norm(rows, normType, 1, true), float64);
    const scale = where(gt(norms, maxNorm), mul(reciprocal(add(norms, 1e-7)), maxNorm), 1);
    index_copy.inplace(table, 0, named, mul(rows, to(scale, rows.dtype)));
  });
}

/**
 * The rows of `weight` [num, dim] that the indices `input` name: a tensor of input's shape and one dimension more.
 *
 * @param padding_idx a row whose gradient stays 0
 * @param max_norm rows that are named and longer are first scaled down to this norm of order `norm_type`, in place
 * @param scale_grad_by_freq divides a row's gradient by how often it is named
 * @param sparse makes the gradient of `weight` a sparse tensor that lists the rows that are named, for `optim.SparseAdam`,
 *   `SGD` and `Adagrad`; not with `scale_grad_by_freq`
 *
 * @example
 * const weight = torch.tensor([[0, 0], [1, 2], [3, 4]]);
 * console.log(F.embedding(torch.tensor([2, 1]), weight).tolist()); // [ [ 3, 4 ], [ 1, 2 ] ]
 */
export const functional_embedding: Op<
  (
    ...args: Args<
      [input: Tensor, weight: Tensor],
      [
        padding_idx: number | null,
        max_norm: number | null,
        norm_type: number,
        scale_grad_by_freq: boolean,
        sparse: boolean,
      ],
      EmbeddingOptions
    >
  ) => Tensor
> = define({
  schema:
    'embedding(Tensor input, Tensor weight, int? padding_idx=None, float? max_norm=None, float norm_type=2.0, ' +
    'bool scale_grad_by_freq=False, bool sparse=False)',
  forward: (
    _ctx,
    input: Tensor,
    weight: Tensor,
    padding: number | null,
    maxNorm: number | null,
    normType: number,
    byFrequency: boolean,
    sparse: boolean,
  ) => {
    const row = paddingRow(padding, weight.shape[0] ?? 0);
    if (weight.ndim === 2 && maxNorm !== null) renormalise(weight, input, maxNorm, normType);
    return embedding(weight, input, row, byFrequency, sparse);
  },
  backward: 'composite',
});

export interface EmbeddingOptions {
  padding_idx?: number | null;
  max_norm?: number | null;
  norm_type?: number;
  scale_grad_by_freq?: boolean;
  sparse?: boolean;
}

function paddingRow(padding: number | null, rows: number): number {
  if (padding === null) return -1;
  if (padding > 0 ? padding >= rows : padding < -rows) {
    throw new RuntimeError(
      `Padding_idx must be within num_embeddings (embedding: got ${padding} of ${rows} rows)`,
    );
  }
  return padding < 0 ? padding + rows : padding;
}
