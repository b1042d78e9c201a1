/** Calls of what `torch.linalg` has under names or with arguments of its own. */
import type { Arg, TensorArg } from './case.js';
import { factorizeSymmetric } from '../../src/linalg/ldl_number.js';
import { SMALL, shapeAndDim } from './call.js';
import type { Call, Make } from './call.js';
import type { Draw } from './draw.js';
import { dominant, lead, pivots, rectangular, square } from './factorizations.js';

/** A keyword that is given half of the time. */
const flag = (draw: Draw, name: string): Record<string, Arg> => (draw.bool() ? {} : { [name]: draw.bool() });

const withKeywords =
  (make: Make, kwargs: (draw: Draw) => Record<string, Arg>): Make =>
  (draw) => ({ ...make(draw), kwargs: kwargs(draw) });

const upper = (draw: Draw): Record<string, Arg> => flag(draw, 'upper');

const INFINITIES: readonly Arg[] = [{ float: 'inf' }, { float: '-inf' }];
const MATRIX_ORDERS: readonly Arg[] = ['fro', 'nuc', 1, -1, 2, -2, ...INFINITIES];
const VECTOR_ORDERS: readonly Arg[] = [0, 1, 2, 3, 0.5, -1, -2, { float: 'nan' }, ...INFINITIES];

/** A system A X = B (or X A = B), B a batch of matrices. */
function system(draw: Draw, triangular = false): Call {
  const [n, k] = [draw.int(1, 4), draw.int(1, 3)];
  const dtype = draw.floatDtype();
  const batch = lead(draw);
  const left = draw.bool();
  return {
    args: [
      dominant(draw, batch, [n, n], { dtype }),
      draw.tensor([...batch, ...(left ? [n, k] : [k, n])], { dtype, ...SMALL }),
    ],
    kwargs: triangular
      ? { upper: draw.bool(), left, ...flag(draw, 'unitriangular') }
      : left && draw.bool()
        ? {}
        : { left },
  };
}

/** A dominant matrix of 4 rows, some of its dimensions split in two. */
function folded(draw: Draw, size: readonly number[], dtype: string): TensorArg {
  const made = dominant(draw, [], [4, 4], { dtype, plain: true });
  return { ...made, size, stride: size.map((_, d) => size.slice(d + 1).reduce((a, b) => a * b, 1)) };
}

/** Order, dimensions and `keepdim` of a norm of a tensor of any shape. */
const vectorNorm: Make = (draw) => {
  const { size, dim } = shapeAndDim(draw);
  const input = draw.tensor(size, { dtype: draw.floatDtype() });
  const kwargs: Record<string, Arg> = flag(draw, 'keepdim');
  if (draw.bool()) kwargs['dim'] = draw.bool() ? dim : [dim];
  if (draw.once(5)) kwargs['dtype'] = { dtype: draw.floatDtype() };
  return { args: [input, draw.pick(VECTOR_ORDERS)], kwargs };
};

/** Norms by singular values need those apart and finite: LAPACK never comes back from some matrices with an infinity. */
const matrixNorm: Make = (draw) => {
  const order = draw.pick(MATRIX_ORDERS);
  const { args } =
    order === 'nuc' || order === 2 || order === -2
      ? rectangular()(draw)
      : {
          args: [draw.tensor([...lead(draw), draw.int(1, 4), draw.int(1, 4)], { dtype: draw.floatDtype() })],
        };
  const kwargs: Record<string, Arg> = flag(draw, 'keepdim');
  if (draw.bool()) kwargs['dim'] = draw.bool() ? [-2, -1] : [-1, -2];
  return { args: [...args, order], kwargs };
};

/** A symmetric matrix, or a batch, whose pivots are single or, where the other diagonal outweighs the rest, in pairs. */
const symmetric: Make = (draw) => {
  const n = draw.int(1, 4);
  const kind = { dtype: draw.floatDtype(), symmetric: true, across: draw.bool() };
  return { args: [dominant(draw, lead(draw), [n, n], kind)], kwargs: flag(draw, 'hermitian'), noGrad: true };
};

const householder: Make = (draw) => {
  const n = draw.int(1, 3);
  const dtype = draw.floatDtype();
  const batch = lead(draw);
  return {
    args: [
      draw.tensor([...batch, n + draw.int(0, 2), n], { dtype, low: -1, high: 1 }),
      // Where tau ‖v‖² is 1 a factor is singular, and torch divides by what is left.
      draw.tensor([...batch, draw.int(1, n)], { dtype, low: 1.25, high: 2 }),
    ],
  };
};

