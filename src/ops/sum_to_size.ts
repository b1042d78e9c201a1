import { RuntimeError } from '../errors.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { sum } from './reduce.js';
import { reshape } from './view.js';

/** Sums a tensor of a broadcast shape back to the shape it was broadcast from. */
export function sumToSize(g: Tensor, shape: Shape): Tensor {
  const lead = g.ndim - shape.length;
  if (lead < 0)
    throw new RuntimeError(`size [${shape.join(', ')}] is not expandable to [${g.shape.join(', ')}]`);
  const dims: number[] = [];
  g.shape.forEach((size, d) => {
    if (d < lead || (shape[d - lead] === 1 && size !== 1)) dims.push(d);
    else if (shape[d - lead] !== size) {
      throw new RuntimeError(`size [${shape.join(', ')}] is not expandable to [${g.shape.join(', ')}]`);
    }
  });
  const summed = dims.length === 0 ? g : sum(g, dims, true);
  return lead === 0 ? summed : reshape(summed, shape);
}
