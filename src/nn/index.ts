/** torch.nn. */
export * from './activation.js';
export * from './batchnorm.js';
export * from './container.js';
export * from './conv.js';
export * from './dropout.js';
export * from './flatten.js';
export * from './linear.js';
export * from './loss.js';
export * from './padding.js';
export * from './pool.js';
export { Module } from './module.js';
export type { AnyModule } from './module.js';
export type { ForwardHook, ForwardPreHook, Inputs, Output, RemovableHandle } from './call.js';
export { Parameter } from './parameter.js';
export type { IncompatibleKeys, Metadata, StateDict } from './state_dict.js';
export * as functional from './functional.js';
export * as init from './init.js';
export * as utils from './utils.js';
