import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import { datasets, transforms } from '../../src/vision/index.js';
import { mnistFolder } from '../../examples/mnist/data.js';

const { DataLoader, Subset } = torch.utils.data;
const folder = mkdtempSync(join(tmpdir(), 'wasmgrad-mnist-'));
afterAll(() => rmSync(folder, { recursive: true }));

function idx(shape: number[], values: ArrayLike<number>, type = 8): Uint8Array {
  const header = new Uint8Array(4 + 4 * shape.length);
  header.set([0, 0, type, shape.length]);
  shape.forEach((size, i) => new DataView(header.buffer).setUint32(4 + 4 * i, size));
  return Uint8Array.from([...header, ...Array.from(values)]);
}

const N = 6;
const pixels = Uint8Array.from({ length: N * 784 }, (_, i) => (i * 7) % 256);
const images = idx([N, 28, 28], pixels);
const labels = idx([N], [5, 0, 4, 1, 9, 2]);
const files = { 'train-images-idx3-ubyte': images, 'train-labels-idx1-ubyte': labels };

function place(name: string, contents: Record<string, Uint8Array>): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  for (const [file, bytes] of Object.entries(contents)) writeFileSync(join(path, file), bytes);
  return path;
}

describe('where the files are', () => {
  const gzipped = Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)]),
  );
  const dotted = { 'train-images.idx3-ubyte': images, 'train-labels.idx1-ubyte': labels };

  test.each([
    ['a folder', () => place('plain', files)],
    ['torchvision’s layout', () => join(place('layout/MNIST/raw', files), '../..')],
    ['gzipped', () => place('gzipped', gzipped)],
    ['names with a dot', () => place('dotted', dotted)],
    ['bytes', () => files],
    ['gzipped bytes', () => gzipped],
  ])('%s', (_, root) => {
    const set = new datasets.MNIST(root());
    expect([set.length, set.data.shape, set.data.dtype.name]).toEqual([N, [N, 28, 28], 'uint8']);
    expect([set.targets.tolist(), set.targets.dtype.name]).toEqual([[5, 0, 4, 1, 9, 2], 'int64']);
    expect(set.data.flatten().numpy()).toEqual(pixels);
  });

  test('each dataset has its own folder and classes', () => {
    const root = join(place('several/FashionMNIST/raw', files), '../..');
    expect(new datasets.FashionMNIST(root).classes[9]).toBe('Ankle boot');
    expect(() => new datasets.KMNIST(root)).toThrow(
      /Dataset not found: no train-images-idx3-ubyte.*KMNIST\/raw/,
    );
    expect(new datasets.KMNIST(files).class_to_idx['tsu']).toBe(3);
    expect(datasets.MNIST.classes[3]).toBe('3 - three');
  });
});

describe('what is wrong with the files', () => {
  const build = (changes: object) => () => new datasets.MNIST({ ...files, ...changes });

  test('missing', () => {
    expect(() => new datasets.MNIST(place('empty', {}))).toThrow(
      /Dataset not found: no train-images.*Tried each file of/,
    );
    expect(() => new datasets.MNIST({ 'train-images-idx3-ubyte': images })).toThrow(
      'no train-labels-idx1-ubyte',
    );
    expect(() => new datasets.MNIST(files, { train: false })).toThrow('no t10k-images-idx3-ubyte');
  });

  test('truncated, damaged, of another kind', () => {
    expect(build({ 'train-images-idx3-ubyte': images.subarray(0, 1000) })).toThrow(
      /train-images-idx3-ubyte: idx: truncated: expected 4720 bytes .* found 1000/,
    );
    expect(build({ 'train-labels-idx1-ubyte': images })).toThrow(
      'expected uint8 values in 1 dimensions, found uint8 of shape [6, 28, 28]',
    );
    expect(build({ 'train-images-idx3-ubyte': idx([1, 1, 1], [1], 9) })).toThrow(
      'found int8 of shape [1, 1, 1]',
    );
    expect(build({ 'train-images-idx3-ubyte': gzipSync(images).subarray(0, 100) })).toThrow(
      /train-images-idx3-ubyte: /,
    );
    const path = place('cut', { ...files, 'train-labels-idx1-ubyte': labels.subarray(0, 9) });
    expect(() => new datasets.MNIST(path)).toThrow(/cut\/train-labels-idx1-ubyte: idx: truncated/);
  });

  test('files that do not belong together', () => {
    expect(build({ 'train-labels-idx1-ubyte': idx([5], [1, 2, 3, 4, 5]) })).toThrow(
      'MNIST: 6 images but 5 labels',
    );
    expect(build({ 'train-labels-idx1-ubyte': idx([6], [1, 2, 10, 4, 5, 6]) })).toThrow(
      'label 10 of image 2 is none of the 10 classes',
    );
  });

  test('a failure leaves no memory behind', () => {
    const before = torch.memory_stats().allocated_bytes;
    expect(build({ 'train-labels-idx1-ubyte': idx([6], [1, 2, 10, 4, 5, 6]) })).toThrow('label 10');
    expect(torch.memory_stats().allocated_bytes).toBe(before);
  });

  test('options', () => {
    expect(() => new datasets.MNIST(files, { download: true as never })).toThrow('download is not supported');
    expect(() => new datasets.MNIST(files, { train: 1 as never })).toThrow('train must be a boolean');
    expect(() => new datasets.MNIST(files, { transforms: null } as object)).toThrow(
      "unexpected keyword argument 'transforms'",
    );
  });
});

