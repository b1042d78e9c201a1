import { allowed } from './ops/conv_algorithm.js';
import { configureRuntime, isWide } from './wasm/module.js';

function check(name: string, values: readonly unknown[], value: unknown): void {
  if (values.includes(value)) return;
  throw new TypeError(
    `torch.backends.wasm.${name} must be one of ${values.join(', ')}, got ${String(value)}`,
  );
}

function setting(name: keyof typeof allowed, values: readonly unknown[]): PropertyDescriptor {
  return {
    enumerable: true,
    get: () => allowed[name],
    set: (value: unknown) => {
      check(name, values, value);
      Object.assign(allowed, { [name]: value });
    },
  };
}

interface WasmBackend {
  /**
   * Whether convolutions and their gradients may use Winograd's algorithm where it is faster (in float32: 3×3 of stride 1, and of
   * 5×5 to 8×8 of stride 2 the forward; the error stays below 1e-5 of the largest value). Default true; false gives plain sums of
   * products; 2 or 4 takes tiles of that many outputs a side for all 3×3 (2 not for the gradient of the weight), and nothing else.
   */
  winograd: boolean | 2 | 4;
  /**
   * Whether, inside `no_grad` and `inference_mode`, a convolution may wait until its result is read, or the block ends, so that
   * batch norm in evaluation mode, the addition of a tensor and ReLU are computed in the same pass (the results differ by
   * rounding). Default true.
   */
  fusion: boolean;
  /**
   * Whether the matrix kernels are those for 256-bit vectors. V8 makes such vectors from pairs of 128-bit ones with an experimental flag,
   * which this sets for the whole process: from Node 24 on, and only before the first tensor is made. The first tensor then
   * takes up to half a second longer, for a check of the kernels' results and speed; where they fail it, a warning says so and
   * the plain kernels run. Default false, or true with `WASMGRAD_WIDE=1`.
   */
  wide: boolean;
}

/** `torch.backends`: what the library may use. */
export const backends: { readonly wasm: WasmBackend } = {
  wasm: Object.defineProperties({} as WasmBackend, {
    winograd: setting('winograd', [true, false, 2, 4]),
    fusion: setting('fusion', [true, false]),
    wide: {
      enumerable: true,
      get: isWide,
      set: (value: unknown) => {
        check('wide', [true, false], value);
        configureRuntime({ wide: value as boolean });
      },
    },
  }),
};
