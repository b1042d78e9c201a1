import { RuntimeError } from '../errors.js';
import { numel } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { splitCalls } from '../wasm/parallel.js';
import { outSize } from './conv_geometry.js';
import type { Pair } from './conv_geometry.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { dense } from './dense.js';
import { checkFloat, floatKernelName } from './float_kernel.js';
import { fillKernel } from './make.js';
import { reshape } from './view.js';

type Size = number | readonly number[];

type WindowArgs = [kernel: Pair, dilation: Pair, padding: Pair, stride: Pair];

interface WindowOptions {
  kernel_size?: Size;
  dilation?: Size;
  padding?: Size;
  stride?: Size;
}

const WINDOW = 'int[2] kernel_size, int[2] dilation=1, int[2] padding=0, int[2] stride=1';

const tuple = ([h, w]: Pair): string => `(${h}, ${w})`;

function checkWindow(op: string, [kernel, dilation, padding, stride]: WindowArgs): void {
  for (const [name, short, [h, w]] of [
    ['kernel size', 'kernel', kernel],
    ['dilation', 'dilation', dilation],
    ['stride', 'stride', stride],
  ] as const) {
    if (h <= 0 || w <= 0) {
      throw new RuntimeError(
        `${name} should be greater than zero, but got ${short}_height: ${h} ${short}_width: ${w} (${op})`,
      );
    }
  }
  if (padding[0] < 0 || padding[1] < 0) {
    throw new RuntimeError(
      `padding should be non-negative, but got pad_height: ${padding[0]} pad_width: ${padding[1]} (${op})`,
    );
  }
}

/** How many windows fit into an image. */
function blocksOf([H, W]: Pair, [kernel, dilation, padding, stride]: WindowArgs): Pair {
  return [
    outSize(H, kernel[0], stride[0], padding[0], dilation[0]),
    outSize(W, kernel[1], stride[1], padding[1], dilation[1]),
  ];
}

/** Runs one of the two kernels: images [N, C, H, W] and columns [N, C·Kh·Kw, blocks], of which it reads one and writes the other. */
function run(
  pass: 'unfold_forward_f32' | 'fold_forward_f32',
  images: Shape,
  window: WindowArgs,
  source: Tensor,
  out: Tensor,
): void {
  const [N, C, H, W] = images;
  const [kernel, dilation, padding, stride] = window;
  const from = dense(source);
  const name = floatKernelName(pass, out.dtype);
  const size = out.dtype.itemsize;
  const planes = N * C;
  splitCalls(planes, 2 * Math.max(from.numel(), out.numel()) * size, (begin, end) => [
    name,
    address(from) + ((begin * from.numel()) / planes) * size,
    address(out) + ((begin * out.numel()) / planes) * size,
    end - begin,
    H,
    W,
    ...kernel,
    ...stride,
    ...padding,
    ...dilation,
    ...blocksOf([H, W], window),
  ]);
}

const columnsOf: Op<(images: Tensor, ...window: WindowArgs) => Tensor> = define({
  schema: `_im2col(Tensor images, ${WINDOW})`,
  forward: (ctx, x: Tensor, ...window: WindowArgs) => {
    const [N, C, H, W] = x.shape;
    ctx.state = x.shape;
    const out = allocate([N, C * numel(window[0]), numel(blocksOf([H, W], window))], x.dtype);
    if (out.numel() > 0) run('unfold_forward_f32', x.shape, window, x, out);
    return out;
  },
  backward: (ctx, g) => {
    const [, ...window] = ctx.args as [null, ...WindowArgs];
    return [imagesOf(g, (ctx.state as Shape).slice(2) as unknown as Pair, ...window)];
  },
});

const imagesOf: Op<(columns: Tensor, size: Pair, ...window: WindowArgs) => Tensor> = define({
  schema: `_col2im(Tensor columns, int[2] output_size, ${WINDOW})`,
  forward: (_ctx, columns: Tensor, size: Pair, ...window: WindowArgs) => {
    const [N, rows] = columns.shape;
    const out = allocate([N, rows / numel(window[0]), ...size], columns.dtype);
    if (columns.numel() > 0) run('fold_forward_f32', out.shape, window, columns, out);
    else fillKernel(out, 0);
    return out;
  },
  backward: (ctx, v) => {
    const [, , ...window] = ctx.args as [null, Pair, ...WindowArgs];
    return [columnsOf(v, ...window)];
  },
});

