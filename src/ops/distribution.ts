/** Tensors filled from distributions that are functions of uniform or normal numbers; torch's numbers. */
import { float64 } from '../dtype.js';
import { NotImplementedError, RuntimeError } from '../errors.js';
import { default_generator } from '../generator.js';
import type { Generator } from '../generator.js';
import type { Tensor } from '../tensor.js';
import { runtime } from '../wasm/module.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { fillContiguous } from './random.js';

type Filler<O extends unknown[], K> = Op<
  (...args: Args<[input: Tensor], O, K & { generator?: Generator | null }>) => Tensor,
  'method'
>;

function stateOf(generator: Generator | null): number {
  return (generator ?? default_generator())._state;
}

/** Fills memory with f of float64 draws, each uniform in [0, 1). */
function fillMapped(self: Tensor, generator: Generator | null, f: (u: number) => number): Tensor {
  const state = stateOf(generator);
  return fillContiguous(self, float64, (ptr, n) => {
    const { kernels, heap } = runtime();
    kernels.random_uniform_f64(state, ptr, n, 0, 1);
    const values = heap.f64.subarray(ptr >> 3, (ptr >> 3) + n);
    for (let i = 0; i < n; i++) values[i] = f(values[i]);
  });
}

function checkFloat(op: string, self: Tensor): void {
  if (!self.dtype.is_floating_point) {
    throw new NotImplementedError(`"${op}" not implemented for '${self.dtype.scalarName}'`);
  }
}

/** Fills with how many trials of probability p it takes to the first success. */
export const geometric_: Op<
  (input: Tensor, p: number, options?: { generator?: Generator | null }) => Tensor,
  'method'
> = define(
  {
    schema: 'geometric_(Tensor self, float p, *, Generator? generator=None)',
    mutates: true,
    forward: (_ctx, self: Tensor, p: number, generator: Generator | null) => {
      if (!(p > 0 && p < 1)) throw new RuntimeError(`geometric_ expects p to be in (0, 1), but got p=${p}`);
      const scale = Math.log(1 - p);
      return fillMapped(self, generator, (u) => Math.ceil(Math.log(u) / scale));
    },
    backward: () => [null],
  },
  ['method'],
);

/** Fills from the Cauchy distribution. */
export const cauchy_: Filler<[median: number, sigma: number], { median?: number; sigma?: number }> = define(
  {
    schema: 'cauchy_(Tensor self, float median=0, float sigma=1, *, Generator? generator=None)',
    mutates: true,
    forward: (_ctx, self: Tensor, median: number, sigma: number, generator: Generator | null) => {
      checkFloat('cauchy_cpu', self);
      return fillMapped(self, generator, (u) => median + sigma * Math.tan(Math.PI * (u - 0.5)));
    },
    backward: () => [null],
  },
  ['method'],
);

/** Fills with e to the power of normal numbers of this mean and standard deviation. */
export const log_normal_: Filler<[mean: number, std: number], { mean?: number; std?: number }> = define(
  {
    schema: 'log_normal_(Tensor self, float mean=1, float std=2, *, Generator? generator=None)',
    mutates: true,
    forward: (_ctx, self: Tensor, mean: number, std: number, generator: Generator | null) => {
      checkFloat('log_normal_cpu', self);
      if (!(std > 0)) throw new RuntimeError(`log_normal_ expects std > 0.0, but found std=${std}`);
      const state = stateOf(generator);
      return fillContiguous(self, float64, (ptr, n) => {
        const { kernels, heap } = runtime();
        kernels.random_normal_scalar_f64(state, ptr, n, mean, std);
        const values = heap.f64.subarray(ptr >> 3, (ptr >> 3) + n);
        for (let i = 0; i < n; i++) values[i] = Math.exp(values[i]);
      });
    },
    backward: () => [null],
  },
  ['method'],
);
