import { no_grad } from '../autograd/mode.js';
import { int32 } from '../dtype.js';
import { NotImplementedError, ValueError } from '../errors.js';
import { matrix_exp } from '../linalg/power.js';
import { geqrf, householder_product } from '../linalg/qr.js';
import { solve } from '../linalg/solve.js';
import { where } from '../ops/compare.js';
import { clone } from '../ops/copy.js';
import { zeros_like } from '../ops/creation.js';
import { eye } from '../ops/creation_range.js';
import { diagonal, tril } from '../ops/diagonal.js';
import { cat } from '../ops/join.js';
import { matmul } from '../ops/matmul.js';
import { add, mul, sub } from '../ops/pointwise_binary.js';
import { allclose } from '../ops/predicate.js';
import { randn } from '../ops/random.js';
import { sgn } from '../ops/real.js';
import { sum } from '../ops/reduce.js';
import { narrow, transpose, unsqueeze } from '../ops/view.js';
import { sameShape } from '../shape.js';
import { signature } from '../signature.js';
import { Tensor } from '../tensor.js';
import { finfo } from '../type_info.js';
import { Module } from './module.js';
import type { AnyModule } from './any_module.js';
import { register_parametrization } from './parametrize.js';
import type { Parametrized } from './parametrize.js';
import { moduleText } from './module_text.js';
import { pySize } from '../python_text.js';

const MAPS = ['matrix_exp', 'cayley', 'householder'] as const;
/** How an orthogonal matrix is made of any matrix. */
export type OrthogonalMap = (typeof MAPS)[number];

const turn = (x: Tensor): Tensor => transpose(x, -2, -1);
const diagonalOf = (x: Tensor): Tensor => diagonal(x, 0, -2, -1);

function isOrthogonal(Q: Tensor): boolean {
  const [n, k] = Q.shape.slice(-2);
  const atol = 10 * n * finfo(Q.dtype).eps;
  return allclose(matmul(turn(Q), Q), eye(k, { dtype: Q.dtype }), { atol });
}

/** Q of A = QR, the diagonal of R not negative. A has at least as many rows as columns. */
function orthogonalOf(A: Tensor): Tensor {
  const [reflectors, tau] = geqrf(A);
  return mul(householder_product(reflectors, tau), unsqueeze(sgn(diagonalOf(reflectors)), -2));
}

class _Orthogonal extends Module {
  readonly shape: readonly number[];
  readonly orthogonal_map: OrthogonalMap;
  /** What the map's result is multiplied by from the left; absent without `use_trivialization`. */
  declare base?: Tensor | null;

  constructor(weight: Tensor, map: OrthogonalMap, trivialize: boolean) {
    super();
    this.shape = weight.shape;
    this.orthogonal_map = map;
    if (trivialize) this.register_buffer('base', null);
  }

  forward(input: Tensor): Tensor {
    const [rows, columns] = input.shape.slice(-2);
    const wide = rows < columns;
    const X = wide ? turn(input) : input;
    let Q = this.orthogonal_map === 'householder' ? this.reflected(X) : this.mapped(X);
    if (this.base) Q = matmul(this.base, Q);
    return wide ? turn(Q) : Q;
  }

  /** The map of the skew-symmetric matrix whose first columns have the lower triangle of X (n by k, n ≥ k). */
  private mapped(X: Tensor): Tensor {
    const [n, k] = X.shape.slice(-2);
    const lower = tril(X);
    const square = n === k ? lower : cat([lower, X.new_zeros([...X.shape.slice(0, -1), n - k])], -1);
    const A = sub(square, turn(square));
    const Q = this.orthogonal_map === 'matrix_exp' ? matrix_exp(A) : cayley(A);
    return n === k ? Q : narrow(Q, -1, 0, k);
  }

  /** The product of the reflections given by the columns of X; the diagonal of X has their signs, and takes no gradient. */
  private reflected(X: Tensor): Tensor {
    const A = tril(X, -1);
    const tau = sum(mul(A, A), -2).add(1).reciprocal().mul(2);
    return mul(householder_product(A, tau), unsqueeze(diagonalOf(X).to(int32), -2));
  }

