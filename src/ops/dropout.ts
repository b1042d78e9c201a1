import { float32 } from '../dtype.js';
import { RuntimeError, ValueError } from '../errors.js';
import { default_generator } from '../generator.js';
import { showShape } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { checkFloat, floatKernel } from './float_kernel.js';
import { fillKernel } from './make.js';
import { mul } from './pointwise_binary.js';

type Dropout = Op<
  (
    ...args: Args<
      [input: Tensor],
      [p: number, training: boolean, inplace: boolean],
      { p?: number; training?: boolean; inplace?: boolean }
    >
  ) => Tensor
>;

/** 1 / (1 − p) where a draw keeps an element, 0 elsewhere: torch's stream, one uniform double for each. */
function dropoutMask(shape: Shape, like: Tensor, p: number): Tensor {
  const mask = allocate(shape, like.dtype);
  if (p === 1) {
    fillKernel(mask, 0);
    return mask;
  }
  // torch divides in the tensor's own precision.
  const scale = like.dtype === float32 ? 1 / Math.fround(1 - p) : 1 / (1 - p);
  floatKernel('random_bernoulli_f32', like.dtype)(
    default_generator()._state,
    address(mask),
    mask.numel(),
    1 - p,
    scale,
  );
  return mask;
}

function dropoutOp(name: string, maskShape: (x: Tensor) => Shape, samples: [number[], number][]): Dropout {
  return define({
    schema: `${name}(Tensor input, float p=0.5, bool training=True, bool inplace=False)`,
    forward: (_ctx, x: Tensor, p: number, training: boolean, inplace: boolean) => {
      if (!(p >= 0 && p <= 1))
        throw new ValueError(`dropout probability has to be between 0 and 1, but got ${p}`);
      const shape = maskShape(x);
      if (p === 0 || !training || x.numel() === 0) return x;
      checkFloat(name, x.dtype);
      const mask = dropoutMask(shape, x, p);
      return inplace ? mul.inplace(x, mask) : mul(x, mask);
    },
    backward: 'composite',
    samples: (make) => samples.map(([size, p]) => [make(...size), p]),
  });
}

/**
 * Each element 0 with probability `p`, otherwise divided by 1 − p, while `training`; the input itself otherwise.
 *
 * @example
 * console.log(F.dropout(torch.ones(2), 0.5, false).tolist()); // [ 1, 1 ]
 */
export const dropout: Dropout = dropoutOp('dropout', (x) => x.shape, [
  [[2, 3], 1],
  [[2, 3], 0.5],
]);

/** `dropout` of whole channels: one draw for each of the first two dimensions. */
export const dropout2d: Dropout = dropoutOp('dropout2d', channels, [[[2, 3, 2, 2], 0.5]]);

function channels(x: Tensor): Shape {
  if (x.ndim < 2) {
    throw new RuntimeError(
      `Feature dropout requires at least 2 dimensions in the input, got ${showShape(x.shape)} (dropout2d)`,
    );
  }
  return x.shape.map((size, d) => (d < 2 ? size : 1));
}
