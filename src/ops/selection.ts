import { IndexError } from '../errors.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { selectBackward } from './offset.js';
import { reshape } from './view.js';

/** Refuses a reduction that has nothing to choose from. */
export function checkNonEmpty(op: string, shape: Shape, dims: readonly number[]): void {
  for (const d of dims) {
    if (shape[d] === 0) throw new IndexError(`${op}: Expected reduction dim ${d} to have non-zero size.`);
  }
}

/** Where an output selected along one dimension came from. */
export interface Selection {
  readonly shape: Shape;
  readonly dim: number;
  readonly keepdim: boolean;
}

/** The backward of operators that select one element of each line: the gradient goes to that element. */
export function selectionBackward(g: Tensor, indices: Tensor, { shape, dim, keepdim }: Selection): Tensor {
  if (shape.length === 0) return g;
  const full = shape.with(dim, 1);
  return keepdim
    ? selectBackward(g, dim, indices, shape)
    : selectBackward(reshape(g, full), dim, reshape(indices, full), shape);
}
