import type { DType } from '../dtype.js';
import { withWorkspace } from '../storage.js';
import { partOf, partsFor, runCalls } from '../wasm/parallel.js';
import type { KernelCall } from '../wasm/kernel_call.js';
import { floatKernel } from './float_kernel.js';

/** More slices would seldom find a thread. */
const MOST_SLICES = 8;
/** The gradients of all slices stay in the second-level cache until they are added. */
const SLICES_BYTES = 1 << 20;

/** A part of the gradient of a weight: of images [n, nEnd) and output channels [o, oEnd), written at `out` of all channels. */
export interface WeightPart {
  readonly n: number;
  readonly nEnd: number;
  readonly o: number;
  readonly oEnd: number;
  readonly out: number;
}

/**
 * The gradient of a weight of `size` elements from N images of `positions` each. Threads take slices of the batch of at least `least`
 * positions, whose gradients are added in order, or output channels, for each of which all of the input has to be prepared again. How many slices
 * there are depends on the shape alone, so that the result does not depend on the threads. `call` gets the address of `each` bytes.
 */
export function weightParts(
  dtype: DType,
  shape: { readonly N: number; readonly O: number; readonly size: number; readonly positions: number },
  least: number,
  work: number,
  each: number,
  gw: number,
  call: (part: WeightPart, ws: number) => KernelCall,
): void {
  const { N, O, size, positions } = shape;
  const bytes = size * dtype.itemsize;
  const most = Math.min(MOST_SLICES, N, (N * positions) / least, SLICES_BYTES / bytes);
  // A power of two: batches mostly are multiples of one.
  const slices = 2 ** Math.floor(Math.log2(Math.max(1, most)));
  const channelParts = Math.floor(O / 8);
  const threads = partsFor(work, slices * Math.max(1, channelParts));
  const cuts = Math.min(Math.max(1, channelParts), Math.ceil(threads / slices));
  withWorkspace(slices === 1 ? 0 : slices * bytes, (apart) => {
    const parts = Array.from({ length: slices * cuts }, (_, i): WeightPart => {
      const slice = Math.floor(i / cuts);
      const [n, nEnd] = partOf(N, slice, slices);
      const [o, oEnd] = partOf(O, i % cuts, cuts);
      return { n, nEnd, o, oEnd, out: slices === 1 ? gw : apart + slice * bytes };
    });
    withWorkspace(threads * each, (ws) => {
      for (let i = 0; i < parts.length; i += threads) {
        runCalls(parts.slice(i, i + threads).map((part, k) => call(part, ws + k * each)));
      }
    });
    if (slices > 1) floatKernel('sum_slices_f32', dtype)(apart, slices, size, gw);
  });
}
