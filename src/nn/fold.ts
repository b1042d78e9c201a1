import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import type { Size2 } from './conv_base.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { pyText } from '../python_text.js';
import { signature } from '../signature.js';

export interface FoldOptions {
  kernel_size?: Size2;
  /** Distance between the elements of a block. Default 1. */
  dilation?: Size2;
  /** Zeros on both sides. Default 0. */
  padding?: Size2;
  /** Distance between blocks. Default 1. */
  stride?: Size2;
}

type Optional = [dilation: Size2, padding: Size2, stride: Size2];

const WINDOW = 'int|int[2] kernel_size, int|int[2] dilation=1, int|int[2] padding=0, int|int[2] stride=1';
const UNFOLD = signature(`Unfold(${WINDOW})`);
const FOLD = signature(`Fold(int|int[2] output_size, ${WINDOW})`);

abstract class Blocks extends Module {
  kernel_size: Size2;
  dilation: Size2;
  padding: Size2;
  stride: Size2;

  constructor(bound: unknown[]) {
    super();
    [this.kernel_size, this.dilation, this.padding, this.stride] = bound as [Size2, Size2, Size2, Size2];
  }

  override extra_repr(): string {
    return (
      `kernel_size=${pyText(this.kernel_size)}, dilation=${pyText(this.dilation)}, padding=${pyText(this.padding)}, ` +
      `stride=${pyText(this.stride)}`
    );
  }
}

/**
 * The sliding blocks of [N, C, H, W] (or [C, H, W]) as columns [N, C·Kh·Kw, blocks].
 *
 * @example
 * console.log(new nn.Unfold([2, 3])(torch.ones(2, 5, 3, 4)).shape); // [ 2, 30, 4 ]
 */
export class Unfold extends Blocks {
  constructor(kernel_size: Size2, ...rest: Args<[], Optional, FoldOptions>);
  constructor(options: FoldOptions & { kernel_size: Size2 });
  constructor(...args: unknown[]) {
    super(UNFOLD(args));
  }

  forward(input: Tensor): Tensor {
    return F.unfold(input, this.kernel_size, this.dilation, this.padding, this.stride);
  }
}

/** Sums columns [N, C·Kh·Kw, blocks] into [N, C, …output_size], each where Unfold would take it from. */
export class Fold extends Blocks {
  output_size: Size2;

  constructor(output_size: Size2, kernel_size: Size2 | FoldOptions, ...rest: Args<[], Optional, FoldOptions>);
  constructor(options: FoldOptions & { output_size: Size2; kernel_size: Size2 });
  constructor(...args: unknown[]) {
    const [size, ...window] = FOLD(args);
    super(window);
    this.output_size = size as Size2;
  }

  forward(input: Tensor): Tensor {
    return F.fold(input, this.output_size, this.kernel_size, this.dilation, this.padding, this.stride);
  }

  override extra_repr(): string {
    return `output_size=${pyText(this.output_size)}, ${super.extra_repr()}`;
  }
}
