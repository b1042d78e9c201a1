import { is_grad_enabled } from '../autograd/mode.js';
import { int64 } from '../dtype.js';
import { RuntimeError, ValueError } from '../errors.js';
import { broadcastShapes, numel } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { writeValues } from '../tensor_data.js';
import { address, allocate } from '../tensor_handle.js';
import { splitCalls } from '../wasm/parallel.js';
import { eq, where } from './compare.js';
import { ones_like, zeros_like } from './creation.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { dense } from './dense.js';
import { checkSameDtype, floatKernel, floatKernelName } from './float_kernel.js';
import { index_select } from './gather.js';
import { index_add } from './index_dim.js';
import { cat } from './join.js';
import { fillKernel } from './make.js';
import { matmul } from './matmul.js';
import { abs, sign, sqrt, square } from './pointwise_unary.js';
import { div, mul, neg, pow, sub } from './pointwise_binary.js';
import { clamp_min } from './pointwise_clamp.js';
import { sum } from './reduce.js';
import { expand, reshape, transpose, unsqueeze } from './view.js';

/** Kernels' measure of work: subtractions and sums over the elements of all pairs; a power costs as much as many of them. */
function workOf(pairs: number, length: number, p: number): number {
  return pairs * length * (p === 0 || p === 1 || p === 2 || p === Infinity ? 2 : 50);
}

/** The p-norms of the differences of all rows of x1 [B, P, M] and x2 [B, R, M], one by one. */
export const pairDistance: Op<(x1: Tensor, x2: Tensor, p: number) => Tensor> = define({
  schema: '_cdist_forward(Tensor x1, Tensor x2, float p)',
  forward: (ctx, x1: Tensor, x2: Tensor, p: number) => {
    const [B, P, M] = x1.shape;
    const R = x2.shape[1];
    const [a, b] = [dense(x1), dense(x2)];
    const out = allocate([B, P, R], x1.dtype);
    ctx.save(x1, x2);
    ctx.saveOutput(out);
    if (M === 0) fillKernel(out, 0);
    else if (out.numel() > 0) {
      splitCalls(B * P, workOf(out.numel(), M, p), (begin, end) => [
        floatKernelName('cdist_forward_f32', out.dtype),
        address(a),
        address(b),
        address(out),
        P,
        R,
        M,
        p,
        begin,
        end,
      ]);
    }
    return out;
  },
  backward: (ctx, g) => {
    const [x1, x2, distance] = ctx.saved();
    const p = ctx.args[2] as number;
    if (is_grad_enabled()) {
      const difference = sub(unsqueeze(x1, 2), unsqueeze(x2, 1));
      const each = differenceGradient(unsqueeze(g, 3), difference, unsqueeze(distance, 3), p);
      return [sum(each, 2), neg(sum(each, 1))];
    }
    return [
      ctx.needs[0] ? rowGradient(g, x1, x2, distance, p) : null,
      ctx.needs[1] ? rowGradient(transpose(g, 1, 2), x2, x1, transpose(distance, 1, 2), p) : null,
    ];
  },
  samples: (make) => [0, 0.5, 1, 1.5, 2, 3, Infinity].map((p) => [make(2, 3, 5), make(2, 2, 5), p]),
});

/** The gradient in x1, by the kernel. */
function rowGradient(g: Tensor, x1: Tensor, x2: Tensor, distance: Tensor, p: number): Tensor {
  const [B, P, M] = x1.shape;
  const R = x2.shape[1];
  const out = allocate(x1.shape, x1.dtype);
  if (p === 0 || g.numel() === 0 || M === 0) {
    fillKernel(out, 0);
    return out;
  }
  const [grad, a, b, d] = [dense(g), dense(x1), dense(x2), dense(distance)];
  splitCalls(B * P, workOf(g.numel(), M, p), (begin, end) => [
    floatKernelName('cdist_backward_f32', out.dtype),
    address(grad),
    address(a),
    address(b),
    address(d),
    address(out),
    P,
    R,
    M,
    p,
    begin,
    end,
  ]);
  return out;
}

/** The gradient in the differences, with operators: for derivatives of higher order. */
function differenceGradient(g: Tensor, difference: Tensor, distance: Tensor, p: number): Tensor {
  if (p === 0) return zeros_like(difference);
  if (p === 1) return mul(sign(difference), g);
  if (p === Infinity) return mul(where(eq(abs(difference), distance), sign(difference), 0), g);
  // Where a difference is 0 the subgradient 0 is taken; 1 in its place keeps infinities out of the derivatives.
  const nonzero = (x: Tensor): Tensor => where(eq(x, 0), 1, x);
  const scale = where(
    eq(distance, 0),
    0,
    div(g, p === 2 ? nonzero(distance) : pow(nonzero(distance), p - 1)),
  );
  if (p === 2) return mul(difference, scale);
  return mul(mul(sign(difference), pow(nonzero(abs(difference)), p - 1)), scale);
}

