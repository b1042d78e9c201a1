/** The operators that torch has in `nn.functional` only. */
export { elu, gelu, glu, logsigmoid, mish, silu, softplus, softsign, tanhshrink } from './activation.js';
export {
  adaptive_avg_pool2d,
  adaptive_max_pool2d,
  adaptive_max_pool2d_with_indices,
} from './adaptive_pool.js';
export { cross_entropy } from './cross_entropy.js';
export { dropout2d } from './dropout.js';
export { linear } from './linear.js';
export { binary_cross_entropy, huber_loss, l1_loss, mse_loss, smooth_l1_loss } from './loss.js';
export { nll_loss } from './nll_loss.js';
export { pad } from './pad.js';
export { avg_pool2d, max_pool2d_with_indices } from './pool.js';
export { hardsigmoid, hardswish, hardtanh, leaky_relu, relu6, softshrink } from './rectifier.js';
export { softmin } from './softmax.js';
