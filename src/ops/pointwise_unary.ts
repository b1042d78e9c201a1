import { bool, int64 } from '../dtype.js';
import { NotImplementedError, RuntimeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import * as code from '../wasm/opcode.js';
import { zeros_like } from './creation.js';
import { define } from './define.js';
import { digamma } from './polygamma.js';
import { add, div, mul, neg, pow, rsub, sub } from './pointwise_binary.js';
import { floatDtype, unaryKernel } from './unary_kernel.js';
import type { Unary } from './unary_kernel.js';

interface UnaryRow {
  readonly name: string;
  readonly code: number;
  /** Integers become the default float dtype, stay what they are (bool, too, or as int64), or are refused. Default: promote. */
  readonly ints?: 'promote' | 'keep' | 'widen' | 'refuse';
  /** bool inputs are refused with this advice. */
  readonly refuseBool?: string;
  /** Backward from the arriving gradient and the input (or the output, where `saves` says so). 'zero' for step functions. */
  readonly grad: ((g: Tensor, saved: Tensor) => Tensor) | 'zero';
  readonly saves?: 'input' | 'output' | 'nothing';
  /** Where samples are drawn. Default: standard normal. */
  readonly domain?: readonly [low: number, high: number];
}

function unary(row: UnaryRow): Unary {
  const { name, grad, saves = 'input', ints = 'promote', domain } = row;
  return define(
    {
      schema: `${name}(Tensor input)`,
      forward: (ctx, x: Tensor) => {
        if (x.dtype === bool && row.refuseBool !== undefined) throw new RuntimeError(row.refuseBool);
        if (ints === 'refuse' && !x.dtype.is_floating_point) {
          throw new NotImplementedError(`"${name}" not implemented for '${x.dtype.scalarName}'`);
        }
        const kept = ints === 'widen' && x.dtype === bool ? int64 : x.dtype;
        const dtype = ints === 'promote' ? floatDtype(x.dtype) : kept;
        if (grad !== 'zero' && saves === 'input') ctx.save(x);
        const out = unaryKernel(ctx, row.code, x, dtype);
        if (grad !== 'zero' && saves === 'output') ctx.saveOutput(out);
        return out;
      },
      backward: (ctx, g) => [grad === 'zero' ? zeros_like(g) : grad(g, ctx.saved()[0] ?? g)],
      samples: (make) =>
        domain === undefined
          ? [[make(2, 3)], [make(3, 2).t()], [make()]]
          : [[make.uniform(domain[0], domain[1], 2, 3)], [make.uniform(domain[0], domain[1])]],
    },
    ['method', 'inplace'],
  );
}

const one = (x: Tensor): Tensor => rsub(x, 1);
const squareOf = (x: Tensor): Tensor => mul(x, x);

export const abs: Unary = unary({
  name: 'abs',
  code: code.U_ABS,
  ints: 'keep',
  grad: (g, x) => mul(g, sign(x)),
});
export const absolute: Unary = abs;
export const sign: Unary = unary({ name: 'sign', code: code.U_SIGN, ints: 'keep', grad: 'zero' });
export const sqrt: Unary = unary({
  name: 'sqrt',
  code: code.U_SQRT,
  saves: 'output',
  grad: (g, out) => div(g, mul(out, 2)),
  domain: [0.5, 3],
});
export const rsqrt: Unary = unary({
  name: 'rsqrt',
  code: code.U_RSQRT,
  saves: 'output',
  grad: (g, out) => mul(mul(g, -0.5), pow(out, 3)),
  domain: [0.5, 3],
});
export const reciprocal: Unary = unary({
  name: 'reciprocal',
  code: code.U_RECIPROCAL,
  saves: 'output',
  grad: (g, out) => neg(mul(g, squareOf(out))),
  domain: [0.5, 3],
});
export const square: Unary = unary({
  name: 'square',
  code: code.U_SQUARE,
  ints: 'widen',
  grad: (g, x) => mul(g, mul(x, 2)),
});
export const exp: Unary = unary({
  name: 'exp',
  code: code.U_EXP,
  saves: 'output',
  grad: (g, out) => mul(g, out),
});
export const exp2: Unary = unary({
  name: 'exp2',
  code: code.U_EXP2,
  saves: 'output',
  grad: (g, out) => mul(mul(g, out), Math.LN2),
});
export const expm1: Unary = unary({
  name: 'expm1',
  code: code.U_EXPM1,
  saves: 'output',
  grad: (g, out) => mul(g, add(out, 1)),
});
export const log: Unary = unary({
  name: 'log',
  code: code.U_LOG,
  grad: (g, x) => div(g, x),
  domain: [0.5, 3],
});
export const log2: Unary = unary({
  name: 'log2',
  code: code.U_LOG2,
  grad: (g, x) => div(g, mul(x, Math.LN2)),
  domain: [0.5, 3],
});
export const log10: Unary = unary({
  name: 'log10',
  code: code.U_LOG10,
  grad: (g, x) => div(g, mul(x, Math.LN10)),
  domain: [0.5, 3],
});
export const log1p: Unary = unary({
  name: 'log1p',
  code: code.U_LOG1P,
  grad: (g, x) => div(g, add(x, 1)),
  domain: [-0.5, 3],
});
export const sin: Unary = unary({ name: 'sin', code: code.U_SIN, grad: (g, x) => mul(g, cos(x)) });
export const cos: Unary = unary({ name: 'cos', code: code.U_COS, grad: (g, x) => neg(mul(g, sin(x))) });
export const tan: Unary = unary({
  name: 'tan',
  code: code.U_TAN,
  saves: 'output',
  grad: (g, out) => mul(g, add(squareOf(out), 1)),
  domain: [-1, 1],
});
export const asin: Unary = unary({
  name: 'asin',
  code: code.U_ASIN,
  grad: (g, x) => mul(g, rsqrt(one(squareOf(x)))),
  domain: [-0.9, 0.9],
});
export const arcsin: Unary = asin;
export const acos: Unary = unary({
  name: 'acos',
  code: code.U_ACOS,
  grad: (g, x) => neg(mul(g, rsqrt(one(squareOf(x))))),
  domain: [-0.9, 0.9],
});
export const arccos: Unary = acos;
export const atan: Unary = unary({
  name: 'atan',
  code: code.U_ATAN,
  grad: (g, x) => div(g, add(squareOf(x), 1)),
});
export const arctan: Unary = atan;
export const sinh: Unary = unary({ name: 'sinh', code: code.U_SINH, grad: (g, x) => mul(g, cosh(x)) });
export const cosh: Unary = unary({ name: 'cosh', code: code.U_COSH, grad: (g, x) => mul(g, sinh(x)) });
export const tanh: Unary = unary({
  name: 'tanh',
  code: code.U_TANH,
  saves: 'output',
  grad: (g, out) => mul(g, one(squareOf(out))),
});
export const asinh: Unary = unary({
  name: 'asinh',
  code: code.U_ASINH,
  grad: (g, x) => mul(g, rsqrt(add(squareOf(x), 1))),
});
export const arcsinh: Unary = asinh;
export const acosh: Unary = unary({
  name: 'acosh',
  code: code.U_ACOSH,
  grad: (g, x) => mul(g, rsqrt(sub(squareOf(x), 1))),
  domain: [1.5, 3],
});
export const arccosh: Unary = acosh;
export const atanh: Unary = unary({
  name: 'atanh',
  code: code.U_ATANH,
  grad: (g, x) => div(g, one(squareOf(x))),
  domain: [-0.9, 0.9],
});
export const arctanh: Unary = atanh;
export const sigmoid: Unary = unary({
  name: 'sigmoid',
  code: code.U_SIGMOID,
  saves: 'output',
  grad: (g, out) => mul(g, mul(out, one(out))),
});
export const floor: Unary = unary({ name: 'floor', code: code.U_FLOOR, ints: 'keep', grad: 'zero' });
export const ceil: Unary = unary({ name: 'ceil', code: code.U_CEIL, ints: 'keep', grad: 'zero' });
export const trunc: Unary = unary({ name: 'trunc', code: code.U_TRUNC, ints: 'keep', grad: 'zero' });
export const fix: Unary = trunc;
export const frac: Unary = unary({
  name: 'frac',
  code: code.U_FRAC,
  ints: 'refuse',
  saves: 'nothing',
  grad: (g) => g,
});
export const erf: Unary = unary({
  name: 'erf',
  code: code.U_ERF,
  grad: (g, x) => mul(mul(g, 2 / Math.sqrt(Math.PI)), exp(neg(squareOf(x)))),
});
export const erfc: Unary = unary({
  name: 'erfc',
  code: code.U_ERFC,
  grad: (g, x) => mul(mul(g, -2 / Math.sqrt(Math.PI)), exp(neg(squareOf(x)))),
});
export const erfinv: Unary = unary({
  name: 'erfinv',
  code: code.U_ERFINV,
  saves: 'output',
  grad: (g, out) => mul(mul(g, Math.sqrt(Math.PI) / 2), exp(squareOf(out))),
  domain: [-0.8, 0.8],
});
export const lgamma: Unary = unary({
  name: 'lgamma',
  code: code.U_LGAMMA,
  grad: (g, x) => mul(g, digamma(x)),
  domain: [0.5, 3],
});
