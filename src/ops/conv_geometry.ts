import { bool, float64, int64 } from '../dtype.js';
import { NotImplementedError, RuntimeError } from '../errors.js';
import { showShape } from '../shape.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { cast } from './dense.js';

export type Pair = readonly [number, number];

/** What a two-dimensional convolution has besides its tensors. */
export interface Window {
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly groups: number;
}

/** What the kernels are told of a convolution besides its tensors. */
export interface Geometry {
  readonly N: number;
  readonly C: number;
  readonly H: number;
  readonly W: number;
  readonly O: number;
  readonly Kh: number;
  readonly Kw: number;
  readonly sh: number;
  readonly sw: number;
  readonly ph: number;
  readonly pw: number;
  readonly dh: number;
  readonly dw: number;
  readonly groups: number;
  readonly Oh: number;
  readonly Ow: number;
}

export function geometry(
  x: Shape,
  weight: Shape,
  out: Shape,
  { stride, padding, dilation, groups }: Window,
): Geometry {
  return {
    N: x[0],
    C: x[1],
    H: x[2],
    W: x[3],
    O: weight[0],
    Kh: weight[2],
    Kw: weight[3],
    sh: stride[0],
    sw: stride[1],
    ph: padding[0],
    pw: padding[1],
    dh: dilation[0],
    dw: dilation[1],
    groups,
    Oh: out[2],
    Ow: out[3],
  };
}

type Numbers = [
  N: number,
  C: number,
  H: number,
  W: number,
  O: number,
  Kh: number,
  Kw: number,
  sh: number,
  sw: number,
  ph: number,
  pw: number,
  dh: number,
  dw: number,
  groups: number,
  Oh: number,
  Ow: number,
];

/** The geometry in the order in which the kernels take it, of N images and O output channels. */
export function numbersOf(g: Geometry, N: number = g.N, O: number = g.O): Numbers {
  const { C, H, W, Kh, Kw, sh, sw, ph, pw, dh, dw, groups, Oh, Ow } = g;
  return [N, C, H, W, O, Kh, Kw, sh, sw, ph, pw, dh, dw, groups, Oh, Ow];
}

