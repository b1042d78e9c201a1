import { bool } from '../dtype.js';
import type { DType } from '../dtype.js';
import { NotImplementedError } from '../errors.js';
import { Tensor } from '../tensor.js';
import * as code from '../wasm/opcode.js';
import { binaryKernel } from './binary_kernel.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { checkTarget, commonDtype } from './iterator.js';
import type { TensorOrNumber } from './iterator.js';
import { unaryKernel } from './unary_kernel.js';

/** An operator of integers, either operand of which may be a number. */
type Bits = Op<(input: TensorOrNumber, other: TensorOrNumber) => Tensor, 'method' | 'inplace'>;

function bits(name: string, op: number, takes: (dtype: DType) => boolean = integral): Bits {
  return define(
    {
      schema: `${name}(Tensor|Scalar input, Tensor|Scalar other)`,
      forward: (ctx, a: TensorOrNumber, b: TensorOrNumber) => {
        if (!(a instanceof Tensor) && !(b instanceof Tensor)) {
          throw new TypeError(`${name}(): at least one of input and other must be a Tensor`);
        }
        const dtype = commonDtype([a, b]);
        checkTarget(ctx, dtype);
        if (!takes(dtype))
          throw new NotImplementedError(`"${name}_cpu" not implemented for '${dtype.scalarName}'`);
        return binaryKernel(ctx, op, a, b, dtype);
      },
      backward: 'none',
      samples: (make) => [
        [make.int(0, 9, 2, 3), make.int(1, 5, 3)],
        [make.int(0, 9, 2, 3), 3],
      ],
    },
    ['method', 'inplace'],
  );
}

function integral(dtype: DType): boolean {
  return !dtype.is_floating_point;
}

function number(dtype: DType): boolean {
  return !dtype.is_floating_point && dtype !== bool;
}

/** The bits of both; of booleans "and". */
export const bitwise_and: Bits = bits('bitwise_and', code.B_AND);
/** The bits of either; of booleans "or". */
export const bitwise_or: Bits = bits('bitwise_or', code.B_OR);
/** The bits of one but not the other. */
export const bitwise_xor: Bits = bits('bitwise_xor', code.B_XOR);
/** input · 2^other. */
export const bitwise_left_shift: Bits = bits('bitwise_left_shift', code.B_SHL, number);
/** ⌊input / 2^other⌋. */
export const bitwise_right_shift: Bits = bits('bitwise_right_shift', code.B_SHR, number);
/** The greatest common divisor. */
export const gcd: Bits = bits('gcd', code.B_GCD, number);
/** The least common multiple. */
export const lcm: Bits = bits('lcm', code.B_LCM, number);

/** The opposite of each bit; of booleans "not". */
export const bitwise_not: Op<(input: Tensor) => Tensor, 'method' | 'inplace'> = define(
  {
    schema: 'bitwise_not(Tensor input)',
    forward: (ctx, x: Tensor) => {
      if (!integral(x.dtype)) {
        throw new NotImplementedError(`"bitwise_not_cpu" not implemented for '${x.dtype.scalarName}'`);
      }
      return unaryKernel(ctx, code.U_BITWISE_NOT, x, x.dtype);
    },
    backward: 'none',
    samples: (make) => [[make.int(0, 9, 2, 3)]],
  },
  ['method', 'inplace'],
);
