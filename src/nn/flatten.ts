import { RuntimeError } from '../errors.js';
import { wrapDim } from '../shape.js';
import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import { Module } from './module.js';
import { pyText } from '../python_text.js';
import { signature } from '../signature.js';

const FLATTEN = signature('Flatten(int start_dim=1, int end_dim=-1)');
const UNFLATTEN = signature('Unflatten(int dim, int[] unflattened_size)');

/**
 * Dimensions `start_dim` (default 1) to `end_dim` (default -1) become one.
 *
 * @example
 * console.log(new nn.Flatten()(torch.ones(2, 3, 4)).shape); // [ 2, 12 ]
 */
export class Flatten extends Module {
  start_dim: number;
  end_dim: number;

  constructor(
    ...args: Args<[], [start_dim: number, end_dim: number], { start_dim?: number; end_dim?: number }>
  ) {
    super();
    [this.start_dim, this.end_dim] = FLATTEN(args) as [number, number];
  }

  forward(input: Tensor): Tensor {
    return input.flatten(this.start_dim, this.end_dim);
  }

  override extra_repr(): string {
    return `start_dim=${this.start_dim}, end_dim=${this.end_dim}`;
  }
}

/**
 * Dimension `dim` becomes several of the sizes `unflattened_size`, one of which may be -1.
 *
 * @example
 * console.log(new nn.Unflatten(1, [3, 4])(torch.ones(2, 12)).shape); // [ 2, 3, 4 ]
 */
export class Unflatten extends Module {
  dim: number;
  unflattened_size: readonly number[];

  constructor(dim: number, unflattened_size: readonly number[]);
  constructor(options: { dim: number; unflattened_size: readonly number[] });
  constructor(...args: unknown[]) {
    super();
    [this.dim, this.unflattened_size] = UNFLATTEN(args) as [number, number[]];
  }

  forward(input: Tensor): Tensor {
    const dim = wrapDim(this.dim, input.ndim);
    if (this.unflattened_size.length === 0) throw new RuntimeError('unflatten: sizes must be non-empty');
    return input.reshape([
      ...input.shape.slice(0, dim),
      ...sizesOf(input.shape[dim], this.unflattened_size),
      ...input.shape.slice(dim + 1),
    ]);
  }

  override extra_repr(): string {
    return `dim=${this.dim}, unflattened_size=${pyText(this.unflattened_size)}`;
  }
}

function sizesOf(size: number, sizes: readonly number[]): number[] {
  const known = sizes.reduce((product, n) => (n === -1 ? product : product * n), 1);
  const unknown = sizes.indexOf(-1);
  const out = [...sizes];
  if (unknown >= 0) out[unknown] = size / known;
  const fits =
    unknown >= 0 ? sizes.indexOf(-1, unknown + 1) < 0 && Number.isInteger(out[unknown]) : known === size;
  if (!fits) {
    throw new RuntimeError(
      `unflatten: Provided sizes ${pyText(sizes)} don't multiply up to the size of dim ${size} in the input tensor`,
    );
  }
  return out;
}
