import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import type { Size2 } from './conv.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { pyBool, pyText } from './python_text.js';
import { signature } from './signature.js';

export interface MaxPoolOptions {
  /** Default: the kernel size. */
  stride?: Size2 | null;
  /** −∞ on both sides; at most half of the kernel. Default 0. */
  padding?: Size2;
  dilation?: Size2;
  /** Whether the positions of the maxima are returned too: the call gives `[output, indices]`. */
  return_indices?: boolean;
  /** Whether a window that begins inside but ends outside counts. Default false. */
  ceil_mode?: boolean;
}

const MAX = signature(
  'MaxPool2d(int|int[2] kernel_size, int|int[2]? stride=None, int|int[2] padding=0, int|int[2] dilation=1, ' +
    'bool return_indices=False, bool ceil_mode=False)',
);
const AVG = signature(
  'AvgPool2d(int|int[2] kernel_size, int|int[2]? stride=None, int|int[2] padding=0, bool ceil_mode=False, ' +
    'bool count_include_pad=True, int? divisor_override=None)',
);

/**
 * The maximum of each window of [N, C, H, W] or [C, H, W].
 *
 * Oh = ⌊(H + 2·padding − dilation·(Kh − 1) − 1) / stride⌋ + 1.
 *
 * @example
 * console.log(new nn.MaxPool2d(3, { stride: 2, padding: 1 })(torch.ones(1, 8, 32, 32)).shape); // [ 1, 8, 16, 16 ]
 */
export class MaxPool2d<I extends boolean = false> extends Module {
  kernel_size: Size2;
  stride: Size2;
  padding: Size2;
  dilation: Size2;
  return_indices: boolean;
  ceil_mode: boolean;

  constructor(
    kernel_size: Size2,
    ...rest: Args<
      [],
      [stride: Size2 | null, padding: Size2, dilation: Size2, return_indices: I, ceil_mode: boolean],
      MaxPoolOptions & { return_indices?: I }
    >
  );
  constructor(options: MaxPoolOptions & { kernel_size: Size2; return_indices?: I });
  constructor(...args: unknown[]) {
    super();
    const bound = MAX(args) as [Size2, Size2 | null, Size2, Size2, boolean, boolean];
    this.kernel_size = bound[0];
    this.stride = bound[1] ?? bound[0];
    this.padding = bound[2];
    this.dilation = bound[3];
    this.return_indices = bound[4];
    this.ceil_mode = bound[5];
  }

  forward(input: Tensor): I extends true ? [output: Tensor, indices: Tensor] : Tensor {
    const { kernel_size, stride, padding, dilation, ceil_mode } = this;
    const result: Tensor | Tensor[] = this.return_indices
      ? F.max_pool2d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
      : F.max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode);
    return result as I extends true ? [output: Tensor, indices: Tensor] : Tensor;
  }

  override extra_repr(): string {
    return (
      `kernel_size=${pyText(this.kernel_size)}, stride=${pyText(this.stride)}, padding=${pyText(this.padding)}, ` +
      `dilation=${pyText(this.dilation)}, ceil_mode=${pyBool(this.ceil_mode)}`
    );
  }
}

export interface AvgPoolOptions {
  /** Default: the kernel size. */
  stride?: Size2 | null;
  /** Zeros on both sides; at most half of the kernel. Default 0. */
  padding?: Size2;
  ceil_mode?: boolean;
  /** Whether padding counts in the divisor. Default true. */
  count_include_pad?: boolean;
  /** The divisor, instead of the size of the window. */
  divisor_override?: number | null;
}

/**
 * The mean of each window of [N, C, H, W] or [C, H, W].
 *
 * Oh = ⌊(H + 2·padding − Kh) / stride⌋ + 1.
 *
 * @example
 * console.log(new nn.AvgPool2d(2)(torch.ones(1, 8, 32, 32)).shape); // [ 1, 8, 16, 16 ]
 */
export class AvgPool2d extends Module {
  kernel_size: Size2;
  stride: Size2;
  padding: Size2;
  ceil_mode: boolean;
  count_include_pad: boolean;
  divisor_override: number | null;

