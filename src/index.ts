import './install.js';

export * from './dtype.js';
export * from './errors.js';
export * from './ops/compare.js';
export * from './ops/copy.js';
export * from './ops/creation.js';
export * from './ops/pointwise_binary.js';
export * from './ops/pointwise_unary.js';
export * from './ops/reduce.js';
export * from './ops/view.js';
export { no_grad, enable_grad } from './autograd/mode.js';
export { memory_stats } from './storage.js';
export { tidy, keep } from './scope.js';
