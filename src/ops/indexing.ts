import { bool, int64, uint8 } from '../dtype.js';
import { IndexError, RuntimeError, ValueError } from '../errors.js';
import {
  broadcastShapes,
  contiguousStrides,
  isBroadcastableTo,
  numel,
  sameShape,
  showShape,
  wrapDim,
} from '../shape.js';
import type { Shape } from '../shape.js';
import { Tensor } from '../tensor.js';
import * as code from '../wasm/opcode.js';
import { copy_ } from './copy.js';
import { full, tensor } from './creation.js';
import { define } from './define.js';
import type { AnyFunction, Args, Op, Variant } from './define.js';
import { cast, dense } from './dense.js';
import { nonzero } from './mask.js';
import {
  addIndex,
  apart,
  combineKernel,
  gridOffsets,
  indexAt,
  putKernel,
  takeAt,
  writable,
  zeroAt,
} from './offset.js';
import { add } from './pointwise_binary.js';
import { Slice } from './slice.js';
import { sliceDim } from './slice_dim.js';
import { expand, reshape, select, unsqueeze, view } from './view.js';

/** Nested arrays of integers or booleans. */
export type IndexArray = readonly (number | boolean | IndexArray)[];

/** What stands between the brackets of torch's `x[…]`. */
export type IndexItem = number | boolean | null | '...' | Slice | Tensor | IndexArray;

const INDEX_TYPES =
  "only integers, slices (torch.slice), '...', null, tensors of int64 or bool, and arrays of integers are valid indices";

function describe(item: unknown): string {
  if (item instanceof Tensor) return `a ${item.dtype} tensor`;
  return typeof item === 'object'
    ? ((item as object).constructor?.name ?? 'object')
    : `${typeof item} ${JSON.stringify(item)}`;
}

/** How many dimensions of the tensor an item takes up. */
function consumed(item: IndexItem): number {
  if (item === null || item === '...' || typeof item === 'boolean') return 0;
  if (item instanceof Tensor && (item.dtype === bool || item.dtype === uint8)) return item.ndim;
  return 1;
}

/** Arrays become tensors, which must be of integers or booleans. */
function tidied(items: readonly IndexItem[]): Exclude<IndexItem, IndexArray>[] {
  return items.map((item) => {
    if (Array.isArray(item)) {
      return item.length === 0 ? tensor([], { dtype: int64 }) : checkedTensor(tensor(item as number[]));
    }
    if (item instanceof Tensor) return checkedTensor(item);
    if (
      typeof item === 'number'
        ? Number.isInteger(item)
        : typeof item === 'boolean' || item === null || item === '...'
    ) {
      return item as number | boolean | null | '...';
    }
    if (item instanceof Slice) return item;
    throw new IndexError(`${INDEX_TYPES} (got ${describe(item)})`);
  });
}

function checkedTensor(index: Tensor): Tensor {
  if (index.dtype === int64 || index.dtype === bool || index.dtype === uint8) return index;
  throw new IndexError(`tensors used as indices must be long, byte or bool tensors, got ${index.dtype}`);
}

/**
 * The view that integers, slices, null and '...' make, and which of its dimensions tensors index. As in torch, a mask takes
 * up one dimension while the view is made, whatever it has itself, so that `x[mask, 1]` selects in the dimension after
 * the mask's first.
 */
