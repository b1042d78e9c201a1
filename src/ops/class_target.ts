import { int64, uint8 } from '../dtype.js';
import { IndexError, RuntimeError, ValueError } from '../errors.js';
import { numel, sameShape, showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import { checkFloat } from './float_kernel.js';
import type { Reduction, ReductionOptions } from './reduction.js';

/** Input as [N, C, inner] and the shape that unreduced losses have. */
interface ClassSizes {
  readonly N: number;
  readonly C: number;
  readonly inner: number;
}

export function classSizes(x: Tensor): ClassSizes {
  if (x.ndim === 1) return { N: 1, C: x.shape[0], inner: 1 };
  return { N: x.shape[0], C: x.shape[1], inner: numel(x.shape.slice(2)) };
}

/** What a target of class indices must be for an input of scores. */
export function checkClassTarget(op: string, x: Tensor, target: Tensor, weight: Tensor | null): void {
  const shapes = `${op}: input ${showShape(x.shape)}, target ${showShape(target.shape)}`;
  if (x.ndim === 0) throw new ValueError(`Expected 1 or more dimensions (got 0) (${shapes})`);
  if (x.ndim === 1) {
    if (target.ndim > 1 || target.numel() !== 1 || target.ndim === 1) {
      if (target.ndim > 1)
        throw new RuntimeError(`0D or 1D target tensor expected, multi-target not supported (${shapes})`);
      if (target.ndim === 1)
        throw new RuntimeError(
          `size mismatch (got input: ${showShape(x.shape)}, target: ${showShape(target.shape)})`,
        );
    }
  } else {
    if (target.ndim === 0 || x.shape[0] !== target.shape[0]) {
      throw new ValueError(
        `Expected input batch_size (${x.shape[0]}) to match target batch_size (${target.ndim === 0 ? 0 : target.shape[0]}). (${shapes})`,
      );
    }
    if (x.ndim === 2 && target.ndim > 1) {
      throw new RuntimeError(`0D or 1D target tensor expected, multi-target not supported (${shapes})`);
    }
    if (x.ndim === 4 && target.ndim !== 3) {
      throw new RuntimeError(
        `only batches of spatial targets supported (3D tensors) but got targets of dimension: ${target.ndim} (${shapes})`,
      );
    }
    const expected = [x.shape[0], ...x.shape.slice(2)];
    if (!sameShape(target.shape, expected)) {
      throw new RuntimeError(
        x.ndim === 4
          ? `size mismatch (got input: ${showShape(x.shape)} , target: ${showShape(target.shape)}`
          : `Expected target size ${showShape(expected)}, got ${showShape(target.shape)} (${shapes})`,
      );
    }
  }
  checkFloat(`${op}_out_frame`, x.dtype);
  if (target.dtype !== int64 && target.dtype !== uint8) {
    throw new RuntimeError(
      `expected scalar type Long but found ${target.dtype.scalarName} (${op}: target of class indices)`,
    );
  }
  checkClassWeight(op, weight, x);
}

export function checkClassWeight(op: string, weight: Tensor | null, x: Tensor): void {
  if (weight === null) return;
  const { C } = classSizes(x);
  if (weight.ndim !== 1 || weight.shape[0] !== C) {
    throw new RuntimeError(
      `${op}: weight tensor should be defined either for all ${C} classes or no classes but got weight tensor of shape: ` +
        showShape(weight.shape),
    );
  }
  if (weight.dtype !== x.dtype) {
    throw new RuntimeError(
      `expected scalar type ${x.dtype.scalarName} but found ${weight.dtype.scalarName} (${op}: weight)`,
    );
  }
}

/** Reads the target that a kernel complained of. */
export function outOfBounds(target: Tensor, position: number): IndexError {
  const value = runtime().heap.i64[address(target) / 8 + position - 1];
  return new IndexError(`Target ${value} is out of bounds.`);
}

/** The address of a tensor that may be absent, as kernels take it. */
export const pointer = (t: Tensor | null): number => (t === null ? 0 : address(t));

export interface ClassOptions extends ReductionOptions {
  weight?: Tensor | null;
  ignore_index?: number;
}

export type LegacyArgs = [
  weight: Tensor | null,
  size_average: boolean | null,
  ignore_index: number,
  reduce: boolean | null,
  reduction: Reduction,
];
