/** The operators that torch has in `nn.functional` only. */
export { elu, gelu, glu, logsigmoid, mish, silu, softplus, softsign, tanhshrink } from './activation.js';
export {
  adaptive_avg_pool2d,
  adaptive_max_pool1d_with_indices,
  adaptive_max_pool2d,
  adaptive_max_pool2d_with_indices,
} from './adaptive_pool.js';
export {
  adaptive_avg_pool3d,
  adaptive_max_pool3d,
  adaptive_max_pool3d_with_indices,
} from './adaptive_pool3d.js';
export { cross_entropy } from './cross_entropy.js';
export { dropout1d, dropout2d, dropout3d } from './dropout.js';
export { functional_embedding } from './embedding.js';
export { embedding_bag } from './embedding_bag.js';
export { functional_instance_norm } from './instancenorm.js';
export { linear } from './linear.js';
export { one_hot } from './one_hot.js';
export { gumbel_softmax } from './random_activation.js';
export { binary_cross_entropy, huber_loss, l1_loss, mse_loss, smooth_l1_loss } from './loss.js';
export { nll_loss } from './nll_loss.js';
export { local_response_norm } from './local_response_norm.js';
export { lp_pool1d, lp_pool2d } from './lp_pool.js';
export { pad } from './pad.js';
export { avg_pool2d, max_pool2d_with_indices } from './pool.js';
export { avg_pool3d, max_pool3d_with_indices } from './pool3d.js';
export { hardsigmoid, hardswish, hardtanh, leaky_relu, relu6, softshrink } from './rectifier.js';
export { softmin } from './softmax.js';
export { max_unpool1d, max_unpool2d, max_unpool3d } from './unpool.js';
