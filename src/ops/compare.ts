import { bool } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { broadcastShapes, broadcastStrides, numel } from '../shape.js';
import { Tensor } from '../tensor.js';
import { allocate } from '../tensor_handle.js';
import * as code from '../wasm/opcode.js';
import { define } from './define.js';
import type { AnyDefinition, Context, Op, Variant } from './define.js';
import { cast } from './dense.js';
import { commonDtype, operandOf, prepareLoop, scalarOperand, shapeOf, writeDescriptor } from './iterator.js';
import type { TensorOrNumber } from './iterator.js';
import { fillKernel } from './make.js';
import { nonzero } from './mask.js';
import { runLoop } from './run_loop.js';

/** Comparison of two operands into bool, with method and in-place form (which keeps the tensor's dtype). */
export type Comparison = Op<(input: Tensor, other: TensorOrNumber) => Tensor, 'method' | 'inplace'>;
/** A test of each element into bool. */
export type Test = Op<(input: Tensor) => Tensor, 'method'>;

/** In place, what was there before does not matter to the result. */
function zeroGradient(ctx: Context, g: Tensor): (Tensor | null)[] {
  const out = allocate(g.shape, g.dtype);
  fillKernel(out, 0);
  return ctx.needs.map((_, i) => (i === 0 ? out : null));
}

function comparison(name: string, op: number): Comparison {
  return compared(name, op, { inplaceBackward: zeroGradient });
}

function compared(name: string, op: number, inplace: Pick<AnyDefinition, 'inplaceBackward'>): Comparison {
  return define(
    {
      schema: `${name}(Tensor input, Tensor|Scalar other)`,
      forward: (ctx: Context, a: Tensor, b: TensorOrNumber) => {
        const dtype = commonDtype([a, b]);
        const { inputs, out, desc } = prepareLoop(ctx, [a, b], dtype, bool);
        if (desc !== null) runLoop('compare', [dtype.code, op], inputs, out, desc, []);
        return out;
      },
      backward: 'none',
      ...inplace,
      samples: (make) => [
        [make.int(0, 3, 2, 3), make.int(0, 3, 3)],
        [make.int(0, 3, 4), 1],
      ],
    },
    ['method', 'inplace'],
  );
}

export const eq: Comparison = comparison('eq', code.C_EQ);
export const ne: Comparison = comparison('ne', code.C_NE);
export const lt: Comparison = comparison('lt', code.C_LT);
export const le: Comparison = comparison('le', code.C_LE);
export const gt: Comparison = comparison('gt', code.C_GT);
export const ge: Comparison = comparison('ge', code.C_GE);
export const not_equal: Comparison = ne;
export const less: Comparison = lt;
export const less_equal: Comparison = le;
export const greater: Comparison = gt;
export const greater_equal: Comparison = ge;
// torch leaves the history of what these are written over as it was.
export const logical_and: Comparison = compared('logical_and', code.C_AND, {});
export const logical_or: Comparison = compared('logical_or', code.C_OR, {});
export const logical_xor: Comparison = compared('logical_xor', code.C_XOR, {});

function test<V extends Variant = 'method'>(
  name: string,
  op: number,
  variants: readonly V[] = ['method'] as unknown as readonly V[],
): Op<(input: Tensor) => Tensor, V> {
  return define(
    {
      schema: `${name}(Tensor input)`,
      forward: (ctx: Context, x: Tensor) => {
        const { inputs, out, desc } = prepareLoop(ctx, [x], x.dtype, bool);
        if (desc !== null) runLoop('test', [x.dtype.code, op], inputs, out, desc, []);
        return out;
      },
      backward: 'none',
      samples: (make) => [[make(2, 3)]],
    },
    variants,
  );
}

export const isnan: Test = test('isnan', code.T_ISNAN);
export const isinf: Test = test('isinf', code.T_ISINF);
export const isfinite: Test = test('isfinite', code.T_ISFINITE);
export const isposinf: Test = test('isposinf', code.T_ISPOSINF);
export const isneginf: Test = test('isneginf', code.T_ISNEGINF);
export const signbit: Test = test('signbit', code.T_SIGNBIT);
export const logical_not: Op<(input: Tensor) => Tensor, 'method' | 'inplace'> = test(
  'logical_not',
  code.T_LOGICAL_NOT,
  ['method', 'inplace'],
);

/** The forms of `where`: a choice, or the coordinates at which a condition is true. */
export interface Where {
  (condition: Tensor, input: TensorOrNumber, other: TensorOrNumber): Tensor;
  (condition: Tensor): Tensor[];
}

/**
 * input where condition is true, other elsewhere; the three are broadcast. With the condition alone, where it is not 0: one
 * vector of coordinates per dimension.
 *
 * @example
 * const x = torch.tensor([-1.5, 2]);
 * console.log(torch.where(x.gt(0), x, torch.zeros(2)).tolist()); // [ 0, 2 ]
 */
export const where: Op<Where> = define({
  schema: 'where(Tensor condition, Tensor|Scalar? input=None, Tensor|Scalar? other=None)',
  forward: (ctx, condition: Tensor, a: TensorOrNumber | null, b: TensorOrNumber | null) => {
    if (a === null && b === null) return nonzero(condition, { as_tuple: true });
    if (a === null || b === null)
      throw new TypeError('where() takes a condition alone, or input and other with it');
    if (condition.dtype !== bool && condition.dtype.name !== 'uint8') {
      throw new RuntimeError(
        `where expected condition to be a boolean tensor, but got a tensor with dtype ${condition.dtype.scalarName}`,
      );
    }
    ctx.save(condition);
    const dtype = commonDtype([a, b]);
    const shape = broadcastShapes(condition.shape, broadcastShapes(shapeOf(a), shapeOf(b)));
    const out = allocate(shape, dtype);
    if (numel(shape) === 0) return out;
    const operands = [a, b].map((value, slot) =>
      value instanceof Tensor ? operandOf(cast(value, dtype)) : scalarOperand(slot, value, dtype),
    );
    const all = [operandOf(cast(condition, bool)), ...operands];
    const strides = all.map((operand) => broadcastStrides(operand.shape, operand.strides, shape));
    const desc = writeDescriptor(shape, [out._strides, ...strides]);
    runLoop('where', [dtype.itemsize], all, out, desc, []);
    return out;
  },
  backward: (ctx, g) => {
    const [condition] = ctx.saved();
    return [null, ctx.needs[1] ? where(condition, g, 0) : null, ctx.needs[2] ? where(condition, 0, g) : null];
  },
  samples: (make) => [
    [make.bool(2, 3), make(2, 3), make(2, 3)],
    [make.bool(3), make(2, 1), make()],
    [make.bool(2, 3), make(2, 3), 0.5],
  ],
});
