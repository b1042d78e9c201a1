import { RuntimeError, ValueError } from '../errors.js';
import { numel, sameShape, showShape } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { int64 } from '../dtype.js';
import { zeros } from './creation.js';
import { arange } from './creation_range.js';
import { define } from './define.js';
import type { Args, Op, SampleMaker } from './define.js';
import { checkFloat } from './float_kernel.js';
import { mul } from './pointwise_binary.js';
import { strideOf } from './pool.js';
import { aminmax } from './reduce_extremum.js';
import { scatter } from './scatter.js';
import { reshape } from './view.js';

type Size = number | readonly number[];

type Unpool = Op<
  (
    ...args: Args<
      [input: Tensor, indices: Tensor, kernel_size: Size],
      [stride: Size | null, padding: Size, output_size: readonly number[] | null],
      { kernel_size?: Size; stride?: Size | null; padding?: Size; output_size?: readonly number[] | null }
    >
  ) => Tensor
>;

type WindowArgs = [kernel: number[], stride: number[] | null, padding: number[], outputSize: number[] | null];

/** The size that was asked for, or the smallest that pooling could have come from. */
function outputSize(x: Tensor, [kernel, given, padding, asked]: WindowArgs): number[] {
  const stride = strideOf(given, kernel);
  const n = kernel.length;
  const sizes = kernel.map((k, d) => (x.shape[x.ndim - n + d] - 1) * stride[d] + k - 2 * padding[d]);
  if (asked === null) return sizes;
  const spatial = asked.length === n + 2 ? asked.slice(2) : asked;
  if (spatial.length !== n) {
    throw new ValueError(
      `output_size should be a sequence containing ${n} or ${n + 2} elements, but it has a length of '${asked.length}'`,
    );
  }
  sizes.forEach((size, d) => {
    const [least, most] = [size - stride[d], size + stride[d]];
    if (!(least < spatial[d] && spatial[d] < most)) {
      throw new ValueError(
        `invalid output_size "${showShape(spatial)}" (dim ${d} must be between ${least} and ${most})`,
      );
    }
  });
  return spatial;
}

function checkUnpool(op: string, n: number, x: Tensor, indices: Tensor, size: Shape): void {
  if (indices.dtype !== int64) {
    throw new RuntimeError(
      `elements in indices should be type int64 but got: ${indices.dtype.scalarName} (${op})`,
    );
  }
  if (!sameShape(x.shape, indices.shape)) {
    throw new RuntimeError(
      `Expected shape of indices to be same as that of the input tensor (${showShape(x.shape)}) but got indices tensor with ` +
        `shape: ${showShape(indices.shape)} (${op})`,
    );
  }
  if (x.ndim !== n + 1 && x.ndim !== n + 2) {
    throw new RuntimeError(
      `Input to ${op.replace('pool', 'pooling')} should be a ${n + 1}d or ${n + 2}d Tensor, but got a tensor with ${x.ndim} dimensions.`,
    );
  }
  if (x.shape.slice(1 - x.ndim).includes(0)) {
    throw new RuntimeError(
      `${op}(): Expected input to have non-zero size for non-batch dimensions, but got ${showShape(x.shape)}`,
    );
  }
  checkFloat(op, x.dtype);
  if (size.some((s) => s < 0)) {
    throw new RuntimeError(`Trying to create tensor with negative dimension: ${showShape(size)} (${op})`);
  }
  if (x.numel() === 0) return;
  const places = numel(size);
  const [least, most] = aminmax(indices.detach()).map((t) => t.item());
  if (least < 0 || most >= places) {
    throw new RuntimeError(
      `Found an invalid max index: ${least < 0 ? least : most} (output volumes are of size ${size.join('x')}) (${op})`,
    );
  }
}

function unpoolOp(n: number, samples: (make: SampleMaker) => unknown[][]): Unpool {
  const op = `max_unpool${n}d`;
  return define({
    schema:
      `${op}(Tensor input, Tensor indices, int[${n}] kernel_size, int[${n}]|int[]? stride=None, int[${n}] padding=0, ` +
      'int[]? output_size=None)',
    forward: (_ctx, x: Tensor, indices: Tensor, ...window: WindowArgs) => {
      const size = outputSize(x, window);
      checkUnpool(op, n, x, indices, size);
      const leading = x.shape.slice(0, -n);
      const planes = numel(leading);
      const count = numel(x.shape.slice(-n));
      const rows = (t: Tensor): Tensor => reshape(t, [planes, count]);
      const out = scatter(zeros([planes, numel(size)], { dtype: x.dtype }), 1, rows(indices), rows(x));
      return reshape(out, [...leading, ...size]);
    },
    backward: 'composite',
    samples,
  });
}

/** `max_unpool2d` of one dimension: [N, C, L] or [C, L]. */
export const max_unpool1d: Unpool = unpoolOp(1, (make) => [
  [make(1, 2, 3), mul(arange(6), 2).remainder(5).reshape(1, 2, 3), 2],
]);

/**
 * Puts each element of [N, C, H, W] (or [C, H, W]) at the place in its plane that `max_pool2d` with `return_indices` found it at; 0
 * elsewhere. `output_size` tells inputs of the pooling apart that give one size.
 *
 * @example
 * const [y, indices] = F.max_pool2d(torch.tensor([[[1, 2], [4, 3]]], { dtype: torch.float32 }), 2, { return_indices: true });
 * console.log(F.max_unpool2d(y, indices, 2).tolist()); // [ [ [ 0, 0 ], [ 4, 0 ] ] ]
 */
export const max_unpool2d: Unpool = unpoolOp(2, (make) => [
  [make(2, 2, 2), arange(8).reshape(2, 2, 2), [2, 3]],
  [make(1, 1, 2, 1), arange(2).reshape(1, 1, 2, 1), 2, { stride: 1, output_size: [1, 1, 3, 2] }],
]);

/** `max_unpool2d` of three dimensions: [N, C, D, H, W] or [C, D, H, W]. */
export const max_unpool3d: Unpool = unpoolOp(3, (make) => [
  [make(1, 2, 1, 2, 1), arange(4).reshape(1, 2, 1, 2, 1), 2],
]);
