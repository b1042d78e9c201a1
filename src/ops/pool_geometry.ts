import { RuntimeError } from '../errors.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import type { Pair } from './conv_geometry.js';
import { squeeze, unsqueeze } from './view.js';

/** A pooling window; avg pooling has a dilation of 1. */
export interface PoolWindow {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly ceilMode: boolean;
}

/** torch's size of a pooled dimension: with ceil_mode the last window must start inside the input or the padding before it. */
export function pooledSize(
  size: number,
  kernel: number,
  stride: number,
  padding: number,
  dilation: number,
  ceil: boolean,
): number {
  const span = size + 2 * padding - dilation * (kernel - 1) - 1;
  if (!ceil) return Math.floor(span / stride) + 1;
  const out = Math.ceil(span / stride) + 1;
  return (out - 1) * stride >= size + padding ? out - 1 : out;
}

/** Planes of H×W, any leading dimensions. */
export interface Planes {
  readonly planes: number;
  readonly H: number;
  readonly W: number;
}

export function planesOf(x: Tensor): Planes {
  const [H, W] = x.shape.slice(-2);
  return { planes: x.shape.slice(0, -2).reduce((a, b) => a * b, 1), H, W };
}

/** Refuses what torch refuses, and gives the pooled sizes. */
export function checkPool(op: string, x: Tensor, w: PoolWindow): Pair {
  const { kernel, stride, padding, dilation } = w;
  const given = `${op}: input ${showShape(x.shape)}, kernel_size ${showShape(kernel)}`;
  if (stride.some((s) => s === 0)) throw new RuntimeError(`stride should not be zero (${given})`);
  if (stride.some((s) => s < 0))
    throw new RuntimeError(`stride should be greater than zero, but got ${showShape(stride)} (${given})`);
  if (kernel.some((k) => k <= 0))
    throw new RuntimeError(
      `kernel size should be greater than zero, but got kH: ${kernel[0]} kW: ${kernel[1]} (${given})`,
    );
  if (dilation.some((d) => d <= 0)) {
    throw new RuntimeError(
      `dilation should be greater than zero, but got dilationH: ${dilation[0]} dilationW: ${dilation[1]} (${given})`,
    );
  }
  for (const d of [0, 1] as const) {
    if (padding[d] < 0)
      throw new RuntimeError(`pad must be non-negative, but got pad: ${padding[d]} (${given})`);
    if (padding[d] > kernel[d] / 2) {
      throw new RuntimeError(
        `pad should be at most half of kernel size, but got pad=${padding[d]} and kernel_size=${kernel[d]} (${given})`,
      );
    }
  }
  if (x.ndim !== 3 && x.ndim !== 4) {
    throw new RuntimeError(
      `non-empty 3D or 4D (batch mode) tensor expected for input, got ${showShape(x.shape)} (${op}: CHW or NCHW)`,
    );
  }
  if (x.shape.slice(-3).includes(0)) {
    throw new RuntimeError(
      `Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:${showShape(x.shape)} (${op})`,
    );
  }
  const [C, H, W] = x.shape.slice(-3);
  const size = (n: number, d: 0 | 1): number =>
    pooledSize(n, kernel[d], stride[d], padding[d], dilation[d], w.ceilMode);
  const [Oh, Ow] = [size(H, 0), size(W, 1)];
  if (Oh < 1 || Ow < 1) {
    throw new RuntimeError(
      `Given input size: (${C}x${H}x${W}). Calculated output size: (${C}x${Math.max(Oh, 0)}x${Math.max(Ow, 0)}). Output size is too small (${given})`,
    );
  }
  return [Oh, Ow];
}

function checkPlanes1d(op: string, x: Tensor): void {
  if (x.ndim !== 2 && x.ndim !== 3) {
    throw new RuntimeError(
      `Expected 2 to 3 dimensions, but got ${x.ndim}-dimensional tensor for argument #1 'self' (while checking arguments for ` +
        `${op}: input ${showShape(x.shape)}, CL or NCL)`,
    );
  }
}

/** Runs a pooling of planes on lines: planes of height 1. */
export function onLines<R extends Tensor | Tensor[]>(op: string, x: Tensor, pool: (planes: Tensor) => R): R {
  checkPlanes1d(op, x);
  const out = pool(unsqueeze(x, -2));
  return (Array.isArray(out) ? out.map((t) => squeeze(t, -2)) : squeeze(out, -2)) as R;
}