function applyBasic(x: Tensor, items: readonly IndexItem[]): { view: Tensor; indices: (Tensor | null)[] } {
  const tidy = tidied(items);
  const total = tidy.reduce<number>((sum, item) => sum + consumed(item), 0);
  if (x.ndim === 0 && tidy.length === 1 && typeof tidy[0] === 'number') {
    throw new IndexError(
      'invalid index of a 0-dim tensor. Use `tensor.item()` to convert a 0-dim tensor to a number',
    );
  }
  if (total > x.ndim) throw new IndexError(`too many indices for tensor of dimension ${x.ndim}`);
  const indices: (Tensor | null)[] = [];
  let out = x;
  let dim = 0;
  const take = (index: Tensor): void => {
    while (indices.length < dim) indices.push(null);
    indices.push(index);
    dim++;
  };
  for (const [at, item] of tidy.entries()) {
    if (typeof item === 'number') {
      out = select(out, checkedDim(out, dim, item, at), item);
    } else if (item instanceof Slice) {
      out = applySlice(out, dim, item);
      dim++;
    } else if (item === '...') {
      dim += x.ndim - total;
    } else if (item === null) {
      out = unsqueeze(out, dim);
      dim++;
    } else if (typeof item === 'boolean') {
      out = unsqueeze(out, dim);
      take(tensor(item ? [0] : [], { dtype: int64 }));
    } else if (item.ndim === 0) {
      if (item.dtype === int64) {
        const index = item.item();
        out = select(out, checkedDim(out, dim, index, at), index);
      } else {
        out = unsqueeze(out, dim);
        take(tensor(item.item() ? [0] : [], { dtype: int64 }));
      }
    } else {
      take(item);
    }
  }
  return { view: out, indices: withoutMasks(out, indices) };
}

/**
 * Whether items are what torch's `index_put_` itself takes, tensors alone, and mean something else than between brackets:
 * there a 0-dim tensor selects, and after a mask of several dimensions in another place.
 */
function areTensors(items: readonly IndexItem[]): items is readonly Tensor[] {
  const tensors = items.filter((item): item is Tensor => item instanceof Tensor);
  return (
    tensors.length === items.length &&
    tensors.some((item) => consumed(item) > 1) &&
    tensors.some((item) => item.ndim === 0)
  );
}

/** Tensors alone index one dimension after the other; none selects. */
function applyTensors(x: Tensor, items: readonly Tensor[]): { view: Tensor; indices: (Tensor | null)[] } {
  return { view: x, indices: withoutMasks(x, items.map(checkedTensor)) };
}

/** torch names the position of the item where others would name the dimension. */
function checkedDim(x: Tensor, dim: number, index: number, at: number): number {
  const size = x.shape[dim];
  if (index < -size || index >= size) {
    throw new IndexError(`index ${index} is out of bounds for dimension ${at} with size ${size}`);
  }
  return dim;
}

function applySlice(x: Tensor, dim: number, { start, stop, step }: Slice): Tensor {
  if (step !== null && step <= 0) throw new ValueError('step must be greater than zero');
  const size = x.shape[dim];
  if ((start ?? 0) === 0 && (stop === null || stop >= size) && (step ?? 1) === 1) return x;
  return sliceDim(x, dim, start ?? 0, stop ?? size, step ?? 1);
}

/** Masks stand for the coordinates of their true elements, one vector a dimension. */
function withoutMasks(x: Tensor, indices: readonly (Tensor | null)[]): (Tensor | null)[] {
  const out: (Tensor | null)[] = [];
  for (const index of indices) {
    if (index === null || index.dtype === int64) {
      out.push(index);
      continue;
    }
    index.shape.forEach((size, d) => {
      const dim = wrapDim(out.length + d, x.ndim);
      if (size !== x.shape[dim]) {
        throw new IndexError(
          `The shape of the mask ${showShape(index.shape)} at index ${d} does not match the shape of the indexed tensor ` +
            `${showShape(x.shape)} at index ${dim}`,
        );
      }
    });
    out.push(...nonzero(index, { as_tuple: true }));
  }
  if (out.length > x.ndim) {
    throw new IndexError(`too many indices for tensor of dimension ${x.ndim} (got ${out.length})`);
  }
  while (out.length < x.ndim) out.push(null);
  return out;
}

/** Where index tensors lead: offsets into a dense tensor of `shape`, runs of `width`, and the shape of the result. */
interface Places {
  readonly offsets: Tensor;
  readonly width: number;
  readonly shape: Shape;
}

/**
 * torch's rule: the index tensors are broadcast to one shape, which stands where the first of them stands if they are
 * next to one another, otherwise in front of everything.
 */
