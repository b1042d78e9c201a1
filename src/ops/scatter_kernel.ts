import { int64 } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { showShape } from '../shape.js';
import type { Shape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { allocate } from '../tensor_handle.js';
import { fillKernel } from './make.js';
import { alongOffsets, apart } from './offset.js';
import { sliceDim } from './slice_dim.js';

/** The checks of every scatter, and the offsets that the index names. */
export function scatterOffsets(
  op: string,
  x: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor | null,
): Tensor {
  if (index.dtype !== int64) throw new RuntimeError(`${op}(): Expected dtype int64 for index`);
  if (src !== null && src.dtype !== x.dtype) {
    throw new RuntimeError(`${op}(): Expected self.dtype to be equal to src.dtype`);
  }
  const { offsets, bad } = alongOffsets(checkedIndex(x, dim, index, src), dim, x.shape);
  if (bad !== null) {
    throw new RuntimeError(
      `index ${bad} is out of bounds for dimension ${dim} with size ${x.shape[dim] ?? 1}`,
    );
  }
  return offsets;
}

function checkedIndex(x: Tensor, dim: number, index: Tensor, src: Tensor | null): Tensor {
  if (index.numel() === 0) return index;
  const ndim = Math.max(x.ndim, 1);
  if (Math.max(index.ndim, 1) !== ndim) {
    throw new RuntimeError('Index tensor must have the same number of dimensions as self tensor');
  }
  if (src !== null && Math.max(src.ndim, 1) !== ndim) {
    throw new RuntimeError('Index tensor must have the same number of dimensions as src tensor');
  }
  const fits = index.shape.every(
    (size, d) => (d === dim || size <= (x.shape[d] ?? 1)) && (src === null || size <= (src.shape[d] ?? 1)),
  );
  if (!fits) {
    throw new RuntimeError(
      `Expected index ${showShape(index.shape)} to be smaller than self ${showShape(x.shape)} apart from dimension ${dim}` +
        (src === null ? '' : ` and to be smaller size than src ${showShape(src.shape)}`),
    );
  }
  return index;
}

/** The part of src that an index of this shape reads. */
export function leading(src: Tensor, shape: Shape): Tensor {
  return shape.reduce(
    (part, size, d) => (part.shape[d] === size ? part : sliceDim(part, d, 0, size, 1)),
    src,
  );
}

/** The values to scatter: the leading part of src, or a number repeated. */
export function scatterValues(
  x: Tensor,
  index: Tensor,
  src: Tensor | number | boolean,
  target: Tensor,
): Tensor {
  if (src instanceof Tensor) return apart(leading(src, index.shape), target);
  const values = allocate(index.shape, x.dtype);
  fillKernel(values, src);
  return values;
}
