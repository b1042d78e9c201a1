import { RuntimeError } from '../errors.js';
import { wrapDim } from '../shape.js';
import { Tensor } from '../tensor.js';
import { isnan, logical_not, where } from './compare.js';
import { to } from './copy.js';
import { full } from './creation.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { gather } from './gather.js';
import { mul, sub } from './pointwise_binary.js';
import { clamp_min } from './pointwise_clamp.js';
import { ceil, floor } from './pointwise_unary.js';
import { lerp, round } from './pointwise_various.js';
import { int64 } from '../dtype.js';
import { sum } from './reduce.js';
import { any } from './reduce_logic.js';
import { sort } from './sort.js';
import { expand, reshape, transpose, unsqueeze } from './view.js';

export type Interpolation = 'linear' | 'lower' | 'higher' | 'midpoint' | 'nearest';

const INTERPOLATIONS: readonly string[] = ['linear', 'lower', 'higher', 'midpoint', 'nearest'];

interface QuantileOptions {
  dim?: number | null;
  keepdim?: boolean;
  interpolation?: Interpolation;
}

type Quantile = Op<
  (
    ...args: Args<
      [input: Tensor, q: Tensor | number],
      [dim: number | null, keepdim: boolean],
      QuantileOptions
    >
  ) => Tensor,
  'method'
>;

function checkQuantile(op: string, x: Tensor, q: Tensor | number, interpolation: string): void {
  if (x.numel() === 0) throw new RuntimeError(`${op}() input tensor must be non-empty`);
  if (!x.dtype.is_floating_point) {
    throw new RuntimeError(`${op}() input tensor must be either float or double dtype`);
  }
  if (!INTERPOLATIONS.includes(interpolation)) {
    throw new RuntimeError(
      `${op}() interpolation must be one of linear, lower, higher, midpoint or nearest, but got ${interpolation}`,
    );
  }
  if (!(q instanceof Tensor)) {
    if (!(q >= 0 && q <= 1)) throw new RuntimeError(`${op}() q must be in the range [0, 1] but got ${q}`);
    return;
  }
  if (q.ndim > 1) throw new RuntimeError(`${op}() q must be a scalar or 1D tensor`);
  if (q.dtype !== x.dtype) throw new RuntimeError(`${op}() q tensor must be same dtype as the input tensor`);
  if (q.ge(0).logical_and(q.le(1)).logical_not().any().item()) {
    throw new RuntimeError(`${op}() q values must be in the range [0, 1]`);
  }
}

/** Quantiles along the last dimension of `lines` [..., n], one for each of q [k]: [..., k]. */
function ofLines(lines: Tensor, q: Tensor, interpolation: string, skipsNaN: boolean): Tensor {
  const n = lines.shape[lines.ndim - 1];
  const sorted = sort(lines, -1)[0];
  const shape = [...lines.shape.slice(0, -1), q.numel()];
  let ranks: Tensor;
  if (skipsNaN) {
    const present = sum(logical_not(isnan(sorted)), [-1], true);
    ranks = mul(q, sub(to(present, q.dtype), 1));
    ranks = clamp_min(ranks, 0);
  } else {
    // A line with a NaN gives NaN, which is its last element.
    const hasNaN = any(isnan(sorted), -1, true);
    ranks = where(hasNaN, n - 1, expand(mul(q, n - 1), shape));
  }
  if (interpolation === 'lower') ranks = floor(ranks);
  else if (interpolation === 'higher') ranks = ceil(ranks);
  else if (interpolation === 'nearest') ranks = round(ranks);
  ranks = expand(ranks, shape);
  const below = to(ranks, int64);
  const values = gather(sorted, -1, below);
  if (interpolation !== 'linear' && interpolation !== 'midpoint') return values;
  const weights = interpolation === 'midpoint' ? 0.5 : sub(ranks, to(below, ranks.dtype));
  const above = gather(sorted, -1, to(ceil(ranks), int64));
  // lerp of equal infinities is NaN, as in torch only where they differ.
  return lerp(values, above, weights);
}

function quantileLike(name: string, skipsNaN: boolean): Quantile {
  return define(
    {
      schema: `${name}(Tensor input, Tensor|float q, int? dim=None, bool keepdim=False, *, str interpolation='linear')`,
      forward: (
        _ctx,
        x: Tensor,
        q: Tensor | number,
        dim: number | null,
        keepdim: boolean,
        interpolation: string,
      ) => {
        const d = dim === null ? 0 : wrapDim(dim, x.ndim);
        checkQuantile(name, x, q, interpolation);
        const flat = dim === null || x.ndim === 0;
        const lines = flat ? reshape(x, [x.numel()]) : transpose(unsqueeze(x, -1), d, -1);
        const points = q instanceof Tensor ? reshape(q, [-1]) : full([1], q, { dtype: x.dtype });
        const found = ofLines(lines, points, interpolation, skipsNaN);
        // The quantiles come first; where they came from is a dimension of size 1.
        const shape = flat ? x.shape.map(() => 1) : x.shape.with(d, 1);
        const kept = keepdim ? shape : flat ? [] : x.shape.toSpliced(d, 1);
        const lead = q instanceof Tensor && q.ndim === 1 ? [points.numel()] : [];
        if (flat) return reshape(found, [...lead, ...kept]);
        const order = transpose(unsqueeze(found, 0), 0, -1);
        return reshape(order, [...lead, ...kept]);
      },
      backward: 'composite',
      samples: (make) => [
        [make(4), 0.4],
        [make(2, 4), 0.3, 1, true],
        [make(4, 2), 0.6, { dim: 0, interpolation: 'midpoint' }],
      ],
    },
    ['method'],
  );
}

/**
 * The q-quantiles of all elements or of each line along `dim`; a vector of q comes as a leading dimension. NaN wins.
 *
 * @param interpolation between two elements: linear (default), lower, higher, midpoint or nearest
 * @example
 * console.log(torch.tensor([0, 1, 2, 3]).float().quantile(0.5).item()); // 1.5
 */
export const quantile: Quantile = quantileLike('quantile', false);
/** `quantile` that passes over NaNs. */
export const nanquantile: Quantile = quantileLike('nanquantile', true);
