import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { sameShape, showShape, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { allocate, makeView } from '../tensor_handle.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { copyKernel } from './dense.js';
import { commonDtype } from './iterator.js';
import { atleast_1d, atleast_2d, atleast_3d } from './layout.js';
import { sliceDim } from './slice_dim.js';
import { unsqueeze } from './view.js';

type Joined = (tensors: readonly Tensor[], dim?: number | { dim?: number }) => Tensor;
type Stacked = (tensors: readonly Tensor[]) => Tensor;

/** torch.cat passes over vectors of no elements, whatever the others' shapes are. */
function isSkipped(x: Tensor): boolean {
  return x.ndim === 1 && x.shape[0] === 0;
}

function checkCat(tensors: readonly Tensor[], dim: number, first: Tensor): void {
  tensors.forEach((x, i) => {
    if (isSkipped(x)) return;
    if (x.ndim !== first.ndim) {
      throw new RuntimeError(`Tensors must have same number of dimensions: got ${first.ndim} and ${x.ndim}`);
    }
    const bad = x.shape.findIndex((size, d) => d !== dim && size !== first.shape[d]);
    if (bad >= 0) {
      throw new RuntimeError(
        `Sizes of tensors must match except in dimension ${dim}. Expected size ${first.shape[bad]} but got size ` +
          `${x.shape[bad]} for tensor number ${i} in the list.`,
      );
    }
  });
}

interface Parts {
  readonly dim: number;
  /** Where each tensor stands along `dim`. */
  readonly starts: readonly number[];
  readonly shapes: readonly (readonly number[])[];
}

/**
 * Tensors one after the other along a dimension they have.
 *
 * @example
 * console.log(torch.cat([torch.ones(2, 3), torch.zeros(1, 3)], 0).shape); // [ 3, 3 ]
 */
export const cat: Op<Joined> = define({
  schema: 'cat(Tensor[] tensors, int dim=0)',
  forward: (ctx, tensors: Tensor[], dim: number) => {
    if (tensors.length === 0) throw new RuntimeError('torch.cat(): expected a non-empty list of Tensors');
    const scalar = tensors.findIndex((x) => x.ndim === 0);
    if (scalar >= 0)
      throw new RuntimeError(`zero-dimensional tensor (at position ${scalar}) cannot be concatenated`);
    const first = tensors.find((x) => !isSkipped(x)) ?? tensors[0];
    const d = wrapDim(dim, first.ndim);
    checkCat(tensors, d, first);
    const dtype: DType = commonDtype(tensors);
    let total = 0;
    const starts = tensors.map((x) => {
      const start = total;
      if (!isSkipped(x)) total += x.shape[d];
      return start;
    });
    const out = allocate(first.shape.with(d, total), dtype);
    tensors.forEach((x, i) => {
      if (x.numel() > 0) copyKernel(x, makeView(out, x.shape, out._strides, starts[i] * out._strides[d]));
    });
    ctx.state = { dim: d, starts, shapes: tensors.map((x) => x.shape) } satisfies Parts;
    return out;
  },
  backward: (ctx, g) => {
    const { dim, starts, shapes } = ctx.state as Parts;
    return starts.map((start, i) => {
      if (!ctx.needs[i]) return null;
      if (shapes[i].length === 1 && shapes[i][0] === 0) return null;
      return sliceDim(g, dim, start, start + shapes[i][dim], 1);
    });
  },
  samples: (make) => [[[make(2, 3), make(2, 1)], 1], [[make(2), make(3)]], [[make(3, 2).t(), make(1, 3)]]],
});
export const concat: Op<Joined> = cat;
export const concatenate: Op<Joined> = cat;

/**
 * Tensors of one shape along a new dimension.
 *
 * @example
 * console.log(torch.stack([torch.ones(3), torch.zeros(3)], 1).shape); // [ 3, 2 ]
 */
export const stack: Op<Joined> = define({
  schema: 'stack(Tensor[] tensors, int dim=0)',
  forward: (_ctx, tensors: Tensor[], dim: number) => {
    if (tensors.length === 0) throw new RuntimeError('stack expects a non-empty TensorList');
    const [first] = tensors;
    tensors.forEach((x, i) => {
      if (!sameShape(x.shape, first.shape)) {
        throw new RuntimeError(
          `stack expects each tensor to be equal size, but got ${showShape(first.shape)} at entry 0 and ` +
            `${showShape(x.shape)} at entry ${i}`,
        );
      }
    });
    const d = wrapDim(dim, first.ndim + 1);
    return cat(
      tensors.map((x) => unsqueeze(x, d)),
      d,
    );
  },
  backward: 'composite',
  samples: (make) => [[[make(2, 3), make(2, 3)], 1], [[make(), make()]]],
});

function stacker(name: string, join: (tensors: Tensor[]) => Tensor): Op<Stacked> {
  return define({
    schema: `${name}(Tensor[] tensors)`,
    forward: (_ctx, tensors: Tensor[]) => {
      if (tensors.length === 0) throw new RuntimeError(`${name} expects a non-empty TensorList`);
      return join(tensors);
    },
    backward: 'composite',
    samples: (make) => [[[make(2, 3), make(2, 3)]], [[make(3), make(3)]]],
  });
}

/** Side by side: along the second dimension, or the first of vectors. */
export const hstack: Op<Stacked> = stacker('hstack', (tensors) => {
  const parts = tensors.map((x) => atleast_1d(x));
  return cat(parts, parts[0].ndim === 1 ? 0 : 1);
});
/** One below the other, vectors as rows. */
export const vstack: Op<Stacked> = stacker('vstack', (tensors) =>
  cat(
    tensors.map((x) => atleast_2d(x)),
    0,
  ),
);
export const row_stack: Op<Stacked> = vstack;
/** Along the third dimension. */
export const dstack: Op<Stacked> = stacker('dstack', (tensors) =>
  cat(
    tensors.map((x) => atleast_3d(x)),
    2,
  ),
);
/** Side by side, vectors as columns. */
export const column_stack: Op<Stacked> = stacker('column_stack', (tensors) =>
  hstack(tensors.map((x) => (x.ndim <= 1 ? x.reshape(x.numel(), 1) : x))),
);
