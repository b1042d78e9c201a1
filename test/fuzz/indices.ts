/** Calls with indices, masks, bins and counts. */
import type { Arg } from './case.js';
import { SMALL, indexTensor, shapeAndDim } from './call.js';
import type { Make } from './call.js';
import { INTEGERS } from './draw.js';
import type { Draw } from './draw.js';

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

/** Values of increasing order along the last dimension. */
function sorted(draw: Draw, size: readonly number[], dtype: string): Arg {
  const tensor = draw.tensor(size, { dtype, low: -3, high: 3, plain: true });
  const length = Math.max(size.at(-1) ?? 1, 1);
  const data = [...tensor.data] as number[];
  for (let i = 0; i + length <= data.length; i += length) {
    const line = data.slice(i, i + length).toSorted((a, b) => a - b);
    data.splice(i, length, ...line);
  }
  return { ...tensor, data };
}

/** What stands in x[…]: few dimensions, so that most fit. */
function items(draw: Draw, size: readonly number[]): Arg[] {
  const out: Arg[] = [];
  const shape = draw.shape(0, 2);
  for (const n of size) {
    if (draw.once(6)) out.push(null);
    if (draw.once(8)) break;
    const kind = draw.int(0, 4);
    if (kind === 0) out.push(draw.int(-n, n - (draw.once(20) ? 0 : 1)));
    else if (kind === 1) out.push(draw.tensor([n], { dtype: 'bool' }));
    else if (kind === 2) out.push(indexTensor(draw, draw.broadcastable(shape), n, true));
    else {
      const bound = (): number | null => (draw.bool() ? null : draw.int(-n - 1, n + 1));
      out.push({ bounds: [bound(), bound(), draw.bool() ? null : draw.int(1, 3)] });
    }
  }
  if (draw.once(4)) out.splice(draw.int(0, out.length), 0, '...');
  return out;
}

/**
 * The largest of each integer type; of int64, the largest that JavaScript's numbers count to. Less one than the lowest, whose
 * absolute value overflows: C++ does not say what gcd and lcm make of that.
 */
const LARGEST = { uint8: 255, int8: 127, int16: 2 ** 15 - 1, int32: 2 ** 31 - 1, int64: 2 ** 53 - 1 };

const integers: Make = (draw) => {
  const size = draw.shape();
  const dtype = draw.pick(INTEGERS);
  const tensor = (shape: readonly number[], dt: (typeof INTEGERS)[number]): Arg => {
    const high = draw.bool() ? LARGEST[dt] : 12;
    return draw.tensor(shape, { dtype: dt, low: dt === 'uint8' ? 0 : -high, high });
  };
  return {
    args: [tensor(size, dtype), tensor(draw.broadcastable(size), draw.once(4) ? draw.pick(INTEGERS) : dtype)],
  };
};

/** Of few elements: which of many equal ones is chosen depends on how they are sorted. */
const quantiles: Make = (draw) => {
  const { size, dim } = shapeAndDim(draw);
  const dtype = draw.floatDtype();
  const q: Arg = draw.bool()
    ? draw.pick([0, 0.25, 0.5, 1])
    : draw.tensor([draw.int(1, 3)], { dtype, low: 0, high: 1 });
  return {
    args: [draw.tensor(size, { dtype, ...SMALL }), q, dim],
    kwargs: { interpolation: draw.pick(['linear', 'lower', 'higher', 'midpoint', 'nearest']) },
  };
};

export const indices: Readonly<Record<string, Make>> = {
  isin: (draw) => {
    const dtype = draw.dtype();
    // Where torch sorts, NaN is like its neighbour. What assume_unique says of elements that are not is not determined.
    return {
      args: [0, 1].map(() => draw.tensor(draw.shape(), { dtype, finite: true })),
      kwargs: draw.bool() ? {} : { invert: draw.bool() },
    };
  },
  histogram: (draw) => {
    const dtype = draw.floatDtype();
    const size = draw.shape(1, 2).map((n) => Math.max(n, 1));
    const kwargs: Record<string, Arg> = {};
    const edges = draw.once(3);
    if (!edges && draw.bool()) kwargs['range'] = [-2, 3];
    if (draw.bool()) kwargs['weight'] = draw.tensor(size, { dtype, low: 0.5, high: 2 });
    if (draw.once(3)) kwargs['density'] = draw.bool();
    return {
      args: [
        draw.tensor(size, { dtype, low: -3, high: 3 }),
        edges ? sorted(draw, [draw.int(2, 5)], dtype) : draw.int(1, 6),
      ],
      kwargs,
    };
  },
  segment_reduce: (draw) => {
    const lengths = Array.from({ length: draw.int(1, 4) }, () => draw.int(0, 3));
    const total = lengths.reduce((a, b) => a + b, 0);
    const size = [Math.max(total, 1), ...draw.shape(0, 1)];
    const ends = lengths.map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b, 0));
    const [name, data] = draw.bool() ? ['lengths', lengths] : ['offsets', [0, ...ends]];
    const given: Arg = { tensor: 'int64', size: [data.length], stride: [1], offset: 0, data };
    const initial = draw.bool() ? {} : { initial: draw.number() };
    return {
      args: [
        // Gradients of other layouts torch 1.13 reads as if they were contiguous.
        draw.tensor(size, { dtype: draw.floatDtype(), ...SMALL, plain: true }),
        draw.pick(['sum', 'mean', 'max', 'min', 'prod']),
      ],
      kwargs: {
        [name]: given,
        ...initial,
        ...(name === 'offsets' ? {} : { unsafe: total === 0 || draw.bool() }),
      },
    };
  },
  gcd: integers,
  lcm: integers,
  index: (draw) => {
    const size = Array.from({ length: draw.int(1, 3) }, () => draw.int(1, 4));
    return { args: [draw.tensor(size, { dtype: draw.dtype() }), ...items(draw, size)] };
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
    const { head, size, count, dtype, at } = withIndex(draw, false);
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
        // torch 1.13 gives the gradients of other layouts to elements in the order of memory.
        draw.tensor(size, { dtype: draw.dtype(), plain: true }),
        draw.tensor(draw.broadcastable(size), { dtype: 'bool' }),
      ],
    };
  },
  masked_scatter: (draw) => {
    const size = draw.shape();
    const dtype = draw.dtype();
    return {
      args: [
        // As masked_select.
        draw.tensor(size, { dtype, plain: true }),
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
  quantile: quantiles,
  nanquantile: quantiles,
  repeat_interleave: (draw) => {
    const { size, dim, at } = shapeAndDim(draw);
    const repeats: Arg = draw.bool()
      ? draw.int(0, 3)
      : draw.tensor([draw.bool() ? size[at] : 1], { dtype: 'int64', low: 0, high: 3 });
    return { args: [draw.tensor(size, { dtype: draw.dtype() }), repeats, dim] };
  },
};
