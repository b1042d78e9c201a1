import { RuntimeError } from '../errors.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { withWorkspace } from '../storage.js';
import { runtime } from '../wasm/module.js';
import type { Triple } from './conv3d.js';
import { pooledSize } from './pool_geometry.js';

/** The windows of one dimension: for each output where its window begins and ends, clipped to the input. */
export interface Windows {
  readonly bounds: readonly (readonly [begin: number, end: number])[];
  /** Distance of a window's taps. */
  readonly step: number;
  /** For each output its window's part of an average's divisor. */
  readonly divisors: readonly number[];
}

/** Windows of depth, height and width. */
export type Windows3d = readonly [Windows, Windows, Windows];

/** A sliding window along each dimension; average pooling has a dilation of 1. */
export interface PoolWindow3d {
  readonly kernel: Triple;
  readonly stride: Triple;
  readonly padding: Triple;
  readonly dilation: Triple;
  readonly ceilMode: boolean;
  /** Whether padding counts in the divisor. */
  readonly includePad: boolean;
}

function slidingWindows(size: number, w: PoolWindow3d, d: number): Windows {
  const [kernel, stride, padding, dilation] = [w.kernel[d], w.stride[d], w.padding[d], w.dilation[d]];
  const count = pooledSize(size, kernel, stride, padding, dilation, w.ceilMode);
  const starts = Array.from({ length: Math.max(count, 0) }, (_, i) => i * stride - padding);
  const bounds = starts.map((start): [number, number] => {
    // The first tap inside the input: taps in the padding are skipped, not moved.
    const begin = start >= 0 ? start : start + Math.ceil(-start / dilation) * dilation;
    return [begin, Math.min(start + (kernel - 1) * dilation + 1, size)];
  });
  const divisors = w.includePad
    ? starts.map((start) => Math.min(start + kernel, size + padding) - start)
    : bounds.map(([begin, end]) => end - begin);
  return { bounds, step: dilation, divisors };
}

/** Bin i of `count` over n elements is [⌊i·n/count⌋, ⌈(i + 1)·n/count⌉). */
function bins(size: number, count: number): Windows {
  const bounds = Array.from({ length: count }, (_, i): [number, number] => [
    Math.floor((i * size) / count),
    Math.ceil(((i + 1) * size) / count),
  ]);
  return { bounds, step: 1, divisors: bounds.map(([begin, end]) => end - begin) };
}

export function binsOf(x: Tensor, sizes: readonly number[]): Windows3d {
  const spatial = x.shape.slice(-3);
  return sizes.map((size, d) => bins(spatial[d], size)) as unknown as Windows3d;
}

/** How a kernel sees windows: [Od, Oh, Ow], and where their bounds and divisors are. */
export function withWindows(
  windows: Windows3d,
  body: (counts: readonly [number, number, number], bounds: number, divisors: number) => void,
): void {
  const bounds = windows.flatMap((w) => w.bounds.flat());
  const divisors = windows.flatMap((w) => w.divisors);
  withWorkspace(4 * (bounds.length + divisors.length), (start) => {
    const { i32 } = runtime().heap;
    i32.set(bounds, start >> 2);
    i32.set(divisors, (start >> 2) + bounds.length);
    const counts = windows.map((w) => w.bounds.length) as [number, number, number];
    body(counts, start, start + 4 * bounds.length);
  });
}

/** Volumes of D×H×W, any leading dimensions. */
export function volumesOf(x: Tensor): { volumes: number; D: number; H: number; W: number } {
  const [D, H, W] = x.shape.slice(-3);
  return { volumes: x.shape.slice(0, -3).reduce((a, b) => a * b, 1), D, H, W };
}

const named = (names: readonly string[], values: readonly number[]): string =>
  names.map((name, i) => `${name}: ${values[i]}`).join(' ');

function checkOptions(op: string, w: PoolWindow3d): void {
  const { kernel, stride, padding, dilation } = w;
  if (stride.includes(0)) throw new RuntimeError(`stride should not be zero (${op})`);
  if (kernel.some((k) => k <= 0)) {
    throw new RuntimeError(
      `kernel size should be greater than zero, but got ${named(['kT', 'kH', 'kW'], kernel)} (${op})`,
    );
  }
  if (stride.some((s) => s < 0)) {
    throw new RuntimeError(
      `stride should be greater than zero, but got ${named(['dT', 'dH', 'dW'], stride)} (${op})`,
    );
  }
  if (dilation.some((d) => d <= 0)) {
    throw new RuntimeError(
      `dilation should be greater than zero, but got ${named(['dilationT', 'dilationH', 'dilationW'], dilation)} (${op})`,
    );
  }
  padding.forEach((pad, d) => {
    if (pad < 0) throw new RuntimeError(`pad must be non-negative, but got pad: ${pad} (${op})`);
    if (pad > kernel[d] / 2) {
      throw new RuntimeError(
        `pad should be at most half of kernel size, but got pad=${pad} and kernel_size=${kernel[d]} (${op})`,
      );
    }
  });
}

/** Refuses what is no [N, C, D, H, W] or [C, D, H, W] with elements. */
export function checkVolumes(op: string, x: Tensor): void {
  if (x.ndim !== 4 && x.ndim !== 5) {
    throw new RuntimeError(
      `${op}(): Expected 4D or 5D tensor, but got ${showShape(x.shape)} (CDHW or NCDHW)`,
    );
  }
  const empty = x.shape.findIndex((n, d) => n === 0 && (x.ndim === 4 || d > 0));
  if (empty >= 0) {
    throw new RuntimeError(
      `${op}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ${showShape(x.shape)} with dimension ` +
        `${empty} being empty`,
    );
  }
}

/** Refuses what torch refuses, and gives the windows. `whole`: the kernel may not be larger than the input. */
export function slidingOver(op: string, x: Tensor, w: PoolWindow3d, whole: boolean): Windows3d {
  checkOptions(op, w);
  if (x.ndim !== 4 && x.ndim !== 5) {
    throw new RuntimeError(
      `non-empty 4D or 5D (batch mode) tensor expected for input, got ${showShape(x.shape)} (${op}: CDHW or NCDHW)`,
    );
  }
  checkVolumes(op, x);
  const { kernel } = w;
  const [C, ...sizes] = x.shape.slice(-4);
  if (whole && kernel.some((k, d) => sizes[d] < k)) {
    throw new RuntimeError(
      `input image (${named(['T', 'H', 'W'], sizes)}) smaller than kernel size (${named(['kT', 'kH', 'kW'], kernel)}) (${op})`,
    );
  }
  const windows = sizes.map((size, d) => slidingWindows(size, w, d)) as unknown as Windows3d;
  const counts = windows.map(({ bounds }) => bounds.length);
  if (counts.includes(0)) {
    throw new RuntimeError(
      `Given input size: (${[C, ...sizes].join('x')}). Calculated output size: (${[C, ...counts].join('x')}). Output size is too ` +
        `small (${op}: kernel_size ${showShape(kernel)})`,
    );
  }
  return windows;
}
