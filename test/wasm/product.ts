import { expect } from 'vitest';

export type Floats = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

export function floats(dtype: 'f32' | 'f64', length: number): Floats {
  return dtype === 'f32' ? new Float32Array(length) : new Float64Array(length);
}

/** Reproducible values (a linear congruential generator, its high bits). */
export class Random {
  constructor(private state: number) {}

  /** Uniform in [-1, 1). */
  value(): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return this.state / 2 ** 31 - 1;
  }

  integer(from: number, to: number): number {
    return from + Math.floor(((this.value() + 1) / 2) * (to - from + 1));
  }

  fill<A extends Floats>(array: A): A {
    for (let i = 0; i < array.length; i++) array[i] = this.value();
    return array;
  }
}

/**
 * Sums of `terms` products against their float64 reference. Rounding errors are a random walk, so they grow with √terms;
 * the bound is far below the size of one term (magnitude / terms), so a wrong or missing term cannot hide in it.
 */
export function expectSum(
  actual: ArrayLike<number | bigint>,
  expected: Float64Array,
  magnitude: Float64Array,
  terms: number,
  what: string,
): void {
  const epsilon = actual instanceof Float32Array ? 2 ** -24 : 2 ** -52;
  for (let i = 0; i < expected.length; i++) {
    const a = Number(actual[i]);
    const bound = epsilon * (Math.sqrt(terms) + 4) * magnitude[i];
    if (!(Math.abs(a - expected[i]) <= bound)) {
      expect.fail(`${what} [${i}]: ${a}, expected ${expected[i]} ± ${bound}`);
    }
  }
}
