export { FashionMNIST, KMNIST, MNIST } from './mnist.js';
export type { IdxFiles, MnistOptions } from './mnist.js';