/**
 * `unfold` of torch.nn.functional: the windows of images [N, C, H, W] (or [C, H, W]) as columns [N, C·Kh·Kw, blocks], zeros where a
 * window is beyond the border.
 *
 * @example
 * const x = torch.arange(6).to(torch.float32).reshape(1, 2, 3);
 * console.log(F.unfold(x, [2, 2]).tolist()); // [ [ 0, 1 ], [ 1, 2 ], [ 3, 4 ], [ 4, 5 ] ]
 */
export const im2col: Op<
  (
    ...args: Args<
      [input: Tensor, kernel_size: Size],
      [dilation: Size, padding: Size, stride: Size],
      WindowOptions
    >
  ) => Tensor
> = define({
  schema: `unfold(Tensor input, ${WINDOW})`,
  forward: (_ctx, x: Tensor, ...window: WindowArgs) => {
    checkWindow('unfold', window);
    const [kernel, dilation, padding] = window;
    if ((x.ndim !== 3 && x.ndim !== 4) || x.shape.slice(-3).includes(0)) {
      throw new RuntimeError(
        `Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ` +
          `[${x.shape.join(', ')}]`,
      );
    }
    const size = x.shape.slice(-2) as unknown as Pair;
    const blocks = blocksOf(size, window);
    if (blocks[0] < 1 || blocks[1] < 1) {
      throw new RuntimeError(
        `Given input with spatial size ${tuple(size)}, kernel_size=${tuple(kernel)}, dilation=${tuple(dilation)}, ` +
          `padding=${tuple(padding)}, calculated shape of the array of sliding blocks as ${tuple(blocks)}, but its components ` +
          'must be at least one.',
      );
    }
    checkFloat('im2col_out_cpu', x.dtype);
    const [C, H, W] = x.shape.slice(-3);
    const columns = columnsOf(x.ndim === 3 ? reshape(x, [1, C, H, W]) : x, ...window);
    return x.ndim === 3 ? reshape(columns, columns.shape.slice(1)) : columns;
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 2, 4, 5), 2],
    [make(2, 5, 5), [3, 2], { dilation: [1, 2], padding: [2, 1], stride: [2, 3] }],
  ],
});

/** `fold` of torch.nn.functional: adds columns [N, C·Kh·Kw, blocks] to images [N, C, H, W] where `unfold` would take them from. */
export const col2im: Op<
  (
    ...args: Args<
      [input: Tensor, output_size: Size, kernel_size: Size],
      [dilation: Size, padding: Size, stride: Size],
      WindowOptions & { output_size?: Size }
    >
  ) => Tensor
> = define({
  schema: `fold(Tensor input, int[2] output_size, ${WINDOW})`,
  forward: (_ctx, x: Tensor, size: Pair, ...window: WindowArgs) => {
    checkWindow('fold', window);
    const [kernel, dilation, padding, stride] = window;
    if ((x.ndim !== 2 && x.ndim !== 3) || x.shape.slice(-2).includes(0)) {
      throw new RuntimeError(
        'Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: ' +
          `[${x.shape.join(', ')}]`,
      );
    }
    const [rows, columns] = x.shape.slice(-2);
    if (rows % numel(kernel) !== 0) {
      throw new RuntimeError(
        `Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)=${rows} and ` +
          `kernel_size=${tuple(kernel)}.`,
      );
    }
    const blocks = blocksOf(size, window);
    if (numel(blocks) !== columns || blocks[0] < 1 || blocks[1] < 1) {
      throw new RuntimeError(
        `Given output_size=${tuple(size)}, kernel_size=${tuple(kernel)}, dilation=${tuple(dilation)}, padding=${tuple(padding)}, ` +
          `stride=${tuple(stride)}, expected size of input's dimension 2 to match the calculated number of sliding blocks ` +
          `${blocks[0]} * ${blocks[1]} = ${numel(blocks)}, but got input.size(2)=${columns}.`,
      );
    }
    checkFloat('col2im_out_cpu', x.dtype);
    const images = imagesOf(x.ndim === 2 ? reshape(x, [1, rows, columns]) : x, size, ...window);
    return x.ndim === 2 ? reshape(images, images.shape.slice(1)) : images;
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 8, 6), [3, 4], 2],
    [make(6, 4), { output_size: [5, 5], kernel_size: [3, 2], padding: [1, 0], stride: 3, dilation: [1, 1] }],
  ],
});
