/** torch's names of numbers. */
export const { E: e, PI: pi } = Math;
export const inf = Infinity;
export const nan = NaN;
