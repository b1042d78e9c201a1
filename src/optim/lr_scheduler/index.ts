/** torch.optim.lr_scheduler. */
export { ChainedScheduler, SequentialLR } from './compound.js';
export { CosineAnnealingLR, CosineAnnealingWarmRestarts } from './cosine.js';
export { CyclicLR } from './cyclic.js';
export type { CyclicOptions } from './cyclic.js';
export {
  ConstantLR,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  MultiStepLR,
  MultiplicativeLR,
  PolynomialLR,
  StepLR,
} from './factor.js';
export type { LRFunction } from './factor.js';
export { OneCycleLR } from './one_cycle.js';
export type { OneCycleOptions } from './one_cycle.js';
export { ReduceLROnPlateau } from './plateau.js';
export type { PlateauOptions } from './plateau.js';
export { LRScheduler, LRScheduler as _LRScheduler } from './scheduler.js';
export type { AnyOptimizer, SchedulerOptions, SchedulerState } from './scheduler.js';
