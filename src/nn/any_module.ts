import type { Module } from './module.js';

/**
 * A module whose forward may take and return anything; a value of type `Module` maps tensors to a tensor. Members whose types
 * depend on the module's own are left out.
 */
export type AnyModule = Pick<
  Module,
  | 'training'
  | '_parameters'
  | '_buffers'
  | '_modules'
  | 'parameters'
  | 'named_parameters'
  | 'buffers'
  | 'named_buffers'
  | 'children'
  | 'named_children'
  | 'modules'
  | 'named_modules'
  | 'zero_grad'
  | 'state_dict'
  | 'load_state_dict'
  | 'dispose'
  | '_get_name'
  | 'extra_repr'
>;
