import { float64 } from '../dtype.js';
import { NotImplementedError, RuntimeError } from '../errors.js';
import { Tensor } from '../tensor.js';
import * as code from '../wasm/opcode.js';
import { binaryKernel } from './binary_kernel.js';
import { eq, ge, isnan, le, logical_and, logical_or, where } from './compare.js';
import { to } from './copy.js';
import { zeros_like } from './creation.js';
import { define } from './define.js';
import type { Op, Variant } from './define.js';
import { checkTarget, commonDtype } from './iterator.js';
import type { TensorOrNumber } from './iterator.js';
import { masked_fill } from './mask.js';
import { add, div, mul, neg, pow, sub } from './pointwise_binary.js';
import { exp, log, reciprocal } from './pointwise_unary.js';
import { floatDtype } from './unary_kernel.js';

type BinaryTensor<V extends Variant = Variant> = Op<(input: Tensor, other: Tensor) => Tensor, V>;
type BinaryScalar = Op<(input: Tensor, other: TensorOrNumber) => Tensor, 'method' | 'inplace'>;

interface Row {
  readonly name: string;
  readonly op: number;
  /** Integers become floats, are refused, or stay. Default: stay. */
  readonly ints?: 'promote' | 'refuse';
  /** Gradients of both operands from the arriving one, the operands and the result. */
  readonly grad: (g: Tensor, a: Tensor, b: Tensor, out: Tensor) => [Tensor | null, Tensor | null];
  readonly domain?: readonly [number, number];
}

const ALL: readonly Variant[] = ['method', 'inplace'];

function binary<V extends Variant = Variant>(
  row: Row,
  variants: readonly V[] = ALL as readonly V[],
): BinaryTensor<V> {
  const { name, op, ints, grad, domain } = row;
  return define(
    {
      schema: `${name}(Tensor input, Tensor other)`,
      forward: (ctx, a: Tensor, b: Tensor) => {
        const common = commonDtype([a, b]);
        checkTarget(ctx, ints === 'promote' ? floatDtype(common) : common);
        if (ints === 'refuse' && !common.is_floating_point) {
          throw new NotImplementedError(`"${name}_cpu" not implemented for '${common.scalarName}'`);
        }
        ctx.save(a, b);
        const out = binaryKernel(ctx, op, a, b, ints === 'promote' ? floatDtype(common) : common);
        ctx.saveOutput(out);
        return out;
      },
      backward: (ctx, g) => {
        const [a, b, out] = ctx.saved();
        return grad(g, a, b, out);
      },
      samples: (make) => {
        const draw = (...shape: number[]): Tensor =>
          domain === undefined ? make(...shape) : make.uniform(domain[0], domain[1], ...shape);
        return [
          [draw(2, 3), draw(2, 3)],
          [draw(2, 1), draw(3)],
        ];
      },
    },
    variants,
  );
}

/** The angle of the point (other, input), from −π to π. */
export const atan2: BinaryTensor = binary({
  name: 'atan2',
  op: code.B_ATAN2,
  ints: 'promote',
  grad: (g, a, b) => {
    const r = reciprocal(add(mul(a, a), mul(b, b)));
    return [mul(mul(g, b), r), mul(mul(g, neg(a)), r)];
  },
});
export const arctan2: BinaryTensor = atan2;

/** √(input² + other²). */
export const hypot: BinaryTensor = binary({
  name: 'hypot',
  op: code.B_HYPOT,
  ints: 'refuse',
  grad: (g, a, b, out) => [mul(g, div(a, out)), mul(g, div(b, out))],
});

/** log(eᵃ + eᵇ). */
export const logaddexp: BinaryTensor<'method'> = binary(
  {
    name: 'logaddexp',
    op: code.B_LOGADDEXP,
    ints: 'refuse',
    grad: (g, a, b) => [div(g, add(exp(sub(b, a)), 1)), div(g, add(exp(sub(a, b)), 1))],
  },
  ['method'],
);

/** log₂(2ᵃ + 2ᵇ). */
export const logaddexp2: BinaryTensor<'method'> = binary(
  {
    name: 'logaddexp2',
    op: code.B_LOGADDEXP2,
    ints: 'refuse',
    grad: (g, a, b) => [div(g, add(pow(2, sub(b, a)), 1)), div(g, add(pow(2, sub(a, b)), 1))],
  },
  ['method'],
);

/** The larger operand; of a NaN and a number the number. */
export const fmax: BinaryTensor<'method'> = binary(
  {
    name: 'fmax',
    op: code.B_FMAX,
    grad: (g, a, b) => {
      const first = logical_or(ge(a, b), isnan(b));
      return [where(first, g, 0), where(first, 0, g)];
    },
  },
  ['method'],
);

