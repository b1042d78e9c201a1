import type { Tensor } from '../tensor.js';
import * as F from './functional.js';
import type { Pooled } from './max_pool.js';
import { Module } from './module.js';
import { pyText } from '../python_text.js';
import { signature } from '../signature.js';

/** A size for each dimension or one for all; null keeps the input's. */
export type OutputSize1 = number | readonly [length: number];
export type OutputSize = number | readonly [height: number | null, width: number | null];
export type OutputSize3 =
  number | readonly [depth: number | null, height: number | null, width: number | null];

type AnySize = number | readonly (number | null)[];

/** Schemas have no list whose items may be null. */
function outputSize(
  name: string,
  n: number,
  args: readonly unknown[],
  rest: string,
): [AnySize, ...unknown[]] {
  const bind = signature(`${name}(any output_size, ${rest})`);
  const [first] = args;
  const keywords = args.length === 1 && typeof first === 'object' && first !== null && !Array.isArray(first);
  const [size, ...others] = bind(keywords ? [undefined, first] : args);
  const valid = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
  const fits = Array.isArray(size) && size.length === n && size.every((k) => k === null || valid(k));
  if (!fits && !valid(size)) {
    const items = new Array<string>(n).fill('int or null').join(', ');
    throw new TypeError(`${name}(): output_size must be an int or [${items}], got ${JSON.stringify(size)}`);
  }
  return [size as AnySize, ...others];
}

abstract class AdaptivePoolNd extends Module {
  declare output_size: AnySize;

  override extra_repr(): string {
    return `output_size=${pyText(this.output_size)}`;
  }
}

abstract class AdaptiveAvgPoolNd<Size extends AnySize> extends AdaptivePoolNd {
  declare output_size: Size;

  constructor(
    private readonly spatial: 1 | 2 | 3,
    args: unknown[],
  ) {
    super();
    const [size] = outputSize(`AdaptiveAvgPool${spatial}d`, spatial, args, '');
    this.output_size = size as Size;
  }

  forward(input: Tensor): Tensor {
    const pool = [F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d];
    return pool[this.spatial - 1](input, this.output_size);
  }
}

abstract class AdaptiveMaxPoolNd<Size extends AnySize, I extends boolean> extends AdaptivePoolNd {
  declare output_size: Size;
  return_indices: boolean;

  constructor(
    private readonly spatial: 1 | 2 | 3,
    args: unknown[],
  ) {
    super();
    const name = `AdaptiveMaxPool${spatial}d`;
    const [size, indices] = outputSize(name, spatial, args, 'bool return_indices=False');
    this.output_size = size as Size;
    this.return_indices = indices as boolean;
  }

  forward(input: Tensor): Pooled<I> {
    const pool = [
      F.adaptive_max_pool1d_with_indices,
      F.adaptive_max_pool2d_with_indices,
      F.adaptive_max_pool3d_with_indices,
    ];
    const [out, indices] = pool[this.spatial - 1](input, this.output_size);
    return (this.return_indices ? [out, indices] : out) as Pooled<I>;
  }
}

/** The mean of windows that divide [N, C, L] into `output_size`, as AdaptiveAvgPool2d divides a plane. */
export class AdaptiveAvgPool1d extends AdaptiveAvgPoolNd<OutputSize1> {
  constructor(output_size: OutputSize1 | { output_size: OutputSize1 }) {
    super(1, [output_size]);
  }
}

/**
 * The mean of windows that divide [N, C, H, W] into `output_size`: window i of n spans ⌊i·H/n⌋ to ⌈(i+1)·H/n⌉.
 *
 * @example
 * console.log(new nn.AdaptiveAvgPool2d(1)(torch.ones(2, 8, 7, 7)).shape); // [ 2, 8, 1, 1 ]
 */
export class AdaptiveAvgPool2d extends AdaptiveAvgPoolNd<OutputSize> {
  constructor(output_size: OutputSize | { output_size: OutputSize }) {
    super(2, [output_size]);
  }
}

/** The mean of windows that divide [N, C, D, H, W] into `output_size`, as AdaptiveAvgPool2d divides a plane. */
export class AdaptiveAvgPool3d extends AdaptiveAvgPoolNd<OutputSize3> {
  constructor(output_size: OutputSize3 | { output_size: OutputSize3 }) {
    super(3, [output_size]);
  }
}

/** The maximum of windows that divide [N, C, L] into `output_size`, as AdaptiveAvgPool1d divides it. */
export class AdaptiveMaxPool1d<I extends boolean = false> extends AdaptiveMaxPoolNd<OutputSize1, I> {
  constructor(output_size: OutputSize1, return_indices?: I | { return_indices?: I });
  constructor(options: { output_size: OutputSize1; return_indices?: I });
  constructor(...args: unknown[]) {
    super(1, args);
  }
}

/**
 * The maximum of windows that divide [N, C, H, W] into `output_size`, as AdaptiveAvgPool2d divides it.
 *
 * @example
 * console.log(new nn.AdaptiveMaxPool2d(2)(torch.ones(1, 8, 7, 7)).shape); // [ 1, 8, 2, 2 ]
 */
export class AdaptiveMaxPool2d<I extends boolean = false> extends AdaptiveMaxPoolNd<OutputSize, I> {
  constructor(output_size: OutputSize, return_indices?: I | { return_indices?: I });
  constructor(options: { output_size: OutputSize; return_indices?: I });
  constructor(...args: unknown[]) {
    super(2, args);
  }
}

/** The maximum of windows that divide [N, C, D, H, W] into `output_size`, as AdaptiveAvgPool3d divides it. */
export class AdaptiveMaxPool3d<I extends boolean = false> extends AdaptiveMaxPoolNd<OutputSize3, I> {
  constructor(output_size: OutputSize3, return_indices?: I | { return_indices?: I });
  constructor(options: { output_size: OutputSize3; return_indices?: I });
  constructor(...args: unknown[]) {
    super(3, args);
  }
}
