/**
 * The operators that are functions of `torch`, and its functions that are no operators. Three more lists are beside this one:
 * what is a method of `Tensor` only (tensor_only.ts), what is in `nn.functional` only (functional_only.ts), and what other
 * operators are made of (hidden.ts). From the lists come the namespaces, the methods of `Tensor` (install.ts) with their
 * types (tensor_methods.ts), and what the tests run over.
 */
// copy.js and define.js import one another; entered by copy.js, define.js is evaluated before anything calls it.
export { clone } from './copy.js';
export { celu, selu } from './activation.js';
export { adaptive_avg_pool1d, adaptive_max_pool1d } from './adaptive_pool.js';
export * from './addmm.js';
export { batch_norm, native_batch_norm } from './batchnorm.js';
export { bilinear } from './bilinear.js';
export * from './broadcast.js';
export { cdist, pdist } from './cdist.js';
export * from './combine.js';
export * from './compare.js';
export { conv1d, conv2d } from './conv.js';
export { conv3d } from './conv3d.js';
export { conv_tbc } from './conv_tbc.js';
export * from './conv_transpose.js';
export * from './covariance.js';
export * from './creation.js';
export * from './creation_range.js';
export { cross } from './cross.js';
export * from './diagonal.js';
export { cosine_similarity, pairwise_distance, renorm } from './distance.js';
export * from './discrete.js';
export { alpha_dropout, dropout, feature_alpha_dropout, feature_dropout } from './dropout.js';
export { einsum } from './einsum.js';
export { embedding } from './embedding.js';
export * from './flip.js';
export * from './float_parts.js';
export * from './gather.js';
export { gradient } from './gradient.js';
export { group_norm } from './groupnorm.js';
export * from './histogram.js';
export { histogram, histogramdd } from './histogramdd.js';
export * from './index_dim.js';
export { index_reduce } from './index_reduce.js';
export { index_put, index_put_ } from './indexing.js';
export { isin } from './isin.js';
export { instance_norm } from './instancenorm.js';
export * from './join.js';
export { layer_norm, native_layer_norm } from './layernorm.js';
export {
  atleast_1d,
  atleast_2d,
  atleast_3d,
  moveaxis,
  movedim,
  narrow_copy,
  ravel,
  tile,
  unflatten,
} from './layout.js';
export * from './mask.js';
export * from './matmul.js';
export { constant_pad_nd } from './pad.js';
export * from './pixel_shuffle.js';
export * from './pointwise_binary.js';
export * from './pointwise_bits.js';
export * from './pointwise_clamp.js';
export * from './pointwise_more.js';
export * from './pointwise_unary.js';
export * from './polygamma.js';
export * from './pointwise_various.js';
export { avg_pool1d, max_pool1d, max_pool1d_with_indices, max_pool2d } from './pool.js';
export { max_pool3d } from './pool3d.js';
export * from './predicate.js';
export { nanquantile, quantile } from './quantile.js';
export { binomial, poisson } from './random_count.js';
export { bernoulli, normal, rand, rand_like, randint, randn, randn_like, randperm } from './random.js';
export * from './real.js';
export { rrelu } from './random_activation.js';
export { gru_cell, lstm_cell, rnn_relu_cell, rnn_tanh_cell } from './rnn_cell.js';
export { hardshrink, prelu, relu, threshold } from './rectifier.js';
export * from './reduce.js';
export * from './reduce_extremum.js';
export * from './reduce_logic.js';
export * from './reduce_moment.js';
export { norm } from './reduce_norm.js';
export * from './norm_more.js';
export * from './reduce_order.js';
export * from './reduce_product.js';
export * from './repeat_interleave.js';
export { logcumsumexp } from './logcumsumexp.js';
export { cummax, cummin, cumprod, cumsum, diff } from './scan.js';
export * from './scatter.js';
export * from './scatter_reduce.js';
export { segment_reduce } from './segment_reduce.js';
export { log_softmax, softmax } from './softmax.js';
export * from './sort.js';
export { sparse_coo_tensor } from './sparse_coo_tensor.js';
export * from './split.js';
export * from './strided.js';
export { as_strided_ } from './transpose.js';
export { resize_as_ } from './resize.js';
export * from './tensordot.js';
export * from './torch_loss.js';
export * from './trapezoid.js';
export * from './unique.js';
export {
  flatten,
  narrow,
  permute,
  reshape,
  select,
  squeeze,
  swapaxes,
  swapdims,
  t,
  transpose,
  unsqueeze,
} from './view.js';
export * from './view_scatter.js';
export * from '../linalg/torch.js';
export { i0 } from '../special/bessel.js';
export { igamma, igammac, mvlgamma } from '../special/gamma.js';
export { vander } from './vander.js';
export { bartlett_window, blackman_window, hamming_window, hann_window, kaiser_window } from './window.js';
