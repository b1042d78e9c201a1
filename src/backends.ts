import { allowed } from './ops/conv_algorithm.js';

function setting(name: keyof typeof allowed, values: readonly unknown[]): PropertyDescriptor {
  return {
    enumerable: true,
    get: () => allowed[name],
    set: (value: unknown) => {
      if (!values.includes(value)) {
        throw new TypeError(
          `torch.backends.wasm.${name} must be one of ${values.join(', ')}, got ${String(value)}`,
        );
      }
      Object.assign(allowed, { [name]: value });
    },
  };
}

interface WasmBackend {
  /**
   * Whether convolutions and their gradients may use Winograd's algorithm where it is faster (3×3, stride 1, float32; the
   * error stays below 1e-4 of the largest value). Default true; false gives plain sums of products; 2 or 4 takes tiles of that many
   * outputs a side wherever they fit (2 not for the gradient of the weight).
   */
  winograd: boolean | 2 | 4;
  /**
   * Whether, inside `no_grad` and `inference_mode`, a convolution may wait until its result is read, or the block ends, so that
   * batch norm in evaluation mode, the addition of a tensor and ReLU are computed in the same pass (the results differ by
   * rounding). Default true.
   */
  fusion: boolean;
}

/** `torch.backends`: what the library may use. */
export const backends: { readonly wasm: WasmBackend } = {
  wasm: Object.defineProperties({} as WasmBackend, {
    winograd: setting('winograd', [true, false, 2, 4]),
    fusion: setting('fusion', [true, false]),
  }),
};
