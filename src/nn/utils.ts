import { no_grad } from '../autograd/mode.js';
import { get_default_dtype } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError, ValueError } from '../errors.js';
import { cat } from '../ops/join.js';
import { copy_ } from '../ops/copy.js';
import { tensor as makeTensor } from '../ops/creation.js';
import type { Args } from '../ops/define.js';
import { withScope } from '../scope.js';
import { Tensor } from '../tensor.js';
import { pyFloat } from '../python_text.js';
import { signature } from '../signature.js';

export { fuse_conv_bn_eval, fuse_conv_bn_weights } from './fusion.js';
export * as fusion from './fusion.js';
export * as parametrizations from './parametrizations.js';
export * as parametrize from './parametrize.js';
export * as rnn from './packed_sequence.js';
export { skip_init } from './skip_init.js';
export { remove_spectral_norm, spectral_norm } from './spectral_norm.js';
export { remove_weight_norm, weight_norm } from './weight_norm.js';

function listOf(parameters: Tensor | Iterable<Tensor>): Tensor[] {
  return parameters instanceof Tensor ? [parameters] : [...parameters];
}

const CLIP_NORM = signature(
  'clip_grad_norm_(any? parameters, float max_norm, float norm_type=2, bool error_if_nonfinite=False)',
);

export interface ClipGradNormOptions {
  norm_type?: number;
  /** Throw when the norm is NaN or infinite. Default false. */
  error_if_nonfinite?: boolean;
}

/**
 * Scales the gradients in place so that their norm, as of one vector, is at most `max_norm`. Returns the norm before.
 * Sparse gradients count for the norm but stay as they are, as they do in PyTorch 1.13.1.
 *
 * @example
 * const p = new nn.Parameter(torch.ones(2));
 * p.mul(3).sum().backward();
 * console.log(nn.utils.clip_grad_norm_([p], 1).item().toFixed(4)); // 4.2426
 */
export function clip_grad_norm_(
  parameters: Tensor | Iterable<Tensor>,
  max_norm: number,
  ...rest: Args<[], [norm_type: number, error_if_nonfinite: boolean], ClipGradNormOptions>
): Tensor;
export function clip_grad_norm_(
  parameters: Tensor | Iterable<Tensor>,
  options: ClipGradNormOptions & { max_norm: number },
): Tensor;
export function clip_grad_norm_(parameters: Tensor | Iterable<Tensor>, ...rest: unknown[]): Tensor {
  const [, maxNorm, kind, strict] = CLIP_NORM([null, ...rest]) as [null, number, number, boolean];
  return withScope('clip_grad_norm_', () =>
    no_grad(() => {
      const grads = gradsOf(parameters);
      if (grads.length === 0) return makeTensor(0, { dtype: get_default_dtype() });
      const total = normOfNorms(
        grads.map((grad) => (kind === Infinity ? grad.abs().max() : grad.norm(kind)).item()),
        kind,
        grads[0].dtype,
      );
      const value = total.item();
      if (strict && !Number.isFinite(value)) {
        throw new RuntimeError(
          `The total norm of order ${pyFloat(kind)} for gradients from \`parameters\` is non-finite, so it cannot be clipped. ` +
            'To disable this error and scale the gradients by the non-finite norm anyway, set `error_if_nonfinite=False`',
        );
      }
      const factor = total.add(1e-6).reciprocal().mul(maxNorm).clamp({ max: 1 });
      for (const grad of grads) grad.detach().mul_(factor);
      return total;
    }),
  );
}

function normOfNorms(norms: number[], kind: number, dtype: DType): Tensor {
  if (kind === Infinity) return makeTensor(Math.max(...norms), { dtype });
  return makeTensor(norms, { dtype }).norm(kind);
}

function gradsOf(parameters: Tensor | Iterable<Tensor>): Tensor[] {
  return listOf(parameters)
    .map((parameter) => parameter._gradQuiet)
    .filter((grad) => grad !== null);
}

/** Clamps the gradients in place to [-clip_value, clip_value]. */
export function clip_grad_value_(parameters: Tensor | Iterable<Tensor>, clip_value: number): void {
  withScope('clip_grad_value_', () =>
    no_grad(() => {
      for (const grad of gradsOf(parameters)) grad.clamp_(-clip_value, clip_value);
    }),
  );
}

/** All elements of the parameters, in order, as one vector. */
export function parameters_to_vector(parameters: Iterable<Tensor>): Tensor {
  const list = [...parameters];
  if (list.length === 0) throw new RuntimeError('torch.cat(): expected a non-empty list of Tensors');
  return cat(list.map((parameter) => parameter.reshape(-1)));
}

/** Writes a vector over the elements of the parameters. */
export function vector_to_parameters(vec: Tensor, parameters: Iterable<Tensor>): void {
  if (!(vec instanceof Tensor)) throw new TypeError(`expected torch.Tensor, but got: ${typeof vec}`);
  const list = [...parameters];
  const needed = list.reduce((sum, parameter) => sum + parameter.numel(), 0);
  if (vec.ndim !== 1 || vec.numel() < needed) {
    throw new ValueError(
      `vector_to_parameters: expected a vector of ${needed} elements, got shape [${vec.shape.join(', ')}]`,
    );
  }
  withScope('vector_to_parameters', () =>
    no_grad(() => {
      let start = 0;
      for (const parameter of list) {
        copy_(parameter, vec.narrow(0, start, parameter.numel()).reshape(parameter.shape));
        start += parameter.numel();
      }
    }),
  );
}
