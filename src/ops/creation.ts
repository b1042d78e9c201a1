import type { DType } from '../dtype.js';
import { bool, float32, float64, get_default_dtype, int16, int32, int64, int8, uint8 } from '../dtype.js';
import { RuntimeError, ValueError } from '../errors.js';
import { showShape } from '../shape.js';
import { Storage } from '../storage.js';
import { emptySparse, sparseParts } from '../sparse_storage.js';
import { Tensor } from '../tensor.js';
import { writeValues } from '../tensor_data.js';
import { typeName } from '../python_text.js';
import { signature } from '../signature.js';
import type { NestedValues, TypedArray } from '../tensor_data.js';
import { allocate, wrap } from '../tensor_handle.js';
import { clone, to } from './copy.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { cast } from './dense.js';
import { OPTIONS, checkDevice, checkSize, fillKernel, finish } from './make.js';
import type { SizeArgs, TensorOptions } from './make.js';

type Maker = Op<(...args: SizeArgs) => Tensor>;

function maker(name: string, value: number | null): Maker {
  return define({
    schema: `${name}(int[]... size, *, ${OPTIONS})`,
    forward: (_ctx, size: number[], dtype: DType | null, requiresGrad: boolean, device: string | null) => {
      checkSize(name, size);
      checkDevice(device);
      const out = allocate(size, dtype ?? get_default_dtype());
      if (value !== null) fillKernel(out, value);
      return finish(out, requiresGrad);
    },
    backward: 'none',
  });
}

/**
 * A tensor of zeros.
 *
 * @example
 * console.log(torch.zeros(2, 3).shape, torch.zeros([2, 3], { dtype: torch.int64 }).sum().item()); // [ 2, 3 ] 0
 */
export const zeros: Maker = maker('zeros', 0);
/** A tensor of ones. */
export const ones: Maker = maker('ones', 1);
/** A tensor of whatever was in its memory. */
export const empty: Maker = maker('empty', null);

/**
 * A tensor of whatever was in its memory, with the given strides.
 *
 * @example
 * console.log(torch.empty_strided([2, 3], [1, 2]).stride()); // [ 1, 2 ]
 */
export const empty_strided: Op<
  (size: readonly number[], stride: readonly number[], options?: TensorOptions) => Tensor
> = define({
  schema: `empty_strided(int[] size, int[] stride, *, ${OPTIONS})`,
  forward: (
    _ctx,
    size: number[],
    stride: number[],
    dtype: DType | null,
    requiresGrad: boolean,
    device: string | null,
  ) => {
    checkSize('empty_strided', size);
    checkDevice(device);
    if (size.length !== stride.length) {
      throw new RuntimeError(
        `dimensionality of sizes (${size.length}) must match dimensionality of strides (${stride.length})`,
      );
    }
    if (stride.some((step) => step < 0)) {
      throw new RuntimeError(
        `Storage size calculation overflowed with sizes=${showShape(size)} and strides=${showShape(stride)}`,
      );
    }
    const count = size.includes(0) ? 0 : size.reduce((sum, n, d) => sum + (n - 1) * stride[d], 1);
    const type = dtype ?? get_default_dtype();
    const out = wrap(new Storage(count * type.itemsize), size, type);
    out._strides = stride;
    return finish(out, requiresGrad);
  },
  backward: 'none',
});

type LikeMaker = Op<(input: Tensor, options?: TensorOptions) => Tensor>;

function likeMaker(name: string, value: number | null): LikeMaker {
  return define({
    schema: `${name}(Tensor input, *, ${OPTIONS})`,
    forward: (_ctx, x: Tensor, dtype: DType | null, requiresGrad: boolean, device: string | null) => {
      checkDevice(device);
      const out = allocate(x.shape, dtype ?? x.dtype);
      if (value !== null) fillKernel(out, value);
      return finish(out, requiresGrad);
    },
    sparse:
      value === 1
        ? undefined
        : (_ctx, x: Tensor, dtype: DType | null, requiresGrad: boolean, device: string | null) => {
            checkDevice(device);
            return finish(
              emptySparse(x.shape, sparseParts(x).indices.shape[0], dtype ?? x.dtype),
              requiresGrad,
            );
          },
    backward: 'none',
  });
}

export const zeros_like: LikeMaker = likeMaker('zeros_like', 0);
export const ones_like: LikeMaker = likeMaker('ones_like', 1);
export const empty_like: LikeMaker = likeMaker('empty_like', null);

/**
 * A tensor of one value; its dtype is the value's (integers int64, booleans bool, others the default).
 *
 * @example
 * console.log(torch.full([2], 0.5).tolist()); // [ 0.5, 0.5 ]
 */
export const full: Op<
  (size: readonly number[], fill_value: number | boolean, options?: TensorOptions) => Tensor
