import { RuntimeError, ValueError, keep, tensor, utils } from '../index.js';
import type { Tensor } from '../index.js';
import { FileError, readFile } from '../io/file.js';
import { parseIdx } from '../io/idx.js';
import type { IdxArray } from '../io/idx.js';
import { takeRows } from '../data/dataset.js';
import { bindArguments } from '../data/arguments.js';
import { batchForm } from './transform.js';

/** Files by their names (with or without `.gz`), for where there is no file system. */
export type IdxFiles = Readonly<Record<string, Uint8Array>>;

export interface MnistOptions<X, Y> {
  /** The 60,000 images for training (default), or the 10,000 for testing. */
  train?: boolean;
  /** Applied to each image: a uint8 tensor [28, 28]. */
  transform?: ((image: Tensor) => X) | null;
  /** Applied to each label: a number. */
  target_transform?: ((target: number) => Y) | null;
  /** Nothing is downloaded: true is an error that says so. */
  download?: boolean;
}

type MnistArguments<X, Y> = [options?: MnistOptions<X, Y>] | [train: boolean, options?: MnistOptions<X, Y>];

/** Some mirrors name the files with a dot: `train-images.idx3-ubyte`. */
function namesOf(name: string): string[] {
  const dotted = name.replace('-idx', '.idx');
  return [name, `${name}.gz`, dotted, `${dotted}.gz`];
}

function findFile(
  root: string | IdxFiles,
  folder: string,
  name: string,
): { path: string; bytes: Uint8Array } {
  const tried: string[] = [];
  const candidates =
    typeof root === 'string'
      ? [`${root}/${folder}/raw`, root].flatMap((at) => namesOf(name).map((file) => `${at}/${file}`))
      : namesOf(name);
  for (const path of candidates) {
    if (typeof root !== 'string') {
      if (Object.hasOwn(root, path)) return { path, bytes: root[path] };
    } else {
      try {
        return { path, bytes: readFile(path) };
      } catch (error) {
        if (!(error instanceof FileError && (error.code === 'ENOENT' || error.code === 'ENOTDIR')))
          throw error;
      }
    }
    tried.push(path);
  }
  const where = typeof root === 'string' ? 'file' : 'key';
  throw new RuntimeError(
    `Dataset not found: no ${name}. Put the IDX files (gzipped or not) there; nothing is downloaded. Tried each ${where} of: ${tried.join(', ')}`,
  );
}

function readIdx(root: string | IdxFiles, folder: string, name: string, dims: number): IdxArray {
  const { path, bytes } = findFile(root, folder, name);
  let array: IdxArray;
  try {
    array = parseIdx(bytes);
  } catch (cause) {
    throw new RuntimeError(`${path}: ${(cause as Error).message}`, { cause });
  }
  if (array.dtype !== 'uint8' || array.shape.length !== dims) {
    throw new RuntimeError(
      `${path}: expected uint8 values in ${dims} dimensions, found ${array.dtype} of shape [${array.shape.join(', ')}]`,
    );
  }
  return array;
}

/**
 * MNIST's handwritten digits, from a folder with the IDX files (`root/MNIST/raw/` as torchvision keeps them, or `root` itself;
 * gzipped or not) or from an object of their bytes.
 *
 * An item is `[image, label]`. There is no PIL, so the image that `transform` gets is a uint8 tensor [28, 28]. Of transforms
 * that work element by element (`ToTensor`, `Normalize`) a DataLoader runs whole batches at once, with the same result.
 *
 * @example
 * const header = (...sizes) => [0, 0, 8, sizes.length, ...sizes.flatMap((n) => [0, 0, 0, n])];
 * const files = {
 *   't10k-images-idx3-ubyte': new Uint8Array([...header(1, 28, 28), ...Array(784).fill(255)]),
 *   't10k-labels-idx1-ubyte': new Uint8Array([...header(1), 7]),
 * };
 * const set = new vision.datasets.MNIST(files, { train: false, transform: new vision.transforms.ToTensor() });
 * const [image, label] = set.get(0);
 * console.log(set.length, image.shape, image.max().item(), label); // 1 [ 1, 28, 28 ] 1 7
 */
