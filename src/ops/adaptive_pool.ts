import { int64 } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { showShape } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import type { Pair } from './conv_geometry.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { dense } from './dense.js';
import { checkFloat, floatKernel } from './float_kernel.js';
import { fillKernel } from './make.js';
import { max_pool_backward } from './pool.js';
import { onLines, planesOf } from './pool_geometry.js';

/** One size for each dimension, null to keep the input's. */
export type AdaptiveSize = number | null | readonly (number | null)[];

export type Adaptive<R, K = object, O extends unknown[] = []> = Op<
  (...args: Args<[input: Tensor, output_size: AdaptiveSize | ({ output_size: AdaptiveSize } & K)], O, K>) => R
>;

/**
 * The sizes that were asked for. The schema cannot say "an integer or null, or a list of them", so the argument is taken as
 * it comes, also as the keyword object.
 */
export function outputSizes(op: string, asked: unknown, x: Tensor, spatial: number): number[] {
  const plain = asked !== null && typeof asked === 'object' && !Array.isArray(asked);
  const value = plain && 'output_size' in asked ? asked.output_size : asked;
  const list: unknown[] = Array.isArray(value) ? value : new Array<unknown>(spatial).fill(value);
  if (list.length !== spatial) throw new RuntimeError(`${op}: output_size must be ${spatial}`);
  const sizes = list.map((size, d) => (size === null ? x.shape[x.ndim - spatial + d] : (size as number)));
  if (!sizes.every(Number.isInteger)) {
    throw new TypeError(
      `${op}(): argument 'output_size' must be an int, null or a list of ${spatial} of them, not ${String(asked)}`,
    );
  }
  if (sizes.some((size) => size < 0)) {
    throw new RuntimeError(
      `${op}: elements of output_size must be greater than or equal to 0 but received {${sizes.join(', ')}}`,
    );
  }
  return sizes;
}

function checkPlanes(op: string, x: Tensor): void {
  if (x.ndim !== 3 && x.ndim !== 4) {
    throw new RuntimeError(`${op}(): Expected 3D or 4D tensor, but got ${showShape(x.shape)} (CHW or NCHW)`);
  }
  if (x.shape.slice(-2).includes(0)) {
    throw new RuntimeError(
      `${op}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ${showShape(x.shape)}`,
    );
  }
}

const adaptiveAverage: Op<(input: Tensor, output_size: Pair) => Tensor> = define({
  schema: '_adaptive_avg_pool2d(Tensor input, int[2] output_size)',
  forward: (ctx, x: Tensor, [Oh, Ow]: Pair) => {
    ctx.state = x.shape;
    const out = allocate([...x.shape.slice(0, -2), Oh, Ow], x.dtype);
    if (out.numel() === 0) return out;
    const { planes, H, W } = planesOf(x);
    const source = dense(x);
    floatKernel('adaptive_avgpool2d_forward_f32', x.dtype)(
      address(source),
      address(out),
      planes,
      H,
      W,
      Oh,
      Ow,
    );
    return out;
  },
  backward: (ctx, g) => [adaptiveAverageBackward(g, ctx.state as Shape)],
});

const adaptiveAverageBackward: Op<(grad: Tensor, size: Shape) => Tensor> = define({
  schema: '_adaptive_avg_pool2d_backward(Tensor grad, int[] size)',
  forward: (ctx, grad: Tensor, size: Shape) => {
    ctx.state = grad.shape.slice(-2);
    const out = allocate(size, grad.dtype);
    if (grad.numel() === 0) {
      fillKernel(out, 0);
      return out;
    }
    const { planes, H, W } = planesOf(out);
    const [Oh, Ow] = grad.shape.slice(-2);
    const g = dense(grad);
    floatKernel('adaptive_avgpool2d_backward_f32', out.dtype)(address(g), address(out), planes, H, W, Oh, Ow);
    return out;
  },
  backward: (ctx, v) => [adaptiveAverage(v, ctx.state as Pair)],
});

/**
 * The mean over a grid of bins that covers [N, C, H, W] (or [C, H, W]): bin i of o over n elements is
 * [⌊i·n/o⌋, ⌈(i + 1)·n/o⌉).
 *
 * @param output_size the sizes of the grid; null keeps a dimension's
 */
export const adaptive_avg_pool2d: Adaptive<Tensor> = define({
  schema: 'adaptive_avg_pool2d(Tensor input, any output_size)',
  forward: (_ctx, x: Tensor, asked: unknown) => {
    checkPlanes('adaptive_avg_pool2d', x);
    const [Oh, Ow] = outputSizes('adaptive_avg_pool2d', asked, x, 2);
    checkFloat('adaptive_avg_pool2d', x.dtype);
    return adaptiveAverage(x, [Oh, Ow]);
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 3, 5, 7), 1],
    [make(2, 5, 7), [3, null]],
    [make(1, 2, 3, 3), [4, 2]],
  ],
});

