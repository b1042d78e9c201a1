import { RuntimeError } from '../errors.js';
import { broadcastShapes, numel, showShape, viewStrides } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { mul } from './pointwise_binary.js';
import { cannotMultiply, checkProduct, matrixOf, products } from './product.js';
import { expand, reshape, squeeze, transpose, unsqueeze, view } from './view.js';

type Product = Op<(input: Tensor, other: Tensor) => Tensor, 'method'>;

/**
 * The product of two matrices, [M, K] · [K, N].
 *
 * @example
 * const a = torch.tensor([[1, 2], [3, 4]]);
 * console.log(torch.mm(a, a).tolist()); // [[7, 10], [15, 22]]
 */
export const mm: Op<(input: Tensor, mat2: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'mm(Tensor input, Tensor mat2)',
    forward: (ctx, a: Tensor, b: Tensor) => {
      if (a.ndim !== 2) throw new RuntimeError(`self must be a matrix (got ${showShape(a.shape)})`);
      if (b.ndim !== 2) throw new RuntimeError(`mat2 must be a matrix (got ${showShape(b.shape)})`);
      const [M, K] = a.shape;
      const [K2, N] = b.shape;
      if (K !== K2) throw cannotMultiply(M, K, K2, N);
      checkProduct(a.dtype, b.dtype);
      ctx.save(ctx.needs[1] ? a : null, ctx.needs[0] ? b : null);
      const out = allocate([M, N], a.dtype);
      products(a.dtype, { M, N, K }, [{ a: matrixOf(a), b: matrixOf(b), out: address(out) }], false, out);
      return out;
    },
    backward: (ctx, g) => {
      const [a, b] = ctx.saved();
      return [
        ctx.needs[0] ? mm(g, transpose(b, 0, 1)) : null,
        ctx.needs[1] ? mm(transpose(a, 0, 1), g) : null,
      ];
    },
    samples: (make) => [
      [make(2, 3), make(3, 4)],
      [make(3, 2).t(), make(4, 3).t()],
      [make(1, 3), make(3, 1)],
    ],
  },
  ['method'],
);

/** Products of matrices one by one, [B, M, K] · [B, K, N]. */
export const bmm: Op<(input: Tensor, mat2: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'bmm(Tensor input, Tensor mat2)',
    forward: (ctx, a: Tensor, b: Tensor) => {
      if (a.ndim !== 3) throw new RuntimeError(`batch1 must be a 3D tensor (got ${showShape(a.shape)})`);
      if (b.ndim !== 3) throw new RuntimeError(`batch2 must be a 3D tensor (got ${showShape(b.shape)})`);
      const [B, M, K] = a.shape;
      const N = b.shape[2];
      if (b.shape[0] !== B || b.shape[1] !== K) {
        throw new RuntimeError(
          `Expected size for first two dimensions of batch2 tensor to be: [${B}, ${K}] but got: [${b.shape[0]}, ${b.shape[1]}].`,
        );
      }
      checkProduct(a.dtype, b.dtype);
      ctx.save(ctx.needs[1] ? a : null, ctx.needs[0] ? b : null);
      const out = allocate([B, M, N], a.dtype);
      const jobs = Array.from({ length: B }, (_, i) => ({
        a: matrixOf(a, i * a._strides[0]),
        b: matrixOf(b, i * b._strides[0]),
        out: address(out) + i * M * N * out.dtype.itemsize,
      }));
      products(a.dtype, { M, N, K }, jobs, false, out);
      return out;
    },
    backward: (ctx, g) => {
      const [a, b] = ctx.saved();
      return [
        ctx.needs[0] ? bmm(g, transpose(b, 1, 2)) : null,
        ctx.needs[1] ? bmm(transpose(a, 1, 2), g) : null,
      ];
    },
    samples: (make) => [
      [make(2, 2, 3), make(2, 3, 4)],
      [make(2, 3, 2).transpose(1, 2), make(3, 2, 4).transpose(0, 1)],
    ],
  },
  ['method'],
);

/** The product of a matrix and a vector, [M, K] · [K]. */
export const mv: Op<(input: Tensor, vec: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'mv(Tensor input, Tensor vec)',
    forward: (_ctx, a: Tensor, v: Tensor) => {
      if (a.ndim !== 2 || v.ndim !== 1) {
        throw new RuntimeError(`vector + matrix @ vector expected, got 1, ${a.ndim}, ${v.ndim}`);
      }
      if (a.shape[1] !== v.shape[0]) {
        throw new RuntimeError(`size mismatch, got ${a.shape[0]}, ${a.shape[0]}x${a.shape[1]},${v.shape[0]}`);
      }
      return squeeze(mm(a, unsqueeze(v, 1)), 1);
    },
    backward: 'composite',
    samples: (make) => [[make(2, 3), make(3)]],
  },
  ['method'],
);

