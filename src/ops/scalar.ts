/** Numbers as arguments of operators on tensors of another dtype. */
import { DTYPES, bool, limits, uint8 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';

/** C's names of the types, as torch's messages spell them, in the order of the codes. */
const C_NAMES = ['bool', 'uint8_t', 'int8_t', 'int16_t', 'int', 'int64_t', 'float', 'double'];

/** A number in a dtype, by torch's rules: a negative integer wraps once in uint8, and what does not fit raises. */
export function converted(value: number, dtype: DType): number {
  const [lowest, highest] = limits(dtype);
  if (dtype === bool || (dtype.is_floating_point && !Number.isFinite(value))) return value;
  if (dtype === uint8 && Number.isInteger(value) && value < 0 && -value <= highest)
    return value + highest + 1;
  if (!(value >= lowest && value <= highest)) {
    throw new RuntimeError(
      `value cannot be converted to type ${C_NAMES[DTYPES.indexOf(dtype)]} without overflow`,
    );
  }
  return value;
}
