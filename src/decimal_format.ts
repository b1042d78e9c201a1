/**
 * Python's `{:.Nf}` and `{:.Ne}`: exact decimal expansions with ties to even. `toFixed` and `toExponential` round
 * ties away from zero ((0.125).toFixed(2) is 0.13, Python's 0.12), switch notation at 1e21 and stop at 100 digits.
 */

const words = new BigUint64Array(1);
const float = new Float64Array(words.buffer);

function notFinite(value: number): string | undefined {
  if (Number.isNaN(value)) return 'nan';
  if (value === Infinity) return 'inf';
  if (value === -Infinity) return '-inf';
  return undefined;
}

function sign(value: number): string {
  return value < 0 || Object.is(value, -0) ? '-' : '';
}

/** |value| * 10^digits, rounded to the nearest integer, ties to even. */
function scaled(value: number, digits: number): bigint {
  float[0] = Math.abs(value);
  const exponentBits = Number(words[0] >> 52n);
  const fraction = words[0] & 0xfffffffffffffn;
  // value = mantissa * 2^exponent
  const exponent = Math.max(exponentBits, 1) - 1075;
  let numerator = exponentBits === 0 ? fraction : fraction | 0x10000000000000n;
  let denominator = 1n;
  if (exponent > 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  if (digits > 0) numerator *= 10n ** BigInt(digits);
  else denominator *= 10n ** BigInt(-digits);
  const quotient = numerator / denominator;
  const twice = 2n * (numerator - quotient * denominator);
  const up = twice > denominator || (twice === denominator && (quotient & 1n) === 1n);
  return up ? quotient + 1n : quotient;
}

function withPoint(digits: string, decimals: number): string {
  if (decimals === 0) return digits;
  const padded = digits.padStart(decimals + 1, '0');
  return `${padded.slice(0, -decimals)}.${padded.slice(-decimals)}`;
}

export function formatFixed(value: number, decimals: number): string {
  return notFinite(value) ?? sign(value) + withPoint(String(scaled(value, decimals)), decimals);
}

export function formatExponential(value: number, decimals: number): string {
  const special = notFinite(value);
  if (special !== undefined) return special;
  // The shortest spelling that reads back may round up over a power of ten, and so may the rounding here.
  let exponent = value === 0 ? 0 : Number(value.toExponential().split('e')[1]);
  let digits = String(scaled(value, decimals - exponent));
  if (value !== 0 && digits.length !== decimals + 1) {
    exponent += digits.length - decimals - 1;
    digits = String(scaled(value, decimals - exponent));
  }
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${sign(value)}${withPoint(digits.padEnd(decimals + 1, '0'), decimals)}e${exponent < 0 ? '-' : '+'}${power}`;
}
