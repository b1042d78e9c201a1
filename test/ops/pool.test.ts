import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const { functional: F } = torch.nn;
const r = (...shape: number[]): torch.Tensor => torch.ones(shape);
const line = (...values: number[]): torch.Tensor =>
  torch.tensor(values, { dtype: torch.float32 }).reshape(1, 1, -1);

describe('max_pool2d', () => {
  it('takes the first of equals, the last NaN, and index 0 where all is −∞', () => {
    const index = (...values: number[]): unknown =>
      F.max_pool1d(line(...values), values.length, { return_indices: true })[1].item();
    expect(index(1, 1)).toBe(0);
    expect(index(1, NaN, 3, NaN, 2)).toBe(3);
    expect(index(-Infinity, -Infinity)).toBe(0);
    expect(F.max_pool1d(line(1, NaN, 3), 3).item()).toBeNaN();
  });

  it('adds up the gradients of overlapping windows', () => {
    const x = torch.ones(1, 1, 1, 4, { requires_grad: true });
    F.max_pool2d(x, [1, 2], 1).sum().backward();
    expect(x.grad!.flatten().tolist()).toEqual([1, 1, 1, 0]);
  });

  it('drops the last window of ceil_mode when it starts behind the input', () => {
    const size = (n: number, k: number, s: number, p = 0): number =>
      F.max_pool1d(r(1, 1, n), k, { stride: s, padding: p, ceil_mode: true }).shape[2];
    expect([size(5, 1, 3), size(8, 3, 2), size(8, 3, 2, 1), size(7, 3, 2)]).toEqual([2, 4, 5, 3]);
  });

  it('gives indices on demand, with and without gradients', () => {
    const x = torch.arange(16, { dtype: torch.float32 }).reshape(1, 1, 4, 4);
    const [values, indices] = F.max_pool2d(x, 2, { return_indices: true });
    expect(values.tolist()).toEqual([
      [
        [
          [5, 7],
          [13, 15],
        ],
      ],
    ]);
    expect(indices.tolist()).toEqual([
      [
        [
          [5, 7],
          [13, 15],
        ],
      ],
    ]);
    expect(F.max_pool2d(x, 2).tolist()).toEqual(values.tolist());
    expect(F.max_pool2d(x.requires_grad_(), 2).tolist()).toEqual(values.tolist());
  });

  it('of a strided input is that of its copy', () => {
    torch.manual_seed(0);
    const x = torch.randn(2, 6, 5, 3).permute(0, 3, 1, 2);
    expect(F.max_pool2d(x, 3, 2, 1).tolist()).toEqual(F.max_pool2d(x.contiguous(), 3, 2, 1).tolist());
  });
});

describe('avg_pool2d', () => {
  it('divides by the window clipped to the padded input', () => {
    const pool = (n: number, k: number, s: number, options: object = {}): unknown =>
      F.avg_pool1d(r(1, 1, n), k, { stride: s, padding: 1, ceil_mode: true, ...options })
        .flatten()
        .tolist();
    expect(pool(6, 4, 3)).toEqual([0.75, 1, 0.5]);
    expect(pool(7, 3, 2)).toEqual([2 / 3, 1, 1, 2 / 3].map(Math.fround));
    expect(pool(7, 3, 2, { count_include_pad: false })).toEqual([1, 1, 1, 1]);
    expect(F.avg_pool2d(r(1, 1, 2, 2), 2, { divisor_override: 3 }).item()).toBeCloseTo(4 / 3, 6);
  });
});

describe('adaptive pooling', () => {
  it('covers the input with overlapping bins', () => {
    expect(
      F.adaptive_avg_pool1d(line(0, 1, 2, 3, 4, 5, 6), 3)
        .flatten()
        .tolist(),
    ).toEqual([1, 3, 5]);
    expect(
      F.adaptive_max_pool1d(line(0, 1, 2, 3, 4, 5, 6), 3)
        .flatten()
        .tolist(),
    ).toEqual([2, 4, 6]);
  });

  it('keeps a size for null, and takes the size by keyword', () => {
    expect(F.adaptive_avg_pool2d(r(2, 3, 5, 7), [null, 2]).shape).toEqual([2, 3, 5, 2]);
    expect(F.adaptive_avg_pool2d(r(3, 5, 7), { output_size: 1 }).shape).toEqual([3, 1, 1]);
    expect(F.adaptive_max_pool2d(r(2, 3, 5, 7), [2, null], { return_indices: true })[1].shape).toEqual([
      2, 3, 2, 7,
    ]);
  });
});

describe('errors in torch’s words', () => {
  it.each<[string, () => unknown, string]>([
    [
      'padding',
      () => F.max_pool2d(r(1, 1, 5, 5), 3, { padding: 2 }),
      'pad should be at most half of kernel size, but got pad=2 and kernel_size=3',
    ],
    [
      'dimensions',
      () => F.max_pool2d(r(5, 5), 3),
      'non-empty 3D or 4D (batch mode) tensor expected for input',
    ],
    [
      'size',
      () => F.max_pool2d(r(1, 1, 2, 2), 3),
      'Given input size: (1x2x2). Calculated output size: (1x0x0). Output size is too small',
    ],
    ['stride', () => F.max_pool2d(r(1, 1, 2, 2), 1, 0), 'stride should not be zero'],
    [
      'dilation',
      () => F.max_pool2d(r(1, 1, 2, 2), 1, 1, 0, 0),
      'dilation should be greater than zero, but got dilationH: 0 dilationW: 0',
    ],
    [
      'integers',
      () => F.max_pool2d(torch.ones(1, 1, 2, 2, { dtype: torch.int64 }), 1),
      '"max_pool2d" not implemented for \'Long\'',
    ],
    ['divisor', () => F.avg_pool2d(r(1, 1, 4, 4), 2, { divisor_override: 0 }), 'divisor must be not zero'],
    [
      'adaptive',
      () => F.adaptive_avg_pool2d(r(5, 5), 3),
      'adaptive_avg_pool2d(): Expected 3D or 4D tensor, but got [5, 5]',
    ],
    [
      'negative',
      () => F.adaptive_avg_pool2d(r(1, 1, 2, 2), -1),
      'adaptive_avg_pool2d: elements of output_size must be greater than or equal to 0 but received {-1, -1}',
    ],
    [
      'three sizes',
      () => F.adaptive_avg_pool2d(r(1, 1, 2, 2), [1, 2, 3]),
      'adaptive_avg_pool2d: output_size must be 2',
    ],
    [
      'a line',
      () => F.avg_pool1d(r(5), 3),
      'Expected 2 to 3 dimensions, but got 1-dimensional tensor for argument #1',
    ],
  ])('%s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
});
