import { bool, int64 } from '../dtype.js';
import { IndexError, NotImplementedError, RuntimeError } from '../errors.js';
import { numel, wrapDim } from '../shape.js';
import { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import * as code from '../wasm/opcode.js';
import { eq } from './compare.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { copyKernel } from './dense.js';
import { fillKernel } from './make.js';
import { named } from './named.js';
import type { ValuesIndices } from './named.js';
import { div, maximum, minimum, mul } from './pointwise_binary.js';
import { sum } from './reduce.js';
import type { ReduceOptions } from './reduce.js';
import { reduceDescriptor, reduceKernel, reducedDims, reducedShape, unreduce } from './reduce_kernel.js';
import type { AlongOrAll } from './reduce_kernel.js';
import { checkNonEmpty, selectAlong, shareEqual } from './selection.js';
import type { SelectAlong } from './selection.js';
import { reshape } from './view.js';

type Whole = Op<(input: Tensor) => Tensor>;
function whole(name: string, op: number): Whole {
  return define({
    schema: `${name}(Tensor input)`,
    forward: (ctx, x: Tensor) => {
      if (x.numel() === 0) {
        throw new RuntimeError(
          `${name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
        );
      }
      ctx.save(x);
      const out = reduceKernel(op, x, reducedDims(name, null, x.ndim), false, x.dtype, null);
      ctx.saveOutput(out);
      return out;
    },
    backward: (ctx, g) => {
      const [x, out] = ctx.saved();
      return [shareEqual(g, x, out)];
    },
    samples: (make) => [[make(2, 3)], [make()]],
  });
}

/** The gradient in equal parts to all that are extreme. */
function share(g: Tensor, mask: Tensor, dims: readonly number[] | null): Tensor {
  return div(mul(g, mask), dims === null ? sum(mask) : sum(mask, dims, true));
}

function along(name: string, op: number): SelectAlong {
  return selectAlong(name, (x, dim, keepdim) => {
    const shape = reducedShape(x.shape, [dim], keepdim);
    const values = allocate(shape, x.dtype);
    const indices = allocate(shape, int64);
    if (x.ndim === 0) {
      copyKernel(x, values);
      fillKernel(indices, 0);
    } else if (values.numel() > 0) {
      const { desc, inner } = reduceDescriptor(x, [dim]);
      const { kernels } = runtime();
      kernels.reduce_arg(x.dtype.code, op, address(x), address(values), address(indices), desc, inner);
    }
    return [values, indices];
  });
}

const wholeMax = whole('max', code.R_MAX);
const wholeMin = whole('min', code.R_MIN);
const alongMax = along('max', code.R_MAX);
const alongMin = along('min', code.R_MIN);

/** The three forms of `max` and `min`. */
export interface Extremum {
  (input: Tensor): Tensor;
  (...args: Args<[input: Tensor, dim: number], [keepdim: boolean], { keepdim?: boolean }>): ValuesIndices;
  (input: Tensor, options: { dim: number; keepdim?: boolean }): ValuesIndices;
  (input: Tensor, other: Tensor): Tensor;
}

/** The forms of `max` and `min` as methods. */
export interface ExtremumMethod {
  (): Tensor;
  (...args: Args<[dim: number], [keepdim: boolean], { keepdim?: boolean }>): ValuesIndices;
  (options: { dim: number; keepdim?: boolean }): ValuesIndices;
  (other: Tensor): Tensor;
}

function extremum(name: string): Op<Extremum, 'method'> {
  return define(
    {
      schema: `${name}(Tensor input, Tensor|int? dim=None, bool keepdim=False, *, Tensor? other=None)`,
      forward: (_ctx, x: Tensor, dim: Tensor | number | null, keepdim: boolean, other: Tensor | null) => {
        const second = dim instanceof Tensor ? dim : other;
        if (second !== null) return name === 'max' ? maximum(x, second) : minimum(x, second);
        if (dim === null) return name === 'max' ? wholeMax(x) : wholeMin(x);
        return (name === 'max' ? alongMax : alongMin)(x, dim as number, keepdim);
      },
      backward: 'composite',
      samples: (make) => [[make(2, 3)], [make(2, 3), 1], [make(2, 3), 0, true], [make(2, 3), make(3)]],
    },
    ['method'],
  );
}

/**
 * The largest element: of the whole tensor; along `dim`, with its index (`[values, indices]`); or of two tensors, element by
 * element. NaN is the largest. Of equal elements the first is chosen along a dimension; the whole tensor's gradient is shared.
 *
 * @example
 * const [values, indices] = torch.tensor([[1, 5], [7, 3]]).max(1);
 * console.log(values.tolist(), indices.tolist()); // [ 5, 7 ] [ 1, 0 ]
 */
export const max: Op<Extremum, 'method'> = extremum('max');
/** The smallest element, in the forms of `max`. */
export const min: Op<Extremum, 'method'> = extremum('min');

type Amax = Op<
  (
    ...args: Args<[input: Tensor], [dim: number | readonly number[] | null, keepdim: boolean], ReduceOptions>
  ) => Tensor,
  'method'
>;

function amaxLike(name: string, op: number): Amax {
  return define(
    {
      schema: `${name}(Tensor input, int[]? dim=None, bool keepdim=False)`,
      forward: (ctx, x: Tensor, dim: number[] | null, keepdim: boolean) => {
        const dims = reducedDims(name, dim, x.ndim);
        if (dim === null || dim.length === 0) {
          if (x.numel() === 0) {
            throw new RuntimeError(
              `${name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
            );
          }
        } else checkNonEmpty(`${name}()`, x.shape, dims);
        ctx.save(x);
        const out = reduceKernel(op, x, dims, keepdim, x.dtype, 0);
        ctx.saveOutput(out);
        ctx.state = { dims, keepdim };
        return out;
      },
      backward: (ctx, g) => {
        const [x, out] = ctx.saved();
        const { dims, keepdim } = ctx.state as { dims: number[]; keepdim: boolean };
        const mask = eq(x, unreduce(out, x.shape, dims, keepdim));
        return [share(unreduce(g, x.shape, dims, keepdim), mask, dims.length === 0 ? null : dims)];
      },
      samples: (make) => [[make(2, 3)], [make(2, 3), 1], [make(2, 3, 2), [0, 2], true], [make()]],
    },
    ['method'],
  );
}

/** The largest element over some or all dimensions; the gradient is shared by equal elements. */
export const amax: Amax = amaxLike('amax', code.R_MAX);
/** The smallest element over some or all dimensions; the gradient is shared by equal elements. */
export const amin: Amax = amaxLike('amin', code.R_MIN);

/** Smallest and largest element, of the whole tensor or along `dim`: `[min, max]`. */
export const aminmax: Op<
  (
    input: Tensor,
    options?: { dim?: number | null; keepdim?: boolean },
  ) => [min: Tensor, max: Tensor] & { min: Tensor; max: Tensor },
  'method'
> = define(
  {
    schema: 'aminmax(Tensor input, *, int? dim=None, bool keepdim=False)',
    forward: (_ctx, x: Tensor, dim: number | null, keepdim: boolean) => {
      if (dim === null && x.numel() === 0) {
        throw new RuntimeError(
          'aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.',
        );
      }
      if (dim !== null && x.ndim > 0) checkNonEmpty('aminmax', x.shape, [wrapDim(dim, x.ndim)]);
      const both = [amin(x, dim, keepdim), amax(x, dim, keepdim)];
      // torch gives a number that is reduced along its only dimension one.
      const kept = x.ndim === 0 && dim !== null && keepdim;
      return named(['min', 'max'], kept ? both.map((t) => reshape(t, [1])) : both);
    },
    backward: 'composite',
    samples: (make) => [[make(2, 3)], [make(2, 3), { dim: 1, keepdim: true }]],
  },
  ['method'],
);

function arg(name: string, op: number): AlongOrAll {
  return define(
    {
      schema: `${name}(Tensor input, int? dim=None, bool keepdim=False)`,
      forward: (_ctx, x: Tensor, dim: number | null, keepdim: boolean) => {
        const dims = dim === null || x.ndim === 0 ? reducedDims(name, null, x.ndim) : [wrapDim(dim, x.ndim)];
        if (dim !== null) {
          wrapDim(dim, x.ndim);
          checkNonEmpty(`${name}()`, x.shape, dims);
        } else if (numel(x.shape) === 0) {
          throw new IndexError(`${name}(): Expected reduction dim to be specified for input.numel() == 0.`);
        }
        if (dim !== null && x.shape[dims[0]] === 1) {
          const out = allocate(reducedShape(x.shape, dims, keepdim), int64);
          fillKernel(out, 0);
          return out;
        }
        if (x.dtype === bool && x.numel() > 0)
          throw new NotImplementedError(`"${name}_cpu" not implemented for 'Bool'`);
        return reduceKernel(op, x, dims, keepdim, int64, 0);
      },
      backward: 'none',
      samples: (make) => [[make(2, 3)], [make(2, 3), 1, true]],
    },
    ['method'],
  );
}

/**
 * The index of the (first) largest element: in the flattened tensor, or along `dim`.
 *
 * @example
 * console.log(torch.tensor([[1, 5], [7, 3]]).argmax(1).tolist()); // [ 1, 0 ]
 */
export const argmax: AlongOrAll = arg('argmax', code.R_ARGMAX);
/** The index of the (first) smallest element: in the flattened tensor, or along `dim`. */
export const argmin: AlongOrAll = arg('argmin', code.R_ARGMIN);
