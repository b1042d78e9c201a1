import { pyFloat } from '../python_text.js';
import type { Tensor } from '../tensor.js';

/** A value in a message: a 0-dim tensor as Python's number. */
export function valueText(value: Tensor | number): string {
  if (typeof value === 'number') return pyFloat(value);
  if (value.ndim > 0) return String(value);
  return value.is_floating_point() ? pyFloat(value.item()) : String(value.item());
}
