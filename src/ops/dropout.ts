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
import { add, mul } from './pointwise_binary.js';

type Dropout = Op<
  (
    ...args: Args<
      [input: Tensor],
      [p: number, training: boolean, inplace: boolean],
      { p?: number; training?: boolean; inplace?: boolean }
    >
  ) => Tensor
>;

/** `yes` where a draw succeeds, of probability `p`, 0 elsewhere: torch's stream, one uniform double for each. */
function bernoulliDraws(shape: Shape, like: Tensor, p: number, yes: number): Tensor {
  const draws = allocate(shape, like.dtype);
  floatKernel('random_bernoulli_f32', like.dtype)(
    default_generator()._state,
    address(draws),
    draws.numel(),
    p,
    yes,
  );
  return draws;
}

/** 1 / (1 − p) where a draw keeps an element, 0 elsewhere. */
function dropoutMask(shape: Shape, like: Tensor, p: number): Tensor {
  if (p === 1) {
    const mask = allocate(shape, like.dtype);
    fillKernel(mask, 0);
    return mask;
  }
  // torch divides in the tensor's own precision.
  const scale = like.dtype === float32 ? 1 / Math.fround(1 - p) : 1 / (1 - p);
  return bernoulliDraws(shape, like, 1 - p, scale);
}

interface Kind {
  /** Whether the call runs in training unless it says otherwise. */
  readonly training: boolean;
  /** Refuses inputs, also where nothing is drawn. */
  readonly check?: (x: Tensor) => void;
  /** The shape of the draws. */
  readonly draws: (x: Tensor) => Shape;
  readonly apply: (x: Tensor, draws: Shape, p: number, inplace: boolean) => Tensor;
  readonly samples: [number[], number][];
}

function dropoutOp(name: string, { training: usual, check, draws, apply, samples }: Kind): Dropout {
  return define({
    schema: `${name}(Tensor input, float p=0.5, bool training=${usual ? 'True' : 'False'}, bool inplace=False)`,
    forward: (_ctx, x: Tensor, p: number, training: boolean, inplace: boolean) => {
      if (!(p >= 0 && p <= 1))
        throw new ValueError(`dropout probability has to be between 0 and 1, but got ${p}`);
      check?.(x);
      if (p === 0 || !training || x.numel() === 0) return x;
      checkFloat(name, x.dtype);
      return apply(x, draws(x), p, inplace);
    },
    backward: 'composite',
    samples: (make) => samples.map(([size, p]) => [make(...size), p, true]),
  });
}

function masked(x: Tensor, draws: Shape, p: number, inplace: boolean): Tensor {
  const mask = dropoutMask(draws, x, p);
  return inplace ? mul.inplace(x, mask) : mul(x, mask);
}

/** scale · alpha of selu, whose negative is what selu tends to. */
const ALPHA = 1.7580993408473766;

/** Elements are set to what selu tends to, then all scaled and moved so that mean 0 and variance 1 stay. */
function maskedForSelu(x: Tensor, draws: Shape, p: number, inplace: boolean): Tensor {
  if (p === 1) return inplace ? mul.inplace(x, 0) : mul(x, 0);
  const a = 1 / Math.sqrt((ALPHA * ALPHA * p + 1) * (1 - p));
  const kept = bernoulliDraws(draws, x, 1 - p, 1);
  const shift = add(mul(add(kept, -1), ALPHA * a), ALPHA * a * p);
  const mask = mul(kept, a);
  return inplace ? add.inplace(mul.inplace(x, mask), shift) : add(mul(x, mask), shift);
}

/**
 * Each element 0 with probability `p`, otherwise divided by 1 − p, while `training`; the input itself otherwise.
 *
 * @example
 * console.log(F.dropout(torch.ones(2), 0.5, false).tolist()); // [ 1, 1 ]
 */
export const dropout: Dropout = dropoutOp('dropout', {
  training: true,
  draws: (x) => x.shape,
  apply: masked,
  samples: [
    [[2, 3], 1],
    [[2, 3], 0.5],
  ],
});

/** `dropout` of whole channels of [N, C, L] or [C, L]. */
export const dropout1d: Dropout = dropoutOp('dropout1d', {
  training: true,
  check: (x) => {
    if (x.ndim !== 2 && x.ndim !== 3) {
      throw new RuntimeError(
        `dropout1d: Expected 2D or 3D input, but received a ${x.ndim}D input. Note that dropout1d exists to provide ` +
          'channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch dimension ' +
          '(i.e. 2D or 3D inputs).',
      );
    }
  },
  draws: (x) => channels(x, x.ndim - 1),
  apply: masked,
  samples: [
    [[2, 3, 2], 0.5],
    [[3, 2], 0.5],
  ],
});

/** `dropout` of whole channels: one draw for each of the first two dimensions. */
export const dropout2d: Dropout = dropoutOp('dropout2d', {
  training: true,
  draws: (x) => features('dropout2d', x),
  apply: masked,
  samples: [[[2, 3, 2, 2], 0.5]],
});

/** `dropout` of whole channels: one draw for each of the first two dimensions. */
export const feature_dropout: Dropout = dropoutOp('feature_dropout', {
  training: true,
  draws: (x) => features('feature_dropout', x),
  apply: masked,
  samples: [[[2, 3, 2, 2], 0.5]],
});

/** `dropout` of whole channels of [N, C, D, H, W]; of any other number of dimensions the first is the channel. */
export const dropout3d: Dropout = dropoutOp('dropout3d', {
  training: true,
  draws: (x) => (x.ndim === 5 ? channels(x, 2) : channels(x, 1)),
  apply: masked,
  samples: [
    [[2, 3, 1, 2, 1], 0.5],
    [[3, 1, 2, 1], 0.5],
  ],
});

/** `dropout` that keeps the mean and variance of what selu gives. `training` is false unless given. */
export const alpha_dropout: Dropout = dropoutOp('alpha_dropout', {
  training: false,
  draws: (x) => x.shape,
  apply: maskedForSelu,
  samples: [
    [[2, 3], 1],
    [[2, 3], 0.5],
  ],
});

/** `alpha_dropout` of whole channels: one draw for each of the first two dimensions. */
export const feature_alpha_dropout: Dropout = dropoutOp('feature_alpha_dropout', {
  training: false,
  draws: (x) => features('feature_alpha_dropout', x),
  apply: maskedForSelu,
  samples: [[[2, 3, 2, 2], 0.5]],
});

/** One draw for each index of the first `count` dimensions. */
function channels(x: Tensor, count: number): Shape {
  return x.shape.map((size, d) => (d < count ? size : 1));
}

function features(op: string, x: Tensor): Shape {
  if (x.ndim < 2) {
    throw new RuntimeError(
      `Feature dropout requires at least 2 dimensions in the input, got ${showShape(x.shape)} (${op})`,
    );
  }
  return channels(x, 2);
}
