/** The operators that torch has as methods of `Tensor` only. */
export { contiguous, copy_, to } from './copy.js';
export * from './creation_new.js';
export { cauchy_, geometric_, log_normal_ } from './distribution.js';
export { fill_diagonal_ } from './fill_diagonal.js';
export { index } from './indexing.js';
export { repeat, unfold } from './layout.js';
export { bernoulli_, exponential_, normal_, random_, uniform_ } from './random.js';
export { resize_, set_ } from './resize.js';
export { coalesce, indices, sparse_mask, to_dense, to_sparse, values } from './sparse.js';
export { sum_to_size } from './sum_to_size.js';
export { squeeze_, swapaxes_, swapdims_, t_, transpose_, unsqueeze_ } from './transpose.js';
export { expand, expand_as, reshape_as, view, view_as } from './view.js';
