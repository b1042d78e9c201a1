import { int64 } from '../dtype.js';
import { NotImplementedError, RuntimeError } from '../errors.js';
import { numel, wrapDim } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { copyKernel, materialize } from './dense.js';
import { fillKernel } from './make.js';
import { valuesIndices } from './named.js';
import type { ValuesIndices } from './named.js';
import { selectBackward } from './offset.js';
import { sortRows } from './sort_kernel.js';
import { transpose } from './view.js';

/** A dense copy with `dim` last. */
function lastDim(x: Tensor, dim: number): Tensor {
  return materialize(x.ndim === 0 ? x : transpose(x, dim, -1));
}

/** A dense tensor whose last dimension becomes `dim`. */
function backToDim(x: Tensor, dim: number): Tensor {
  return dim >= x.ndim - 1 ? x : materialize(transpose(x, dim, -1));
}

interface Along {
  readonly dim: number;
  readonly shape: Shape;
}

function alongBackward(g: Tensor, indices: Tensor, { dim, shape }: Along): Tensor {
  return selectBackward(g, dim, indices, shape);
}

type Sort = Op<
  (
    ...args: Args<
      [input: Tensor],
      [dim: number, descending: boolean],
      { dim?: number; descending?: boolean; stable?: boolean }
    >
  ) => ValuesIndices,
  'method'
>;

/**
 * The elements of each line in order, and where they came from: `[values, indices]`. Always stable. NaN is the greatest.
 *
 * @example
 * const [values, indices] = torch.tensor([3, 1, 2]).sort({ descending: true });
 * console.log(values.tolist(), indices.tolist()); // [ 3, 2, 1 ] [ 0, 2, 1 ]
 */
export const sort: Sort = define(
  {
    schema: 'sort(Tensor input, int dim=-1, bool descending=False, *, bool? stable=None)',
    forward: (ctx, x: Tensor, dim: number, descending: boolean) => {
      const d = wrapDim(dim, x.ndim);
      const sorted = lastDim(x, d);
      const origin = sortRows(sorted, descending);
      const indices = backToDim(origin, d);
      ctx.save(indices);
      ctx.state = { dim: d, shape: x.shape } satisfies Along;
      return valuesIndices(backToDim(sorted, d), indices);
    },
    backward: (ctx, g) => [alongBackward(g, ctx.saved()[0], ctx.state as Along)],
    samples: (make) => [
      [make(2, 3)],
      [make(3, 2), 0, true],
      [make()],
      [make(2, 3), { stable: true, descending: true }],
    ],
  },
  ['method'],
);

/**
 * The indices that sort each line.
 *
 * @example
 * console.log(torch.tensor([3, 1, 2]).argsort().tolist()); // [ 1, 2, 0 ]
 */
export const argsort: Op<
  (
    ...args: Args<
      [input: Tensor],
      [dim: number, descending: boolean],
      { dim?: number; descending?: boolean; stable?: boolean }
    >
  ) => Tensor,
  'method'
> = define(
  {
    schema: 'argsort(Tensor input, int dim=-1, bool descending=False, *, bool stable=False)',
    forward: (_ctx, x: Tensor, dim: number, descending: boolean) => sort(x, dim, descending)[1],
    backward: 'composite',
    samples: (make) => [[make.int(0, 9, 2, 3)]],
  },
  ['method'],
);

/** `sort` along the first dimension, values only. */
export const msort: Op<(input: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'msort(Tensor input)',
    forward: (_ctx, x: Tensor) => sort(x, 0)[0],
    backward: 'composite',
    samples: (make) => [[make(3, 2)]],
  },
  ['method'],
);

/**
 * The k largest (or smallest) elements of each line, best first, with their indices: `[values, indices]`.
 *
 * @example
 * const [values, indices] = torch.tensor([3, 1, 2]).topk(2);
 * console.log(values.tolist(), indices.tolist()); // [ 3, 2 ] [ 0, 2 ]
 */
export const topk: Op<
  (
    ...args: Args<
      [input: Tensor, k: number],
      [dim: number, largest: boolean, sorted: boolean],
      { dim?: number; largest?: boolean; sorted?: boolean }
    >
  ) => ValuesIndices,
  'method'
> = define(
  {
    schema: 'topk(Tensor input, int k, int dim=-1, bool largest=True, bool sorted=True)',
    forward: (ctx, x: Tensor, k: number, dim: number, largest: boolean) => {
      const d = wrapDim(dim, x.ndim);
      if (x.dtype.name === 'bool') throw new NotImplementedError("topk_cpu not implemented for 'Bool'");
      const size = x.ndim === 0 ? 1 : x.shape[d];
      if (k < 0 || k > size) throw new RuntimeError('selected index k out of range');
      const shape = x.ndim === 0 ? [] : lastShape(x.shape, d, k);
      const values = allocate(shape, x.dtype);
      const indices = allocate(shape, int64);
      if (x.ndim === 0) {
        copyKernel(x, values);
        fillKernel(indices, 0);
      } else if (values.numel() > 0) {
        const from = d === x.ndim - 1 && x.is_contiguous() ? x : lastDim(x, d);
        const { kernels } = runtime();
        const rows = numel(shape.slice(0, -1));
        kernels.topk(
          x.dtype.code,
          address(from),
          address(values),
          address(indices),
          rows,
          size,
          k,
          Number(largest),
        );
      }
      const back = backToDim(indices, d);
      ctx.save(back);
      ctx.state = { dim: d, shape: x.shape } satisfies Along;
      return valuesIndices(backToDim(values, d), back);
    },
    backward: (ctx, g) => [alongBackward(g, ctx.saved()[0], ctx.state as Along)],
    samples: (make) => [
      [make(2, 4), 2],
      [make(4, 2), 3, 0, false],
      [make(), 1],
    ],
  },
  ['method'],
);

/** The shape with `dim`, of size k, exchanged with the last dimension. */
function lastShape(shape: Shape, dim: number, k: number): number[] {
  const out = [...shape];
  out[dim] = shape[shape.length - 1];
  out[shape.length - 1] = k;
  return out;
}
