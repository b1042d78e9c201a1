import { int32 } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import { to } from './copy.js';
import { define } from './define.js';
import type { Op, Variant } from './define.js';
import { dense } from './dense.js';
import { floatsOf, mapFloats } from './float_map.js';
import { checkTarget, commonDtype } from './iterator.js';
import type { TensorOrNumber } from './iterator.js';
import { named } from './named.js';
import { div, mul, pow } from './pointwise_binary.js';
import { floatDtype } from './unary_kernel.js';

const bits = new DataView(new ArrayBuffer(8));

/** The exponent e of x = m · 2^e with 0.5 ≤ |m| < 1. */
function exponentOf(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return 0;
  bits.setFloat64(0, x);
  const raw = (bits.getUint32(0) >>> 20) & 0x7ff;
  return raw === 0 ? exponentOf(x * 2 ** 54) - 54 : raw - 1022;
}

/** x / 2^e without overflow of the power. */
function scaledDown(x: number, e: number): number {
  const half = e >> 1;
  return x / 2 ** half / 2 ** (e - half);
}

/** What `frexp` returns. */
export type MantissaExponent = [mantissa: Tensor, exponent: Tensor] & {
  readonly mantissa: Tensor;
  readonly exponent: Tensor;
};

/**
 * The mantissa in [0.5, 1) and the exponent (int32) of input = mantissa · 2^exponent: `[mantissa, exponent]`.
 *
 * @example
 * const [mantissa, exponent] = torch.frexp(torch.tensor([6.5]));
 * console.log(mantissa.item(), exponent.item()); // 0.8125 3
 */
export const frexp: Op<(input: Tensor) => MantissaExponent, 'method'> = define(
  {
    schema: 'frexp(Tensor input)',
    forward: (ctx, x: Tensor) => {
      if (!x.dtype.is_floating_point) {
        throw new RuntimeError('torch.frexp() only supports floating-point dtypes');
      }
      const source = dense(x);
      const mantissa = allocate(x.shape, x.dtype);
      const exponent = allocate(x.shape, int32);
      const from = floatsOf(source);
      const m = floatsOf(mantissa);
      const { i32 } = runtime().heap;
      const at = address(exponent) >> 2;
      for (let i = 0; i < from.length; i++) {
        const e = exponentOf(from[i]);
        i32[at + i] = e;
        m[i] = scaledDown(from[i], e);
      }
      ctx.save(exponent);
      return named(['mantissa', 'exponent'], [mantissa, exponent]);
    },
    backward: (ctx, g) => {
      const [exponent] = ctx.saved();
      return [div(g, pow(2, to(exponent, g.dtype)))];
    },
    samples: (make) => [[make(2, 3)]],
  },
  ['method'],
);

/** input · 2^other. */
export const ldexp: Op<(input: Tensor, other: Tensor) => Tensor, 'method' | 'inplace'> = define(
  {
    schema: 'ldexp(Tensor input, Tensor other)',
    forward: (_ctx, x: Tensor, other: Tensor) => mul(x, pow(2, to(other, floatDtype(other.dtype)))),
    backward: 'composite',
    samples: (make) => [
      [make(2, 3), make(3)],
      [make(3), make.int(-2, 3, 3)],
    ],
  },
  ['method', 'inplace'],
);

/** The float64 after a in the direction of b. */
function nextDouble(a: number, b: number): number {
  bits.setFloat64(0, a);
  bits.setBigInt64(0, bits.getBigInt64(0) + (a < b === a > 0 ? 1n : -1n));
  return bits.getFloat64(0);
}

/** The float32 after a in the direction of b. */
function nextSingle(a: number, b: number): number {
  bits.setFloat32(0, a);
  bits.setInt32(0, bits.getInt32(0) + (a < b === a > 0 ? 1 : -1));
  return bits.getFloat32(0);
}

/** The next number of the dtype after each element of input in the direction of other. */
export const nextafter: Op<(input: Tensor, other: Tensor) => Tensor, Variant> = define(
  {
    schema: 'nextafter(Tensor input, Tensor other)',
    forward: (ctx, a: Tensor, b: Tensor) => {
      const dtype = commonDtype([a, b] as TensorOrNumber[]);
      checkTarget(ctx, dtype);
      if (!dtype.is_floating_point) {
        throw new RuntimeError(`"nextafter_cpu" not implemented for '${dtype.scalarName}'`);
      }
      const [tiny, next] =
        dtype.itemsize === 8 ? ([5e-324, nextDouble] as const) : ([2 ** -149, nextSingle] as const);
      return mapFloats(a, b, dtype, (x, y) => {
        if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
        if (x === y) return y;
        if (x === 0) return y > 0 ? tiny : -tiny;
        return next(x, y);
      });
    },
    backward: 'none',
    samples: (make) => [[make.uniform(1, 2, 2, 3), make(3)]],
  },
  ['method', 'inplace'],
);
