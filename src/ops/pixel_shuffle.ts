import { RuntimeError } from '../errors.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { clone } from './copy.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { permute, reshape } from './view.js';

function checkImage(op: string, x: Tensor, name: string, factor: number): void {
  if (x.ndim < 3) {
    throw new RuntimeError(
      `${op} expects input to have at least 3 dimensions, but got input with ${x.ndim} dimension(s)`,
    );
  }
  if (factor <= 0) throw new RuntimeError(`${op} expects a positive ${name}, but got ${factor}`);
}

/**
 * [*, C·r², H, W] as [*, C, H·r, W·r]: each group of r² channels becomes squares of r×r elements.
 *
 * @example
 * console.log(F.pixel_shuffle(torch.arange(4).reshape(4, 1, 1), 2).tolist()); // [ [ [ 0, 1 ], [ 2, 3 ] ] ]
 */
export const pixel_shuffle: Op<
  (...args: Args<[input: Tensor, upscale_factor: number], [], { upscale_factor?: number }>) => Tensor
> = define({
  schema: 'pixel_shuffle(Tensor input, int upscale_factor)',
  forward: (_ctx, x: Tensor, r: number) => {
    checkImage('pixel_shuffle', x, 'upscale_factor', r);
    const [C, H, W] = x.shape.slice(-3);
    if (C % (r * r) !== 0) {
      throw new RuntimeError(
        `pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but ` +
          `input.size(-3)=${C} is not divisible by ${r * r}`,
      );
    }
    const leading = x.shape.slice(0, -3);
    const n = leading.length;
    const order = [...leading.keys(), n, n + 3, n + 1, n + 4, n + 2];
    const parts = permute(reshape(x, [...leading, C / (r * r), r, r, H, W]), order);
    return reshape(parts, [...leading, C / (r * r), H * r, W * r]);
  },
  backward: 'composite',
  samples: (make) => [
    [make(1, 4, 2, 3), 2],
    [make(9, 1, 2), 3],
  ],
});

/** The inverse of `pixel_shuffle`: [*, C, H·r, W·r] as [*, C·r², H, W]. */
export const pixel_unshuffle: Op<
  (...args: Args<[input: Tensor, downscale_factor: number], [], { downscale_factor?: number }>) => Tensor
> = define({
  schema: 'pixel_unshuffle(Tensor input, int downscale_factor)',
  forward: (_ctx, x: Tensor, r: number) => {
    checkImage('pixel_unshuffle', x, 'downscale_factor', r);
    const [C, H, W] = x.shape.slice(-3);
    for (const [name, size, at] of [
      ['height', H, -2],
      ['width', W, -1],
    ] as const) {
      if (size % r !== 0) {
        throw new RuntimeError(
          `pixel_unshuffle expects ${name} to be divisible by downscale_factor, but input.size(${at})=${size} is not divisible ` +
            `by ${r}`,
        );
      }
    }
    // As torch has it: the shape of nothing stays.
    if (x.numel() === 0) return clone(x);
    const leading = x.shape.slice(0, -3);
    const n = leading.length;
    const order = [...leading.keys(), n, n + 2, n + 4, n + 1, n + 3];
    const parts = permute(reshape(x, [...leading, C, H / r, r, W / r, r]), order);
    return reshape(parts, [...leading, C * r * r, H / r, W / r]);
  },
  backward: 'composite',
  samples: (make) => [
    [make(1, 1, 4, 2), 2],
    [make(2, 3, 3), 3],
  ],
});

function shuffle(x: Tensor, groups: number): Tensor {
  if (groups <= 0) {
    throw new RuntimeError(
      `Number of groups to divide channels in must be positive. Value of groups:${groups}`,
    );
  }
  const [N, C, ...rest] = x.shape;
  if (C % groups !== 0) {
    throw new RuntimeError(
      `Number of channels must be divisible by groups. Got ${C} channels and ${groups} groups.`,
    );
  }
  const places = rest.map((_, d) => d + 3);
  const rows = reshape(x, [N, groups, C / groups, ...rest]);
  return reshape(permute(rows, [0, 2, 1, ...places]), x.shape);
}

/** The channels of [N, C, *], laid out as `groups` rows, read by columns. */
export const channel_shuffle: Op<
  (...args: Args<[input: Tensor, groups: number], [], { groups?: number }>) => Tensor
> = define({
  schema: 'channel_shuffle(Tensor input, int groups)',
  forward: (_ctx, x: Tensor, groups: number) => {
    if (x.ndim < 3) {
      throw new RuntimeError(
        `channel_shuffle expects input with > 2 dims, but got input with sizes ${showShape(x.shape)}`,
      );
    }
    return shuffle(x, groups);
  },
  backward: 'composite',
  samples: (make) => [[make(2, 6, 2), 3]],
});

/**
 * `channel_shuffle`, of [N, C] too.
 * Differs from torch: a number of groups that does not divide the channels is refused, where PyTorch reads other memory.
 */
export const native_channel_shuffle: Op<
  (...args: Args<[input: Tensor, groups: number], [], { groups?: number }>) => Tensor
> = define({
  schema: 'native_channel_shuffle(Tensor input, int groups)',
  forward: (_ctx, x: Tensor, groups: number) => {
    if (x.ndim < 2) {
      throw new RuntimeError(
        `native_channel_shuffle expects input with > 1 dims, but got input with sizes ${showShape(x.shape)}`,
      );
    }
    return shuffle(x, groups);
  },
  backward: 'composite',
  samples: (make) => [[make(2, 6, 2), 3]],
});
