import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import type { Size1, Size2, Size3 } from './conv_base.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { pyText } from '../python_text.js';
import { signature } from '../signature.js';

export interface AvgPool1dOptions<Size = Size1> {
  /** Default: the kernel size. */
  stride?: Size | null;
  /** Zeros on both sides; at most half of the kernel. Default 0. */
  padding?: Size;
  ceil_mode?: boolean;
  /** Whether padding counts in the divisor. Default true. */
  count_include_pad?: boolean;
}

export interface AvgPoolOptions<Size = Size2> extends AvgPool1dOptions<Size> {
  /** The divisor, instead of the size of the window. */
  divisor_override?: number | null;
}

type Optional<Size> = [stride: Size | null, padding: Size, ceil_mode: boolean, count_include_pad: boolean];

function avgSignature(name: string, size: string, rest: string): (args: readonly unknown[]) => unknown[] {
  return signature(
    `${name}(${size} kernel_size, ${size}? stride=None, ${size} padding=0, bool ceil_mode=False, ` +
      `bool count_include_pad=True${rest})`,
  );
}

const DIVISOR = ', int? divisor_override=None';
const AVG1D = avgSignature('AvgPool1d', 'int[1]', '');
const AVG2D = avgSignature('AvgPool2d', 'int|int[2]', DIVISOR);
const AVG3D = avgSignature('AvgPool3d', 'int|int[3]', DIVISOR);

abstract class AvgPoolNd<Size extends number | readonly number[]> extends Module {
  kernel_size: Size;
  stride: Size;
  padding: Size;
  ceil_mode: boolean;
  count_include_pad: boolean;

  constructor(bound: unknown[]) {
    super();
    const [kernel, stride, padding, ceil, include] = bound as [Size, Size | null, Size, boolean, boolean];
    this.kernel_size = kernel;
    this.stride = stride ?? kernel;
    this.padding = padding;
    this.ceil_mode = ceil;
    this.count_include_pad = include;
  }

  override extra_repr(): string {
    return `kernel_size=${pyText(this.kernel_size)}, stride=${pyText(this.stride)}, padding=${pyText(this.padding)}`;
  }
}

/** The mean of each window of [N, C, L] or [C, L]: Ol = ⌊(L + 2·padding − Kl) / stride⌋ + 1. */
export class AvgPool1d extends AvgPoolNd<readonly number[]> {
  constructor(kernel_size: Size1, ...rest: Args<[], Optional<Size1>, AvgPool1dOptions>);
  constructor(options: AvgPool1dOptions & { kernel_size: Size1 });
  constructor(...args: unknown[]) {
    super(AVG1D(args));
  }

  forward(input: Tensor): Tensor {
    const { kernel_size, stride, padding, ceil_mode, count_include_pad } = this;
    return F.avg_pool1d(input, kernel_size, stride, padding, ceil_mode, count_include_pad);
  }
}

/**
 * The mean of each window of [N, C, H, W] or [C, H, W].
 *
 * Oh = ⌊(H + 2·padding − Kh) / stride⌋ + 1.
 *
 * @example
 * console.log(new nn.AvgPool2d(2)(torch.ones(1, 8, 32, 32)).shape); // [ 1, 8, 16, 16 ]
 */
export class AvgPool2d extends AvgPoolNd<Size2> {
  divisor_override: number | null;

  constructor(
    kernel_size: Size2,
    ...rest: Args<[], [...Optional<Size2>, divisor_override: number | null], AvgPoolOptions>
  );
  constructor(options: AvgPoolOptions & { kernel_size: Size2 });
  constructor(...args: unknown[]) {
    const bound = AVG2D(args);
    super(bound);
    this.divisor_override = bound[5] as number | null;
  }

  forward(input: Tensor): Tensor {
    const { kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override } = this;
    return F.avg_pool2d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);
  }
}

/** The mean of each window of [N, C, D, H, W] or [C, D, H, W]. */
export class AvgPool3d extends AvgPoolNd<Size3> {
  divisor_override: number | null;

  constructor(
    kernel_size: Size3,
    ...rest: Args<[], [...Optional<Size3>, divisor_override: number | null], AvgPoolOptions<Size3>>
  );
  constructor(options: AvgPoolOptions<Size3> & { kernel_size: Size3 });
  constructor(...args: unknown[]) {
    const bound = AVG3D(args);
    super(bound);
    this.divisor_override = bound[5] as number | null;
  }

  forward(input: Tensor): Tensor {
    const { kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override } = this;
    return F.avg_pool3d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);
  }
}
