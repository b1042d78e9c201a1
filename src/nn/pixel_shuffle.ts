import type { Tensor } from '../tensor.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { signature } from '../signature.js';

const SHUFFLE = signature('PixelShuffle(int upscale_factor)');
const UNSHUFFLE = signature('PixelUnshuffle(int downscale_factor)');
const CHANNELS = signature('ChannelShuffle(int groups)');

/**
 * [*, C·r², H, W] as [*, C, H·r, W·r], r being `upscale_factor`.
 *
 * @example
 * console.log(new nn.PixelShuffle(3)(torch.ones(1, 9, 4, 4)).shape); // [ 1, 1, 12, 12 ]
 */
export class PixelShuffle extends Module {
  upscale_factor: number;

  constructor(upscale_factor: number | { upscale_factor: number }) {
    super();
    [this.upscale_factor] = SHUFFLE([upscale_factor]) as [number];
  }

  forward(input: Tensor): Tensor {
    return F.pixel_shuffle(input, this.upscale_factor);
  }

  override extra_repr(): string {
    return `upscale_factor=${this.upscale_factor}`;
  }
}

/** [*, C, H·r, W·r] as [*, C·r², H, W], r being `downscale_factor`. */
export class PixelUnshuffle extends Module {
  downscale_factor: number;

  constructor(downscale_factor: number | { downscale_factor: number }) {
    super();
    [this.downscale_factor] = UNSHUFFLE([downscale_factor]) as [number];
  }

  forward(input: Tensor): Tensor {
    return F.pixel_unshuffle(input, this.downscale_factor);
  }

  override extra_repr(): string {
    return `downscale_factor=${this.downscale_factor}`;
  }
}

/** The channels of [N, C, *], laid out as `groups` rows, read by columns. */
export class ChannelShuffle extends Module {
  groups: number;

  constructor(groups: number | { groups: number }) {
    super();
    [this.groups] = CHANNELS([groups]) as [number];
  }

  forward(input: Tensor): Tensor {
    return F.channel_shuffle(input, this.groups);
  }

  override extra_repr(): string {
    return `groups=${this.groups}`;
  }
}
