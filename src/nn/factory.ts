import type { DType } from '../dtype.js';

/** What every layer with parameters takes last. */
export interface FactoryOptions {
  device?: 'cpu' | null;
  /** Of the parameters and floating point buffers; default: the default dtype. */
  dtype?: DType | null;
}

export const FACTORY = 'str? device=None, dtype? dtype=None';