/** Euclidean distances by a matrix product: ‖a‖² − 2ab + ‖b‖². Faster, and less exact where rows are close. */
export const euclideanDistance: Op<(x1: Tensor, x2: Tensor) => Tensor> = define({
  schema: '_euclidean_dist(Tensor x1, Tensor x2)',
  forward: (ctx, x1: Tensor, x2: Tensor) => {
    const [size1, size2] = [sum(square(x1), -1, true), sum(square(x2), -1, true)];
    const left = cat([mul(x1, -2), size1, ones_like(size1)], -1);
    const right = cat([x2, ones_like(size2), size2], -1);
    const out = sqrt(clamp_min(matmul(left, transpose(right, -2, -1)), 0));
    ctx.save(x1, x2);
    ctx.saveOutput(out);
    return out;
  },
  backward: (ctx, g) => {
    const [x1, x2, distance] = ctx.saved();
    const zero = eq(distance, 0);
    const ratio = where(zero, 0, div(g, where(zero, 1, distance)));
    const towards = (a: Tensor, b: Tensor, weight: Tensor): Tensor =>
      sub(mul(a, sum(weight, -1, true)), matmul(weight, b));
    return [
      ctx.needs[0] ? towards(x1, x2, ratio) : null,
      ctx.needs[1] ? towards(x2, x1, transpose(ratio, -2, -1)) : null,
    ];
  },
  samples: (make) => [[make(2, 3, 5), make(2, 2, 5)]],
});

/** Whether the Euclidean distance is taken by a matrix product. */
type ComputeMode =
  'use_mm_for_euclid_dist_if_necessary' | 'use_mm_for_euclid_dist' | 'donot_use_mm_for_euclid_dist';

/** From this many rows on a product pays, says torch. */
const MANY_ROWS = 25;

function byProduct(mode: string, P: number, R: number): boolean {
  if (mode === 'use_mm_for_euclid_dist_if_necessary') return P > MANY_ROWS || R > MANY_ROWS;
  if (mode === 'use_mm_for_euclid_dist') return true;
  if (mode === 'donot_use_mm_for_euclid_dist') return false;
  throw new ValueError(`${mode} is not a valid value for compute_mode`);
}

/**
 * The p-norms of the differences between all rows of x1 [..., P, M] and all rows of x2 [..., R, M]: [..., P, R]. p = 0 counts
 * the elements that differ.
 *
 * @param compute_mode whether Euclidean distances are taken by a matrix product; by default where there are more than 25 rows
 * @example
 * const [a, b] = [torch.tensor([[0.5, 0]]), torch.tensor([[0.5, 1], [0.5, 2.5]])];
 * console.log(torch.cdist(a, b).tolist()); // [ [ 1, 2.5 ] ]
 */
export const cdist: Op<
  (
    ...args: Args<
      [x1: Tensor, x2: Tensor],
      [p: number, compute_mode: ComputeMode],
      { p?: number; compute_mode?: ComputeMode }
    >
  ) => Tensor
> = define({
  schema: "cdist(Tensor x1, Tensor x2, float p=2.0, str compute_mode='use_mm_for_euclid_dist_if_necessary')",
  forward: (_ctx, x1: Tensor, x2: Tensor, p: number, mode: string) => {
    const named = [
      ['X1', x1],
      ['X2', x2],
    ] as const;
    for (const [name, x] of named) {
      if (x.ndim < 2)
        throw new RuntimeError(`cdist only supports at least 2D tensors, ${name} got: ${x.ndim}D`);
    }
    const [M, M2] = [x1.shape.at(-1)!, x2.shape.at(-1)!];
    if (M !== M2)
      throw new RuntimeError(`X1 and X2 must have the same number of columns. X1: ${M} X2: ${M2}`);
    for (const [name, x] of named) {
      if (!x.dtype.is_floating_point) {
        throw new RuntimeError(
          `cdist only supports floating-point dtypes, ${name} got: ${x.dtype.scalarName}`,
        );
      }
    }
    if (!(p >= 0)) throw new RuntimeError('cdist only supports non-negative p values');
    checkSameDtype('cdist', x1, { x2 });
    const [P, R] = [x1.shape.at(-2)!, x2.shape.at(-2)!];
    const batch = broadcastShapes(x1.shape.slice(0, -2), x2.shape.slice(0, -2));
    const stacked = (x: Tensor, rows: number): Tensor =>
      reshape(expand(x, [...batch, rows, M]), [numel(batch), rows, M]);
    const [a, b] = [stacked(x1, P), stacked(x2, R)];
    const product = byProduct(mode, P, R) && p === 2 && M > 0;
    const out = product ? euclideanDistance(a, b) : pairDistance(a, b, p);
    return reshape(out, [...batch, P, R]);
  },
  backward: 'composite',
  samples: (make) => [
    [make(3, 4), make(2, 4)],
    [make(2, 1, 3, 2), make(3, 2, 2), 1],
    [make(3, 4), make(2, 4), { compute_mode: 'use_mm_for_euclid_dist' }],
  ],
});

