import { int64 } from '../dtype.js';
import { NotImplementedError, RuntimeError } from '../errors.js';
import { sameShape, wrapDim } from '../shape.js';
import type { Shape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { writeValues } from '../tensor_data.js';
import { allocate } from '../tensor_handle.js';
import * as code from '../wasm/opcode.js';
import { define } from './define.js';
import type { Args, Context, Op } from './define.js';
import { apart, combineKernel, flatOffsets, putKernel, takeAt, writable, zeroAt } from './offset.js';
import { leading, scatterOffsets, scatterValues } from './scatter_kernel.js';
import { embed } from './slice_dim.js';

interface Scattered {
  readonly index: Shape;
  readonly src: Shape;
}

/** The gradient of src: what arrives where it was put; nothing for what the index does not read. */
function sourceBackward(g: Tensor, offsets: Tensor, { index, src }: Scattered): Tensor {
  const taken = takeAt(g, offsets, index, 1);
  return sameShape(index, src) ? taken : embed(taken, src, (whole) => leading(whole, index));
}

function saveScatter(ctx: Context, offsets: Tensor, index: Tensor, src: unknown): void {
  ctx.save(offsets);
  ctx.state = { index: index.shape, src: src instanceof Tensor ? src.shape : [] } satisfies Scattered;
}

/**
 * The tensor with out[index[i][j]][j] = src[i][j] for dim 0, and so on; src may be a number.
 *
 * @param reduce `'add'` or `'multiply'` what is there instead of replacing it; `'multiply'` has no gradient
 */
export const scatter: Op<
  (
    input: Tensor,
    dim: number,
    index: Tensor,
    src: Tensor | number | boolean | { src?: Tensor; value?: number; reduce?: 'add' | 'multiply' },
    options?: { reduce?: 'add' | 'multiply' | null },
  ) => Tensor,
  'method' | 'inplace'
> = define(
  {
    schema:
      'scatter(Tensor input, int dim, Tensor index, Tensor|Scalar? src=None, *, str? reduce=None, Scalar? value=None)',
    forward: (
      ctx,
      x: Tensor,
      dim: number,
      index: Tensor,
      source: Tensor | number | boolean | null,
      reduce: string | null,
      value: number | boolean | null,
    ) => {
      const src = source ?? value;
      if (src === null) throw new TypeError("scatter() missing 1 required argument: 'src' or 'value'");
      if (reduce !== null && reduce !== 'add' && reduce !== 'multiply') {
        throw new RuntimeError(`reduce argument must be either add or multiply.`);
      }
      if (reduce === 'multiply' && (ctx.needs[0] || ctx.needs[2])) {
        throw new NotImplementedError(
          "scatter: reduce='multiply' has no gradient; use scatter_reduce with 'prod'",
        );
      }
      const d = wrapDim(dim, x.ndim);
      const offsets = scatterOffsets('scatter', x, d, index, src instanceof Tensor ? src : null);
      const out = writable(ctx, x);
      const values = scatterValues(x, index, src, out);
      if (reduce === null) putKernel(out, offsets, values, 1);
      else combineKernel(reduce === 'add' ? code.P_ADD : code.P_MUL, out, offsets, values, 1);
      saveScatter(ctx, offsets, index, src);
      return out;
    },
    backward: (ctx, g) => {
      const [offsets] = ctx.saved();
      const adds = ctx.args[4] === 'add';
      return [
        ctx.needs[0] ? (adds ? g : zeroAt(g, offsets, 1)) : null,
        null,
        ctx.needs[2] ? sourceBackward(g, offsets, ctx.state as Scattered) : null,
      ];
    },
    samples: (make) => [
      [make(3, 4), 1, permutations(3, 4), make(3, 4)],
      [make(3, 4), 1, permutations(2, 4), make(3, 4)],
      [make(3, 4), 0, make.int(0, 3, 2, 4), 1.5],
    ],
  },
  ['method', 'inplace'],
);

/** Rows of distinct indices: two values scattered to one place have no derivative. */
function permutations(rows: number, n: number): Tensor {
  const out = allocate([rows, n], int64);
  writeValues(
    out,
    Array.from({ length: rows * n }, (_, i) => (i + Math.floor(i / n)) % n),
  );
  return out;
}

/** The tensor with src[i][j] added at [index[i][j]][j] for dim 0, and so on. */
export const scatter_add: Op<
  (input: Tensor, dim: number, index: Tensor, src: Tensor) => Tensor,
  'method' | 'inplace'
> = define(
  {
    schema: 'scatter_add(Tensor input, int dim, Tensor index, Tensor src)',
    forward: (ctx, x: Tensor, dim: number, index: Tensor, src: Tensor) => {
      const d = wrapDim(dim, x.ndim);
      const offsets = scatterOffsets('scatter_add', x, d, index, src);
      const out = writable(ctx, x);
      combineKernel(code.P_ADD, out, offsets, scatterValues(x, index, src, out), 1);
      saveScatter(ctx, offsets, index, src);
      return out;
    },
    backward: (ctx, g) => [
      g,
      null,
      ctx.needs[2] ? sourceBackward(g, ctx.saved()[0], ctx.state as Scattered) : null,
    ],
    samples: (make) => [
      [make(3, 4), 0, make.int(0, 3, 2, 4), make(2, 4)],
      [make(3, 4), 1, make.int(0, 4, 3, 2), make(3, 3)],
    ],
  },
  ['method', 'inplace'],
);

/** The tensor with `source` written (or, with `accumulate`, added) at indices of the flattened tensor. */
export const put: Op<
  (
    ...args: Args<
      [input: Tensor, index: Tensor, source: Tensor],
      [accumulate: boolean],
      { accumulate?: boolean }
    >
  ) => Tensor,
  'method' | 'inplace'
> = define(
  {
    schema: 'put(Tensor input, Tensor index, Tensor source, bool accumulate=False)',
    forward: (ctx, x: Tensor, index: Tensor, source: Tensor, accumulate: boolean) => {
      if (source.dtype !== x.dtype) {
        throw new RuntimeError(
          `put_(): self and source expected to have the same dtype, but got self.dtype = ${x.dtype.scalarName} and ` +
            `source.dtype = ${source.dtype.scalarName}`,
        );
      }
      if (index.numel() !== source.numel()) {
        throw new RuntimeError(
          `put_(): Expected source and index to have the same number of elements, but got source.numel() = ` +
            `${source.numel()}, index.numel() = ${index.numel()}`,
        );
      }
      const offsets = flatOffsets(x, index);
      const out = writable(ctx, x);
      const values = apart(source, out);
      if (accumulate) combineKernel(code.P_ADD, out, offsets, values, 1);
      else putKernel(out, offsets, values, 1);
      saveScatter(ctx, offsets, source, source);
      return out;
    },
    backward: (ctx, g) => {
      const [offsets] = ctx.saved();
      return [
        ctx.needs[0] ? (ctx.args[3] === true ? g : zeroAt(g, offsets, 1)) : null,
        null,
        ctx.needs[2] ? sourceBackward(g, offsets, ctx.state as Scattered) : null,
      ];
    },
    samples: (make) => [
      [make(3, 4), make.int(0, 12, 1), make(1)],
      [make(3, 4), make.int(0, 12, 5), make(5), true],
    ],
  },
  ['method', 'inplace'],
);
