import { allowed } from './ops/conv_algorithm.js';

function flag(name: keyof typeof allowed): PropertyDescriptor {
  return {
    enumerable: true,
    get: () => allowed[name],
    set: (value: unknown) => {
      if (typeof value !== 'boolean') {
        throw new TypeError(`torch.backends.wasm.${name} must be a boolean, got ${String(value)}`);
      }
      allowed[name] = value;
    },
  };
}

interface WasmBackend {
  /**
   * Whether convolutions and their gradients may use Winograd's algorithm where it is faster (3×3, stride 1, float32; the
   * error stays below 1e-4 of the largest value). Default true; false gives plain sums of products.
   */
  winograd: boolean;
  /**
   * Whether, inside `no_grad` and `inference_mode`, a convolution may wait until its result is read, or the block ends, so that
   * batch norm in evaluation mode, the addition of a tensor and ReLU are computed in the same pass (the results differ by
   * rounding). Default true.
   */
  fusion: boolean;
}

/** `torch.backends`: what the library may use. */
export const backends: { readonly wasm: WasmBackend } = {
  wasm: Object.defineProperties({} as WasmBackend, { winograd: flag('winograd'), fusion: flag('fusion') }),
};
