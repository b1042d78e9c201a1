import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import type { Size1, Size2 } from './conv_base.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { pyBool, pyText } from '../python_text.js';
import { signature } from '../signature.js';

export interface LPPoolOptions<Size> {
  kernel_size?: Size;
  /** Default: the kernel size. */
  stride?: Size | null;
  /** Whether a window that begins inside but ends outside counts. Default false. */
  ceil_mode?: boolean;
}

function lpSignature(n: number): (args: readonly unknown[]) => unknown[] {
  const size = `int|int[${n}]`;
  return signature(
    `LPPool${n}d(float norm_type, ${size} kernel_size, ${size}? stride=None, bool ceil_mode=False)`,
  );
}

const LP1D = lpSignature(1);
const LP2D = lpSignature(2);

abstract class LPPoolNd<Size extends number | readonly number[]> extends Module {
  norm_type: number;
  kernel_size: Size;
  stride: Size | null;
  ceil_mode: boolean;

  constructor(bound: unknown[]) {
    super();
    [this.norm_type, this.kernel_size, this.stride, this.ceil_mode] = bound as [
      number,
      Size,
      Size | null,
      boolean,
    ];
  }

  override extra_repr(): string {
    return (
      `norm_type=${pyText(this.norm_type)}, kernel_size=${pyText(this.kernel_size)}, stride=${pyText(this.stride)}, ` +
      `ceil_mode=${pyBool(this.ceil_mode)}`
    );
  }
}

/** The p-norm of each window of [N, C, L] or [C, L], p being `norm_type`. */
export class LPPool1d extends LPPoolNd<Size1> {
  constructor(
    norm_type: number,
    kernel_size: Size1 | LPPoolOptions<Size1>,
    ...rest: Args<[], [stride: Size1 | null, ceil_mode: boolean], LPPoolOptions<Size1>>
  );
  constructor(options: LPPoolOptions<Size1> & { norm_type: number; kernel_size: Size1 });
  constructor(...args: unknown[]) {
    super(LP1D(args));
  }

  forward(input: Tensor): Tensor {
    return F.lp_pool1d(input, this.norm_type, this.kernel_size, this.stride, this.ceil_mode);
  }
}

/**
 * The p-norm of each window of [N, C, H, W] or [C, H, W], p being `norm_type`: (Σ xᵖ)^(1/p).
 *
 * @example
 * console.log(new nn.LPPool2d(2, 2)(torch.ones(1, 1, 2, 2)).item()); // 2
 */
export class LPPool2d extends LPPoolNd<Size2> {
  constructor(
    norm_type: number,
    kernel_size: Size2 | LPPoolOptions<Size2>,
    ...rest: Args<[], [stride: Size2 | null, ceil_mode: boolean], LPPoolOptions<Size2>>
  );
  constructor(options: LPPoolOptions<Size2> & { norm_type: number; kernel_size: Size2 });
  constructor(...args: unknown[]) {
    super(LP2D(args));
  }

  forward(input: Tensor): Tensor {
    return F.lp_pool2d(input, this.norm_type, this.kernel_size, this.stride, this.ceil_mode);
  }
}
