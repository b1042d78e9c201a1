import { NotImplementedError, RuntimeError, ValueError } from '../errors.js';
import { showShape } from '../shape.js';
import { withWorkspace } from '../storage.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import type { KernelCall } from '../wasm/kernel_call.js';
import { runtime } from '../wasm/module.js';
import { partOf, partsFor, runCalls } from '../wasm/parallel.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { dense } from './dense.js';
import { checkFloat, checkSameDtype, floatKernelName } from './float_kernel.js';
import { fillKernel } from './make.js';

/** In torch's numbering. */
const MODES: readonly string[] = ['bilinear', 'nearest', 'bicubic'];
const PADDINGS: readonly string[] = ['zeros', 'border', 'reflection'];

type ModeArgs = [mode: number, padding: number, alignCorners: boolean];

/** Images per part of the work, and a workspace for each part; `pointers(begin)` are the tensors of the images from `begin` on. */
function run(
  pass: 'grid_sample_forward_f32' | 'grid_sample_backward_f32',
  x: Tensor,
  grid: Tensor,
  [mode, padding, align]: ModeArgs,
  pointers: (begin: number) => number[],
): void {
  const [N, C, ...spatial] = x.shape;
  const dims = spatial.length;
  const places = grid.numel() / (N * dims);
  const sizes = dims === 2 ? [1, ...spatial] : spatial;
  const bytes = Math.ceil(runtime().kernels.grid_sample_workspace() / 64) * 64;
  const parts = partsFor(N * places * (C + 8) * 4 ** dims, N);
  withWorkspace(parts * bytes, (start) => {
    const calls = Array.from({ length: parts }, (_, part): KernelCall => {
      const [begin, end] = partOf(N, part, parts);
      return [
        floatKernelName(pass, x.dtype),
        ...pointers(begin),
        end - begin,
        C,
        ...sizes,
        places,
        dims,
        mode,
        padding,
        align ? 1 : 0,
        start + part * bytes,
      ];
    });
    runCalls(calls);
  });
}

/** Where the images from `begin` on are in a tensor whose first dimension counts images. */
function from(t: Tensor, begin: number): number {
  return address(t) + ((begin * t.numel()) / t.shape[0]) * t.dtype.itemsize;
}

const sampler: Op<(input: Tensor, grid: Tensor, ...mode: ModeArgs) => Tensor> = define({
  schema: 'grid_sampler(Tensor input, Tensor grid, int mode, int padding_mode, bool align_corners)',
  forward: (ctx, input: Tensor, grid: Tensor, ...mode: ModeArgs) => {
    ctx.save(input, grid);
    const out = allocate([...input.shape.slice(0, 2), ...grid.shape.slice(1, -1)], input.dtype);
    if (out.numel() === 0) return out;
    const [x, places] = [dense(input), dense(grid)];
    run('grid_sample_forward_f32', x, places, mode, (n) => [from(x, n), from(places, n), from(out, n)]);
    return out;
  },
  backward: (ctx, g) => {
    const [input, grid] = ctx.saved();
    const [, , ...mode] = ctx.args as [null, null, ...ModeArgs];
    const [wantsInput, wantsGrid] = ctx.needs;
    return samplerBackward(g, input, grid, wantsInput, wantsGrid, ...mode).map((t, i) =>
      ctx.needs[i] ? t : null,
    );
  },
});

/** The gradients of the input and of the grid; of size 0 where one is not wanted. */
const samplerBackward: Op<
  (
    grad: Tensor,
    input: Tensor,
    grid: Tensor,
    wantsInput: boolean,
    wantsGrid: boolean,
    ...mode: ModeArgs
  ) => Tensor[]
> = define({
  schema:
    'grid_sampler_backward(Tensor grad, Tensor input, Tensor grid, bool wants_input, bool wants_grid, int mode, int padding_mode, ' +
    'bool align_corners)',
  forward: (
    _ctx,
    grad: Tensor,
    input: Tensor,
    grid: Tensor,
    wantsInput: boolean,
    wantsGrid: boolean,
    ...mode: ModeArgs
  ) => {
    const gx = allocate(wantsInput ? input.shape : [0], input.dtype);
    const gg = allocate(wantsGrid ? grid.shape : [0], input.dtype);
    if (grad.numel() === 0) {
      fillKernel(gx, 0);
      fillKernel(gg, 0);
      return [gx, gg];
    }
    const [g, x, places] = [dense(grad), dense(input), dense(grid)];
    run('grid_sample_backward_f32', x, places, mode, (n) => [
      from(g, n),
      from(x, n),
      from(places, n),
      wantsInput ? from(gx, n) : 0,
      wantsGrid ? from(gg, n) : 0,
    ]);
    return [gx, gg];
  },
  backward: () => {
    throw new NotImplementedError('derivative for aten::grid_sampler_backward is not implemented');
  },
});

