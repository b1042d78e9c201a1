/** The operators that only other operators call: parts of them, and their backwards. */
export { conv2d_backward_input, conv2d_backward_weight } from './conv.js';
export { lookUp } from './embedding.js';
export { gated } from './gated.js';
export { nllLoss } from './nll_loss.js';
export { max_pool_backward } from './pool.js';
export { vectorNorm } from './reduce_norm.js';
export { sliceDim } from './slice_dim.js';
export { expPrefix, expSuffix } from './logcumsumexp.js';
