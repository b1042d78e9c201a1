/** The `torch.autograd` namespace. */
export { AutogradFunction as Function } from './function.js';
export type { FunctionContext } from './function.js';
export * as functional from './functional.js';
export * as graph from './graph.js';
export * as function from './function_namespace.js';
export { detect_anomaly, set_detect_anomaly } from './anomaly.js';
export { GradcheckError, gradcheck } from './gradcheck.js';
export type { CheckOptions, GradcheckOptions } from './gradcheck.js';
export { backward, grad } from './grad.js';
export type { BackwardKeywords, GradOptions } from './grad.js';
export { gradgradcheck } from './gradgradcheck.js';
export type { GradgradcheckOptions } from './gradgradcheck.js';
export { enable_grad, inference_mode, no_grad, set_grad_enabled } from './mode.js';
export type { BackwardOptions } from './engine.js';