/** `adaptive_avg_pool2d` of one dimension: [N, C, L] or [C, L]. */
export const adaptive_avg_pool1d: Adaptive<Tensor> = define({
  schema: 'adaptive_avg_pool1d(Tensor input, any output_size)',
  forward: (_ctx, x: Tensor, asked: unknown) =>
    onLines('adaptive_avg_pool1d', x, (planes) => {
      const [O] = outputSizes('adaptive_avg_pool1d', asked, x, 1);
      return adaptive_avg_pool2d(planes, [1, O]);
    }),
  backward: 'composite',
  samples: (make) => [
    [make(2, 3, 7), 3],
    [make(3, 5), 1],
  ],
});

const adaptiveMaximum: Op<(input: Tensor, output_size: Pair) => Tensor[]> = define({
  schema: '_adaptive_max_pool2d(Tensor input, int[2] output_size)',
  forward: (ctx, x: Tensor, [Oh, Ow]: Pair) => {
    const shape = [...x.shape.slice(0, -2), Oh, Ow];
    const [out, indices] = [allocate(shape, x.dtype), allocate(shape, int64)];
    if (out.numel() > 0) {
      const { planes, H, W } = planesOf(x);
      const source = dense(x);
      const pool = floatKernel('adaptive_maxpool2d_forward_f32', x.dtype);
      pool(address(source), address(out), address(indices), planes, H, W, Oh, Ow);
    }
    ctx.save(indices);
    ctx.state = x.shape;
    return [out, indices];
  },
  backward: (ctx, g) => [max_pool_backward(g, ctx.saved()[0], ctx.state as Shape)],
});

/** `adaptive_max_pool2d` that gives [values, indices]: int64 positions in the flattened input plane. */
export const adaptive_max_pool2d_with_indices: Adaptive<Tensor[]> = define({
  schema: 'adaptive_max_pool2d_with_indices(Tensor input, any output_size)',
  forward: (_ctx, x: Tensor, asked: unknown) => {
    checkPlanes('adaptive_max_pool2d', x);
    const [Oh, Ow] = outputSizes('adaptive_max_pool2d', asked, x, 2);
    checkFloat('adaptive_max_pool2d', x.dtype);
    return adaptiveMaximum(x, [Oh, Ow]);
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 3, 5, 7), [2, 3]],
    [make(2, 5, 7), [null, 1]],
  ],
});

export interface ReturnIndices {
  return_indices?: boolean;
}

/** The largest element of each bin (see `adaptive_avg_pool2d`). With `return_indices` [values, indices]. */
export const adaptive_max_pool2d: Adaptive<Tensor, { return_indices?: false }> &
  Adaptive<Tensor[], Required<ReturnIndices>, [return_indices: true]> = define({
  schema: 'adaptive_max_pool2d(Tensor input, any output_size, bool return_indices=False)',
  forward: (_ctx, x: Tensor, asked: unknown, returnIndices: boolean) => {
    const pair = adaptive_max_pool2d_with_indices(x, asked as AdaptiveSize);
    return returnIndices ? pair : pair[0];
  },
  backward: 'composite',
});

/** `adaptive_max_pool1d` that gives [values, indices]: int64 positions in the line. */
export const adaptive_max_pool1d_with_indices: Adaptive<Tensor[]> = define({
  schema: 'adaptive_max_pool1d_with_indices(Tensor input, any output_size)',
  forward: (_ctx, x: Tensor, asked: unknown) =>
    onLines('adaptive_max_pool1d', x, (planes) => {
      const [O] = outputSizes('adaptive_max_pool1d', asked, x, 1);
      return adaptive_max_pool2d_with_indices(planes, [1, O]);
    }),
  backward: 'composite',
  samples: (make) => [[make(2, 3, 7), 3]],
});

/** `adaptive_max_pool2d` of one dimension: [N, C, L] or [C, L]. */
export const adaptive_max_pool1d: Adaptive<Tensor, { return_indices?: false }> &
  Adaptive<Tensor[], Required<ReturnIndices>, [return_indices: true]> = define({
  schema: 'adaptive_max_pool1d(Tensor input, any output_size, bool return_indices=False)',
  forward: (_ctx, x: Tensor, asked: unknown, returnIndices: boolean) => {
    const pair = adaptive_max_pool1d_with_indices(x, asked as AdaptiveSize);
    return returnIndices ? pair : pair[0];
  },
  backward: 'composite',
  samples: (make) => [[make(3, 5), 2]],
});
