/** The operators that autograd itself is written with. */
export { add } from './pointwise_binary.js';
export { clone, copy_, to } from './copy.js';
export { fill_, ones_like, zeros } from './creation.js';
export { sumToSize } from './sum_to_size.js';
export { as_strided } from './strided.js';
export { isnan } from './compare.js';
