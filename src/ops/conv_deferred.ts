import type { DType } from '../dtype.js';
import type { Deferred, Storage } from '../storage.js';
import type { Tensor } from '../tensor.js';
import { address, detachedAlias } from '../tensor_handle.js';
import { asTiles } from './conv_algorithm.js';
import type { Geometry } from './conv_geometry.js';
import { forwardKernel } from './conv_kernel.js';
import { winogradConvolution } from './conv_winograd.js';

/** A convolution, and what follows it in the pass over its output: relu(x ∗ weight · scale + shift + residual). */
export interface ConvolutionPass {
  readonly g: Geometry;
  readonly dtype: DType;
  readonly x: Tensor;
  readonly weight: Tensor;
  /** The bias; with a scale, the shift. */
  readonly bias: Tensor | null;
  readonly scale: Tensor | null;
  readonly residual: Tensor | null;
  readonly relu: boolean;
}

const pointer = (t: Tensor | null): number => (t === null ? 0 : address(t));

/** Computes into `out`. All tensors are contiguous. */
export function convolutionPass(pass: ConvolutionPass, out: number): void {
  const { g, dtype, x, weight, relu } = pass;
  const epilogue = { scale: pointer(pass.scale), residual: pointer(pass.residual), relu };
  const tiled = asTiles('forward', g, dtype);
  const [source, bias] = [address(x), pointer(pass.bias)];
  if (tiled === null) forwardKernel(g, dtype, [source, address(weight), bias, out], epilogue);
  else winogradConvolution(tiled, weight, false, [source, bias, out], epilogue);
}

/** A convolution that waits for what follows it. */
export class DeferredConvolution implements Deferred {
  included = false;
  private readonly pass: ConvolutionPass;

  constructor(pass: ConvolutionPass) {
    const held = (t: Tensor | null): Tensor | null => (t === null ? null : detachedAlias(t));
    this.pass = {
      ...pass,
      x: held(pass.x)!,
      weight: held(pass.weight)!,
      bias: held(pass.bias),
      scale: held(pass.scale),
      residual: held(pass.residual),
    };
  }

  /** The same with something more behind it; null where it would come in the wrong order. */
  followedBy(next: Partial<ConvolutionPass>): DeferredConvolution | null {
    const { scale, residual, relu } = this.pass;
    if (relu || (residual !== null && next.relu !== true) || (scale !== null && next.scale !== undefined))
      return null;
    return new DeferredConvolution({ ...this.pass, ...next });
  }

  /** The bias that the sums start from. */
  get bias(): Tensor | null {
    return this.pass.bias;
  }

  /** Sizes of the output: images and channels. */
  get sizes(): readonly [N: number, O: number] {
    const [N, , , , O] = this.pass.g;
    return [N, O];
  }

  reads(storage: Storage): boolean {
    return this.tensors().some((t) => t._storage === storage);
  }

  compute(ptr: number): void {
    convolutionPass(this.pass, ptr);
  }

  drop(): void {
    for (const t of this.tensors()) t._drop();
  }

  private tensors(): Tensor[] {
    const { x, weight, bias, scale, residual } = this.pass;
    return [x, weight, bias, scale, residual].filter((t) => t !== null);
  }
}
