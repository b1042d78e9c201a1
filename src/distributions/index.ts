/** torch.distributions. */
export { Bernoulli } from './bernoulli.js';
export type { BernoulliOptions } from './bernoulli.js';
export { Categorical } from './categorical.js';
export type { CategoricalOptions } from './categorical.js';
export * as constraints from './constraints.js';
export type { Constraint } from './constraints.js';
export { Distribution } from './distribution.js';
export type { SampleShape } from './distribution.js';
export { kl_divergence } from './kl.js';
export { Normal } from './normal.js';
export type { DistributionOptions } from './normal.js';
export { Uniform } from './uniform.js';
