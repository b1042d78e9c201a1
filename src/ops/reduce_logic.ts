import { bool, int64, uint8 } from '../dtype.js';
import { wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import * as code from '../wasm/opcode.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { cast } from './dense.js';
import { reduceKernel, reducedDims } from './reduce_kernel.js';
import type { AlongOrAll } from './reduce_kernel.js';

function logical(name: string, op: number, identity: number): AlongOrAll {
  return define(
    {
      schema: `${name}(Tensor input, int? dim=None, bool keepdim=False)`,
      forward: (_ctx, x: Tensor, dim: number | null, keepdim: boolean) => {
        if (dim !== null) wrapDim(dim, x.ndim);
        const dims = reducedDims(name, dim === null ? null : [dim], x.ndim);
        const out = reduceKernel(op, x, dims, keepdim && dim !== null, bool, identity);
        return x.dtype === uint8 ? cast(out, uint8) : out;
      },
      backward: 'none',
      samples: (make) => [[make.bool(2, 3)], [make.bool(2, 3), 1, true]],
    },
    ['method'],
  );
}

/** Whether any element is not 0, overall or along `dim`; bool, but uint8 for uint8. */
export const any: AlongOrAll = logical('any', code.R_ANY, 0);
/** Whether no element is 0, overall or along `dim`; bool, but uint8 for uint8. */
export const all: AlongOrAll = logical('all', code.R_ALL, 1);

/** How many elements are not 0, over some or all dimensions. */
export const count_nonzero: Op<
  (
    input: Tensor,
    dim?: number | readonly number[] | null | { dim?: number | readonly number[] | null },
  ) => Tensor,
  'method'
> = define(
  {
    schema: 'count_nonzero(Tensor input, int[]? dim=None)',
    forward: (_ctx, x: Tensor, dim: number[] | null) =>
      reduceKernel(code.R_COUNT_NONZERO, x, reducedDims('count_nonzero', dim, x.ndim), false, int64, 0),
    backward: 'none',
    samples: (make) => [[make.int(0, 2, 2, 3)], [make.int(0, 2, 2, 3), 1]],
  },
  ['method'],
);
