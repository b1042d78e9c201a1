// What may follow a convolution while its output is in the cache: y = relu(x · scale + shift + residual), scale and shift one a
// channel, each part only where it is wanted. It is what inference makes of convolution, batch norm, addition and ReLU.
// It goes over a block of outputs at a time: over single tiles the calls take longer than the passes that they save.

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

// @ts-ignore: decorator
@inline
function loop<T>(
  scales: bool,
  adds: bool,
  scale: v128,
  shift: v128,
  least: v128,
  at: usize,
  residual: usize,
  count: i32,
): void {
  for (; count >= lanes<T>(); count -= lanes<T>(), at += 16) {
    let v = v128.load(at);
    if (scales) v = fma<T>(v, scale, shift);
    if (adds) v = v128.add<T>(v, v128.load(at + residual));
    v128.store(at, v128.pmax<T>(v, least));
  }
  for (; count > 0; count--, at += sizeof<T>()) {
    let v = v128.load_splat<T>(at);
    if (scales) v = fma<T>(v, scale, shift);
    if (adds) v = v128.add<T>(v, v128.load_splat<T>(at + residual));
    v128.store_lane<T>(at, v128.pmax<T>(v, least), 0);
  }
}

/** Finishes `count` outputs of one channel that lie side by side. */
export function finishRun<T>(plan: Plan, channel: i32, at: usize, count: i32): void {
  // pmax keeps NaN, as torch's relu does.
  const least = v128.splat<T>(plan.relu ? <T>0 : <T>-Infinity);
  const residual = plan.residual;
  if (plan.scale == 0) {
    const none = v128.splat<T>(<T>0);
    if (residual == 0) loop<T>(false, false, none, none, least, at, 0, count);
    else loop<T>(false, true, none, none, least, at, residual, count);
    return;
  }
  const offset = <usize>channel * sizeof<T>();
  const scale = v128.load_splat<T>(plan.scale + offset);
  const shift = v128.load_splat<T>(plan.shift + offset);
  if (residual == 0) loop<T>(true, false, scale, shift, least, at, 0, count);
  else loop<T>(true, true, scale, shift, least, at, residual, count);
}
