import type { Tensor } from '../tensor.js';
import type { PadMode } from '../ops/pad.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { pyText } from '../python_text.js';
import { signature } from '../signature.js';

/** What is put before and behind each dimension, the last one first, or one number for all. */
export type Border1 = number | readonly [left: number, right: number];
export type Border2 = number | readonly [left: number, right: number, top: number, bottom: number];
export type Border3 =
  number | readonly [left: number, right: number, top: number, bottom: number, front: number, back: number];

const BORDERS = [2, 4, 6].map((n) => signature(`__init__(int[${n}] padding)`));
const CONSTANT = [2, 4, 6].map((n) => signature(`__init__(int[${n}] padding, float value)`));

abstract class PadNd extends Module {
  padding: readonly number[];

  constructor(
    private readonly mode: PadMode,
    spatial: 1 | 2 | 3,
    padding: unknown,
  ) {
    super();
    [this.padding] = BORDERS[spatial - 1]([padding]) as [number[]];
  }

  forward(input: Tensor): Tensor {
    return F.pad(input, this.padding, this.mode);
  }

  override extra_repr(): string {
    return pyText(this.padding);
  }
}

abstract class ConstantPadNd extends Module {
  padding: readonly number[];
  value: number;

  constructor(spatial: 1 | 2 | 3, args: unknown[]) {
    super();
    [this.padding, this.value] = CONSTANT[spatial - 1](args) as [number[], number];
  }

  forward(input: Tensor): Tensor {
    return F.pad(input, this.padding, 'constant', this.value);
  }

  override extra_repr(): string {
    return `padding=${pyText(this.padding)}, value=${pyText(this.value)}`;
  }
}

/** `value` around the last dimension; negative numbers cut. */
export class ConstantPad1d extends ConstantPadNd {
  constructor(padding: Border1, value: number | { value: number });
  constructor(options: { padding: Border1; value: number });
  constructor(...args: unknown[]) {
    super(1, args);
  }
}

/**
 * `value` around the last two dimensions; negative numbers cut.
 *
 * @example
 * console.log(new nn.ConstantPad2d([1, 0, 0, 0], 7)(torch.zeros(1, 1, 2)).tolist()); // [ [ [ 7, 0, 0 ] ] ]
 */
export class ConstantPad2d extends ConstantPadNd {
  constructor(padding: Border2, value: number | { value: number });
  constructor(options: { padding: Border2; value: number });
  constructor(...args: unknown[]) {
    super(2, args);
  }
}

/** `value` around the last three dimensions; negative numbers cut. */
export class ConstantPad3d extends ConstantPadNd {
  constructor(padding: Border3, value: number | { value: number });
  constructor(options: { padding: Border3; value: number });
  constructor(...args: unknown[]) {
    super(3, args);
  }
}

/**
 * Zeros around the last two dimensions; negative numbers cut.
 *
 * @example
 * console.log(new nn.ZeroPad2d([1, 1, 0, 2])(torch.ones(1, 1, 2, 2)).shape); // [ 1, 1, 4, 4 ]
 */
export class ZeroPad2d extends PadNd {
  constructor(padding: Border2 | { padding: Border2 }) {
    super('constant', 2, padding);
  }
}

/** [N, C, L] or [C, L] continued by its mirror image at both ends; the last element is not repeated. */
export class ReflectionPad1d extends PadNd {
  constructor(padding: Border1 | { padding: Border1 }) {
    super('reflect', 1, padding);
  }
}

/**
 * [N, C, H, W] or [C, H, W] continued by its mirror images; the elements at the border are not repeated.
 *
 * @example
 * const x = torch.arange(3).to(torch.float32).reshape(1, 1, 3);
 * console.log(new nn.ReflectionPad2d([2, 1, 0, 0])(x).tolist()); // [ [ [ 2, 1, 0, 1, 2, 1 ] ] ]
 */
export class ReflectionPad2d extends PadNd {
  constructor(padding: Border2 | { padding: Border2 }) {
    super('reflect', 2, padding);
  }
}

/** [N, C, D, H, W] or [C, D, H, W] continued by its mirror images; the elements at the border are not repeated. */
export class ReflectionPad3d extends PadNd {
  constructor(padding: Border3 | { padding: Border3 }) {
    super('reflect', 3, padding);
  }
}

/** [N, C, L] or [C, L] continued by its first and last elements. */
export class ReplicationPad1d extends PadNd {
  constructor(padding: Border1 | { padding: Border1 }) {
    super('replicate', 1, padding);
  }
}

/** [N, C, H, W] or [C, H, W] continued by the elements at its border. */
export class ReplicationPad2d extends PadNd {
  constructor(padding: Border2 | { padding: Border2 }) {
    super('replicate', 2, padding);
  }
}

/** [N, C, D, H, W] or [C, D, H, W] continued by the elements at its border. */
export class ReplicationPad3d extends PadNd {
  constructor(padding: Border3 | { padding: Border3 }) {
    super('replicate', 3, padding);
  }
}
