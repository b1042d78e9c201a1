import { fromJson } from './case.js';
import type { Arg, Case } from './case.js';

/** The finite numbers of an argument's tensors. */
function numbers(arg: Arg): number[] {
  if (Array.isArray(arg)) return (arg as readonly Arg[]).flatMap(numbers);
  if (typeof arg !== 'object' || arg === null || !('tensor' in arg)) return [];
  return arg.data.map(fromJson).filter((x) => Number.isFinite(x));
}

/** How many times the usual tolerance an operator's result may be off, where there is a reason for it. */
const FACTORS: Readonly<Record<string, number | ((one: Case) => number)>> = {
  // x − mean is off by 2⁻²³ of numbers up to 2, times up to 1 / √eps = 316, times weights up to 2.
  batch_norm: 10,
  group_norm: 10,
  instance_norm: 10,
  layer_norm: 10,
  native_batch_norm: 10,
  native_layer_norm: 10,
  // Its gradient has e to the power of −(result + x² / 2), of whose terms, nearly −x² / 2 and x² / 2, only the rounding is left
  // far below 0: off by 2⁻²³ x² / 2 of itself, on either side, where the usual tolerance is 10⁻⁴.
  log_ndtr: ({ args }) => Math.max(1, ...numbers(args).map((x) => (2 ** -23 * x * x) / 1e-4)),
};

/** Functions of matrices whose algorithms bound the error by the largest element of the result, not each element's by itself. */
const NORMWISE: ReadonlySet<string> = new Set(['eigh', 'matrix_exp', 'svd']);

export function isNormwise(op: string): boolean {
  return NORMWISE.has(op);
}

/** Operators that make float32 of integers before they meet the float64 of another argument. */
const VIA_FLOAT32: ReadonlySet<string> = new Set(['ldexp', 'triplet_margin_loss']);

/** Operators whose constants torch 1.13 has to 7 digits: beyond 5 these are off by 4e-7 (J) and 8e-7 (Y) in float64 too. */
const COARSE: ReadonlySet<string> = new Set(['bessel_j0', 'bessel_j1', 'bessel_y0', 'bessel_y1']);

/** Whether the result is no more exact than float32: a tensor or a keyword of the call is, or a step on the way. */
export function usesFloat32(one: Case): boolean {
  if (COARSE.has(one.op)) return true;
  const text = JSON.stringify(one);
  return text.includes('"float32"') || (VIA_FLOAT32.has(one.op) && text.includes('"tensor":"int'));
}

export function toleranceFactor(one: Case): number {
  const factor = FACTORS[one.op.replace(/_$/, '')] ?? 1;
  return typeof factor === 'number' ? factor : factor(one);
}
