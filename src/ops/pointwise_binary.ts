import { bool } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { Tensor } from '../tensor.js';
import * as code from '../wasm/opcode.js';
import { binaryKernel } from './binary_kernel.js';
import type { Binary } from './binary_kernel.js';
import { eq, ge, gt, logical_and, lt, where } from './compare.js';
import { to } from './copy.js';
import { zeros_like } from './creation.js';
import { define } from './define.js';
import type { Args, Context, Op, Variant } from './define.js';
import { addFollowing } from './follow.js';
import { checkTarget, commonDtype } from './iterator.js';
import type { TensorOrNumber } from './iterator.js';
import { log } from './pointwise_unary.js';
import { addSparse, divSparse, mulSparse, negSparse } from './sparse_arithmetic.js';
import { floatDtype, unaryKernel } from './unary_kernel.js';
import type { Unary } from './unary_kernel.js';

/** The gradient of one operand, from the arriving one and both operands. */
type SideGrad = (g: Tensor, self: Tensor, other: TensorOrNumber) => Tensor;

/** Which forms an operator has. */
const ALL: readonly Variant[] = ['method', 'inplace'];

interface BinaryRow {
  readonly name: string;
  readonly code: number;
  /** Integers become floats. Default false. */
  readonly promote?: boolean;
  readonly refuse?: (dtype: DType) => string | null;
  readonly self: SideGrad;
  readonly other: SideGrad;
  /** Which operands the gradient of self and of other read; those are saved only if that gradient is wanted. */
  readonly reads: readonly [self: string, other: string];
  readonly domain?: readonly [number, number];
  readonly sparse?: (ctx: Context, a: Tensor, b: TensorOrNumber) => Tensor;
}

function binary<V extends Variant = Variant>(
  row: BinaryRow,
  variants: readonly V[] = ALL as readonly V[],
): Binary<V> {
  const { domain, sparse } = row;
  const save = (ctx: Context, a: Tensor, b: TensorOrNumber): void => {
    const reads = (ctx.needs[0] ? row.reads[0] : '') + (ctx.needs[1] ? row.reads[1] : '');
    ctx.save(reads.includes('self') ? a : null, reads.includes('other') && b instanceof Tensor ? b : null);
  };
  return define(
    {
      schema: `${row.name}(Tensor input, Tensor|Scalar other)`,
      forward: (ctx, a: Tensor, b: TensorOrNumber) => {
        const common = commonDtype([a, b]);
        const refused = row.refuse?.(common) ?? null;
        if (refused !== null) throw new RuntimeError(refused);
        save(ctx, a, b);
        return binaryKernel(ctx, row.code, a, b, row.promote ? floatDtype(common) : common);
      },
      sparse:
        sparse &&
        ((ctx, a: Tensor, b: TensorOrNumber) => {
          save(ctx, a, b);
          return sparse(ctx, a, b);
        }),
      backward: (ctx, g) => {
        const [a, b] = ctx.saved();
        const other = b ?? (ctx.args[1] as TensorOrNumber);
        return [ctx.needs[0] ? row.self(g, a, other) : null, ctx.needs[1] ? row.other(g, a, other) : null];
      },
      samples: (make) => {
        const draw = (...shape: number[]): Tensor =>
          domain === undefined ? make(...shape) : make.uniform(domain[0], domain[1], ...shape);
        return [
          [draw(2, 3), draw(2, 3)],
          [draw(2, 3), draw(3)],
          [draw(3, 1), draw(1, 2)],
          [draw(3, 2).t(), draw(2, 3)],
          [draw(2, 3), 2],
          [draw(2), draw()],
        ];
      },
    },
    variants,
  );
}

type WithAlpha = Op<
  (...args: Args<[input: Tensor, other: TensorOrNumber], [], { alpha?: number }>) => Tensor,
  'method' | 'inplace'
>;

function refuseBools(a: Tensor, b: TensorOrNumber): void {
  const bools = [a, b].filter((x) => (x instanceof Tensor ? x.dtype === bool : typeof x === 'boolean'));
  if (bools.length === 0) return;
  throw new RuntimeError(
    bools.length === 2
      ? 'Subtraction, the `-` operator, with two bool tensors is not supported. ' +
          'Use the `^` or `logical_xor()` operator instead.'
      : 'Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use ' +
          'the `~` or `logical_not()` operator instead.',
  );
}

/** What the other operand is multiplied by. */
function factorOf(sign: number, alpha: number | boolean, dtype: DType): number {
  if (!dtype.is_floating_point && !Number.isInteger(Number(alpha))) {
    throw new RuntimeError('For integral input tensors, argument alpha must not be a floating point number.');
  }
  return dtype === bool ? Number(Boolean(alpha)) : sign * Number(alpha);
}

