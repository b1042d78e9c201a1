import type { Tensor } from '../tensor.js';

/** A point on the line that is searched. */
export interface LinePoint {
  /** How far along the direction. */
  readonly t: number;
  readonly loss: number;
  readonly grad: Tensor;
  /** The slope along the direction. */
  readonly slope: number;
}

/** The least point of the cubic through two points with their slopes, within bounds. */
function cubicInterpolate(
  a: LinePoint,
  b: LinePoint,
  bounds: readonly [number, number] = a.t <= b.t ? [a.t, b.t] : [b.t, a.t],
): number {
  const [low, high] = bounds;
  const d1 = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.t - b.t);
  const square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const d2 = Math.sqrt(square);
  const least =
    a.t <= b.t
      ? b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
      : a.t - (a.t - b.t) * ((a.slope + d2 - d1) / (a.slope - b.slope + 2 * d2));
  return Math.min(Math.max(least, low), high);
}

const C1 = 1e-4;
const C2 = 0.9;
const TOLERANCE_CHANGE = 1e-9;
const MAX_EVALUATIONS = 25;

/**
 * A line search for the strong Wolfe conditions, as torch/optim/lbfgs.py has it: a bracket is found by growing steps, then
 * narrowed. `evaluate` gives the point at a step; `start` is the point at 0.
 */
export function strongWolfe(
  evaluate: (t: number) => LinePoint,
  first: number,
  start: LinePoint,
  directionMax: number,
): { point: LinePoint; evaluations: number } {
  let point = evaluate(first);
  let evaluations = 1;
  let iteration = 0;
  let before = start;
  let bracket: [LinePoint, LinePoint] | null = null;
  const tooHigh = (at: LinePoint): boolean => at.loss > start.loss + C1 * at.t * start.slope;
  const flat = (at: LinePoint): boolean => Math.abs(at.slope) <= -C2 * start.slope;
  while (iteration < MAX_EVALUATIONS) {
    if (tooHigh(point) || (iteration > 1 && point.loss >= before.loss)) {
      bracket = [before, point];
      break;
    }
    if (flat(point)) return { point, evaluations };
    if (point.slope >= 0) {
      bracket = [before, point];
      break;
    }
    const { t } = point;
    const next = cubicInterpolate(before, point, [t + 0.01 * (t - before.t), t * 10]);
    before = point;
    point = evaluate(next);
    evaluations++;
    iteration++;
  }
  bracket ??= [start, point];
  let low: 0 | 1 = bracket[0].loss <= bracket[1].loss ? 0 : 1;
  let stuck = false;
  while (iteration < MAX_EVALUATIONS) {
    const [a, b] = bracket;
    if (Math.abs(b.t - a.t) * directionMax < TOLERANCE_CHANGE) break;
    let t = cubicInterpolate(a, b);
    const [least, most] = [Math.min(a.t, b.t), Math.max(a.t, b.t)];
    const margin = 0.1 * (most - least);
    // A trial too close to an end twice in a row, or beyond it, is moved inwards.
    if (Math.min(most - t, t - least) < margin) {
      if (stuck || t >= most || t <= least) {
        t = Math.abs(t - most) < Math.abs(t - least) ? most - margin : least + margin;
        stuck = false;
      } else {
        stuck = true;
      }
    } else {
      stuck = false;
    }
    point = evaluate(t);
    evaluations++;
    iteration++;
    const high = low === 0 ? 1 : 0;
    if (tooHigh(point) || point.loss >= bracket[low].loss) {
      bracket[high] = point;
      low = bracket[0].loss <= bracket[1].loss ? 0 : 1;
    } else {
      const done = flat(point);
      if (!done && point.slope * (bracket[high].t - bracket[low].t) >= 0) bracket[high] = bracket[low];
      bracket[low] = point;
      if (done) break;
    }
  }
  return { point: bracket[low], evaluations };
}
