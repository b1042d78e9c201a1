import { RuntimeError } from '../errors.js';
import { define } from '../ops/define.js';
import type { Args, Op } from '../ops/define.js';
import { tril } from '../ops/diagonal.js';
import { cat } from '../ops/join.js';
import { matmul } from '../ops/matmul.js';
import { named } from '../ops/named.js';
import type { NamedTensors } from '../ops/named.js';
import { clone, copy_ } from '../ops/copy.js';
import { eye } from '../ops/creation_range.js';
import { add, mul, sub } from '../ops/pointwise_binary.js';
import { narrow, transpose, unsqueeze } from '../ops/view.js';
import { numel } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { allocate } from '../tensor_handle.js';
import { batchOf, checkFloating, checkMatrix, eachMatrix, tensorOf } from './matrix.js';
import { productOf, reflect } from './qr_number.js';
import { solve_triangular } from './triangular.js';

/** What a QR decomposition returns. */
export type QR = NamedTensors<['Q', 'R']>;
export type QRMode = 'reduced' | 'complete' | 'r';

const turn = (x: Tensor): Tensor => transpose(x, -2, -1);

/** Of square R (and Q with as many columns) the gradient of A: (gQ + Q · sym(R gRᵀ − gQᵀ Q)) R⁻ᵀ. */
function squareBackward(gQ: Tensor, gR: Tensor, Q: Tensor, R: Tensor): Tensor {
  const M = sub(matmul(R, turn(gR)), matmul(turn(gQ), Q));
  const symmetric = add(tril(M), turn(tril(M, -1)));
  const right = add(gQ, matmul(Q, symmetric));
  return solve_triangular(turn(R), right, { upper: false, left: false });
}

/**
 * The decomposition A = Q R of a matrix, or of each of a batch, into orthonormal columns and an upper triangle.
 *
 * @param mode 'reduced' (default), 'complete' (square Q) or 'r' (an empty Q)
 */
export const qr: Op<(...args: Args<[A: Tensor], [mode: QRMode], { mode?: QRMode }>) => QR> = define({
  schema: "linalg_qr(Tensor A, str mode='reduced')",
  forward: (ctx, A: Tensor, mode: string) => {
    checkMatrix('linalg.qr', A);
    checkFloating('linalg.qr', A);
    if (mode !== 'reduced' && mode !== 'complete' && mode !== 'r') {
      throw new RuntimeError(
        `qr received unrecognized mode '${mode}' but expected one of 'reduced' (default), 'r', or 'complete'`,
      );
    }
    const batch = batchOf(A);
    const [m, n] = A.shape.slice(-2);
    const columns = mode === 'complete' ? m : Math.min(m, n);
    const count = numel(batch);
    const qs = mode === 'r' ? null : new Float64Array(count * m * columns);
    const rs = new Float64Array(count * columns * n);
    eachMatrix(A, (a, at) => {
      const reflections = reflect(a, m, n);
      qs?.set(productOf(reflections, m, n, columns), at * m * columns);
      for (let i = 0; i < Math.min(columns, n); i++) {
        const row = a.subarray(i * n + i, (i + 1) * n);
        rs.set(row, at * columns * n + i * n + i);
      }
    });
    const Q = qs === null ? allocate([0], A.dtype) : tensorOf(qs, [...batch, m, columns], A.dtype);
    const R = tensorOf(rs, [...batch, columns, n], A.dtype);
    ctx.saveOutput(Q);
    ctx.saveOutput(R);
    ctx.state = { m, n };
    return named(['Q', 'R'], [Q, R]);
  },
  backward: (ctx, gQ, gR) => {
    const [Q, R] = ctx.saved();
    const { m, n } = ctx.state as { m: number; n: number };
    const mode = ctx.args[1] as QRMode;
    if (mode === 'r') {
      throw new RuntimeError(
        "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, " +
          "mode='reduced') if you are going to require gradients in the input or output.",
      );
    }
    if (mode === 'complete' && m > n) {
      throw new RuntimeError(
        "The QR decomposition is not differentiable when mode='complete' and nrows > ncols",
      );
    }
    if (m >= n) return [squareBackward(gQ, gR, Q, R)];
    // Of a wide A = [X Y] only X decides Q: Y = Q R₂, and R₂ = Qᵀ Y.
    const R2 = narrow(R, -1, m, n - m);
    const gR2 = narrow(gR, -1, m, n - m);
    const gQAll = add(gQ, matmul(matmul(Q, R2), turn(gR2)));
    const gX = squareBackward(gQAll, narrow(gR, -1, 0, m), Q, narrow(R, -1, 0, m));
    return [cat([gX, matmul(Q, gR2)], -1)];
  },
  samples: (make) => [[make(3, 3)], [make(4, 2)], [make(2, 4)], [make(2, 3, 3), 'complete']],
});

