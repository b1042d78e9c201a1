import { ValueError } from '../errors.js';
import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import { ConvNd } from './conv_base.js';
import type { ConvArguments, Size1, Size2, Size3 } from './conv_base.js';
import * as F from './functional.js';
import { pyText } from '../python_text.js';
import { FACTORY } from './factory.js';
import { signature } from '../signature.js';
import type { FactoryOptions } from './factory.js';

export interface ConvTransposeOptions<Size> extends FactoryOptions {
  /** Default 1. */
  stride?: Size;
  /** What is cut off on both sides of each dimension. Default 0. */
  padding?: Size;
  /** What is added behind each dimension, to tell apart the inputs of a convolution that give one size. Default 0. */
  output_padding?: Size;
  /** Channels are convolved in this many groups that do not see one another. Default 1. */
  groups?: number;
  /** Whether a learned bias is added. Default true. */
  bias?: boolean;
  /** Distance between the elements of the kernel. Default 1. */
  dilation?: Size;
  padding_mode?: 'zeros';
}

type Optional<Size> = [
  stride: Size,
  padding: Size,
  output_padding: Size,
  groups: number,
  bias: boolean,
  dilation: Size,
  padding_mode: 'zeros',
];

function transposeSignature(name: string, n: number): (args: readonly unknown[]) => unknown[] {
  return signature(
    `${name}(int in_channels, int out_channels, int[${n}] kernel_size, int[${n}] stride=1, int[${n}] padding=0, ` +
      `int[${n}] output_padding=0, int groups=1, bool bias=True, int[${n}] dilation=1, str padding_mode='zeros', ${FACTORY})`,
  );
}

const TRANSPOSE1D = transposeSignature('ConvTranspose1d', 1);
const TRANSPOSE2D = transposeSignature('ConvTranspose2d', 2);
const TRANSPOSE3D = transposeSignature('ConvTranspose3d', 3);

/** The size of the output, which one size of input may come from several of; with or without the dimensions before it. */
export type OutputSizeOption = readonly number[] | null | { output_size?: readonly number[] | null };

const CALL = signature('forward(Tensor input, int[]? output_size=None)');

abstract class ConvTransposeNd extends ConvNd {
  constructor(name: string, bound: unknown[]) {
    const [
      in_channels,
      out_channels,
      kernel_size,
      stride,
      padding,
      output_padding,
      groups,
      bias,
      dilation,
      padding_mode,
      device,
      dtype,
    ] = bound;
    if (padding_mode !== 'zeros') throw new ValueError(`Only "zeros" padding mode is supported for ${name}`);
    super({
      in_channels,
      out_channels,
      kernel_size,
      stride,
      padding,
      dilation,
      groups,
      bias,
      padding_mode,
      device,
      dtype,
      transposed: true,
      output_padding,
    } as ConvArguments);
  }

  /** The padding that gives an output of `size`. */
  private outputPadding(input: Tensor, size: readonly number[] | null): readonly number[] {
    if (size === null) return this.output_padding;
    const n = this.kernel_size.length;
    const before = input.ndim === n + 2 ? 2 : 1;
    const asked = size.length === before + n ? size.slice(before) : size;
    if (asked.length !== n) {
      throw new ValueError(
        `ConvTranspose${n}D: for ${input.ndim}D input, output_size must have ${n} or ${before + n} elements (got ${size.length})`,
      );
    }
    const padding = this.padding as readonly number[];
    const spatial = input.shape.slice(before);
    const least = this.kernel_size.map(
      (k, d) => (spatial[d] - 1) * this.stride[d] - 2 * padding[d] + this.dilation[d] * (k - 1) + 1,
    );
    const most = least.map((size, d) => size + this.stride[d] - 1);
    if (asked.some((size, d) => size < least[d] || size > most[d])) {
      throw new ValueError(
        `requested an output size of [${asked.join(', ')}], but valid sizes range from [${least.join(', ')}] to ` +
          `[${most.join(', ')}] (for an input of ${pyText(spatial)})`,
      );
    }
    return asked.map((size, d) => size - least[d]);
  }

