import type { DType } from '../dtype.js';
import { ValueError } from '../errors.js';
import type { Args } from '../ops/define.js';
import { checkDevice } from '../ops/make.js';
import type { Tensor } from '../tensor.js';
import * as F from './functional.js';
import * as init from './init.js';
import { Module } from './module.js';
import { emptyParameter } from './parameter.js';
import type { Parameter } from './parameter.js';
import { pyText } from './python_text.js';
import { FACTORY, signature } from './signature.js';
import type { FactoryOptions } from './signature.js';

/** A size per dimension, or one for all. */
export type Size2 = number | readonly [height: number, width: number];
export type Size1 = number | readonly [length: number];
export type PaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular';

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

type Bound = [
  in_channels: number,
  out_channels: number,
  kernel_size: number[],
  stride: number[],
  padding: number[] | string,
  dilation: number[],
  groups: number,
  bias: boolean,
  padding_mode: string,
  device: string | null,
  dtype: DType | null,
];

const MODES = ['zeros', 'reflect', 'replicate', 'circular'];

function convSignature(name: string, n: number): (args: readonly unknown[]) => unknown[] {
  return signature(
    `${name}(int in_channels, int out_channels, int[${n}] kernel_size, int[${n}] stride=1, int[${n}]|str padding=0, ` +
      `int[${n}] dilation=1, int groups=1, bool bias=True, str padding_mode='zeros', ${FACTORY})`,
  );
}

const CONV1D = convSignature('Conv1d', 1);
const CONV2D = convSignature('Conv2d', 2);

function check(bound: Bound): void {
  const [inChannels, outChannels, kernelSize, stride, padding, dilation, groups, , paddingMode] = bound;
  if (groups <= 0) throw new ValueError('groups must be a positive integer');
  if (inChannels % groups !== 0) throw new ValueError('in_channels must be divisible by groups');
  if (outChannels % groups !== 0) throw new ValueError('out_channels must be divisible by groups');
  if (typeof padding === 'string') {
    if (padding !== 'same' && padding !== 'valid') {
      throw new ValueError(`Invalid padding string '${padding}', should be one of {'same', 'valid'}`);
    }
    if (padding === 'same' && stride.some((s) => s !== 1)) {
      throw new ValueError("padding='same' is not supported for strided convolutions");
    }
  }
  if (!MODES.includes(paddingMode)) {
    throw new ValueError(
      `padding_mode must be one of {${MODES.map(pyText).join(', ')}}, but got padding_mode='${paddingMode}'`,
    );
  }
  // torch leaves these to the first call.
  for (const [name, values] of Object.entries({ kernel_size: kernelSize, stride, dilation })) {
    if (values.some((value) => value < 1))
      throw new ValueError(`${name} must be positive, got ${pyText(values)}`);
  }
  if (typeof padding !== 'string' && padding.some((p) => p < 0)) {
    throw new ValueError(`negative padding is not supported, got ${pyText(padding)}`);
  }
  if (inChannels < 0 || outChannels < 0)
    throw new ValueError('in_channels and out_channels must not be negative');
}

abstract class ConvNd extends Module {
  in_channels: number;
  out_channels: number;
  kernel_size: readonly number[];
  stride: readonly number[];
  padding: readonly number[] | 'same' | 'valid';
  dilation: readonly number[];
  groups: number;
  padding_mode: PaddingMode;
  /** [out_channels, in_channels / groups, …kernel_size] */
  declare weight: Parameter;
  /** [out_channels] */
  declare bias: Parameter | null;

  constructor(bound: unknown[]) {
    super();
    const args = bound as Bound;
    check(args);
    const [
      inChannels,
      outChannels,
      kernelSize,
      stride,
      padding,
      dilation,
      groups,
      bias,
      paddingMode,
      device,
      dtype,
    ] = args;
    checkDevice(device);
    this.in_channels = inChannels;
    this.out_channels = outChannels;
    this.kernel_size = kernelSize;
    this.stride = stride;
    this.padding = padding as readonly number[] | 'same' | 'valid';
    this.dilation = dilation;
    this.groups = groups;
    this.padding_mode = paddingMode as PaddingMode;
    this.weight = emptyParameter([outChannels, inChannels / groups, ...kernelSize], dtype);
    if (bias) this.bias = emptyParameter([outChannels], dtype);
    else this.register_parameter('bias', null);
    this.reset_parameters();
  }

  /** Draws new weights: uniform in ±1/√fan_in, the weight before the bias. */
  reset_parameters(): void {
    init.kaiming_uniform_(this.weight, Math.sqrt(5));
    if (this.bias === null) return;
    const [fanIn] = init._calculate_fan_in_and_fan_out(this.weight);
    if (fanIn === 0) return;
    const bound = 1 / Math.sqrt(fanIn);
    init.uniform_(this.bias, -bound, bound);
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

  override extra_repr(): string {
    const zeros = (values: readonly number[] | string): boolean =>
      typeof values !== 'string' && values.every((value) => value === 0);
    let text = `${this.in_channels}, ${this.out_channels}, kernel_size=${pyText(this.kernel_size)}, stride=${pyText(this.stride)}`;
    // torch prints a string as it is.
    if (!zeros(this.padding)) {
      text += `, padding=${typeof this.padding === 'string' ? this.padding : pyText(this.padding)}`;
    }
    if (this.dilation.some((d) => d !== 1)) text += `, dilation=${pyText(this.dilation)}`;
    if (this.groups !== 1) text += `, groups=${this.groups}`;
    if (this.bias === null) text += ', bias=False';
    if (this.padding_mode !== 'zeros') text += `, padding_mode=${this.padding_mode}`;
    return text;
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
export class Conv2d extends ConvNd {
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

  forward(input: Tensor): Tensor {
    const { weight, bias, stride, dilation, groups } = this;
    if (this.padding_mode === 'zeros')
      return F.conv2d(input, weight, bias, stride, this.padding, dilation, groups);
    const padded = F.pad(input, this.borders(), this.padding_mode);
    return F.conv2d(padded, weight, bias, stride, 0, dilation, groups);
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
export class Conv1d extends ConvNd {
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

  forward(input: Tensor): Tensor {
    const { weight, bias, stride, dilation, groups } = this;
    if (this.padding_mode === 'zeros')
      return F.conv1d(input, weight, bias, stride, this.padding, dilation, groups);
    const padded = F.pad(input, this.borders(), this.padding_mode);
    return F.conv1d(padded, weight, bias, stride, 0, dilation, groups);
  }
}