/** `linalg.qr` with `some` for its mode: reduced (default) or complete. */
export const torchQr: Op<
  (...args: Args<[input: Tensor], [some: boolean], { some?: boolean }>) => QR,
  'method'
> = define(
  {
    schema: 'qr(Tensor input, bool some=True)',
    forward: (_ctx, A: Tensor, some: boolean) => qr(A, some ? 'reduced' : 'complete'),
    backward: 'composite',
    samples: (make) => [[make(3, 2)]],
  },
  ['method'],
);

/** The first columns of the product of Householder reflections, given as `geqrf` gives them. */
export const householder_product: Op<(A: Tensor, tau: Tensor) => Tensor> = define({
  schema: 'linalg_householder_product(Tensor input, Tensor tau)',
  forward: (_ctx, A: Tensor, tau: Tensor) => {
    const op = 'torch.linalg.householder_product';
    checkMatrix(op, A, 'input');
    const [m, n] = A.shape.slice(-2);
    if (m < n)
      throw new RuntimeError(`${op}: input.shape[-2] must be greater than or equal to input.shape[-1]`);
    const k = tau.shape[tau.ndim - 1] ?? 0;
    if (k > n)
      throw new RuntimeError(`${op}: input.shape[-1] must be greater than or equal to tau.shape[-1]`);
    if (tau.dtype !== A.dtype) {
      throw new RuntimeError(
        `${op}: tau dtype ${tau.dtype.scalarName} does not match input dtype ${A.dtype.scalarName}`,
      );
    }
    if (!A.dtype.is_floating_point) {
      throw new RuntimeError(`"orgqr_cpu" not implemented for '${A.dtype.scalarName}'`);
    }
    const vectors = add(tril(A, -1), eye(m, { dtype: A.dtype }).narrow(1, 0, n));
    let out = copy_(clone(A), eye(m, { dtype: A.dtype }).narrow(1, 0, n));
    for (let j = k - 1; j >= 0; j--) {
      const v = narrow(vectors, -1, j, 1);
      const scaled = mul(matmul(turn(v), out), unsqueeze(narrow(tau, -1, j, 1), -1));
      out = sub(out, matmul(v, scaled));
    }
    return out;
  },
  backward: 'composite',
  samples: (make) => [[make(3, 2), make(2)]],
});

/** `linalg.householder_product`. */
export const orgqr: Op<(input: Tensor, tau: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'orgqr(Tensor input, Tensor tau)',
    forward: (_ctx, A: Tensor, tau: Tensor) => householder_product(A, tau),
    backward: 'composite',
    samples: (make) => [[make(3, 2), make(2)]],
  },
  ['method'],
);

/** The Householder reflections of a QR decomposition as LAPACK's geqrf gives them: `[a, tau]`. */
export const geqrf: Op<(input: Tensor) => NamedTensors<['a', 'tau']>, 'method'> = define(
  {
    schema: 'geqrf(Tensor input)',
    forward: (_ctx, A: Tensor) => {
      checkMatrix('torch.geqrf', A, 'input');
      checkFloating('torch.geqrf', A);
      const [m, n] = A.shape.slice(-2);
      const k = Math.min(m, n);
      const values = new Float64Array(A.numel());
      const taus = new Float64Array(numel(batchOf(A)) * k);
      eachMatrix(A, (a, at) => {
        const { tau } = reflect(a, m, n);
        values.set(a, at * m * n);
        taus.set(tau, at * k);
      });
      return named(
        ['a', 'tau'],
        [tensorOf(values, A.shape, A.dtype), tensorOf(taus, [...batchOf(A), k], A.dtype)],
      );
    },
    backward: 'none',
    samples: (make) => [[make(3, 2)]],
  },
  ['method'],
);