  forward(input: Tensor, output_size?: OutputSizeOption): Tensor {
    const [, size] = CALL(output_size === undefined ? [input] : [input, output_size]) as [
      Tensor,
      readonly number[] | null,
    ];
    const { weight, bias, stride, dilation, groups } = this;
    const convolve = [F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d][
      this.kernel_size.length - 1
    ];
    const extra = this.outputPadding(input, size);
    return convolve(input, weight, bias, stride, this.padding as readonly number[], extra, groups, dilation);
  }
}

/**
 * Transposed convolution of an [N, C, L] or [C, L] input: the gradient of Conv1d with respect to its input.
 *
 * Ol = (L − 1)·stride − 2·padding + dilation·(Kl − 1) + output_padding + 1.
 *
 * @example
 * console.log(new nn.ConvTranspose1d(4, 2, 4, { stride: 2, padding: 1 })(torch.ones(1, 4, 5)).shape); // [ 1, 2, 10 ]
 */
export class ConvTranspose1d extends ConvTransposeNd {
  constructor(
    in_channels: number,
    out_channels: number,
    kernel_size: Size1,
    ...rest: Args<[], Optional<Size1>, ConvTransposeOptions<Size1>>
  );
  constructor(
    in_channels: number,
    out_channels: number,
    options: ConvTransposeOptions<Size1> & { kernel_size: Size1 },
  );
  constructor(
    options: ConvTransposeOptions<Size1> & {
      in_channels: number;
      out_channels: number;
      kernel_size: Size1;
    },
  );
  constructor(...args: unknown[]) {
    super('ConvTranspose1d', TRANSPOSE1D(args));
  }
}

/**
 * Transposed convolution of an [N, C, H, W] or [C, H, W] input: the gradient of Conv2d with respect to its input.
 *
 * Oh = (H − 1)·stride − 2·padding + dilation·(Kh − 1) + output_padding + 1, and so for the width.
 *
 * @example
 * const up = new nn.ConvTranspose2d(4, 2, 3, { stride: 2, padding: 1 });
 * console.log(up(torch.ones(1, 4, 8, 8), { output_size: [16, 16] }).shape); // [ 1, 2, 16, 16 ]
 */
export class ConvTranspose2d extends ConvTransposeNd {
  constructor(
    in_channels: number,
    out_channels: number,
    kernel_size: Size2,
    ...rest: Args<[], Optional<Size2>, ConvTransposeOptions<Size2>>
  );
  constructor(
    in_channels: number,
    out_channels: number,
    options: ConvTransposeOptions<Size2> & { kernel_size: Size2 },
  );
  constructor(
    options: ConvTransposeOptions<Size2> & {
      in_channels: number;
      out_channels: number;
      kernel_size: Size2;
    },
  );
  constructor(...args: unknown[]) {
    super('ConvTranspose2d', TRANSPOSE2D(args));
  }
}

/** Transposed convolution of an [N, C, D, H, W] or [C, D, H, W] input: the gradient of Conv3d with respect to its input. */
export class ConvTranspose3d extends ConvTransposeNd {
  constructor(
    in_channels: number,
    out_channels: number,
    kernel_size: Size3,
    ...rest: Args<[], Optional<Size3>, ConvTransposeOptions<Size3>>
  );
  constructor(
    in_channels: number,
    out_channels: number,
    options: ConvTransposeOptions<Size3> & { kernel_size: Size3 },
  );
  constructor(
    options: ConvTransposeOptions<Size3> & {
      in_channels: number;
      out_channels: number;
      kernel_size: Size3;
    },
  );
  constructor(...args: unknown[]) {
    super('ConvTranspose3d', TRANSPOSE3D(args));
  }
}
