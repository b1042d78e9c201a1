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
export {
  binary_cross_entropy,
  binary_cross_entropy_with_logits,
  multilabel_soft_margin_loss,
  soft_margin_loss,
} from './binary_loss.js';
export { multi_margin_loss, multilabel_margin_loss } from './class_margin_loss.js';
export { affine_grid } from './affine_grid.js';
export { cross_entropy } from './cross_entropy.js';
export { ctc_loss } from './ctc_loss.js';
export { normalize } from './distance.js';
export { dropout1d, dropout2d, dropout3d } from './dropout.js';
export { functional_embedding } from './embedding.js';
export { embedding_bag } from './embedding_bag.js';
export { functional_instance_norm } from './instancenorm.js';
export { col2im, im2col } from './fold.js';
export {
  fractional_max_pool2d,
  fractional_max_pool2d_with_indices,
  fractional_max_pool3d,
  fractional_max_pool3d_with_indices,
} from './fractional_pool.js';
export { grid_sample } from './grid_sample.js';
export { interpolate, upsample, upsample_bilinear, upsample_nearest } from './interpolate.js';
export { linear } from './linear.js';
export { one_hot } from './one_hot.js';
export { gumbel_softmax } from './random_activation.js';
export { kl_div } from './kl_div.js';
export {
  cosine_embedding_loss,
  hinge_embedding_loss,
  margin_ranking_loss,
  triplet_margin_loss,
  triplet_margin_with_distance_loss,
} from './margin_loss.js';
export { nll_loss } from './nll_loss.js';
export { local_response_norm } from './local_response_norm.js';
export { lp_pool1d, lp_pool2d } from './lp_pool.js';
export { pad } from './pad.js';
export { avg_pool2d, max_pool2d_with_indices } from './pool.js';
export { avg_pool3d, max_pool3d_with_indices } from './pool3d.js';
export { hardsigmoid, hardswish, hardtanh, leaky_relu, relu6, softshrink } from './rectifier.js';
export {
  gaussian_nll_loss,
  huber_loss,
  l1_loss,
  mse_loss,
  poisson_nll_loss,
  smooth_l1_loss,
} from './regression_loss.js';
export { softmin } from './softmax.js';
export { max_unpool1d, max_unpool2d, max_unpool3d } from './unpool.js';