function innerProduct(name: string): Op<(input: Tensor, tensor: Tensor) => Tensor, 'method'> {
  return define(
    {
      schema: `${name}(Tensor input, Tensor tensor)`,
      forward: (_ctx, a: Tensor, b: Tensor) => {
        if (a.ndim !== 1 || b.ndim !== 1) {
          throw new RuntimeError(`1D tensors expected, but got ${a.ndim}D and ${b.ndim}D tensors`);
        }
        if (a.dtype !== b.dtype) {
          throw new RuntimeError(
            `dot : expected both vectors to have same dtype, but found ${a.dtype.scalarName} and ${b.dtype.scalarName}`,
          );
        }
        if (a.shape[0] !== b.shape[0]) {
          throw new RuntimeError(
            `inconsistent tensor size, expected tensor [${a.shape[0]}] and src [${b.shape[0]}] to have the same number of ` +
              `elements, but got ${a.shape[0]} and ${b.shape[0]} elements respectively`,
          );
        }
        return reshape(mm(unsqueeze(a, 0), unsqueeze(b, 1)), []);
      },
      backward: 'composite',
      samples: (make) => [[make(3), make(3)]],
    },
    ['method'],
  );
}

/** Σ input · tensor of two vectors. */
export const dot: Op<(input: Tensor, tensor: Tensor) => Tensor, 'method'> = innerProduct('dot');
/** `dot`: there are no complex dtypes. */
export const vdot: Op<(input: Tensor, tensor: Tensor) => Tensor, 'method'> = innerProduct('vdot');

/**
 * The product of two tensors as numpy's `@`: vectors give a dot product, a vector is a row on the left and a column on the
 * right, and leading dimensions are batches, which broadcast.
 *
 * @example
 * console.log(torch.ones(2, 3, 4).matmul(torch.ones(4)).shape); // [2, 3]
 */
export const matmul: Product = define(
  {
    schema: 'matmul(Tensor input, Tensor other)',
    forward: (_ctx, a: Tensor, b: Tensor) => {
      if (a.ndim === 0 || b.ndim === 0) {
        throw new RuntimeError(
          `both arguments to matmul need to be at least 1D, but they are ${a.ndim}D and ${b.ndim}D`,
        );
      }
      if (a.ndim === 1 && b.ndim === 1) return dot(a, b);
      if (a.ndim === 2 && b.ndim === 1) return mv(a, b);
      if (a.ndim === 1) {
        const out = matmul(unsqueeze(a, 0), b);
        return squeeze(out, out.ndim - 2);
      }
      if (b.ndim === 1) {
        const out = matmul(a, unsqueeze(b, 1));
        return squeeze(out, out.ndim - 1);
      }
      if (a.ndim === 2 && b.ndim === 2) return mm(a, b);
      return b.ndim === 2 ? foldedProduct(a, b) : batchedProduct(a, b);
    },
    backward: 'composite',
    samples: (make) => [
      [make(3), make(3)],
      [make(2, 3), make(3)],
      [make(3), make(3, 2)],
      [make(2, 3), make(3, 2)],
      [make(2, 2, 3), make(3, 2)],
      [make(3, 2, 2).permute(1, 2, 0), make(3, 2)],
      [make(2, 2, 3), make(3)],
      [make(3), make(2, 3, 2)],
      [make(2, 1, 2, 3), make(3, 3, 2)],
    ],
  },
  ['method'],
);

/** A batch of matrices by one matrix is one product with the rows of all of them, where memory shows them so. */
function foldedProduct(a: Tensor, b: Tensor): Tensor {
  const K = a.shape[a.ndim - 1];
  const rows = numel(a.shape.slice(0, -1));
  if (K !== b.shape[0]) throw cannotMultiply(rows, K, b.shape[0], b.shape[1]);
  if (viewStrides(a.shape, a._strides, [rows, K]) === null) return batchedProduct(a, b);
  return view(mm(view(a, [rows, K]), b), [...a.shape.slice(0, -1), b.shape[1]]);
}

function batchedProduct(a: Tensor, b: Tensor): Tensor {
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const [M, K] = a.shape.slice(-2);
  const [K2, N] = b.shape.slice(-2);
  const B = numel(batch);
  const left = reshape(expand(a, [...batch, M, K]), [B, M, K]);
  const right = reshape(expand(b, [...batch, K2, N]), [B, K2, N]);
  return view(bmm(left, right), [...batch, M, N]);
}

/** input[i] · vec2[j] of two vectors. */
export const outer: Op<(input: Tensor, vec2: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'outer(Tensor input, Tensor vec2)',
    forward: (_ctx, a: Tensor, b: Tensor) => {
      if (a.ndim !== 1) throw new RuntimeError(`outer: Expected 1-D argument self, but got ${a.ndim}-D`);
      if (b.ndim !== 1) throw new RuntimeError(`outer: Expected 1-D argument vec2, but got ${b.ndim}-D`);
      return mul(unsqueeze(a, 1), b);
    },
    backward: 'composite',
    samples: (make) => [[make(2), make(3)]],
  },
  ['method'],
);
export const ger = outer;
