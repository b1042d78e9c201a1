import type { Tensor } from './tensor.js';
import { formatTensor } from './tensor_format.js';
import { printReader } from './tensor_data.js';

/** What torch prints for a tensor. */
export function tensorToString(t: Tensor): string {
  if (t._released !== null) return `tensor(<released by ${t._released}>, size=(${t.shape.join(', ')}))`;
  const gradFn = t.grad_fn;
  return formatTensor(printReader(t), [...t.shape], t.dtype.name, {
    requires_grad: t.requires_grad,
    grad_fn: gradFn === null ? undefined : gradFn.name,
  });
}
