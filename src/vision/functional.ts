import {
  IndexError,
  RuntimeError,
  Tensor,
  ValueError,
  bool,
  float32,
  float64,
  full,
  get_default_dtype,
  index_select,
  int16,
  int32,
  int64,
  int8,
  tensor,
  uint8,
} from '../index.js';
import type { DType } from '../index.js';

/** Pixels as a canvas gives them: rows of RGBA (or RGB, or grey) bytes. */
export interface ImageLike {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** One number on all sides, [left and right, top and bottom], or [left, top, right, bottom]. */
export type Padding = number | readonly number[];

export type PaddingMode = 'constant' | 'edge' | 'reflect' | 'symmetric';

function checkImage(img: Tensor): void {
  if (!(img instanceof Tensor)) throw new TypeError(`Tensor is not a torch image: got ${typeof img}`);
  if (img.ndim < 2)
    throw new TypeError(`Tensor is not a torch image: its shape is [${img.shape.join(', ')}]`);
}

/** Height and width. */
export function sizeOf(img: Tensor): [number, number] {
  checkImage(img);
  return [img.size(-2), img.size(-1)];
}

function isImageLike(pic: unknown): pic is ImageLike {
  const { data, width, height } = (pic ?? {}) as Partial<ImageLike>;
  return ArrayBuffer.isView(data) && typeof width === 'number' && typeof height === 'number';
}

/** Bytes [..., H, W, C] to floats [..., C, H, W] in [0, 1]; other dtypes keep dtype and values. */
function toChannelsFirst(img: Tensor): Tensor {
  const lead = [...Array(img.ndim - 3).keys()];
  const first = img.permute([...lead, img.ndim - 1, img.ndim - 3, img.ndim - 2]);
  return img.dtype === uint8 ? first.to(get_default_dtype()).contiguous().div(255) : first.contiguous();
}

/** See `ToTensor`. */
export function to_tensor(pic: Tensor | ImageLike): Tensor {
  if (isImageLike(pic)) {
    const { data, width, height } = pic;
    const channels = data.length / (width * height);
    if (![1, 3, 4].includes(channels)) {
      throw new ValueError(
        `an image of ${width}×${height} pixels needs 1, 3 or 4 bytes a pixel, got ${data.length} bytes`,
      );
    }
    return toChannelsFirst(tensor(data).reshape([height, width, channels]));
  }
  if (!(pic instanceof Tensor)) {
    throw new TypeError(
      `pic should be a Tensor [H, W] or [H, W, C], or an object { data, width, height }. Got ${typeof pic}`,
    );
  }
  if (pic.ndim !== 2 && pic.ndim !== 3)
    throw new ValueError(`pic should be 2/3 dimensional. Got ${pic.ndim} dimensions.`);
  return toChannelsFirst(pic.ndim === 2 ? pic.unsqueeze(2) : pic);
}

/** `to_tensor` of each image of [N, H, W] or [N, H, W, C]. */
export function to_tensor_batch(images: Tensor): Tensor {
  return toChannelsFirst(images.ndim === 3 ? images.unsqueeze(3) : images);
}

/** (x - mean) / std for each channel of [..., C, H, W]. */
export function normalize(
  img: Tensor,
  mean: readonly number[],
  std: readonly number[],
  inplace = false,
): Tensor {
  checkImage(img);
  if (!img.is_floating_point())
    throw new TypeError(`Input tensor should be a float tensor. Got ${img.dtype}.`);
  if (img.ndim < 3) {
    throw new ValueError(
      `Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = [${img.shape.join(', ')}]`,
    );
  }
  const { dtype } = img;
  const means = tensor(mean, { dtype }).reshape([-1, 1, 1]);
  const stds = tensor(std, { dtype }).reshape([-1, 1, 1]);
  if (stds.eq(0).any().item()) {
    throw new ValueError(`std evaluated to zero after conversion to ${dtype}, leading to division by zero.`);
  }
  return inplace ? img.sub_(means).div_(stds) : img.sub(means).div_(stds);
}

function sidesOf(padding: Padding): [left: number, top: number, right: number, bottom: number] {
  const p = typeof padding === 'number' ? [padding] : padding;
  if (![1, 2, 4].includes(p.length)) {
    throw new ValueError(
      `Padding must be an int or a 1, 2, or 4 element tuple, not a ${p.length} element tuple`,
    );
  }
  if (!p.every(Number.isInteger)) throw new TypeError(`Padding must be integers, got [${p.join(', ')}]`);
  return [p[0], p[1 % p.length], p[2 % p.length], p[3 % p.length]];
}

/** Where each row (or column) of a padded image comes from. */
function sources(size: number, before: number, after: number, mode: PaddingMode): number[] {
  if (mode === 'reflect' && Math.max(before, after) >= size) {
    throw new RuntimeError(
      `Padding size should be less than the corresponding input dimension, but got: padding (${before}, ${after}) at size ${size}`,
    );
  }
  if (mode === 'symmetric' && Math.max(before, after) > size) {
    throw new IndexError(`symmetric padding (${before}, ${after}) is more than the size ${size}`);
  }
  return Array.from({ length: Math.max(size + before + after, 0) }, (_, i) => {
    const at = i - before;
    if (at >= 0 && at < size) return at;
    if (mode === 'edge') return at < 0 ? 0 : size - 1;
    const fold = mode === 'reflect' ? 0 : 1;
    return at < 0 ? -at - fold : 2 * (size - 1) - at + fold;
  });
}

/** See `Pad`. */
export function pad(img: Tensor, padding: Padding, fill = 0, padding_mode: PaddingMode = 'constant'): Tensor {
  const [height, width] = sizeOf(img);
  const [left, top, right, bottom] = sidesOf(padding);
  if (!['constant', 'edge', 'reflect', 'symmetric'].includes(padding_mode)) {
    throw new ValueError('Padding mode should be either constant, edge, reflect or symmetric');
  }
  if (padding_mode !== 'constant') {
    const rows = index_select(img, -2, tensor(sources(height, top, bottom, padding_mode), { dtype: int64 }));
    return index_select(rows, -1, tensor(sources(width, left, right, padding_mode), { dtype: int64 }));
  }
  if (typeof fill !== 'number') throw new TypeError('Got inappropriate fill arg');
  const size = [height + top + bottom, width + left + right];
  if (size.some((n) => n < 0))
    throw new RuntimeError(`pad: the padded image would have the size [${size.join(', ')}]`);
  const out = full([...img.shape.slice(0, -2), ...size], fill, { dtype: img.dtype });
  const part = (t: Tensor, row: number, column: number): Tensor =>
    t
      .narrow(-2, row, Math.max(height + Math.min(top, 0) + Math.min(bottom, 0), 0))
      .narrow(-1, column, Math.max(width + Math.min(left, 0) + Math.min(right, 0), 0));
  part(out, Math.max(top, 0), Math.max(left, 0)).copy_(part(img, Math.max(-top, 0), Math.max(-left, 0)));
  return out;
}

/** The part of an image from (top, left); what lies outside is 0. */
export function crop(img: Tensor, top: number, left: number, height: number, width: number): Tensor {
  const [h, w] = sizeOf(img);
  const bottom = top + height;
  const right = left + width;
  if (left >= 0 && top >= 0 && right <= w && bottom <= h)
    return img.narrow(-2, top, height).narrow(-1, left, width);
  return pad(img, [-left, -top, right - w, bottom - h]);
}

/** Python's round: halves go to the even neighbour. */
function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  return x - down === 0.5 ? down + (Math.abs(down) % 2) : Math.round(x);
}

