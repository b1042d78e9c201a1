import { ValueError } from '../errors.js';
import { fill_ } from '../ops/creation.js';
import { normal_ as normalKernel, uniform_ as uniformKernel } from '../ops/random.js';
import type { Tensor } from '../tensor.js';
import { initialise } from './init_structured.js';
import { given, signature } from '../signature.js';

export { dirac_, eye_, orthogonal_, sparse_, trunc_normal_ } from './init_structured.js';

export type FanMode = 'fan_in' | 'fan_out';
export type Nonlinearity =
  | 'linear'
  | 'conv1d'
  | 'conv2d'
  | 'conv3d'
  | 'conv_transpose1d'
  | 'conv_transpose2d'
  | 'conv_transpose3d'
  | 'sigmoid'
  | 'tanh'
  | 'relu'
  | 'leaky_relu'
  | 'selu';

const LINEAR = new Set([
  'linear',
  'conv1d',
  'conv2d',
  'conv3d',
  'conv_transpose1d',
  'conv_transpose2d',
  'conv_transpose3d',
]);

/** The factor by which a nonlinearity's weights are scaled so that the variance of activations is kept. */
export function calculate_gain(nonlinearity: Nonlinearity, param: number | null = null): number {
  if (LINEAR.has(nonlinearity) || nonlinearity === 'sigmoid') return 1;
  if (nonlinearity === 'tanh') return 5 / 3;
  if (nonlinearity === 'relu') return Math.sqrt(2);
  if (nonlinearity === 'selu') return 3 / 4;
  if (nonlinearity !== 'leaky_relu') throw new ValueError(`Unsupported nonlinearity ${nonlinearity}`);
  if (param !== null && typeof param !== 'number') {
    throw new ValueError(`negative_slope ${String(param)} not a valid number`);
  }
  const slope = param ?? 0.01;
  return Math.sqrt(2 / (1 + slope ** 2));
}

/** `[fan_in, fan_out]`: the weight's inputs and outputs per output and input. */
export function _calculate_fan_in_and_fan_out(tensor: Tensor): [fan_in: number, fan_out: number] {
  if (tensor.ndim < 2) {
    throw new ValueError('Fan in and fan out can not be computed for tensor with fewer than 2 dimensions');
  }
  const [outputs, inputs, ...kernel] = tensor.shape as [number, number, ...number[]];
  const field = kernel.reduce((product, size) => product * size, 1);
  return [inputs * field, outputs * field];
}

function fanOf(tensor: Tensor, mode: string): number {
  const lower = mode.toLowerCase();
  if (lower !== 'fan_in' && lower !== 'fan_out') {
    throw new ValueError(`Mode ${mode} not supported, please use one of ['fan_in', 'fan_out']`);
  }
  const [fanIn, fanOut] = _calculate_fan_in_and_fan_out(tensor);
  return lower === 'fan_in' ? fanIn : fanOut;
}

const UNIFORM = signature('uniform_(Tensor tensor, float a=0, float b=1)');
const NORMAL = signature('normal_(Tensor tensor, float mean=0, float std=1)');
const XAVIER_UNIFORM = signature('xavier_uniform_(Tensor tensor, float gain=1)');
const XAVIER_NORMAL = signature('xavier_normal_(Tensor tensor, float gain=1)');
const KAIMING = "(Tensor tensor, float a=0, str mode='fan_in', str nonlinearity='leaky_relu')";
const KAIMING_UNIFORM = signature(`kaiming_uniform_${KAIMING}`);
const KAIMING_NORMAL = signature(`kaiming_normal_${KAIMING}`);

/** Fills with numbers uniform in [a, b). */
export function uniform_(tensor: Tensor, a: number | { a?: number; b?: number } = 0, b?: number): Tensor {
  const [, low, high] = UNIFORM(given(tensor, a, b)) as [Tensor, number, number];
  return initialise(tensor, () => uniformKernel(tensor, low, high));
}

/** Fills with normal numbers. */
export function normal_(
  tensor: Tensor,
  mean: number | { mean?: number; std?: number } = 0,
  std?: number,
): Tensor {
  const [, centre, width] = NORMAL(given(tensor, mean, std)) as [Tensor, number, number];
  return initialise(tensor, () => normalKernel(tensor, centre, width));
}

