import { float32 } from '../dtype.js';
import { RuntimeError, ValueError } from '../errors.js';
import { sameShape, showShape } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import type { Triple } from './conv3d.js';
import { define } from './define.js';
import type { AnyDefinition, Args, Op, SampleMaker } from './define.js';
import { checkFloat, checkSameDtype } from './float_kernel.js';
import { keepMaxima, maxBackward, maxOfOwnWindows } from './pool3d.js';
import type { Windows, Windows3d } from './pool3d_window.js';
import { rand } from './random.js';
import { reshape } from './view.js';

type Size = number | readonly number[];

interface FractionalOptions {
  kernel_size?: Size;
  output_size?: Size | null;
  output_ratio?: Size | null;
  _random_samples?: Tensor | null;
}

type Fractional<R, I> = Op<
  (
    ...args: Args<
      [input: Tensor, kernel_size: Size],
      [
        output_size: Size | null,
        output_ratio: Size | null,
        return_indices: I,
        _random_samples: Tensor | null,
      ],
      FractionalOptions & { return_indices?: I }
    >
  ) => R
>;

type CallArgs = [
  kernel: number[],
  size: number[] | null,
  ratio: number[] | null,
  returnIndices: boolean,
  samples: Tensor | null,
];

/** torch's windows of one dimension for a draw from [0, 1): they begin at steps of nearly one length and end with the input. */
function windowsOf(
  draw: number,
  size: number,
  count: number,
  kernel: number,
  round: (x: number) => number,
): Windows {
  const alpha = round((size - kernel) / (count - 1));
  const start = Math.trunc(round(draw * alpha));
  const bounds = Array.from({ length: count }, (_, i): [number, number] => {
    const begin = i === count - 1 ? size - kernel : Math.trunc(round(round(i + draw) * alpha)) - start;
    return [begin, begin + kernel];
  });
  return { bounds, step: 1, divisors: [] };
}

/** Volumes by the windows of the draws [volumes, 3] for depth, height and width. */
const fractionalMaximum: Op<
  (input: Tensor, draws: readonly number[], kernel: Triple, size: Triple) => Tensor[]
> = define({
  schema: '_fractional_max_pool(Tensor input, float[] draws, int[3] kernel, int[3] size)',
  forward: (ctx, x: Tensor, draws: readonly number[], kernel: Triple, size: Triple) => {
    const round = x.dtype === float32 ? Math.fround : (value: number): number => value;
    const spatial = x.shape.slice(-3);
    // An empty batch has the shape of windows all the same.
    const all = draws.length > 0 ? draws : [0, 0, 0];
    const windows = Array.from(
      { length: all.length / 3 },
      (_, volume) =>
        spatial.map((n, d) =>
          windowsOf(all[3 * volume + d], n, size[d], kernel[d], round),
        ) as unknown as Windows3d,
    );
    const [out, indices] = maxOfOwnWindows(x, windows);
    keepMaxima(ctx, indices, x);
    return [out, indices];
  },
  backward: (ctx, g) => maxBackward(ctx, g),
});

function checkInput(op: string, n: number, x: Tensor): void {
  if (x.ndim !== n + 1 && x.ndim !== n + 2) {
    throw new RuntimeError(`${op}(): Expected ${n + 1}D or ${n + 2}D tensor, but got: ${showShape(x.shape)}`);
  }
  if (x.shape.slice(-n - 1).includes(0)) {
    throw new RuntimeError(
      `${op}(): Expected input to have non-zero size for non-batch dimensions, but got: ${showShape(x.shape)}`,
    );
  }
  checkFloat(op, x.dtype);
}

function checkFit(op: string, spatial: Shape, size: readonly number[], kernel: readonly number[]): void {
  // torch's function has this name in three dimensions.
  const where = size.length === 3 ? `${op}_out()` : `${op}()`;
  const names = ['time', 'height', 'width'].slice(-size.length);
  size.forEach((count, d) => {
    if (count <= 0 || kernel[d] <= 0) {
      throw new RuntimeError(
        `${where}: kernel_size and output_size must be positive, got ${showShape(kernel)} and ${showShape(size)}`,
      );
    }
    if (count + kernel[d] - 1 > spatial[d]) {
      throw new RuntimeError(
        `${where}: pool ${names[d]} ${kernel[d]} too large relative to input ${names[d]} ${spatial[d]} (output_size ${showShape(size)})`,
      );
    }
  });
}

