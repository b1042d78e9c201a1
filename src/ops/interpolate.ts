import { float32, uint8 } from '../dtype.js';
import { NotImplementedError, RuntimeError, ValueError } from '../errors.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { adaptive_avg_pool1d, adaptive_avg_pool2d } from './adaptive_pool.js';
import { adaptive_avg_pool3d } from './adaptive_pool3d.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { cast } from './dense.js';
import { checkFloat } from './float_kernel.js';
import { resample } from './resample.js';
import type { ResampleMode } from './resample_plan.js';

type Size = number | readonly number[];

export type InterpolationMode =
  'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'bicubic' | 'trilinear' | 'area';

interface SizeOptions {
  size?: Size | null;
  scale_factor?: Size | null;
}

interface ModeOptions extends SizeOptions {
  mode?: InterpolationMode;
  align_corners?: boolean | null;
}

const SIZE = 'int|int[]? size=None, float|float[]? scale_factor=None';

/** The modes that are for one number of dimensions, and how they resample each. */
const SMOOTH: Readonly<Record<string, { ndim: number; mode: ResampleMode }>> = {
  linear: { ndim: 3, mode: 'linear' },
  bilinear: { ndim: 4, mode: 'linear' },
  bicubic: { ndim: 4, mode: 'cubic' },
  trilinear: { ndim: 5, mode: 'linear' },
};

const tuple = (values: readonly number[]): string =>
  `(${values.join(', ')}${values.length === 1 ? ',' : ''})`;

function perDimension(x: Tensor, value: Size, name: 'output size' | 'scale_factor'): readonly number[] {
  const n = x.ndim - 2;
  if (typeof value === 'number') return new Array<number>(Math.max(n, 0)).fill(value);
  if (value.length !== n) {
    const spatial = showShape(x.shape.slice(2));
    throw new ValueError(
      name === 'output size'
        ? `Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of ${spatial} and ` +
            `output size of ${tuple(value)}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and output size in ` +
            '(o1, o2, ...,oK) format.'
        : `Input and scale_factor must have the same number of spatial dimensions, but got input with spatial dimensions of ${spatial} ` +
            `and scale_factor of shape ${tuple(value)}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and ` +
            'scale_factor in (s1, s2, ...,sK) format.',
    );
  }
  return value;
}

/** The sizes to come to, and the scales that positions are computed with where they are not the sizes' ratio. */
function target(
  x: Tensor,
  size: Size | null,
  scale: Size | null,
  recompute: boolean,
): { sizes: readonly number[]; factors: readonly number[] | null } {
  if (size !== null && scale !== null)
    throw new ValueError('only one of size or scale_factor should be defined');
  if (size !== null) {
    const sizes = perDimension(x, size, 'output size');
    if (recompute) throw new ValueError('recompute_scale_factor is not meaningful with an explicit size.');
    return { sizes, factors: null };
  }
  if (scale === null) throw new ValueError('either size or scale_factor should be defined');
  const factors = perDimension(x, scale, 'scale_factor');
  const sizes = factors.map((factor, d) => x.shape[d + 2] * factor);
  // torch rounds down itself, or leaves a C cast to cut towards zero.
  return recompute
    ? { sizes: sizes.map(Math.floor), factors: null }
    : { sizes: sizes.map(Math.trunc), factors };
}

function checkSizes(x: Tensor, sizes: readonly number[]): void {
  const spatial = x.shape.slice(2);
  const show = (values: readonly number[]): string =>
    values.map((n, d) => `${'DHW'[3 - values.length + d]}: ${n}`).join(', ');
  if ([...spatial, ...sizes].some((n) => n <= 0)) {
    throw new RuntimeError(
      `Input and output sizes should be greater than 0, but got input (${show(spatial)}) output (${show(sizes)})`,
    );
  }
  if (x.shape[1] === 0) {
    throw new RuntimeError(
      `Non-empty ${x.ndim}D data tensor expected but got a tensor with sizes ${showShape(x.shape)}`,
    );
  }
}

/** Means over bins; the dimensions' number is checked. */
function area(x: Tensor, sizes: readonly number[]): Tensor {
  if (x.ndim === 3) return adaptive_avg_pool1d(x, sizes);
  return x.ndim === 4 ? adaptive_avg_pool2d(x, sizes) : adaptive_avg_pool3d(x, sizes);
}

/** Whether the elements lie channel by channel at each place, as they also do where there is one channel. */
function isChannelsLast(x: Tensor): boolean {
  const order = [0, ...x.shape.slice(2).map((_, d) => d + 2), 1];
  let step = 1;
  for (const d of order.reverse()) {
    if (x.shape[d] !== 1 && x._strides[d] !== step) return false;
    step *= x.shape[d];
  }
  return x.ndim > 3;
}

/** Copies of elements; bytes too, as torch has it. */
function nearest(
  x: Tensor,
  sizes: readonly number[],
  factors: readonly number[] | null,
  mode: ResampleMode,
): Tensor {
  if (x.dtype === uint8) return cast(nearest(cast(x, float32), sizes, factors, mode), uint8);
  checkFloat('compute_indices_weights_nearest', x.dtype);
  // With channels last torch has a kernel of its own for sizes kept or doubled, which leaves the scale out of account.
  const used =
    mode === 'nearest' && factors !== null && isChannelsLast(x)
      ? factors.map((factor, d) =>
          sizes[d] % x.shape[d + 2] === 0 && sizes[d] <= 2 * x.shape[d + 2] ? 0 : factor,
        )
      : factors;
  return resample(x, sizes, used, mode, false, false);
}

