import { allowed } from './ops/conv_algorithm.js';

/** `torch.backends`: what the library may use. */
export const backends = {
  wasm: {
    /**
     * Whether convolutions and their gradients may use Winograd's algorithm where it is faster (3×3, stride 1, float32; the
     * error stays below 1e-4 of the largest value). Default true; false gives plain sums of products.
     */
    get winograd(): boolean {
      return allowed.winograd;
    },
    set winograd(value: boolean) {
      if (typeof value !== 'boolean') {
        throw new TypeError(`torch.backends.wasm.winograd must be a boolean, got ${String(value)}`);
      }
      allowed.winograd = value;
    },
  },
};
