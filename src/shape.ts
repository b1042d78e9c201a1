import { IndexError, RuntimeError } from './errors.js';

export type Shape = readonly number[];

export function numel(shape: Shape): number {
  let n = 1;
  for (let i = 0; i < shape.length; i++) n *= shape[i];
  return n;
}

/** `[2, 3]`, as torch's messages print sizes. */
export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= Math.max(shape[i], 1);
  }
  return strides;
}

export function isContiguous(shape: Shape, strides: Shape): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const size = shape[i];
    if (size === 0) return true;
    if (size !== 1) {
      if (strides[i] !== step) return false;
      step *= size;
    }
  }
  return true;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A dimension counted from the end becomes one counted from the start; 0-dim tensors accept -1 and 0. */
export function wrapDim(dim: number, ndim: number): number {
  const range = Math.max(ndim, 1);
  if (dim < -range || dim >= range) {
    throw new IndexError(
      `Dimension out of range (expected to be in range of [${-range}, ${range - 1}], but got ${dim})`,
    );
  }
  return dim < 0 ? dim + range : dim;
}

/** Wraps a list of dimensions and refuses repetitions. */
export function wrapDims(op: string, dims: readonly number[], ndim: number): number[] {
  const seen = new Set<number>();
  return dims.map((dim) => {
    const wrapped = wrapDim(dim, ndim);
    if (seen.has(wrapped))
      throw new RuntimeError(`${op}: dim ${wrapped} appears multiple times in the list of dims`);
    seen.add(wrapped);
    return wrapped;
  });
}

/** torch.broadcast_shapes of two shapes. */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const ndim = Math.max(a.length, b.length);
  const out = new Array<number>(ndim);
  for (let i = 1; i <= ndim; i++) {
    const sizeA = i <= a.length ? a[a.length - i] : 1;
    const sizeB = i <= b.length ? b[b.length - i] : 1;
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1) {
      throw new RuntimeError(
        `The size of tensor a (${sizeA}) must match the size of tensor b (${sizeB}) at non-singleton dimension ` +
          `${ndim - i} (a is ${showShape(a)}, b is ${showShape(b)})`,
      );
    }
    out[ndim - i] = sizeA === 1 ? sizeB : sizeA;
  }
  return out;
}

/** Strides of a tensor seen at a broadcast shape: 0 along every stretched dimension. */
export function broadcastStrides(shape: Shape, strides: Shape, target: Shape): number[] {
  const lead = target.length - shape.length;
  const out = new Array<number>(target.length).fill(0);
  for (let i = 0; i < shape.length; i++) {
    out[lead + i] = shape[i] === 1 && target[lead + i] !== 1 ? 0 : strides[i];
  }
  return out;
}

export function isBroadcastableTo(shape: Shape, target: Shape): boolean {
  if (shape.length > target.length) return false;
  const lead = target.length - shape.length;
  return shape.every((size, i) => size === target[lead + i] || size === 1);
}

/** Resolves one -1 of a requested shape; checks that the element counts agree. */
export function inferSize(shape: Shape, count: number): number[] {
  const out = shape.slice();
  const unknown = shape.indexOf(-1);
  let known = 1;
  for (let i = 0; i < shape.length; i++) {
    const size = shape[i];
    if (i === unknown) continue;
    if (size === -1) throw new RuntimeError('only one dimension can be inferred');
    if (!Number.isInteger(size) || size < 0) throw new RuntimeError(`invalid shape dimension ${size}`);
    known *= size;
  }
  if (unknown >= 0) {
    if (known === 0) {
      if (count === 0) {
        throw new RuntimeError(
          `cannot reshape tensor of 0 elements into shape ${showShape(shape)} because the unspecified dimension size -1 ` +
            `can be any value and is ambiguous`,
        );
      }
      throw new RuntimeError(`shape '${showShape(shape)}' is invalid for input of size ${count}`);
    }
    if (count % known !== 0) {
      throw new RuntimeError(`shape '${showShape(shape)}' is invalid for input of size ${count}`);
    }
    out[unknown] = count / known;
  } else if (known !== count) {
    throw new RuntimeError(`shape '${showShape(shape)}' is invalid for input of size ${count}`);
  }
  return out;
}

/**
 * Strides with which a tensor can be seen at another shape of equal count without copying, or null
 * (the algorithm of ATen/TensorUtils.cpp computeStride).
 */
export function viewStrides(shape: Shape, strides: Shape, target: Shape): number[] | null {
  if (numel(shape) === 0) return contiguousStrides(target);
  const out = new Array<number>(target.length);
  let view = target.length - 1;
  let base = shape.length === 0 ? 1 : strides[shape.length - 1];
  let chunk = 1;
  let covered = 1;
  for (let dim = shape.length - 1; dim >= 0; dim--) {
    chunk *= shape[dim];
    const breaks = dim === 0 || (shape[dim - 1] !== 1 && strides[dim - 1] !== chunk * base);
    if (!breaks) continue;
    while (view >= 0 && (covered < chunk || target[view] === 1)) {
      out[view] = covered * base;
      covered *= target[view];
      view--;
    }
    if (covered !== chunk) return null;
    if (dim > 0) {
      base = strides[dim - 1]!;
      chunk = 1;
      covered = 1;
    }
  }
  for (; view >= 0; view--) out[view] = base;
  return out;
}
