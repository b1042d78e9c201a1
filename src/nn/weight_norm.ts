import { no_grad } from '../autograd/mode.js';
import { clone } from '../ops/copy.js';
import { div, mul } from '../ops/pointwise_binary.js';
import { norm_except_dim } from '../ops/norm_more.js';
import { withScope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { derive, tensorOf, underive } from './derived.js';
import type { AnyModule } from './any_module.js';
import { Parameter } from './parameter.js';
import { given, signature } from '../signature.js';

/** The norms, or the norm of the whole for null. */
function normExcept(v: Tensor, dim: number | null): Tensor {
  return norm_except_dim(v, 2, dim ?? -1);
}

const WEIGHT_NORM = signature("weight_norm(any module, str name='weight', int? dim=0)");

/**
 * Splits a parameter into magnitude `name_g` and direction `name_v` (Salimans and Kingma, 2016): before each call of the module
 * weight = g·v/‖v‖, with a norm for each index of `dim` (null: one norm). Returns the module.
 *
 * @example
 * const fc = nn.utils.weight_norm(new nn.Linear(4, 2));
 * console.log(Object.keys(fc.state_dict()), fc.weight_g.shape); // [ 'bias', 'weight_g', 'weight_v' ] [ 2, 1 ]
 */
export function weight_norm<M extends AnyModule>(
  module: M,
  name: string | { name?: string; dim?: number | null } = 'weight',
  dim?: number | null | { dim?: number | null },
): M {
  const [, key, along] = WEIGHT_NORM(given(module, name, dim)) as [M, string, number | null];
  const compute = (owner: AnyModule): Tensor => {
    const v = tensorOf(owner, `${key}_v`);
    return withScope('weight_norm', () => mul(v, div(tensorOf(owner, `${key}_g`), normExcept(v, along))));
  };
  derive(module, 'weight_norm', key, {
    prepare: (weight) => {
      withScope('weight_norm', () => {
        const g = no_grad(() => clone(normExcept(weight, along)));
        Object.assign(module, { [`${key}_g`]: new Parameter(g), [`${key}_v`]: new Parameter(weight) });
      });
    },
    compute,
    undo: (owner) => {
      const value = no_grad(() => compute(owner));
      for (const part of [`${key}_g`, `${key}_v`]) delete (owner as unknown as Record<string, unknown>)[part];
      return value;
    },
  });
  return module;
}

/** Undoes `weight_norm`: the weight of now becomes a parameter again. */
export function remove_weight_norm<M extends AnyModule>(module: M, name: string = 'weight'): M {
  withScope('remove_weight_norm', () => underive(module, 'weight_norm', name));
  return module;
}
