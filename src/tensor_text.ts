import { sparseParts } from './sparse_storage.js';
import type { Tensor } from './tensor.js';
import { formatSparse, formatTensor } from './tensor_format.js';
import type { FormatPart } from './tensor_format.js';
import { printReader } from './tensor_data.js';

/** What torch prints for a tensor. */
export function tensorToString(t: Tensor): string {
  if (t._released !== null) return `tensor(<released by ${t._released}>, size=(${t.shape.join(', ')}))`;
  const gradFn = t.grad_fn;
  const options = {
    requires_grad: t.requires_grad,
    grad_fn: gradFn === null ? undefined : gradFn.name,
  };
  if (!t.is_sparse) return formatTensor(printReader(t), [...t.shape], t.dtype.name, options);
  const { indices, values } = sparseParts(t);
  const part = (x: Tensor): FormatPart => ({ at: printReader(x), shape: x.shape });
  return formatSparse(part(indices), part(values), t.shape, t.dtype.name, options);
}
