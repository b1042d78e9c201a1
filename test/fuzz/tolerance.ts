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
};

/** Functions of matrices whose algorithms bound the error by the largest element of the result, not each element's by itself. */
const NORMWISE: ReadonlySet<string> = new Set(['eigh', 'matrix_exp', 'svd']);

export function isNormwise(op: string): boolean {
  return NORMWISE.has(op);
}

/** Operators that make float32 of integers before they meet the float64 of another argument. */
const VIA_FLOAT32: ReadonlySet<string> = new Set(['triplet_margin_loss']);

/** Whether the result is no more exact than float32: a tensor or a keyword of the call is, or a step on the way. */
export function usesFloat32(one: Case): boolean {
  const text = JSON.stringify(one);
  return text.includes('"float32"') || (VIA_FLOAT32.has(one.op) && text.includes('"tensor":"int'));
}

export function toleranceFactor(op: string): number {
  return FACTORS[op.replace(/_$/, '')] ?? 1;
}
