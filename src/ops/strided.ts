import { RuntimeError } from '../errors.js';
import { contiguousStrides, numel, showShape } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate, makeView } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import { copy_ } from './copy.js';
import { zeros } from './creation.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { copyKernel } from './dense.js';
import { fillKernel } from './make.js';

/** The storage seen through any geometry. */
export const as_strided: Op<
  (
    input: Tensor,
    size: readonly number[],
    stride: readonly number[],
    storage_offset?: number | null | { storage_offset?: number | null },
  ) => Tensor,
  'method'
> = define(
  {
    schema: 'as_strided(Tensor input, int[] size, int[] stride, int? storage_offset=None)',
    forward: (ctx, x: Tensor, size: number[], stride: number[], offset: number | null) => {
      if (size.length !== stride.length) {
        throw new RuntimeError(
          `mismatch in length of strides and shape: ${showShape(size)} and ${showShape(stride)}`,
        );
      }
      const start = offset ?? x._offset;
      let last = start;
      size.forEach((n, d) => {
        if (n < 0 || stride[d] < 0)
          throw new RuntimeError('as_strided: sizes and strides must be non-negative');
        last += Math.max(n - 1, 0) * stride[d];
      });
      const capacity = Math.floor(x._storage.nbytes / x.dtype.itemsize);
      if (start < 0 || (!size.includes(0) && last >= capacity)) {
        throw new RuntimeError(
          `setStorage: sizes ${showShape(size)}, strides ${showShape(stride)}, storage offset ${start}, requiring ` +
            `${last + 1} elements, are out of bounds for storage of ${capacity} elements`,
        );
      }
      ctx.state = { shape: x.shape, base: x._offset };
      return makeView(x, size, stride, start);
    },
    backward: (ctx, g) => {
      const { shape, base } = ctx.state as { shape: number[]; base?: number };
      const [, size, stride, offset] = ctx.args as [null, number[], number[], number | null];
      return [scatterStrided(g, shape, size, stride, (offset ?? base ?? 0) - (base ?? 0))];
    },
    samples: (make) => [
      [make(3, 4), [2, 2], [4, 1], 1],
      [make(6), [4, 3], [1, 1]],
    ],
  },
  ['method'],
);

/** Adds each element of `g` to the place in a contiguous tensor that the geometry gives it. */
function scatterStrided(g: Tensor, shape: Shape, size: Shape, stride: Shape, offset: number): Tensor {
  const whole = zeros([...shape], { dtype: g.dtype });
  if (isInjective(size, stride)) {
    copy_(as_strided(whole, size, stride, offset), g);
    return whole;
  }
  return stridedAdd(g, shape, size, stride, offset);
}

/** Whether no two indices name the same element. */
function isInjective(size: Shape, stride: Shape): boolean {
  const dims = size.map((n, d) => ({ n, step: stride[d] })).filter(({ n }) => n > 1);
  dims.sort((a, b) => a.step - b.step);
  let reach = 0;
  for (const { n, step } of dims) {
    if (step <= reach) return false;
    reach += (n - 1) * step;
  }
  return true;
}

const stridedAdd: Op<(g: Tensor, shape: Shape, size: Shape, stride: Shape, offset: number) => Tensor> =
  define({
    schema: 'strided_add(Tensor input, int[] shape, int[] size, int[] stride, int offset)',
    forward: (_ctx, g: Tensor, shape: number[], size: number[], stride: number[], offset: number) => {
      const out = allocate(shape, g.dtype);
      fillKernel(out, 0);
      const values = allocate(size, g.dtype);
      copyKernel(g, values);
      addAtOffsets(out, values, stridedOffsets(size, stride, offset));
      return out;
    },
    backward: (ctx, g) => {
      const [, , size, stride, offset] = ctx.args as [null, number[], number[], number[], number];
      return [as_strided(g.contiguous(), size, stride, g._offset + offset)];
    },
  });

/** The element offset of each index of a geometry, in C order. */
function stridedOffsets(size: Shape, stride: Shape, offset: number): Int32Array {
  const out = new Int32Array(numel(size));
  const steps = contiguousStrides(size);
  for (let i = 0; i < out.length; i++) {
    let at = offset;
    for (let d = 0; d < size.length; d++) at += (Math.floor(i / steps[d]) % size[d]) * stride[d];
    out[i] = at;
  }
  return out;
}

/** out[offsets[i]] += values[i]; both contiguous and floating. */
function addAtOffsets(out: Tensor, values: Tensor, offsets: Int32Array): void {
  const { heap } = runtime();
  const memory = out.dtype.itemsize === 8 ? heap.f64 : heap.f32;
  const to = address(out) / out.dtype.itemsize;
  const from = address(values) / values.dtype.itemsize;
  for (let i = 0; i < offsets.length; i++) memory[to + offsets[i]] += memory[from + i];
}
