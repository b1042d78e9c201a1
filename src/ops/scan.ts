import { bool, int64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { NotImplementedError, RuntimeError } from '../errors.js';
import { numel, wrapDim } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import * as code from '../wasm/opcode.js';
import { eq, gt, logical_and, ne, where } from './compare.js';
import { clone } from './copy.js';
import { define } from './define.js';
import type { Args, Context, Op } from './define.js';
import { cast, dense } from './dense.js';
import { flip } from './flip.js';
import { cat } from './join.js';
import { masked_fill } from './mask.js';
import { valuesIndices } from './named.js';
import type { ValuesIndices } from './named.js';
import { selectBackward } from './offset.js';
import { div, mul, sub } from './pointwise_binary.js';
import { narrow } from './view.js';

/** A scan kernel along one dimension of a dense x; `indices` receives positions where the kernel gives them. */
export function scanKernel(op: number, x: Tensor, dim: number, indices: Tensor | null): Tensor {
  const out = allocate(x.shape, x.dtype);
  if (out.numel() === 0) return out;
  const from = dense(x);
  const outer = numel(x.shape.slice(0, dim));
  const inner = numel(x.shape.slice(dim + 1));
  const n = x.ndim === 0 ? 1 : x.shape[dim];
  const { scan } = runtime().kernels;
  scan(
    x.dtype.code,
    op,
    address(from),
    address(out),
    indices === null ? 0 : address(indices),
    outer,
    n,
    inner,
  );
  return out;
}

type Cumulative = Op<
  (...args: Args<[input: Tensor, dim: number], [], { dtype?: DType | null }>) => Tensor,
  'method' | 'inplace'
>;

function cumulativeInput(ctx: Context, name: string, x: Tensor, dtype: DType | null): Tensor {
  if (ctx.target !== null) {
    // In place everything stays in the tensor's own dtype.
    if (dtype !== null && dtype !== x.dtype) {
      throw new RuntimeError(
        `Bad in-place call: input tensor dtype ${x.dtype.name} and output tensor dtype ${dtype.name} should match`,
      );
    }
    if (x.dtype === bool && x.ndim > 0 && x.numel() > 0) {
      throw new NotImplementedError(`"${name}_out_cpu" not implemented for 'Bool'`);
    }
    return x;
  }
  return cast(x, dtype ?? (x.dtype.is_floating_point ? x.dtype : int64));
}

/** The sum of everything from each element to the end of its line. */
function reverseSum(x: Tensor, dim: number): Tensor {
  return x.ndim === 0 ? x : flip(cumsum(flip(x, dim), dim), dim);
}

/**
 * Sums of each line up to every element. Integers and booleans are summed in int64.
 *
 * @example
 * console.log(torch.tensor([1, 2, 3]).cumsum(0).tolist()); // [ 1, 3, 6 ]
 */
export const cumsum: Cumulative = define(
  {
    schema: 'cumsum(Tensor input, int dim, *, dtype? dtype=None)',
    forward: (ctx, x: Tensor, dim: number, dtype: DType | null) => {
      const d = wrapDim(dim, x.ndim);
      ctx.state = d;
      return scanKernel(code.S_CUMSUM, cumulativeInput(ctx, 'cumsum', x, dtype), d, null);
    },
    backward: (ctx, g) => [reverseSum(g, ctx.state as number)],
    samples: (make) => [
      [make(2, 3), 1],
      [make(2, 3), 0],
      [make(), 0],
    ],
  },
  ['method', 'inplace'],
);

/** Products of each line up to every element. Integers and booleans are multiplied in int64. */
export const cumprod: Cumulative = define(
  {
    schema: 'cumprod(Tensor input, int dim, *, dtype? dtype=None)',
    forward: (ctx, x: Tensor, dim: number, dtype: DType | null) => {
      const d = wrapDim(dim, x.ndim);
      const input = cumulativeInput(ctx, 'cumprod', x, dtype);
      ctx.save(input);
      const out = scanKernel(code.S_CUMPROD, input, d, null);
      ctx.saveOutput(out);
      ctx.state = d;
      return out;
    },
    backward: (ctx, g) => {
      const dim = ctx.state as number;
      const [x, out] = ctx.saved();
      if (x.ndim === 0) return [g];
      const none = eq(x, 0);
      const usual = div(reverseSum(mul(g, out), dim), masked_fill(x, none, 1));
      if (none.sum().item() === 0) return [usual];
      // The first zero of a line has as gradient what the line would give with a 1 there; nothing after it has one.
      const seen = cumsum(none, dim);
      const first = logical_and(none, eq(seen, 1));
      const without = reverseSum(mul(g, cumprod(masked_fill(x, first, 1), dim)), dim);
      return [where(first, without, where(gt(seen, 0), 0, usual))];
    },
    samples: (make) => [
      [make(2, 3), 1],
      [make(2, 3), 0],
      [make(), 0],
    ],
  },
  ['method', 'inplace'],
);

type CumulativeArg = Op<(input: Tensor, dim: number | { dim: number }) => ValuesIndices, 'method'>;

function cumulativeArg(name: string, op: number): CumulativeArg {
  return define(
    {
      schema: `${name}(Tensor input, int dim)`,
      forward: (ctx, x: Tensor, dim: number) => {
        // torch looks at the dimension only where there is more than one element to go through.
        const d = x.ndim === 0 || x.numel() === 0 ? 0 : wrapDim(dim, x.ndim);
        const indices = allocate(x.shape, int64);
        const values = scanKernel(op, x, d, indices);
        ctx.save(indices);
        ctx.state = { dim: d, shape: x.shape };
        return valuesIndices(values, indices);
      },
      backward: (ctx, g) => {
        const { dim, shape } = ctx.state as { dim: number; shape: Shape };
        return [selectBackward(g, dim, ctx.saved()[0], shape)];
      },
      samples: (make) => [
        [make(2, 3), 1],
        [make(4, 2), 0],
        [make(), 0],
      ],
    },
    ['method'],
  );
}

/** The largest element of each line so far, and where it (the last of equals) is: `[values, indices]`. */
export const cummax: CumulativeArg = cumulativeArg('cummax', code.S_CUMMAX);
/** The smallest element of each line so far, and where it (the last of equals) is: `[values, indices]`. */
export const cummin: CumulativeArg = cumulativeArg('cummin', code.S_CUMMIN);

/**
 * The n-th differences along `dim` of the tensor with `prepend` before and `append` after it.
 */
export const diff: Op<
  (
    ...args: Args<
      [input: Tensor],
      [n: number, dim: number, prepend: Tensor | null, append: Tensor | null],
      { n?: number; dim?: number; prepend?: Tensor | null; append?: Tensor | null }
    >
  ) => Tensor,
  'method'
> = define(
  {
    schema: 'diff(Tensor input, int n=1, int dim=-1, Tensor? prepend=None, Tensor? append=None)',
    forward: (_ctx, x: Tensor, n: number, dim: number, prepend: Tensor | null, append: Tensor | null) => {
      if (x.ndim === 0) throw new RuntimeError('diff expects input to be at least one-dimensional');
      const parts = [prepend, x, append].filter((part) => part !== null);
      // torch does not look at the dimension of differences that are not taken.
      const d = n === 0 && parts.length === 1 ? 0 : wrapDim(dim, x.ndim);
      for (const part of [prepend, append]) {
        if (part !== null && part.ndim !== x.ndim) {
          throw new RuntimeError('diff expects prepend or append to be the same dimension as input');
        }
      }
      let out = parts.length === 1 || n === 0 ? x : cat(parts, d);
      const times = Math.min(n, out.shape[d]);
      if (times === 0) return clone(out);
      for (let i = 0; i < times; i++) {
        const rest = out.shape[d] - 1;
        const after = narrow(out, d, 1, rest);
        const before = narrow(out, d, 0, rest);
        out = out.dtype === bool ? ne(after, before) : sub(after, before);
      }
      return out;
    },
    backward: 'composite',
    samples: (make) => [
      [make(2, 4)],
      [make(4, 2), 2, 0],
      [make(2, 3), { prepend: make(2, 1), append: make(2, 2) }],
    ],
  },
  ['method'],
);
