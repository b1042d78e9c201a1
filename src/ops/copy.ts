import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { broadcastShapes, isBroadcastableTo, numel, showShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { define } from './define.js';
import type { AnyDefinition, Args, Context, Op } from './define.js';
import { copyKernel, materialize } from './dense.js';
import { castSparse, copyOverSparse, copySparse } from './sparse_arithmetic.js';

/**
 * A copy with memory of its own.
 *
 * @example
 * const x = torch.tensor([1, 2]);
 * x.clone().add_(1);
 * console.log(x.tolist()); // [1, 2]
 */
export const clone: Op<(input: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'clone(Tensor input)',
    forward: (_ctx, x: Tensor) => materialize(x),
    sparse: (_ctx, x: Tensor) => copySparse(x),
    backward: (_ctx, g) => [g],
    samples: (make) => [[make(2, 3)], [make(3, 2).t()], [make()]],
  },
  ['method'],
);

/**
 * The same values with contiguous memory: the tensor itself when it is contiguous.
 */
export const contiguous: Op<(input: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'contiguous(Tensor input)',
    forward: (_ctx, x: Tensor) => (x.is_contiguous() ? x : clone(x)),
    sparse: 'same',
    backward: 'composite',
    samples: (make) => [[make(2, 3)], [make(3, 2).t()]],
  },
  ['method'],
);

const toCopy: Op<(input: Tensor, dtype: DType) => Tensor> = define({
  schema: '_to_copy(Tensor input, dtype dtype)',
  forward: (ctx, x: Tensor, dtype: DType) => {
    ctx.state = x.dtype;
    return materialize(x, dtype);
  },
  sparse: (ctx, x: Tensor, dtype: DType) => {
    ctx.state = x.dtype;
    return castSparse(x, dtype);
  },
  backward: (ctx, g) => [to(g, ctx.state as DType)],
});

/**
 * The tensor in another dtype; itself when nothing changes and `copy` is false.
 *
 * @param dtype a dtype, or a tensor whose dtype is taken
 */
export const to: Op<
  (
    ...args: Args<
      [input: Tensor, dtype: DType | Tensor | 'cpu'],
      [copy: boolean],
      { copy?: boolean; dtype?: DType }
    >
  ) => Tensor,
  'method'
> = define(
  {
    schema: 'to(Tensor input, dtype|any dtype=None, *, bool copy=False)',
    forward: (_ctx, x: Tensor, target: unknown, copy: boolean) => {
      const dtype =
        target instanceof Tensor
          ? target.dtype
          : target === null || target === 'cpu'
            ? x.dtype
            : (target as DType);
      if (typeof dtype !== 'object' || !('itemsize' in dtype)) {
        throw new TypeError(`to(): expected a torch.dtype, a Tensor or 'cpu', got ${String(target)}`);
      }
      if (dtype !== x.dtype) return toCopy(x, dtype);
      return copy ? clone(x) : x;
    },
    sparse: 'same',
    backward: 'composite',
  },
  ['method'],
);

const copying: AnyDefinition = {
  schema: 'copy_(Tensor self, Tensor src, bool non_blocking=False)',
  mutates: true,
  forward: (ctx: Context, self: Tensor, src: Tensor) => {
    if (!isBroadcastableTo(src.shape, self.shape)) {
      throw new RuntimeError(
        `output with shape ${showShape(self.shape)} doesn't match the broadcast shape ` +
          showShape(broadcastShapes(self.shape, src.shape)),
      );
    }
    ctx.state = src.dtype;
    const overlaps = src._storage === self._storage && numel(src.shape) > 0;
    copyKernel(overlaps ? materialize(src) : src, self);
    return self;
  },
  sparse: (ctx: Context, self: Tensor, src: Tensor) => {
    ctx.state = src.dtype;
    return copyOverSparse(self, src);
  },
  backward: (ctx: Context, g: Tensor) => [null, to(g, ctx.state as DType)],
};

/**
 * Writes `src`, broadcast and cast to this tensor's dtype, over this tensor. Returns the tensor.
 */
export const copy_: Op<(input: Tensor, src: Tensor) => Tensor, 'method'> = define(copying, ['method']);

/** `copy_` for operators that torch lets write where elements share a place. */
export const overwrite_: Op<(input: Tensor, src: Tensor) => Tensor> = define({ ...copying, repeats: true });
