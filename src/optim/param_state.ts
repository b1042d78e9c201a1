import { get_default_dtype } from '../dtype.js';
import { ValueError } from '../errors.js';
import { tensor as makeTensor, zeros } from '../ops/creation.js';
import { keep } from '../scope.js';
import { Tensor } from '../tensor.js';
import type { ParamState } from './optimizer.js';

/** Zeros of a parameter's shape and dtype, owned by the optimizer. */
export function blank(param: Tensor): Tensor {
  return keep(zeros(param.shape, { dtype: param.dtype }));
}

/** A number that torch keeps as a tensor of the default dtype. */
export function scalar(value: number): Tensor {
  return keep(makeTensor(value, { dtype: get_default_dtype() }));
}

/** The tensor of a number in a state. Old files have it as a number. */
export function scalarOf(state: ParamState, name: string): Tensor {
  const value = state[name];
  if (value instanceof Tensor) return value;
  const made = scalar(Number(value ?? 0));
  state[name] = made;
  return made;
}

/** Gives such a tensor another value, rounded to the default dtype, whatever dtype it has since it was loaded. */
export function setScalar(tensor: Tensor, value: number): void {
  tensor.copy_(makeTensor(value, { dtype: get_default_dtype() }));
}

/** Counts a step, which the state has as a tensor. */
export function advance(state: ParamState): number {
  return scalarOf(state, 'step').add_(1).item();
}

/** Refuses a negative option, in torch's words. */
export function checkNonNegative(what: string, value: number): void {
  if (!(value >= 0)) throw new ValueError(`Invalid ${what}: ${value}`);
}

/** Refuses what is no pair of decays. */
export function checkBetas(betas: readonly [number, number]): void {
  if (!Array.isArray(betas) || betas.length !== 2)
    throw new ValueError(`betas must be two numbers, got ${String(betas)}`);
  betas.forEach((beta: number, i) => {
    if (!(beta >= 0 && beta < 1)) throw new ValueError(`Invalid beta parameter at index ${i}: ${beta}`);
  });
}
