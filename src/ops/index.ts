/**
 * Every module of operators. From this list come the `torch` namespace, the methods of `Tensor` (install.ts) and their types
 * (tensor_methods.ts), and what tests and tables run over.
 */
export * from './compare.js';
export * from './copy.js';
export * from './creation.js';
export * from './pointwise_binary.js';
export * from './pointwise_unary.js';
export * from './random.js';
export * from './reduce.js';
export * from './view.js';