function additive(name: string, sign: 1 | -1): WithAlpha {
  return define(
    {
      schema: `${name}(Tensor input, Tensor|Scalar other, *, Scalar alpha=1)`,
      forward: (ctx, a: Tensor, b: TensorOrNumber, alpha: number | boolean) => {
        const dtype = commonDtype([a, b]);
        if (sign < 0) refuseBools(a, b);
        checkTarget(ctx, dtype);
        const factor = factorOf(sign, alpha, dtype);
        const following = factor === 1 && b instanceof Tensor ? addFollowing(ctx, a, b) : null;
        return following ?? binaryKernel(ctx, code.B_ADD, a, b, dtype, factor);
      },
      sparse: (ctx, a: Tensor, b: TensorOrNumber, alpha: number | boolean) => {
        const dtype = commonDtype([a, b]);
        if (sign < 0) refuseBools(a, b);
        return addSparse(ctx, a, b, factorOf(sign, alpha, dtype), dtype);
      },
      backward: (ctx, g) => {
        const alpha = sign * Number(ctx.args[2]);
        return [ctx.needs[0] ? g : null, ctx.needs[1] ? (alpha === 1 ? g : mul(g, alpha)) : null];
      },
      samples: (make) => [
        [make(2, 3), make(2, 3)],
        [make(2, 3), make(3), { alpha: 2 }],
        [make(3, 1), make(1, 2)],
        [make(2, 3), 1.5],
        [make(2), make()],
      ],
    },
    ['method', 'inplace'],
  );
}

/**
 * input + alpha · other, broadcast.
 *
 * @example
 * console.log(torch.ones(2).add(torch.ones(2), { alpha: 3 }).tolist()); // [ 4, 4 ]
 */
export const add: WithAlpha = additive('add', 1);
/** input − alpha · other, broadcast. */
export const sub: WithAlpha = additive('sub', -1);
export const subtract: WithAlpha = sub;

export const mul: Binary = binary({
  name: 'mul',
  code: code.B_MUL,
  self: (g, _a, b) => mul(g, b),
  other: (g, a) => mul(g, a),
  reads: ['other', 'self'],
  sparse: (ctx, a, b) => mulSparse(ctx, a, b),
});
export const multiply: Binary = mul;

const trueDivide: Binary = binary({
  name: 'div',
  code: code.B_DIV,
  promote: true,
  self: (g, _a, b) => div(g, b),
  other: (g, a, b) => neg(div(div(mul(g, a), b), b)),
  reads: ['other', 'self other'],
  domain: [0.5, 2],
  sparse: (ctx, a, b) => divSparse(ctx, a, b, null),
});
export const true_divide: Binary = trueDivide;

const floorDivide = rounded('floor_divide', code.B_FLOOR_DIV);
const truncDivide = rounded('trunc_divide', code.B_TRUNC_DIV);

function rounded(name: string, op: number): Binary {
  return binary({
    name,
    code: op,
    self: (g) => zeros_like(g),
    other: (g) => zeros_like(g),
    reads: ['', ''],
    domain: [0.5, 2],
    sparse: (ctx, a, b) => divSparse(ctx, a, b, op === code.B_FLOOR_DIV ? 'floor' : 'trunc'),
  });
}

/** ⌊input / other⌋. */
export const floor_divide: Binary = floorDivide;

function quotient(a: Tensor, b: TensorOrNumber, mode: string | null): Tensor {
  if (mode === null) return trueDivide(a, b);
  if (mode === 'floor') return floorDivide(a, b);
  if (mode === 'trunc') return truncDivide(a, b);
  throw new RuntimeError(
    `div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '${mode}'`,
  );
}

/**
 * input / other, broadcast.
 *
 * @param rounding_mode null for true division, `'trunc'` or `'floor'` to round the quotient
 * @example
 * console.log(torch.tensor([7, -7]).div(2, { rounding_mode: 'floor' }).tolist()); // [ 3, -4 ]
 */
export const div: Op<
  (
    ...args: Args<[input: Tensor, other: TensorOrNumber], [], { rounding_mode?: 'trunc' | 'floor' | null }>
  ) => Tensor,
  'method' | 'inplace'
> = define(
  {
    schema: 'div(Tensor input, Tensor|Scalar other, *, str? rounding_mode=None)',
    forward: (_ctx, a: Tensor, b: TensorOrNumber, mode: string | null) => quotient(a, b, mode),
    sparse: (ctx, a: Tensor, b: TensorOrNumber, mode: string | null) =>
      ctx.target === null || mode !== null ? quotient(a, b, mode) : divSparse(ctx, a, b, mode),
    backward: 'composite',
  },
  ['method', 'inplace'],
);
export const divide = div;

export const remainder: Binary = binary({
  name: 'remainder',
  code: code.B_REMAINDER,
  self: (g) => g,
  other: (g, a, b) => neg(mul(g, floorDivide(a, b))),
  reads: ['', 'self other'],
  domain: [0.6, 2],
});
export const fmod: Binary = binary({
  name: 'fmod',
  code: code.B_FMOD,
  self: (g) => g,
  other: (g, a, b) => neg(mul(g, truncDivide(a, b))),
  reads: ['', 'self other'],
  domain: [0.6, 2],
});
export const maximum: Binary<'method'> = extremum('maximum', code.B_MAXIMUM, (a, b) => lt(a as Tensor, b));
export const minimum: Binary<'method'> = extremum('minimum', code.B_MINIMUM, (a, b) => gt(a as Tensor, b));

