import type { Tensor } from '../tensor.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { pyText } from './python_text.js';
import { signature } from './signature.js';

const BIND = signature('ZeroPad2d(int[4] padding)');

export type Border2 = number | readonly [left: number, right: number, top: number, bottom: number];

/**
 * Zeros around the last two dimensions; negative numbers cut.
 *
 * @example
 * console.log(new nn.ZeroPad2d([1, 1, 0, 2])(torch.ones(1, 1, 2, 2)).shape); // [ 1, 1, 4, 4 ]
 */
export class ZeroPad2d extends Module {
  padding: readonly number[];

  constructor(padding: Border2 | { padding: Border2 }) {
    super();
    [this.padding] = BIND([padding]) as [number[]];
  }

  forward(input: Tensor): Tensor {
    return F.pad(input, this.padding, 'constant', 0);
  }

  override extra_repr(): string {
    return pyText(this.padding);
  }
}