/** The draws for each volume, in the order of its dimensions; torch draws an image's width first. */
function drawsOf(op: string, n: number, x: Tensor, samples: Tensor | null): number[] {
  const shape = [x.ndim === n + 1 ? 1 : x.shape[0], x.shape[x.ndim - n - 1], n];
  const given = samples ?? rand(shape, { dtype: x.dtype });
  checkSameDtype(op, x, { _random_samples: given });
  if (!sameShape(given.shape, shape)) {
    throw new RuntimeError(
      `${op}: expected _random_samples of shape ${showShape(shape)}, got ${showShape(given.shape)}`,
    );
  }
  const rows = reshape(given.detach(), [-1, n]).tolist() as number[][];
  if (rows.some((row) => row.some((value) => !(value >= 0 && value <= 1)))) {
    throw new RuntimeError(`${op}: _random_samples must be between 0 and 1`);
  }
  return rows.flatMap((row) => (n === 2 ? [0, row[1], row[0]] : row));
}

function fractional(n: 2 | 3, both: boolean, samples: (make: SampleMaker) => unknown[][]): AnyDefinition {
  const op = `fractional_max_pool${n}d`;
  return {
    schema:
      `${op}${both ? '_with_indices' : ''}(Tensor input, int[${n}] kernel_size, int[${n}]? output_size=None, ` +
      `float[${n}]? output_ratio=None, bool return_indices=False, Tensor? _random_samples=None)`,
    forward: (_ctx, x: Tensor, ...[kernel, asked, ratio, returnIndices, given]: CallArgs) => {
      if (asked === null && ratio === null)
        throw new ValueError(`${op} requires specifying either an output_size or an output_ratio`);
      checkInput(op, n, x);
      const spatial = x.shape.slice(-n);
      const size = asked ?? spatial.map((length, d) => Math.trunc(length * ratio![d]));
      checkFit(op, spatial, size, kernel);
      const draws = drawsOf(op, n, x, given);
      const leading = x.shape.slice(0, -n);
      const flat = n === 2 ? [1] : [];
      const pair = fractionalMaximum(
        reshape(x, [...leading, ...flat, ...spatial]),
        draws,
        [...flat, ...kernel] as unknown as Triple,
        [...flat, ...size] as unknown as Triple,
      ).map((t) => reshape(t, [...leading, ...size]));
      return both || returnIndices ? pair : pair[0];
    },
    backward: 'composite',
    samples,
  };
}

/** `fractional_max_pool2d` that gives [values, indices]. */
export const fractional_max_pool2d_with_indices: Fractional<Tensor[], boolean> = define(
  fractional(2, true, (make) => [
    [make(1, 2, 5, 6), 2, { output_size: [3, 4], _random_samples: make.uniform(0, 1, 1, 2, 2).detach() }],
  ]),
);

/**
 * The maxima of windows of [N, C, H, W] (or [C, H, W]) that are laid at random steps, so that `output_size`, or `output_ratio` of the
 * input's, comes out. With `return_indices` [values, indices].
 *
 * @param _random_samples [N, C, 2]: a draw from [0, 1) for each plane's width and height; drawn unless given
 * @example
 * console.log(F.fractional_max_pool2d(torch.ones(1, 1, 7, 7), 2, { output_ratio: 0.5 }).shape); // [ 1, 1, 3, 3 ]
 */
export const fractional_max_pool2d: Fractional<Tensor, false> & Fractional<Tensor[], true> = define(
  fractional(2, false, (make) => [
    [make(2, 5, 5), [2, 3], 3, { _random_samples: make.uniform(0, 1, 1, 2, 2).detach() }],
  ]),
);

/** `fractional_max_pool3d` that gives [values, indices]. */
export const fractional_max_pool3d_with_indices: Fractional<Tensor[], boolean> = define(
  fractional(3, true, (make) => [
    [
      make(1, 1, 3, 4, 3),
      2,
      { output_size: [2, 2, 1], _random_samples: make.uniform(0, 1, 1, 1, 3).detach() },
    ],
  ]),
);

/** `fractional_max_pool2d` of three dimensions: [N, C, D, H, W] or [C, D, H, W]; draws [N, C, 3] for depth, height and width. */
export const fractional_max_pool3d: Fractional<Tensor, false> & Fractional<Tensor[], true> = define(
  fractional(3, false, (make) => [
    [make(2, 3, 3, 4), 2, 2, { _random_samples: make.uniform(0, 1, 1, 2, 3).detach() }],
  ]),
);
