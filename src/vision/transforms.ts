import { ValueError, float32, rand, randint, tidy } from '../index.js';
import type { DType, Tensor } from '../index.js';
import * as functional from './functional.js';
import type { ImageLike, Padding, PaddingMode } from './functional.js';
import { bindArguments } from '../data/arguments.js';
import { Transform, batchForm } from './transform.js';

export { Transform, functional };
export type { ImageLike, Padding, PaddingMode };

type AnyTransform = (value: never) => unknown;

/**
 * Transforms one after the other.
 *
 * @example
 * const { Compose, Normalize, ToTensor } = vision.transforms;
 * const transform = new Compose([new ToTensor(), new Normalize([0.5], [0.5])]);
 * console.log(transform(torch.zeros(28, 28, { dtype: torch.uint8 })).min().item()); // -1
 */
export class Compose<I = Tensor, O = Tensor> extends Transform<I, O> {
  readonly transforms: readonly AnyTransform[];

  constructor(transforms: readonly AnyTransform[]) {
    super();
    for (const transform of transforms) {
      if (typeof transform !== 'function')
        throw new TypeError(`Compose: ${String(transform)} is no function`);
    }
    this.transforms = transforms;
  }

  forward(input: I): O {
    return this.transforms.reduce<unknown>((value, transform) => transform(value as never), input) as O;
  }

  override batch_form(): ((images: I) => O) | null {
    const forms = this.transforms.map((transform) => batchForm(transform as (image: Tensor) => unknown));
    if (forms.some((form) => form === null)) return null;
    return (images) => forms.reduce<unknown>((value, form) => form!(value as Tensor), images) as O;
  }

  override toString(): string {
    return `Compose(\n${this.transforms.map((transform) => `    ${String(transform)}\n`).join('')})`;
  }
}

/**
 * An image becomes a tensor [C, H, W] in [0, 1]. The image is a uint8 tensor [H, W] or [H, W, C] (another dtype keeps its dtype
 * and values), or an object `{ data, width, height }` of bytes, such as a canvas's ImageData, whose four channels stay four.
 *
 * @example
 * const grey = torch.full([2, 2], 51, { dtype: torch.uint8 });
 * console.log(new vision.transforms.ToTensor()(grey).shape); // [ 1, 2, 2 ]
 */
export class ToTensor extends Transform<Tensor | ImageLike> {
  forward(pic: Tensor | ImageLike): Tensor {
    return functional.to_tensor(pic);
  }

  override batch_form(): (images: Tensor | ImageLike) => Tensor {
    return (images) => functional.to_tensor_batch(images as Tensor);
  }
}

/**
 * (x - mean) / std for each channel of a float image [..., C, H, W].
 *
 * @example
 * const normalize = new vision.transforms.Normalize([0.5, 0, 0], [0.5, 1, 1]);
 * console.log(normalize(torch.ones(3, 1, 1)).flatten().tolist()); // [ 1, 1, 1 ]
 */
export class Normalize extends Transform {
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly inplace: boolean;

  constructor(
    mean: readonly number[] | number,
    std: readonly number[] | number,
    inplace: boolean | { inplace?: boolean } = false,
  ) {
    super();
    this.mean = typeof mean === 'number' ? [mean] : mean;
    this.std = typeof std === 'number' ? [std] : std;
    this.inplace = typeof inplace === 'object' ? (inplace.inplace ?? false) : inplace;
  }

  forward(img: Tensor): Tensor {
    return functional.normalize(img, this.mean, this.std, this.inplace);
  }

  override batch_form(): (images: Tensor) => Tensor {
    return (images) => this.forward(images);
  }

  protected override extra_repr(): string {
    return `mean=[${this.mean.join(', ')}], std=[${this.std.join(', ')}]`;
  }
}

/**
 * Another dtype, with the values scaled to its range.
 *
 * @example
 * const bytes = torch.full([1, 1, 1], 255, { dtype: torch.uint8 });
 * console.log(new vision.transforms.ConvertImageDtype(torch.float32)(bytes).item()); // 1
 */
export class ConvertImageDtype extends Transform {
  constructor(readonly dtype: DType = float32) {
    super();
  }

  forward(img: Tensor): Tensor {
    return functional.convert_image_dtype(img, this.dtype);
  }

  override batch_form(): (images: Tensor) => Tensor {
    return (images) => this.forward(images);
  }
}

/**
 * A function as a transform.
 *
 * @example
 * console.log(new vision.transforms.Lambda((x) => x.mul(2))(torch.ones(2)).tolist()); // [ 2, 2 ]
 */
export class Lambda<I = Tensor, O = Tensor> extends Transform<I, O> {
  readonly lambd: (input: I) => O;

  constructor(lambd: (input: I) => O) {
    super();
    if (typeof lambd !== 'function')
      throw new TypeError(`Argument lambd should be callable, got ${typeof lambd}`);
    this.lambd = lambd;
  }

  forward(input: I): O {
    return this.lambd(input);
  }
}

/** Height and width, or one number for both. */
export type Size = number | readonly number[];

function sizeOf(size: Size): readonly [number, number] {
  const list = typeof size === 'number' ? [size] : size;
  if (list.length === 0 || list.length > 2 || !list.every((n) => Number.isInteger(n) && n > 0)) {
    throw new ValueError(`Please provide only two dimensions (h, w) for size. Got ${String(size)}`);
  }
  return [list[0], list[list.length - 1]];
}

/**
 * The middle of the image, padded with 0 where the image is smaller.
 *
 * @example
 * console.log(new vision.transforms.CenterCrop(4)(torch.ones(3, 8, 8)).shape); // [ 3, 4, 4 ]
 */
export class CenterCrop extends Transform {
  readonly size: readonly [number, number];

