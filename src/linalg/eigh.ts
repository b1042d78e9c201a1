import { RuntimeError } from '../errors.js';
import { define } from '../ops/define.js';
import type { Args, Op } from '../ops/define.js';
import { diag_embed } from '../ops/diagonal.js';
import { matmul } from '../ops/matmul.js';
import { named } from '../ops/named.js';
import type { NamedTensors } from '../ops/named.js';
import { add, div, sub } from '../ops/pointwise_binary.js';
import { transpose, unsqueeze } from '../ops/view.js';
import { numel } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { allocate } from '../tensor_handle.js';
import { decomposeSymmetric } from './eigh_number.js';
import { batchOf, checkSquare, eachMatrix, tensorOf } from './matrix.js';

/** What decompositions of symmetric matrices return. */
export type EigenResult = NamedTensors<['eigenvalues', 'eigenvectors']>;
export type Triangle = 'L' | 'U';

/** The matrix that one triangle of a stands for. */
function mirror(a: Float64Array, n: number, upper: boolean): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      if (upper) a[i * n + j] = a[j * n + i];
      else a[j * n + i] = a[i * n + j];
    }
  }
}

const eighParts: Op<(A: Tensor, upper: boolean) => Tensor[]> = define({
  schema: 'linalg_eigh_parts(Tensor A, bool upper)',
  nullGrads: true,
  forward: (ctx, A: Tensor, upper: boolean) => {
    const batch = batchOf(A);
    const n = A.shape[A.ndim - 1];
    const values = new Float64Array(numel(batch) * n);
    const vectors = new Float64Array(A.numel());
    eachMatrix(A, (a, at) => {
      mirror(a, n, upper);
      if (a.some((x) => !Number.isFinite(x))) {
        values.fill(NaN, at * n, (at + 1) * n);
        vectors.fill(NaN, at * n * n, (at + 1) * n * n);
        return;
      }
      const eigen = decomposeSymmetric(a, n);
      values.set(eigen.values, at * n);
      vectors.set(eigen.vectors, at * n * n);
    });
    const L = tensorOf(values, [...batch, n], A.dtype);
    const V = tensorOf(vectors, A.shape, A.dtype);
    ctx.saveOutput(L);
    ctx.saveOutput(V);
    return [L, V];
  },
  // V (diag(gL) + skew(Vᵀ gV) / (l_j − l_i)) Vᵀ, which is symmetric, as the argument.
  backward: (ctx, ...grads) => {
    const [L, V] = ctx.saved();
    const [gL, gV] = grads as (Tensor | null)[];
    let middle = gL === null ? null : diag_embed(gL);
    if (gV !== null) {
      const gaps = sub(unsqueeze(L, -2), unsqueeze(L, -1));
      const apart = add(gaps, diag_embed(L.detach().mul(0).add(Infinity)));
      const turn = matmul(transpose(V, -2, -1), gV);
      const part = div(sub(turn, transpose(turn, -2, -1)).mul(0.5), apart);
      middle = middle === null ? part : add(middle, part);
    }
    return [matmul(matmul(V, middle!), transpose(V, -2, -1))];
  },
  // Symmetric arguments only, so one by one: larger ones are tested as functions of a matrix that is made symmetric.
  samples: (make) => [[make(1, 1), false]],
});

function parts(A: Tensor, UPLO: string): Tensor[] {
  checkSquare('linalg.eigh', A);
  if (!A.dtype.is_floating_point) {
    throw new RuntimeError(`"linalg_eigh_cpu" not implemented for '${A.dtype.scalarName}'`);
  }
  if (!/^[LU]$/i.test(UPLO)) {
    throw new RuntimeError(`Expected UPLO argument to be 'L' or 'U', but got ${UPLO}`);
  }
  return eighParts(A, UPLO.toUpperCase() === 'U');
}

type UPLOArgs = Args<[A: Tensor], [UPLO: Triangle], { UPLO?: Triangle }>;

/**
 * The eigenvalues (ascending) and eigenvectors (columns) of a symmetric matrix, or of each of a batch. Vectors are unique up
 * to their sign; ours need not be LAPACK's.
 *
 * @param UPLO which triangle is read. Default 'L'
 * @example
 * const { eigenvalues } = torch.linalg.eigh(torch.tensor([[2, 1], [1, 2]]).double());
 * console.log(eigenvalues.tolist().map((x) => x.toFixed(6))); // [ '1.000000', '3.000000' ]
 */
export const eigh: Op<(...args: UPLOArgs) => EigenResult> = define({
  schema: "linalg_eigh(Tensor A, str UPLO='L')",
  forward: (_ctx, A: Tensor, UPLO: string) => named(['eigenvalues', 'eigenvectors'], parts(A, UPLO)),
  backward: 'composite',
});

/** The eigenvalues of a symmetric matrix, ascending. */
export const eigvalsh: Op<(...args: UPLOArgs) => Tensor> = define({
  schema: "linalg_eigvalsh(Tensor A, str UPLO='L')",
  forward: (_ctx, A: Tensor, UPLO: string) => parts(A, UPLO)[0],
  backward: 'composite',
});

/** `linalg.eigh` of the upper (or lower) triangle; the vectors are empty unless asked for. */
export const symeig: Op<
  (
    ...args: Args<
      [input: Tensor],
      [eigenvectors: boolean, upper: boolean],
      { eigenvectors?: boolean; upper?: boolean }
    >
  ) => EigenResult,
  'method'
> = define(
  {
    schema: 'symeig(Tensor input, bool eigenvectors=False, bool upper=True)',
    forward: (_ctx, A: Tensor, wantsVectors: boolean, upper: boolean) => {
      const [L, V] = parts(A, upper ? 'U' : 'L');
      const vectors = wantsVectors || A.numel() === 0 ? V : allocate([0], A.dtype);
      return named(['eigenvalues', 'eigenvectors'], [L, vectors]);
    },
    backward: 'composite',
  },
  ['method'],
);
