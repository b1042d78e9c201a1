/** torch.nn.utils.parametrizations. */
export { orthogonal } from './orthogonal.js';
export type { OrthogonalMap, OrthogonalOptions } from './orthogonal.js';
export { spectral_norm } from './spectral_parametrization.js';
