import { IndexError } from '../errors.js';
import { wrapDim } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { eq, isnan, logical_and, logical_or, where } from './compare.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { valuesIndices } from './named.js';
import type { ValuesIndices } from './named.js';
import { selectBackward } from './offset.js';
import { div } from './pointwise_binary.js';
import { sum } from './reduce.js';
import { reshape } from './view.js';

/** Refuses a reduction that has nothing to choose from. */
export function checkNonEmpty(op: string, shape: Shape, dims: readonly number[]): void {
  for (const d of dims) {
    if (shape[d] === 0) throw new IndexError(`${op}: Expected reduction dim ${d} to have non-zero size.`);
  }
}

/** The gradient of the one element of x chosen from all, in equal parts to those that have its value (or are NaN as it is). */
export function shareEqual(g: Tensor, x: Tensor, chosen: Tensor): Tensor {
  const mask = logical_or(eq(x, chosen), logical_and(isnan(x), isnan(chosen)));
  return where(mask, div(g, sum(mask)), 0);
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

/** An operator that selects one element of each line along `dim`. */
export type SelectAlong = Op<(input: Tensor, dim: number, keepdim: boolean) => ValuesIndices>;

/** The operator of a function that gives the selected values and their indices. */
export function selectAlong(
  name: string,
  choose: (x: Tensor, dim: number, keepdim: boolean) => Tensor[],
): SelectAlong {
  return define({
    schema: `${name}(Tensor input, int dim, bool keepdim)`,
    forward: (ctx, x: Tensor, dim: number, keepdim: boolean) => {
      const d = wrapDim(dim, x.ndim);
      checkNonEmpty(`${name}()`, x.shape, x.ndim === 0 ? [] : [d]);
      const [values, indices] = choose(x, d, keepdim);
      ctx.save(indices);
      ctx.state = { shape: x.shape, dim: d, keepdim } satisfies Selection;
      return valuesIndices(values, indices);
    },
    backward: (ctx, g) => [selectionBackward(g, ctx.saved()[0], ctx.state as Selection)],
  });
}
