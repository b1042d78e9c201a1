/** The `torch` namespace. */
import './install.js';

// Tensors and the operators on them
export { Tensor } from './tensor.js';
export * from './ops/index.js';
export * from './inplace_function.js';
export { Slice, slice } from './ops/slice.js';
export type { IndexItem } from './ops/indexing.js';
export type { SizeArgs, TensorOptions } from './ops/make.js';
export { set_printoptions } from './tensor_format.js';

// Dtypes
export { DType, DType as dtype, bool, float32, float64, int16, int32, int64, int8, uint8 } from './dtype.js';
export { float32 as float, float64 as double, int64 as long, int32 as int, int16 as short } from './dtype.js';
export { can_cast, get_default_dtype, promote_types, set_default_dtype } from './dtype.js';
export type { DTypeName } from './dtype.js';
export { Layout as layout, sparse_coo, strided } from './layout.js';
export { finfo, iinfo } from './type_info.js';
export type { FInfo, IInfo } from './type_info.js';
export { e, inf, nan, pi } from './constants.js';

// Gradients
export * as autograd from './autograd/index.js';
export { is_anomaly_check_nan_enabled, is_anomaly_enabled } from './autograd/anomaly.js';
export {
  enable_grad,
  inference_mode,
  is_grad_enabled,
  is_inference_mode_enabled,
  no_grad,
  set_grad_enabled,
} from './autograd/mode.js';

// Random numbers
export { Generator, default_generator, initial_seed, manual_seed, seed } from './generator.js';
export { get_rng_state, set_rng_state } from './rng_state.js';

// Networks, training, data, files
export * as linalg from './linalg/index.js';
export * as special from './special/index.js';
export * as nn from './nn/index.js';
export * as optim from './optim/index.js';
export * as distributions from './distributions/index.js';
export * as utils from './utils/index.js';
export * as safetensors from './io/safetensors.js';

// Memory
export { keep, tidy } from './scope.js';
export { memory_stats, reset_peak_memory_stats } from './storage.js';
export type { MemoryStats } from './storage.js';

// What runs
export { __config__, __version__ } from './config.js';
export { backends } from './backends.js';
export { get_num_threads, set_num_threads } from './wasm/parallel.js';

// Errors
export {
  IndexError,
  NotImplementedError,
  OutOfMemoryError,
  RuntimeError,
  UseAfterReleaseError,
  ValueError,
} from './errors.js';
