/** torch.optim. */
export { Adadelta } from './adadelta.js';
export type { AdadeltaGroup, AdadeltaOptions } from './adadelta.js';
export { Adagrad } from './adagrad.js';
export type { AdagradGroup, AdagradOptions } from './adagrad.js';
export { Adam } from './adam.js';
export type { AdamGroup, AdamOptions } from './adam.js';
export { Adamax } from './adamax.js';
export type { AdamaxGroup, AdamaxOptions } from './adamax.js';
export { AdamW } from './adamw.js';
export { ASGD } from './asgd.js';
export type { ASGDGroup, ASGDOptions } from './asgd.js';
export { LBFGS } from './lbfgs.js';
export type { LBFGSGroup, LBFGSOptions } from './lbfgs.js';
export { NAdam } from './nadam.js';
export type { NAdamGroup, NAdamOptions } from './nadam.js';
export { Optimizer } from './optimizer.js';
export type {
  GroupOptions,
  OptimizerState,
  ParamGroup,
  ParamState,
  Params,
  StateValue,
} from './optimizer.js';
export { RAdam } from './radam.js';
export type { RAdamGroup, RAdamOptions } from './radam.js';
export { RMSprop } from './rmsprop.js';
export type { RMSpropGroup, RMSpropOptions } from './rmsprop.js';
export { Rprop } from './rprop.js';
export type { RpropGroup, RpropOptions } from './rprop.js';
export { SGD } from './sgd.js';
export type { SGDGroup, SGDOptions } from './sgd.js';
export { SparseAdam } from './sparse_adam.js';
export type { SparseAdamGroup, SparseAdamOptions } from './sparse_adam.js';
export * as lr_scheduler from './lr_scheduler/index.js';
export * as swa_utils from './swa_utils.js';
