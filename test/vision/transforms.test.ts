import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as torch from '../../src/index.js';
import { transforms as T } from '../../src/vision/index.js';

interface Recorded {
  dtype: string;
  shape: number[];
  value: number[];
}

const recorded = JSON.parse(readFileSync(new URL('../fixtures/data.json', import.meta.url), 'utf8')) as {
  transforms: Record<string, Recorded[][]>;
};

/** The inputs of test/fixtures/data.py. */
const grey = torch.arange(20).mul(12).to(torch.uint8).reshape(1, 5, 4);
const rgb = torch.tensor(Array.from({ length: 126 }, (_, i) => (i * 37) % 256), { dtype: torch.uint8 }).reshape(3, 6, 7); // prettier-ignore
const floats = torch.arange(60).div(64).reshape(3, 4, 5);

type Case = [transform: (x: torch.Tensor) => torch.Tensor, ...inputs: torch.Tensor[]];

const CASES: Record<string, Case> = {
  Normalize: [new T.Normalize([0.1, 0.2, 0.3], [0.5, 0.25, 2]), floats],
  'CenterCrop 3': [new T.CenterCrop(3), grey, rgb],
  'CenterCrop (2, 5)': [new T.CenterCrop([2, 5]), grey, rgb],
  'CenterCrop 9': [new T.CenterCrop(9), grey, rgb],
  'Pad 2': [new T.Pad(2), grey, rgb],
  'Pad (1, 2) fill 9': [new T.Pad([1, 2], 9), grey, floats],
  'Pad (1, 2, 3, 0)': [new T.Pad([1, 2, 3, 0]), grey, rgb],
  'Pad (-1, 1, 0, -2)': [new T.Pad([-1, 1, 0, -2]), grey, rgb],
  'Pad (1, 2, 3, 0) edge': [new T.Pad([1, 2, 3, 0], { padding_mode: 'edge' }), grey, rgb, floats],
  'Pad (1, 2, 3, 0) reflect': [new T.Pad([1, 2, 3, 0], { padding_mode: 'reflect' }), grey, rgb, floats],
  'Pad (1, 2, 3, 0) symmetric': [new T.Pad([1, 2, 3, 0], 0, 'symmetric'), grey, rgb, floats],
  'RandomCrop 3': [new T.RandomCrop(3), grey, rgb],
  'RandomCrop (4, 3) padding 2': [new T.RandomCrop([4, 3], 2), grey, rgb],
  'RandomCrop 8 pad_if_needed': [new T.RandomCrop(8, { pad_if_needed: true }), grey, rgb],
  'RandomCrop same size': [new T.RandomCrop([5, 4]), grey],
  RandomHorizontalFlip: [new T.RandomHorizontalFlip(), grey, rgb],
  'RandomVerticalFlip 0.3': [new T.RandomVerticalFlip({ p: 0.3 }), grey, rgb],
  Grayscale: [new T.Grayscale(), rgb, floats, grey],
  'Grayscale 3': [new T.Grayscale({ num_output_channels: 3 }), rgb, floats],
  'ConvertImageDtype float32': [new T.ConvertImageDtype(torch.float32), grey],
  'ConvertImageDtype float64': [new T.ConvertImageDtype(torch.float64), grey, floats],
  'ConvertImageDtype uint8': [new T.ConvertImageDtype(torch.uint8), floats],
  'ConvertImageDtype int16': [new T.ConvertImageDtype(torch.int16), grey, floats],
  'ConvertImageDtype int16 to uint8': [
    new T.Compose([new T.ConvertImageDtype(torch.int16), new T.ConvertImageDtype(torch.uint8)]),
    rgb,
  ],
  ToTensor: [(x) => new T.ToTensor()(x.permute(1, 2, 0)), grey, rgb, floats],
};

describe('bit for bit what torchvision makes of tensors, draws included', () => {
  test('every recorded transform is tested', () => {
    expect(Object.keys(CASES).sort()).toEqual(Object.keys(recorded.transforms).sort());
  });

  test.each(Object.keys(CASES))('%s', (name) => {
    const [transform, ...inputs] = CASES[name];
    const results = inputs.map((x) => {
      torch.manual_seed(7);
      return Array.from({ length: name.includes('Random') ? 4 : 1 }, () => {
        const y = transform(x);
        return { dtype: y.dtype.name, shape: [...y.shape], value: y.to(torch.float64).flatten().tolist() };
      });
    });
    expect(results).toEqual(recorded.transforms[name]);
  });
});