function placesOf(shape: Shape, indices: readonly (Tensor | null)[]): Places {
  const indexed = indices.map((_, d) => d).filter((d) => indices[d] !== null);
  let common: Shape = [];
  try {
    for (const d of indexed) common = broadcastShapes(common, indices[d]!.shape);
  } catch {
    const shapes = indexed.map((d) => showShape(indices[d]!.shape)).join(', ');
    throw new IndexError(
      `shape mismatch: indexing tensors could not be broadcast together with shapes ${shapes}`,
    );
  }
  if (indexed.some((d) => shape[d] === 0) && !common.includes(0)) {
    throw new IndexError('index is out of bounds for dimension with size 0');
  }
  const first = indexed[0];
  const adjacent = indexed.every((d, i) => d === first + i);
  const before = shape.map((_, d) => d).filter((d) => indices[d] === null && adjacent && d < first);
  const after = shape.map((_, d) => d).filter((d) => indices[d] === null && !(adjacent && d < first));
  const strides = contiguousStrides(shape);
  // The dimensions behind the last index are one run of memory, unless an index that stands in front was taken out from among them.
  const last = indexed[indexed.length - 1];
  const run = after.filter((d) => d > last);
  const rest = after.filter((d) => d < last);
  const width = numel(run.map((d) => shape[d]));
  const sizes = [...before.map((d) => shape[d]), ...common, ...rest.map((d) => shape[d])];
  const steps = [...before.map((d) => strides[d]), ...common.map(() => 0), ...rest.map((d) => strides[d])];
  const offsets = gridOffsets(sizes, steps);
  for (const [nr, d] of indexed.entries()) {
    const index = indices[d]!;
    // The broadcast index, seen at the shape of all offsets.
    const wide = reshape(index, [...index.shape, ...rest.map(() => 1)]);
    const all = dense(cast(expand(wide, sizes), int64));
    const bad = addIndex(offsets, all, shape[d], strides[d]);
    // torch looks at an index only when it reads there.
    if (bad >= 0 && width > 0) {
      throw new IndexError(
        // torch counts the indexed dimensions.
        `index ${indexAt(all, bad)} is out of bounds for dimension ${nr} with size ${shape[d]}`,
      );
    }
  }
  return { offsets, width, shape: [...sizes, ...run.map((d) => shape[d])] };
}

const indexList: Op<(input: Tensor, items: readonly IndexItem[]) => Tensor, 'method'> = define(
  {
    schema: 'index(Tensor input, any items)',
    forward: (_ctx, x: Tensor, items: readonly IndexItem[]) => {
      const { view: seen, indices } = applyBasic(x, items);
      if (indices.every((index) => index === null)) return seen === x ? view(x, x.shape) : seen;
      const { offsets, width, shape } = placesOf(seen.shape, indices);
      return takeAt(seen, offsets, shape, width);
    },
    backward: 'composite',
    // In the form of `index`, which is what tests call.
    samples: (make) => [
      [make(3, 4), 0],
      [make(3, 4), '...', new Slice(1, null, 2)],
      [make(3, 4, 2), make.int(0, 3, 2), null, make.int(0, 4, 2)],
      [make(3, 4), make.bool(3, 4)],
    ],
  },
  ['method'],
);

/** The same operator with its second argument, a list, spread over all further arguments. */
function spread<F extends AnyFunction, V extends Variant>(op: Op<AnyFunction, V>): Op<F, V> {
  const call = (input: Tensor, ...items: IndexItem[]): unknown => op(input, items);
  Object.assign(call, { definition: op.definition, variants: op.variants, inplace: call });
  return Object.defineProperty(call, 'parsed', { get: () => op.parsed }) as unknown as Op<F, V>;
}

/**
 * torch's `x[…]`. Integers, `torch.slice`, null and '...' give a view; int64 tensors, arrays of integers and bool masks a
 * copy.
 *
 * @example
 * const x = torch.arange(12).reshape(3, 4);
 * console.log(x.index(-1, torch.slice(1, 3)).tolist()); // [9, 10]
 * console.log(x.index([0, 2], [1, 1]).tolist()); // [1, 9]
 */
export const index: Op<(input: Tensor, ...items: IndexItem[]) => Tensor, 'method'> = spread(indexList);

const putAt: Op<
  (input: Tensor, offsets: Tensor, values: Tensor, width: number, accumulate: boolean) => Tensor