  constructor(size: Size) {
    super();
    this.size = sizeOf(size);
  }

  forward(img: Tensor): Tensor {
    return functional.center_crop(img, this.size);
  }

  protected override extra_repr(): string {
    return `size=(${this.size.join(', ')})`;
  }
}

interface PadOptions {
  fill?: number;
  padding_mode?: PaddingMode;
}

/**
 * Adds a border: of `fill`, or as `padding_mode` says.
 *
 * @example
 * console.log(new vision.transforms.Pad(2)(torch.ones(1, 28, 28)).shape); // [ 1, 32, 32 ]
 */
export class Pad extends Transform {
  readonly padding: Padding;
  readonly fill: number;
  readonly padding_mode: PaddingMode;

  constructor(
    padding: Padding,
    ...args: [options?: PadOptions] | [fill: number, padding_mode?: PaddingMode | PadOptions]
  ) {
    super();
    const options = bindArguments<PadOptions>('Pad', ['fill', 'padding_mode'], args);
    this.padding = padding;
    this.fill = options.fill ?? 0;
    this.padding_mode = options.padding_mode ?? 'constant';
  }

  forward(img: Tensor): Tensor {
    return functional.pad(img, this.padding, this.fill, this.padding_mode);
  }

  protected override extra_repr(): string {
    return `padding=${String(this.padding)}, fill=${this.fill}, padding_mode=${this.padding_mode}`;
  }
}

export interface RandomCropOptions extends PadOptions {
  padding?: Padding | null;
  pad_if_needed?: boolean;
}

/** A part of the image at a random place, drawn from the default generator as torchvision draws it. */
export class RandomCrop extends Transform {
  readonly size: readonly [number, number];
  readonly padding: Padding | null;
  readonly pad_if_needed: boolean;
  readonly fill: number;
  readonly padding_mode: PaddingMode;

  constructor(
    size: Size,
    ...args: [options?: RandomCropOptions] | [padding: Padding | null, options?: RandomCropOptions]
  ) {
    super();
    const options = bindArguments<RandomCropOptions>(
      'RandomCrop',
      ['padding', 'pad_if_needed', 'fill', 'padding_mode'],
      args,
    );
    this.size = sizeOf(size);
    this.padding = options.padding ?? null;
    this.pad_if_needed = options.pad_if_needed ?? false;
    this.fill = options.fill ?? 0;
    this.padding_mode = options.padding_mode ?? 'constant';
  }

  forward(img: Tensor): Tensor {
    const [height, width] = this.size;
    const { fill, padding_mode } = this;
    if (this.padding !== null) img = functional.pad(img, this.padding, fill, padding_mode);
    const wide = width - functional.sizeOf(img)[1];
    if (this.pad_if_needed && wide > 0) img = functional.pad(img, [wide, 0], fill, padding_mode);
    const high = height - functional.sizeOf(img)[0];
    if (this.pad_if_needed && high > 0) img = functional.pad(img, [0, high], fill, padding_mode);

    const [h, w] = functional.sizeOf(img);
    if (h < height || w < width) {
      throw new ValueError(
        `Required crop size (${height}, ${width}) is larger than input image size (${h}, ${w})`,
      );
    }
    if (h === height && w === width) return img;
    const top = draw(() => randint(0, h - height + 1, [1]));
    const left = draw(() => randint(0, w - width + 1, [1]));
    return functional.crop(img, top, left, height, width);
  }

  protected override extra_repr(): string {
    return `size=(${this.size.join(', ')}), padding=${String(this.padding)}`;
  }
}

function draw(make: () => Tensor): number {
  return tidy(() => make().item());
}

abstract class RandomFlip extends Transform {
  readonly p: number;

  constructor(p: number | { p?: number } = 0.5) {
    super();
    this.p = typeof p === 'number' ? p : (p.p ?? 0.5);
    if (!(this.p >= 0 && this.p <= 1)) throw new ValueError(`p must be between 0 and 1, got ${this.p}`);
  }

  protected drawn(): boolean {
    return draw(() => rand(1)) < this.p;
  }

  protected override extra_repr(): string {
    return `p=${this.p}`;
  }
}

/**
 * Mirrors left and right with probability p.
 *
 * @example
 * const flip = new vision.transforms.RandomHorizontalFlip(1);
 * console.log(flip(torch.tensor([[[1, 2]]])).tolist()); // [ [ [ 2, 1 ] ] ]
 */
export class RandomHorizontalFlip extends RandomFlip {
  forward(img: Tensor): Tensor {
    return this.drawn() ? functional.hflip(img) : img;
  }
}

/** Mirrors top and bottom with probability p. */
export class RandomVerticalFlip extends RandomFlip {
  forward(img: Tensor): Tensor {
    return this.drawn() ? functional.vflip(img) : img;
  }
}

/**
 * Colours become grey: 0.2989 R + 0.587 G + 0.114 B, in one channel or in three equal ones.
 *
 * @example
 * console.log(new vision.transforms.Grayscale()(torch.ones(3, 4, 4)).shape); // [ 1, 4, 4 ]
 */
export class Grayscale extends Transform {
  readonly num_output_channels: number;

  constructor(num_output_channels: number | { num_output_channels?: number } = 1) {
    super();
    this.num_output_channels =
      typeof num_output_channels === 'number'
        ? num_output_channels
        : (num_output_channels.num_output_channels ?? 1);
  }

  forward(img: Tensor): Tensor {
    return functional.rgb_to_grayscale(img, this.num_output_channels);
  }

  override batch_form(): (images: Tensor) => Tensor {
    return (images) => this.forward(images);
  }

  protected override extra_repr(): string {
    return `num_output_channels=${this.num_output_channels}`;
  }
}
