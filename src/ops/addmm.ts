import { RuntimeError } from '../errors.js';
import { isBroadcastableTo, showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { copyKernel } from './dense.js';
import { bmm, mm, mv, outer } from './matmul.js';
import { add, mul } from './pointwise_binary.js';
import { cannotMultiply, checkProduct, matrixOf, products } from './product.js';
import { sum } from './reduce.js';
import { transpose } from './view.js';

interface BlendOptions {
  beta?: number;
  alpha?: number;
}

/** beta · input + alpha · (a product of the other two). */
type Blend = Op<
  (...args: Args<[input: Tensor, first: Tensor, second: Tensor], [], BlendOptions>) => Tensor,
  'method' | 'inplace'
>;

const BLEND = '*, Scalar beta=1, Scalar alpha=1';

function checkBlend(op: string, input: Tensor, shape: readonly number[]): void {
  if (isBroadcastableTo(input.shape, shape)) return;
  const lead = shape.length - input.ndim;
  const bad = input.shape.findIndex((n, d) => n !== 1 && n !== shape[d + lead]);
  throw new RuntimeError(
    lead < 0
      ? `${op}: input ${showShape(input.shape)} has more dimensions than the product ${showShape(shape)}`
      : `The expanded size of the tensor (${shape[bad + lead]}) must match the existing size (${input.shape[bad]}) at ` +
          `non-singleton dimension ${bad + lead}.  Target sizes: ${showShape(shape)}.  Tensor sizes: ${showShape(input.shape)} (${op})`,
  );
}

function checkFactors(op: string, input: Tensor, beta: number, alpha: number): void {
  if (!input.dtype.is_floating_point && !(Number.isInteger(beta) && Number.isInteger(alpha))) {
    throw new RuntimeError(
      `For integral input tensors, argument beta must not be a floating point number. (${op})`,
    );
  }
}

const times = (x: Tensor, factor: number): Tensor => (factor === 1 ? x : mul(x, factor));

/** beta · input + alpha · product; with beta 0 the input's NaN and infinities do not count. */
function blend(op: string, input: Tensor, product: Tensor, beta: number, alpha: number): Tensor {
  checkBlend(op, input, product.shape);
  checkFactors(op, input, beta, alpha);
  if (input.dtype !== product.dtype) {
    throw new RuntimeError(`${op}: expected input of dtype ${product.dtype}, got ${input.dtype}`);
  }
  return beta === 0 ? times(product, alpha) : add(times(input, beta), product, { alpha });
}

/** beta · input + alpha · mat1 · mat2, [M, K] · [K, N]; the input is broadcast. */
export const addmm: Blend = define(
  {
    schema: `addmm(Tensor input, Tensor mat1, Tensor mat2, ${BLEND})`,
    forward: (
      ctx,
      input: Tensor,
      a: Tensor,
      b: Tensor,
      betaArg: number | boolean,
      alphaArg: number | boolean,
    ) => {
      const [beta, alpha] = [Number(betaArg), Number(alphaArg)];
      if (a.ndim !== 2) throw new RuntimeError(`mat1 must be a matrix, got ${a.ndim}-D tensor`);
      if (b.ndim !== 2) throw new RuntimeError(`mat2 must be a matrix, got ${b.ndim}-D tensor`);
      const [M, K] = a.shape;
      const [K2, N] = b.shape;
      if (K !== K2) throw cannotMultiply(M, K, K2, N);
      checkProduct(a.dtype, b.dtype);
      if (input.dtype !== a.dtype) {
        throw new RuntimeError(
          `self and mat2 must have the same dtype (addmm: ${input.dtype} and ${a.dtype})`,
        );
      }
      checkBlend('addmm', input, [M, N]);
      checkFactors('addmm', input, beta, alpha);
      ctx.save(ctx.needs[2] ? a : null, ctx.needs[1] ? b : null);
      const out = allocate([M, N], a.dtype);
      // The product is added to what is there, unless it must be scaled first.
      const direct = alpha === 1 && beta !== 0;
      if (direct) copyKernel(times(input, beta), out);
      products(a.dtype, { M, N, K }, [{ a: matrixOf(a), b: matrixOf(b), out: address(out) }], direct, out);
      if (direct) return out;
      return beta === 0 ? times(out, alpha) : add(times(input, beta), out, { alpha });
    },
    backward: (ctx, g) => {
      const [a, b] = ctx.saved();
      const [, , , betaArg, alphaArg] = ctx.args as [null, null, null, number | boolean, number | boolean];
      const [beta, alpha] = [Number(betaArg), Number(alphaArg)];
      return [
        ctx.needs[0] ? times(g, beta) : null,
        ctx.needs[1] ? times(mm(g, transpose(b, 0, 1)), alpha) : null,
        ctx.needs[2] ? times(mm(transpose(a, 0, 1), g), alpha) : null,
      ];
    },
    samples: (make) => [
      [make(2, 4), make(2, 3), make(3, 4)],
      [make(4), make(2, 3), make(3, 4), { beta: 0.5, alpha: 2 }],
      [make(2, 1), make(3, 2).t(), make(4, 3).t(), { beta: 0 }],
    ],
  },
  ['method', 'inplace'],
);

function blended(
  name: string,
  names: readonly [string, string],
  product: (a: Tensor, b: Tensor) => Tensor,
  samples: readonly (readonly number[])[],
): Blend {
  return define(
    {
      schema: `${name}(Tensor input, Tensor ${names[0]}, Tensor ${names[1]}, ${BLEND})`,
      forward: (_ctx, input: Tensor, a: Tensor, b: Tensor, beta: number | boolean, alpha: number | boolean) =>
        blend(name, input, product(a, b), Number(beta), Number(alpha)),
      backward: 'composite',
      samples: (make) => [
        samples.map((size) => make(...size)),
        [...samples.map((size) => make(...size)), { beta: 0.5, alpha: 2 }],
      ],
    },
    ['method', 'inplace'],
  );
}

/** beta · input + alpha · mat · vec, [M, K] · [K]. */
export const addmv: Blend = blended('addmv', ['mat', 'vec'], (a, b) => mv(a, b), [[2], [2, 3], [3]]);

/** beta · input + alpha · Σ batch1[i] · batch2[i], [B, M, K] · [B, K, N]. */
export const addbmm: Blend = blended('addbmm', ['batch1', 'batch2'], summedProduct, [
  [2, 4],
  [3, 2, 2],
  [3, 2, 4],
]);

/** beta · input + alpha · batch1[i] · batch2[i], [B, M, K] · [B, K, N]. */
export const baddbmm: Blend = blended('baddbmm', ['batch1', 'batch2'], (a, b) => bmm(a, b), [
  [2, 4],
  [3, 2, 2],
  [3, 2, 4],
]);

/** beta · input + alpha · vec1[i] · vec2[j]. */
export const addr: Blend = blended('addr', ['vec1', 'vec2'], vectorProduct, [[2, 3], [2], [3]]);

function summedProduct(a: Tensor, b: Tensor): Tensor {
  if (a.ndim !== 3) throw new RuntimeError(`batch1 must be a 3D tensor (got ${showShape(a.shape)})`);
  if (b.ndim !== 3) throw new RuntimeError(`batch2 must be a 3D tensor (got ${showShape(b.shape)})`);
  if (a.shape[0] !== b.shape[0]) {
    throw new RuntimeError(
      `batch1 and batch2 must have same number of batches, got ${a.shape[0]} and ${b.shape[0]}`,
    );
  }
  if (a.shape[2] !== b.shape[1]) {
    throw new RuntimeError(
      `Incompatible matrix sizes for bmm (${a.shape[1]}x${a.shape[2]} and ${b.shape[1]}x${b.shape[2]})`,
    );
  }
  return sum(bmm(a, b), 0, { dtype: a.dtype });
}

function vectorProduct(a: Tensor, b: Tensor): Tensor {
  if (a.ndim !== 1) throw new RuntimeError(`addr: Expected 1-D argument vec1, but got ${a.ndim}-D`);
  if (b.ndim !== 1) throw new RuntimeError(`addr: Expected 1-D argument vec2, but got ${b.ndim}-D`);
  return outer(a, b);
}