function checkGrid(x: Tensor, grid: Tensor, mode: string): void {
  const op = 'grid_sampler()';
  if (x.shape[0] !== grid.shape[0]) {
    throw new RuntimeError(
      `${op}: expected grid and input to have same batch size, but got input with sizes ${showShape(x.shape)} and grid with sizes ` +
        showShape(grid.shape),
    );
  }
  if (grid.shape[grid.ndim - 1] !== x.ndim - 2) {
    throw new RuntimeError(
      `${op}: expected grid to have size ${x.ndim - 2} in last dimension, but got grid with sizes ${showShape(grid.shape)}`,
    );
  }
  if ((x.ndim !== 4 && x.ndim !== 5) || grid.ndim !== x.ndim) {
    throw new RuntimeError(
      `${op}: expected 4D or 5D input and grid with same number of dimensions, but got input with sizes ${showShape(x.shape)} and ` +
        `grid with sizes ${showShape(grid.shape)}`,
    );
  }
  const empty = x.shape.indexOf(0, 2);
  if (empty >= 0) {
    throw new RuntimeError(
      `${op}: expected input to have non-empty spatial dimensions, but input has sizes ${showShape(x.shape)} with dimension ` +
        `${empty} being empty`,
    );
  }
  if (mode === 'bicubic' && x.ndim === 5)
    throw new RuntimeError(`${op}: bicubic interpolation only supports 4D input`);
  checkFloat(`grid_sampler_${x.ndim - 2}d_cpu`, x.dtype);
  checkSameDtype('grid_sample', x, { grid });
}

export type GridMode = 'bilinear' | 'nearest' | 'bicubic';
export type GridPadding = 'zeros' | 'border' | 'reflection';

/**
 * Images [N, C, H, W] at the places of a grid [N, Oh, Ow, 2] of (x, y), −1 and 1 being the borders: [N, C, Oh, Ow]. Volumes
 * [N, C, D, H, W] likewise by (x, y, z).
 *
 * @param mode `'bilinear'`, `'nearest'` or, of images, `'bicubic'`
 * @param padding_mode what is beyond the border: `'zeros'`, `'border'` or `'reflection'`
 * @param align_corners whether −1 and 1 are the outermost elements' centres rather than their borders; default false
 * @example
 * const x = torch.arange(4).to(torch.float32).reshape(1, 1, 2, 2);
 * console.log(F.grid_sample(x, torch.zeros(1, 1, 1, 2), { align_corners: false }).item()); // 1.5
 */
export const grid_sample: Op<
  (
    ...args: Args<
      [input: Tensor, grid: Tensor],
      [mode: GridMode, padding_mode: GridPadding, align_corners: boolean | null],
      { mode?: GridMode; padding_mode?: GridPadding; align_corners?: boolean | null }
    >
  ) => Tensor
> = define({
  schema:
    "grid_sample(Tensor input, Tensor grid, str mode='bilinear', str padding_mode='zeros', bool? align_corners=None)",
  forward: (_ctx, x: Tensor, grid: Tensor, mode: string, padding: string, align: boolean | null) => {
    if (!MODES.includes(mode)) {
      throw new ValueError(
        `nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '${mode}'`,
      );
    }
    if (!PADDINGS.includes(padding)) {
      throw new ValueError(
        `nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '${padding}'`,
      );
    }
    checkGrid(x, grid, mode);
    return sampler(x, grid, MODES.indexOf(mode), PADDINGS.indexOf(padding), align === true);
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 2, 3, 4), make.uniform(-1.2, 1.2, 2, 2, 3, 2)],
    [make(1, 1, 3, 3), make.uniform(-2, 2, 1, 3, 2, 2), 'bilinear', 'reflection', true],
    [make(1, 2, 4, 4), make.uniform(-1.5, 1.5, 1, 2, 2, 2), { mode: 'bicubic', padding_mode: 'border' }],
    [make(1, 2, 3, 3), make.uniform(-1.5, 1.5, 1, 2, 2, 2), { mode: 'nearest' }],
    [make(1, 2, 2, 3, 2), make.uniform(-1.5, 1.5, 1, 1, 2, 2, 3), { align_corners: true }],
  ],
});
