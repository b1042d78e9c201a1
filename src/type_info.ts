import { DType, bool, float32, get_default_dtype, limits } from './dtype.js';

/** The limits of a floating dtype. */
export interface FInfo {
  readonly bits: number;
  /** The distance from 1 to the next number. */
  readonly eps: number;
  readonly max: number;
  readonly min: number;
  /** The smallest positive number of full precision; `smallest_normal` is the same. */
  readonly tiny: number;
  readonly smallest_normal: number;
  /** A power of ten that says how many decimal digits there are. */
  readonly resolution: number;
  readonly dtype: string;
  toString(): string;
}

/** The limits of an integer dtype; those of int64 are bigints, since they are no safe numbers. */
export interface IInfo {
  readonly bits: number;
  readonly max: number | bigint;
  readonly min: number | bigint;
  readonly dtype: string;
  toString(): string;
}

/** A number as C++ prints it, with six digits. */
function sixDigits(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const [mantissa, exponent] = value.toExponential(5).split('e') as [string, string];
  return `${Number(mantissa)}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

function withText<T extends object>(info: T, text: string): T {
  const hidden = { value: () => text };
  return Object.defineProperties(info, {
    toString: hidden,
    [Symbol.for('nodejs.util.inspect.custom')]: hidden,
  });
}

function checkType(name: string, type: DType): void {
  if (!(type instanceof DType)) {
    throw new TypeError(`${name}(): argument 'type' (position 1) must be torch.dtype, not ${typeof type}`);
  }
}

/**
 * The limits of a floating dtype, by default of the default one.
 *
 * @throws TypeError for a dtype of integers
 * @example
 * console.log(torch.finfo(torch.float32).eps, torch.finfo(torch.float64).max); // 1.1920928955078125e-7 1.7976931348623157e+308
 */
export function finfo(type: DType = get_default_dtype()): FInfo {
  checkType('finfo', type);
  if (!type.is_floating_point) {
    throw new TypeError(
      "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'",
    );
  }
  const single = type === float32;
  const [min, max] = limits(type);
  const tiny = single ? 2 ** -126 : 2 ** -1022;
  const info: FInfo = {
    bits: type.itemsize * 8,
    eps: single ? 2 ** -23 : 2 ** -52,
    max,
    min,
    tiny,
    smallest_normal: tiny,
    resolution: single ? 1e-6 : 1e-15,
    dtype: type.name,
  };
  const keys = ['resolution', 'min', 'max', 'eps', 'smallest_normal', 'tiny'] as const;
  const parts = keys.map((key) => `${key}=${sixDigits(info[key])}`);
  return withText(info, `finfo(${parts.join(', ')}, dtype=${type.name})`);
}

/**
 * The limits of an integer dtype.
 * Differs from torch: those of int64 are bigints.
 *
 * @throws TypeError for bool and for a floating dtype
 * @example
 * console.log(torch.iinfo(torch.int8).min, torch.iinfo(torch.int32).max); // -128 2147483647
 */
export function iinfo(type: DType): IInfo {
  checkType('iinfo', type);
  if (type.is_floating_point) {
    throw new TypeError(
      "torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'",
    );
  }
  if (type === bool) throw new TypeError('torch.bool is not supported by torch.iinfo');
  const bits = type.itemsize * 8;
  const [min, max] = bits < 64 ? limits(type) : [-(2n ** 63n), 2n ** 63n - 1n];
  const text = `iinfo(min=${sixDigits(Number(min))}, max=${sixDigits(Number(max))}, dtype=${type.name})`;
  return withText({ bits, max, min, dtype: type.name }, text);
}
