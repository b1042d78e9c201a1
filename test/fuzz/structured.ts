/** Calls of operators whose arguments must fit each other, which a schema alone does not say. */
import type { Make } from './call.js';
import { factorizations } from './factorizations.js';
import { indices } from './indices.js';
import { layers } from './layers.js';
import { linalg } from './linalg.js';
import { products } from './products.js';
import { special } from './special.js';
import { views } from './views.js';
import { windows } from './windows.js';

export const structured: Readonly<Record<string, Make>> = {
  ...products,
  ...indices,
  ...views,
  ...windows,
  ...layers,
  ...factorizations,
  ...linalg,
  ...special,
};
