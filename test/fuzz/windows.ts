/** Calls of convolutions, pools and their like: images, kernels, strides, padding. */
import type { Arg } from './case.js';
import type { Draw } from './draw.js';
import { SMALL } from './call.js';
import type { Make } from './call.js';

/** One number for all dimensions, or one for each. */
function each(draw: Draw, n: number, low: number, high: number): Arg {
  return draw.bool() ? draw.int(low, high) : Array.from({ length: n }, () => draw.int(low, high));
}

function image(draw: Draw, n: number, C: number, low: number, high: number, dtype: string): Arg {
  const lead = draw.once(4) ? [] : [draw.int(1, 2)];
  return draw.tensor([...lead, C, ...Array.from({ length: n }, () => draw.int(low, high))], {
    dtype,
    ...SMALL,
  });
}

function conv(n: number, transposed: boolean): Make {
  return (draw) => {
    const dtype = draw.floatDtype();
    const groups = draw.once(3) ? 2 : 1;
    const [I, O] = [groups * draw.int(1, 3), groups * draw.int(1, 3)];
    const kernel = Array.from({ length: n }, () => draw.int(1, 3));
    const C = draw.once(20) ? I + 1 : I;
    const weight = transposed ? [I, O / groups, ...kernel] : [O, I / groups, ...kernel];
    const kwargs: Record<string, Arg> = { groups };
    if (draw.bool()) kwargs['stride'] = each(draw, n, 1, 3);
    if (draw.bool())
      kwargs['padding'] = !transposed && draw.once(5) ? draw.pick(['same', 'valid']) : each(draw, n, 0, 2);
    if (draw.once(3)) kwargs['dilation'] = each(draw, n, 1, 2);
    if (transposed && draw.once(3)) kwargs['output_padding'] = each(draw, n, 0, 1);
    const args: Arg[] = [
      image(draw, n, C, 1, n === 3 ? 4 : 7, dtype),
      draw.tensor(weight, { dtype, ...SMALL }),
    ];
    if (draw.bool()) args.push(draw.tensor([O], { dtype, ...SMALL }));
    return { args, kwargs };
  };
}

function pool(n: number, kind: 'max' | 'avg'): Make {
  return (draw) => {
    const kwargs: Record<string, Arg> = {};
    if (draw.bool()) kwargs['stride'] = each(draw, n, 1, 3);
    if (draw.bool()) kwargs['padding'] = each(draw, n, 0, 1);
    if (draw.bool()) kwargs['ceil_mode'] = draw.bool();
    if (kind === 'max' && draw.once(3)) kwargs['dilation'] = each(draw, n, 1, 2);
    if (kind === 'avg' && draw.bool()) kwargs['count_include_pad'] = draw.bool();
    if (kind === 'avg' && n > 1 && draw.once(4)) kwargs['divisor_override'] = draw.int(1, 5);
    return {
      // torch's max_pool1d gives nothing, where others refuse a window that does not fit.
      args: [
        image(draw, n, draw.int(1, 3), n === 1 ? 5 : 2, n === 3 ? 4 : 7, draw.floatDtype()),
        each(draw, n, 1, 3),
      ],
      kwargs,
    };
  };
}

function adaptive(n: number): Make {
  return (draw) => {
    const size: Arg = draw.bool()
      ? draw.int(1, 5)
      : Array.from({ length: n }, () => (draw.once(5) && n > 1 ? null : draw.int(1, 5)));
    return { args: [image(draw, n, draw.int(1, 3), 1, n === 3 ? 4 : 6, draw.floatDtype()), size] };
  };
}

const resize: Make = (draw) => {
  const n = draw.int(1, 3);
  const dtype = draw.floatDtype();
  const input = draw.tensor(
    [draw.int(1, 2), draw.int(1, 2), ...Array.from({ length: n }, () => draw.int(1, 4))],
    { dtype, ...SMALL },
  );
  const smooth = ['linear', 'bilinear', 'trilinear'][n - 1];
  const mode = draw.pick(['nearest', 'nearest-exact', 'area', smooth, ...(n === 2 ? ['bicubic'] : [])]);
  const kwargs: Record<string, Arg> = { mode };
  if (draw.bool()) kwargs['size'] = each(draw, n, 1, 6);
  else kwargs['scale_factor'] = draw.pick([0.5, 1, 1.5, 2, 2.3]);
  if ((mode === smooth || mode === 'bicubic') && draw.bool()) kwargs['align_corners'] = draw.bool();
  // Where the scale is not quite the ratio of the sizes torch gives the gradient to other elements than it took.
  return { args: [input], kwargs, noGrad: mode === 'nearest' && kwargs['scale_factor'] === 2.3 };
};

