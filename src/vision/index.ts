export * as datasets from './datasets.js';
export * as models from './models.js';
export * as transforms from './transforms.js';
