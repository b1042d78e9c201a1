import { RuntimeError } from '../errors.js';
import type { Shape } from '../shape.js';
import { isBroadcastableTo, showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { sum } from './reduce.js';
import { reshape } from './view.js';
import type { IntList } from './view.js';

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

/** The tensor summed to a shape that broadcasts to its own. */
export const sum_to_size: Op<(input: Tensor, ...size: IntList) => Tensor, 'method'> = define(
  {
    schema: 'sum_to_size(Tensor input, int[]... size)',
    forward: (_ctx, x: Tensor, size: number[]) => {
      if (!isBroadcastableTo(size, x.shape)) {
        throw new RuntimeError(
          `size {${showShape(size)}} is not expandable to size {${showShape(x.shape)}}.`,
        );
      }
      return size.length === 0 ? sum(x) : sumToSize(x, size);
    },
    backward: 'composite',
    samples: (make) => [
      [make(2, 3), [1, 3]],
      [make(2, 3), [3]],
      [make(2, 3), []],
    ],
  },
  ['method'],
);
