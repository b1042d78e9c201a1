import type { DType } from '../dtype.js';
import { ValueError } from '../errors.js';
import { checkDevice } from '../ops/make.js';
import * as init from './init.js';
import { Module } from './module.js';
import { emptyParameter } from './parameter.js';
import type { Parameter } from './parameter.js';
import { pyText } from '../python_text.js';

/** A size per dimension, or one for all. */
export type Size1 = number | readonly [length: number];
export type Size2 = number | readonly [height: number, width: number];
export type Size3 = number | readonly [depth: number, height: number, width: number];
export type PaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular';

/** The arguments of every convolution layer, as its signature bound them. */
export interface ConvArguments {
  readonly in_channels: number;
  readonly out_channels: number;
  readonly kernel_size: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[] | string;
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly bias: boolean;
  readonly padding_mode: string;
  readonly device: string | null;
  readonly dtype: DType | null;
  readonly transposed: boolean;
  readonly output_padding: readonly number[];
}

const MODES = ['zeros', 'reflect', 'replicate', 'circular'];

function check(args: ConvArguments): void {
  const { in_channels, out_channels, kernel_size, stride, padding, dilation, groups, padding_mode } = args;
  if (groups <= 0) throw new ValueError('groups must be a positive integer');
  if (in_channels % groups !== 0) throw new ValueError('in_channels must be divisible by groups');
  if (out_channels % groups !== 0) throw new ValueError('out_channels must be divisible by groups');
  if (typeof padding === 'string') {
    if (padding !== 'same' && padding !== 'valid') {
      throw new ValueError(`Invalid padding string '${padding}', should be one of {'same', 'valid'}`);
    }
    if (padding === 'same' && stride.some((s) => s !== 1)) {
      throw new ValueError("padding='same' is not supported for strided convolutions");
    }
  }
  if (!MODES.includes(padding_mode)) {
    throw new ValueError(
      `padding_mode must be one of {${MODES.map(pyText).join(', ')}}, but got padding_mode='${padding_mode}'`,
    );
  }
  // torch leaves these to the first call.
  for (const [name, values] of Object.entries({ kernel_size, stride, dilation })) {
    if (values.some((value) => value < 1))
      throw new ValueError(`${name} must be positive, got ${pyText(values)}`);
  }
  if (typeof padding !== 'string' && padding.some((p) => p < 0)) {
    throw new ValueError(`negative padding is not supported, got ${pyText(padding)}`);
  }
  if (in_channels < 0 || out_channels < 0)
    throw new ValueError('in_channels and out_channels must not be negative');
}

export abstract class ConvNd extends Module {
  in_channels: number;
  out_channels: number;
  kernel_size: readonly number[];
  stride: readonly number[];
  padding: readonly number[] | 'same' | 'valid';
  dilation: readonly number[];
  transposed: boolean;
  output_padding: readonly number[];
  groups: number;
  padding_mode: PaddingMode;
  /** [out_channels, in_channels / groups, …kernel_size]; of transposed convolutions the channels are the other way round. */
  declare weight: Parameter;
  /** [out_channels] */
  declare bias: Parameter | null;

  constructor(args: ConvArguments) {
    super();
    check(args);
    checkDevice(args.device);
    const { in_channels, out_channels, kernel_size, groups, transposed, dtype } = args;
    this.in_channels = in_channels;
    this.out_channels = out_channels;
    this.kernel_size = kernel_size;
    this.stride = args.stride;
    this.padding = args.padding as readonly number[] | 'same' | 'valid';
    this.dilation = args.dilation;
    this.transposed = transposed;
    this.output_padding = args.output_padding;
    this.groups = groups;
    this.padding_mode = args.padding_mode as PaddingMode;
    const [outer, inner] = transposed ? [in_channels, out_channels] : [out_channels, in_channels];
    this.weight = emptyParameter([outer, inner / groups, ...kernel_size], dtype);
    if (args.bias) this.bias = emptyParameter([out_channels], dtype);
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

  override extra_repr(): string {
    const zeros = (values: readonly number[] | string): boolean =>
      typeof values !== 'string' && values.every((value) => value === 0);
    let text = `${this.in_channels}, ${this.out_channels}, kernel_size=${pyText(this.kernel_size)}, stride=${pyText(this.stride)}`;
    // torch prints a string as it is.
    if (!zeros(this.padding)) {
      text += `, padding=${typeof this.padding === 'string' ? this.padding : pyText(this.padding)}`;
    }
    if (this.dilation.some((d) => d !== 1)) text += `, dilation=${pyText(this.dilation)}`;
    if (!zeros(this.output_padding)) text += `, output_padding=${pyText(this.output_padding)}`;
    if (this.groups !== 1) text += `, groups=${this.groups}`;
    if (this.bias === null) text += ', bias=False';
    if (this.padding_mode !== 'zeros') text += `, padding_mode=${this.padding_mode}`;
    return text;
  }
}
