/** Calls made from an operator's schema: every argument by its type, and by its name where a name says more. */
import type { Op, AnyFunction } from '../../src/ops/define.js';
import type { Param } from '../../src/ops/schema.js';
import type { Arg, Case } from './case.js';
import { DTYPES } from './draw.js';
import type { Draw, TensorOptions } from './draw.js';
import { inSomeForm } from './form.js';

export type AnyOp = Op<AnyFunction>;

const WORDS: Readonly<Record<string, readonly string[]>> = {
  reduction: ['mean', 'sum', 'none'],
  reduce: ['sum', 'prod', 'mean', 'amax', 'amin'],
  side: ['left', 'right'],
  approximate: ['none', 'tanh'],
  interpolation: ['linear', 'lower', 'higher', 'midpoint', 'nearest'],
  rounding_mode: ['floor', 'trunc'],
  p: ['fro'],
  indexing: ['ij', 'xy'],
};
const IS_DIM = /^(?:dim\d?|dims|start_dim|end_dim|dimension|source|destination|axis)$/;

interface Narrowing extends TensorOptions {
  /** No empty list of dimensions. */
  readonly dims?: boolean;
  /** Infinities and NaN as numbers, where tensors are finite. */
  readonly anyNumber?: boolean;
}

const finite: Narrowing = { finite: true };

/** Operators some of whose values torch does not determine. */
const NARROWED: Readonly<Record<string, Narrowing>> = {
  // The gradients of NaN differ between torch's vectors and the elements after the last whole one.
  celu: finite,
  elu: finite,
  hardshrink: finite,
  // Also that at 3.
  hardswish: { low: -5.9, high: 6 },
  hardtanh: { finite: true, anyNumber: true },
  logit: finite,
  relu6: finite,
  selu: finite,
  softshrink: finite,
  // torch divides ∞ by ∞ with a threshold of ∞.
  softplus: finite,
  // What is left of NaN and infinity depends on the order of products and sums.
  cumprod: finite,
  prod: finite,
  // torch 1.13 takes the number of elements for 1 in the gradient where the list of dimensions is empty.
  std: { dims: true },
  var: { dims: true },
  // Also, whether the mean is infinite or NaN depends on the order in memory, which elements that share a place do not have.
  std_mean: { apart: true, dims: true },
  var_mean: { apart: true, dims: true },
  // Near 0 only rounding is left of the gradient's numerator.
  sinc: { coarse: true },
  // torch 1.13 is off by 2e-5 of it further left, where it takes the asymptotic form too early.
  airy_ai: { low: -2, high: 10 },
  // Gradients go with 1 / |x|, and so does what rounding leaves of those that are 0.
  cosine_similarity: { coarse: true },
  normalize: { coarse: true },
  // Sorted by a comparison that NaN breaks.
  mode: finite,
  // In place torch writes elements that share a place one after the other.
  tril: { apart: true },
  triu: { apart: true },
  // torch 1.13 reads beyond the storage of expanded tensors.
  median: { apart: true },
  nanmedian: { apart: true },
};

interface First {
  readonly size: readonly number[];
  readonly dtype: string;
}

function byKind(
  draw: Draw,
  param: Param,
  first: First | null,
  options: Narrowing,
): { arg: Arg; first: First | null } {
  const kind = draw.pick(param.kinds);
  const ndim = first?.size.length ?? 2;
  const plain = (arg: Arg): { arg: Arg; first: First | null } => ({ arg, first });
  if (kind.optional && draw.once(3)) return plain(null);
  switch (kind.base) {
    case 'Tensor': {
      const make = (from: First | null): { size: number[]; dtype: string } => ({
        size: from === null || draw.once(15) ? draw.shape() : draw.broadcastable(from.size),
        dtype: from === null || draw.once(4) ? draw.dtype() : from.dtype,
      });
      if (kind.list) {
        const one = make(null);
        const list = Array.from({ length: draw.int(1, 3) }, () =>
          draw.tensor(one.size, { ...options, dtype: one.dtype }),
        );
        return { arg: list, first: first ?? one };
      }
      const made = make(first);
      return { arg: draw.tensor(made.size, { ...options, dtype: made.dtype }), first: first ?? made };
    }
    case 'int':
      if (IS_DIM.test(param.name)) {
        if (!kind.list) return plain(draw.dim(ndim));
        if (kind.length > 0) return plain([draw.dim(ndim), draw.dim(ndim)]);
        const dims = draw.dims(ndim);
        return plain(dims.length === 0 && options.dims === true ? [draw.dim(ndim)] : dims);
      }
      if (param.name === 'reduction') return plain(draw.int(0, 2));
      if (kind.list)
        return plain(Array.from({ length: kind.length || draw.int(0, 3) }, () => draw.int(0, 3)));
      return plain(draw.once(10) ? draw.int(-5, 9) : draw.int(-1, 3));
    case 'float':
    case 'Scalar':
      return plain(
        kind.list
          ? [draw.number(), draw.number()]
          : (options.finite !== true || options.anyNumber === true) && draw.once(20)
            ? { float: draw.pick(['inf', 'nan', '-inf']) }
            : draw.number(),
      );
    case 'bool':
      return plain(draw.bool());
    case 'dtype':
      return plain({ dtype: draw.pick(DTYPES) });
    case 'str':
      return plain(draw.once(30) ? 'no such word' : draw.pick(WORDS[param.name] ?? ['no such word']));
    default:
      return plain(null);
  }
}

/** Keywords that ask for what a comparison cannot see, or for random numbers. */
const LEFT_OUT = new Set(['generator', 'device', 'requires_grad', 'size_average', 'training']);

/** A call of `op` under `name`, on the namespace that has it or as a method, in place too where there is such a form. */
export function bySchema(draw: Draw, name: string, op: AnyOp, on: Case['on']): Case {
  const args: Arg[] = [];
  const kwargs: Record<string, Arg> = {};
  let first: First | null = null;
  let named = false;
  for (const param of op.parsed.params) {
    if (
      LEFT_OUT.has(param.name) ||
      (param.name === 'reduce' && !param.required && param.type.startsWith('bool'))
    ) {
      named = true;
      continue;
    }
    if (!param.required && draw.bool()) {
      named = true;
      continue;
    }
    const made = byKind(draw, param, first, NARROWED[name] ?? {});
    first = made.first;
    if (param.keywordOnly || named || param.name === 'inplace') kwargs[param.name] = made.arg;
    else args.push(made.arg);
  }
  return inSomeForm(draw, name, on, op.variants, { args, kwargs, grad: draw.bool() });
}