  right_inverse(given: Tensor): Tensor {
    if (!sameShape(given.shape, this.shape)) {
      throw new ValueError(
        `Expected a matrix or batch of matrices of shape ${pySize(this.shape)}. Got a tensor of shape ${pySize(given.shape)}.`,
      );
    }
    return no_grad(() => {
      const [rows, columns] = given.shape.slice(-2);
      const wide = rows < columns;
      const Q = wide ? turn(given) : given;
      if (this.base === undefined) return wide ? turn(this.reflectorsOf(Q)) : this.reflectorsOf(Q);
      this.base = this.completed(Q);
      // Householder's map makes the identity of −1 on the diagonal, and the others of any symmetric matrix.
      const start = zeros_like(given);
      diagonalOf(start).fill_(-1);
      return start;
    });
  }

  private reflectorsOf(Q: Tensor): Tensor {
    if (this.orthogonal_map !== 'householder') {
      throw new NotImplementedError(
        'It is not possible to assign to the matrix exponential or the Cayley parametrizations when use_trivialization=False.',
      );
    }
    const [A, tau] = geqrf(Q);
    // Without a reflection, whose tau is 0, the sign is the other one.
    const signs = sgn(diagonalOf(A));
    diagonalOf(A).copy_(where(tau.eq(0), signs.neg(), signs));
    return A;
  }

  /** A square orthogonal matrix whose first columns are Q's, if those are orthogonal, or else of its QR decomposition. */
  private completed(Q: Tensor): Tensor {
    const [n, k] = Q.shape.slice(-2);
    if (n === k) return isOrthogonal(Q) ? clone(Q) : orthogonalOf(Q);
    const others = randn([...Q.shape.slice(0, -2), n, n - k], { dtype: Q.dtype });
    return orthogonalOf(cat([Q, others], -1));
  }
}

/** (I + A/2)(I − A/2)⁻¹. */
function cayley(A: Tensor): Tensor {
  const one = eye(A.shape[A.ndim - 1], { dtype: A.dtype });
  return solve(add(one, A, { alpha: -0.5 }), add(one, A, { alpha: 0.5 }));
}

const ORTHOGONAL = signature(
  "orthogonal(any module, str name='weight', str? orthogonal_map=None, *, bool use_trivialization=True)",
);

export interface OrthogonalOptions {
  name?: string;
  /** Default 'matrix_exp' for square matrices, 'householder' for others. */
  orthogonal_map?: OrthogonalMap | null;
  /** Whether the map starts from a buffer `base`, so that it starts at the identity. Default true. */
  use_trivialization?: boolean;
}

/**
 * Makes a parameter an orthogonal matrix, or a batch of them: QᵀQ = I of tall ones, QQᵀ = I of wide ones. The first value is
 * that of the parameter, made orthogonal by a QR decomposition. Returns the module.
 *
 * @param orthogonal_map 'matrix_exp': Q = exp(A) of a skew-symmetric A; 'cayley': Q = (I + A/2)(I − A/2)⁻¹; 'householder': a
 * product of reflections. Default 'matrix_exp' for square matrices, 'householder' for others.
 * @throws ValueError when there is no such tensor, it is no matrix, or the map is unknown
 * @example
 * const fc = nn.utils.parametrizations.orthogonal(new nn.Linear(3, 3));
 * console.log(fc.weight.matmul(fc.weight.t()).allclose(torch.eye(3), { atol: 1e-5 })); // true
 */
export function orthogonal<M extends AnyModule>(
  module: M,
  ...args:
    | [options?: OrthogonalOptions]
    | [name: string, options?: Omit<OrthogonalOptions, 'name'>]
    | [name: string, orthogonal_map: OrthogonalMap | null, options?: { use_trivialization?: boolean }]
): Parametrized<M> {
  const [, name, given, trivialize] = ORTHOGONAL([module, ...args]) as [M, string, string | null, boolean];
  const weight = (module as unknown as Record<string, unknown>)[name];
  if (!(weight instanceof Tensor)) {
    throw new ValueError(`Module '${moduleText(module)}' has no parameter or buffer with name '${name}'`);
  }
  if (weight.ndim < 2) {
    throw new ValueError(
      `Expected a matrix or batch of matrices. Got a tensor of ${weight.ndim} dimensions.`,
    );
  }
  const [rows, columns] = weight.shape.slice(-2);
  const wanted = given ?? (rows === columns ? 'matrix_exp' : 'householder');
  const map = MAPS.find((each) => each === wanted);
  if (map === undefined) {
    throw new ValueError(
      `orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: ${wanted}`,
    );
  }
  return register_parametrization(module, name, new _Orthogonal(weight, map, trivialize), { unsafe: true });
}