/** Fills with one value. */
export function constant_(tensor: Tensor, val: number): Tensor {
  return initialise(tensor, () => fill_(tensor, val));
}

/** Fills with 1. */
export function ones_(tensor: Tensor): Tensor {
  return constant_(tensor, 1);
}

/** Fills with 0. */
export function zeros_(tensor: Tensor): Tensor {
  return constant_(tensor, 0);
}

/** Glorot and Bengio (2010): uniform in ±gain·√(6 / (fan_in + fan_out)). */
export function xavier_uniform_(tensor: Tensor, gain: number | { gain?: number } = 1): Tensor {
  const [, factor] = XAVIER_UNIFORM([tensor, gain]) as [Tensor, number];
  const [fanIn, fanOut] = _calculate_fan_in_and_fan_out(tensor);
  const bound = Math.sqrt(3) * (factor * Math.sqrt(2 / (fanIn + fanOut)));
  return initialise(tensor, () => uniformKernel(tensor, -bound, bound));
}

/** Glorot and Bengio (2010): normal with std gain·√(2 / (fan_in + fan_out)). */
export function xavier_normal_(tensor: Tensor, gain: number | { gain?: number } = 1): Tensor {
  const [, factor] = XAVIER_NORMAL([tensor, gain]) as [Tensor, number];
  const [fanIn, fanOut] = _calculate_fan_in_and_fan_out(tensor);
  return initialise(tensor, () => normalKernel(tensor, 0, factor * Math.sqrt(2 / (fanIn + fanOut))));
}

export interface KaimingOptions {
  /** Negative slope of the leaky ReLU that follows. Default 0. */
  a?: number;
  /** Keep the variance of the forward ('fan_in', default) or of the backward pass. */
  mode?: FanMode;
  /** Default 'leaky_relu'. */
  nonlinearity?: Nonlinearity;
}

/** gain / √fan, or null for a tensor without elements. torch computes in this order, in double. */
function kaimingStd(tensor: Tensor, a: number, mode: string, nonlinearity: string): number | null {
  if (tensor.shape.includes(0)) {
    console.warn('Initializing zero-element tensors is a no-op');
    return null;
  }
  const fan = fanOf(tensor, mode);
  return calculate_gain(nonlinearity as Nonlinearity, a) / Math.sqrt(fan);
}

/**
 * He et al. (2015): uniform in ±gain·√(3 / fan).
 *
 * @example
 * const w = nn.init.kaiming_uniform_(torch.empty(8, 4, 3, 3), { nonlinearity: 'relu' });
 * console.log(w.abs().max().item() <= Math.sqrt(6 / 36)); // true
 */
export function kaiming_uniform_(
  tensor: Tensor,
  a: number | KaimingOptions = 0,
  mode?: FanMode | KaimingOptions,
  nonlinearity?: Nonlinearity | KaimingOptions,
): Tensor {
  const [, slope, fan, kind] = KAIMING_UNIFORM(given(tensor, a, mode, nonlinearity)) as [
    Tensor,
    number,
    string,
    string,
  ];
  const std = kaimingStd(tensor, slope, fan, kind);
  if (std === null) return tensor;
  const bound = Math.sqrt(3) * std;
  return initialise(tensor, () => uniformKernel(tensor, -bound, bound));
}

/**
 * He et al. (2015): normal with std gain / √fan.
 *
 * @example
 * const w = nn.init.kaiming_normal_(torch.empty(64, 32, 3, 3), { mode: 'fan_out', nonlinearity: 'relu' });
 * console.log(w.std().item().toFixed(2)); // 0.06
 */
export function kaiming_normal_(
  tensor: Tensor,
  a: number | KaimingOptions = 0,
  mode?: FanMode | KaimingOptions,
  nonlinearity?: Nonlinearity | KaimingOptions,
): Tensor {
  const [, slope, fan, kind] = KAIMING_NORMAL(given(tensor, a, mode, nonlinearity)) as [
    Tensor,
    number,
    string,
    string,
  ];
  const std = kaimingStd(tensor, slope, fan, kind);
  return std === null ? tensor : initialise(tensor, () => normalKernel(tensor, 0, std));
}
