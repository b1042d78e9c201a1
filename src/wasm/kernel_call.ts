import type { Kernels } from './generated/kernels.js';

/** A kernel and its arguments. Pointers and counts fit a double exactly. */
export type KernelCall = readonly [name: keyof Kernels, ...args: number[]];
