import { RuntimeError } from '../errors.js';
import { define } from '../ops/define.js';
import type { Op } from '../ops/define.js';
import { clone, copy_ } from '../ops/copy.js';
import { eye } from '../ops/creation_range.js';
import { cat } from '../ops/join.js';
import { matmul } from '../ops/matmul.js';
import { zeros_like } from '../ops/creation.js';
import { narrow, reshape, transpose, unsqueeze } from '../ops/view.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { inv } from './inverse.js';
import { checkFloating, checkSquare, eachMatrix, tensorOf } from './matrix.js';
import { exponential } from './exponential_number.js';

type Power = Op<(A: Tensor, n: number) => Tensor, 'method'>;

function powerOf(name: string, argument: string): Power {
  return define(
    {
      schema: `${name}(Tensor ${argument}, int n)`,
      forward: (_ctx, A: Tensor, n: number) => {
        checkSquare('linalg.matrix_power', A);
        if (n === 0) {
          const size = A.shape[A.ndim - 1];
          return copy_(clone(A), eye(size, { dtype: A.dtype }));
        }
        let square = n < 0 ? inv(A) : A;
        let out: Tensor | null = null;
        for (let rest = Math.abs(n); rest > 0; rest = Math.floor(rest / 2)) {
          if (rest % 2 === 1) out = out === null ? square : matmul(out, square);
          if (rest > 1) square = matmul(square, square);
        }
        return Math.abs(n) === 1 ? clone(out!) : out!;
      },
      backward: 'composite',
      samples: (make) => [
        [make(3, 3), 3],
        [make(2, 2, 2), -2],
        [make(2, 2), 1],
      ],
    },
    ['method'],
  );
}

/** A multiplied by itself: n factors; the inverse's power with n below 0. */
export const matrix_power: Power = powerOf('linalg_matrix_power', 'A');
/** `linalg.matrix_power`. */
export const torchMatrixPower: Power = powerOf('matrix_power', 'input');

/** The order of products of matrices of these dimensions that needs the fewest operations, as nested pairs. */
type Order = number | readonly [Order, Order];

function bestOrder(sizes: readonly number[]): Order {
  const n = sizes.length - 1;
  const cost = Array.from({ length: n }, () => new Float64Array(n));
  const cut = Array.from({ length: n }, () => new Int32Array(n));
  for (let length = 1; length < n; length++) {
    for (let i = 0; i + length < n; i++) {
      const j = i + length;
      cost[i][j] = Infinity;
      for (let k = i; k < j; k++) {
        const total = cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1];
        if (total < cost[i][j]) {
          cost[i][j] = total;
          cut[i][j] = k;
        }
      }
    }
  }
  const order = (i: number, j: number): Order =>
    i === j ? i : [order(i, cut[i][j]), order(cut[i][j] + 1, j)];
  return order(0, n - 1);
}

const multiDotList: Op<(tensors: readonly Tensor[]) => Tensor> = define({
  schema: 'linalg_multi_dot(Tensor[] tensors)',
  forward: (_ctx, tensors: Tensor[]) => {
    const count = tensors.length;
    if (count < 2) throw new RuntimeError(`multi_dot(): expected at least 2 tensors but got ${count}`);
    tensors.forEach((x, i) => {
      const end = i === 0 || i === count - 1;
      if (x.ndim !== 2 && !(end && x.ndim === 1)) {
        const which = i === 0 ? 'the first tensor' : end ? 'the last tensor' : `tensor ${i}`;
        throw new RuntimeError(`multi_dot(): ${which} must be ${end ? '1D or ' : ''}2D but got ${x.ndim}D`);
      }
      if (x.dtype !== tensors[0].dtype) {
        const word = (y: Tensor): string => y.dtype.scalarName.toLowerCase();
        throw new RuntimeError(
          `multi_dot(): all tensors must have be the same dtype but tensor 0 is ${word(tensors[0])} and tensor ${i} ${word(x)}`,
        );
      }
    });
    const first = tensors[0].ndim === 1 ? unsqueeze(tensors[0], 0) : tensors[0];
    const last = tensors[count - 1].ndim === 1 ? unsqueeze(tensors[count - 1], 1) : tensors[count - 1];
    const matrices = [first, ...tensors.slice(1, -1), last];
    for (let i = 1; i < count; i++) {
      if (matrices[i - 1].shape[1] !== matrices[i].shape[0]) {
        throw new RuntimeError(
          `multi_dot(): tensors ${i - 1} and ${i} with shapes ${showShape(matrices[i - 1].shape)} and ` +
            `${showShape(matrices[i].shape)} cannot be multiplied`,
        );
      }
    }
    const product = (order: Order): Tensor =>
      typeof order === 'number' ? matrices[order] : matmul(product(order[0]), product(order[1]));
    const out = product(bestOrder([first.shape[0], ...matrices.map((x) => x.shape[1])]));
    const shape = [
      ...(tensors[0].ndim === 1 ? [] : [out.shape[0]]),
      ...(tensors[count - 1].ndim === 1 ? [] : [out.shape[1]]),
    ];
    return reshape(out, shape);
  },
  backward: 'composite',
  samples: (make) => [[[make(2), make(2, 3), make(3, 2)]]],
});

/**
 * The product of matrices in the order that needs the fewest operations. The first and the last may be vectors.
 *
 * @example
 * console.log(torch.linalg.multi_dot([torch.ones(2, 3), torch.ones(3, 4), torch.ones(4)]).tolist()); // [ 12, 12 ]
 */
export function multi_dot(tensors: readonly Tensor[]): Tensor {
  return multiDotList(tensors);
}

/** `linalg.multi_dot` of matrices given one by one. */
export function chain_matmul(...matrices: Tensor[]): Tensor {
  for (const x of matrices) {
    if (x.ndim !== 2) throw new RuntimeError(`Tensor dimension is ${x.ndim}, expected 2 instead.`);
  }
  return matrices.length === 1 ? matrices[0] : multiDotList(matrices);
}

type Exponential = Op<(A: Tensor) => Tensor, 'method'>;

function exponentialOf(name: string): Exponential {
  return define(
    {
      schema: `${name}(Tensor A)`,
      forward: (ctx, A: Tensor) => {
        checkSquare('linalg.matrix_exp', A);
        checkFloating('matrix_exp', A);
        const n = A.shape[A.ndim - 1];
        const values = new Float64Array(A.numel());
        eachMatrix(A, (a, at) => values.set(exponential(a, n), at * n * n));
        ctx.save(A);
        return tensorOf(values, A.shape, A.dtype);
      },
      // The upper right block of exp [[Aᵀ, g], [0, Aᵀ]] (Mathias, "A chain rule for matrix functions", 1996).
      backward: (ctx, g) => {
        const turned = transpose(ctx.saved()[0], -2, -1);
        const n = turned.shape[turned.ndim - 1];
        const whole = cat([cat([turned, g], -1), cat([zeros_like(turned), turned], -1)], -2);
        return [narrow(narrow(matrix_exp(whole), -2, 0, n), -1, n, n)];
      },
      samples: (make) => [[make(3, 3)], [make(2, 2, 2)]],
    },
    ['method'],
  );
}

/** Σ Aᵏ / k!. */
export const matrix_exp: Exponential = exponentialOf('linalg_matrix_exp');
/** `linalg.matrix_exp`. */
export const torchMatrixExp: Exponential = exponentialOf('matrix_exp');