describe('items', () => {
  test('image and label, through their transforms', () => {
    const plain = new datasets.MNIST(files);
    const [image, label] = plain.get(2);
    expect([image.shape, image.dtype.name, label]).toEqual([[28, 28], 'uint8', 4]);
    const set = new datasets.MNIST(files, {
      transform: (x) => x.to(torch.int64).sum().item(),
      target_transform: (y) => `digit ${y}`,
    });
    const sum = pixels.subarray(784, 1568).reduce((a, b) => a + b, 0);
    expect(set.get(1)).toEqual([sum, 'digit 0']);
    expect(set.get(-1)[1]).toBe('digit 2');
    expect(() => set.get(6)).toThrow(torch.IndexError);
  });

  test('the dataset owns its tensors, whatever scope it was made in', () => {
    const set = torch.tidy(() => new datasets.MNIST(files));
    expect(set.get(0)[0].shape).toEqual([28, 28]);
    expect(set.targets.sum().item()).toBe(21);
  });
});

describe('whole batches give what item by item gives', () => {
  const { Compose, ConvertImageDtype, Lambda, Normalize, RandomHorizontalFlip, ToTensor } = transforms;
  const normalize = new Compose([new ToTensor(), new Normalize([0.1307], [0.3081])]);
  class Inverse extends ToTensor {
    override forward(x: torch.Tensor): torch.Tensor {
      return super.forward(x).neg().add(1);
    }
  }
  const cases: [string, ((x: torch.Tensor) => torch.Tensor) | null][] = [
    ['none', null],
    ['ToTensor', new ToTensor()],
    ['ToTensor, Normalize', normalize],
    ['nested', new Compose([new Compose([new ToTensor()]), new ConvertImageDtype(torch.float64)])],
    ['with a lambda', new Compose([new ToTensor(), new Lambda((x: torch.Tensor) => x.mul(2))])],
    ['with a flip', new Compose([new ToTensor(), new RandomHorizontalFlip()])],
    ['a subclass', new Inverse()],
    ['a function', (x) => x.to(torch.float32)],
  ];

  test.each(cases)('%s', (_, transform) => {
    const set = new datasets.MNIST(files, { transform });
    const items = { length: N, get: (i: number): [torch.Tensor, number] => set.get(i) };
    const read = (source: typeof items) => {
      torch.manual_seed(4);
      return Array.from(new DataLoader(source, { batch_size: 4, shuffle: true }), ([x, y]) =>
        [x, y].map((t) => [t.dtype.name, t.shape, t.is_contiguous(), t.tolist()]),
      );
    };
    expect(read(set)).toEqual(read(items));
    expect(read(new Subset(set, [3, 3, 0, 1, 5, 2]))).toEqual(read(new Subset(items, [3, 3, 0, 1, 5, 2])));
  });

  test('target_transform is not passed over', () => {
    const set = new datasets.MNIST(files, { transform: normalize, target_transform: (y) => y + 100 });
    for (const [, y] of new DataLoader(set, 6)) expect(y.tolist()).toEqual([105, 100, 104, 101, 109, 102]);
  });
});

test('the real files', () => {
  const set = new datasets.MNIST(mnistFolder(), { train: false });
  expect(set.length).toBe(10_000);
  expect(set.targets.narrow(0, 0, 8).tolist()).toEqual([7, 2, 1, 0, 4, 1, 4, 9]);
  // The sum over all test pixels, from numpy.
  expect(set.data.to(torch.int64).sum().item()).toBe(PIXEL_SUM);
});

const PIXEL_SUM = 264923200;
