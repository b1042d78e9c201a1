/** What torch has for complex numbers, on real ones. */
import { RuntimeError } from '../errors.js';
import { sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { eq, isnan, lt, where } from './compare.js';
import { zeros_like } from './creation.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { floatDtype } from './unary_kernel.js';
import type { Unary } from './unary_kernel.js';
import { sign } from './pointwise_unary.js';
import { transpose } from './view.js';

type Method = Op<(input: Tensor) => Tensor, 'method'>;

/** 0 for what is not negative, π for what is; NaN stays. */
export const angle: Method = define(
  {
    schema: 'angle(Tensor input)',
    forward: (_ctx, x: Tensor) => {
      const dtype = floatDtype(x.dtype);
      const half = where(lt(x, 0), Math.PI, zeros_like(x, { dtype }));
      return x.dtype.is_floating_point ? where(isnan(x), x, half) : half;
    },
    backward: (_ctx, g) => [zeros_like(g)],
    samples: (make) => [[make(2, 3)]],
  },
  ['method'],
);

/** `sign`: a real number divided by its magnitude. Its gradient is 0. */
export const sgn: Unary = define(
  {
    schema: 'sgn(Tensor input)',
    forward: (_ctx, x: Tensor) => sign(x),
    backward: (_ctx, g) => [zeros_like(g)],
    samples: (make) => [[make(2, 3)]],
  },
  ['method', 'inplace'],
);

/** True everywhere: there are no complex dtypes. */
export const isreal: Method = define(
  {
    schema: 'isreal(Tensor input)',
    forward: (_ctx, x: Tensor) => eq(zeros_like(x), 0),
    backward: 'none',
  },
  ['method'],
);

function itself(name: string): Method {
  return define(
    {
      schema: `${name}(Tensor input)`,
      forward: (_ctx, x: Tensor) => x,
      backward: 'composite',
      samples: (make) => [[make(2, 3)]],
    },
    ['method'],
  );
}

/** The tensor itself: it is real. */
export const conj: Method = itself('conj');
/** The tensor itself: it is real. */
export const resolve_conj: Method = itself('resolve_conj');
/** The tensor itself: it is real. */
export const resolve_neg: Method = itself('resolve_neg');

/** The tensor itself. */
export function real(input: Tensor): Tensor {
  return input;
}

/** Always an error, as in torch: a real tensor has no imaginary part. */
export function imag(_input: Tensor): Tensor {
  throw new RuntimeError('imag is not implemented for tensors with non-complex dtypes.');
}

/** A tensor of the same numbers. */
export const conj_physical: Unary = define(
  {
    schema: 'conj_physical(Tensor input)',
    repeats: true,
    forward: (_ctx, x: Tensor) => x,
    backward: 'composite',
    samples: (make) => [[make(2, 3)]],
  },
  ['method', 'inplace'],
);

/** The last two dimensions exchanged. */
export const adjoint: Method = define(
  {
    schema: 'adjoint(Tensor input)',
    forward: (_ctx, x: Tensor) => {
      if (x.ndim === 0) return x;
      if (x.ndim === 1) {
        throw new RuntimeError(
          'tensor.adjoint() is only supported on matrices or batches of matrices. Got 1-D tensor.',
        );
      }
      return transpose(x, -2, -1);
    },
    backward: 'composite',
    samples: (make) => [[make(2, 3)]],
  },
  ['method'],
);

export function is_complex(_input: Tensor): boolean {
  return false;
}

export function is_conj(_input: Tensor): boolean {
  return false;
}

export function is_neg(_input: Tensor): boolean {
  return false;
}

/** Whether the dtype has negative numbers. */
export function is_signed(input: Tensor): boolean {
  return input.dtype.is_signed;
}

export function is_same_size(input: Tensor, other: Tensor): boolean {
  return sameShape(input.shape, other.shape);
}
