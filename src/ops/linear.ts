import { RuntimeError } from '../errors.js';
import { numel, showShape, viewStrides } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { copyKernel, dense } from './dense.js';
import { matmul, mm } from './matmul.js';
import { cannotMultiply, checkProduct, matrixOf, products } from './product.js';
import type { Matrix } from './product.js';
import { sum } from './reduce.js';
import { reshape, transpose } from './view.js';

/** All rows of a tensor as one matrix, without a copy where memory allows. */
function rowsOf(x: Tensor, rows: number, K: number): Matrix {
  const strides = viewStrides(x.shape, x._strides, [rows, K]);
  if (strides === null) return { ptr: address(dense(x)), rowStep: K, colStep: 1 };
  return { ptr: address(x), rowStep: strides[0], colStep: strides[1] };
}

/**
 * input · weightᵀ + bias: [..., in] with weight [out, in] and bias [out] gives [..., out].
 *
 * @example
 * console.log(F.linear(torch.ones(3, 4), torch.ones(2, 4), torch.zeros(2)).tolist()); // [ [ 4, 4 ], [ 4, 4 ], [ 4, 4 ] ]
 */
export const linear: Op<
  (...args: Args<[input: Tensor, weight: Tensor], [bias: Tensor | null], { bias?: Tensor | null }>) => Tensor
> = define({
  schema: 'linear(Tensor input, Tensor weight, Tensor? bias=None)',
  forward: (ctx, x: Tensor, weight: Tensor, bias: Tensor | null) => {
    if (x.ndim === 0)
      throw new RuntimeError('linear: expected input of at least 1 dimension, got a 0-dim tensor');
    if (weight.ndim > 2 || weight.ndim === 0) {
      throw new RuntimeError(
        `linear: expected weight [out_features, in_features], got ${showShape(weight.shape)}`,
      );
    }
    const flat = weight.ndim === 1;
    const O = flat ? 1 : weight.shape[0];
    const K = weight.shape[weight.ndim - 1];
    const lead = x.shape.slice(0, -1);
    const M = numel(lead);
    const got = x.shape[x.ndim - 1];
    if (got !== K) throw cannotMultiply(M, got, K, O);
    if (weight.dtype !== x.dtype) {
      throw new RuntimeError(
        `mat1 and mat2 must have the same dtype, got ${x.dtype} and ${weight.dtype} (linear: input, weight)`,
      );
    }
    if (bias !== null) {
      if (bias.dtype !== x.dtype) {
        throw new RuntimeError(
          `self and mat2 must have the same dtype, got ${bias.dtype} and ${x.dtype} (linear: bias, input)`,
        );
      }
      if (bias.ndim > 1 || (bias.ndim === 1 && bias.shape[0] !== O && bias.shape[0] !== 1)) {
        throw new RuntimeError(
          `The expanded size of the tensor (${O}) must match the existing size (${bias.shape[0]}) at non-singleton dimension 1.  ` +
            `Target sizes: [${M}, ${O}].  Tensor sizes: ${showShape(bias.shape)} (linear: bias for weight ${showShape(weight.shape)})`,
        );
      }
    }
    checkProduct(x.dtype, weight.dtype);
    ctx.save(ctx.needs[1] ? x : null, ctx.needs[0] ? weight : null);
    ctx.state = flat;
    const out = allocate(flat ? lead : [...lead, O], x.dtype);
    if (bias !== null) copyKernel(bias, out);
    const w = flat ? { ptr: address(weight), rowStep: 0, colStep: weight._strides[0] } : matrixOf(weight);
    const b = { ptr: w.ptr, rowStep: w.colStep, colStep: w.rowStep };
    products(x.dtype, { M, N: O, K }, [{ a: rowsOf(x, M, K), b, out: address(out) }], bias !== null, out);
    return out;
  },
  backward: (ctx, g) => {
    const [x, weight] = ctx.saved();
    const flat = ctx.state as boolean;
    const O = flat ? 1 : g.shape[g.ndim - 1];
    const wide = flat ? reshape(g, [...g.shape, 1]) : g;
    const rows = reshape(wide, [numel(wide.shape.slice(0, -1)), O]);
    const bias = ctx.needs[2] ? sum(rows, 0) : null;
    if (x === null && weight === null) return [null, null, bias];
    const gx = weight !== null ? matmul(wide, reshape(weight, [O, weight.numel() / O])) : null;
    if (x === null) return [gx, null, bias];
    const K = x.shape[x.ndim - 1];
    const gw = mm(transpose(rows, 0, 1), reshape(x, [rows.shape[0], K]));
    return [gx, flat ? reshape(gw, [K]) : gw, bias];
  },
  samples: (make) => [
    [make(2, 3), make(4, 3)],
    [make(2, 3), make(4, 3), make(4)],
    [make(3), make(4, 3), make(4)],
    [make(2, 2, 3), make(4, 3), make(4)],
    [make(3, 2).t(), make(3, 4).t(), make(4)],
    [make(2, 3), make(3)],
  ],
});
