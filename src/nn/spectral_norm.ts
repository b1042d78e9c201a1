import { no_grad } from '../autograd/mode.js';
import { ValueError } from '../errors.js';
import { clone, copy_ } from '../ops/copy.js';
import { empty } from '../ops/creation.js';
import { normalize } from '../ops/distance.js';
import { dot, mv } from '../ops/matmul.js';
import { div } from '../ops/pointwise_binary.js';
import { normal_ } from '../ops/random.js';
import { permute, reshape, t } from '../ops/view.js';
import { withScope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from './conv_transpose.js';
import { derive, tensorOf, underive } from './derived.js';
import type { AnyModule } from './any_module.js';
import type { Module } from './module.js';
import { given, signature } from '../signature.js';

/** The weight as a matrix whose rows are the slices along `dim`. */
export function matrixOf(weight: Tensor, dim: number): Tensor {
  const order = [dim, ...weight.shape.map((_, d) => d).filter((d) => d !== dim)];
  const front = dim === 0 ? weight : permute(weight, order);
  return reshape(front, [front.shape[0], -1]);
}

/** Which dimension of a module's weight has the outputs. */
export function outputDim(module: AnyModule): number {
  return [ConvTranspose1d, ConvTranspose2d, ConvTranspose3d].some((kind) => module instanceof kind) ? 1 : 0;
}

/** A vector of length 1. */
export function unit(x: Tensor, eps: number): Tensor {
  return normalize(x, { dim: 0, eps });
}

/** A random vector of length 1. */
export function randomUnit(size: number, like: Tensor, eps: number): Tensor {
  return unit(normal_(empty(size, { dtype: like.dtype }), 0, 1), eps);
}

export function checkIterations(iterations: number): void {
  if (iterations > 0) return;
  throw new ValueError(
    `Expected n_power_iterations to be positive, but got n_power_iterations=${iterations}`,
  );
}

export interface SpectralNormOptions {
  name?: string;
  /** Steps of the power method for each call in training. Default 1. */
  n_power_iterations?: number;
  /** Least norm that is divided by. Default 1e-12. */
  eps?: number;
  /** Which dimension has the outputs. Default 0, for transposed convolutions 1. */
  dim?: number | null;
}

export const SPECTRAL: ReturnType<typeof signature> = signature(
  "spectral_norm(any module, str name='weight', int n_power_iterations=1, float eps=1e-12, int? dim=None)",
);

/**
 * Divides a parameter by its largest singular value, which the power method estimates before each call in training (Miyato et al., 2018).
 * The parameter is kept as `name_orig`, the vectors of the method as buffers `name_u` and `name_v`. Returns the module.
 *
 * @example
 * const fc = nn.utils.spectral_norm(new nn.Linear(4, 2));
 * console.log(Object.keys(fc.state_dict())); // [ 'bias', 'weight_orig', 'weight_u', 'weight_v' ]
 */
export function spectral_norm<M extends AnyModule>(
  module: M,
  name: string | SpectralNormOptions = 'weight',
  n_power_iterations?: number | SpectralNormOptions,
  eps?: number | SpectralNormOptions,
  dim?: number | null | SpectralNormOptions,
): M {
  const [, key, iterations, least, along] = SPECTRAL(given(module, name, n_power_iterations, eps, dim)) as [
    M,
    string,
    number,
    number,
    number | null,
  ];
  checkIterations(iterations);
  const outputs = along ?? outputDim(module);
  const compute = (owner: AnyModule, calling: boolean): Tensor =>
    withScope('spectral_norm', () => {
      const weight = tensorOf(owner, `${key}_orig`);
      const matrix = matrixOf(weight, outputs);
      const [u, v] = [tensorOf(owner, `${key}_u`), tensorOf(owner, `${key}_v`)];
      if (calling && owner.training) {
        no_grad(() => {
          for (let i = 0; i < iterations; i++) {
            copy_(v, unit(mv(t(matrix), u), least));
            copy_(u, unit(mv(matrix, v), least));
          }
        });
      }
      // Of copies, since the next call moves u and v in place.
      return div(weight, dot(clone(u), mv(matrix, clone(v))));
    });
  derive(module, 'spectral_norm', key, {
    prepare: (weight) => {
      withScope('spectral_norm', () =>
        no_grad(() => {
          const { shape } = matrixOf(weight, outputs);
          const [u, v] = shape.map((size) => randomUnit(size, weight, least));
          const owner = module as unknown as Module;
          owner.register_parameter(`${key}_orig`, weight);
          owner.register_buffer(`${key}_u`, u);
          owner.register_buffer(`${key}_v`, v);
        }),
      );
    },
    compute,
    undo: (owner) => {
      const value = no_grad(() => compute(owner, false));
      for (const part of ['u', 'v', 'orig']) {
        delete (owner as unknown as Record<string, unknown>)[`${key}_${part}`];
      }
      return value;
    },
  });
  return module;
}

/** Undoes `spectral_norm`: the weight of now becomes a parameter again. */
export function remove_spectral_norm<M extends AnyModule>(module: M, name: string = 'weight'): M {
  withScope('remove_spectral_norm', () => underive(module, 'spectral_norm', name));
  return module;
}