> = define({
  schema: 'index_put(Tensor input, Tensor offsets, Tensor values, int width, bool accumulate)',
  repeats: true,
  forward: (ctx, x: Tensor, offsets: Tensor, values: Tensor, width: number, accumulate: boolean) => {
    const out = writable(ctx, x);
    const from = apart(values, out);
    if (accumulate) combineKernel(code.P_ADD, out, offsets, from, width);
    else putKernel(out, offsets, from, width);
    ctx.save(offsets);
    ctx.state = values.shape;
    return out;
  },
  backward: (ctx, g) => {
    const [offsets] = ctx.saved();
    const [, , , width, accumulate] = ctx.args as [null, null, null, number, boolean];
    return [
      ctx.needs[0] ? (accumulate ? g : zeroAt(g, offsets, width)) : null,
      null,
      ctx.needs[2] ? takeAt(g, offsets, ctx.state as Shape, width) : null,
    ];
  },
});

/** The value at the shape it is written to; torch lets it have leading dimensions of size 1 too many. */
function broadcastValue(value: Tensor, shape: Shape): Tensor {
  let out = value;
  if (value.ndim > shape.length) {
    const extra = value.ndim - shape.length;
    if (value.shape.slice(0, extra).every((size) => size === 1))
      out = reshape(value, value.shape.slice(extra));
  }
  if (!isBroadcastableTo(out.shape, shape)) {
    throw new RuntimeError(
      `shape mismatch: value tensor of shape ${showShape(value.shape)} cannot be broadcast to indexing result of shape ` +
        showShape(shape),
    );
  }
  return sameShape(out.shape, shape) ? out : expand(out, shape);
}

type IndexPut = Op<
  (
    ...args: Args<
      [input: Tensor, items: readonly IndexItem[], value: Tensor | number | boolean],
      [accumulate: boolean],
      { accumulate?: boolean }
    >
  ) => Tensor,
  'method'
>;

const PUT_SCHEMA = '(Tensor input, any items, Tensor|Scalar values, bool accumulate=False)';

/**
 * torch's `x[…] = value` (with `accumulate`, `+=` that counts repeated indices), in place; returns the tensor.
 *
 * @example
 * const x = torch.zeros(2, 3);
 * x.index_put_(['...', torch.slice(1, null)], 1);
 * console.log(x.tolist()); // [[0, 1, 1], [0, 1, 1]]
 */
export const index_put_: IndexPut = define(
  {
    schema: `index_put_${PUT_SCHEMA}`,
    forward: (
      _ctx,
      x: Tensor,
      items: readonly IndexItem[],
      value: Tensor | number | boolean,
      accumulate: boolean,
    ) => {
      if (!Array.isArray(items))
        throw new TypeError(`index_put_(): items must be an array of indices, got ${describe(items)}`);
      const { view: seen, indices } = areTensors(items) ? applyTensors(x, items) : applyBasic(x, items);
      const source = value instanceof Tensor ? value : full([], value, { dtype: seen.dtype });
      if (indices.every((item) => item === null)) {
        const wide = broadcastValue(source, seen.shape);
        if (accumulate) add.inplace(seen, wide);
        else copy_(seen, wide);
        return x;
      }
      const { offsets, width, shape } = placesOf(seen.shape, indices);
      if (source.dtype !== seen.dtype) {
        throw new RuntimeError(
          `Index put requires the source and destination dtypes match, got ${seen.dtype.scalarName} for the destination and ` +
            `${source.dtype.scalarName} for the source.`,
        );
      }
      putAt.inplace(seen, offsets, broadcastValue(source, shape), width, accumulate);
      return x;
    },
    backward: 'composite',
  },
  ['method'],
);

/** `index_put_` into a copy. */
export const index_put: IndexPut = define(
  {
    schema: `index_put${PUT_SCHEMA}`,
    forward: (
      _ctx,
      x: Tensor,
      items: readonly IndexItem[],
      value: Tensor | number | boolean,
      accumulate: boolean,
    ) => index_put_(x.clone(), items, value, accumulate),
    backward: 'composite',
    samples: (make) => [
      [make(3, 4), [make.int(0, 3, 1)], make(4)],
      [make(3, 4), [make.int(0, 3, 2)], make(2, 4), true],
      [make(3, 4), [1], make(4)],
    ],
  },
  ['method'],
);
