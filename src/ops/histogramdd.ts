import { RuntimeError } from '../errors.js';
import { numel, sameShape, showShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { writeValues } from '../tensor_data.js';
import { allocate } from '../tensor_handle.js';
import { linspace } from './creation_range.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { dense } from './dense.js';
import { floatsOf } from './float_map.js';
import { named } from './named.js';
import { div } from './pointwise_binary.js';
import { diff } from './scan.js';
import { reshape } from './view.js';

export interface HistogramOptions {
  /** Outermost edges, [min, max] for each dimension; default: those of the elements. */
  range?: readonly number[] | null;
  /** What each point counts, instead of 1. */
  weight?: Tensor | null;
  /** Whether counts are divided by their sum and the volume of their bin. */
  density?: boolean;
}

/** What `histogram` returns. */
export type Histogram = [hist: Tensor, bin_edges: Tensor] & {
  readonly hist: Tensor;
  readonly bin_edges: Tensor;
};

/** What `histogramdd` returns. */
export type HistogramDD = [hist: Tensor, bin_edges: Tensor[]] & {
  readonly hist: Tensor;
  readonly bin_edges: Tensor[];
};

const WORDS = { float32: 'float', float64: 'double' } as Readonly<Record<string, string>>;
const wordOf = (x: Tensor): string => WORDS[x.dtype.name] ?? x.dtype.name;

/** The least and greatest coordinate of dimension d of points [M, N]. */
function extent(points: Tensor, d: number, range: readonly number[] | null): [number, number] {
  const [M, N] = points.shape;
  let [low, high] = range === null ? [0, 1] : [range[2 * d], range[2 * d + 1]];
  if (range === null && M > 0) {
    const values = floatsOf(points);
    [low, high] = [Infinity, -Infinity];
    for (let i = 0; i < M; i++) {
      low = Math.min(low, values[i * N + d]);
      high = Math.max(high, values[i * N + d]);
    }
  }
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    const text = (x: number): string =>
      Number.isFinite(x) ? String(x) : Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf';
    throw new RuntimeError(
      `torch.histogramdd: dimension ${d}'s range [${text(low)}, ${text(high)}] is not finite`,
    );
  }
  if (low > high) {
    throw new RuntimeError(
      `torch.histogramdd: min should not exceed max, but got min ${low} max ${high} for dimension ${d}`,
    );
  }
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** The edges of the bins of every dimension of points [M, N]. */
function edgesOf(
  points: Tensor,
  bins: readonly (number | Tensor)[],
  range: readonly number[] | null,
): Tensor[] {
  const N = points.shape[1];
  if (range !== null && range.length !== 2 * N) {
    throw new RuntimeError(
      `torch.histogramdd: for a ${N}-dimensional histogram range should have ${2 * N} elements, but got ${range.length}`,
    );
  }
  if (bins.length !== N) {
    throw new RuntimeError(
      `torch.histogramdd: expected ${N} sequences of bin edges for a ${N}-dimensional histogram but got ${bins.length}`,
    );
  }
  return bins.map((bin, d) => {
    if (!(bin instanceof Tensor)) {
      const [low, high] = extent(points, d, range);
      if (bin <= 0) {
        throw new RuntimeError(`torch.histogram(): bins must be > 0, but got ${bin} for dimension ${d}`);
      }
      return linspace(low, high, bin + 1, { dtype: points.dtype });
    }
    if (bin.dtype !== points.dtype) {
      throw new RuntimeError(
        'torch.histogramdd: input tensor and bins tensors should have the same dtype, but got input with dtype ' +
          `${wordOf(points)} and bins for dimension ${d} with dtype ${wordOf(bin)}`,
      );
    }
    if (bin.ndim !== 1) {
      throw new RuntimeError(
        `torch.histogramdd: bins tensor should have one dimension, but got ${bin.ndim} dimensions in the bins tensor for ` +
          `dimension ${d}`,
      );
    }
    if (bin.numel() === 0) {
      throw new RuntimeError(
        `torch.histogramdd: bins tensor should have at least 1 element, but got 0 elements in the bins tensor for dimension ${d}`,
      );
    }
    if (bin.numel() === 1) {
      throw new RuntimeError(`torch.histogram(): bins must be > 0, but got 0 for dimension ${d}`);
    }
    return bin.clone();
  });
}

function checkWeight(x: Tensor, weight: Tensor): void {
  if (weight.dtype !== x.dtype) {
    throw new RuntimeError(
      'torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same dtype, but got ' +
        `input(${wordOf(x)}), and weight(${wordOf(weight)})`,
    );
  }
  if (!sameShape(x.shape.slice(0, -1), weight.ndim === 0 ? [1] : weight.shape)) {
    throw new RuntimeError(
      'torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor excluding its ' +
        `innermost dimension, but got input with shape ${showShape(x.shape)} and weight with shape ${showShape(weight.shape)}`,
    );
  }
}

/** The bin of a value: left edges belong to it, of the last one the right edge too. -1 outside. */
function binOf(edges: Float32Array | Float64Array, value: number): number {
  const last = edges.length - 1;
  if (!(value >= edges[0] && value <= edges[last])) return -1;
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return Math.min(low - 1, last - 1);
}

function count(points: Tensor, edges: readonly Tensor[], weight: Tensor | null): Tensor {
  const shape = edges.map((edge) => edge.numel() - 1);
  const sums = new Float64Array(numel(shape));
  const values = floatsOf(points);
  const bounds = edges.map((edge) => floatsOf(edge));
  const weights = weight === null ? null : floatsOf(weight);
  const N = edges.length;
  const M = points.shape[0];
  for (let i = 0; i < M; i++) {
    let at = 0;
    for (let d = 0; d < N && at >= 0; d++) {
      const bin = binOf(bounds[d], values[i * N + d]);
      at = bin < 0 ? -1 : at * shape[d] + bin;
    }
    if (at >= 0) sums[at] += weights === null ? 1 : weights[i];
  }
  const out = allocate(shape, points.dtype);
  writeValues(out, sums);
  return out;
}

function histogramOf(
  x: Tensor,
  bins: readonly (number | Tensor)[],
  range: readonly number[] | null,
  weight: Tensor | null,
  density: boolean,
): { hist: Tensor; edges: Tensor[] } {
  if (x.ndim < 2) throw new RuntimeError('torch.histogramdd: input tensor should have at least 2 dimensions');
  if (!x.dtype.is_floating_point) {
    throw new RuntimeError(`"histogramdd" not implemented for '${x.dtype.scalarName}'`);
  }
  const N = x.shape[x.ndim - 1];
  const points = dense(reshape(x, [numel(x.shape.slice(0, -1)), N]));
  const edges = edgesOf(points, bins, range);
  if (weight !== null) checkWeight(x, weight);
  let hist = count(points, edges, weight === null ? null : dense(weight));
  if (density) {
    hist = div(hist, hist.sum());
    edges.forEach((edge, d) => {
      const shape = edges.map((_, i) => (i === d ? edge.numel() - 1 : 1));
      hist = div(hist, reshape(diff(edge), shape));
    });
  }
  return { hist, edges };
}

const OPTIONS = '*, float[]? range=None, Tensor? weight=None, bool density=False';

/** Bins as torch takes them: a number, numbers, or tensors of edges. */
function checkBins(op: string, bins: unknown, N: number): (number | Tensor)[] {
  if (Number.isInteger(bins)) return new Array<number>(N).fill(bins as number);
  const isBin = (bin: unknown): boolean => bin instanceof Tensor || Number.isInteger(bin);
  if (!Array.isArray(bins) || !bins.every(isBin)) {
    throw new TypeError(`${op}(): argument 'bins' must be an int, ints, or tensors of edges`);
  }
  return bins as (number | Tensor)[];
}

/**
 * How many elements (or what weight of them) fall into each bin, and the edges of the bins: `[hist, bin_edges]`. A bin
 * holds its left edge; the last one also its right.
 *
 * @param bins how many bins, or a vector of edges
 * @example
 * const [hist, edges] = torch.histogram(torch.tensor([1, 2, 1.5]), 2);
 * console.log(hist.tolist(), edges.tolist()); // [ 1, 2 ] [ 1, 1.5, 2 ]
 */
export const histogram: Op<
  (input: Tensor, bins: number | Tensor, options?: HistogramOptions) => Histogram,
  'method'
> = define(
  {
    schema: `histogram(Tensor input, Tensor|int bins, ${OPTIONS})`,
    forward: (
      _ctx,
      x: Tensor,
      bins: Tensor | number,
      range: number[] | null,
      weight: Tensor | null,
      density: boolean,
    ) => {
      if (bins instanceof Tensor && range !== null) {
        throw new TypeError('histogram(): range has no meaning when bins are edges');
      }
      const points = reshape(x, [x.numel(), 1]);
      const weights = weight === null ? null : reshape(weight, [weight.numel()]);
      const { hist, edges } = histogramOf(points, [bins], range, weights, density);
      return named(['hist', 'bin_edges'], [hist, edges[0]]);
    },
    backward: 'none',
    samples: (make) => [
      [make(5), 3],
      [make(5), 3, { density: true }],
    ],
  },
  ['method'],
);

const histogramddParts: Op<(input: Tensor, bins: unknown, options?: HistogramOptions) => Tensor[]> = define({
  schema: `histogramdd(Tensor input, any bins, ${OPTIONS})`,
  forward: (
    _ctx,
    x: Tensor,
    bins: unknown,
    range: number[] | null,
    weight: Tensor | null,
    density: boolean,
  ) => {
    const N = x.shape[x.ndim - 1] ?? 1;
    const { hist, edges } = histogramOf(x, checkBins('histogramdd', bins, N), range, weight, density);
    return [hist, ...edges];
  },
  backward: 'none',
});

/**
 * `histogram` of points in N dimensions, the last dimension of the input: `[hist, bin_edges]`, the edges a list with
 * one vector a dimension.
 *
 * @param bins how many bins (one number for all dimensions, or one each), or one vector of edges a dimension
 */
export function histogramdd(
  input: Tensor,
  bins: number | readonly number[] | readonly Tensor[],
  options: HistogramOptions = {},
): HistogramDD {
  const [hist, ...bin_edges] = histogramddParts(input, bins, options);
  return Object.assign([hist, bin_edges] as [Tensor, Tensor[]], { hist, bin_edges });
}
