/** Calls that take tensors apart, put them together, and order them; shifts of bits. */
import type { Arg, TensorArg } from './case.js';
import { shapeAndDim } from './call.js';
import type { Call, Make } from './call.js';
import { INTEGERS } from './draw.js';
import type { Draw } from './draw.js';

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

/** Deprecated constructors from lists of numbers. */
const listed: Make = (draw) => {
  const [rows, columns] = [draw.int(0, 3), draw.int(1, 3)];
  const line = (): number[] => Array.from({ length: columns }, () => draw.number());
  const kwargs: Record<string, Arg> = draw.bool() ? {} : { dtype: { dtype: draw.dtype() } };
  return { args: [draw.bool() ? line() : Array.from({ length: rows }, line)], kwargs };
};

const narrowed: Make = (draw) => {
  const { size, dim, at } = shapeAndDim(draw);
  const start = draw.int(-size[at], size[at]);
  return { args: [draw.tensor(size, { dtype: draw.dtype() }), dim, start, draw.int(0, size[at])] };
};

/** The three forms of max and min. */
const extreme: Make = (draw) => {
  const { size, dim } = shapeAndDim(draw);
  const input = draw.tensor(size, { dtype: draw.dtype() });
  const form = draw.int(0, 2);
  if (form === 0) return { args: [input] };
  if (form === 1) return { args: [input, dim, draw.bool()] };
  return { args: [input, draw.tensor(draw.broadcastable(size), { dtype: draw.dtype() })] };
};

/** Bounds of one kind, not NaN, which torch's vectors take another way: with a number torch takes a tensor without dimensions for a number too. */
const clamped: Make = (draw) => {
  const size = draw.shape();
  const dtype = draw.dtype();
  const tensors = draw.bool();
  const bound = (): Arg =>
    tensors
      ? draw.tensor(draw.broadcastable(size), { dtype: draw.once(4) ? draw.dtype() : dtype })
      : draw.once(20)
        ? { float: draw.pick(['inf', '-inf']) }
        : draw.number();
  const without = draw.int(0, 3);
  return {
    args: [draw.tensor(size, { dtype }), without === 1 ? null : bound(), without === 2 ? null : bound()],
  };
};

export const views: Readonly<Record<string, Make>> = {
  tensor: listed,
  new_tensor: (draw) => {
    const { args, kwargs } = listed(draw);
    return { args: [draw.tensor([1], { dtype: draw.dtype() }), ...args], kwargs };
  },
  to: (draw) => ({
    args: [draw.tensor(draw.shape(), { dtype: draw.dtype(), low: -100, high: 100 }), { dtype: draw.dtype() }],
    kwargs: draw.bool() ? {} : { copy: draw.bool() },
  }),
  diagonal_scatter: (draw) => {
    const size = Array.from({ length: draw.int(2, 3) }, () => draw.int(1, 4));
    const dim1 = draw.int(0, size.length - 1);
    const dim2 = (dim1 + draw.int(1, size.length - 1)) % size.length;
    const offset = draw.int(1 - size[dim1], size[dim2] - 1);
    const length = Math.min(size[dim1] + Math.min(offset, 0), size[dim2] - Math.max(offset, 0));
    const dtype = draw.dtype();
    const rest = size.filter((_, d) => d !== dim1 && d !== dim2);
    return {
      args: [draw.tensor(size, { dtype }), draw.tensor([...rest, length], { dtype }), offset, dim1, dim2],
    };
  },
  slice_scatter: (draw) => {
    const { size, dim, at } = shapeAndDim(draw);
    const dtype = draw.dtype();
    const start = draw.int(0, size[at]);
    const end = draw.int(start, size[at]);
    const step = draw.int(1, 2);
    const part = size.with(at, Math.ceil((end - start) / step));
    // torch 1.13 reads a missing end as 1.
    return { args: [draw.tensor(size, { dtype }), draw.tensor(part, { dtype }), dim, start, end, step] };
  },
  as_strided: strided,
  as_strided_: strided,
  bitwise_left_shift: shifted,
  bitwise_right_shift: shifted,
  reshape: reshaped,
  view: reshaped,
  expand: (draw) => {
    const size = draw.shape(0, 3);
    const to = [...draw.shape(0, 1), ...size];
    // Of a new dimension torch makes a size of −1 where another is 0.
    const from = draw.broadcastable(size).map((n) => (draw.once(4) ? 1 : n));
    return {
      args: [
        draw.tensor(from, { dtype: draw.dtype() }),
        to.map((n, d) => (d >= to.length - from.length && draw.once(6) ? -1 : n)),
      ],
    };
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
  trace: (draw) => {
    const n = draw.int(0, 4);
    // torch gives gradients to more than the diagonal of matrices with more rows.
    return { args: [draw.tensor([draw.int(0, n), n], { dtype: draw.dtype() })] };
  },
  select_scatter: (draw) => {
    const { size, dim, at } = shapeAndDim(draw, 1, 3);
    const dtype = draw.dtype();
    return {
      args: [
        draw.tensor(size, { dtype }),
        draw.tensor(size.toSpliced(at, 1), { dtype }),
        dim,
        draw.int(-size[at], size[at] - (draw.once(12) ? 0 : 1)),
      ],
    };
  },
  narrow_copy: (draw) => {
    const { args } = narrowed(draw);
    const { size, tensor } = args[0] as TensorArg;
    // torch 1.13 takes other strides than a contiguous tensor's for those.
    return { args: [draw.tensor(size, { dtype: tensor, plain: true }), ...args.slice(1)] };
  },
  narrow: narrowed,
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
  clamp: clamped,
  clip: clamped,
  max: extreme,
  min: extreme,
  unique: (draw) => {
    const [inverse, counts] = [draw.bool(), draw.bool()];
    const { size, dim } = shapeAndDim(draw);
    const along = draw.bool() ? null : dim;
    // torch sorts NaN by a comparison that it breaks and looks it up in a hash table, where it is not found.
    const input = draw.tensor(size, { dtype: draw.dtype(), finite: true });
    return { args: [input, true, inverse, counts, along] };
  },
  unique_consecutive: (draw) => {
    const { size, dim } = shapeAndDim(draw);
    const input = draw.tensor(size, { dtype: draw.dtype(), finite: true });
    // By keyword: torch takes the second argument for the third.
    const kwargs = { return_inverse: draw.bool(), return_counts: draw.bool() };
    return { args: [input], kwargs: draw.bool() ? kwargs : { ...kwargs, dim } };
  },
  logspace: (draw) => ({
    // Powers that every dtype holds.
    args: [draw.int(0, 3), draw.int(0, 3), draw.int(0, 5), draw.pick([1, 2, 3])],
    kwargs: draw.bool() ? {} : { dtype: { dtype: draw.dtype() } },
  }),
  sort: (draw) => {
    const { size, dim } = shapeAndDim(draw);
    return { args: [distinct(draw, size), dim, draw.bool()] };
  },
  argsort: (draw) => {
    const { size, dim } = shapeAndDim(draw);
    return { args: [distinct(draw, size), dim, draw.bool()] };
  },
  msort: (draw) => ({ args: [distinct(draw, shapeAndDim(draw).size)] }),
};
