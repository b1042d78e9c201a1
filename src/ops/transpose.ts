import { checkInplace } from '../autograd/inplace.js';
import { is_grad_enabled } from '../autograd/mode.js';
import { RuntimeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { as_strided } from './strided.js';
import { permute, squeeze, t, transpose, unsqueeze } from './view.js';

/** Gives the handle the geometry and the history of a view of it. */
function become(x: Tensor, seen: Tensor): Tensor {
  if (is_grad_enabled() && x.requires_grad) checkInplace(x);
  x._shape = seen.shape;
  x._strides = seen._strides;
  x._offset = seen._offset;
  const history = seen.grad_fn;
  if (history !== null) {
    x._setGradFn(history, seen._outputNr);
    x._history++;
  }
  return x;
}

/** `transpose` of the tensor itself: its handle gets the new geometry. */
export const transpose_: Op<(input: Tensor, dim0: number, dim1: number) => Tensor, 'method'> = define(
  {
    schema: 'transpose_(Tensor input, int dim0, int dim1)',
    forward: (_ctx, x: Tensor, dim0: number, dim1: number) => become(x, transpose(x, dim0, dim1)),
    backward: 'composite',
  },
  ['method'],
);
export const swapaxes_ = transpose_;
export const swapdims_ = transpose_;

/** `t` of the tensor itself. */
export const t_: Op<(input: Tensor) => Tensor, 'method'> = define(
  { schema: 't_(Tensor input)', forward: (_ctx, x: Tensor) => become(x, t(x)), backward: 'composite' },
  ['method'],
);

/** `squeeze` of the tensor itself. */
export const squeeze_: Op<(input: Tensor, dim?: number | { dim?: number }) => Tensor, 'method'> = define(
  {
    schema: 'squeeze_(Tensor input, int? dim=None)',
    forward: (_ctx, x: Tensor, dim: number | null) => become(x, dim === null ? squeeze(x) : squeeze(x, dim)),
    backward: 'composite',
  },
  ['method'],
);

/** `unsqueeze` of the tensor itself. */
export const unsqueeze_: Op<(input: Tensor, dim: number) => Tensor, 'method'> = define(
  {
    schema: 'unsqueeze_(Tensor input, int dim)',
    forward: (_ctx, x: Tensor, dim: number) => become(x, unsqueeze(x, dim)),
    backward: 'composite',
  },
  ['method'],
);

/** `as_strided` of the tensor itself. */
export const as_strided_: Op<
  (
    input: Tensor,
    size: readonly number[],
    stride: readonly number[],
    storage_offset?: number | null | { storage_offset?: number | null },
  ) => Tensor,
  'method'
> = define(
  {
    schema: 'as_strided_(Tensor input, int[] size, int[] stride, int? storage_offset=None)',
    forward: (_ctx, x: Tensor, size: number[], stride: number[], offset: number | null) =>
      become(x, as_strided(x, size, stride, offset)),
    backward: 'composite',
  },
  ['method'],
);

/** What `Tensor` has as properties rather than methods. */
export interface LayoutProperties {
  /** The dimensions in reverse order. */
  readonly T: Tensor;
  /** The last two dimensions exchanged. */
  readonly mT: Tensor;
  /** The transpose of a matrix. */
  readonly H: Tensor;
  /** The last two dimensions exchanged; complex numbers, which there are none of here, would be conjugated. */
  readonly mH: Tensor;
}

function swapLast(name: string, x: Tensor): Tensor {
  if (x.ndim === 0) return x;
  if (x.ndim < 2) {
    throw new RuntimeError(
      `tensor.${name} is only supported on matrices or batches of matrices. Got ${x.ndim}-D tensor.`,
    );
  }
  return transpose(x, -2, -1);
}

/** The getters of `LayoutProperties`. */
export const properties: { readonly [K in keyof LayoutProperties]: (x: Tensor) => Tensor } = {
  T: (x) =>
    permute(
      x,
      x.shape.map((_, d) => x.ndim - 1 - d),
    ),
  mT: (x) => swapLast('mT', x),
  H: (x) => {
    if (x.ndim !== 0 && x.ndim !== 2) {
      throw new RuntimeError(
        `tensor.H is only supported on matrices (2-D tensors). Got ${x.ndim}-D tensor.` +
          ' For batches of matrices, consider using tensor.mH',
      );
    }
    return x.ndim === 0 ? x : transpose(x, 0, 1);
  },
  mH: (x) => swapLast('mH', x),
};
