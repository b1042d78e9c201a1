// Plain JavaScript references and the shapes that the pointwise tests run over.

import { type Dtype, type Layout } from './strided.js';

export const shapes: readonly number[][] = [[1], [7], [33], [3, 5], [2, 3, 19]];

/** Taylor series, to 1e-12 for |x| <= 3. */
export function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 80; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (sum * 2) / Math.sqrt(Math.PI);
}

export function nearestEven(x: number): number {
  const f = Math.floor(x);
  const d = x - f;
  if (d !== 0.5) return Math.round(x);
  return f % 2 === 0 ? f : f + 1;
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
export const pythonMod = (a: number, b: number): number => {
  const m = a % b;
  return m !== 0 && m < 0 !== b < 0 ? m + b : m;
};

export const abs = (x: bigint): bigint => (x < 0n ? -x : x);
export const big = {
  floorDiv: (a: bigint, b: bigint): bigint => (a % b !== 0n && a < 0n !== b < 0n ? a / b - 1n : a / b),
  mod: (a: bigint, b: bigint): bigint => (a % b !== 0n && a < 0n !== b < 0n ? (a % b) + b : a % b),
  max: (a: bigint, b: bigint): bigint => (a > b ? a : b),
  min: (a: bigint, b: bigint): bigint => (a < b ? a : b),
  gcd: (a: bigint, b: bigint): bigint => (b === 0n ? abs(a) : big.gcd(b, a % b)),
};
export const extremes = (dtype: Dtype): bigint[] => {
  const top = dtype.signed ? (1n << BigInt(dtype.bits - 1)) - 1n : (1n << BigInt(dtype.bits)) - 1n;
  return [
    0n,
    1n,
    2n,
    3n,
    5n,
    7n,
    100n,
    top,
    top - 1n,
    ...(dtype.signed ? [-1n, -2n, -7n, -100n, -top - 1n] : []),
  ];
};

export const pairs: [Layout, Layout, Layout][] = [
  ['dense', 'dense', 'dense'],
  ['dense', 'dense', 'scalar'],
  ['dense', 'scalar', 'dense'],
  ['dense', 'dense', 'row'],
  ['dense', 'column', 'dense'],
  ['dense', 'dense', 'column'],
  ['gap', 'reversed', 'dense'],
  ['reversed', 'gap', 'reversed'],
];
