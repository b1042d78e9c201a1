import { define } from '../ops/define.js';
import type { Op } from '../ops/define.js';
import { matmul } from '../ops/matmul.js';
import { named } from '../ops/named.js';
import type { NamedTensors } from '../ops/named.js';
import { neg } from '../ops/pointwise_binary.js';
import { transpose } from '../ops/view.js';
import { numel } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { factorize, solveFactored } from './lu_number.js';
import {
  batchOf,
  checkFloating,
  checkInfo,
  checkSquare,
  eachMatrix,
  identity,
  integersOf,
  tensorOf,
} from './matrix.js';

/** `inv` that does not throw for singular matrices: `[inverse, info]`, info the number of the zero pivot, or 0. */
export const inv_ex: Op<
  (A: Tensor, options?: { check_errors?: boolean }) => NamedTensors<['inverse', 'info']>
> = define({
  schema: 'linalg_inv_ex(Tensor A, *, bool check_errors=False)',
  forward: (ctx, A: Tensor, checks: boolean) => {
    checkSquare('linalg.inv', A);
    checkFloating('linalg.inv', A);
    const n = A.shape[A.ndim - 1];
    const values = new Float64Array(A.numel());
    const infos = new Int32Array(numel(batchOf(A)));
    eachMatrix(A, (a, i) => {
      const lu = factorize(a, n, n);
      infos[i] = lu.info;
      const inverse = identity(n);
      solveFactored(lu, inverse, n, n);
      values.set(inverse, i * n * n);
    });
    const out = tensorOf(values, A.shape, A.dtype);
    const info = integersOf(infos, batchOf(A));
    if (checks) checkInverted('linalg.inv_ex', info);
    ctx.saveOutput(out);
    return named(['inverse', 'info'], [out, info]);
  },
  backward: (ctx, g) => {
    const turned = transpose(ctx.saved()[0], -2, -1);
    return [neg(matmul(turned, matmul(g, turned)))];
  },
  samples: (make) => [[make(3, 3)], [make(2, 2, 2)]],
});

function checkInverted(op: string, info: Tensor): void {
  checkInfo(
    op,
    info,
    (at) =>
      `The diagonal element ${at} is zero, the inversion could not be completed because the input matrix is singular.`,
  );
}

type Inverse = Op<(A: Tensor) => Tensor, 'method'>;

function inverseOf(name: string): Inverse {
  return define(
    {
      schema: `${name}(Tensor A)`,
      forward: (_ctx, A: Tensor) => {
        const [out, info] = inv_ex(A);
        checkInverted('linalg.inv', info);
        return out;
      },
      backward: 'composite',
      samples: (make) => [[make(3, 3)], [make(2, 2, 2)]],
    },
    ['method'],
  );
}

/**
 * The inverse of a square matrix, or of each of a batch.
 *
 * @throws LinAlgError when a matrix is singular
 * @example
 * console.log(torch.linalg.inv(torch.tensor([[2, 0], [0, 4]]).float()).tolist()); // [ [ 0.5, 0 ], [ 0, 0.25 ] ]
 */
export const inv: Inverse = inverseOf('linalg_inv');
/** `linalg.inv`. */
export const inverse: Inverse = inverseOf('inverse');
