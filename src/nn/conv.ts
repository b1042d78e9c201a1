import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import { ConvNd } from './conv_base.js';
import type { ConvArguments, PaddingMode, Size1, Size2, Size3 } from './conv_base.js';
import * as F from './functional.js';
import { FACTORY } from './factory.js';
import { signature } from '../signature.js';
import type { FactoryOptions } from './factory.js';

export type { PaddingMode, Size1, Size2, Size3 } from './conv_base.js';

export interface ConvOptions<Size> extends FactoryOptions {
  /** Default 1. */
  stride?: Size;
  /** On both sides of each dimension; `'same'` keeps the size (stride 1). Default 0. */
  padding?: Size | 'same' | 'valid';
  /** Distance between the elements of the kernel. Default 1. */
  dilation?: Size;
  /** Channels are convolved in this many groups that do not see one another. Default 1. */
  groups?: number;
  /** Whether a learned bias is added. Default true. */
  bias?: boolean;
  /** What is beyond the border. Default 'zeros'. */
  padding_mode?: PaddingMode;
}

type Optional<Size> = [
  stride: Size,
  padding: Size | 'same' | 'valid',
  dilation: Size,
  groups: number,
  bias: boolean,
  padding_mode: PaddingMode,
];

function convSignature(name: string, n: number): (args: readonly unknown[]) => unknown[] {
  return signature(
    `${name}(int in_channels, int out_channels, int[${n}] kernel_size, int[${n}] stride=1, int[${n}]|str padding=0, ` +
      `int[${n}] dilation=1, int groups=1, bool bias=True, str padding_mode='zeros', ${FACTORY})`,
  );
}

const CONV1D = convSignature('Conv1d', 1);
const CONV2D = convSignature('Conv2d', 2);
const CONV3D = convSignature('Conv3d', 3);

abstract class Conv extends ConvNd {
  constructor(bound: unknown[]) {
    const [
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
    ] = bound;
    const output_padding = (kernel_size as number[]).map(() => 0);
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
      transposed: false,
      output_padding,
    } as ConvArguments);
  }

  /** Padding for `F.pad`: the last dimension first. */
  protected borders(): number[] {
    const sides = this.kernel_size.map((k, i): [number, number] => {
      if (this.padding === 'valid') return [0, 0];
      if (this.padding !== 'same') return [this.padding[i], this.padding[i]];
      const total = this.dilation[i] * (k - 1);
      return [Math.floor(total / 2), total - Math.floor(total / 2)];
    });
    return sides.reverse().flat();
  }

  forward(input: Tensor): Tensor {
    const { weight, bias, stride, dilation, groups } = this;
    const convolve = [F.conv1d, F.conv2d, F.conv3d][this.kernel_size.length - 1];
    if (this.padding_mode === 'zeros')
      return convolve(input, weight, bias, stride, this.padding, dilation, groups);
    const padded = F.pad(input, this.borders(), this.padding_mode);
    return convolve(padded, weight, bias, stride, 0, dilation, groups);
  }
}

/**
 * 2D convolution (cross-correlation) of an [N, C, H, W] or [C, H, W] input with learned kernels.
 *
 * Oh = ⌊(H + 2·padding − dilation·(Kh − 1) − 1) / stride⌋ + 1, and so for the width.
 *
 * @example
 * const conv = new nn.Conv2d(3, 8, { kernel_size: 3, stride: 2, padding: 1, bias: false });
 * console.log(conv(torch.ones(1, 3, 32, 32)).shape); // [ 1, 8, 16, 16 ]
 */
export class Conv2d extends Conv {
  constructor(
    in_channels: number,
    out_channels: number,
    kernel_size: Size2,
    ...rest: Args<[], Optional<Size2>, ConvOptions<Size2>>
  );
  constructor(
    in_channels: number,
    out_channels: number,
    options: ConvOptions<Size2> & { kernel_size: Size2 },
  );
  constructor(
    options: ConvOptions<Size2> & { in_channels: number; out_channels: number; kernel_size: Size2 },
  );
  constructor(...args: unknown[]) {
    super(CONV2D(args));
  }
}

/**
 * 1D convolution (cross-correlation) of an [N, C, L] or [C, L] input with learned kernels.
 *
 * Ol = ⌊(L + 2·padding − dilation·(Kl − 1) − 1) / stride⌋ + 1.
 *
 * @example
 * const conv = new nn.Conv1d(4, 8, 3, { padding: 'same' });
 * console.log(conv(torch.ones(2, 4, 10)).shape); // [ 2, 8, 10 ]
 */
export class Conv1d extends Conv {
  constructor(
    in_channels: number,
    out_channels: number,
    kernel_size: Size1,
    ...rest: Args<[], Optional<Size1>, ConvOptions<Size1>>
  );
  constructor(
    in_channels: number,
    out_channels: number,
    options: ConvOptions<Size1> & { kernel_size: Size1 },
  );
  constructor(
    options: ConvOptions<Size1> & { in_channels: number; out_channels: number; kernel_size: Size1 },
  );
  constructor(...args: unknown[]) {
    super(CONV1D(args));
  }
}

/**
 * 3D convolution (cross-correlation) of an [N, C, D, H, W] or [C, D, H, W] input with learned kernels.
 *
 * Od = ⌊(D + 2·padding − dilation·(Kd − 1) − 1) / stride⌋ + 1, and so for height and width.
 *
 * @example
 * const conv = new nn.Conv3d(2, 4, 3, { stride: [1, 2, 2], padding: 1 });
 * console.log(conv(torch.ones(1, 2, 4, 8, 8)).shape); // [ 1, 4, 4, 4, 4 ]
 */
export class Conv3d extends Conv {
  constructor(
    in_channels: number,
    out_channels: number,
    kernel_size: Size3,
    ...rest: Args<[], Optional<Size3>, ConvOptions<Size3>>
  );
  constructor(
    in_channels: number,
    out_channels: number,
    options: ConvOptions<Size3> & { kernel_size: Size3 },
  );
  constructor(
    options: ConvOptions<Size3> & { in_channels: number; out_channels: number; kernel_size: Size3 },
  );
  constructor(...args: unknown[]) {
    super(CONV3D(args));
  }
}