  constructor(
    kernel_size: Size2,
    ...rest: Args<
      [],
      [
        stride: Size2 | null,
        padding: Size2,
        ceil_mode: boolean,
        count_include_pad: boolean,
        divisor_override: number | null,
      ],
      AvgPoolOptions
    >
  );
  constructor(options: AvgPoolOptions & { kernel_size: Size2 });
  constructor(...args: unknown[]) {
    super();
    const bound = AVG(args) as [Size2, Size2 | null, Size2, boolean, boolean, number | null];
    this.kernel_size = bound[0];
    this.stride = bound[1] ?? bound[0];
    this.padding = bound[2];
    this.ceil_mode = bound[3];
    this.count_include_pad = bound[4];
    this.divisor_override = bound[5];
  }

  forward(input: Tensor): Tensor {
    const { kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override } = this;
    return F.avg_pool2d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);
  }

  override extra_repr(): string {
    return `kernel_size=${pyText(this.kernel_size)}, stride=${pyText(this.stride)}, padding=${pyText(this.padding)}`;
  }
}

/** A size for both dimensions or one for each; null keeps the input's. */
export type OutputSize = number | readonly [height: number | null, width: number | null];

/** Schemas have no list whose items may be null. */
function outputSize(name: string, args: readonly unknown[], rest: string): [OutputSize, ...unknown[]] {
  const bind = signature(`${name}(any output_size, ${rest})`);
  const [first] = args;
  const keywords = args.length === 1 && typeof first === 'object' && first !== null && !Array.isArray(first);
  const [size, ...others] = bind(keywords ? [undefined, first] : args);
  const valid = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
  const fits = Array.isArray(size) && size.length === 2 && size.every((n) => n === null || valid(n));
  if (!fits && !valid(size)) {
    throw new TypeError(
      `${name}(): output_size must be an int or [int or null, int or null], got ${JSON.stringify(size)}`,
    );
  }
  return [size as OutputSize, ...others];
}

/**
 * The mean of windows that divide [N, C, H, W] into `output_size`: window i of n spans ⌊i·H/n⌋ to ⌈(i+1)·H/n⌉.
 *
 * @example
 * console.log(new nn.AdaptiveAvgPool2d(1)(torch.ones(2, 8, 7, 7)).shape); // [ 2, 8, 1, 1 ]
 */
export class AdaptiveAvgPool2d extends Module {
  output_size: OutputSize;

  constructor(output_size: OutputSize | { output_size: OutputSize }) {
    super();
    [this.output_size] = outputSize('AdaptiveAvgPool2d', [output_size], '');
  }

  forward(input: Tensor): Tensor {
    return F.adaptive_avg_pool2d(input, this.output_size);
  }

  override extra_repr(): string {
    return `output_size=${pyText(this.output_size)}`;
  }
}

/**
 * The maximum of windows that divide [N, C, H, W] into `output_size`, as AdaptiveAvgPool2d divides it.
 *
 * @example
 * console.log(new nn.AdaptiveMaxPool2d(2)(torch.ones(1, 8, 7, 7)).shape); // [ 1, 8, 2, 2 ]
 */
export class AdaptiveMaxPool2d<I extends boolean = false> extends Module {
  output_size: OutputSize;
  return_indices: boolean;

  constructor(output_size: OutputSize, return_indices?: I | { return_indices?: I });
  constructor(options: { output_size: OutputSize; return_indices?: I });
  constructor(...args: unknown[]) {
    super();
    const [size, indices] = outputSize('AdaptiveMaxPool2d', args, 'bool return_indices=False');
    this.output_size = size;
    this.return_indices = indices as boolean;
  }

  forward(input: Tensor): I extends true ? [output: Tensor, indices: Tensor] : Tensor {
    const result: Tensor | Tensor[] = this.return_indices
      ? F.adaptive_max_pool2d_with_indices(input, this.output_size)
      : F.adaptive_max_pool2d(input, this.output_size);
    return result as I extends true ? [output: Tensor, indices: Tensor] : Tensor;
  }

  override extra_repr(): string {
    return `output_size=${pyText(this.output_size)}`;
  }
}