/** Where both operands are equal each gets half of the gradient. */
function extremum(
  name: string,
  op: number,
  loses: (a: TensorOrNumber, b: TensorOrNumber) => Tensor,
): Binary<'method'> {
  return binary(
    {
      name,
      code: op,
      // Of a NaN both operands get the whole gradient, as in torch.
      self: (g, a, b) => share(g, loses(a, b), eq(a, b)),
      other: (g, a, b) => share(g, loses(b, a), eq(a, b)),
      reads: ['self other', 'self other'],
    },
    ['method'],
  );
}

function share(g: Tensor, none: Tensor, half: Tensor): Tensor {
  return where(none, 0, where(half, mul(g, 0.5), g));
}

/** sqrt, log and division leave NaN or inf where pow's gradient is 0 by convention. */
function powBase(g: Tensor, x: Tensor, exponent: TensorOrNumber): Tensor {
  if (typeof exponent !== 'object') {
    const p = Number(exponent);
    return p === 0 ? zeros_like(g) : mul(g, mul(pow(x, p - 1), p));
  }
  return where(eq(exponent, 0), 0, mul(g, mul(exponent, pow(x, sub(exponent, 1)))));
}

function powExponent(g: Tensor, x: TensorOrNumber, exponent: Tensor, out: Tensor): Tensor {
  if (!(x instanceof Tensor)) {
    return Number(x) === 0
      ? where(ge(exponent, 0), 0, mul(g, mul(out, -Infinity)))
      : mul(g, mul(out, Math.log(Number(x))));
  }
  return where(logical_and(eq(x, 0), ge(exponent, 0)), 0, mul(g, mul(out, log(x))));
}

/** input ^ exponent. Either may be a number, not both. */
export const pow: Op<(input: TensorOrNumber, exponent: TensorOrNumber) => Tensor, 'method' | 'inplace'> =
  define(
    {
      schema: 'pow(Tensor|Scalar input, Tensor|Scalar exponent)',
      forward: (ctx, x: TensorOrNumber, exponent: TensorOrNumber) => {
        const dtype = commonDtype([x, exponent]);
        if (!(x instanceof Tensor) && !(exponent instanceof Tensor)) {
          throw new TypeError('pow(): at least one of input and exponent must be a Tensor');
        }
        if (!dtype.is_floating_point && typeof exponent === 'number' && exponent < 0) {
          throw new RuntimeError('Integers to negative integer powers are not allowed.');
        }
        ctx.save(x instanceof Tensor ? x : null, exponent instanceof Tensor ? exponent : null);
        const out =
          x instanceof Tensor && !(exponent instanceof Tensor) && dtype.is_floating_point
            ? unaryKernel(ctx, code.U_POW_SCALAR, x, dtype, Number(exponent))
            : binaryKernel(ctx, code.B_POW, x, exponent, dtype);
        if (ctx.needs[1]) ctx.saveOutput(out);
        return out;
      },
      backward: (ctx, g) => {
        const [x, exponent, out] = ctx.saved();
        const base = x ?? (ctx.args[0] as number);
        const power = exponent ?? (ctx.args[1] as number);
        return [
          ctx.needs[0] ? powBase(g, base, power) : null,
          ctx.needs[1] ? powExponent(g, base, power, out) : null,
        ];
      },
      samples: (make) => [
        [make.uniform(0.5, 2, 2, 3), make(2, 3)],
        [make.uniform(0.5, 2, 3, 1), make(2)],
        [make(2, 3), 3],
        [make(2, 3), 2],
        [make.uniform(0.5, 2, 3), -0.5],
        [2, make(2, 3)],
      ],
    },
    ['method', 'inplace'],
  );

/** other − alpha · input. */
export const rsub: Op<
  (...args: Args<[input: Tensor, other: TensorOrNumber], [], { alpha?: number }>) => Tensor
> = define({
  schema: 'rsub(Tensor input, Tensor|Scalar other, *, Scalar alpha=1)',
  forward: (_ctx, x: Tensor, other: TensorOrNumber, alpha: number) =>
    other instanceof Tensor
      ? sub(other, x, { alpha })
      : add(mul(to(x, commonDtype([x, other])), -alpha), other),
  backward: 'composite',
  samples: (make) => [
    [make(2, 3), 2],
    [make.int(0, 3, 2, 3), 0.5],
    [make(2, 3), make(3), { alpha: 3 }],
  ],
});

/** −input. */
export const neg: Unary = define(
  {
    schema: 'neg(Tensor input)',
    forward: (ctx, x: Tensor) => {
      if (x.dtype === bool) {
        throw new RuntimeError(
          'Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` ' +
            'or `logical_not()` operator instead.',
        );
      }
      return unaryKernel(ctx, code.U_NEG, x, x.dtype);
    },
    sparse: (ctx, x: Tensor) => negSparse(ctx, x),
    backward: (_ctx, g) => [neg(g)],
    samples: (make) => [[make(2, 3)]],
  },
  ['method', 'inplace'],
);
export const negative: Unary = neg;
