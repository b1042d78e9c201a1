import { withWorkspace } from '../storage.js';
import type { Tensor } from '../tensor.js';
import { address } from '../tensor_handle.js';
import type { KernelCall } from '../wasm/kernel_call.js';
import { runtime } from '../wasm/module.js';
import { partOf, partsFor, runCalls } from '../wasm/parallel.js';
import { DESC_BYTES } from './iterator.js';
import type { Operand } from './iterator.js';

/** Kernels that walk a descriptor whose dimensions may be cut: (…before, …inputs, out, desc, …after). */
type LoopKernel = 'unary' | 'binary' | 'ternary' | 'compare' | 'test' | 'where' | 'copy' | 'fill';

/** A single run is cut at multiples of this, so that every part but the last is whole vectors of every dtype. */
const RUN = 64;
/** Smaller results stay on this thread without a look at what else they move. */
const LEAST_BYTES = 1 << 18;

/** Runs a pointwise kernel over a descriptor of `out` and `inputs`, threads sharing its outermost dimension. */
export function runLoop(
  name: LoopKernel,
  before: readonly number[],
  inputs: readonly Operand[],
  out: Tensor,
  desc: number,
  after: readonly number[],
): void {
  const pointers = [...inputs.map((input) => input.ptr), address(out)];
  const call = (at: readonly number[], d: number): KernelCall => [name, ...before, ...at, d, ...after];
  if (out.numel() * out.dtype.itemsize < LEAST_BYTES) {
    runCalls([call(pointers, desc)]);
    return;
  }
  const { heap } = runtime();
  const words = heap.i32.slice(desc >> 2, (desc + DESC_BYTES) >> 2);
  const [ndim, size] = words;
  const sizes = [...inputs.map((input) => input.itemsize), out.dtype.itemsize];
  const bytes = out.numel() * sizes.reduce((sum, itemsize) => sum + itemsize, 0);
  const step = ndim === 1 ? RUN : 1;
  const steps = Math.ceil(size / step);
  const parts = partsFor(bytes, steps);
  if (parts === 1) {
    runCalls([call(pointers, desc)]);
    return;
  }
  // Operand 0 of the descriptor is the output.
  const strideOf = (operand: number): number => words[1 + ndim * (1 + operand)];
  const strides = [...inputs.map((_, i) => strideOf(i + 1)), strideOf(0)];
  withWorkspace(parts * DESC_BYTES, (ws) => {
    const calls = Array.from({ length: parts }, (_, i): KernelCall => {
      const [begin, end] = partOf(steps, i, parts);
      const [from, to] = [begin * step, Math.min(end * step, size)];
      const d = ws + i * DESC_BYTES;
      heap.i32.set(words, d >> 2);
      heap.i32[(d >> 2) + 1] = to - from;
      return call(
        pointers.map((ptr, k) => ptr + from * strides[k] * sizes[k]),
        d,
      );
    });
    runCalls(calls);
  });
}