> = define({
  schema: `full(int[] size, Scalar fill_value, *, ${OPTIONS})`,
  forward: (
    _ctx,
    size: number[],
    value: number | boolean,
    dtype: DType | null,
    requiresGrad: boolean,
    device: string | null,
  ) => {
    checkSize('full', size);
    checkDevice(device);
    const natural = typeof value === 'boolean' ? bool : Number.isInteger(value) ? int64 : get_default_dtype();
    const out = allocate(size, dtype ?? natural);
    fillKernel(out, value);
    return finish(out, requiresGrad);
  },
  backward: 'none',
});

/** A 0-dim tensor of a number, in the default dtype. */
export const scalar_tensor: Op<(s: number | boolean, options?: TensorOptions) => Tensor> = define({
  schema: `scalar_tensor(Scalar s, *, ${OPTIONS})`,
  forward: (
    _ctx,
    value: number | boolean,
    dtype: DType | null,
    requiresGrad: boolean,
    device: string | null,
  ) => {
    checkDevice(device);
    const out = allocate([], dtype ?? get_default_dtype());
    fillKernel(out, value);
    return finish(out, requiresGrad);
  },
  backward: 'none',
});

export const full_like: Op<(input: Tensor, fill_value: number | boolean, options?: TensorOptions) => Tensor> =
  define({
    schema: `full_like(Tensor input, Scalar fill_value, *, ${OPTIONS})`,
    forward: (
      _ctx,
      x: Tensor,
      value: number | boolean,
      dtype: DType | null,
      requiresGrad: boolean,
      device: string | null,
    ) => {
      checkDevice(device);
      const out = allocate(x.shape, dtype ?? x.dtype);
      fillKernel(out, value);
      return finish(out, requiresGrad);
    },
    backward: 'none',
  });

/** Overwrites every element with a value (a number or a 0-dim tensor). */
export const fill_: Op<(input: Tensor, value: number | boolean | Tensor) => Tensor, 'method'> = define(
  {
    schema: 'fill_(Tensor self, Tensor|Scalar value)',
    mutates: true,
    repeats: true,
    forward: (_ctx, self: Tensor, value: number | boolean | Tensor) => {
      if (value instanceof Tensor && value.ndim !== 0) {
        throw new RuntimeError(
          `fill_ only supports 0-dimension value tensor but got tensor with ${value.ndim} dimensions.`,
        );
      }
      fillKernel(self, value instanceof Tensor ? value.item() : value);
      return self;
    },
    backward: (ctx, g) => [null, ctx.needs[1] ? g.sum() : null],
  },
  ['method'],
);

/** A tensor of the shape and dtype of the input, of one value (a number or a 0-dim tensor). */
export const fill: Op<(input: Tensor, value: number | boolean | Tensor) => Tensor> = define({
  schema: 'fill(Tensor input, Tensor|Scalar value)',
  forward: (_ctx, x: Tensor, value: number | boolean | Tensor) => fill_(clone(x), value),
  backward: 'composite',
  samples: (make) => [
    [make(2, 3), 2],
    [make(2, 3), make()],
  ],
});

/** Sets every element to 0. */
export const zero_: Op<(input: Tensor) => Tensor, 'method'> = define(
  {
    schema: 'zero_(Tensor self)',
    mutates: true,
    repeats: true,
    forward: (_ctx, self: Tensor) => {
      fillKernel(self, 0);
      return self;
    },
    // torch makes every dimension a sparse one.
    sparse: (_ctx, self: Tensor) => emptySparse(self.shape, self.ndim, self.dtype),
    backward: () => [null],
  },
  ['method'],
);

// --- from values ----------------------------------------------------------------------------------------------------

const ARRAY_DTYPES = new Map<unknown, DType>([
  [Float32Array, float32],
  [Float64Array, float64],
  [Int8Array, int8],
  [Uint8Array, uint8],
  [Uint8ClampedArray, uint8],
  [Int16Array, int16],
  [Int32Array, int32],
  [BigInt64Array, int64],
]);

export type TensorData =
  NestedValues | readonly NestedValues[] | TypedArray | Uint8ClampedArray | Tensor | bigint;