/** The p-norms of the differences of all rows of a matrix, each pair once, one by one. */
export const triangleDistance: Op<(input: Tensor, p: number) => Tensor> = define({
  schema: '_pdist_forward(Tensor input, float p)',
  forward: (ctx, input: Tensor, p: number) => {
    const [N, M] = input.shape;
    const x = dense(input);
    const out = allocate([(N * N - N) / 2], x.dtype);
    ctx.save(input);
    ctx.saveOutput(out);
    if (M === 0) fillKernel(out, 0);
    else {
      const kernel = floatKernel('cdist_forward_f32', x.dtype);
      const size = x.dtype.itemsize;
      let to = address(out);
      for (let i = 0; i < N - 1; i++) {
        const row = address(x) + i * M * size;
        kernel(row, row + M * size, to, 1, N - 1 - i, M, p, 0, 1);
        to += (N - 1 - i) * size;
      }
    }
    return out;
  },
  backward: (ctx, g) => {
    const [x, distance] = ctx.saved();
    const p = ctx.args[1] as number;
    const [N] = x.shape;
    if (is_grad_enabled()) {
      const [row, column] = trianglePlaces(N);
      const difference = sub(index_select(x, 0, row), index_select(x, 0, column));
      const each = differenceGradient(unsqueeze(g, 1), difference, unsqueeze(distance, 1), p);
      return [index_add(index_add(zeros_like(x), 0, row, each), 0, column, neg(each))];
    }
    const square = (packed: Tensor): Tensor => {
      const out = allocate([1, N, N], packed.dtype);
      floatKernel('unpack_triangle_f32', packed.dtype)(address(dense(packed)), address(out), N);
      return out;
    };
    const rows = unsqueeze(x, 0);
    return [reshape(rowGradient(square(g), rows, rows, square(distance), p), x.shape)];
  },
  samples: (make) => [0, 0.5, 1, 2, 3, Infinity].map((p) => [make(4, 5), p]),
});

/** The rows and the columns of the elements above the diagonal of an N × N matrix. */
function trianglePlaces(N: number): [row: Tensor, column: Tensor] {
  const rows: number[] = [];
  const columns: number[] = [];
  for (let i = 0; i < N; i++) {
    for (let j = i + 1; j < N; j++) {
      rows.push(i);
      columns.push(j);
    }
  }
  const indices = (values: number[]): Tensor => {
    const out = allocate([values.length], int64);
    writeValues(out, values);
    return out;
  };
  return [indices(rows), indices(columns)];
}

/**
 * The p-norms of the differences between all rows of the input [N, M], each pair once: [N · (N − 1) / 2], in the order of
 * `cdist`'s upper triangle.
 *
 * @example
 * console.log(torch.pdist(torch.tensor([[0.5], [1.5], [3]])).tolist()); // [ 1, 2.5, 1.5 ]
 */
export const pdist: Op<(input: Tensor, p?: number | { p?: number }) => Tensor> = define({
  schema: 'pdist(Tensor input, float p=2.0)',
  forward: (_ctx, x: Tensor, p: number) => {
    if (x.ndim !== 2) throw new RuntimeError(`pdist only supports 2D tensors, got: ${x.ndim}D`);
    if (!x.dtype.is_floating_point) throw new RuntimeError('pdist only supports floating-point dtypes');
    if (!(p >= 0)) throw new RuntimeError('pdist only supports non-negative p values');
    return triangleDistance(x, p);
  },
  backward: 'composite',
  samples: (make) => [[make(4, 3)], [make(3, 2), 1], [make(3, 2), { p: 3 }]],
});
