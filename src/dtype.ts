import { RuntimeError } from './errors.js';

export type DTypeName = 'bool' | 'uint8' | 'int8' | 'int16' | 'int32' | 'int64' | 'float32' | 'float64';

/** An element type. Compared by identity: there is one object per type. */
export class DType {
  constructor(
    /** torch's name, without the `torch.` prefix. */
    readonly name: DTypeName,
    /** The number that kernels know the type by. */
    readonly code: number,
    readonly itemsize: number,
    readonly is_floating_point: boolean,
    readonly is_signed: boolean,
    /** torch's legacy tensor type, as its messages spell it. */
    readonly scalarName: string,
  ) {}

  toString(): string {
    return `torch.${this.name}`;
  }
}

export const bool = new DType('bool', 0, 1, false, false, 'Bool');
export const uint8 = new DType('uint8', 1, 1, false, false, 'Byte');
export const int8 = new DType('int8', 2, 1, false, true, 'Char');
export const int16 = new DType('int16', 3, 2, false, true, 'Short');
export const int32 = new DType('int32', 4, 4, false, true, 'Int');
export const int64 = new DType('int64', 5, 8, false, true, 'Long');
export const float32 = new DType('float32', 6, 4, true, true, 'Float');
export const float64 = new DType('float64', 7, 8, true, true, 'Double');

/** Every dtype, at the index of its code. */
export const DTYPES: readonly DType[] = [bool, uint8, int8, int16, int32, int64, float32, float64];

/** The smallest and the largest number of a dtype, infinities apart; those of int64 rounded to the nearest number of JavaScript. */
export function limits(dtype: DType): [lowest: number, highest: number] {
  if (dtype.is_floating_point) {
    const highest = dtype === float32 ? (2 - 2 ** -23) * 2 ** 127 : Number.MAX_VALUE;
    return [-highest, highest];
  }
  if (dtype === bool) return [0, 1];
  const bits = 8 * dtype.itemsize;
  return dtype.is_signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
}

let defaultDtype = float32;

/** The dtype that Python floats (non-integer numbers) become. */
export function get_default_dtype(): DType {
  return defaultDtype;
}

/** Sets the default floating point dtype. */
export function set_default_dtype(dtype: DType): void {
  if (!dtype.is_floating_point) {
    throw new TypeError(`only floating-point types are supported as the default type, got ${dtype}`);
  }
  defaultDtype = dtype;
}

/**
 * torch's type promotion of two dtypes of the same standing.
 *
 * @example
 * console.log(String(torch.promote_types(torch.int64, torch.float32))); // torch.float32
 */
export function promote_types(a: DType, b: DType): DType {
  if (a === b) return a;
  if (a.is_floating_point || b.is_floating_point) {
    if (a.is_floating_point && b.is_floating_point) return a.itemsize >= b.itemsize ? a : b;
    return a.is_floating_point ? a : b;
  }
  if (a === bool) return b;
  if (b === bool) return a;
  if (a === uint8 || b === uint8) {
    const other = a === uint8 ? b : a;
    return other === int8 ? int16 : other;
  }
  return a.itemsize >= b.itemsize ? a : b;
}

/** bool < integer < floating: within a promotion a higher category wins whatever its size. */
function category(dtype: DType): number {
  if (dtype === bool) return 0;
  return dtype.is_floating_point ? 2 : 1;
}

/** What promotion looks at: a tensor with dimensions, a 0-dim tensor, or a plain number. */
export interface PromotionOperand {
  readonly dtype: DType;
  readonly standing: 'tensor' | 'scalar' | 'number';
}

/**
 * torch.result_type over any number of operands: tensors with dimensions decide; 0-dim tensors and then plain numbers
 * only lift the result to a higher category.
 */
export function resultType(operands: readonly PromotionOperand[]): DType {
  let result: DType | null = null;
  for (const standing of ['tensor', 'scalar', 'number'] as const) {
    let level: DType | null = null;
    for (const operand of operands) {
      if (operand.standing !== standing) continue;
      level = level === null ? operand.dtype : promote_types(level, operand.dtype);
    }
    if (level === null) continue;
    if (result === null || category(level) > category(result)) {
      result = result !== null && standing === 'number' && level.is_floating_point ? defaultDtype : level;
    }
  }
  if (result === null) throw new RuntimeError('result_type: expected at least one operand');
  return result;
}

/** Whether torch lets a value of `from` be written into a tensor of `to` (in-place results). */
export function can_cast(from: DType, to: DType): boolean {
  return category(from) <= category(to);
}

/** The dtype that a plain JavaScript value has in promotion. */
export function numberDtype(value: number | boolean): DType {
  if (typeof value === 'boolean') return bool;
  return Number.isInteger(value) ? int64 : defaultDtype;
}