export class MNIST<X = Tensor, Y = number> extends utils.data.Dataset<[X, Y]> {
  /** The folder under `root` where torchvision keeps the files. */
  static readonly folder: string = 'MNIST';
  static readonly classes: readonly string[] = [
    '0 - zero',
    '1 - one',
    '2 - two',
    '3 - three',
    '4 - four',
    '5 - five',
    '6 - six',
    '7 - seven',
    '8 - eight',
    '9 - nine',
  ];

  readonly root: string | IdxFiles;
  readonly train: boolean;
  transform: ((image: Tensor) => X) | null;
  target_transform: ((target: number) => Y) | null;
  /** uint8 [N, 28, 28] */
  data: Tensor;
  /** int64 [N] */
  targets: Tensor;

  constructor(root: string | IdxFiles, ...args: MnistArguments<X, Y>) {
    super();
    const { folder, name } = new.target;
    const options = bindArguments<MnistOptions<X, Y>>(
      name,
      ['train', 'transform', 'target_transform', 'download'],
      args,
    );
    if (options.download) {
      throw new ValueError(`${name}: download is not supported: put the IDX files into the folder yourself`);
    }
    const train = options.train ?? true;
    if (typeof train !== 'boolean')
      throw new TypeError(`${name}: train must be a boolean, got ${String(train)}`);
    this.root = root;
    this.train = train;
    this.transform = options.transform ?? null;
    this.target_transform = options.target_transform ?? null;

    const prefix = train ? 'train' : 't10k';
    const images = readIdx(root, folder, `${prefix}-images-idx3-ubyte`, 3);
    const labels = readIdx(root, folder, `${prefix}-labels-idx1-ubyte`, 1);
    if (images.shape[0] !== labels.shape[0]) {
      throw new RuntimeError(
        `${name}: ${images.shape[0]} images but ${labels.shape[0]} labels: the files do not belong together`,
      );
    }
    const classes = new.target.classes.length;
    const bad = (labels.data as Uint8Array).findIndex((label) => label >= classes);
    if (bad >= 0) {
      throw new RuntimeError(
        `${name}: label ${labels.data[bad]} of image ${bad} is none of the ${classes} classes`,
      );
    }
    // The dataset owns them, whatever scope it is made in.
    this.data = keep(tensor(images.data).reshape(images.shape));
    this.targets = keep(tensor(BigInt64Array.from(labels.data, BigInt)));
  }

  /** The names of the classes. */
  get classes(): readonly string[] {
    return (this.constructor as typeof MNIST).classes;
  }

  /** Each class's index by its name. */
  get class_to_idx(): Record<string, number> {
    return Object.fromEntries(this.classes.map((name, i) => [name, i]));
  }

  override get length(): number {
    return this.data.size(0);
  }

  override get(index: number): [X, Y] {
    const image = this.data.select(0, index);
    const target = this.targets.select(0, index).item();
    return [
      this.transform === null ? (image as X) : this.transform(image),
      this.target_transform === null ? (target as Y) : this.target_transform(target),
    ];
  }

  get_batch(indices: readonly number[]): unknown {
    if (this.target_transform !== null) return undefined;
    const whole = this.transform === null ? (images: Tensor) => images : batchForm(this.transform);
    if (whole === null) return undefined;
    return [whole(takeRows(this.data, indices)), takeRows(this.targets, indices)];
  }
}

/** Zalando's pictures of clothes, in MNIST's format. */
export class FashionMNIST<X = Tensor, Y = number> extends MNIST<X, Y> {
  static override readonly folder: string = 'FashionMNIST';
  static override readonly classes: readonly string[] = [
    'T-shirt/top',
    'Trouser',
    'Pullover',
    'Dress',
    'Coat',
    'Sandal',
    'Shirt',
    'Sneaker',
    'Bag',
    'Ankle boot',
  ];
}

/** Kuzushiji-MNIST's cursive Japanese characters, in MNIST's format. */
export class KMNIST<X = Tensor, Y = number> extends MNIST<X, Y> {
  static override readonly folder: string = 'KMNIST';
  static override readonly classes: readonly string[] = [
    'o',
    'ki',
    'su',
    'tsu',
    'na',
    'ha',
    'ma',
    'ya',
    're',
    'wo',
  ];
}