function checkMode(x: Tensor, mode: string): void {
  const { ndim: wanted } = SMOOTH[mode] ?? { ndim: x.ndim };
  const known = mode in SMOOTH || ['nearest', 'nearest-exact', 'area'].includes(mode);
  if (known && x.ndim >= 3 && x.ndim <= 5 && wanted === x.ndim) return;
  if (known && mode !== 'bicubic' && x.ndim >= 3 && x.ndim <= 5) {
    throw new NotImplementedError(`Got ${x.ndim}D input, but ${mode} mode needs ${wanted}D input`);
  }
  throw new NotImplementedError(
    `Input Error: Only 3D, 4D and 5D input Tensors supported (got ${x.ndim}D) for the modes: nearest | linear | bilinear | ` +
      `bicubic | trilinear | area | nearest-exact (got ${mode})`,
  );
}

/**
 * [N, C, …] with one to three spatial dimensions resampled to `size`, or to ⌊size · `scale_factor`⌋.
 *
 * @param mode `'nearest'`, `'nearest-exact'` and `'area'` for any; `'linear'` for one, `'bilinear'` and `'bicubic'` for two,
 * `'trilinear'` for three dimensions
 * @param align_corners whether the outermost elements' centres, rather than their borders, are laid over one another
 * @param recompute_scale_factor whether positions are computed from the sizes rather than from `scale_factor`
 * @param antialias for `'bilinear'` and `'bicubic'`: whether an output takes in all the inputs that it stands for
 * @example
 * const x = torch.tensor([[[1, 2]]], { dtype: torch.float32 });
 * console.log(F.interpolate(x, { scale_factor: 2 }).tolist()); // [ [ [ 1, 1, 2, 2 ] ] ]
 * console.log(F.interpolate(x, { size: 3, mode: 'linear', align_corners: true }).tolist()); // [ [ [ 1, 1.5, 2 ] ] ]
 */
export const interpolate: Op<
  (
    ...args: Args<
      [input: Tensor],
      [
        size: Size | null,
        scale_factor: Size | null,
        mode: InterpolationMode,
        align_corners: boolean | null,
        recompute_scale_factor: boolean | null,
        antialias: boolean,
      ],
      ModeOptions & { recompute_scale_factor?: boolean | null; antialias?: boolean }
    >
  ) => Tensor
> = define({
  schema:
    `interpolate(Tensor input, ${SIZE}, str mode='nearest', bool? align_corners=None, bool? recompute_scale_factor=None, ` +
    'bool antialias=False)',
  forward: (
    _ctx,
    x: Tensor,
    size: Size | null,
    scale: Size | null,
    mode: string,
    align: boolean | null,
    recompute: boolean | null,
    antialias: boolean,
  ) => {
    if (align !== null && ['nearest', 'area', 'nearest-exact'].includes(mode)) {
      throw new ValueError(
        'align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear',
      );
    }
    const { sizes, factors } = target(
      x,
      size,
      scale,
      recompute === true || (mode === 'area' && size === null),
    );
    if (antialias && !((mode === 'bilinear' || mode === 'bicubic') && x.ndim === 4)) {
      throw new ValueError('Anti-alias option is only supported for bilinear and bicubic modes');
    }
    checkMode(x, mode);
    if (mode === 'area') return area(x, sizes);
    checkSizes(x, sizes);
    if (mode === 'nearest' || mode === 'nearest-exact') return nearest(x, sizes, factors, mode);
    const { mode: each } = SMOOTH[mode];
    checkFloat(`compute_indices_weights_${each}`, x.dtype);
    return resample(x, sizes, factors, each, align === true, antialias);
  },
  backward: 'composite',
  samples: (make) => [
    [make(1, 2, 3), 5],
    [make(1, 2, 4), { scale_factor: 1.5, mode: 'linear' }],
    [make(1, 1, 4, 3), { scale_factor: [0.5, 2], mode: 'bilinear', antialias: true }],
    [make(1, 1, 4, 3), { size: [2, 5], mode: 'bicubic', align_corners: true }],
    [make(1, 1, 4, 2), { scale_factor: 0.5, mode: 'area' }],
  ],
});

/** `interpolate` by its old name. */
export const upsample: Op<
  (
    ...args: Args<
      [input: Tensor],
      [size: Size | null, scale_factor: Size | null, mode: InterpolationMode, align_corners: boolean | null],
      ModeOptions
    >
  ) => Tensor
> = define({
  schema: `upsample(Tensor input, ${SIZE}, str mode='nearest', bool? align_corners=None)`,
  forward: (
    _ctx,
    x: Tensor,
    size: Size | null,
    scale: Size | null,
    mode: InterpolationMode,
    align: boolean | null,
  ) => interpolate(x, size, scale, mode, align),
  backward: 'composite',
  samples: (make) => [[make(1, 1, 3), { scale_factor: 2 }]],
});

type Upsample = Op<
  (...args: Args<[input: Tensor], [size: Size | null, scale_factor: Size | null], SizeOptions>) => Tensor
>;

/** `interpolate` with mode `'nearest'`, by its old name. */
export const upsample_nearest: Upsample = define({
  schema: `upsample_nearest(Tensor input, ${SIZE})`,
  forward: (_ctx, x: Tensor, size: Size | null, scale: Size | null) => interpolate(x, size, scale, 'nearest'),
  backward: 'composite',
  samples: (make) => [[make(1, 1, 2, 2), 3]],
});

/** `interpolate` with mode `'bilinear'` and aligned corners, by its old name. */
export const upsample_bilinear: Upsample = define({
  schema: `upsample_bilinear(Tensor input, ${SIZE})`,
  forward: (_ctx, x: Tensor, size: Size | null, scale: Size | null) =>
    interpolate(x, size, scale, 'bilinear', true),
  backward: 'composite',
  samples: (make) => [[make(1, 1, 2, 2), { scale_factor: 1.5 }]],
});
