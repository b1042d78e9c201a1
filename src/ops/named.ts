import type { Tensor } from '../tensor.js';

/** What torch returns as a named tuple of values and their indices. */
export type ValuesIndices = [values: Tensor, indices: Tensor] & {
  readonly values: Tensor;
  readonly indices: Tensor;
};

/** An array whose elements also have names. */
export function named(names: readonly string[], items: Tensor[]): Tensor[] {
  return Object.assign(items, Object.fromEntries(names.map((name, i) => [name, items[i]])));
}

export function valuesIndices(values: Tensor, indices: Tensor): Tensor[] {
  return named(['values', 'indices'], [values, indices]);
}

/** A list of tensors that also have names. */
export type NamedTensors<N extends readonly string[]> = { -readonly [I in keyof N]: Tensor } & {
  readonly [K in N[number]]: Tensor;
};
