import { int64 } from '../dtype.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';

/** Rows sorted in place, with where each element came from; x dense, its last dimension sorted. */
export function sortRows(x: Tensor, descending: boolean): Tensor {
  const indices = allocate(x.shape, int64);
  if (x.numel() === 0) return indices;
  const { kernels } = runtime();
  const n = x.shape.at(-1) ?? 1;
  const ws = allocate([kernels.sort_workspace(n) / 8], int64);
  kernels.sort(x.dtype.code, address(x), address(indices), x.numel() / n, n, Number(descending), address(ws));
  return indices;
}
