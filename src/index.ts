import './install.js';

export * from './dtype.js';
export { float32 as float, float64 as double, int64 as long, int32 as int, int16 as short } from './dtype.js';
export * from './errors.js';
export * from './ops/index.js';
export * as autograd from './autograd/index.js';
export {
  enable_grad,
  inference_mode,
  is_grad_enabled,
  is_inference_mode_enabled,
  no_grad,
  set_grad_enabled,
} from './autograd/mode.js';
export { Generator, default_generator, initial_seed, manual_seed } from './generator.js';
export { get_rng_state, set_rng_state } from './rng_state.js';
export * as safetensors from './io/safetensors.js';
export * as nn from './nn/index.js';
export * as optim from './optim/index.js';
export { keep, tidy } from './scope.js';
export { memory_stats, reset_peak_memory_stats } from './storage.js';
export type { MemoryStats } from './storage.js';
export { Tensor } from './tensor.js';
export { set_printoptions } from './tensor_format.js';
export * as utils from './utils/index.js';
export { __config__, __version__ } from './config.js';
export { get_num_threads, set_num_threads } from './wasm/parallel.js';
