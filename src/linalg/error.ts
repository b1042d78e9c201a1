import { RuntimeError } from '../errors.js';

/** A matrix that a decomposition cannot work with: singular, not positive definite, not finite. */
export class LinAlgError extends RuntimeError {}
