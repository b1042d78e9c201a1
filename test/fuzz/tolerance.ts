import type { Case } from './case.js';

/** How many times the usual tolerance an operator's result may be off, where there is a reason for it. */
const FACTORS: Readonly<Record<string, number>> = {
  // Of nearly equal numbers only their rounding is left, times up to 1 / √eps.
  batch_norm: 100,
  group_norm: 100,
  instance_norm: 100,
  layer_norm: 100,
  native_batch_norm: 100,
  native_layer_norm: 100,
  // Errors are those of the largest element; the gradient of singular values near each other magnifies them.
  matrix_exp: 100,
  svd: 100,
};

/** Whether a tensor or a keyword of the call is float32. */
export function usesFloat32(one: Case): boolean {
  return JSON.stringify(one).includes('"float32"');
}

export function toleranceFactor(op: string): number {
  return FACTORS[op.replace(/_$/, '')] ?? 1;
}
