/** Numbers as arguments of operators on tensors of another dtype. */
import { DTYPES, uint8 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';

/** C's names of the types, as torch's messages spell them, in the order of the codes. */
const C_NAMES = ['bool', 'uint8_t', 'int8_t', 'int16_t', 'int', 'int64_t', 'float', 'double'];

/** The smallest and the largest number of a dtype; infinities apart. */
function limits(dtype: DType): [lowest: number, highest: number] {
  if (dtype.is_floating_point) {
    const highest = dtype.itemsize === 4 ? 3.4028234663852886e38 : Number.MAX_VALUE;
    return [-highest, highest];
  }
  const bits = 8 * dtype.itemsize;
  return dtype.is_signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
}

/** A number in a dtype, by torch's rules: a negative integer wraps once in uint8, and what does not fit raises. */
export function converted(value: number, dtype: DType): number {
  const [lowest, highest] = limits(dtype);
  if (dtype.is_floating_point && !Number.isFinite(value)) return value;
  if (dtype === uint8 && Number.isInteger(value) && value < 0 && -value <= highest)
    return value + highest + 1;
  if (!(value >= lowest && value <= highest)) {
    throw new RuntimeError(
      `value cannot be converted to type ${C_NAMES[DTYPES.indexOf(dtype)]} without overflow`,
    );
  }
  return value;
}