describe('ToTensor', () => {
  const toTensor = new T.ToTensor();

  test('images without channels, and of bytes', () => {
    expect(toTensor(grey.select(0, 0)).tolist()).toEqual(toTensor(grey.permute(1, 2, 0)).tolist());
    const image = { width: 2, height: 1, data: Uint8ClampedArray.of(255, 0, 51, 255, 0, 102, 0, 0) };
    expect(toTensor(image).mul(5).round().tolist()).toEqual([[[5, 0]], [[0, 2]], [[1, 0]], [[5, 0]]]); // prettier-ignore
    expect(toTensor({ width: 1, height: 2, data: Uint8Array.of(255, 0) }).tolist()).toEqual([[[1], [0]]]);
  });

  test('errors', () => {
    expect(() => toTensor(torch.ones(3))).toThrow('pic should be 2/3 dimensional. Got 1 dimensions.');
    expect(() => toTensor(null as never)).toThrow('pic should be a Tensor [H, W] or [H, W, C]');
    expect(() => toTensor({ width: 2, height: 2, data: new Uint8Array(7) })).toThrow(
      'an image of 2×2 pixels needs',
    );
  });
});

describe('Compose and calls', () => {
  test('a transform is a function, and an instance', () => {
    const flip = new T.RandomHorizontalFlip(1);
    expect(flip).toBeInstanceOf(T.RandomHorizontalFlip);
    expect(flip).toBeInstanceOf(T.Transform);
    expect(flip(grey).tolist()).toEqual(T.functional.hflip(grey).tolist());
    expect(new T.Lambda((x: torch.Tensor) => x.add(1))(torch.zeros(1)).item()).toBe(1);
  });

  test('printing', () => {
    const both = new T.Compose([new T.ToTensor(), new T.Normalize([0.5], [0.25]), new T.RandomCrop(3)]);
    expect(String(both)).toBe(
      'Compose(\n    ToTensor()\n    Normalize(mean=[0.5], std=[0.25])\n    RandomCrop(size=(3, 3), padding=null)\n)',
    );
  });

  test('errors', () => {
    expect(() => new T.Compose([null as never])).toThrow('Compose: null is no function');
    expect(() => new T.Lambda(3 as never)).toThrow('Argument lambd should be callable');
    expect(() => new T.Normalize([0], [0])(floats)).toThrow(
      'std evaluated to zero after conversion to torch.float32',
    );
    expect(() => new T.Normalize([0], [1])(rgb)).toThrow(
      'Input tensor should be a float tensor. Got torch.uint8.',
    );
    expect(() => new T.Normalize([0], [1])(torch.ones(2, 2))).toThrow('tensor image of size (..., C, H, W)');
    expect(() => new T.CenterCrop([1, 2, 3])).toThrow('Please provide only two dimensions');
    expect(() => new T.RandomCrop(9)(grey)).toThrow(
      'Required crop size (9, 9) is larger than input image size (5, 4)',
    );
    expect(() => new T.RandomCrop(3, { pad: 1 } as object)).toThrow("unexpected keyword argument 'pad'");
    expect(() => new T.Pad([1, 2, 3])(grey)).toThrow('a 1, 2, or 4 element tuple, not a 3 element tuple');
    expect(() => new T.Pad(1, 0, 'wrap' as never)(grey)).toThrow('constant, edge, reflect or symmetric');
    expect(() => new T.Pad(4, { padding_mode: 'reflect' })(grey)).toThrow('Padding size should be less than');
    expect(() => new T.RandomHorizontalFlip(2)).toThrow('p must be between 0 and 1');
    expect(() => new T.Grayscale()(torch.ones(2, 4, 4))).toThrow(
      'permitted channel values are [1, 3], but found 2',
    );
    expect(() => new T.ConvertImageDtype(torch.int64)(floats)).toThrow('cannot be performed safely');
  });

  test('Normalize in place', () => {
    const x = torch.ones(1, 2, 2);
    expect(new T.Normalize(0.5, 0.5, { inplace: true })(x)).toBe(x);
    expect(x.tolist()).toEqual([[[1, 1], [1, 1]]]); // prettier-ignore
  });
});
