/** torch.optim. */
export { Adam } from './adam.js';
export type { AdamGroup, AdamOptions } from './adam.js';
export { AdamW } from './adamw.js';
export { Optimizer } from './optimizer.js';
export type { GroupOptions, OptimizerState, ParamGroup, ParamState, Params } from './optimizer.js';
export { SGD } from './sgd.js';
export type { SGDGroup, SGDOptions } from './sgd.js';
export * as lr_scheduler from './lr_scheduler/index.js';
