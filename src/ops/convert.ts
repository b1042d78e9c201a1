import { bool as boolType, float32, float64, int16, int32, int64, int8, uint8 } from '../dtype.js';
import type { DType } from '../dtype.js';
import type { Tensor } from '../tensor.js';
import { to } from './copy.js';
import { define } from './define.js';
import type { Op } from './define.js';

/** Methods only: `torch.float` and its like are dtypes. */
type Conversion = Op<(input: Tensor) => Tensor, 'method'>;

function conversion(name: string, dtype: () => DType): Conversion {
  return define(
    {
      schema: `${name}(Tensor input)`,
      forward: (_ctx, x: Tensor) => to(x, dtype()),
      sparse: 'same',
      backward: 'composite',
      samples: (make) => [[make(2, 3)]],
    },
    ['method'],
  );
}

/** The tensor as float32; itself when it is. */
export const float: Conversion = conversion('float', () => float32);
/** The tensor as float64; itself when it is. */
export const double: Conversion = conversion('double', () => float64);
/** The tensor as int64; itself when it is. */
export const long: Conversion = conversion('long', () => int64);
/** The tensor as int32; itself when it is. */
export const int: Conversion = conversion('int', () => int32);
/** The tensor as int16; itself when it is. */
export const short: Conversion = conversion('short', () => int16);
/** The tensor as int8; itself when it is. */
export const char: Conversion = conversion('char', () => int8);
/** The tensor as uint8; itself when it is. */
export const byte: Conversion = conversion('byte', () => uint8);
/** The tensor as bool; itself when it is. */
const bool: Conversion = conversion('bool', () => boolType);
export { bool };

/** The tensor in the dtype of another. */
export const type_as: Op<(input: Tensor, other: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'type_as(Tensor input, Tensor other)',
    forward: (_ctx, x: Tensor, other: Tensor) => to(x, other.dtype),
    sparse: 'same',
    backward: 'composite',
  },
  ['method'],
);
