import { bool, int32, int64, uint8 } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { broadcastShapes, isBroadcastableTo, showShape } from '../shape.js';
import type { Shape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import { where } from './compare.js';
import { to } from './copy.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { cast, dense } from './dense.js';
import { addAt, apart, putKernel, takeAt, takeKernel, writable, zeroAt } from './offset.js';
import { expand } from './view.js';

function checkMask(op: string, mask: Tensor): void {
  if (mask.dtype !== bool && mask.dtype !== uint8) {
    throw new RuntimeError(`${op}: expected BoolTensor or ByteTensor for mask, got ${mask.dtype.scalarName}`);
  }
}

/** The flat positions of what is not 0, int64. */
function flatNonzero(x: Tensor): Tensor {
  const from = dense(x);
  const n = from.numel();
  const { kernels } = runtime();
  const count = n === 0 ? 0 : kernels.nonzero_count(x.dtype.code, address(from), n);
  const out = allocate([count], int64);
  if (count > 0) kernels.nonzero_write(x.dtype.code, address(from), n, address(out));
  return out;
}

/**
 * The tensor with a value (a number or a 0-dim tensor) where the mask is true.
 *
 * @example
 * console.log(torch.ones(3).masked_fill(torch.tensor([true, false, true]), 0).tolist()); // [ 0, 1, 0 ]
 */
export const masked_fill: Op<
  (input: Tensor, mask: Tensor, value: number | boolean | Tensor) => Tensor,
  'method' | 'inplace'
> = define(
  {
    schema: 'masked_fill(Tensor input, Tensor mask, Tensor|Scalar value)',
    repeats: true,
    forward: (_ctx, x: Tensor, mask: Tensor, value: Tensor | number | boolean) => {
      checkMask('masked_fill', mask.dtype === int64 ? cast(mask, bool) : mask);
      if (value instanceof Tensor) {
        if (value.ndim > 0) {
          throw new RuntimeError(
            `masked_fill_ only supports a 0-dimensional value tensor, but got tensor with ${value.ndim} dimension(s).`,
          );
        }
        return where(cast(mask, bool), to(value, x.dtype), x);
      }
      const integral = !x.dtype.is_floating_point && typeof value === 'number';
      return to(where(cast(mask, bool), integral ? Math.trunc(value) : value, x), x.dtype);
    },
    backward: 'composite',
    samples: (make) => [
      [make(2, 3), make.bool(2, 3), 0.5],
      [make(2, 3), make.bool(3), make()],
      [make(3), make.bool(2, 3), 0],
    ],
  },
  ['method', 'inplace'],
);

interface Masked {
  readonly shape: Shape;
}

/** The elements where the mask is true, in one dimension; both are broadcast. */
export const masked_select: Op<(input: Tensor, mask: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'masked_select(Tensor input, Tensor mask)',
    forward: (ctx, x: Tensor, mask: Tensor) => {
      checkMask('masked_select', mask);
      const shape = broadcastShapes(x.shape, mask.shape);
      const offsets = to32(flatNonzero(expand(mask, shape)));
      ctx.save(offsets);
      ctx.state = { shape } satisfies Masked;
      return takeKernel(expand(x, shape), offsets, [offsets.numel()], 1);
    },
    backward: (ctx, g) => [addAt(g, ctx.saved()[0], (ctx.state as Masked).shape, 1), null],
    samples: (make) => [
      [make(2, 3), make.bool(2, 3)],
      [make(3), make.bool(2, 3)],
    ],
  },
  ['method'],
);

/** Flat positions as offsets. */
function to32(positions: Tensor): Tensor {
  const out = allocate(positions.shape, int32);
  const { i32 } = runtime().heap;
  const from = address(positions) >> 2;
  const at = address(out) >> 2;
  for (let i = 0; i < positions.numel(); i++) i32[at + i] = i32[from + 2 * i];
  return out;
}

/** The tensor with the first elements of source, in order, where the mask is true. */
export const masked_scatter: Op<
  (input: Tensor, mask: Tensor, source: Tensor) => Tensor,
  'method' | 'inplace'