/** The smaller operand; of a NaN and a number the number. */
export const fmin: BinaryTensor<'method'> = binary(
  {
    name: 'fmin',
    op: code.B_FMIN,
    grad: (g, a, b) => {
      const first = logical_or(le(a, b), isnan(b));
      return [where(first, g, 0), where(first, 0, g)];
    },
  },
  ['method'],
);

/** 0 below 0, 1 above, `values` at 0. */
export const heaviside: Op<(input: Tensor, values: Tensor) => Tensor, 'method' | 'inplace'> = define(
  {
    schema: 'heaviside(Tensor input, Tensor values)',
    forward: (ctx, a: Tensor, b: Tensor) => {
      if (a.dtype !== b.dtype) {
        throw new RuntimeError('heaviside is not yet implemented for tensors with different dtypes.');
      }
      return binaryKernel(ctx, code.B_HEAVISIDE, a, b, a.dtype);
    },
    backward: 'none',
    samples: (make) => [[make.int(-1, 2, 2, 3), make.int(0, 9, 3)]],
  },
  ['method', 'inplace'],
);

/** The magnitude of input with the sign of other. */
export const copysign: BinaryScalar = define(
  {
    schema: 'copysign(Tensor input, Tensor|Scalar other)',
    forward: (ctx, a: Tensor, b: TensorOrNumber) => {
      ctx.save(ctx.needs[0] ? a : null);
      const out = binaryKernel(ctx, code.B_COPYSIGN, a, b, floatDtype(commonDtype([a, b])));
      ctx.saveOutput(out);
      return out;
    },
    backward: (ctx, g) => {
      const [a, out] = ctx.saved();
      return [
        ctx.needs[0] ? masked_fill(mul(g, div(out, a)), eq(a, 0), 0) : null,
        ctx.needs[1] ? zeros_like(g) : null,
      ];
    },
    samples: (make) => [
      [make(2, 3), make(3)],
      [make(2, 3), -1],
    ],
  },
  ['method', 'inplace'],
);

/** input · log(other), 0 where input is 0. Either may be a number, not both. */
export const xlogy: Op<(input: TensorOrNumber, other: TensorOrNumber) => Tensor, 'method' | 'inplace'> =
  define(
    {
      schema: 'xlogy(Tensor|Scalar input, Tensor|Scalar other)',
      forward: (ctx, a: TensorOrNumber, b: TensorOrNumber) => {
        if (!(a instanceof Tensor) && !(b instanceof Tensor)) {
          throw new TypeError('xlogy(): at least one of input and other must be a Tensor');
        }
        ctx.save(a instanceof Tensor ? a : null, b instanceof Tensor ? b : null);
        return binaryKernel(ctx, code.B_XLOGY, a, b, floatDtype(commonDtype([a, b])));
      },
      backward: (ctx, g) => {
        const [savedA, savedB] = ctx.saved() as (Tensor | null)[];
        const a = savedA ?? (ctx.args[0] as number | boolean);
        const b = savedB ?? (ctx.args[1] as number | boolean);
        let left: Tensor | null = null;
        if (ctx.needs[0]) {
          const none = logical_and(eq(a as Tensor, 0), b instanceof Tensor ? le(b, 0) : !(Number(b) > 0));
          const logB = b instanceof Tensor ? log(b) : Math.log(Number(b));
          left = masked_fill(mul(g, logB), none, 0);
        }
        return [left, ctx.needs[1] ? div(mul(g, a), b) : null];
      },
      samples: (make) => [
        [make(2, 3), make.uniform(0.5, 2, 3)],
        [make(2, 3), 2],
        [2, make.uniform(0.5, 2, 3)],
      ],
    },
    ['method', 'inplace'],
  );

/** input to the power of exponent, computed and returned in float64. */
export const float_power: Op<(input: TensorOrNumber, exponent: TensorOrNumber) => Tensor, 'method'> = define(
  {
    schema: 'float_power(Tensor|Scalar input, Tensor|Scalar exponent)',
    forward: (_ctx, a: TensorOrNumber, b: TensorOrNumber) => pow(wide(a), wide(b)),
    backward: 'composite',
    samples: (make) => [
      [make.uniform(0.5, 2, 2, 3), make(3)],
      [make.uniform(0.5, 2, 3), 2],
    ],
  },
  ['method'],
);

function wide(x: TensorOrNumber): TensorOrNumber {
  return x instanceof Tensor ? to(x, float64) : x;
}
