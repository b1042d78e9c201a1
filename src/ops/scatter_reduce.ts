import { RuntimeError } from '../errors.js';
import { wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { allocate } from '../tensor_handle.js';
import * as code from '../wasm/opcode.js';
import { eq, logical_and, where } from './compare.js';
import { to } from './copy.js';
import { ones_like, zeros_like } from './creation.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { gather } from './gather.js';
import { fillKernel } from './make.js';
import { masked_fill } from './mask.js';
import { combineKernel, putKernel, writable } from './offset.js';
import { div, mul } from './pointwise_binary.js';
import { clamp_min } from './pointwise_clamp.js';
import { scatter, scatter_add } from './scatter.js';
import { scatterOffsets, scatterValues } from './scatter_kernel.js';

export type ScatterReduction = 'sum' | 'prod' | 'mean' | 'amax' | 'amin';

const OPS: Record<ScatterReduction, number> = {
  sum: code.P_ADD,
  mean: code.P_ADD,
  prod: code.P_MUL,
  amax: code.P_MAX,
  amin: code.P_MIN,
};

/** What a reduction of nothing is, in the dtype of x. */
function identity(reduce: ScatterReduction, x: Tensor): number {
  if (reduce === 'prod') return 1;
  if (reduce === 'sum' || reduce === 'mean') return 0;
  const sign = reduce === 'amax' ? -1 : 1;
  if (x.dtype.is_floating_point) return sign * Infinity;
  if (!x.dtype.is_signed) return sign < 0 ? 0 : x.dtype.name === 'bool' ? 1 : 255;
  return sign < 0 ? -(2 ** (8 * x.dtype.itemsize - 1)) : 2 ** (8 * x.dtype.itemsize - 1) - 1;
}

/** How many values went to each place, counting its own when `include_self`; at least 1. */
function counts(like: Tensor, dim: number, index: Tensor, src: Tensor, include: boolean): Tensor {
  const start = include ? ones_like(like) : zeros_like(like);
  return clamp_min(scatter_add(start, dim, index, ones_like(src)), 1);
}

/**
 * The tensor with src[i][j] reduced into [index[i][j]][j] for dim 0, and so on.
 *
 * @param include_self whether the value that was there takes part. Default true
 */
export const scatter_reduce: Op<
  (
    ...args: Args<
      [input: Tensor, dim: number, index: Tensor, src: Tensor, reduce: ScatterReduction],
      [],
      { include_self?: boolean }
    >
  ) => Tensor,
  'method' | 'inplace'
> = define(
  {
    schema:
      'scatter_reduce(Tensor input, int dim, Tensor index, Tensor src, str reduce, *, bool include_self=True)',
    forward: (ctx, x: Tensor, dim: number, index: Tensor, src: Tensor, name: string, include: boolean) => {
      if (!(name in OPS)) {
        throw new RuntimeError(`reduce argument must be either sum, prod, mean, amax or amin, got ${name}`);
      }
      const reduce = name as ScatterReduction;
      const d = wrapDim(dim, x.ndim);
      const offsets = scatterOffsets('scatter_reduce', x, d, index, src);
      const out = writable(ctx, x);
      const values = scatterValues(x, index, src, out);
      ctx.save(x, index, src);
      if (!include) {
        const start = allocate(index.shape, x.dtype);
        fillKernel(start, identity(reduce, x));
        putKernel(out, offsets, start, 1);
      }
      combineKernel(OPS[reduce], out, offsets, values, 1);
      if (reduce === 'mean') {
        const n = counts(x, d, index, src, include);
        div.inplace(out, n, { rounding_mode: x.dtype.is_floating_point ? null : 'floor' });
      }
      ctx.saveOutput(out);
      ctx.state = d;
      return out;
    },
    backward: (ctx, g) => {
      const [x, index, src, out] = ctx.saved();
      const dim = ctx.state as number;
      const [, , , , reduce, include] = ctx.args as [null, number, null, null, ScatterReduction, boolean];
      const at = (y: Tensor): Tensor => gather(y, dim, index);
      let self: Tensor;
      let source: Tensor;
      if (reduce === 'sum') {
        self = g;
        source = at(g);
      } else if (reduce === 'mean') {
        const n = counts(g, dim, index, src, include);
        self = div(g, n);
        source = div(at(g), at(n));
      } else if (reduce === 'prod') {
        const filled = masked_fill(x, eq(x, 0), 1);
        self = div(
          mul(g, scatter_reduce(filled, dim, index, src, 'prod', { include_self: include })),
          filled,
        );
        const none = eq(src, 0);
        const zeros = at(scatter_add(zeros_like(x), dim, index, to(none, x.dtype)));
        const single = logical_and(none, eq(zeros, 1));
        const without = scatter_reduce(x, dim, index, masked_fill(src, single, 1), 'prod', {
          include_self: include,
        });
        source = where(single, at(mul(g, without)), div(at(mul(g, out)), masked_fill(src, none, 1)));
      } else {
        const isSelf = to(eq(x, out), g.dtype);
        const isSource = to(eq(src, at(out)), g.dtype);
        const shared = div(g, scatter_add(isSelf, dim, index, isSource));
        self = mul(isSelf, shared);
        source = mul(isSource, at(shared));
      }
      if (!include) self = scatter(self, dim, index, 0);
      return [self, null, source];
    },
    samples: (make) =>
      (['sum', 'prod', 'mean', 'amax', 'amin'] as const).flatMap((reduce) =>
        [true, false].map((include_self) => [
          make(3, 4),
          0,
          make.int(0, 3, 2, 4),
          make(2, 4),
          reduce,
          { include_self },
        ]),
      ),
  },
  ['method', 'inplace'],
);
