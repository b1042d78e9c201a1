import { no_grad } from '../autograd/mode.js';
import { IndexError, ValueError } from '../errors.js';
import { clone, copy_ } from '../ops/copy.js';
import { dot, mv } from '../ops/matmul.js';
import { div } from '../ops/pointwise_binary.js';
import { t } from '../ops/view.js';
import { withScope } from '../scope.js';
import { given } from '../signature.js';
import { Tensor } from '../tensor.js';
import { Module } from './module.js';
import type { AnyModule } from './any_module.js';
import { register_parametrization } from './parametrize.js';
import type { Parametrized } from './parametrize.js';
import { moduleText } from './module_text.js';
import { SPECTRAL, checkIterations, matrixOf, outputDim, randomUnit, unit } from './spectral_norm.js';
import type { SpectralNormOptions } from './spectral_norm.js';

class _SpectralNorm extends Module {
  readonly dim: number;
  readonly eps: number;
  /** Steps of the power method at each reading in training. A vector is divided by its norm, which needs none. */
  readonly n_power_iterations: number = 0;
  declare _u: Tensor;
  declare _v: Tensor;

  constructor(weight: Tensor, iterations: number, dim: number, eps: number) {
    super();
    const { ndim } = weight;
    if (dim >= ndim || dim < -ndim) {
      throw new IndexError(
        `Dimension out of range (expected to be in range of [-${ndim}, ${ndim - 1}] but got ${dim})`,
      );
    }
    checkIterations(iterations);
    this.dim = dim >= 0 ? dim : dim + ndim;
    this.eps = eps;
    if (ndim === 1) return;
    this.n_power_iterations = iterations;
    withScope('spectral_norm', () => {
      const matrix = matrixOf(weight, this.dim);
      const [u, v] = no_grad(() => matrix.shape.map((size) => randomUnit(size, weight, this.eps)));
      this.register_buffer('_u', u);
      this.register_buffer('_v', v);
      this.iterate(matrix, 15);
    });
  }

  /** Steps of the power method, in place: u and v come nearer to the first singular vectors. */
  private iterate(matrix: Tensor, steps: number): void {
    no_grad(() => {
      for (let i = 0; i < steps; i++) {
        copy_(this._u, unit(mv(matrix, this._v), this.eps));
        copy_(this._v, unit(mv(t(matrix), this._u), this.eps));
      }
    });
  }

  forward(weight: Tensor): Tensor {
    if (weight.ndim === 1) return unit(weight, this.eps);
    const matrix = matrixOf(weight, this.dim);
    if (this.training) this.iterate(matrix, this.n_power_iterations);
    // Of copies, since the next reading moves u and v in place.
    return div(weight, dot(clone(this._u), mv(matrix, clone(this._v))));
  }

  right_inverse(value: Tensor): Tensor {
    return value;
  }
}

/**
 * Divides a parameter by its largest singular value, which steps of the power method estimate at each reading in training
 * (Miyato et al., 2018). A tensor of more than two dimensions is taken as a matrix, a vector is divided by its norm. Returns the module.
 *
 * @example
 * const fc = nn.utils.parametrizations.spectral_norm(new nn.Linear(4, 2));
 * console.log(Object.keys(fc.state_dict()));
 * // [
 * //   'bias',
 * //   'parametrizations.weight.original',
 * //   'parametrizations.weight.0._u',
 * //   'parametrizations.weight.0._v'
 * // ]
 */
export function spectral_norm<M extends AnyModule>(
  module: M,
  name: string | SpectralNormOptions = 'weight',
  n_power_iterations?: number | SpectralNormOptions,
  eps?: number | SpectralNormOptions,
  dim?: number | null | SpectralNormOptions,
): Parametrized<M> {
  const bound = SPECTRAL(given(module, name, n_power_iterations, eps, dim));
  const [, key, iterations, least, along] = bound as [M, string, number, number, number | null];
  const weight = (module as unknown as Record<string, unknown>)[key];
  if (!(weight instanceof Tensor)) {
    throw new ValueError(`Module '${moduleText(module)}' has no parameter or buffer with name '${key}'`);
  }
  const norm = new _SpectralNorm(weight, iterations, along ?? outputDim(module), least);
  return register_parametrization(module, key, norm);
}
