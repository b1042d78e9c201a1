/** Calls of operators whose arguments must fit each other, which a schema alone does not say. */
import type { Arg } from './case.js';
import { FLOATS, INTEGERS } from './draw.js';
import type { Draw, TensorOptions } from './draw.js';
import { windows } from './windows.js';

export interface Call {
  readonly args: readonly Arg[];
  readonly kwargs?: Readonly<Record<string, Arg | undefined>>;
  /** Gradients are not compared (they are not determined, or only in exact arithmetic). */
  readonly noGrad?: boolean;
}

export type Make = (draw: Draw) => Call;

const SMALL: TensorOptions = { low: -2, high: 2 };

/** An index tensor with valid entries for a dimension of `size`, rarely one that is out of range. */
function indexTensor(draw: Draw, shape: readonly number[], size: number, negative = false): Arg {
  const bad = draw.once(40) ? 1 : 0;
  const low = negative ? -size - bad : 0;
  return draw.tensor(shape, {
    dtype: 'int64',
    low: Math.min(low, size - 1 + bad),
    high: Math.max(size - 1 + bad, low),
  });
}

/** A non-empty shape and one of its dimensions. */
function shapeAndDim(draw: Draw, min = 1, max = 3): { size: number[]; dim: number; at: number } {
  const size = Array.from({ length: draw.int(min, max) }, () => draw.int(1, 4));
  const at = draw.int(0, size.length - 1);
  return { size, at, dim: draw.bool() ? at : at - size.length };
}

function matrices(
  draw: Draw,
  left: (m: number, k: number, n: number) => number[],
  right: (m: number, k: number, n: number) => number[],
): Call {
  const [m, k, n] = [draw.int(0, 4), draw.int(0, 4), draw.int(0, 4)];
  // Products of bools are refused, except by some operators where they are empty.
  const any = (): string => draw.pick([...FLOATS, ...INTEGERS]);
  const dtype = draw.once(4) ? any() : draw.floatDtype();
  const other = draw.once(20) ? any() : dtype;
  return {
    args: [
      draw.tensor(left(m, k, n), { dtype, ...SMALL }),
      draw.tensor(right(m, draw.once(15) ? k + 1 : k, n), { dtype: other, ...SMALL }),
    ],
  };
}

function added(
  draw: Draw,
  first: (m: number, k: number, n: number) => number[],
  left: (m: number, k: number, n: number) => number[],
  right: (m: number, k: number, n: number) => number[],
): Call {
  const [m, k, n] = [draw.int(1, 4), draw.int(1, 4), draw.int(1, 4)];
  const dtype = draw.once(4) ? draw.pick(['int64', 'int32']) : draw.floatDtype();
  const number = (): number => (dtype.startsWith('float') ? draw.number() : draw.int(-2, 2));
  const kwargs: Record<string, Arg> = {};
  // torch 1.13 leaves NaN in some results of baddbmm with beta 0, where it should not read the input.
  if (draw.bool()) kwargs['beta'] = number() || 1;
  if (draw.bool()) kwargs['alpha'] = number();
  const tensor = (size: readonly number[]): Arg => draw.tensor(size, { dtype, ...SMALL });
  return {
    args: [tensor(draw.broadcastable(first(m, k, n))), tensor(left(m, k, n)), tensor(right(m, k, n))],
    kwargs,
  };
}

const withIndex = (
  draw: Draw,
  source: boolean,
): { head: Arg[]; size: number[]; count: number; dtype: string; at: number } => {
  const { size, dim, at } = shapeAndDim(draw);
  const dtype = draw.dtype();
  const count = draw.int(source ? 0 : 1, 4);
  return {
    head: [draw.tensor(size, { dtype }), dim, indexTensor(draw, [count], size[at])],
    size,
    count,
    dtype,
    at,
  };
};

