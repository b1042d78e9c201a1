// What may follow a convolution in the pass that writes its output: y = relu(x · scale + shift + residual), scale and shift one a
// channel, each part only where it is wanted. It is what inference makes of convolution, batch norm, addition and ReLU.

import { Plan } from './conv_plan';
import { fma, lanes } from './simd';

/**
 * Gives a plan its epilogue. `scale` 0: none, and `shift` is a bias, which the sums start from; `residual` 0: nothing is added,
 * else it is laid out as `out`.
 */
export function setEpilogue(
  plan: Plan,
  scale: usize,
  shift: usize,
  residual: usize,
  relu: bool,
  out: usize,
): void {
  plan.scale = scale;
  plan.shift = shift;
  plan.residual = residual == 0 ? 0 : residual - out;
  plan.relu = relu;
  plan.finishes = scale != 0 || residual != 0 || relu;
}

/** A vector of outputs that belongs at `at`, finished; `whole`: all its lanes do, else only the first. */
// @ts-ignore: decorator
@inline
export function finish<T>(plan: Plan, channel: i32, v: v128, at: usize, whole: bool): v128 {
  if (plan.scale != 0) {
    const offset = <usize>channel * sizeof<T>();
    v = fma<T>(v, v128.load_splat<T>(plan.scale + offset), v128.load_splat<T>(plan.shift + offset));
  }
  if (plan.residual != 0) {
    const from = at + plan.residual;
    v = v128.add<T>(v, whole ? v128.load(from) : v128.load_splat<T>(from));
  }
  // pmax keeps NaN, as torch's relu does.
  return plan.relu ? v128.pmax<T>(v, v128.splat<T>(<T>0)) : v;
}

/** Finishes `count` outputs of one channel that lie side by side. */
export function finishRun<T>(plan: Plan, channel: i32, at: usize, count: i32): void {
  for (; count >= lanes<T>(); count -= lanes<T>(), at += 16) {
    v128.store(at, finish<T>(plan, channel, v128.load(at), at, true));
  }
  for (; count > 0; count--, at += sizeof<T>()) {
    v128.store_lane<T>(at, finish<T>(plan, channel, v128.load_splat<T>(at), at, false), 0);
  }
}