/** See `CenterCrop`. */
export function center_crop(img: Tensor, [height, width]: readonly [number, number]): Tensor {
  let [h, w] = sizeOf(img);
  if (width > w || height > h) {
    const [x, y] = [Math.max(width - w, 0), Math.max(height - h, 0)];
    img = pad(img, [Math.floor(x / 2), Math.floor(y / 2), Math.floor((x + 1) / 2), Math.floor((y + 1) / 2)]);
    [h, w] = sizeOf(img);
    if (width === w && height === h) return img;
  }
  return crop(img, roundHalfEven((h - height) / 2), roundHalfEven((w - width) / 2), height, width);
}

function reversed(img: Tensor, dim: number): Tensor {
  const n = img.size(dim);
  return index_select(
    img,
    dim,
    tensor(
      Array.from({ length: n }, (_, i) => n - 1 - i),
      { dtype: int64 },
    ),
  );
}

/** Mirrors left and right. */
export function hflip(img: Tensor): Tensor {
  checkImage(img);
  return reversed(img, -1);
}

/** Mirrors top and bottom. */
export function vflip(img: Tensor): Tensor {
  checkImage(img);
  return reversed(img, -2);
}

/** See `Grayscale`. */
export function rgb_to_grayscale(img: Tensor, num_output_channels = 1): Tensor {
  if (img.ndim < 3)
    throw new TypeError(`Input image tensor should have at least 3 dimensions, but found ${img.ndim}`);
  const channels = img.size(-3);
  if (channels !== 1 && channels !== 3)
    throw new TypeError(`Input image tensor permitted channel values are [1, 3], but found ${channels}`);
  if (num_output_channels !== 1 && num_output_channels !== 3)
    throw new ValueError('num_output_channels should be either 1 or 3');
  let grey = img;
  if (channels === 3) {
    const [r, g, b] = [0, 1, 2].map((i) => img.select(-3, i));
    grey = r.mul(0.2989).add(g.mul(0.587)).add(b.mul(0.114)).to(img.dtype).unsqueeze(-3);
  }
  if (num_output_channels === 3) return grey.expand([...img.shape.slice(0, -3), 3, ...img.shape.slice(-2)]);
  return grey === img ? img.clone() : grey;
}

const MAX_VALUES: ReadonlyMap<DType, number> = new Map([
  [bool, 1],
  [uint8, 255],
  [int8, 127],
  [int16, 32767],
  [int32, 2 ** 31 - 1],
  [int64, 2 ** 63],
]);

/** See `ConvertImageDtype`. */
export function convert_image_dtype(image: Tensor, dtype: DType = float32): Tensor {
  if (!(image instanceof Tensor)) throw new TypeError('Input img should be Tensor Image');
  if (image.dtype === dtype) return image;
  if (image.is_floating_point()) {
    if (dtype.is_floating_point) return image.to(dtype);
    if (
      (image.dtype === float32 && (dtype === int32 || dtype === int64)) ||
      (image.dtype === float64 && dtype === int64)
    ) {
      throw new RuntimeError(`The cast from ${image.dtype} to ${dtype} cannot be performed safely.`);
    }
    // 255 * x is only 255 where x is exactly 1: max + 1 - 0.001 spreads the values evenly.
    return image.mul(MAX_VALUES.get(dtype)! + 1 - 1e-3).to(dtype);
  }
  const inputMax = MAX_VALUES.get(image.dtype)!;
  if (dtype.is_floating_point) return image.to(dtype).div(inputMax);
  const outputMax = MAX_VALUES.get(dtype)!;
  if (inputMax > outputMax) {
    const factor = Math.floor((inputMax + 1) / (outputMax + 1));
    return image.div(factor, { rounding_mode: 'floor' }).to(dtype);
  }
  return image.to(dtype).mul(Math.floor((outputMax + 1) / (inputMax + 1)));
}
