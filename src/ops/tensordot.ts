import { IndexError, RuntimeError } from '../errors.js';
import { numel, showShape, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { mm } from './matmul.js';
import { mul } from './pointwise_binary.js';
import { permute, reshape } from './view.js';

/** How many dimensions are contracted, or which of each operand. */
type Dims = number | readonly [readonly number[], readonly number[]];

/** The product of two tensors with `left` dimensions of one contracted with `right` of the other. */
function contract(a: Tensor, b: Tensor, left: readonly number[], right: readonly number[]): Tensor {
  const freeA = a.shape.map((_, d) => d).filter((d) => !left.includes(d));
  const freeB = b.shape.map((_, d) => d).filter((d) => !right.includes(d));
  const sizes = (t: Tensor, dims: readonly number[]): number[] => dims.map((d) => t.shape[d]);
  const K = numel(sizes(a, left));
  const rows = reshape(permute(a, [...freeA, ...left]), [numel(sizes(a, freeA)), K]);
  const cols = reshape(permute(b, [...right, ...freeB]), [K, numel(sizes(b, freeB))]);
  return reshape(mm(rows, cols), [...sizes(a, freeA), ...sizes(b, freeB)]);
}

/** `dims` is one argument of two types, also as the keyword object. */
function contractedDims(a: Tensor, given: unknown): [number[], number[]] {
  const plain = given !== null && typeof given === 'object' && !Array.isArray(given) && 'dims' in given;
  const dims: unknown = plain ? given.dims : given;
  if (Number.isInteger(dims)) {
    const count = dims as number;
    if (count < 0) throw new RuntimeError(`tensordot expects dims >= 0, but got dims=${count}`);
    if (count > a.ndim) {
      throw new IndexError(
        `Dimension out of range (expected to be in range of [${-a.ndim}, ${a.ndim - 1}], but got ${-count}) (tensordot: dims=${count})`,
      );
    }
    const list = Array.from({ length: count }, (_, i) => i);
    return [list.map((i) => i - count), list];
  }
  const isList = (x: unknown): x is number[] => Array.isArray(x) && x.every(Number.isInteger);
  if (!Array.isArray(dims) || dims.length !== 2 || !isList(dims[0]) || !isList(dims[1])) {
    throw new TypeError("tensordot(): argument 'dims' must be an int or two lists of ints");
  }
  return [dims[0], dims[1]];
}

/**
 * The sum of products over dimensions of both tensors: the last `dims` of `a` with the first of `b`, or
 * `[[dims of a], [dims of b]]`.
 */
export const tensordot: Op<(a: Tensor, b: Tensor, dims?: Dims | { dims?: Dims }) => Tensor> = define({
  schema: 'tensordot(Tensor a, Tensor b, any dims=2)',
  forward: (_ctx, a: Tensor, b: Tensor, dims: unknown) => {
    const [left, right] = contractedDims(a, dims);
    if (left.length !== right.length) throw new RuntimeError('both dimension lists should have same length');
    const [l, r] = [left.map((d) => wrapDim(d, a.ndim)), right.map((d) => wrapDim(d, b.ndim))];
    l.forEach((d, i) => {
      if (a.shape[d] !== b.shape[r[i]]) {
        throw new RuntimeError(
          `contracted dimensions need to match, but first has size ${a.shape[d]} in dim ${left[i]} and second has size ` +
            `${b.shape[r[i]]} in dim ${right[i]} (tensordot: ${showShape(a.shape)} and ${showShape(b.shape)})`,
        );
      }
    });
    return contract(a, b, l, r);
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 3), make(3, 2), 1],
    [
      make(2, 3, 4),
      make(4, 3, 2),
      [
        [1, 2],
        [1, 0],
      ],
    ],
    [make(2), make(3), 0],
  ],
});

/** Sums of products over the last dimension of both; the plain product when one is 0-dim. */
export const inner: Op<(input: Tensor, other: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'inner(Tensor input, Tensor other)',
    forward: (_ctx, a: Tensor, b: Tensor) => {
      if (a.ndim === 0 || b.ndim === 0) return mul(a, b);
      if (a.shape[a.ndim - 1] !== b.shape[b.ndim - 1]) {
        throw new RuntimeError(
          `inner() the last dimension must match on both input tensors but got shapes ${showShape(a.shape)} and ${showShape(b.shape)}`,
        );
      }
      return contract(a, b, [a.ndim - 1], [b.ndim - 1]);
    },
    backward: 'composite',
    samples: (make) => [
      [make(3), make(3)],
      [make(2, 3), make(4, 2, 3)],
      [make(), make(2)],
    ],
  },
  ['method'],
);

/** Kronecker product: every element of `input` times the whole of `other`. */
export const kron: Op<(input: Tensor, other: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'kron(Tensor input, Tensor other)',
    forward: (_ctx, a: Tensor, b: Tensor) => {
      const ndim = Math.max(a.ndim, b.ndim);
      const padded = (t: Tensor): number[] => [...new Array<number>(ndim - t.ndim).fill(1), ...t.shape];
      const [sizeA, sizeB] = [padded(a), padded(b)];
      const apart = mul(
        reshape(
          a,
          sizeA.flatMap((n) => [n, 1]),
        ),
        reshape(
          b,
          sizeB.flatMap((n) => [1, n]),
        ),
      );
      return reshape(
        apart,
        sizeA.map((n, d) => n * sizeB[d]),
      );
    },
    backward: 'composite',
    samples: (make) => [
      [make(2, 2), make(3, 2)],
      [make(2), make(2, 3)],
    ],
  },
  ['method'],
);
