import { float32, get_default_dtype, int64 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { NotImplementedError, RuntimeError } from '../errors.js';
import { default_generator } from '../generator.js';
import type { Generator } from '../generator.js';
import { isContiguous } from '../shape.js';
import { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { copyKernel, materialize } from './dense.js';
import { checkDevice, checkSize, finish } from './make.js';
import type { TensorOptions } from './make.js';

/** What random makers take besides the options of all makers. */
export interface RandomOptions extends TensorOptions {
  /** Default: the default generator. */
  generator?: Generator | null;
}

const OPTIONS = "Generator? generator=None, dtype? dtype=None, bool requires_grad=False, str? device='cpu'";

function stateOf(generator: Generator | null): number {
  return (generator ?? default_generator())._state;
}

function checkFloat(op: string, t: Tensor): void {
  if (!t.dtype.is_floating_point)
    throw new NotImplementedError(`"${op}" not implemented for '${t.dtype.scalarName}'`);
}

/**
 * Runs `fill` on contiguous memory of a dtype, then puts the values where `self` has them: in the order of its memory, as torch's
 * iterator goes through a tensor.
 */
export function fillContiguous(self: Tensor, dtype: DType, fill: (ptr: number, n: number) => void): Tensor {
  if (self.numel() === 0) return self;
  const direct = self.dtype === dtype && self.is_contiguous();
  if (direct) {
    fill(address(self), self.numel());
    return self;
  }
  const dims = self.shape.map((_, dim) => dim).sort((a, b) => self._strides[b] - self._strides[a]);
  const ordered = self.permute(dims);
  const values = allocate(ordered.shape, dtype);
  fill(address(values), self.numel());
  copyKernel(values, ordered);
  return self;
}

type Filler<O extends unknown[], K> = Op<(...args: Args<[input: Tensor], O, K>) => Tensor, 'method'>;

/** Fills a float tensor with numbers uniform in [from, to). */
export const uniform_: Filler<
  [from: number, to: number],
  { from?: number; to?: number; generator?: Generator | null }
> = define(
  {
    schema: 'uniform_(Tensor self, float from=0, float to=1, *, Generator? generator=None)',
    mutates: true,
    forward: (_ctx, self: Tensor, from: number, to: number, generator: Generator | null) => {
      checkFloat('check_uniform_bounds', self);
      if (!(from <= to)) {
        throw new RuntimeError(
          `uniform_ expects to return a [from, to) range, but found from=${from} > to=${to}`,
        );
      }
      const { kernels } = runtime();
      const state = stateOf(generator);
      return fillContiguous(self, self.dtype, (ptr, n) => {
        if (self.dtype === float32) kernels.random_uniform_f32(state, ptr, n, from, to);
        else kernels.random_uniform_f64(state, ptr, n, from, to);
      });
    },
    backward: () => [null],
  },
  ['method'],
);

/** Fills a float tensor with normal numbers. */
export const normal_: Filler<
  [mean: number, std: number],
  { mean?: number; std?: number; generator?: Generator | null }
> = define(
  {
    schema: 'normal_(Tensor self, float mean=0, float std=1, *, Generator? generator=None)',
    mutates: true,
    forward: (_ctx, self: Tensor, mean: number, std: number, generator: Generator | null) => {
      checkFloat('normal_kernel_cpu', self);
      if (!(std >= 0)) throw new RuntimeError(`normal expects std >= 0.0, but found std ${std}`);
      const { kernels } = runtime();
      const state = stateOf(generator);
      // torch's vectorised algorithm needs contiguous memory; other tensors are drawn one by one.
      const blocks = isContiguous(self.shape, self._strides);
      return fillContiguous(self, self.dtype, (ptr, n) => {
        if (self.dtype === float32) {
          if (blocks) kernels.random_normal_f32(state, ptr, n, mean, std);
          else kernels.random_normal_scalar_f32(state, ptr, n, mean, std);
        } else if (blocks) kernels.random_normal_f64(state, ptr, n, mean, std);
        else kernels.random_normal_scalar_f64(state, ptr, n, mean, std);
      });
    },
    backward: () => [null],
  },
  ['method'],
);

/** Fills a tensor with 1 (probability p) and 0; p is a number, or a tensor of probabilities of the same shape. */
export const bernoulli_: Filler<[p: number | Tensor], { p?: number | Tensor; generator?: Generator | null }> =
  define(
    {
      schema: 'bernoulli_(Tensor self, float|Tensor p=0.5, *, Generator? generator=None)',
      mutates: true,
      forward: (_ctx, self: Tensor, p: number | Tensor, generator: Generator | null) => {
        const { kernels } = runtime();
        const state = stateOf(generator);
        if (p instanceof Tensor) {
          copyKernel(drawBernoulli(p.expand([...self.shape]), generator), self);
          return self;
        }
        if (!(p >= 0 && p <= 1))
          throw new RuntimeError(`bernoulli_ expects p to be in [0, 1], but got p=${p}`);
        const dtype = self.dtype.is_floating_point ? self.dtype : float32;
        return fillContiguous(self, dtype, (ptr, n) => {
          if (dtype === float32) kernels.random_bernoulli_f32(state, ptr, n, p, 1);
          else kernels.random_bernoulli_f64(state, ptr, n, p, 1);
        });
      },
      backward: () => [null, null],
    },
    ['method'],
  );

function drawBernoulli(p: Tensor, generator: Generator | null): Tensor {
  checkFloat('bernoulli_tensor_cpu_p_', p);
  const out = materialize(p);
  const { kernels } = runtime();
  const state = stateOf(generator);
  if (out.numel() > 0) {
    if (p.dtype === float32)
      kernels.random_bernoulli_from_f32(state, address(out), address(out), out.numel());
    else kernels.random_bernoulli_from_f64(state, address(out), address(out), out.numel());
  }
  return out;
}

/** 1 with each element's probability, else 0; or, with `p`, a tensor like the input drawn with that probability. */
export const bernoulli: Op<
  (...args: Args<[input: Tensor], [p: number], { p?: number; generator?: Generator | null }>) => Tensor,
  'method'
> = define(
  {
    schema: 'bernoulli(Tensor input, float? p=None, *, Generator? generator=None)',
    forward: (_ctx, x: Tensor, p: number | null, generator: Generator | null) => {
      if (p !== null) return bernoulli_(allocate(x.shape, x.dtype), p, { generator });
      const outside = x.lt(0).logical_or(x.gt(1)).sum().item();
      if (outside > 0) throw new RuntimeError('Expected p_in >= 0 && p_in <= 1 to be true, but got false.');
      return drawBernoulli(x, generator);
    },
    backward: (_ctx, g) => [g.mul(0)],
    samples: (make) => [[make.uniform(0.2, 0.8, 5)]],
  },
  ['method'],
);

/** Fills a float tensor from the exponential distribution of rate lambd. */
export const exponential_: Filler<[lambd: number], { lambd?: number; generator?: Generator | null }> = define(
  {
    schema: 'exponential_(Tensor self, float lambd=1, *, Generator? generator=None)',
    mutates: true,
    forward: (_ctx, self: Tensor, lambd: number, generator: Generator | null) => {
      checkFloat('exponential_cpu', self);
      if (!(lambd > 0))
        throw new RuntimeError(`exponential_ expects lambda > 0.0, but found lambda=${lambd}`);
      const { kernels } = runtime();
      const state = stateOf(generator);
      return fillContiguous(self, self.dtype, (ptr, n) => {
        if (self.dtype === float32) kernels.random_exponential_f32(state, ptr, n, lambd);
        else kernels.random_exponential_f64(state, ptr, n, lambd);
      });
    },
    backward: () => [null],
  },
  ['method'],
);

/** The largest integers that each dtype's `random_()` draws below. */
const RANDOM_LIMIT: Record<string, number> = {
  bool: 2,
  uint8: 2 ** 8,
  int8: 2 ** 7,
  int16: 2 ** 15,
  int32: 2 ** 31,
  int64: 2 ** 63,
  float32: 2 ** 24 + 1,
  float64: 2 ** 53 + 1,
};

/** Fills a tensor with integers uniform in [from, to); without bounds, over the dtype's non-negative range. */
export const random_: Filler<
  [from: number, to: number | null],
  { from?: number; to?: number | null; generator?: Generator | null }
> = define(
  {
    schema: 'random_(Tensor self, int? from=None, int? to=None, *, Generator? generator=None)',
    mutates: true,
    forward: (_ctx, self: Tensor, from: number | null, to: number | null, generator: Generator | null) => {
      const bounded = from !== null;
      const low = to === null ? 0 : from!;
      const high = to ?? from ?? RANDOM_LIMIT[self.dtype.name];
      if (bounded && low >= high) {
        throw new RuntimeError(
          `random_ expects 'from' to be less than 'to', but got from=${low} >= to=${high}`,
        );
      }
      return fillContiguous(self, int64, (ptr, n) => {
        runtime().kernels.random_integer(stateOf(generator), ptr, n, low, high - low);
      });
    },
    backward: () => [null],
  },
  ['method'],
);

type RandomMaker = Op<
  (
    ...args: [...sizes: (number | RandomOptions)[]] | [size: readonly number[], options?: RandomOptions]
  ) => Tensor
>;

function maker(name: string, fill: (out: Tensor, generator: Generator | null) => Tensor): RandomMaker {
  return define({
    schema: `${name}(int[]... size, *, ${OPTIONS})`,
    forward: (
      _ctx,
      size: number[],
      generator: Generator | null,
      dtype: DType | null,
      requiresGrad: boolean,
      device: string | null,
    ) => {
      checkSize(name, size);
      checkDevice(device);
      return finish(fill(allocate(size, dtype ?? get_default_dtype()), generator), requiresGrad);
    },
    backward: 'none',
  });
}

/**
 * Numbers uniform in [0, 1).
 *
 * @example
 * torch.manual_seed(1);
 * console.log(torch.rand(2).numpy()); // Float32Array(2) [ 0.7576315999031067, 0.2793108820915222 ]
 */
export const rand: RandomMaker = maker('rand', (out, generator) => uniform_(out, 0, 1, { generator }));
/**
 * Standard normal numbers.
 *
 * @example
 * torch.manual_seed(0);
 * console.log(torch.randn(2).tolist().map((x) => x.toFixed(4))); // [ '1.5410', '-0.2934' ]
 */
export const randn: RandomMaker = maker('randn', (out, generator) => normal_(out, 0, 1, { generator }));

type LikeMaker = Op<(input: Tensor, options?: RandomOptions) => Tensor>;

function likeMaker(name: string, fill: (out: Tensor, generator: Generator | null) => Tensor): LikeMaker {
  return define({
    schema: `${name}(Tensor input, *, ${OPTIONS})`,
    forward: (
      _ctx,
      x: Tensor,
      generator: Generator | null,
      dtype: DType | null,
      requiresGrad: boolean,
      device: string | null,
    ) => {
      checkDevice(device);
      return finish(fill(allocate(x.shape, dtype ?? x.dtype), generator), requiresGrad);
    },
    backward: 'none',
  });
}

export const rand_like: LikeMaker = likeMaker('rand_like', (out, generator) =>
  uniform_(out, 0, 1, { generator }),
);
export const randn_like: LikeMaker = likeMaker('randn_like', (out, generator) =>
  normal_(out, 0, 1, { generator }),
);

/**
 * Integers uniform in [low, high): `randint(high, size)` or `randint(low, high, size)`.
 *
 * @example
 * torch.manual_seed(0);
 * console.log(torch.randint(10, [5]).tolist()); // [ 4, 9, 3, 0, 3 ]
 */
export function randint(high: number, size: readonly number[], options?: RandomOptions): Tensor;
export function randint(low: number, high: number, size: readonly number[], options?: RandomOptions): Tensor;
export function randint(
  first: number,
  second: number | readonly number[],
  third?: readonly number[] | RandomOptions,
  fourth?: RandomOptions,
): Tensor {
  if (typeof second === 'number') return randintOp(first, second, third as readonly number[], fourth ?? {});
  return randintOp(0, first, second, (third as RandomOptions | undefined) ?? {});
}

const randintOp: Op<(low: number, high: number, size: readonly number[], options: RandomOptions) => Tensor> =
  define({
    schema: `randint(int low, int high, int[] size, *, ${OPTIONS})`,
    forward: (
      _ctx,
      low: number,
      high: number,
      size: number[],
      generator: Generator | null,
      dtype: DType | null,
      requiresGrad: boolean,
      device: string | null,
    ) => {
      checkSize('randint', size);
      checkDevice(device);
      return finish(random_(allocate(size, dtype ?? int64), low, high, { generator }), requiresGrad);
    },
    backward: 'none',
  });

/**
 * A random permutation of 0 … n − 1, int64 by default.
 *
 * @example
 * torch.manual_seed(0);
 * console.log(torch.randperm(4).tolist()); // [ 0, 1, 3, 2 ]
 */
export const randperm: Op<(n: number, options?: RandomOptions) => Tensor> = define({
  schema: `randperm(int n, *, ${OPTIONS})`,
  forward: (
    _ctx,
    n: number,
    generator: Generator | null,
    dtype: DType | null,
    requiresGrad: boolean,
    device: string | null,
  ) => {
    if (n < 0) throw new RuntimeError(`Trying to create tensor with negative dimension ${n}: [${n}]`);
    checkDevice(device);
    const out = allocate([n], int64);
    runtime().kernels.random_permutation(stateOf(generator), address(out), n);
    return finish(dtype === null || dtype === int64 ? out : materialize(out, dtype), requiresGrad);
  },
  backward: 'none',
});

/** Normal numbers of given mean and standard deviation; either may be a tensor, or both numbers with a size. */
export function normal(
  mean: Tensor | number,
  std: Tensor | number = 1,
  sizeOrOptions: readonly number[] | RandomOptions = {},
  options: RandomOptions = {},
): Tensor {
  if (Array.isArray(sizeOrOptions)) {
    return normal_(
      allocate(sizeOrOptions as number[], options.dtype ?? get_default_dtype()),
      Number(mean),
      Number(std),
      {
        generator: options.generator ?? null,
      },
    );
  }
  const { generator = null } = sizeOrOptions as RandomOptions;
  const like = mean instanceof Tensor ? (std instanceof Tensor ? mean.add(std) : mean) : (std as Tensor);
  if (!(like instanceof Tensor))
    throw new TypeError('normal(): give a tensor, or a size as the third argument');
  if ((std instanceof Tensor ? std.lt(0).sum().item() : Number(std < 0)) > 0) {
    throw new RuntimeError('normal expects all elements of std >= 0.0');
  }
  return randn_like(like, { generator }).mul(std).add(mean);
}
