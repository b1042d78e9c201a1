import { int64 } from '../dtype.js';
import { IndexError, RuntimeError } from '../errors.js';
import { numel, sameShape, showShape, wrapDim } from '../shape.js';
import type { Shape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { writeValues } from '../tensor_data.js';
import { allocate } from '../tensor_handle.js';
import * as code from '../wasm/opcode.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { fillKernel } from './make.js';
import {
  apart,
  checkIndexDtype,
  combineKernel,
  putKernel,
  sliceOffsets,
  takeAt,
  writable,
  zeroAt,
} from './offset.js';
import { mul } from './pointwise_binary.js';

interface Slices {
  readonly source: Shape;
  readonly width: number;
}

function checkVector(op: string, index: Tensor): void {
  if (index.ndim > 1)
    throw new IndexError(`${op}: Index is supposed to be 1-dimensional, got ${showShape(index.shape)}`);
}

/** The source's shape must be that of self with as many slices as there are indices. */
function checkSource(op: string, x: Tensor, d: number, index: Tensor, source: Tensor): void {
  if (source.dtype !== x.dtype) {
    throw new RuntimeError(
      `${op}: self (${x.dtype.scalarName}) and source (${source.dtype.scalarName}) must have the same dtype`,
    );
  }
  const count = source.ndim === 0 ? 1 : source.shape[d];
  if (index.numel() !== count) {
    throw new RuntimeError(
      `${op}: Number of indices (${index.numel()}) should be equal to source.size(dim): (${count}), for dim: ${d}`,
    );
  }
  if (x.ndim > 0 && source.ndim > 0 && !sameShape(source.shape, x.shape.with(d, count))) {
    throw new RuntimeError(
      `${op}: source ${showShape(source.shape)} must have the shape of self ${showShape(x.shape)} except in dimension ${d}`,
    );
  }
}

/** The tensor with alpha · source added to the slices along `dim` that the indices name. */
export const index_add: Op<
  (
    ...args: Args<[input: Tensor, dim: number, index: Tensor, source: Tensor], [], { alpha?: number }>
  ) => Tensor,
  'method' | 'inplace'
> = define(
  {
    schema: 'index_add(Tensor input, int dim, Tensor index, Tensor source, *, Scalar alpha=1)',
    forward: (ctx, x: Tensor, dim: number, index: Tensor, source: Tensor, alpha: number | boolean) => {
      const d = wrapDim(dim, x.ndim);
      checkVector('index_add_()', index);
      checkIndexDtype('index_add_()', index);
      checkSource('index_add_()', x, d, index, source);
      const { offsets, width } = sliceOffsets(
        x,
        d,
        index,
        () => new IndexError('index out of range in self'),
      );
      const out = writable(ctx, x);
      combineKernel(
        code.P_ADD,
        out,
        offsets,
        apart(Number(alpha) === 1 ? source : mul(source, alpha), out),
        width,
      );
      ctx.save(offsets);
      ctx.state = { source: source.shape, width } satisfies Slices;
      return out;
    },
    backward: (ctx, g) => {
      const { source, width } = ctx.state as Slices;
      const alpha = Number(ctx.args[4]);
      if (!ctx.needs[2]) return [g, null, null];
      const taken = takeAt(g, ctx.saved()[0], source, width);
      return [g, null, alpha === 1 ? taken : mul(taken, alpha)];
    },
    samples: (make) => [
      [make(3, 4), 0, make.int(0, 3, 5), make(5, 4)],
      [make(3, 4), 1, make.int(0, 4, 2), make(3, 2), { alpha: 2 }],
    ],
  },
  ['method', 'inplace'],
);

/** The tensor with the slices of source written over the slices along `dim` that the indices name. */
export const index_copy: Op<
  (input: Tensor, dim: number, index: Tensor, source: Tensor) => Tensor,
  'method' | 'inplace'
> = define(
  {
    schema: 'index_copy(Tensor input, int dim, Tensor index, Tensor source)',
    forward: (ctx, x: Tensor, dim: number, index: Tensor, source: Tensor) => {
      const d = wrapDim(dim, x.ndim);
      checkVector('index_copy_()', index);
      if (index.dtype !== int64) {
        throw new RuntimeError(
          `index_copy_(): Expected a long tensor for index, but got ${index.dtype.scalarName}`,
        );
      }
      checkSource('index_copy_()', x, d, index, source);
      const size = x.shape[d] ?? 1;
      const { offsets, width } = sliceOffsets(
        x,
        d,
        index,
        (i) =>
          new IndexError(`index_copy_(): index ${i} is out of bounds for dimension ${d} with size ${size}`),
      );
      const out = writable(ctx, x);
      putKernel(out, offsets, apart(source, out), width);
      ctx.save(offsets);
      ctx.state = { source: source.shape, width } satisfies Slices;
      return out;
    },
    backward: (ctx, g) => {
      const { source, width } = ctx.state as Slices;
      const [offsets] = ctx.saved();
      return [
        ctx.needs[0] ? zeroAt(g, offsets, width) : null,
        null,
        ctx.needs[2] ? takeAt(g, offsets, source, width) : null,
      ];
    },
    samples: (make) => [
      [make(3, 4), 0, make.int(0, 3, 1), make(1, 4)],
      [make(3, 4), 1, make.int(0, 4, 1), make(3, 1)],
    ],
  },
  ['method', 'inplace'],
);

/** The tensor with a value (a number or a 0-dim tensor) in the slices along `dim` that the indices name. */
export const index_fill: Op<
  (input: Tensor, dim: number, index: Tensor, value: number | boolean | Tensor) => Tensor,
  'method' | 'inplace'
> = define(
  {
    schema: 'index_fill(Tensor input, int dim, Tensor index, Tensor|Scalar value)',
    repeats: true,
    forward: (ctx, x: Tensor, dim: number, index: Tensor, value: Tensor | number | boolean) => {
      const d = wrapDim(dim, x.ndim);
      if (index.dtype !== int64) throw new IndexError('index_fill_(): Expected dtype int64 for index.');
      checkVector('index_fill_()', index);
      if (value instanceof Tensor && value.ndim > 0) {
        throw new RuntimeError(
          `index_fill_ only supports a 0-dimensional value tensor, but got tensor with ${value.ndim} dimension(s).`,
        );
      }
      const size = x.shape[d] ?? 1;
      // Here, unlike in its sisters, torch counts negative indices from the end.
      const wrapped = wrapIndex(index, size, d);
      const { offsets, width } = sliceOffsets(x, d, wrapped, (i) => outOfBounds(i, d, size));
      const out = writable(ctx, x);
      const values = allocate([offsets.numel() * width], x.dtype);
      fillKernel(values, value instanceof Tensor ? value.item() : value);
      putKernel(out, offsets, values, width);
      ctx.save(offsets);
      ctx.state = { source: [numel([offsets.numel(), width])], width } satisfies Slices;
      return out;
    },
    backward: (ctx, g) => {
      const { source, width } = ctx.state as Slices;
      const [offsets] = ctx.saved();
      return [
        ctx.needs[0] ? zeroAt(g, offsets, width) : null,
        null,
        ctx.needs[2] ? takeAt(g, offsets, source, width).sum() : null,
      ];
    },
    samples: (make) => [
      [make(3, 4), 0, make.int(0, 3, 1), 2],
      [make(3, 4), 1, make.int(0, 4, 1), make()],
    ],
  },
  ['method', 'inplace'],
);

function outOfBounds(index: number, dim: number, size: number): IndexError {
  return new IndexError(`index ${index} is out of bounds for dimension ${dim} with size ${size}`);
}

function wrapIndex(index: Tensor, size: number, dim: number): Tensor {
  const values = (index.reshape(-1).tolist() as number[]).map((i) => {
    if (i < -size || i >= size) throw outOfBounds(i, dim, size);
    return i < 0 ? i + size : i;
  });
  const out = allocate([values.length], int64);
  writeValues(out, values);
  return out;
}