const grid: Make = (draw) => {
  const dtype = draw.floatDtype();
  const N = draw.int(1, 2);
  const n = draw.once(3) ? 3 : 2;
  const sides = (): number[] => Array.from({ length: n }, () => draw.int(1, 4));
  const mode = draw.pick(['bilinear', 'nearest', ...(n === 2 ? ['bicubic'] : [])]);
  const where = draw.tensor([N, ...sides(), n], { dtype, low: -1.4, high: 1.4 });
  return {
    args: [draw.tensor([N, 2, ...sides()], { dtype, ...SMALL }), where],
    kwargs: { mode, padding_mode: draw.pick(['zeros', 'border', 'reflection']), align_corners: draw.bool() },
    // At the edge of a cell the gradient by the grid jumps.
    noGrad: mode !== 'nearest' && dtype === 'float32',
  };
};

const padded: Make = (draw) => {
  const n = draw.int(1, 3);
  const mode = draw.pick(['constant', 'reflect', 'replicate', 'circular']);
  const lead = draw.int(1, 2);
  const size = Array.from({ length: n + lead }, () => draw.int(1, 4));
  const pad = Array.from({ length: 2 * n }, () => draw.int(mode === 'constant' ? -1 : 0, 2));
  const kwargs: Record<string, Arg> = { mode };
  if (mode === 'constant' && draw.bool()) kwargs['value'] = draw.number();
  return { args: [draw.tensor(size, { dtype: draw.floatDtype(), ...SMALL }), pad], kwargs };
};

/** Norms of windows: of positive numbers, since others have no root. */
function lp(n: number): Make {
  return (draw) => {
    const dtype = draw.floatDtype();
    const size = [draw.int(1, 2), draw.int(1, 2), ...Array.from({ length: n }, () => draw.int(3, 6))];
    const kernel: Arg = draw.bool() || n === 1 ? draw.int(1, 3) : [draw.int(1, 3), draw.int(1, 3)];
    const kwargs: Record<string, Arg> = {};
    if (draw.bool()) kwargs['stride'] = draw.int(1, 3);
    if (draw.bool()) kwargs['ceil_mode'] = draw.bool();
    return {
      args: [draw.tensor(size, { dtype, low: 0.25, high: 3 }), draw.pick([1, 2, 3, 1.5]), kernel],
      kwargs,
    };
  };
}

/** Pools of random windows, laid by the numbers that are given. */
function fractional(n: number): Make {
  return (draw) => {
    const dtype = draw.floatDtype();
    const lead = [draw.int(1, 2), draw.int(1, 2)];
    const size = Array.from({ length: n }, () => draw.int(3, 5));
    const kwargs: Record<string, Arg> = {
      // Below 1, as torch draws them, and contiguous: it reads them in the order of memory.
      _random_samples: draw.tensor([...lead, n], { dtype, low: 0, high: 0.99, plain: true }),
    };
    if (draw.bool()) kwargs['output_size'] = each(draw, n, 1, 3);
    else kwargs['output_ratio'] = draw.pick([0.4, 0.5, 0.7]);
    return { args: [draw.tensor([...lead, ...size], { dtype, ...SMALL }), each(draw, n, 1, 3)], kwargs };
  };
}

/** Back from maxima to where they were: every index once, since which of two is written last is not determined. */
function unpool(n: number): Make {
  return (draw) => {
    const dtype = draw.floatDtype();
    const lead = [draw.int(1, 2), draw.int(1, 2)];
    const sides = Array.from({ length: n }, () => draw.int(1, 3));
    const count = sides.reduce((a, b) => a * b, 1);
    const start = draw.int(0, count);
    const data = Array.from({ length: lead[0] * lead[1] }, () =>
      Array.from({ length: count }, (_, i) => (start + i) % (2 * count)),
    ).flat();
    const size = [...lead, ...sides];
    const stride = size.map((_, d) => size.slice(d + 1).reduce((a, b) => a * b, 1));
    return {
      args: [draw.tensor(size, { dtype, ...SMALL }), { tensor: 'int64', size, stride, offset: 0, data }, 2],
      kwargs: draw.bool() ? {} : { stride: 2 },
    };
  };
}

const upsampled =
  (smooth: boolean, modes: readonly string[]): Make =>
  (draw) => {
    const n = smooth ? 2 : draw.int(1, 3);
    const size = [draw.int(1, 2), draw.int(1, 2), ...Array.from({ length: n }, () => draw.int(1, 4))];
    const kwargs: Record<string, Arg> = draw.bool()
      ? { size: each(draw, n, 1, 6) }
      : { scale_factor: draw.pick([1, 2, 3]) };
    if (modes.length > 0 && draw.bool()) kwargs['mode'] = draw.pick(modes);
    return { args: [draw.tensor(size, { dtype: draw.floatDtype(), ...SMALL })], kwargs };
  };

