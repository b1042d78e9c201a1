/**
 * Every module of operators. From this list come the `torch` namespace, the methods of `Tensor` (install.ts) and their types
 * (tensor_methods.ts), and what tests and tables run over.
 */
// copy.js and define.js import one another; entered by copy.js, define.js is evaluated before anything calls it.
export * from './copy.js';
export * from './activation.js';
export * from './adaptive_pool.js';
export * from './addmm.js';
export * from './batchnorm.js';
export * from './compare.js';
export * from './conv.js';
export * from './conv_transpose.js';
export * from './creation.js';
export * from './dropout.js';
export * from './linear.js';
export * from './loss.js';
export * from './loss_class.js';
export * from './matmul.js';
export * from './pointwise_binary.js';
export * from './pointwise_unary.js';
export * from './pool.js';
export * from './random.js';
export * from './reduce.js';
export * from './softmax.js';
export * from './tensordot.js';
export * from './view.js';
