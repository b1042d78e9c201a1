import type { DType } from '../dtype.js';
import type { Tensor } from '../tensor.js';
import { allocate } from '../tensor_handle.js';
import { tensor } from './creation.js';
import type { TensorData } from './creation.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { checkDevice, checkSize, fillKernel, finish } from './make.js';
import type { SizeArgs, TensorOptions } from './make.js';

const OPTIONS = "dtype? dtype=None, bool requires_grad=False, str? device='cpu'";

type New = Op<(input: Tensor, ...args: SizeArgs) => Tensor, 'method'>;

function maker(name: string, value: number | null): New {
  return define(
    {
      schema: `${name}(Tensor input, int[]... size, *, ${OPTIONS})`,
      forward: (
        _ctx,
        x: Tensor,
        size: number[],
        dtype: DType | null,
        requiresGrad: boolean,
        device: string | null,
      ) => {
        checkSize(name, size);
        checkDevice(device);
        const out = allocate(size, dtype ?? x.dtype);
        if (value !== null) fillKernel(out, value);
        return finish(out, requiresGrad);
      },
      backward: 'none',
    },
    ['method'],
  );
}

/** Zeros of a size, in this tensor's dtype. */
export const new_zeros: New = maker('new_zeros', 0);
/** Ones of a size, in this tensor's dtype. */
export const new_ones: New = maker('new_ones', 1);
/** Memory of a size as it is, in this tensor's dtype. */
export const new_empty: New = maker('new_empty', null);

/** One value at a size, in this tensor's dtype. */
export const new_full: Op<
  (input: Tensor, size: readonly number[], fill_value: number | boolean, options?: TensorOptions) => Tensor,
  'method'
> = define(
  {
    schema: `new_full(Tensor input, int[] size, Scalar fill_value, *, ${OPTIONS})`,
    forward: (
      _ctx,
      x: Tensor,
      size: number[],
      value: number | boolean,
      dtype: DType | null,
      requiresGrad: boolean,
      device: string | null,
    ) => {
      checkSize('new_full', size);
      checkDevice(device);
      const out = allocate(size, dtype ?? x.dtype);
      fillKernel(out, value);
      return finish(out, requiresGrad);
    },
    backward: 'none',
  },
  ['method'],
);

/** `torch.tensor` in this tensor's dtype. */
export const new_tensor: Op<(input: Tensor, data: TensorData, options?: TensorOptions) => Tensor, 'method'> =
  define(
    {
      schema: `new_tensor(Tensor input, any data, *, ${OPTIONS})`,
      forward: (
        _ctx,
        x: Tensor,
        data: TensorData,
        dtype: DType | null,
        requires_grad: boolean,
        device: 'cpu' | null,
      ) => tensor(data, { dtype: dtype ?? x.dtype, requires_grad, device }),
      backward: 'none',
    },
    ['method'],
  );
