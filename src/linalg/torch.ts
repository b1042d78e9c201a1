/** What `torch` itself has of linear algebra, most of it `torch.linalg` under older names. */
export { cholesky_inverse, cholesky_solve, torchCholesky as cholesky } from './cholesky.js';
export { logdet, torchDet as det, torchSlogdet as slogdet } from './determinant.js';
export { symeig } from './eigh.js';
export { inverse } from './inverse.js';
export { lu_unpack, torchLu as lu, torchLuSolve as lu_solve } from './lu.js';
export { pca_lowrank, svd_lowrank } from './lowrank.js';
export { ormqr } from './ormqr.js';
export { pinverse } from './pinv.js';
export { chain_matmul, torchMatrixExp as matrix_exp, torchMatrixPower as matrix_power } from './power.js';
export { geqrf, orgqr, torchQr as qr } from './qr.js';
export { torchSvd as svd } from './svd.js';
export { triangular_solve } from './triangular.js';