> = define(
  {
    schema: 'masked_scatter(Tensor input, Tensor mask, Tensor source)',
    forward: (ctx, x: Tensor, mask: Tensor, source: Tensor) => {
      checkMask('masked_scatter', mask);
      if (source.dtype !== x.dtype) {
        throw new RuntimeError(
          `masked_scatter: expected self and source to have same dtypes but got ${x.dtype.scalarName} and ${source.dtype.scalarName}`,
        );
      }
      const shape = broadcastShapes(x.shape, mask.shape);
      if (ctx.target !== null && !isBroadcastableTo(mask.shape, x.shape)) {
        throw new RuntimeError(
          `output with shape ${showShape(x.shape)} doesn't match the broadcast shape ${showShape(shape)}`,
        );
      }
      const offsets = to32(flatNonzero(expand(mask, shape)));
      if (source.numel() < offsets.numel()) {
        throw new RuntimeError('Number of elements of source < number of ones in mask');
      }
      const out = writable(ctx, expand(x, shape));
      putKernel(out, offsets, apart(source, out), 1);
      ctx.save(offsets);
      ctx.state = { shape: source.shape } satisfies Masked;
      return out;
    },
    backward: (ctx, g) => {
      const [offsets] = ctx.saved();
      const { shape } = ctx.state as Masked;
      return [
        ctx.needs[0] ? zeroAt(g, offsets, 1) : null,
        null,
        ctx.needs[2] ? leadingFlat(takeAt(g, offsets, [offsets.numel()], 1), shape) : null,
      ];
    },
    samples: (make) => [
      [make(2, 3), make.bool(2, 3), make(6)],
      [make(3), make.bool(2, 3), make(8)],
    ],
  },
  ['method', 'inplace'],
);

/** A vector as the first elements of a tensor of zeros. */
function leadingFlat(values: Tensor, shape: Shape): Tensor {
  const positions = allocate([values.numel()], int32);
  const { i32 } = runtime().heap;
  const at = address(positions) >> 2;
  for (let i = 0; i < values.numel(); i++) i32[at + i] = i;
  return addAt(values, positions, shape, 1);
}

/** Coordinates [count, ndim] of flat positions in C order. */
function unravel(positions: Tensor, shape: Shape): Tensor {
  const count = positions.numel();
  const ndim = shape.length;
  const out = allocate([count, ndim], int64);
  const { i32 } = runtime().heap;
  const from = address(positions) >> 2;
  const at = address(out) >> 2;
  // Positions are below 2^31, so the upper words of the int64 values are 0.
  for (let i = 0; i < count; i++) {
    let rest = i32[from + 2 * i];
    for (let d = ndim - 1; d >= 0; d--) {
      const q = Math.floor(rest / shape[d]);
      const to = at + 2 * (i * ndim + d);
      i32[to] = rest - q * shape[d];
      i32[to + 1] = 0;
      rest = q;
    }
  }
  return out;
}

/** The coordinates of what is not 0: one row each. */
export const argwhere: Op<(input: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'argwhere(Tensor input)',
    forward: (_ctx, x: Tensor) => unravel(flatNonzero(x), x.shape),
    backward: 'none',
    samples: (make) => [[make.int(0, 2, 2, 3)]],
  },
  ['method'],
);

/** The forms of `nonzero`: rows of coordinates, or one vector per dimension. */
export interface Nonzero {
  (input: Tensor, options: { as_tuple: true }): Tensor[];
  (input: Tensor, options?: { as_tuple?: false }): Tensor;
}

/** The forms of `nonzero` as a method. */
export interface NonzeroMethod {
  (options: { as_tuple: true }): Tensor[];
  (options?: { as_tuple?: false }): Tensor;
}

/**
 * The coordinates of what is not 0, one row each; with `as_tuple` a list of one vector per dimension, which `index` takes.
 */
export const nonzero: Op<Nonzero, 'method'> = define(
  {
    schema: 'nonzero(Tensor input, *, bool as_tuple=False)',
    forward: (_ctx, x: Tensor, asTuple: boolean) => {
      if (!asTuple) return argwhere(x);
      const rows = x.ndim === 0 ? argwhere(x.reshape(1)) : argwhere(x);
      return rows.shape[1] === undefined
        ? []
        : Array.from({ length: rows.shape[1] }, (_, d) => rows.select(1, d));
    },
    backward: 'composite',
    samples: (make) => [[make.int(0, 2, 2, 3)], [make.int(0, 2, 2, 3), { as_tuple: true }]],
  },
  ['method'],
);