/** What is checked alike for convolutions and transposed ones, of one to three dimensions: all but the padding, which may be a word. */
export interface ConvCall {
  readonly op: string;
  /** How many dimensions the window has. */
  readonly spatial: 1 | 2 | 3;
  readonly transposed: boolean;
  readonly input: Tensor;
  readonly weight: Tensor;
  readonly bias: Tensor | null;
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

const LAYOUT = {
  1: ['CL', 'NCL', 'OCK'],
  2: ['CHW', 'NCHW', 'OCHW'],
  3: ['CDHW', 'NCDHW', 'OCDHW'],
} as const;

function showCall({ op, input, weight, groups }: ConvCall): string {
  return `${op}: input ${showShape(input.shape)}, weight ${showShape(weight.shape)}, groups=${groups}`;
}

/** Whether one of them is. (A loop: this runs with every call, and a callback is slow until the engine has optimized it.) */
function below(values: readonly number[], least: number): boolean {
  for (let i = 0; i < values.length; i++) if (values[i] < least) return true;
  return false;
}

/** Refuses what cannot be convolved, in torch's words where the condition is torch's. */
export function checkConv(call: ConvCall, padding: readonly number[]): void {
  const { op, spatial, transposed, input, weight, bias, groups } = call;
  if (input.ndim !== spatial + 1 && input.ndim !== spatial + 2) {
    throw new RuntimeError(
      `Expected ${spatial + 1}D (unbatched) or ${spatial + 2}D (batched) input to ${op}, but got input of size: ` +
        `${showShape(input.shape)} (${LAYOUT[spatial][0]} or ${LAYOUT[spatial][1]})`,
    );
  }
  if (weight.ndim !== spatial + 2) {
    throw new RuntimeError(
      `${op}: expected a ${spatial + 2}-dimensional weight (${LAYOUT[spatial][2]}), got ${showShape(weight.shape)}`,
    );
  }
  if (below(padding, 0))
    throw new RuntimeError(`negative padding is not supported (${op}: ${showShape(padding)})`);
  if (below(call.stride, 1))
    throw new RuntimeError(`non-positive stride is not supported (${op}: ${showShape(call.stride)})`);
  if (below(call.dilation, 1)) {
    throw new RuntimeError(
      `dilation should be greater than zero, but got ${showShape(call.dilation)} (${op})`,
    );
  }
  if (groups <= 0) throw new RuntimeError(`non-positive groups is not supported (${op}: groups=${groups})`);
  if (!input.dtype.is_floating_point && (transposed ? input.dtype !== int64 : input.dtype === bool))
    throw new NotImplementedError(`"${op}" not implemented for '${input.dtype.scalarName}'`);
  if (input.dtype !== weight.dtype) {
    throw new RuntimeError(
      `expected scalar type ${input.dtype.scalarName} but found ${weight.dtype.scalarName}: Input type (${input.dtype}) and ` +
        `weight type (${weight.dtype}) should be the same (${op})`,
    );
  }
  if (bias !== null && bias.dtype !== input.dtype) {
    throw new RuntimeError(
      `Input type (${input.dtype}) and bias type (${bias.dtype}) should be the same (${op})`,
    );
  }
  const kernel = weight.shape.slice(2);
  if (below(kernel, 1))
    throw new RuntimeError(
      `kernel size should be greater than zero, but got ${showShape(kernel)} (${showCall(call)})`,
    );
  if (weight.shape[0] < groups) {
    throw new RuntimeError(
      `Given groups=${groups}, expected weight to be at least ${groups} at dimension 0, but got weight of size ` +
        `${showShape(weight.shape)} instead`,
    );
  }
  if (weight.shape[0] % groups !== 0) {
    throw new RuntimeError(
      `Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got weight of size ` +
        `${showShape(weight.shape)} instead`,
    );
  }
  const channels = input.shape[input.ndim - spatial - 1];
  const wanted = transposed ? weight.shape[0] : weight.shape[1] * groups;
  if (channels !== wanted) {
    const batchedShape = input.ndim === spatial + 1 ? [1, ...input.shape] : input.shape;
    throw new RuntimeError(
      `Given ${transposed ? 'transposed=1' : `groups=${groups}`}, weight of size ${showShape(weight.shape)}, expected input${showShape(batchedShape)} to have ${wanted} ` +
        `channels, but got ${channels} channels instead (${op}: input ${LAYOUT[spatial][input.ndim === spatial + 1 ? 0 : 1]})`,
    );
  }
  const outChannels = transposed ? weight.shape[1] * groups : weight.shape[0];
  if (bias !== null && (bias.ndim !== 1 || bias.shape[0] !== outChannels)) {
    throw new RuntimeError(
      `Given ${transposed ? 'transposed=1, ' : ''}weight of size ${showShape(weight.shape)}, expected bias to be 1-dimensional with ` +
        `${outChannels} elements, but got bias of size ${showShape(bias.shape)} instead (${op})`,
    );
  }
  if (!transposed) checkReach(call, padding, kernel);
}

/** The window, dilated, must fit into the padded input. */
function checkReach(call: ConvCall, padding: readonly number[], kernel: Shape): void {
  const { spatial, input, dilation } = call;
  for (let d = 0; d < spatial; d++) {
    const padded = input.shape[input.ndim - spatial + d] + 2 * padding[d];
    if (dilation[d] * (kernel[d] - 1) + 1 > padded) throw cannotReach(call, padding, kernel);
  }
}

function cannotReach(call: ConvCall, padding: readonly number[], kernel: Shape): RuntimeError {
  const { spatial, input, dilation } = call;
  const padded = kernel.map((_, d) => input.shape[input.ndim - spatial + d] + 2 * padding[d]);
  const reach = kernel.map((k, d) => dilation[d] * (k - 1) + 1);
  return new RuntimeError(
    `Calculated padded input size per channel: (${padded.join(' x ')}). Kernel size: (${reach.join(' x ')}). ` +
      `Kernel size can't be greater than actual input size (${showCall(call)})`,
  );
}

/** A convolution of integers, in float64: exact for sums below 2⁵³, and cut to the dtype's bits as torch's are. */
export function convolveIntegers<C extends Pick<ConvCall, 'input' | 'weight' | 'bias'>>(
  call: C,
  convolve: (call: C) => Tensor,
): Tensor {
  const { input, weight, bias } = call;
  const wide = {
    input: cast(input, float64),
    weight: cast(weight, float64),
    bias: bias === null ? null : cast(bias, float64),
  };
  return cast(cast(convolve({ ...call, ...wide }), int64), input.dtype);
}

export function outSize(
  size: number,
  kernel: number,
  stride: number,
  padding: number,
  dilation: number,
): number {
  return Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** Convolutions of one dimension are those of height 1. */
export const lift = (values: readonly number[], one: number): Pair =>
  values.length === 1 ? [one, values[0]] : [values[0], values[1]];
