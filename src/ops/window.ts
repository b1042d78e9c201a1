import { get_default_dtype } from '../dtype.js';
import type { DType } from '../dtype.js';
import { RuntimeError } from '../errors.js';
import { i0 } from '../special/bessel.js';
import type { Tensor } from '../tensor.js';
import { arange } from './creation_range.js';
import { empty, ones } from './creation.js';
import { define } from './define.js';
import type { AnyDefinition, Args, Op } from './define.js';
import { minimum } from './pointwise_binary.js';
import { OPTIONS, checkDevice, finish } from './make.js';
import type { TensorOptions } from './make.js';
import { narrow } from './view.js';

type Window = Op<
  (
    ...args: Args<[window_length: number], [periodic: boolean], TensorOptions & { periodic?: boolean }>
  ) => Tensor
>;

/** The values of a symmetric window at 0, 1, … last. */
type Values = (positions: Tensor, last: number, ...parameters: number[]) => Tensor;

/** `parameters` is their part of the schema, after `periodic`. */
function windowOf(name: string, parameters: string, values: Values): AnyDefinition {
  return {
    schema: `${name}(int window_length, bool periodic=True, ${parameters}*, ${OPTIONS})`,
    forward: (_ctx, length: number, periodic: boolean, ...rest: unknown[]) => {
      const [dtype, requiresGrad, device] = rest.slice(-3) as [DType | null, boolean, string | null];
      checkDevice(device);
      const type = dtype ?? get_default_dtype();
      if (!type.is_floating_point)
        throw new RuntimeError(`${name} expects floating point dtypes, got: ${String(type)}`);
      if (length < 0) {
        throw new RuntimeError(`${name} requires non-negative window_length, got window_length=${length}`);
      }
      if (length === 0) return finish(empty([0], { dtype: type }), requiresGrad);
      if (length === 1) return finish(ones([1], { dtype: type }), requiresGrad);
      // A periodic window is the symmetric one that is longer by one, without its last value.
      const last = periodic ? length : length - 1;
      const whole = values(arange(last + 1, { dtype: type }), last, ...(rest.slice(0, -3) as number[]));
      return finish(narrow(whole, 0, 0, length), requiresGrad);
    },
    backward: 'none',
    samples: () => [[5], [4, false], [1], [0]],
  };
}

/**
 * 1 − |2n / N − 1| for n = 0, 1, …, where N is `window_length`, or `window_length` − 1 with `periodic` false.
 *
 * @example
 * console.log(torch.bartlett_window(4).tolist()); // [ 0, 0.5, 1, 0.5 ]
 */
export const bartlett_window: Window = define(
  windowOf('bartlett_window', '', (n, last) => {
    const rising = n.mul(2 / last);
    return minimum(rising, rising.mul(-1).add(2));
  }),
);

/**
 * 0.42 − 0.5 cos(2πn / N) + 0.08 cos(4πn / N), N as in `bartlett_window`.
 *
 * @example
 * console.log(torch.blackman_window(3, false).index(1).item()); // 1
 */
export const blackman_window: Window = define(
  windowOf('blackman_window', '', (n, last) => {
    const angle = n.mul(Math.PI / last);
    return angle.mul(4).cos().mul(0.08).sub(angle.mul(2).cos().mul(0.5)).add(0.42);
  }),
);

const cosine: Values = (n, last, alpha, beta) =>
  n
    .mul((2 * Math.PI) / last)
    .cos()
    .mul(-beta)
    .add(alpha);

/**
 * 0.5 − 0.5 cos(2πn / N), N as in `bartlett_window`.
 *
 * @example
 * console.log(torch.hann_window(5, false).tolist()); // [ 0, 0.5, 1, 0.5, 0 ]
 */
export const hann_window: Window = define(
  windowOf('hann_window', '', (n, last) => cosine(n, last, 0.5, 0.5)),
);

/**
 * alpha − beta · cos(2πn / N), N as in `bartlett_window`.
 *
 * @example
 * console.log(torch.hamming_window(3, { periodic: false, alpha: 0.5, beta: 0.5 }).tolist()); // [ 0, 1, 0 ]
 */
export const hamming_window: Op<
  (
    ...args: Args<
      [window_length: number],
      [periodic: boolean, alpha: number, beta: number],
      TensorOptions & { periodic?: boolean; alpha?: number; beta?: number }
    >
  ) => Tensor
> = define(windowOf('hamming_window', 'float alpha=0.54, float beta=0.46, ', cosine));

/**
 * I₀(beta · √(1 − (2n / N − 1)²)) / I₀(beta), with the modified Bessel function I₀ and N as in `bartlett_window`.
 *
 * @example
 * console.log(torch.kaiser_window(3, false, 2).index(1).item()); // 1
 */
export const kaiser_window: Op<
  (
    ...args: Args<
      [window_length: number],
      [periodic: boolean, beta: number],
      TensorOptions & { periodic?: boolean; beta?: number }
    >
  ) => Tensor
> = define(
  windowOf('kaiser_window', 'float beta=12.0, ', (n, last, beta) => {
    const middle = last / 2;
    const root = n.sub(middle).div(middle).square().neg().add(1).sqrt();
    return i0(root.mul(beta)).div(i0(n.new_full([], beta)));
  }),
);
