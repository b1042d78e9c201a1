import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { outputSizes } from './adaptive_pool.js';
import type { Adaptive, AdaptiveSize, ReturnIndices } from './adaptive_pool.js';
import type { Triple } from './conv3d.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { checkFloat } from './float_kernel.js';
import { averageOfWindows, keepMaxima, maxBackward, maxOfWindows, spreadOverWindows } from './pool3d.js';
import { binsOf, checkVolumes } from './pool3d_window.js';

const adaptiveAverage: Op<(input: Tensor, output_size: Triple) => Tensor> = define({
  schema: '_adaptive_avg_pool3d(Tensor input, int[3] output_size)',
  forward: (ctx, x: Tensor, sizes: Triple) => {
    ctx.state = x.shape;
    return averageOfWindows(x, binsOf(x, sizes), null);
  },
  backward: (ctx, g) => [adaptiveAverageBackward(g, ctx.state as Shape)],
});

const adaptiveAverageBackward: Op<(grad: Tensor, size: Shape) => Tensor> = define({
  schema: '_adaptive_avg_pool3d_backward(Tensor grad, int[] size)',
  forward: (ctx, grad: Tensor, size: Shape) => {
    const sizes = grad.shape.slice(-3);
    ctx.state = sizes;
    return spreadOverWindows(grad, size, (x) => binsOf(x, sizes), null);
  },
  backward: (ctx, v) => [adaptiveAverage(v, ctx.state as Triple)],
});

/** The sizes that were asked for, of an input that can be pooled. */
function checkAdaptive(op: string, x: Tensor, asked: unknown): Triple {
  checkVolumes(op, x);
  const sizes = outputSizes(op, asked, x, 3);
  checkFloat(`${op}_cpu`, x.dtype);
  return sizes as unknown as Triple;
}

/** `adaptive_avg_pool2d` of three dimensions: [N, C, D, H, W] or [C, D, H, W]. */
export const adaptive_avg_pool3d: Adaptive<Tensor> = define({
  schema: 'adaptive_avg_pool3d(Tensor input, any output_size)',
  forward: (_ctx, x: Tensor, asked: unknown) =>
    adaptiveAverage(x, checkAdaptive('adaptive_avg_pool3d', x, asked)),
  backward: 'composite',
  samples: (make) => [
    [make(2, 2, 3, 4, 5), 1],
    [make(2, 3, 4, 5), [2, null, 3]],
    [make(1, 1, 2, 3, 2), [3, 2, 4]],
  ],
});

/** `adaptive_max_pool3d` that gives [values, indices]: int64 positions in the flattened input volume. */
export const adaptive_max_pool3d_with_indices: Adaptive<Tensor[], ReturnIndices> = define({
  schema: 'adaptive_max_pool3d_with_indices(Tensor input, any output_size, bool return_indices=False)',
  forward: (_ctx, x: Tensor, asked: unknown) =>
    adaptiveMaximum(x, checkAdaptive('adaptive_max_pool3d', x, asked)),
  backward: 'composite',
  samples: (make) => [
    [make(2, 2, 3, 4, 5), [2, 3, 2]],
    [make(2, 3, 4, 5), [null, 1, 2]],
  ],
});

const adaptiveMaximum: Op<(input: Tensor, output_size: Triple) => Tensor[]> = define({
  schema: '_adaptive_max_pool3d(Tensor input, int[3] output_size)',
  forward: (ctx, x: Tensor, sizes: Triple) => {
    const [out, indices] = maxOfWindows(x, binsOf(x, sizes));
    keepMaxima(ctx, indices, x);
    return [out, indices];
  },
  backward: (ctx, g) => maxBackward(ctx, g),
});

/** `adaptive_max_pool2d` of three dimensions: [N, C, D, H, W] or [C, D, H, W]. */
export const adaptive_max_pool3d: Adaptive<Tensor, { return_indices?: false }> &
  Adaptive<Tensor[], Required<ReturnIndices>, [return_indices: true]> = define({
  schema: 'adaptive_max_pool3d(Tensor input, any output_size, bool return_indices=False)',
  forward: (_ctx, x: Tensor, asked: unknown, returnIndices: boolean) => {
    const pair = adaptive_max_pool3d_with_indices(x, asked as AdaptiveSize);
    return returnIndices ? pair : pair[0];
  },
  backward: 'composite',
});
