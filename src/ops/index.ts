/**
 * Every module of operators. From this list come the `torch` namespace, the methods of `Tensor` (install.ts) and their types
 * (tensor_methods.ts), and what tests and tables run over.
 */
// copy.js and define.js import one another; entered by copy.js, define.js is evaluated before anything calls it.
export * from './copy.js';
export * from './activation.js';
export * from './adaptive_pool.js';
export * from './addmm.js';
export { batch_norm, native_batch_norm } from './batchnorm.js';
export * from './combine.js';
export * from './compare.js';
export * from './conv.js';
export * from './conv_transpose.js';
export * from './creation.js';
export * from './creation_new.js';
export * from './creation_range.js';
export { cross_entropy } from './cross_entropy.js';
export * from './diagonal.js';
export * from './dropout.js';
export * from './gather.js';
export * from './histogram.js';
export * from './index_dim.js';
export * from './indexing.js';
export * from './join.js';
export * from './layout.js';
export * from './linear.js';
export * from './loss.js';
export * from './mask.js';
export * from './matmul.js';
export { nll_loss } from './nll_loss.js';
export * from './pad.js';
export * from './pointwise_binary.js';
export * from './pointwise_bits.js';
export * from './pointwise_clamp.js';
export * from './pointwise_more.js';
export * from './pointwise_unary.js';
export * from './pointwise_various.js';
export * from './pool.js';
export * from './predicate.js';
export * from './random.js';
export {
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  leaky_relu,
  prelu,
  relu,
  relu6,
  softshrink,
  threshold,
} from './rectifier.js';
export * from './reduce.js';
export * from './reduce_extremum.js';
export * from './reduce_logic.js';
export * from './reduce_moment.js';
export * from './reduce_norm.js';
export * from './reduce_order.js';
export * from './reduce_product.js';
export * from './repeat_interleave.js';
export * from './scan.js';
export * from './scatter.js';
export * from './scatter_reduce.js';
export * from './slice.js';
export * from './softmax.js';
export * from './sort.js';
export * from './split.js';
export * from './tensordot.js';
export * from './transpose.js';
export * from './unique.js';
export * from './view.js';
