import { float32 } from '../dtype.js';
import type { DType } from '../dtype.js';
import { runtime } from '../wasm/module.js';

/** How one dimension is resampled: for each output the inputs that it is a weighted sum of. */
export interface Plan {
  /** Inputs of the output that has most. */
  readonly taps: number;
  readonly positions: readonly (readonly number[])[];
  readonly weights: readonly (readonly number[])[];
}

export type ResampleMode = 'nearest' | 'nearest-exact' | 'linear' | 'cubic';

export interface Resampling {
  readonly mode: ResampleMode;
  readonly alignCorners: boolean;
  readonly antialias: boolean;
}

/** Arithmetic of the tensor's dtype: torch computes positions and weights in it, and a rounding can decide for a neighbour. */
type Rounding = (value: number) => number;

const roundingOf = (dtype: DType): Rounding => (dtype === float32 ? Math.fround : (value) => value);

/** Input elements for each output element. */
function scaleOf(
  size: number,
  count: number,
  align: boolean,
  factor: number | null,
  round: Rounding,
): number {
  if (align) return count > 1 ? round((size - 1) / (count - 1)) : 0;
  return factor !== null && factor > 0 ? round(1 / factor) : round(size / count);
}

/** Where output i is among the inputs. */
function sourceOf(scale: number, i: number, align: boolean, cubic: boolean, round: Rounding): number {
  if (align) return round(scale * i);
  const source = round(round(scale * (i + 0.5)) - 0.5);
  return !cubic && source < 0 ? 0 : source;
}

/** The weights of cubic convolution with A = −0.75, of the inputs −1, 0, 1 and 2 from a place `t` behind input 0. */
function cubicWeights(t: number, round: Rounding): number[] {
  const A = -0.75;
  const near = (x: number): number => ((A + 2) * x - (A + 3)) * x * x + 1;
  const far = (x: number): number => ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
  return [far(t + 1), near(t), near(1 - t), far(2 - t)].map(round);
}

/** Triangles and, for cubic, A = −0.5, stretched over as many inputs as an output stands for. */
function antialiased(size: number, count: number, scale: number, mode: ResampleMode, round: Rounding): Plan {
  const reach = mode === 'linear' ? 1 : 2;
  const support = scale >= 1 ? round(reach * scale) : reach;
  const inverse = scale >= 1 ? round(1 / scale) : 1;
  const filter = (x: number): number => {
    const far = Math.abs(x);
    if (mode === 'linear') return Math.max(1 - far, 0);
    const A = -0.5;
    if (far < 1) return ((A + 2) * far - (A + 3)) * far * far + 1;
    return far < 2 ? ((far - 5) * far + 8) * far * A - 4 * A : 0;
  };
  const positions: number[][] = [];
  const weights: number[][] = [];
  for (let i = 0; i < count; i++) {
    const center = round(scale * (i + 0.5));
    const begin = Math.max(Math.trunc(round(center - support + 0.5)), 0);
    const end = Math.min(Math.trunc(round(center + support + 0.5)), size);
    const inside = Array.from({ length: Math.max(end - begin, 0) }, (_, j) => begin + j);
    const raw = inside.map((at) => filter(round(round(at - center + 0.5) * inverse)));
    const total = raw.reduce((sum, w) => sum + w, 0);
    positions.push(inside);
    weights.push(raw.map((w) => (total === 0 ? w : w / total)));
  }
  return { taps: Math.max(...positions.map((list) => list.length)), positions, weights };
}

/** torch's plan for a dimension of `size` elements that becomes `count`; `factor` is the scale that was given, null or 0 if none was. */
export function planOf(
  size: number,
  count: number,
  factor: number | null,
  { mode, alignCorners, antialias }: Resampling,
  dtype: DType,
): Plan {
  const round = roundingOf(dtype);
  const scale = scaleOf(size, count, alignCorners, factor, round);
  if (antialias) return antialiased(size, count, scale, mode, round);
  const outputs = Array.from({ length: count }, (_, i) => i);
  const last = size - 1;
  if (mode === 'nearest' || mode === 'nearest-exact') {
    const exact = mode === 'nearest-exact';
    const positions = outputs.map((i) => {
      const source = exact ? sourceOf(scale, i, false, false, round) + 0.5 : round(scale * i);
      // torch takes the floor of a float32 whatever the dtype.
      return [Math.min(Math.floor(Math.fround(source)), last)];
    });
    return { taps: 1, positions, weights: outputs.map(() => [1]) };
  }
  // torch copies where the size stays, whatever the scale.
  if (mode === 'linear' && size === count) {
    return { taps: 1, positions: outputs.map((i) => [i]), weights: outputs.map(() => [1]) };
  }
  const positions: number[][] = [];
  const weights: number[][] = [];
  for (const i of outputs) {
    const source = sourceOf(scale, i, alignCorners, mode === 'cubic', round);
    const at = Math.min(Math.floor(source), last);
    const t = Math.min(Math.max(round(source - at), 0), 1);
    if (mode === 'cubic') {
      positions.push([at - 1, at, at + 1, at + 2].map((p) => Math.min(Math.max(p, 0), last)));
      weights.push(cubicWeights(t, round));
    } else {
      positions.push([at, Math.min(at + 1, last)]);
      weights.push([round(1 - t), t]);
    }
  }
  return { taps: mode === 'cubic' ? 4 : 2, positions, weights };
}

/** A dimension that stays as it is, of one element. */
export const SINGLE: Plan = { taps: 1, positions: [[0]], weights: [[1]] };

/** Where the weights of a plan begin: behind counts and positions, at a multiple of 8. */
const weightsAt = (plan: Plan): number => Math.ceil((4 * plan.positions.length * (1 + plan.taps)) / 8) * 8;

export function planBytes(plan: Plan, dtype: DType): number {
  return Math.ceil((weightsAt(plan) + plan.positions.length * plan.taps * dtype.itemsize) / 8) * 8;
}

/** Writes a plan as the kernels read it, at a multiple of 8. */
export function writePlan(plan: Plan, start: number, dtype: DType): void {
  const { heap } = runtime();
  const count = plan.positions.length;
  const floats = dtype === float32 ? heap.f32 : heap.f64;
  const firstWeight = (start + weightsAt(plan)) / dtype.itemsize;
  plan.positions.forEach((list, i) => {
    heap.i32[(start >> 2) + i] = list.length;
    heap.i32.set(list, (start >> 2) + count + i * plan.taps);
    floats.set(plan.weights[i], firstWeight + i * plan.taps);
  });
}
