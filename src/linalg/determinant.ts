import { where, eq } from '../ops/compare.js';
import { define } from '../ops/define.js';
import type { Op } from '../ops/define.js';
import { matmul } from '../ops/matmul.js';
import { named } from '../ops/named.js';
import type { NamedTensors } from '../ops/named.js';
import { mul, sub } from '../ops/pointwise_binary.js';
import { sum } from '../ops/reduce.js';
import { transpose, unsqueeze } from '../ops/view.js';
import { numel } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { inv_ex } from './inverse.js';
import { factorize } from './lu_number.js';
import { batchOf, checkFloating, checkSquare, eachMatrix, tensorOf } from './matrix.js';
import { decompose } from './svd_number.js';

/** Each matrix's sign and the magnitudes of the pivots. */
function pivotsOf(A: Tensor, visit: (sign: number, diagonal: Float64Array, at: number) => void): void {
  const n = A.shape[A.ndim - 1];
  eachMatrix(A, (a, at) => {
    const { lu, pivots } = factorize(a, n, n);
    let sign = 1;
    const diagonal = new Float64Array(n);
    for (let j = 0; j < n; j++) {
      if (pivots[j] !== j) sign = -sign;
      diagonal[j] = lu[j * n + j];
    }
    visit(sign, diagonal, at);
  });
}

/**
 * The derivative of the determinant by each element. From singular values, so that it is right for singular matrices too:
 * det(U Vᵀ) U diag(Π of the other singular values) Vᵀ.
 */
const cofactor: Op<(A: Tensor) => Tensor> = define({
  schema: 'linalg_cofactor(Tensor A)',
  forward: (ctx, A: Tensor) => {
    const n = A.shape[A.ndim - 1];
    const values = new Float64Array(A.numel());
    eachMatrix(A, (a, at) => {
      const out = values.subarray(at * n * n, (at + 1) * n * n);
      if (a.some((x) => !Number.isFinite(x))) {
        out.fill(NaN);
        return;
      }
      const { U, S, V } = decompose(a, n, n, false);
      const sign = determinant(U, n) * determinant(V, n);
      for (let k = 0; k < n; k++) {
        let others = Math.sign(sign);
        for (let j = 0; j < n; j++) if (j !== k) others *= S[j];
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) out[i * n + j] += others * U[i * n + k] * V[j * n + k];
        }
      }
    });
    const out = tensorOf(values, A.shape, A.dtype);
    ctx.save(A);
    ctx.saveOutput(out);
    return out;
  },
  backward: (ctx, g) => {
    // Of a regular matrix: C = det A · A⁻ᵀ.
    const [A, C] = ctx.saved();
    const turned = transpose(inv_ex(A)[0], -2, -1);
    const along = unsqueeze(unsqueeze(sum(mul(g, turned), [-2, -1]), -1), -1);
    return [sub(mul(along, C), matmul(turned, matmul(transpose(g, -2, -1), C)))];
  },
  samples: (make) => [[make(3, 3)]],
});

function determinant(a: Float64Array, n: number): number {
  const { lu, pivots } = factorize(a.slice(), n, n);
  let product = 1;
  for (let j = 0; j < n; j++) product *= pivots[j] === j ? lu[j * n + j] : -lu[j * n + j];
  return product;
}

type Determinant = Op<(A: Tensor) => Tensor, 'method'>;

function determinantOf(name: string): Determinant {
  return define(
    {
      schema: `${name}(Tensor A)`,
      forward: (ctx, A: Tensor) => {
        checkSquare('linalg.det', A);
        checkFloating('linalg.det', A);
        const values = new Float64Array(numel(batchOf(A)));
        pivotsOf(A, (sign, diagonal, at) => {
          values[at] = diagonal.reduce((product, x) => product * x, sign);
        });
        ctx.save(A);
        return tensorOf(values, batchOf(A), A.dtype);
      },
      backward: (ctx, g) => [mul(unsqueeze(unsqueeze(g, -1), -1), cofactor(ctx.saved()[0]))],
      samples: (make) => [[make(3, 3)], [make(2, 2, 2)]],
    },
    ['method'],
  );
}

/**
 * The determinant of a square matrix, or of each of a batch.
 *
 * @example
 * console.log(torch.linalg.det(torch.tensor([[2, 1], [0, 4]]).float()).item()); // 8
 */
export const det: Determinant = determinantOf('linalg_det');
/** `linalg.det`. */
export const torchDet: Determinant = determinantOf('det');

/** What `slogdet` returns. */
export type SignLogDet = NamedTensors<['sign', 'logabsdet']>;

type SlogDet = Op<(A: Tensor) => SignLogDet, 'method'>;

function slogdetOf(name: string): SlogDet {
  return define(
    {
      schema: `${name}(Tensor A)`,
      forward: (ctx, A: Tensor) => {
        checkSquare('linalg.slogdet', A);
        checkFloating('linalg.slogdet', A);
        const signs = new Float64Array(numel(batchOf(A)));
        const logs = new Float64Array(signs.length);
        pivotsOf(A, (sign, diagonal, at) => {
          signs[at] = diagonal.reduce((product, x) => product * Math.sign(x), sign);
          logs[at] = diagonal.reduce((total, x) => total + Math.log(Math.abs(x)), 0);
        });
        ctx.save(A);
        return named(
          ['sign', 'logabsdet'],
          [tensorOf(signs, batchOf(A), A.dtype), tensorOf(logs, batchOf(A), A.dtype)],
        );
      },
      backward: (ctx, _sign, g) => {
        const turned = transpose(inv_ex(ctx.saved()[0])[0], -2, -1);
        return [mul(unsqueeze(unsqueeze(g, -1), -1), turned)];
      },
      samples: (make) => [[make(3, 3)], [make(2, 2, 2)]],
    },
    ['method'],
  );
}

/** The sign of the determinant and the logarithm of its magnitude, which neither overflows nor underflows. */
export const slogdet: SlogDet = slogdetOf('linalg_slogdet');
/** `linalg.slogdet`. */
export const torchSlogdet: SlogDet = slogdetOf('slogdet');

/** The logarithm of the determinant; NaN where it is negative. */
export const logdet: Op<(A: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'logdet(Tensor A)',
    forward: (_ctx, A: Tensor) => {
      const [sign, log] = slogdet(A);
      return where(eq(sign, -1), NaN, log);
    },
    backward: 'composite',
    samples: (make) => [[make.uniform(1, 2, 1, 1)]],
  },
  ['method'],
);
