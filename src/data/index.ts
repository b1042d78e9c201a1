export {
  Dataset,
  IterableDataset,
  TensorDataset,
  Subset,
  ChainDataset,
  ConcatDataset,
  random_split,
} from './dataset.js';
export type { MapDataset } from './dataset.js';
export {
  Sampler,
  SequentialSampler,
  RandomSampler,
  SubsetRandomSampler,
  BatchSampler,
  WeightedRandomSampler,
} from './sampler.js';
export type { RandomSamplerOptions, Sized } from './sampler.js';
export { default_collate, default_convert } from './collate.js';
export type { Collated, Converted } from './collate.js';
export { DataLoader } from './loader.js';
export type { DataLoaderOptions, LoaderArguments } from './loader.js';
