/** The operators that only other operators call: parts of them, and their backwards. */
export { euclideanDistance, pairDistance, triangleDistance } from './cdist.js';
export { multilabelMargin } from './class_margin_loss.js';
export { conv2d_backward_input, conv2d_backward_weight } from './conv.js';
export { crossMapLRN2d } from './cross_map_lrn.js';
export { multiHeadAttention } from './attention.js';
export { lookUp } from './embedding.js';
export { ctcLoss } from './ctc_loss.js';
export { gated } from './gated.js';
export { nllLoss } from './nll_loss.js';
export { max_pool_backward } from './pool.js';
export { vectorNorm } from './reduce_norm.js';
export { assemble, valuesAt } from './sparse.js';
export { resample } from './resample.js';
export { gruGates, lstmGates, stretches } from './rnn_cell.js';
export { sliceDim } from './slice_dim.js';
export { expPrefix, expSuffix } from './logcumsumexp.js';