/** gather's and scatter's index: no larger than the input, but along the dimension. */
function scattered(
  draw: Draw,
  source: boolean,
): { input: Arg; dim: number; index: Arg; src: Arg; dtype: string } {
  const { size, dim, at } = shapeAndDim(draw);
  const dtype = draw.dtype();
  const shape = size.map((n, d) => (d === at ? draw.int(0, 5) : draw.int(1, n)));
  const larger = shape.map((n) => n + (draw.once(4) ? 1 : 0));
  const index = indexTensor(draw, shape, size[at]);
  return {
    input: draw.tensor(size, { dtype }),
    dim,
    index,
    src: draw.tensor(source ? larger : shape, { dtype }),
    dtype,
  };
}

function classes(draw: Draw): { input: Arg; target: Arg; weight: Arg; C: number } {
  const [N, C] = [draw.int(1, 4), draw.int(1, 4)];
  const rest = draw.once(3) ? [draw.int(1, 3), draw.int(1, 2)].slice(0, draw.int(1, 2)) : [];
  const unbatched = rest.length === 0 && draw.once(4);
  const dtype = draw.floatDtype();
  return {
    C,
    input: draw.tensor(unbatched ? [C] : [N, C, ...rest], { dtype, ...SMALL }),
    target: indexTensor(draw, unbatched ? [] : [N, ...rest], C),
    weight: draw.bool() ? null : draw.tensor([C], { dtype, low: 0.25, high: 2 }),
  };
}

const reduction = (draw: Draw): Record<string, Arg> =>
  draw.once(3) ? {} : { reduction: draw.pick(['mean', 'sum', 'none']) };

/** Two tensors of about the same shape and values, and how the loss is reduced. */
function paired(draw: Draw, second: TensorOptions = SMALL, more: Record<string, Arg> = {}): Call {
  const size = draw.shape(0, 3);
  const dtype = draw.floatDtype();
  return {
    args: [
      draw.tensor(size, { dtype, ...SMALL }),
      draw.tensor(draw.once(10) ? draw.broadcastable(size) : size, { dtype, ...second }),
    ],
    kwargs: { ...reduction(draw), ...more },
  };
}

/** A factorization of n into sizes, one of which may be -1. */
function sizesOf(draw: Draw, n: number): number[] {
  const out: number[] = [];
  let rest = n;
  while (rest > 1 && out.length < 4) {
    const divisors = Array.from({ length: rest }, (_, i) => i + 1).filter((d) => rest % d === 0);
    const size = draw.pick(divisors);
    out.push(size);
    rest /= size;
    if (size === 1 && draw.bool()) break;
  }
  if (rest > 1) out.push(rest);
  if (out.length > 0 && draw.once(3)) out[draw.int(0, out.length - 1)] = -1;
  return out;
}

function reshaped(draw: Draw): Call {
  const size = draw.shape(0, 3);
  const n = size.reduce((a, b) => a * b, 1);
  return {
    args: [
      draw.tensor(size, { dtype: draw.dtype() }),
      draw.once(10) ? [draw.int(-1, 4), draw.int(0, 3)] : n === 0 ? size : sizesOf(draw, n),
    ],
  };
}

function splitPlaces(draw: Draw, size: number): Arg {
  return draw.bool() ? draw.int(1, 4) : Array.from({ length: draw.int(0, 3) }, () => draw.int(-size, size));
}

/** Values of increasing order along the last dimension. */
function sorted(draw: Draw, size: readonly number[], dtype: string): Arg {
  const tensor = draw.tensor(size, { dtype, low: -3, high: 3, plain: true });
  const length = size.at(-1) ?? 1;
  const data = [...tensor.data] as number[];
  for (let i = 0; i + length <= data.length; i += length) {
    const line = data.slice(i, i + length).toSorted((a, b) => a - b);
    data.splice(i, length, ...line);
  }
  return { ...tensor, data };
}

const norm = (draw: Draw, C: number, dtype: string): Arg =>
  draw.bool() ? null : draw.tensor([C], { dtype, ...SMALL });

