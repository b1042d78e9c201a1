import { RuntimeError } from '../errors.js';
import { wrapDims } from '../shape.js';
import { Tensor } from '../tensor.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { cat } from './join.js';
import { add, div, mul, neg, sub } from './pointwise_binary.js';
import { narrow, reshape } from './view.js';

type Spacing = number | readonly number[] | readonly Tensor[];

interface GradientOptions {
  spacing?: Spacing | null;
  dim?: number | readonly number[] | null;
  edge_order?: number;
}

/** The dimensions, and for each its distance between samples or their coordinates. */
function checkedSpacing(
  x: Tensor,
  spacing: Spacing | null,
  dim: readonly number[] | null,
): { dims: number[]; steps: (number | Tensor)[] } {
  const dims = wrapDims('gradient', dim ?? x.shape.map((_, d) => d), x.ndim);
  if (!Array.isArray(spacing)) {
    if (spacing !== null && typeof spacing !== 'number') {
      throw new TypeError('gradient(): spacing must be a number, a list of numbers or a list of tensors');
    }
    return { dims, steps: dims.map(() => spacing ?? 1) };
  }
  const steps = spacing as readonly (number | Tensor)[];
  if (steps.length !== dims.length) {
    throw new RuntimeError(
      dim === null
        ? `torch.gradient expected spacing to be unspecified, a scalar or a list of length ${x.ndim} but got a list of ` +
            `length ${steps.length}`
        : "torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the same " +
            `length, but got a spacing argument of length ${steps.length} and a dim argument of length ${dims.length}.`,
    );
  }
  steps.forEach((step, i) => {
    if (!(step instanceof Tensor)) {
      if (typeof step !== 'number') throw new TypeError('gradient(): spacing must hold numbers or tensors');
    } else if (step.ndim !== 1 || step.shape[0] !== x.shape[dims[i]]) {
      throw new RuntimeError(
        `torch.gradient expected the coordinates of dimension ${dims[i]} to be a vector of ${x.shape[dims[i]]} elements, ` +
          `got [${step.shape.join(', ')}]`,
      );
    }
  });
  return { dims, steps: [...steps] };
}

/** Second-order central differences inside; at the edges differences of the order asked for. */
function uniformGradient(x: Tensor, d: number, step: number, order: number): Tensor {
  const n = x.shape[d];
  const at = (i: number): Tensor => narrow(x, d, i, 1);
  const inner = div(sub(narrow(x, d, 2, n - 2), narrow(x, d, 0, n - 2)), 2 * step);
  const edge = (a: number, b: number, c: number, sign: number): Tensor =>
    order === 1
      ? div(mul(sub(at(b), at(a)), sign), step)
      : div(mul(sub(sub(mul(at(b), 2), mul(at(a), 1.5)), mul(at(c), 0.5)), sign), step);
  return cat([edge(0, 1, 2, 1), inner, edge(n - 1, n - 2, n - 3, -1)], d);
}

/** The same with samples at given coordinates. */
function unevenGradient(x: Tensor, d: number, points: Tensor, order: number): Tensor {
  const n = x.shape[d];
  const shape = x.shape.map((_, i) => (i === d ? n - 1 : 1));
  const steps = reshape(sub(narrow(points, 0, 1, n - 1), narrow(points, 0, 0, n - 1)), shape);
  const at = (i: number): Tensor => narrow(x, d, i, 1);
  const inner = weighted(
    narrow(steps, d, 0, n - 2),
    narrow(steps, d, 1, n - 2),
    [0, 1, 2].map((i) => narrow(x, d, i, n - 2)),
  );
  const step = (i: number): Tensor => narrow(steps, d, i, 1);
  if (order === 1) {
    return cat([div(sub(at(1), at(0)), step(0)), inner, div(sub(at(n - 1), at(n - 2)), step(n - 2))], d);
  }
  return cat(
    [
      neg(edgeSlope(step(0), step(1), [at(0), at(1), at(2)])),
      inner,
      edgeSlope(step(n - 2), step(n - 3), [at(n - 1), at(n - 2), at(n - 3)]),
    ],
    d,
  );
}

/** The slope at the middle of three samples at distances h and k. */
function weighted(h: Tensor, k: Tensor, [before, at, after]: readonly Tensor[]): Tensor {
  const both = add(h, k);
  const left = neg(div(k, mul(h, both)));
  const middle = div(sub(k, h), mul(h, k));
  return add(add(mul(left, before), mul(middle, at)), mul(div(h, mul(k, both)), after));
}

/** The slope, away from the samples, at the first of three at distances h and k. */
function edgeSlope(h: Tensor, k: Tensor, [at, next, far]: readonly Tensor[]): Tensor {
  const both = add(h, k);
  const own = div(add(both, h), mul(h, both));
  return add(sub(mul(own, at), mul(div(both, mul(h, k)), next)), mul(div(h, mul(k, both)), far));
}

/**
 * The slope along each dimension by central differences, one tensor a dimension.
 *
 * @param spacing a distance between samples, one per dimension, or vectors of their coordinates. Default 1
 * @param dim default: every dimension
 * @param edge_order 1 or 2: the order of the differences at the edges. Default 1
 * @example
 * console.log(torch.gradient(torch.tensor([1, 2, 4, 7])).map((g) => g.tolist())); // [ [ 1, 1.5, 2.5, 3 ] ]
 */
export const gradient: Op<(input: Tensor, options?: GradientOptions) => Tensor[]> = define({
  schema: 'gradient(Tensor input, *, any? spacing=None, int[]? dim=None, int edge_order=1)',
  forward: (_ctx, x: Tensor, spacing: Spacing | null, dim: number[] | null, order: number) => {
    if (order !== 1 && order !== 2) {
      throw new RuntimeError('torch.gradient only supports edge_order=1 and edge_order=2.');
    }
    const { dims, steps } = checkedSpacing(x, spacing, dim);
    for (const d of dims) {
      if (x.shape[d] < order + 1) {
        throw new RuntimeError('torch.gradient expected each dimension size to be at least edge_order+1');
      }
    }
    return dims.map((d, i) => {
      const step = steps[i];
      return step instanceof Tensor ? unevenGradient(x, d, step, order) : uniformGradient(x, d, step, order);
    });
  },
  backward: 'composite',
  samples: (make) => [
    [make(3, 4)],
    [make(3, 4), { spacing: 0.5, edge_order: 2 }],
    [make(2, 4), { spacing: [make(4)], dim: 1 }],
    [make(3, 4), { spacing: [make(4)], dim: [1], edge_order: 2 }],
  ],
});