export const linalg: Readonly<Record<string, Make>> = {
  'linalg cholesky': withKeywords(square(true), upper),
  'linalg cholesky_ex': withKeywords(square(true), upper),
  'linalg eigh': (draw) => {
    const n = draw.int(1, 4);
    const kind = { dtype: draw.floatDtype(), symmetric: true, spread: true };
    const args: Arg[] = [dominant(draw, lead(draw), [n, n], kind)];
    return { args: draw.bool() ? args : [...args, draw.pick(['L', 'U'])], unsigned: true };
  },
  'linalg eigvalsh': square(true, (draw) => [draw.pick(['L', 'U'])]),
  'linalg inv': square(),
  'linalg inv_ex': square(),
  'linalg lstsq': (draw) => {
    const [m, n, k] = [draw.int(1, 4), draw.int(1, 4), draw.int(1, 3)];
    const dtype = draw.floatDtype();
    const batch = lead(draw);
    return {
      args: [
        dominant(draw, batch, [m, n], { dtype, spread: true }),
        draw.tensor([...batch, m, k], { dtype, ...SMALL }),
      ],
      kwargs: draw.bool() ? {} : { driver: draw.pick(['gels', 'gelsy', 'gelsd', 'gelss']) },
    };
  },
  'linalg lu': rectangular(),
  'linalg lu_factor': rectangular(),
  'linalg lu_factor_ex': rectangular(),
  'linalg lu_solve': (draw) => {
    const [n, k] = [draw.int(1, 4), draw.int(1, 3)];
    const dtype = draw.floatDtype();
    const batch = lead(draw);
    const left = draw.bool();
    return {
      args: [
        // torch 1.13 mistakes the batches of other layouts.
        dominant(draw, batch, [n, n], { dtype, plain: true }),
        pivots(draw, batch, n, n),
        draw.tensor([...batch, ...(left ? [n, k] : [k, n])], { dtype, ...SMALL }),
      ],
      kwargs: { left, ...flag(draw, 'adjoint') },
    };
  },
  'linalg cross': (draw) => {
    const { size, dim, at } = shapeAndDim(draw);
    size[at] = draw.once(12) ? 2 : 3;
    const dtype = draw.dtype();
    return {
      args: [0, 1].map(() => draw.tensor(draw.once(6) ? size.with(at, 3) : size, { dtype, ...SMALL })),
      kwargs: { dim },
    };
  },
  'linalg vecdot': (draw) => {
    const { size, dim } = shapeAndDim(draw);
    const dtype = draw.floatDtype();
    return {
      args: [0, 1].map(() => draw.tensor(size, { dtype, ...SMALL })),
      kwargs: draw.bool() ? {} : { dim },
    };
  },
  'linalg vander': (draw) => ({
    args: [draw.tensor([...draw.shape(0, 1), draw.int(1, 4)], { dtype: draw.dtype(), ...SMALL })],
    kwargs: draw.bool() ? {} : { N: draw.int(1, 4) },
  }),
  'linalg tensorinv': (draw) => {
    const [size, ind] = draw.pick([
      [[2, 2, 4], 2],
      [[4, 2, 2], 1],
      [[4, 4], 1],
      [[2, 2, 2, 2], 2],
    ] as const);
    return { args: [folded(draw, size, draw.floatDtype())], kwargs: { ind } };
  },
  'linalg tensorsolve': (draw) => {
    const dtype = draw.floatDtype();
    const size = draw.pick([
      [2, 2, 4],
      [4, 2, 2],
      [4, 4],
    ]);
    const right = size[0] === 2 ? [2, 2] : [4];
    return { args: [folded(draw, size, dtype), draw.tensor(right, { dtype, ...SMALL })] };
  },
  'linalg cond': (draw) => {
    const p = draw.pick<Arg>([null, ...MATRIX_ORDERS]);
    const spectral = p === null || p === 2 || p === -2;
    const n = draw.int(1, 4);
    const size = [n, spectral ? draw.int(1, 4) : n] as const;
    return { args: [dominant(draw, lead(draw), size, { dtype: draw.floatDtype(), spread: true }), p] };
  },
  'linalg matrix_norm': matrixNorm,
  'linalg vector_norm': vectorNorm,
  'linalg norm': (draw) => {
    if (draw.bool()) {
      const { args, kwargs } = vectorNorm(draw);
      const { size } = args[0] as TensorArg;
      // Of two dimensions without `dim` it is a matrix norm, which the next case has.
      return { args, kwargs: size.length === 2 ? { dim: 0, ...kwargs } : kwargs };
    }
    const { args, kwargs = {} } = matrixNorm(draw);
    const alone = (args[0] as TensorArg).size.length === 2 && draw.bool();
    return { args, kwargs: alone ? kwargs : { dim: [-2, -1], ...kwargs } };
  },
  'linalg matrix_rank': rectangular((draw) => (draw.bool() ? [] : [draw.pick([0.5, 1e-3])])),
  'linalg pinv': rectangular((draw) => (draw.bool() ? [] : [draw.pick([1e-3, 1e-5])])),
  'linalg multi_dot': (draw) => {
    const dtype = draw.floatDtype();
    const sides = Array.from({ length: draw.int(3, 5) }, () => draw.int(1, 4));
    const sizes = sides.slice(1).map((n, i) => [sides[i], n]);
    if (draw.once(3)) sizes[0] = sizes[0].slice(1);
    if (draw.once(3) && sizes.length > 2) sizes.splice(-1, 1, [sizes.at(-1)![0]]);
    return { args: [sizes.map((size) => draw.tensor(size, { dtype, ...SMALL }))] };
  },
  'linalg householder_product': householder,
  orgqr: householder,
  ormqr: (draw) => {
    const { args } = householder(draw);
    const [A] = args as [TensorArg];
    const m = A.size.at(-2)!;
    const [left, k] = [draw.bool(), draw.int(1, 3)];
    const size = [...A.size.slice(0, -2), ...(left ? [m, k] : [k, m])];
    return {
      args: [...args, draw.tensor(size, { dtype: A.tensor, ...SMALL })],
      kwargs: left ? flag(draw, 'transpose') : { left, ...flag(draw, 'transpose') },
    };
  },
  norm_except_dim: (draw) => {
    const { size, at } = shapeAndDim(draw);
    const input = draw.tensor(size, { dtype: draw.floatDtype(), ...SMALL });
    return { args: [input, draw.int(1, 3), draw.once(4) ? -1 : at] };
  },
  frobenius_norm: (draw) => {
    const { size, dim, at } = shapeAndDim(draw);
    const input = draw.tensor(size, { dtype: draw.floatDtype(), ...SMALL });
    const dims = size.map((_, d) => d).filter((d) => d !== at);
    return { args: [input, dims.length > 0 && draw.bool() ? [dim, draw.pick(dims)] : [dim], draw.bool()] };
  },
  nuclear_norm: rectangular((draw) => [draw.bool() ? [-2, -1] : [-1, -2], draw.bool()]),
  'linalg ldl_factor': symmetric,
  'linalg ldl_factor_ex': symmetric,
  'linalg ldl_solve': (draw) => {
    const [n, k] = [draw.int(1, 4), draw.int(1, 3)];
    const dtype = draw.floatDtype();
    const batch = lead(draw);
    const kind = { dtype, symmetric: true, across: draw.bool(), plain: true };
    const made = dominant(draw, batch, [n, n], kind);
    const count = batch.reduce((a, b) => a * b, 1);
    const factors = Array.from({ length: count }, (_, i) =>
      factorizeSymmetric(Float64Array.from(made.data.slice(i * n * n, (i + 1) * n * n), Number), n),
    );
    const LD = { ...made, data: factors.flatMap(({ ld }) => [...ld].map(Math.fround)) };
    const size = [...batch, n];
    const stride = size.map((_, d) => size.slice(d + 1).reduce((a, b) => a * b, 1));
    const data = factors.flatMap((one) => [...one.pivots]);
    return {
      args: [
        LD,
        { tensor: 'int32', size, stride, offset: 0, data },
        draw.tensor([...batch, n, k], { dtype, ...SMALL }),
      ],
      kwargs: flag(draw, 'hermitian'),
      noGrad: true,
    };
  },
  'linalg qr': rectangular((draw) => (draw.bool() ? [] : [draw.pick(['reduced', 'complete', 'r'])])),
  'linalg solve': (draw) => system(draw),
  'linalg solve_ex': (draw) => system(draw),
  'linalg solve_triangular': (draw) => system(draw, true),
  'linalg svd': (draw) => ({ ...rectangular(() => [false])(draw), unsigned: true }),
  'linalg svdvals': rectangular(),
};