/** Shifts that are defined: not negative, and shorter than the number. */
const shifted: Make = (draw) => {
  const size = draw.shape();
  const dtype = draw.pick(INTEGERS);
  return {
    args: [
      draw.tensor(size, { dtype, low: 0, high: 7 }),
      draw.tensor(draw.broadcastable(size), { dtype, low: 0, high: 3 }),
    ],
  };
};

const strided: Make = (draw) => {
  const size = Array.from({ length: draw.int(0, 2) }, () => draw.int(1, 3));
  const from = draw.tensor([24], { dtype: draw.dtype(), plain: true });
  return { args: [from, size, size.map(() => draw.int(0, 4)), draw.int(0, 8)] };
};

export const structured: Readonly<Record<string, Make>> = {
  ...windows,
  as_strided: strided,
  bitwise_left_shift: shifted,
  bitwise_right_shift: shifted,

  mm: (draw) =>
    matrices(
      draw,
      (m, k) => [m, k],
      (_, k, n) => [k, n],
    ),
  bmm: (draw) => {
    const B = draw.int(0, 3);
    return matrices(
      draw,
      (m, k) => [B, m, k],
      (_, k, n) => [B, k, n],
    );
  },
  mv: (draw) =>
    matrices(
      draw,
      (m, k) => [m, k],
      (_, k) => [k],
    ),
  dot: (draw) =>
    matrices(
      draw,
      (_, k) => [k],
      (_, k) => [k],
    ),
  vdot: (draw) =>
    matrices(
      draw,
      (_, k) => [k],
      (_, k) => [k],
    ),
  inner: (draw) =>
    matrices(
      draw,
      (m, k) => [m, k],
      (_, k, n) => [n, k],
    ),
  outer: (draw) =>
    matrices(
      draw,
      (m) => [m],
      (_, _k, n) => [n],
    ),
  ger: (draw) =>
    matrices(
      draw,
      (m) => [m],
      (_, _k, n) => [n],
    ),
  kron: (draw) =>
    matrices(
      draw,
      (m, k) => [m, k],
      (_, k, n) => [k, n],
    ),
  matmul: (draw) => {
    const lead = draw.shape(0, 2);
    const [a, b] = [draw.int(0, 3), draw.int(0, 3)];
    return matrices(
      draw,
      (m, k) => (a === 0 ? [k] : [...draw.broadcastable(lead), m, k]),
      (_, k, n) => (b === 0 ? [k] : [...draw.broadcastable(lead), k, n]),
    );
  },
  linear: (draw) => {
    const [i, o] = [draw.int(1, 4), draw.int(1, 4)];
    const dtype = draw.floatDtype();
    const args: Arg[] = [
      draw.tensor([...draw.shape(0, 3), draw.once(15) ? i + 1 : i], { dtype, ...SMALL }),
      draw.tensor([o, i], { dtype, ...SMALL }),
    ];
    if (draw.bool()) args.push(draw.tensor([o], { dtype, ...SMALL }));
    return { args };
  },
  bilinear: (draw) => {
    const [a, b, o] = [draw.int(1, 3), draw.int(1, 3), draw.int(1, 3)];
    const lead = draw.shape(0, 2);
    const dtype = draw.floatDtype();
    return {
      args: [
        [...lead, a],
        [...lead, b],
        [o, a, b],
      ].map((size) => draw.tensor(size, { dtype, ...SMALL })),
    };
  },
  addmm: (draw) =>
    added(
      draw,
      (m, _, n) => [m, n],
      (m, k) => [m, k],
      (_, k, n) => [k, n],
    ),
  addmv: (draw) =>
    added(
      draw,
      (m) => [m],
      (m, k) => [m, k],
      (_, k) => [k],
    ),
  addr: (draw) =>
    added(
      draw,
      (m, _, n) => [m, n],
      (m) => [m],
      (_, _k, n) => [n],
    ),
  baddbmm: (draw) =>
    added(
      draw,
      (m, _, n) => [2, m, n],
      (m, k) => [2, m, k],
      (_, k, n) => [2, k, n],
    ),
  addbmm: (draw) =>
    added(
      draw,
      (m, _, n) => [m, n],
      (m, k) => [2, m, k],
      (_, k, n) => [2, k, n],
    ),
  tensordot: (draw) => {
    const dtype = draw.floatDtype();
    const shared = draw.shape(0, 2);
    return {
      args: [
        draw.tensor([...draw.shape(0, 2), ...shared], { dtype, ...SMALL }),
        draw.tensor([...shared, ...draw.shape(0, 2)], { dtype, ...SMALL }),
        shared.length,
      ],
    };
  },
  einsum: (draw) => {
    const letters = ['i', 'j', 'k', 'l'];
    const sizes = letters.map(() => draw.int(1, 3));
    const dtype = draw.floatDtype();
    const operands = Array.from({ length: draw.int(1, 3) }, () =>
      Array.from({ length: draw.int(0, 3) }, () => draw.int(0, 3)),
    );
    const used = [...new Set(operands.flat())];
    const out = used.filter(() => draw.bool());
    const words = operands.map((o) => o.map((i) => letters[i]).join(''));
    const equation = words.join(',') + (draw.once(3) ? '' : `->${out.map((i) => letters[i]).join('')}`);
    return {
      args: [
        equation,
        ...operands.map((o) =>
          draw.tensor(
            o.map((i) => sizes[i]),
            { dtype, ...SMALL },
          ),
        ),
      ],
    };
  },
  cdist: (draw) => {
    const lead = draw.shape(0, 1);
    const dtype = draw.floatDtype();
    const M = draw.int(1, 3);
    const args: Arg[] = [draw.int(1, 4), draw.int(1, 4)].map((n) =>
      draw.tensor([...lead, n, M], { dtype, ...SMALL }),
    );
    return { args: [...args, draw.pick<Arg>([0, 1, 2, 3, 0.5, { float: 'inf' }])], noGrad: true };
  },
  pdist: (draw) => ({
    args: [
      draw.tensor([draw.int(0, 4), draw.int(0, 3)], { dtype: draw.floatDtype(), ...SMALL }),
      draw.pick<Arg>([0, 1, 2, 3, { float: 'inf' }]),
    ],
    noGrad: true,
  }),
  cross: (draw) => {
    const { size, dim, at } = shapeAndDim(draw);
    size[at] = draw.once(12) ? 2 : 3;
    const dtype = draw.dtype();
    return { args: [draw.tensor(size, { dtype, ...SMALL }), draw.tensor(size, { dtype, ...SMALL }), dim] };
  },

  gather: (draw) => {
    const { input, dim, index } = scattered(draw, false);
    return { args: [input, dim, index] };
  },
  scatter_add: (draw) => {
    const { input, dim, index, src } = scattered(draw, true);
    return { args: [input, dim, index, src] };
  },
  scatter: (draw) => {
    const { input, dim, index, src } = scattered(draw, true);
    // The order in which equal indices are written is not determined, so equal values are.
    return draw.bool()
      ? { args: [input, dim, index, draw.number()] }
      : { args: [input, dim, index, src], kwargs: { reduce: 'add' }, noGrad: true };
  },
  scatter_reduce: (draw) => {
    const { input, dim, index, src } = scattered(draw, true);
    const kwargs: Record<string, Arg> = draw.bool() ? {} : { include_self: draw.bool() };
    return { args: [input, dim, index, src, draw.pick(['sum', 'prod', 'mean', 'amax', 'amin'])], kwargs };
  },
  index_select: (draw) => ({ args: withIndex(draw, false).head }),
  index_fill: (draw) => ({ args: [...withIndex(draw, false).head, draw.int(0, 2)] }),
  index_add: (draw) => {
    const { head, size, count, dtype, at } = withIndex(draw, true);
    return { args: [...head, draw.tensor(size.with(at, count), { dtype })] };
  },
  index_reduce: (draw) => {
    const { head, size, count, dtype, at } = withIndex(draw, true);
    return {
      args: [
        ...head,
        draw.tensor(size.with(at, count), { dtype }),
        draw.pick(['prod', 'mean', 'amax', 'amin']),
      ],
      noGrad: true,
    };
  },
  index_copy: (draw) => {
    const { size, dim, at } = shapeAndDim(draw);
    const dtype = draw.dtype();
    const order = Array.from({ length: size[at] }, (_, i) => i);
    return {
      args: [
        draw.tensor(size, { dtype }),
        dim,
        { tensor: 'int64', size: [size[at]], stride: [1], offset: 0, data: order.toReversed() },
        draw.tensor(size, { dtype }),
      ],
    };
  },
  take: (draw) => {
    const size = draw.shape(1, 3).map((n) => Math.max(n, 1));
    return {
      args: [
        draw.tensor(size, { dtype: draw.dtype() }),
        indexTensor(
          draw,
          draw.shape(0, 2),
          size.reduce((a, b) => a * b, 1),
          true,
        ),
      ],
    };
  },
  take_along_dim: (draw) => {
    const { input, dim, index } = scattered(draw, false);
    return { args: [input, index, dim] };
  },
  masked_fill: (draw) => {
    const size = draw.shape();
    return {
      args: [
        draw.tensor(size, { dtype: draw.dtype() }),
        draw.tensor(draw.broadcastable(size), { dtype: 'bool' }),
        draw.int(0, 3),
      ],
    };
  },
  masked_select: (draw) => {
    const size = draw.shape();
    return {
      args: [
        draw.tensor(size, { dtype: draw.dtype() }),
        draw.tensor(draw.broadcastable(size), { dtype: 'bool' }),
      ],
    };
  },
  masked_scatter: (draw) => {
    const size = draw.shape();
    const dtype = draw.dtype();
    return {
      args: [
        draw.tensor(size, { dtype }),
        draw.tensor(draw.broadcastable(size), { dtype: 'bool' }),
        draw.tensor([...size, 2], { dtype }),
      ],
    };
  },
  where: (draw) => {
    const size = draw.shape();
    const dtype = draw.dtype();
    const other = draw.once(4) ? draw.dtype() : dtype;
    return {
      args: [
        draw.tensor(draw.broadcastable(size), { dtype: 'bool' }),
        draw.tensor(draw.broadcastable(size), { dtype }),
        draw.tensor(draw.broadcastable(size), { dtype: other }),
      ],
    };
  },
  one_hot: (draw) => ({
    args: [draw.tensor(draw.shape(0, 3), { dtype: 'int64', low: 0, high: 3 }), draw.pick([-1, 4, 6, 2])],
  }),
  bincount: (draw) => {
    const n = draw.int(0, 6);
    const args: Arg[] = [
      draw.tensor([n], { dtype: draw.pick(['int64', 'int32', 'uint8']), low: 0, high: 5 }),
    ];
    if (draw.bool())
      args.push(draw.tensor([n], { dtype: draw.pick(['float32', 'float64', 'int64']), ...SMALL }));
    return { args, kwargs: draw.bool() ? {} : { minlength: draw.int(0, 8) } };
  },
  searchsorted: (draw) => {
    const lead = draw.shape(0, 1);
    const dtype = draw.floatDtype();
    return {
      args: [
        sorted(draw, [...lead, draw.int(1, 5)], dtype),
        draw.tensor([...lead, draw.int(0, 4)], { dtype, low: -4, high: 4 }),
      ],
      kwargs: draw.bool() ? {} : { right: draw.bool() },
    };
  },
  bucketize: (draw) => {
    const dtype = draw.floatDtype();
    return {
      args: [
        draw.tensor(draw.shape(0, 3), { dtype, low: -4, high: 4 }),
        sorted(draw, [draw.int(0, 5)], dtype),
      ],
      kwargs: draw.bool() ? {} : { right: draw.bool() },
    };
  },
  histc: (draw) => ({
    args: [draw.tensor(draw.shape(0, 2), { dtype: draw.floatDtype(), low: -3, high: 3 })],
    kwargs: { bins: draw.int(1, 6), ...(draw.bool() ? {} : { min: -2, max: 2 }) },
  }),
  quantile: (draw) => {
    const { size, dim } = shapeAndDim(draw);
    const dtype = draw.floatDtype();
    const q: Arg = draw.bool()
      ? draw.pick([0, 0.25, 0.5, 1])
      : draw.tensor([draw.int(1, 3)], { dtype, low: 0, high: 1 });
    return {
      args: [draw.tensor(size, { dtype, ...SMALL }), q, dim],
      kwargs: { interpolation: draw.pick(['linear', 'lower', 'higher', 'midpoint', 'nearest']) },
    };
  },
  repeat_interleave: (draw) => {
    const { size, dim, at } = shapeAndDim(draw);
    const repeats: Arg = draw.bool()
      ? draw.int(0, 3)
      : draw.tensor([draw.bool() ? size[at] : 1], { dtype: 'int64', low: 0, high: 3 });
    return { args: [draw.tensor(size, { dtype: draw.dtype() }), repeats, dim] };
  },

  reshape: reshaped,
  view: reshaped,
  expand: (draw) => {
    const size = draw.shape(0, 3);
    const to = [...draw.shape(0, 1), ...size];
    const from = draw.broadcastable(size).map((n) => (draw.once(4) ? 1 : n));
    return { args: [draw.tensor(from, { dtype: draw.dtype() }), to.map((n) => (draw.once(6) ? -1 : n))] };
  },
  broadcast_to: (draw) => {
    const size = draw.shape(0, 3);
    return { args: [draw.tensor(draw.broadcastable(size), { dtype: draw.dtype() }), size] };
  },
  permute: (draw) => {
    const size = draw.shape(0, 4);
    const order = size.map((_, d) => d);
    for (let d = order.length - 1; d > 0; d--) {
      const other = draw.int(0, d);
      [order[d], order[other]] = [order[other], order[d]];
    }
    return {
      args: [draw.tensor(size, { dtype: draw.dtype() }), draw.once(12) ? draw.dims(size.length) : order],
    };
  },
  unflatten: (draw) => {
    const { size, dim, at } = shapeAndDim(draw);
    return { args: [draw.tensor(size, { dtype: draw.dtype() }), dim, sizesOf(draw, size[at])] };
  },
  narrow: (draw) => {
    const { size, dim, at } = shapeAndDim(draw);
    const start = draw.int(-size[at], size[at]);
    return { args: [draw.tensor(size, { dtype: draw.dtype() }), dim, start, draw.int(0, size[at])] };
  },
  select: (draw) => {
    const { size, dim, at } = shapeAndDim(draw);
    return { args: [draw.tensor(size, { dtype: draw.dtype() }), dim, draw.int(-size[at] - 1, size[at])] };
  },
  tensor_split: (draw) => {
    const { size, dim, at } = shapeAndDim(draw);
    return { args: [draw.tensor(size, { dtype: draw.dtype() }), splitPlaces(draw, size[at]), dim] };
  },
  split: (draw) => {
    const { size, dim } = shapeAndDim(draw);
    return { args: [draw.tensor(size, { dtype: draw.dtype() }), draw.int(0, 4), dim] };
  },
  chunk: (draw) => {
    const { size, dim } = shapeAndDim(draw);
    return { args: [draw.tensor(size, { dtype: draw.dtype() }), draw.int(0, 5), dim] };
  },
  unfold: (draw) => {
    const { size, dim, at } = shapeAndDim(draw);
    return {
      args: [draw.tensor(size, { dtype: draw.dtype() }), dim, draw.int(0, size[at] + 1), draw.int(0, 3)],
    };
  },
  repeat: (draw) => ({
    args: [
      draw.tensor(draw.shape(0, 2), { dtype: draw.dtype() }),
      Array.from({ length: draw.int(0, 3) }, () => draw.int(0, 3)),
    ],
  }),
  tile: (draw) => ({
    args: [
      draw.tensor(draw.shape(0, 2), { dtype: draw.dtype() }),
      Array.from({ length: draw.int(0, 3) }, () => draw.int(0, 3)),
    ],
  }),
  cat: (draw) => {
    const { size, dim, at } = shapeAndDim(draw);
    const dtype = draw.dtype();
    const list = Array.from({ length: draw.int(1, 3) }, () =>
      draw.tensor(size.with(at, draw.int(0, 3)), { dtype: draw.once(5) ? draw.dtype() : dtype }),
    );
    return { args: [list, dim] };
  },
  roll: (draw) => {
    const { size } = shapeAndDim(draw);
    const dims = size.map((_, d) => d).filter(() => draw.bool());
    return {
      args: [
        draw.tensor(size, { dtype: draw.dtype() }),
        dims.length === 0 ? [draw.int(-5, 5)] : dims.map(() => draw.int(-5, 5)),
        dims,
      ],
    };
  },
  topk: (draw) => {
    const { size, dim, at } = shapeAndDim(draw);
    // Equal values may come in any order: their indices are not compared, so there are none.
    return {
      args: [distinct(draw, size), draw.int(0, size[at] + (draw.once(10) ? 1 : 0)), dim, draw.bool()],
    };
  },
  kthvalue: (draw) => {
    const { size, dim, at } = shapeAndDim(draw);
    return { args: [distinct(draw, size), draw.int(0, size[at] + 1), dim, draw.bool()] };
  },
  sort: (draw) => {
    const { size, dim } = shapeAndDim(draw);
    return { args: [distinct(draw, size), dim, draw.bool()] };
  },
  argsort: (draw) => {
    const { size, dim } = shapeAndDim(draw);
    return { args: [distinct(draw, size), dim, draw.bool()] };
  },
  msort: (draw) => ({ args: [distinct(draw, shapeAndDim(draw).size)] }),

  layer_norm: (draw) => {
    const shape = draw.shape(1, 2);
    const dtype = draw.floatDtype();
    const affine = draw.bool();
    return {
      args: [
        draw.tensor([...draw.shape(0, 2), ...shape], { dtype, ...SMALL }),
        shape,
        ...(affine ? [draw.tensor(shape, { dtype, ...SMALL }), draw.tensor(shape, { dtype, ...SMALL })] : []),
      ],
    };
  },
  group_norm: (draw) => {
    const [groups, each] = [draw.int(1, 3), draw.int(1, 3)];
    const dtype = draw.floatDtype();
    const C = groups * each;
    return {
      args: [
        draw.tensor([draw.int(1, 3), C, draw.int(2, 3), ...draw.shape(0, 1)], { dtype, ...SMALL }),
        groups,
        norm(draw, C, dtype),
        norm(draw, C, dtype),
      ],
    };
  },
  batch_norm: (draw) => {
    const C = draw.int(1, 3);
    const dtype = draw.floatDtype();
    return {
      args: [
        draw.tensor([draw.int(2, 4), C, ...draw.shape(0, 2)], { dtype, ...SMALL }),
        draw.tensor([C], { dtype, ...SMALL, plain: true }),
        draw.tensor([C], { dtype, low: 0.5, high: 2, plain: true }),
        norm(draw, C, dtype),
        norm(draw, C, dtype),
      ],
      kwargs: { training: draw.bool() },
    };
  },

  nll_loss: (draw) => {
    const { input, target, weight } = classes(draw);
    return { args: [input, target, weight], kwargs: reduction(draw) };
  },
  cross_entropy: (draw) => {
    const { input, target, weight } = classes(draw);
    return {
      args: [input, target, weight],
      kwargs: {
        ...reduction(draw),
        ...(draw.bool() ? {} : { label_smoothing: draw.pick([0, 0.1, 1]) }),
        ...(draw.bool() ? {} : { ignore_index: draw.int(-1, 2) }),
      },
    };
  },
  multi_margin_loss: (draw) => {
    const [N, C] = [draw.int(1, 3), draw.int(1, 4)];
    const dtype = draw.floatDtype();
    return {
      args: [draw.tensor([N, C], { dtype, ...SMALL }), indexTensor(draw, [N], C), draw.int(1, 2)],
      kwargs: reduction(draw),
    };
  },
  binary_cross_entropy: (draw) => {
    const size = draw.shape(0, 3);
    const dtype = draw.floatDtype();
    return {
      args: [
        draw.tensor(size, { dtype, low: 0.02, high: 0.98 }),
        draw.tensor(size, { dtype, low: 0, high: 1 }),
      ],
      kwargs: reduction(draw),
    };
  },
  binary_cross_entropy_with_logits: (draw) => paired(draw, { low: 0, high: 1 }),
  kl_div: (draw) => paired(draw, { low: 0.05, high: 1 }, draw.bool() ? {} : { log_target: draw.bool() }),
  mse_loss: (draw) => paired(draw),
  l1_loss: (draw) => paired(draw),
  smooth_l1_loss: (draw) => paired(draw, SMALL, draw.bool() ? {} : { beta: draw.pick([0, 0.5, 1]) }),
  huber_loss: (draw) => paired(draw, SMALL, draw.bool() ? {} : { delta: draw.pick([0.5, 1]) }),
  soft_margin_loss: (draw) => paired(draw),
  hinge_embedding_loss: (draw) => paired(draw),
  poisson_nll_loss: (draw) => paired(draw, { low: 0.5, high: 3 }, { full: draw.bool() }),

  embedding: (draw) => {
    const [V, D] = [draw.int(1, 4), draw.int(1, 3)];
    return {
      args: [
        indexTensor(draw, draw.shape(0, 2), V),
        draw.tensor([V, D], { dtype: draw.floatDtype(), ...SMALL }),
      ],
      kwargs: draw.bool() ? {} : { padding_idx: draw.int(-V, V - 1) },
    };
  },
  prelu: (draw) => {
    const C = draw.int(1, 3);
    const dtype = draw.floatDtype();
    return {
      args: [
        draw.tensor([draw.int(1, 3), C, ...draw.shape(0, 1)], { dtype }),
        draw.tensor([draw.bool() ? 1 : C], { dtype }),
      ],
    };
  },
  glu: (draw) => {
    const { size, dim, at } = shapeAndDim(draw);
    size[at] = draw.once(12) ? 3 : 4;
    return { args: [draw.tensor(size, { dtype: draw.floatDtype() }), dim] };
  },
};

/** Different numbers in any order. */
function distinct(draw: Draw, size: readonly number[]): Arg {
  const tensor = draw.tensor(size, {
    dtype: draw.pick(['float32', 'float64', 'int64']),
    low: 0,
    high: 0,
    plain: draw.bool(),
  });
  const data = tensor.data.map((_, i) => i - 3);
  for (let i = data.length - 1; i > 0; i--) {
    const other = draw.int(0, i);
    [data[i], data[other]] = [data[other], data[i]];
  }
  // An expanded tensor would repeat them.
  return {
    ...tensor,
    stride: tensor.stride.includes(0) ? contiguous(size) : tensor.stride,
    data: [...data, ...Array.from({ length: 64 }, (_, i) => 100 + i)],
  };
}

function contiguous(size: readonly number[]): number[] {
  let step = 1;
  return size
    .toReversed()
    .map((n) => (step *= n) / n)
    .toReversed();
}
