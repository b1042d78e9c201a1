/** What cases by hand share: their form, small values, indices that fit. */
import type { Arg } from './case.js';
import type { Draw, TensorOptions } from './draw.js';

export interface Call {
  readonly args: readonly Arg[];
  readonly kwargs?: Readonly<Record<string, Arg | undefined>>;
  /** Gradients are not compared (they are not determined, or only in exact arithmetic). */
  readonly noGrad?: boolean;
  /** As in a Case. */
  readonly unsigned?: boolean;
}

export type Make = (draw: Draw) => Call;

export const SMALL: TensorOptions = { low: -2, high: 2 };

/** An index tensor with valid entries for a dimension of `size`, rarely one that is out of range. */
export function indexTensor(draw: Draw, shape: readonly number[], size: number, negative = false): Arg {
  const bad = draw.once(40) ? 1 : 0;
  const low = negative ? -size - bad : 0;
  return draw.tensor(shape, {
    dtype: 'int64',
    low: Math.min(low, size - 1 + bad),
    high: Math.max(size - 1 + bad, low),
  });
}

/** A non-empty shape and one of its dimensions. */
export function shapeAndDim(draw: Draw, min = 1, max = 3): { size: number[]; dim: number; at: number } {
  const size = Array.from({ length: draw.int(min, max) }, () => draw.int(1, 4));
  const at = draw.int(0, size.length - 1);
  return { size, at, dim: draw.bool() ? at : at - size.length };
}
