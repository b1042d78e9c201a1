import type { Args } from '../ops/define.js';
import type { InterpolationMode } from '../ops/interpolate.js';
import type { Tensor } from '../tensor.js';
import type { Size2 } from './conv_base.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { pyFloat, pyText } from '../python_text.js';
import { signature } from '../signature.js';

/** A value for each spatial dimension or one for all. */
type PerDimension = number | readonly number[];

interface SizeOptions<Size> {
  /** The spatial size of the output. */
  size?: Size | null;
  /** What the spatial size is multiplied by; either this or `size`. */
  scale_factor?: Size | null;
}

export interface UpsampleOptions extends SizeOptions<PerDimension> {
  /** Default 'nearest'. */
  mode?: InterpolationMode;
  /** Whether the outermost elements' centres, rather than their borders, are laid over one another. Default false. */
  align_corners?: boolean | null;
  /** Whether positions are computed from the sizes rather than from `scale_factor`. */
  recompute_scale_factor?: boolean | null;
}

const SIZE = 'int|int[]? size=None, float|float[]? scale_factor=None';
const UPSAMPLE = signature(
  `Upsample(${SIZE}, str mode='nearest', bool? align_corners=None, bool? recompute_scale_factor=None)`,
);
const NEAREST = signature(`UpsamplingNearest2d(${SIZE})`);
const BILINEAR = signature(`UpsamplingBilinear2d(${SIZE})`);

/**
 * [N, C, …] with one to three spatial dimensions brought to another size, by `F.interpolate`.
 *
 * @example
 * console.log(new nn.Upsample({ scale_factor: 2, mode: 'bilinear' })(torch.ones(1, 3, 8, 8)).shape); // [ 1, 3, 16, 16 ]
 */
export class Upsample extends Module {
  size: PerDimension | null;
  scale_factor: PerDimension | null;
  mode: InterpolationMode;
  align_corners: boolean | null;
  recompute_scale_factor: boolean | null;

  constructor(
    ...args: Args<
      [],
      [
        size: PerDimension | null,
        scale_factor: PerDimension | null,
        mode: InterpolationMode,
        align_corners: boolean | null,
        recompute_scale_factor: boolean | null,
      ],
      UpsampleOptions
    >
  ) {
    super();
    const [size, scale, mode, align, recompute] = UPSAMPLE(args) as [
      PerDimension | null,
      PerDimension | null,
      InterpolationMode,
      boolean | null,
      boolean | null,
    ];
    this.size = size;
    this.scale_factor = scale === 0 ? null : scale;
    this.mode = mode;
    this.align_corners = align;
    this.recompute_scale_factor = recompute;
  }

  forward(input: Tensor): Tensor {
    const { size, scale_factor, mode, align_corners, recompute_scale_factor } = this;
    return F.interpolate(input, size, scale_factor, mode, align_corners, recompute_scale_factor);
  }

  override extra_repr(): string {
    const scale = this.scale_factor;
    const factor = typeof scale === 'number' ? pyFloat(scale) : `(${scale?.map(pyFloat).join(', ')})`;
    const size = scale === null ? `size=${pyText(this.size)}` : `scale_factor=${factor}`;
    return `${size}, mode=${this.mode}`;
  }
}

type Optional = [size: Size2 | null, scale_factor: Size2 | null];

/** Upsample of [N, C, H, W] with mode 'nearest', by its old name. */
export class UpsamplingNearest2d extends Upsample {
  constructor(...args: Args<[], Optional, SizeOptions<Size2>>) {
    const [size, scale] = NEAREST(args) as Optional;
    super(size, scale, 'nearest');
  }
}

/** Upsample of [N, C, H, W] with mode 'bilinear' and aligned corners, by its old name. */
export class UpsamplingBilinear2d extends Upsample {
  constructor(...args: Args<[], Optional, SizeOptions<Size2>>) {
    const [size, scale] = BILINEAR(args) as Optional;
    super(size, scale, 'bilinear', true);
  }
}
