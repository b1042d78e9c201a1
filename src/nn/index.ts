/** torch.nn. */
export * from './activation.js';
export * from './adaptive_pool.js';
export * from './avg_pool.js';
export * from './activation_shrink.js';
export * from './activation_smooth.js';
export type { InplaceOptions } from './activation_base.js';
export * from './adaptive_softmax.js';
export * from './attention.js';
export { BatchNorm1d, BatchNorm2d, BatchNorm3d } from './batchnorm.js';
export type { BatchNormOptions } from './batchnorm.js';
export * from './class_loss.js';
export * from './container.js';
export * from './conv.js';
export * from './cross_map_lrn.js';
export * from './distance.js';
export * from './conv_transpose.js';
export * from './dropout.js';
export * from './embedding.js';
export * from './flatten.js';
export * from './fold.js';
export * from './instancenorm.js';
export * from './layernorm.js';
export * from './fractional_pool.js';
export * from './linear.js';
export type { LossOptions, Reduction, WeightedLossOptions } from './loss.js';
export * from './margin_loss.js';
export * from './padding.js';
export * from './regression_loss.js';
export * from './local_response_norm.js';
export * from './lp_pool.js';
export * from './max_pool.js';
export * from './pixel_shuffle.js';
export * from './unpool.js';
export * from './upsampling.js';
export * from './rnn.js';
export * from './rnn_cell.js';
export * from './transformer.js';
export { TransformerDecoderLayer, TransformerEncoderLayer } from './transformer_layer.js';
export type { TransformerActivation, TransformerLayerOptions } from './transformer_layer.js';
export type { DecoderMasks, EncoderMasks } from './transformer_layer.js';
export { Module } from './module.js';
export type { AnyModule } from './any_module.js';
export type { BackwardHook } from './backward_hook.js';
export type {
  ForwardHook,
  ForwardPreHook,
  Inputs,
  LoadStateDictHook,
  Output,
  RemovableHandle,
} from './call.js';
export { Parameter } from './parameter.js';
export type { IncompatibleKeys, Metadata, StateDict } from './state_dict.js';
export * as functional from './functional.js';
export * as init from './init.js';
export * as modules from './modules.js';
export * as utils from './utils.js';
