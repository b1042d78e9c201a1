import { RuntimeError } from '../errors.js';
import { wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import { clone } from './copy.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { writeDescriptor } from './iterator.js';
import { cat } from './join.js';
import type { Dims } from './layout.js';
import { flatten, narrow, reshape, transpose } from './view.js';
import type { IntList } from './view.js';

/** The order of the elements reversed along dimensions; a copy. */
export const flip: Op<(input: Tensor, ...dims: IntList) => Tensor, 'method'> = define(
  {
    schema: 'flip(Tensor input, int[]... dims)',
    forward: (ctx, x: Tensor, dims: number[]) => {
      const turned = flippedDims(x, dims);
      ctx.state = turned;
      const out = allocate(x.shape, x.dtype);
      if (out.numel() === 0) return out;
      let start = address(x);
      const strides = x._strides.map((stride, d) => {
        if (!turned.includes(d)) return stride;
        start += (x.shape[d] - 1) * stride * x.dtype.itemsize;
        return -stride;
      });
      const desc = writeDescriptor(x.shape, [out._strides, strides]);
      runtime().kernels.copy(x.dtype.code, x.dtype.code, start, address(out), desc);
      return out;
    },
    backward: (ctx, g) => [flip(g, ctx.state as number[])],
    samples: (make) => [
      [make(2, 3), [0]],
      [make(2, 3), [0, 1]],
      [make(2, 3, 2), [-1]],
    ],
  },
  ['method'],
);

function flippedDims(x: Tensor, dims: readonly number[]): number[] {
  const seen = new Set<number>();
  for (const dim of dims) {
    const d = wrapDim(dim, x.ndim);
    if (seen.has(d)) throw new RuntimeError(`dim ${d} appears multiple times in the list of dims`);
    seen.add(d);
  }
  return x.ndim === 0 ? [] : [...seen];
}

/** Rows in reverse order. */
export const flipud: Op<(input: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'flipud(Tensor input)',
    forward: (_ctx, x: Tensor) => {
      if (x.ndim < 1) throw new RuntimeError('Input must be >= 1-d.');
      return flip(x, 0);
    },
    backward: 'composite',
    samples: (make) => [[make(2, 3)]],
  },
  ['method'],
);

/** Columns in reverse order. */
export const fliplr: Op<(input: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'fliplr(Tensor input)',
    forward: (_ctx, x: Tensor) => {
      if (x.ndim < 2) throw new RuntimeError('Input must be >= 2-d.');
      return flip(x, 1);
    },
    backward: 'composite',
    samples: (make) => [[make(2, 3)]],
  },
  ['method'],
);

/** The elements moved along dimensions, those beyond the end coming in at the start; without `dims` the flat tensor. */
export const roll: Op<
  (...args: Args<[input: Tensor, shifts: Dims], [dims: Dims], { shifts?: Dims; dims?: Dims }>) => Tensor,
  'method'
> = define(
  {
    schema: 'roll(Tensor input, int[] shifts, int[] dims=[])',
    forward: (_ctx, x: Tensor, shifts: number[], dims: number[]) => {
      if (shifts.length === 0) throw new RuntimeError('`shifts` required');
      if (dims.length === 0 && shifts.length === 1)
        return reshape(rollOne(flatten(x), shifts[0], 0), x.shape);
      if (shifts.length !== dims.length) {
        throw new RuntimeError(
          `shifts and dimensions must align. shifts: ${shifts.length}, dims:${dims.length}`,
        );
      }
      if (x.ndim === 0) return clone(x);
      return shifts.reduce((out, shift, i) => rollOne(out, shift, wrapDim(dims[i], x.ndim)), x);
    },
    backward: 'composite',
    samples: (make) => [
      [make(2, 3), 1],
      [make(2, 3), 1, 0],
      [make(2, 3), [1, -1], [0, 1]],
    ],
  },
  ['method'],
);

function rollOne(x: Tensor, shift: number, dim: number): Tensor {
  const size = x.shape[dim];
  if (x.numel() === 0) return clone(x);
  const start = ((-shift % size) + size) % size || 0;
  if (start === 0) return clone(x);
  return cat([narrow(x, dim, start, size - start), narrow(x, dim, 0, start)], dim);
}

/** The plane of two dimensions turned by 90° k times, from the first towards the second. */
export const rot90: Op<
  (
    ...args: Args<
      [input: Tensor],
      [k: number, dims: readonly number[]],
      { k?: number; dims?: readonly number[] }
    >
  ) => Tensor,
  'method'
> = define(
  {
    schema: 'rot90(Tensor input, int k=1, int[] dims=[0, 1])',
    forward: (_ctx, x: Tensor, k: number, dims: number[]) => {
      if (dims.length !== 2) {
        throw new RuntimeError(`expected total rotation dims == 2, but got dims = ${dims.length}`);
      }
      if (x.ndim < 2) throw new RuntimeError(`expected total dims >= 2, but got total dims = ${x.ndim}`);
      const [a, b] = dims.map((dim) => wrapDim(dim, x.ndim));
      if (a === b) {
        throw new RuntimeError(
          `expected rotation dims to be different, but got dim0 = ${dims[0]} and dim1 = ${dims[1]}`,
        );
      }
      switch (((k % 4) + 4) % 4) {
        case 1:
          return transpose(flip(x, b), a, b);
        case 2:
          return flip(x, [a, b]);
        case 3:
          return transpose(flip(x, a), a, b);
        default:
          return clone(x);
      }
    },
    backward: 'composite',
    samples: (make) => [[make(2, 3)], [make(2, 3), 2], [make(2, 3, 2), 3, [1, 2]], [make(2, 3), 0]],
  },
  ['method'],
);
