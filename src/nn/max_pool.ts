import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import type { Size1, Size2, Size3 } from './conv_base.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { pyBool, pyText } from '../python_text.js';
import { signature } from '../signature.js';

export interface MaxPoolOptions<Size = Size2> {
  /** Default: the kernel size. */
  stride?: Size | null;
  /** −∞ on both sides; at most half of the kernel. Default 0. */
  padding?: Size;
  dilation?: Size;
  /** Whether the positions of the maxima are returned too: the call gives `[output, indices]`. */
  return_indices?: boolean;
  /** Whether a window that begins inside but ends outside counts. Default false. */
  ceil_mode?: boolean;
}

type Optional<Size, I> = [
  stride: Size | null,
  padding: Size,
  dilation: Size,
  return_indices: I,
  ceil_mode: boolean,
];

/** What pooling gives, with indices or without. */
export type Pooled<I> = I extends true ? [output: Tensor, indices: Tensor] : Tensor;

function maxSignature(n: number): (args: readonly unknown[]) => unknown[] {
  const size = `int|int[${n}]`;
  return signature(
    `MaxPool${n}d(${size} kernel_size, ${size}? stride=None, ${size} padding=0, ${size} dilation=1, ` +
      'bool return_indices=False, bool ceil_mode=False)',
  );
}

const MAX1D = maxSignature(1);
const MAX2D = maxSignature(2);
const MAX3D = maxSignature(3);

abstract class MaxPoolNd<Size extends number | readonly number[], I extends boolean> extends Module {
  kernel_size: Size;
  stride: Size;
  padding: Size;
  dilation: Size;
  return_indices: boolean;
  ceil_mode: boolean;

  constructor(
    private readonly spatial: 1 | 2 | 3,
    bound: unknown[],
  ) {
    super();
    const [kernel, stride, padding, dilation, indices, ceil] = bound as [
      Size,
      Size | null,
      Size,
      Size,
      boolean,
      boolean,
    ];
    this.kernel_size = kernel;
    this.stride = stride ?? kernel;
    this.padding = padding;
    this.dilation = dilation;
    this.return_indices = indices;
    this.ceil_mode = ceil;
  }

  forward(input: Tensor): Pooled<I> {
    const { kernel_size, stride, padding, dilation, ceil_mode } = this;
    const pool = this.return_indices
      ? [F.max_pool1d_with_indices, F.max_pool2d_with_indices, F.max_pool3d_with_indices]
      : [F.max_pool1d, F.max_pool2d, F.max_pool3d];
    const run = pool[this.spatial - 1];
    return run(input, kernel_size, stride, padding, dilation, ceil_mode) as Pooled<I>;
  }

  override extra_repr(): string {
    return (
      `kernel_size=${pyText(this.kernel_size)}, stride=${pyText(this.stride)}, padding=${pyText(this.padding)}, ` +
      `dilation=${pyText(this.dilation)}, ceil_mode=${pyBool(this.ceil_mode)}`
    );
  }
}

/** The maximum of each window of [N, C, L] or [C, L]: Ol = ⌊(L + 2·padding − dilation·(Kl − 1) − 1) / stride⌋ + 1. */
export class MaxPool1d<I extends boolean = false> extends MaxPoolNd<Size1, I> {
  constructor(
    kernel_size: Size1,
    ...rest: Args<[], Optional<Size1, I>, MaxPoolOptions<Size1> & { return_indices?: I }>
  );
  constructor(options: MaxPoolOptions<Size1> & { kernel_size: Size1; return_indices?: I });
  constructor(...args: unknown[]) {
    super(1, MAX1D(args));
  }
}

/**
 * The maximum of each window of [N, C, H, W] or [C, H, W].
 *
 * Oh = ⌊(H + 2·padding − dilation·(Kh − 1) − 1) / stride⌋ + 1.
 *
 * @example
 * console.log(new nn.MaxPool2d(3, { stride: 2, padding: 1 })(torch.ones(1, 8, 32, 32)).shape); // [ 1, 8, 16, 16 ]
 */
export class MaxPool2d<I extends boolean = false> extends MaxPoolNd<Size2, I> {
  constructor(
    kernel_size: Size2,
    ...rest: Args<[], Optional<Size2, I>, MaxPoolOptions & { return_indices?: I }>
  );
  constructor(options: MaxPoolOptions & { kernel_size: Size2; return_indices?: I });
  constructor(...args: unknown[]) {
    super(2, MAX2D(args));
  }
}

/** The maximum of each window of [N, C, D, H, W] or [C, D, H, W]. */
export class MaxPool3d<I extends boolean = false> extends MaxPoolNd<Size3, I> {
  constructor(
    kernel_size: Size3,
    ...rest: Args<[], Optional<Size3, I>, MaxPoolOptions<Size3> & { return_indices?: I }>
  );
  constructor(options: MaxPoolOptions<Size3> & { kernel_size: Size3; return_indices?: I });
  constructor(...args: unknown[]) {
    super(3, MAX3D(args));
  }
}
