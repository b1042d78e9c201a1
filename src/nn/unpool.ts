import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import type { Size1, Size2, Size3 } from './conv_base.js';
import type { OutputSizeOption } from './conv_transpose.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { pyText } from '../python_text.js';
import { signature } from '../signature.js';

export interface MaxUnpoolOptions<Size> {
  /** Default: the kernel size. */
  stride?: Size | null;
  padding?: Size;
}

function unpoolSignature(n: number): (args: readonly unknown[]) => unknown[] {
  const size = `int[${n}]`;
  return signature(`MaxUnpool${n}d(${size} kernel_size, ${size}? stride=None, ${size} padding=0)`);
}

const UNPOOL1D = unpoolSignature(1);
const UNPOOL2D = unpoolSignature(2);
const UNPOOL3D = unpoolSignature(3);
const CALL = signature('forward(Tensor input, Tensor indices, int[]? output_size=None)');

abstract class MaxUnpoolNd extends Module {
  kernel_size: readonly number[];
  stride: readonly number[];
  padding: readonly number[];

  constructor(bound: unknown[]) {
    super();
    const [kernel, stride, padding] = bound as [number[], number[] | null, number[]];
    this.kernel_size = kernel;
    this.stride = stride ?? kernel;
    this.padding = padding;
  }

  forward(input: Tensor, indices: Tensor, output_size?: OutputSizeOption): Tensor {
    const given = output_size === undefined ? [input, indices] : [input, indices, output_size];
    const [, , size] = CALL(given) as [Tensor, Tensor, readonly number[] | null];
    const unpool = [F.max_unpool1d, F.max_unpool2d, F.max_unpool3d][this.kernel_size.length - 1];
    return unpool(input, indices, this.kernel_size, this.stride, this.padding, size);
  }

  override extra_repr(): string {
    return `kernel_size=${pyText(this.kernel_size)}, stride=${pyText(this.stride)}, padding=${pyText(this.padding)}`;
  }
}

type Rest<Size> = Args<[], [stride: Size | null, padding: Size], MaxUnpoolOptions<Size>>;

/** Puts the maxima that MaxPool1d found back to their places, zeros elsewhere. */
export class MaxUnpool1d extends MaxUnpoolNd {
  constructor(kernel_size: Size1, ...rest: Rest<Size1>);
  constructor(options: MaxUnpoolOptions<Size1> & { kernel_size: Size1 });
  constructor(...args: unknown[]) {
    super(UNPOOL1D(args));
  }
}

/**
 * Puts the maxima that MaxPool2d found, called with their indices, back to their places, zeros elsewhere.
 *
 * @example
 * const pool = new nn.MaxPool2d(2, { return_indices: true });
 * const [y, indices] = pool(torch.ones(1, 1, 4, 5));
 * console.log(new nn.MaxUnpool2d(2)(y, indices, { output_size: [4, 5] }).shape); // [ 1, 1, 4, 5 ]
 */
export class MaxUnpool2d extends MaxUnpoolNd {
  constructor(kernel_size: Size2, ...rest: Rest<Size2>);
  constructor(options: MaxUnpoolOptions<Size2> & { kernel_size: Size2 });
  constructor(...args: unknown[]) {
    super(UNPOOL2D(args));
  }
}

/** Puts the maxima that MaxPool3d found back to their places, zeros elsewhere. */
export class MaxUnpool3d extends MaxUnpoolNd {
  constructor(kernel_size: Size3, ...rest: Rest<Size3>);
  constructor(options: MaxUnpoolOptions<Size3> & { kernel_size: Size3 });
  constructor(...args: unknown[]) {
    super(UNPOOL3D(args));
  }
}
