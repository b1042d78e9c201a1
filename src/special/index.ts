/** The `torch.special` namespace. */
export * from './bessel.js';
export { igamma as gammainc, igammac as gammaincc, mvlgamma as multigammaln, zeta } from './gamma.js';
export * from './normal.js';
export * from './polynomial.js';
export {
  digamma,
  erf,
  erfc,
  erfinv,
  exp2,
  expm1,
  log1p,
  log_softmax,
  logit,
  logsumexp,
  polygamma,
  round,
  sinc,
  softmax,
  xlogy,
} from '../ops/index.js';
export { digamma as psi, lgamma as gammaln, sigmoid as expit } from '../ops/index.js';
