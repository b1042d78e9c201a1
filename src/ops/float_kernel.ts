import { float64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { NotImplementedError, RuntimeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import type { Kernels } from '../wasm/generated/kernels.js';
import { runtime } from '../wasm/module.js';

/** The float32 form of a kernel that has one for float64 too. */
export type FloatKernel = keyof Kernels & `${string}_f32`;

/** A kernel named by its float32 form, in the form for `dtype`. */
export function floatKernel<N extends FloatKernel>(name: N, dtype: DType): Kernels[N] {
  const { kernels } = runtime();
  return dtype === float64 ? kernels[`${name.slice(0, -2)}64` as N] : kernels[name];
}

/** The name of the kernel that `floatKernel` gives, for calls that may run on another thread. */
export function floatKernelName(name: FloatKernel, dtype: DType): keyof Kernels {
  return dtype === float64 ? (`${name.slice(0, -2)}64` as keyof Kernels) : name;
}

export function checkFloat(op: string, dtype: DType): void {
  if (!dtype.is_floating_point)
    throw new NotImplementedError(`"${op}" not implemented for '${dtype.scalarName}'`);
}

/** Operands that a kernel reads as one dtype must have it. */
export function checkSameDtype(
  op: string,
  first: Tensor,
  others: Readonly<Record<string, Tensor | null>>,
): void {
  for (const [name, tensor] of Object.entries(others)) {
    if (tensor !== null && tensor.dtype !== first.dtype) {
      throw new RuntimeError(
        `expected scalar type ${first.dtype.scalarName} but found ${tensor.dtype.scalarName} (${op}: ${name} is ` +
          `${tensor.dtype}, the input is ${first.dtype})`,
      );
    }
  }
}