/** The shape of nested lists, and their values in one list. */
function flatten(data: unknown): { shape: number[]; values: (number | boolean | bigint)[] } {
  const shape: number[] = [];
  for (let level: unknown = data; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  const values: (number | boolean | bigint)[] = [];
  const walk = (level: unknown, dim: number): void => {
    if (dim === shape.length) {
      if (level instanceof Tensor && level.numel() === 1) {
        values.push(level.item());
        return;
      }
      if (typeof level !== 'number' && typeof level !== 'boolean' && typeof level !== 'bigint') {
        throw new TypeError(
          Array.isArray(level)
            ? 'too many dimensions: the lists are nested unevenly'
            : `new(): invalid data type '${level === null ? 'null' : typeof level}'`,
        );
      }
      values.push(level);
      return;
    }
    if (!Array.isArray(level) || level.length !== shape[dim]) {
      const found = Array.isArray(level) ? level.length : typeof level;
      throw new ValueError(`expected sequence of length ${shape[dim]} at dim ${dim} (got ${found})`);
    }
    for (const inner of level) walk(inner, dim + 1);
  };
  walk(data, 0);
  return { shape, values };
}

function inferDtype(values: readonly (number | boolean | bigint)[]): DType {
  let allBool = values.length > 0;
  for (const value of values) {
    if (typeof value === 'number' && !Number.isInteger(value)) return get_default_dtype();
    if (typeof value !== 'boolean') allBool = false;
  }
  if (values.length === 0) return get_default_dtype();
  return allBool ? bool : int64;
}

/**
 * A tensor with the given values, copied. The dtype is inferred: booleans give bool, integers int64, anything else the default
 * float dtype; a typed array keeps its own.
 *
 * Differs from torch: JavaScript does not tell `1.0` from `1`, so `torch.tensor([1.0, 2.0])` is int64: say
 * `{ dtype: torch.float32 }`.
 *
 * @example
 * const x = torch.tensor([[1.5, 2], [3, 4]]);
 * console.log(x.shape, String(x.dtype)); // [ 2, 2 ] torch.float32
 */
export const tensor: Op<(data: TensorData, options?: TensorOptions) => Tensor> = define({
  schema: `tensor(any data, *, ${OPTIONS})`,
  forward: (_ctx, data: unknown, dtype: DType | null, requiresGrad: boolean, device: string | null) => {
    checkDevice(device);
    return finish(fromData(data, dtype), requiresGrad);
  },
  backward: 'none',
});

function fromData(data: unknown, dtype: DType | null): Tensor {
  if (data instanceof Tensor) {
    data._live();
    return dtype === null || dtype === data.dtype ? clone(data) : cast(data, dtype);
  }
  if (ArrayBuffer.isView(data)) {
    const natural = ARRAY_DTYPES.get(data.constructor);
    if (natural === undefined) throw new TypeError(`tensor(): ${data.constructor.name} has no dtype here`);
    const out = allocate([(data as unknown as ArrayLike<number>).length], dtype ?? natural);
    writeValues(out, data as unknown as ArrayLike<number>);
    return out;
  }
  const { shape, values } = flatten(data);
  const out = allocate(shape, dtype ?? inferDtype(values));
  writeValues(out, values);
  return out;
}

/** `tensor` under the name that takes tensors as they are: no copy when nothing changes. */
export function as_tensor(data: TensorData, options: TensorOptions = {}): Tensor {
  if (data instanceof Tensor && (options.dtype == null || options.dtype === data.dtype)) return data;
  return tensor(data, options);
}

const ASARRAY = signature(
  "asarray(any obj, *, dtype? dtype=None, str? device='cpu', bool? copy=None, bool requires_grad=False)",
);

/**
 * A tensor of values (`tensor`), or a tensor itself where nothing changes.
 *
 * @param copy true: always a copy; false: an error where one is needed
 * @param requires_grad false detaches the result
 * @example
 * const x = torch.ones(2);
 * console.log(torch.asarray(x) === x, torch.asarray([1, 2]).tolist()); // true [ 1, 2 ]
 */
export function asarray(
  obj: TensorData,
  options: TensorOptions & {
    /** Default null: where needed. */
    copy?: boolean | null;
  } = {},
): Tensor {
  const [, dtype, device, copy, requiresGrad] = ASARRAY([obj, options]) as [
    unknown,
    DType | null,
    string | null,
    boolean | null,
    boolean,
  ];
  checkDevice(device);
  if (!(obj instanceof Tensor)) {
    if (copy === false) throw new ValueError("can't alias arbitrary sequence into a tensor.");
    return tensor(obj, { dtype, requires_grad: requiresGrad });
  }
  const same = dtype === null || dtype === obj.dtype;
  if (copy === false && !same) {
    throw new ValueError(
      `can't alias tensor with dtype '${obj.dtype.scalarName}' into dtype '${dtype.scalarName}'.`,
    );
  }
  const found = same ? (copy === true ? clone(obj) : obj) : to(obj, dtype);
  if (found.requires_grad && !requiresGrad) return found.detach();
  return found.requires_grad ? found : finish(found, requiresGrad);
}

/**
 * A vector of the numbers of a typed array, of the dtype that holds them.
 * Differs from torch: a copy.
 *
 * @example
 * const x = torch.from_numpy(new Int32Array([1, 2]));
 * console.log(x.tolist(), String(x.dtype)); // [ 1, 2 ] torch.int32
 */
export function from_numpy(ndarray: TypedArray): Tensor {
  if (!ArrayBuffer.isView(ndarray)) throw new TypeError(`expected a typed array (got ${typeName(ndarray)})`);
  return tensor(ndarray);
}
