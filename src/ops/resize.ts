/** What changes the storage of a tensor that exists: its size, or which one it is. */
import { checkInplace } from '../autograd/inplace.js';
import { is_grad_enabled, no_grad } from '../autograd/mode.js';
import { RuntimeError } from '../errors.js';
import { contiguousStrides, sameShape } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { replaceData } from '../tensor_handle.js';
import { empty } from './creation.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { checkSize } from './make.js';
import { as_strided } from './strided.js';

/** Makes room for a geometry; what is there stays. */
function reserve(x: Tensor, size: Shape, strides: Shape, offset: number): void {
  if (size.includes(0)) return;
  const last = size.reduce((sum, n, d) => sum + (n - 1) * strides[d], offset);
  const bytes = (last + 1) * x.dtype.itemsize;
  if (bytes > x._storage.nbytes) x._storage.grow(bytes);
}

/**
 * Gives the tensor another size, contiguous. Its elements in memory stay; where there are not enough, memory is added with
 * whatever was in it. Views see the same memory before and after.
 *
 * @example
 * const x = torch.arange(6);
 * console.log(x.resize_(2, 2).tolist()); // [ [ 0, 1 ], [ 2, 3 ] ]
 */
export const resize_: Op<(input: Tensor, ...size: number[] | [size: readonly number[]]) => Tensor, 'method'> =
  define(
    {
      schema: 'resize_(Tensor input, int[]... size)',
      forward: (_ctx, x: Tensor, size: number[]) => {
        if (x.requires_grad) throw new RuntimeError('cannot resize variables that require grad');
        checkSize('resize_', size);
        if (sameShape(size, x.shape)) return x;
        const strides = contiguousStrides(size);
        reserve(x, size, strides, x._offset);
        x._shape = size;
        x._strides = strides;
        return x;
      },
      backward: 'composite',
    },
    ['method'],
  );

/** `resize_` to the size of another tensor. */
export const resize_as_: Op<(input: Tensor, the_template: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'resize_as_(Tensor input, Tensor the_template)',
    forward: (_ctx, x: Tensor, other: Tensor) => resize_(x, [...other.shape]),
    backward: 'composite',
  },
  ['method'],
);

/** The given geometry, or that of the source. */
function geometryOf(source: Tensor, size: number[] | null, stride: number[] | null): [Shape, Shape] {
  if (size === null) return [source.shape, source._strides];
  return [size, stride === null || stride.length === 0 ? contiguousStrides(size) : stride];
}

/**
 * Makes the tensor a handle on the memory of `source`, with its geometry or the given one; of nothing without a source. Writes to
 * one are seen in the other, but do not count as writes to it for autograd. Unrecorded.
 * Differs from torch: a source that requires a gradient is refused, where PyTorch makes a history without a derivative.
 *
 * @example
 * const x = torch.zeros(2);
 * console.log(x.set_(torch.arange(6).float(), 1, [2, 2], [2, 1]).tolist()); // [ [ 1, 2 ], [ 3, 4 ] ]
 */
export const set_: Op<
  (
    input: Tensor,
    source?: Tensor | null,
    storage_offset?: number,
    size?: readonly number[] | null,
    stride?: readonly number[] | null,
  ) => Tensor,
  'method'
> = define(
  {
    schema:
      'set_(Tensor input, Tensor? source=None, int? storage_offset=None, int[]? size=None, int[]? stride=None)',
    forward: (
      _ctx,
      x: Tensor,
      source: Tensor | null,
      offset: number | null,
      size: number[] | null,
      stride: number[] | null,
    ) => {
      if (is_grad_enabled() && x.requires_grad) checkInplace(x);
      if (is_grad_enabled() && (x.requires_grad || source?.requires_grad)) {
        throw new RuntimeError("the derivative for 'set_' is not implemented");
      }
      const from = source ?? empty([0], { dtype: x.dtype });
      if (from.dtype !== x.dtype) {
        throw new RuntimeError(
          `set_: expected a source of dtype ${x.dtype.scalarName}, got ${from.dtype.scalarName}`,
        );
      }
      if (offset !== null && offset < 0) {
        throw new RuntimeError(`Tensor: invalid storage offset ${offset}`);
      }
      const [shape, strides] = geometryOf(from, size, stride);
      const start = offset ?? from._offset;
      reserve(from, shape, strides, start);
      x._willWrite();
      no_grad(() => replaceData(x, as_strided(from, [...shape], [...strides], start)));
      x._wrote();
      return x;
    },
    backward: 'composite',
  },
  ['method'],
);