const affine: Make = (draw) => {
  const n = draw.int(2, 3);
  const N = draw.int(1, 2);
  const sides = Array.from({ length: n }, () => draw.int(1, 4));
  return {
    args: [
      draw.tensor([N, n, n + 1], { dtype: draw.floatDtype(), ...SMALL }),
      [draw.once(12) ? N + 1 : N, 2, ...sides],
      draw.bool(),
    ],
  };
};

/** Channels or pixels moved into each other. */
function shuffled(down: boolean): Make {
  return (draw) => {
    const r = draw.int(1, 3);
    const [C, H, W] = [draw.int(1, 2), draw.int(1, 2), draw.int(1, 2)];
    const lead = draw.shape(0, 2);
    const size = down ? [C, H * r, W * r] : [C * r * r, H, W];
    return { args: [draw.tensor([...lead, ...size], { dtype: draw.dtype() }), draw.once(15) ? r + 1 : r] };
  };
}

/** Channels in groups that change places. */
const channels: Make = (draw) => {
  const groups = draw.int(1, 3);
  const size = [draw.int(1, 2), groups * draw.int(1, 3), ...draw.shape(1, 2)];
  return { args: [draw.tensor(size, { dtype: draw.floatDtype() }), groups] };
};

/** How windows are laid on an image, by name. */
function laid(draw: Draw): Record<string, Arg> {
  const kwargs: Record<string, Arg> = { kernel_size: each(draw, 2, 1, 3) };
  if (draw.bool()) kwargs['dilation'] = each(draw, 2, 1, 2);
  if (draw.bool()) kwargs['padding'] = each(draw, 2, 0, 2);
  if (draw.bool()) kwargs['stride'] = each(draw, 2, 1, 3);
  return kwargs;
}

export const windows: Readonly<Record<string, Make>> = {
  'F unfold': (draw) => ({
    args: [image(draw, 2, draw.int(1, 3), 2, 6, draw.floatDtype())],
    kwargs: laid(draw),
  }),
  lp_pool1d: lp(1),
  lp_pool2d: lp(2),
  fractional_max_pool2d: fractional(2),
  fractional_max_pool2d_with_indices: fractional(2),
  fractional_max_pool3d: fractional(3),
  fractional_max_pool3d_with_indices: fractional(3),
  max_unpool1d: unpool(1),
  max_unpool2d: unpool(2),
  max_unpool3d: unpool(3),
  upsample: upsampled(false, ['nearest']),
  upsample_nearest: upsampled(false, []),
  upsample_bilinear: upsampled(true, []),
  affine_grid: affine,
  pixel_shuffle: shuffled(false),
  pixel_unshuffle: shuffled(true),
  channel_shuffle: channels,
  native_channel_shuffle: channels,
  conv_tbc: (draw) => {
    const [T, B, C, O] = [draw.int(1, 5), draw.int(1, 3), draw.int(1, 3), draw.int(1, 3)];
    const pad = draw.int(0, 2);
    const dtype = draw.floatDtype();
    const weight = [draw.int(1, T + 2 * pad), C, O];
    return {
      args: [[T, B, C], weight, [O]].map((size) => draw.tensor(size, { dtype, ...SMALL })),
      kwargs: pad > 0 || draw.bool() ? { pad } : {},
    };
  },
  max_pool1d_with_indices: pool(1, 'max'),
  max_pool3d_with_indices: pool(3, 'max'),
  adaptive_max_pool1d_with_indices: adaptive(1),
  adaptive_max_pool2d_with_indices: adaptive(2),
  adaptive_max_pool3d_with_indices: adaptive(3),
  conv1d: conv(1, false),
  conv2d: conv(2, false),
  conv3d: conv(3, false),
  conv_transpose1d: conv(1, true),
  conv_transpose2d: conv(2, true),
  conv_transpose3d: conv(3, true),
  max_pool1d: pool(1, 'max'),
  max_pool2d: pool(2, 'max'),
  max_pool3d: pool(3, 'max'),
  max_pool2d_with_indices: pool(2, 'max'),
  avg_pool1d: pool(1, 'avg'),
  avg_pool2d: pool(2, 'avg'),
  avg_pool3d: pool(3, 'avg'),
  adaptive_avg_pool1d: adaptive(1),
  adaptive_avg_pool2d: adaptive(2),
  adaptive_avg_pool3d: adaptive(3),
  adaptive_max_pool1d: adaptive(1),
  adaptive_max_pool2d: adaptive(2),
  adaptive_max_pool3d: adaptive(3),
  interpolate: resize,
  grid_sample: grid,
  pad: padded,
};
