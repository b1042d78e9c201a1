import { ValueError } from '../errors.js';
import type { Args } from '../ops/define.js';
import type { Tensor } from '../tensor.js';
import type { Size2, Size3 } from './conv_base.js';
import * as F from './functional.js';
import type { Pooled } from './max_pool.js';
import { Module } from './module.js';
import { signature } from '../signature.js';

export interface FractionalMaxPoolOptions<Size> {
  kernel_size?: Size;
  /** The size of the output. */
  output_size?: Size | null;
  /** The output's part of the input's size, between 0 and 1; either this or `output_size`. */
  output_ratio?: Size | null;
  /** Whether the positions of the maxima are returned too: the call gives `[output, indices]`. */
  return_indices?: boolean;
  /** Draws from [0, 1) to use with every call, [N, C, spatial dimensions]. */
  _random_samples?: Tensor | null;
}

function fractionalSignature(n: number): (args: readonly unknown[]) => unknown[] {
  return signature(
    `FractionalMaxPool${n}d(int[${n}] kernel_size, int[${n}]? output_size=None, float[${n}]? output_ratio=None, ` +
      'bool return_indices=False, Tensor? _random_samples=None)',
  );
}

const FRACTIONAL2D = fractionalSignature(2);
const FRACTIONAL3D = fractionalSignature(3);

abstract class FractionalMaxPoolNd<I extends boolean> extends Module {
  kernel_size: readonly number[];
  output_size: readonly number[] | null;
  output_ratio: readonly number[] | null;
  return_indices: boolean;
  declare _random_samples: Tensor | null;

  constructor(name: string, bound: unknown[]) {
    super();
    const [kernel, size, ratio, indices, samples] = bound as [
      number[],
      number[] | null,
      number[] | null,
      boolean,
      Tensor | null,
    ];
    this.kernel_size = kernel;
    this.return_indices = indices;
    this.register_buffer('_random_samples', samples);
    this.output_size = size;
    this.output_ratio = ratio;
    if (size === null && ratio === null)
      throw new ValueError(`${name} requires specifying either an output size, or a pooling ratio`);
    if (size !== null && ratio !== null)
      throw new ValueError('only one of output_size and output_ratio may be specified');
    if (ratio?.some((part) => !(part > 0 && part < 1)) === true)
      throw new ValueError(`output_ratio must be between 0 and 1 (got ${ratio.join(', ')})`);
  }

  forward(input: Tensor): Pooled<I> {
    const { kernel_size, output_size, output_ratio, _random_samples } = this;
    const pool =
      kernel_size.length === 2 ? F.fractional_max_pool2d_with_indices : F.fractional_max_pool3d_with_indices;
    const [out, indices] = pool(input, kernel_size, output_size, output_ratio, true, _random_samples);
    return (this.return_indices ? [out, indices] : out) as Pooled<I>;
  }
}

type Optional<Size, I> = [
  output_size: Size | null,
  output_ratio: Size | null,
  return_indices: I,
  _random_samples: Tensor | null,
];

/**
 * The maxima of windows of [N, C, H, W] or [C, H, W] that are laid at random steps, so that the size asked for comes out.
 *
 * @example
 * console.log(new nn.FractionalMaxPool2d(2, { output_ratio: 0.6 })(torch.ones(1, 1, 10, 10)).shape); // [ 1, 1, 6, 6 ]
 */
export class FractionalMaxPool2d<I extends boolean = false> extends FractionalMaxPoolNd<I> {
  constructor(
    kernel_size: Size2,
    ...rest: Args<[], Optional<Size2, I>, FractionalMaxPoolOptions<Size2> & { return_indices?: I }>
  );
  constructor(options: FractionalMaxPoolOptions<Size2> & { kernel_size: Size2; return_indices?: I });
  constructor(...args: unknown[]) {
    super('FractionalMaxPool2d', FRACTIONAL2D(args));
  }
}

/** FractionalMaxPool2d of [N, C, D, H, W] or [C, D, H, W]. */
export class FractionalMaxPool3d<I extends boolean = false> extends FractionalMaxPoolNd<I> {
  constructor(
    kernel_size: Size3,
    ...rest: Args<[], Optional<Size3, I>, FractionalMaxPoolOptions<Size3> & { return_indices?: I }>
  );
  constructor(options: FractionalMaxPoolOptions<Size3> & { kernel_size: Size3; return_indices?: I });
  constructor(...args: unknown[]) {
    super('FractionalMaxPool3d', FRACTIONAL3D(args));
  }
}
