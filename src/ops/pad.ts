import { int64 } from '../dtype.js';
import { NotImplementedError, RuntimeError } from '../errors.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { writeValues } from '../tensor_data.js';
import { allocate, makeView } from '../tensor_handle.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { copyKernel } from './dense.js';
import { index_select } from './gather.js';
import { fillKernel } from './make.js';

/** Pads as pairs (before, after), the last dimension's first, spread to one pair per dimension in order. */
function pairs(x: Tensor, pad: readonly number[]): [before: number, after: number][] {
  const count = pad.length / 2;
  return x.shape.map((_, d) => {
    const i = x.ndim - 1 - d;
    return i < count ? [pad[2 * i], pad[2 * i + 1]] : [0, 0];
  });
}

function checkPad(x: Tensor, pad: readonly number[]): void {
  if (pad.length % 2 !== 0) throw new RuntimeError('Padding length must be divisible by 2');
  if (pad.length > 2 * x.ndim) {
    throw new RuntimeError(
      `Length of pad should be no more than twice the number of dimensions of the input. Pad length is ${pad.length} ` +
        `while the input has ${x.ndim} dimensions.`,
    );
  }
}

/** A value around the tensor; negative pads cut off. */
export const constant_pad_nd: Op<
  (...args: Args<[input: Tensor, pad: readonly number[]], [value: number], { value?: number }>) => Tensor
> = define({
  schema: 'constant_pad_nd(Tensor input, int[] pad, Scalar value=0)',
  forward: (_ctx, x: Tensor, pad: number[], value: number) => {
    checkPad(x, pad);
    const sides = pairs(x, pad);
    const shape = x.shape.map((size, d) => size + sides[d][0] + sides[d][1]);
    shape.forEach((size, d) => {
      if (size < 0) {
        throw new RuntimeError(
          `The input size ${x.shape[d]}, plus negative padding ${sides[d][0]} and ${sides[d][1]} resulted in a negative ` +
            `output size, which is invalid. Check dimension ${d} of your input.`,
        );
      }
    });
    const out = allocate(shape, x.dtype);
    fillKernel(out, value);
    const inner = x.shape.map((size, d) => size + Math.min(sides[d][0], 0) + Math.min(sides[d][1], 0));
    if (inner.every((size) => size > 0)) {
      const start = (base: Tensor, sign: number): number =>
        sides.reduce((at, [before], d) => at + Math.max(sign * before, 0) * base._strides[d], base._offset);
      const from = makeView(x, inner, x._strides, start(x, -1));
      copyKernel(from, makeView(out, inner, out._strides, start(out, 1)));
    }
    return out;
  },
  backward: (ctx, g) => [
    constant_pad_nd(
      g,
      (ctx.args[1] as number[]).map((n) => -n),
      0,
    ),
  ],
  samples: (make) => [
    [make(2, 3), [1, 2]],
    [make(2, 3), [1, -1, 0, 2], 0.5],
  ],
});

export type PadMode = 'constant' | 'reflect' | 'replicate' | 'circular';

/** Where each padded position along a dimension comes from. */
function sources(mode: string, size: number, before: number, after: number): number[] {
  return Array.from({ length: Math.max(size + before + after, 0) }, (_, i) => {
    const at = i - before;
    if (mode === 'replicate') return Math.min(Math.max(at, 0), size - 1);
    if (mode === 'circular') {
      // What negative pads cut off does not come back on the other side.
      const cut = Math.max(-before, 0);
      const left = size - cut - Math.max(-after, 0);
      return cut + ((((at - cut) % left) + left) % left);
    }
    return at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at;
  });
}

function checkMode(mode: string, x: Tensor, pad: readonly number[]): void {
  if (mode !== 'reflect' && mode !== 'replicate' && mode !== 'circular') {
    throw new NotImplementedError(`Unrecognised padding mode ${mode}`);
  }
  const count = pad.length / 2;
  if (count < 1 || count > 3 || (x.ndim !== count + 1 && x.ndim !== count + 2)) {
    throw new NotImplementedError(
      'Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now',
    );
  }
  pairs(x, pad).forEach(([before, after], d) => {
    if (before === 0 && after === 0) return;
    const size = x.shape[d];
    if (mode === 'reflect' && (before >= size || after >= size)) {
      throw new RuntimeError(
        `Argument #4: Padding size should be less than the corresponding input dimension, but got: padding (${before}, ` +
          `${after}) at dimension ${d} of input ${showShape(x.shape)}`,
      );
    }
    if (mode === 'circular' && (before > size || after > size)) {
      throw new RuntimeError('Padding value causes wrapping around more than once.');
    }
    if (size + before + after < 1) {
      throw new RuntimeError(
        `pad: input ${showShape(x.shape)} is too small for padding (${before}, ${after}) in dimension ${d}`,
      );
    }
  });
}

/**
 * The tensor with elements around it; `pad` has (before, after) of the last dimension first.
 *
 * @param mode `'constant'` (with `value`), `'reflect'`, `'replicate'` or `'circular'`; all but the first pad at most the last
 * three dimensions
 */
export const pad: Op<
  (
    ...args: Args<
      [input: Tensor, pad: readonly number[]],
      [mode: PadMode, value: number | null],
      { mode?: PadMode; value?: number | null }
    >
  ) => Tensor
> = define({
  schema: "pad(Tensor input, int[] pad, str mode='constant', Scalar? value=None)",
  forward: (_ctx, x: Tensor, sides: number[], mode: string, value: number | null) => {
    checkPad(x, sides);
    if (mode === 'constant') return constant_pad_nd(x, sides, value ?? 0);
    if (value !== null && value !== 0) {
      throw new RuntimeError(`Padding mode "${mode}" doesn't take in value argument`);
    }
    checkMode(mode, x, sides);
    let out = x;
    pairs(x, sides).forEach(([before, after], d) => {
      if (before === 0 && after === 0) return;
      const from = sources(mode, x.shape[d], before, after);
      const index = allocate([from.length], int64);
      writeValues(index, from);
      out = index_select(out, d, index);
    });
    return out;
  },
  backward: 'composite',
  samples: (make) => [
    [make(1, 2, 3), [1, 2]],
    [make(1, 2, 4), [1, 2], 'reflect'],
    [make(1, 2, 3, 4), [1, 2, 0, 1], { mode: 'replicate' }],
    [make(1, 2, 3), [1, 2], 'circular'],
  ],
});
