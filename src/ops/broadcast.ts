import { RuntimeError } from '../errors.js';
import { broadcastShapes } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { expand } from './view.js';
import type { IntList } from './view.js';

/** `expand` under NumPy's name. */
export const broadcast_to: Op<(input: Tensor, ...size: IntList) => Tensor, 'method'> = define(
  {
    schema: 'broadcast_to(Tensor input, int[]... size)',
    forward: (_ctx, x: Tensor, size: number[]) => expand(x, size),
    backward: 'composite',
    samples: (make) => [[make(3, 1), [2, 3, 4]]],
  },
  ['method'],
);

/** The shape that shapes are broadcast to together. */
export function broadcast_shapes(...shapes: (number | readonly number[])[]): number[] {
  let out: Shape = [];
  for (const shape of shapes) {
    try {
      out = broadcastShapes(out, typeof shape === 'number' ? [shape] : shape);
    } catch {
      throw new RuntimeError('Shape mismatch: objects cannot be broadcast to a single shape');
    }
  }
  return [...out];
}

const broadcastList: Op<(tensors: readonly Tensor[]) => Tensor[]> = define({
  schema: 'broadcast_tensors(Tensor[] tensors)',
  forward: (_ctx, tensors: Tensor[]) => {
    const shape = tensors.reduce<Shape>((out, x) => broadcastShapes(out, x.shape), []);
    return tensors.map((x) => expand(x, shape));
  },
  backward: 'composite',
  samples: (make) => [[[make(3, 1), make(4)]]],
});

/** Views of the tensors at the shape they are broadcast to together. */
export function broadcast_tensors(...tensors: Tensor[] | [tensors: readonly Tensor[]]): Tensor[] {
  return broadcastList(
    (tensors.length === 1 && Array.isArray(tensors[0]) ? tensors[0] : tensors) as Tensor[],
  );
}
