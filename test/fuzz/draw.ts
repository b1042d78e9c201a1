/** Random values for cases, drawn through fast-check, which shrinks them. */
import fc from 'fast-check';
import type { GeneratorValue } from 'fast-check';
import { toJson } from './case.js';
import type { TensorArg } from './case.js';

export const FLOATS = ['float32', 'float64'] as const;
export const INTEGERS = ['int64', 'int32', 'int16', 'int8', 'uint8'] as const;
export const DTYPES = [...FLOATS, ...INTEGERS, 'bool'] as const;

const LIMITS: Readonly<Record<string, readonly [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
};

export interface TensorOptions {
  readonly dtype?: string;
  /** Values lie in [low, high]; without bounds a few are special: ties, zeros, infinities, NaN, large. */
  readonly low?: number;
  readonly high?: number;
  /** No infinities and NaN. */
  readonly finite?: boolean;
  /** Multiples of 1/8. */
  readonly coarse?: boolean;
  /** Always contiguous. */
  readonly plain?: boolean;
  /** No two elements in one place. */
  readonly apart?: boolean;
}

export class Draw {
  constructor(private readonly g: GeneratorValue) {}

  int(min: number, max: number): number {
    return this.g(fc.integer, { min, max });
  }

  bool(): boolean {
    return this.g(fc.boolean);
  }

  /** True once in `n`. */
  once(n: number): boolean {
    return this.int(1, n) === n;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)];
  }

  shape(min = 0, max = 4): number[] {
    return Array.from({ length: this.int(min, max) }, () => (this.once(12) ? 0 : this.int(1, 4)));
  }

  /** A shape that broadcasts with another. */
  broadcastable(shape: readonly number[]): number[] {
    const cut = this.once(3) ? this.int(0, shape.length) : 0;
    return shape.slice(cut).map((size) => (this.once(4) ? 1 : size));
  }

  /** A dimension of `ndim`, counted from either end, rarely one that does not exist. */
  dim(ndim: number): number {
    const n = Math.max(ndim, 1);
    return this.once(25) ? this.pick([n, -n - 1]) : this.int(-n, n - 1);
  }

  dims(ndim: number): number[] {
    return Array.from({ length: this.int(0, Math.max(ndim, 1)) }, () => this.dim(ndim));
  }

  floatDtype(): string {
    return this.pick(FLOATS);
  }

  dtype(): string {
    return this.bool() ? this.pick(FLOATS) : this.pick(DTYPES);
  }

  number(): number {
    return this.pick([0, 1, -1, 2, 0.5, -2.5, 3, 0.1]);
  }

  private value({ dtype = 'float32', low, high, finite = false }: TensorOptions): number {
    if (dtype === 'bool') return this.int(0, 1);
    const isFloat = dtype.startsWith('float');
    if (low !== undefined && high !== undefined) {
      if (!isFloat) return this.int(Math.ceil(low), Math.floor(high));
      return Math.fround(low + ((high - low) * this.int(0, 1 << 16)) / (1 << 16));
    }
    if (!isFloat) {
      const [min, max] = LIMITS[dtype] ?? [-300, 300];
      return this.once(8) ? this.int(min, max) : this.int(Math.max(min, -4), 4);
    }
    const kind = this.int(0, 40);
    if (kind === 0 && !finite) return this.pick([NaN, Infinity, -Infinity]);
    if (kind === 1) return this.pick([-0, 0, 1, -1]);
    if (kind === 2) return Math.fround(this.int(-1000, 1000) / 7);
    if (kind < 12) return this.int(-3, 3);
    return Math.fround(this.int(-(1 << 17), 1 << 17) / (1 << 15));
  }

  /** A tensor of a shape: contiguous, with its dimensions in another order in memory, with gaps, an offset, or expanded. */
  tensor(size: readonly number[], options: TensorOptions = {}): TensorArg {
    const dtype = options.dtype ?? 'float32';
    const plain = options.plain === true || this.bool();
    const order = size.map((_, d) => d);
    const expanded = size.map(() => false);
    let gap = 1;
    let offset = 0;
    if (!plain) {
      for (let d = order.length - 1; d > 0; d--) {
        const other = this.int(0, d);
        [order[d], order[other]] = [order[other], order[d]];
      }
      gap = this.int(1, 2);
      offset = this.int(0, 3);
      if (options.apart !== true && this.once(6)) size.forEach((_, d) => (expanded[d] = this.bool()));
    }
    const stride = size.map(() => 0);
    let length = gap;
    for (const d of order.toReversed()) {
      stride[d] = expanded[d] ? 0 : length;
      if (!expanded[d]) length *= Math.max(size[d], 1);
    }
    const number = (): number => {
      const value = this.value({ ...options, dtype });
      return options.coarse === true ? Math.round(value * 8) / 8 : value;
    };
    const data = Array.from({ length: length + offset }, () => toJson(number()));
    return { tensor: dtype, size: [...size], stride, offset, data };
  }
}
