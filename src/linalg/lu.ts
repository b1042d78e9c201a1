import { int32 } from '../dtype.js';
import { NotImplementedError, RuntimeError } from '../errors.js';
import { zeros } from '../ops/creation.js';
import { define } from '../ops/define.js';
import type { Args, Op } from '../ops/define.js';
import { diag_embed, tril, triu } from '../ops/diagonal.js';
import { cat } from '../ops/join.js';
import { matmul } from '../ops/matmul.js';
import { named } from '../ops/named.js';
import type { NamedTensors } from '../ops/named.js';
import { add, sub } from '../ops/pointwise_binary.js';
import { narrow, transpose } from '../ops/view.js';
import { numel, showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { toTypedArray } from '../tensor_data.js';
import { factorize, permuteRows, unpermuteRows } from './lu_number.js';
import { batchOf, checkInfo, eachMatrix, identity, integersOf, numbersOf, tensorOf } from './matrix.js';
import { sameBatch } from './solve.js';
import { solve_triangular } from './triangular.js';

export type LUFactors = NamedTensors<['P', 'L', 'U']>;
export type LUPacked = NamedTensors<['LU', 'pivots']>;

function checkLU(op: string, A: Tensor, pivot: boolean): void {
  if (A.ndim < 2) {
    throw new RuntimeError(
      `${op}: Expected tensor with 2 or more dimensions. Got size: ${showShape(A.shape)} instead`,
    );
  }
  if (!A.dtype.is_floating_point) {
    throw new NotImplementedError(`"lu_cpu" not implemented for '${A.dtype.scalarName}'`);
  }
  if (!pivot) throw new RuntimeError('linalg.lu_factor: LU without pivoting is not implemented on the CPU');
}

/** Of a packed factorization with k = min(m, n): L [m, k] with its ones, U [k, n]. */
function unpack(LU: Tensor): [Tensor, Tensor] {
  const [m, n] = LU.shape.slice(-2);
  const k = Math.min(m, n);
  const L = tril(narrow(LU, -1, 0, k), -1);
  const ones = diag_embed(zeros([k], { dtype: LU.dtype }).add(1));
  const eye = m > k ? cat([ones, zeros([m - k, k], { dtype: LU.dtype })], 0) : ones;
  return [add(L, eye), triu(narrow(LU, -2, 0, k))];
}

/** The gradient of A = P L U from those of L and U. */
function luBackward(gL: Tensor, gU: Tensor, P: Tensor, L: Tensor, U: Tensor): Tensor {
  const turn = (x: Tensor): Tensor => transpose(x, -2, -1);
  const [m, n] = [L.shape[L.ndim - 2], U.shape[U.ndim - 1]];
  const k = Math.min(m, n);
  const first = (x: Tensor, dim: number): Tensor => narrow(x, dim, 0, k);
  const rest = (x: Tensor, dim: number, size: number): Tensor => narrow(x, dim, k, size - k);
  // The square part; then what is below L's, or beside U's, moves with it.
  const [L1, U1] = [first(L, -2), first(U, -1)];
  let [gLower, gUpper] = [first(gL, -2), first(gU, -1)];
  let beside: Tensor | null = null;
  if (m > k) {
    const gBelow = solve_triangular(turn(U1), rest(gL, -2, m), { upper: false, left: false });
    beside = gBelow;
    gUpper = sub(gUpper, triu(matmul(turn(rest(L, -2, m)), gBelow)));
  }
  if (n > k) {
    const gRight = solve_triangular(turn(L1), rest(gU, -1, n), { upper: true, unitriangular: true });
    beside = gRight;
    gLower = sub(gLower, tril(matmul(gRight, turn(rest(U, -1, n))), -1));
  }
  const inner = add(tril(matmul(turn(L1), gLower), -1), triu(matmul(gUpper, turn(U1))));
  const left = solve_triangular(turn(L1), inner, { upper: true, unitriangular: true });
  const square = solve_triangular(turn(U1), left, { upper: false, left: false });
  const whole = beside === null ? square : cat([square, beside], m > k ? -2 : -1);
  return matmul(P, whole);
}

/** LU [m, n], pivots (from 1) and info. */
const luParts: Op<(A: Tensor) => Tensor[]> = define({
  schema: 'linalg_lu_parts(Tensor A)',
  forward: (ctx, A: Tensor) => {
    const batch = batchOf(A);
    const [m, n] = A.shape.slice(-2);
    const k = Math.min(m, n);
    const values = new Float64Array(A.numel());
    const pivots = new Int32Array(numel(batch) * k);
    const infos = new Int32Array(numel(batch));
    eachMatrix(A, (a, at) => {
      const lu = factorize(a, m, n);
      values.set(lu.lu, at * m * n);
      pivots.set(
        lu.pivots.map((p) => p + 1),
        at * k,
      );
      infos[at] = lu.info;
    });
    const LU = tensorOf(values, A.shape, A.dtype);
    const places = integersOf(pivots, [...batch, k]);
    ctx.saveOutput(LU);
    ctx.save(places);
    return [LU, places, integersOf(infos, batch)];
  },
  backward: (ctx, g) => {
    const [LU, pivots] = ctx.saved();
    const [m, n] = LU.shape.slice(-2);
    const k = Math.min(m, n);
    const [L, U] = unpack(LU);
    const gL = tril(narrow(g, -1, 0, k), -1);
    const gU = triu(narrow(g, -2, 0, k));
    return [luBackward(gL, gU, permutation(pivots, m, LU), L, U)];
  },
  samples: (make) => [[make(3, 3)], [make(4, 2)], [make(2, 2, 4)]],
});

/** The matrices P of A = P L U that pivots stand for. */
function permutation(pivots: Tensor, m: number, like: Tensor): Tensor {
  const k = pivots.shape[pivots.ndim - 1];
  const batch = pivots.shape.slice(0, -1);
  const numbers = Int32Array.from(toTypedArray(pivots), Number).map((p) => p - 1);
  const values = new Float64Array(numel(batch) * m * m);
  for (let at = 0; at < numel(batch); at++) {
    const P = identity(m);
    unpermuteRows(numbers.subarray(at * k, (at + 1) * k), P, m);
    values.set(P, at * m * m);
  }
  return tensorOf(values, [...batch, m, m], like.dtype);
}

/**
 * A = P L U of a matrix, or of each of a batch: P a permutation, L with ones on its diagonal.
 *
 * @param pivot must be true, as in torch on the CPU
 */
export const lu: Op<(A: Tensor, options?: { pivot?: boolean }) => LUFactors> = define({
  schema: 'linalg_lu(Tensor A, *, bool pivot=True)',
  forward: (_ctx, A: Tensor, pivot: boolean) => {
    checkLU('linalg.lu', A, pivot);
    const [LU, pivots] = luParts(A);
    return named(['P', 'L', 'U'], [permutation(pivots, A.shape[A.ndim - 2], A), ...unpack(LU)]);
  },
  backward: 'composite',
  samples: (make) => [[make(3, 2)]],
});

/** `lu_factor` that does not throw: `[LU, pivots, info]`, info 0 or the number of the zero pivot. */
export const lu_factor_ex: Op<
  (A: Tensor, options?: { pivot?: boolean; check_errors?: boolean }) => NamedTensors<['LU', 'pivots', 'info']>
> = define({
  schema: 'linalg_lu_factor_ex(Tensor A, *, bool pivot=True, bool check_errors=False)',
  forward: (_ctx, A: Tensor, pivot: boolean, checks: boolean) => {
    checkLU('torch.lu_factor', A, pivot);
    const [LU, pivots, info] = luParts(A);
    if (checks) checkPivots('torch.linalg.lu_factor_ex', info);
    return named(['LU', 'pivots', 'info'], [LU, pivots, info]);
  },
  backward: 'composite',
});

function checkPivots(op: string, info: Tensor): void {
  checkInfo(
    op,
    info,
    (at) =>
      `U[${at},${at}] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the ` +
      'factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)',
  );
}

/** The packed factors of A, L below the diagonal and U from it on, with the pivots (from 1): what `lu_solve` takes. */
export const lu_factor: Op<(A: Tensor, options?: { pivot?: boolean }) => LUPacked> = define({
  schema: 'linalg_lu_factor(Tensor A, *, bool pivot=True)',
  forward: (_ctx, A: Tensor, pivot: boolean) => {
    const [LU, pivots, info] = lu_factor_ex(A, { pivot });
    checkPivots('torch.linalg.lu_factor', info);
    return named(['LU', 'pivots'], [LU, pivots]);
  },
  backward: 'composite',
});

/** The rows of B in the order of the factorization, or back. */
const permuted: Op<(B: Tensor, pivots: Tensor, back: boolean) => Tensor> = define({
  schema: 'linalg_permute_rows(Tensor B, Tensor pivots, bool back)',
  forward: (ctx, B: Tensor, pivots: Tensor, back: boolean) => {
    const [n, k] = B.shape.slice(-2);
    const values = numbersOf(B);
    const numbers = Int32Array.from(toTypedArray(pivots), Number).map((p) => p - 1);
    const length = pivots.shape[pivots.ndim - 1];
    for (let at = 0; at < numel(batchOf(B)); at++) {
      const own = numbers.subarray(at * length, (at + 1) * length);
      (back ? unpermuteRows : permuteRows)(own, values.subarray(at * n * k, (at + 1) * n * k), k);
    }
    ctx.save(pivots);
    return tensorOf(values, B.shape, B.dtype);
  },
  backward: (ctx, g) => [permuted(g, ctx.saved()[0], !(ctx.args[2] as boolean)), null],
  samples: (make) => [[make(3, 2), integersOf([3, 3, 3], [3]), false]],
});

interface LUSolveOptions {
  left?: boolean;
  adjoint?: boolean;
}

/**
 * The solution X of A X = B (X A = B with `left: false`; of Aᵀ with `adjoint`) from the factors of A.
 */
export const lu_solve: Op<(LU: Tensor, pivots: Tensor, B: Tensor, options?: LUSolveOptions) => Tensor> =
  define({
    schema: 'linalg_lu_solve(Tensor LU, Tensor pivots, Tensor B, *, bool left=True, bool adjoint=False)',
    forward: (_ctx, LU: Tensor, pivots: Tensor, B: Tensor, left: boolean, adjoint: boolean) => {
      if (pivots.dtype !== int32) {
        throw new RuntimeError(
          'linalg.lu_solve: pivots should be a Tensor of scalar type torch.int32. Got ' +
            pivots.dtype.scalarName,
        );
      }
      const turn = (x: Tensor): Tensor => transpose(x, -2, -1);
      if (!left) return turn(lu_solve(LU, pivots, turn(B), { adjoint: !adjoint }));
      const [factors, right] = sameBatch(LU, B);
      const places = pivots.expand([...batchOf(right), pivots.shape[pivots.ndim - 1]]);
      if (!adjoint) {
        const ordered = permuted(right, places, false);
        const half = solve_triangular(factors, ordered, { upper: false, unitriangular: true });
        return solve_triangular(factors, half, { upper: true });
      }
      const half = solve_triangular(turn(factors), right, { upper: false });
      return permuted(
        solve_triangular(turn(factors), half, { upper: true, unitriangular: true }),
        places,
        true,
      );
    },
    backward: 'composite',
    samples: (make) => [[make.uniform(1, 2, 2, 2), integersOf([2, 2], [2]), make(2, 3)]],
  });

/** `linalg.lu_solve` with the right side first. */
export const torchLuSolve: Op<(input: Tensor, LU_data: Tensor, LU_pivots: Tensor) => Tensor, 'method'> =
  define(
    {
      schema: 'lu_solve(Tensor input, Tensor LU_data, Tensor LU_pivots)',
      forward: (_ctx, B: Tensor, LU: Tensor, pivots: Tensor) => lu_solve(LU, pivots, B),
      backward: 'composite',
    },
    ['method'],
  );

/** P, L and U from the packed factors; what is not asked for comes empty. */
export const lu_unpack: Op<
  (
    ...args: Args<
      [LU_data: Tensor, LU_pivots: Tensor],
      [unpack_data: boolean, unpack_pivots: boolean],
      { unpack_data?: boolean; unpack_pivots?: boolean }
    >
  ) => LUFactors
> = define({
  schema: 'lu_unpack(Tensor LU_data, Tensor LU_pivots, bool unpack_data=True, bool unpack_pivots=True)',
  forward: (_ctx, LU: Tensor, pivots: Tensor, data: boolean, places: boolean) => {
    if (pivots.dtype !== int32) {
      throw new RuntimeError(
        'torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\nNote: this function is ' +
          'intended to be used with the output produced by torch.linalg.lu_factor',
      );
    }
    const empty = (): Tensor => zeros([0], { dtype: LU.dtype });
    const P = places ? permutation(pivots, LU.shape[LU.ndim - 2], LU) : empty();
    return named(['P', 'L', 'U'], [P, ...(data ? unpack(LU) : [empty(), empty()])]);
  },
  backward: 'composite',
  samples: (make) => [[make(3, 2), integersOf([3, 2], [2])]],
});

/** `linalg.lu_factor_ex`; with `get_infos` its info too. */
export const torchLu: Op<
  (
    ...args: Args<[A: Tensor], [pivot: boolean, get_infos: boolean], { pivot?: boolean; get_infos?: boolean }>
  ) => Tensor[],
  'method'
> = define(
  {
    schema: 'lu(Tensor A, bool pivot=True, bool get_infos=False)',
    forward: (_ctx, A: Tensor, pivot: boolean, infos: boolean) => {
      const parts: Tensor[] = lu_factor_ex(A, { pivot });
      return infos ? [...parts] : parts.slice(0, 2);
    },
    backward: 'composite',
  },
  ['method'],
);
