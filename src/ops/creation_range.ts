import { bool, get_default_dtype, int64, uint8 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { NotImplementedError, RuntimeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { writeValues } from '../tensor_data.js';
import { address, allocate, makeView } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { cast } from './dense.js';
import { checkDevice, fillKernel, finish } from './make.js';
import type { TensorOptions } from './make.js';

const OPTIONS = "dtype? dtype=None, bool requires_grad=False, str? device='cpu'";

/** start + i · step in every dtype. */
function ramp(count: number, dtype: DType, start: number, step: number): Tensor {
  // Integers that do not fit wrap, as torch's do.
  if (!dtype.is_floating_point && dtype !== int64) return cast(ramp(count, int64, start, step), dtype);
  const out = allocate([count], dtype);
  if (count > 0) runtime().kernels.arange(dtype.code, address(out), count, start, step);
  return out;
}

function checkRange(start: number, end: number, step: number): void {
  if (step === 0) throw new RuntimeError('step must be nonzero');
  if (!Number.isFinite(start) || !Number.isFinite(end))
    throw new RuntimeError(`unsupported range: ${start} -> ${end}`);
  if ((step > 0 && start > end) || (step < 0 && start < end)) {
    throw new RuntimeError('upper bound and larger bound inconsistent with step sign');
  }
}

export type RangeArgs =
  | [end: number, options?: TensorOptions]
  | [start: number, end: number, options?: TensorOptions]
  | [start: number, end: number, step: number, options?: TensorOptions]
  | [options: TensorOptions & { start?: number; end: number; step?: number }];

/**
 * start, start + step, … below end; `arange(end)` starts at 0. int64 when all three are integers, otherwise the default dtype.
 *
 * Differs from torch: JavaScript does not tell `1.0` from `1`; say `{ dtype: torch.float32 }`.
 *
 * @example
 * console.log(torch.arange(1, 10, 4).tolist()); // [ 1, 5, 9 ]
 */
export const arange: Op<(...args: RangeArgs) => Tensor> = define({
  schema: `arange(Scalar start=0, Scalar? end=None, Scalar step=1, *, ${OPTIONS})`,
  forward: (
    _ctx,
    first: number | boolean,
    second: number | boolean | null,
    step: number,
    dtype: DType | null,
    requiresGrad: boolean,
    device: string | null,
  ) => {
    checkDevice(device);
    const start = second === null ? 0 : Number(first);
    const end = second === null ? Number(first) : Number(second);
    const natural = [start, end, step].every(Number.isInteger) ? int64 : get_default_dtype();
    const type = dtype ?? natural;
    if (type === bool) throw new NotImplementedError('"arange_cpu" not implemented for \'Bool\'');
    if (type.is_floating_point) {
      checkRange(start, end, step);
      return finish(ramp(Math.ceil((end - start) / step), type, start, step), requiresGrad);
    }
    // torch counts in float64 but for int64, and then cuts start and step off.
    const [from, to, by] = [start, end, step].map(Math.trunc);
    checkRange(from, to, by);
    const count = type === int64 ? (to - from) / by : (end - start) / step;
    return finish(ramp(Math.max(Math.ceil(count), 0), type, from, by), requiresGrad);
  },
  backward: 'none',
});

/** start, start + step, … up to and including end, as floats. Deprecated in torch: use `arange`. */
export const range: Op<
  (...args: Args<[start: number, end: number], [step: number], TensorOptions & { step?: number }>) => Tensor
> = define({
  schema: `range(Scalar start, Scalar end, Scalar step=1, *, ${OPTIONS})`,
  forward: (
    _ctx,
    start: number,
    end: number,
    step: number,
    dtype: DType | null,
    requiresGrad: boolean,
    device: string | null,
  ) => {
    checkDevice(device);
    const made = dtype ?? get_default_dtype();
    const [from, to, by] = made.is_floating_point ? [start, end, step] : [start, end, step].map(Math.trunc);
    checkRange(from, to, by);
    return finish(ramp(Math.floor((to - from) / by) + 1, made, from, by), requiresGrad);
  },
  backward: 'none',
});

function checkSteps(steps: number): void {
  if (steps < 0) throw new RuntimeError('number of steps must be non-negative');
}

/** `steps` values from start to end: torch's formula, counted from the nearer end. */
function spaced(start: number, end: number, steps: number, round: (x: number) => number): Float64Array {
  const out = new Float64Array(steps);
  const step = steps > 1 ? round((end - start) / (steps - 1)) : 0;
  const half = Math.floor(steps / 2);
  for (let i = 0; i < steps; i++) {
    out[i] =
      i < half || steps === 1 ? round(start + round(step * i)) : round(end - round(step * (steps - i - 1)));
  }
  return out;
}

function rounding(dtype: DType): (x: number) => number {
  return dtype.itemsize === 4 && dtype.is_floating_point ? Math.fround : (x) => x;
}

/**
 * `steps` evenly spaced values from start to end, both included.
 *
 * @example
 * console.log(torch.linspace(0, 1, 5).tolist()); // [ 0, 0.25, 0.5, 0.75, 1 ]
 */
export const linspace: Op<
  (...args: Args<[start: number, end: number, steps: number], [], TensorOptions>) => Tensor
> = define({
  schema: `linspace(Scalar start, Scalar end, int steps, *, ${OPTIONS})`,
  forward: (
    _ctx,
    start: number,
    end: number,
    steps: number,
    dtype: DType | null,
    requiresGrad: boolean,
    device: string | null,
  ) => fillSpaced({ range: [start, end, steps], dtype, requiresGrad, device }),
  backward: 'none',
});

interface Spaced {
  readonly range: readonly [start: number, end: number, steps: number];
  readonly dtype: DType | null;
  readonly requiresGrad: boolean;
  readonly device: string | null;
}

/** A tensor of evenly spaced numbers, or of a function of them. */
function fillSpaced(
  { range: [start, end, steps], dtype, requiresGrad, device }: Spaced,
  map: (value: number) => number = (value) => value,
): Tensor {
  checkDevice(device);
  checkSteps(steps);
  const out = allocate([steps], dtype ?? get_default_dtype());
  if (out.dtype.is_floating_point) {
    writeValues(out, spaced(start, end, steps, rounding(out.dtype)).map(map));
  } else {
    // The ends are cast first, as torch does.
    const whole = (x: number): number => {
      if (out.dtype === bool) return x === 0 ? 0 : 1;
      return out.dtype === uint8 && x < 0 ? Math.trunc(x) + 256 : Math.trunc(x);
    };
    const values = spaced(whole(start), whole(end), steps, rounding(out.dtype)).map(map);
    writeValues(out, Array.from(values, Math.trunc));
  }
  return finish(out, requiresGrad);
}

/** base to the power of `steps` evenly spaced exponents from start to end. */
export const logspace: Op<
  (
    ...args: Args<
      [start: number, end: number, steps: number],
      [base: number],
      TensorOptions & { base?: number }
    >
  ) => Tensor
> = define({
  schema: `logspace(Scalar start, Scalar end, int steps, float base=10, *, ${OPTIONS})`,
  forward: (
    _ctx,
    start: number,
    end: number,
    steps: number,
    base: number,
    dtype: DType | null,
    requiresGrad: boolean,
    device: string | null,
  ) =>
    fillSpaced({ range: [start, end, steps], dtype, requiresGrad, device }, (exponent) => base ** exponent),
  backward: 'none',
});

/**
 * Ones on the diagonal of n rows and m (default n) columns of zeros.
 *
 * @example
 * console.log(torch.eye(2).tolist()); // [ [ 1, 0 ], [ 0, 1 ] ]
 */
export const eye: Op<
  (...args: Args<[n: number], [m: number | null], TensorOptions & { m?: number | null }>) => Tensor
> = define({
  schema: `eye(int n, int? m=None, *, ${OPTIONS})`,
  forward: (
    _ctx,
    n: number,
    columns: number | null,
    dtype: DType | null,
    requiresGrad: boolean,
    device: string | null,
  ) => {
    checkDevice(device);
    const m = columns ?? n;
    if (n < 0) throw new RuntimeError(`n must be greater or equal to 0, got ${n}`);
    if (m < 0) throw new RuntimeError(`m must be greater or equal to 0, got ${m}`);
    const out = allocate([n, m], dtype ?? get_default_dtype());
    fillKernel(out, 0);
    fillKernel(makeView(out, [Math.min(n, m)], [m + 1], 0), 1);
    return finish(out, requiresGrad);
  },
  backward: 'none',
});
