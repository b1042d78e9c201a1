import type { DType } from '../dtype.js';
import type { Deferred, Storage } from '../storage.js';
import type { Tensor } from '../tensor.js';
import { asTiles } from './conv_algorithm.js';
import type { Geometry } from './conv_geometry.js';
import { forwardKernel } from './conv_kernel.js';
import { winogradConvolution } from './conv_winograd.js';

/** Where the elements of a contiguous tensor are, without a handle on it. */
export interface Place {
  readonly storage: Storage;
  /** In bytes. */
  readonly offset: number;
}

export function placeOf(t: Tensor): Place {
  return { storage: t._storage, offset: t._offset * t.dtype.itemsize };
}

/** A convolution, and what follows it in the pass over its output: relu(x ∗ weight · scale + shift + residual). */
export interface ConvolutionPass {
  readonly g: Geometry;
  readonly dtype: DType;
  readonly x: Place;
  readonly weight: Place;
  /** The bias; with a scale, the shift. */
  readonly bias: Place | null;
  readonly scale: Place | null;
  readonly residual: Place | null;
  readonly relu: boolean;
}

const pointer = (place: Place | null): number => (place === null ? 0 : place.storage.ptr + place.offset);

/** Computes into `out`. */
export function convolutionPass(pass: ConvolutionPass, out: number): void {
  const { g, dtype, weight, relu } = pass;
  const epilogue = { scale: pointer(pass.scale), residual: pointer(pass.residual), relu };
  const tiled = asTiles('forward', g, dtype);
  const [x, bias] = [pointer(pass.x), pointer(pass.bias)];
  if (tiled === null) forwardKernel(g, dtype, [x, pointer(weight), bias, out], epilogue);
  else winogradConvolution(tiled, weight, false, [x, bias, out], epilogue);
}

/** A convolution that waits for what follows it. It holds on to the bytes that it reads. */
export class DeferredConvolution implements Deferred {
  included = false;

  private readonly held: readonly Storage[];

  constructor(private readonly pass: ConvolutionPass) {
    const places = [pass.x, pass.weight, pass.bias, pass.scale, pass.residual];
    this.held = places.filter((place) => place !== null).map((place) => place.storage);
    for (const storage of this.held) storage.retain();
  }

  /** The same with something more behind it; null where it would come in the wrong order. */
  followedBy(next: Partial<ConvolutionPass>): DeferredConvolution | null {
    const { scale, residual, relu } = this.pass;
    if (relu || (residual !== null && next.relu !== true) || (scale !== null && next.scale !== undefined))
      return null;
    return new DeferredConvolution({ ...this.pass, ...next });
  }

  /** Address of the bias that the sums start from; 0 for none. */
  get bias(): number {
    return pointer(this.pass.bias);
  }

  get geometry(): Geometry {
    return this.pass.g;
  }

  reads(storage: Storage): boolean {
    return this.held.includes(storage);
  }

  compute(ptr: number): void {
    convolutionPass(this.pass, ptr);
  }

  drop(): void {
    for (const storage of this.held) storage.release();
  }
}
