/** Whether two results agree, and if not, how. */
import { fromJson, isInplace } from './case.js';
import type { Case, Result, TensorResult } from './case.js';
import { isNormwise, toleranceFactor, usesFloat32 } from './tolerance.js';

export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** For float32 and float64. torch's own tests take 1.3e-6 and 1e-7, with wider ones for special functions and long sums. */
const DEFAULT: Readonly<Record<string, Tolerance>> = {
  float32: { rtol: 1e-4, atol: 1e-5 },
  float64: { rtol: 1e-7, atol: 1e-8 },
};

function largest({ data }: TensorResult): number {
  return Math.max(0, ...data.map((value) => Math.abs(fromJson(value))).filter((x) => Number.isFinite(x)));
}

function differsAt(ours: TensorResult, theirs: TensorResult, one: Case): string | null {
  if (ours.dtype !== theirs.dtype) return `dtype ${ours.dtype}, torch ${theirs.dtype}`;
  if (String(ours.size) !== String(theirs.size)) return `shape [${ours.size}], torch [${theirs.size}]`;
  const factor = toleranceFactor(one);
  // A float64 that comes of float32 is no more exact.
  const dtype = ours.dtype === 'float64' && usesFloat32(one) ? 'float32' : ours.dtype;
  const { rtol, atol } = DEFAULT[dtype] ?? { rtol: 0, atol: 0 };
  const level = isNormwise(one.op) ? largest(theirs) : 0;
  for (let i = 0; i < theirs.data.length; i++) {
    const [a, b] = [fromJson(ours.data[i]), fromJson(theirs.data[i])];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    if (Math.abs(a - b) <= factor * (atol + rtol * Math.max(Math.abs(b), level))) continue;
    return `element ${i} is ${a}, torch ${b}`;
  }
  return null;
}

/** What torch says to a call in place whose result does not fit into the tensor: not its dtype, its shape or its memory. */
const CANNOT_WRITE =
  /can't be cast to the desired output type|doesn't match the broadcast shape|refers to a single memory location/;

/** Whether this library takes a call that torch refuses: a matter of taste in most cases, so it is counted apart. */
export function accepts(ours: Result, theirs: Result): boolean {
  return 'error' in theirs && !('error' in ours);
}

/** The first difference in words, or null. Where torch raises only calls in place that cannot be are compared. */
export function difference(one: Case, ours: Result, theirs: Result): string | null {
  if ('error' in theirs) {
    const [message] = theirs.error.split('\n');
    if (!isInplace(one) || !CANNOT_WRITE.test(message)) return null;
    if (!('error' in ours)) return `raises nothing, torch ${message}`;
    // Of two things that are wrong either may be said, and some of torch's operators spell the dtype as C does.
    const [a, b] = [ours.error, message].map((text) => text.replace(/output type .*/, ''));
    return a === b || message.includes('broadcast shape') ? null : `raises ${ours.error}, torch ${message}`;
  }
  if ('error' in ours) {
    // torch 1.13 does not look, and adds up whatever lands in the same place.
    if (/^(baddbmm|addmv)_$/.test(one.op) && /refers to a single memory location/.test(ours.error))
      return null;
    return `raises ${ours.error}, torch does not`;
  }
  if (ours.outputs.length !== theirs.outputs.length) {
    return `${ours.outputs.length} outputs, torch ${theirs.outputs.length}`;
  }
  for (const [i, their] of theirs.outputs.entries()) {
    const our = ours.outputs[i];
    if (typeof their === 'object' && their !== null) {
      if (typeof our !== 'object' || our === null)
        return `output ${i} is ${String(our)}, torch gives a tensor`;
      const found = differsAt(our, their, one);
      if (found !== null) return `output ${i}: ${found}`;
    } else if (our !== their && Number(our) !== Number(their)) {
      return `output ${i} is ${JSON.stringify(our)}, torch ${JSON.stringify(their)}`;
    }
  }
  if (theirs.grads.length !== ours.grads.length) {
    return `${ours.grads.length} gradients, torch ${theirs.grads.length}`;
  }
  for (const [i, their] of theirs.grads.entries()) {
    const our = ours.grads[i];
    const zero = (g: TensorResult | null): boolean =>
      g === null || g.data.every((value) => Number(value) === 0);
    if (their === null || our === null) {
      // No gradient and one of zeros are the same to a user.
      if (zero(their) && zero(our)) continue;
      return `gradient ${i} is ${JSON.stringify(our)}, torch ${JSON.stringify(their)}`;
    }
    const found = differsAt(our, their, one);
    if (found !== null) return `gradient ${i}: ${found}`;
  }
  return null;
}
