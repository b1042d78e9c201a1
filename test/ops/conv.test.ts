import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';

const { functional: F } = torch.nn;
const r = (...shape: number[]): torch.Tensor => torch.ones(shape);

describe('conv2d', () => {
  it('is a cross-correlation', () => {
    const x = torch.arange(9, { dtype: torch.float32 }).reshape(1, 1, 3, 3);
    const w = torch.tensor(
      [
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
      ],
      { dtype: torch.float32 },
    );
    expect(F.conv2d(x, w).tolist()).toEqual([
      [
        [
          [27, 37],
          [57, 67],
        ],
      ],
    ]);
  });

  it("puts the odd element of padding='same' behind", () => {
    const x = torch.tensor([[[1, 2, 3, 4, 5]]], { dtype: torch.float32 });
    // total 3: one before, two behind
    expect(F.conv1d(x, r(1, 1, 4), { padding: 'same' }).tolist()).toEqual([[[6, 10, 14, 12, 9]]]);
    const out = F.conv2d(r(1, 1, 3, 3), r(1, 1, 2, 2), null, 1, 'same');
    expect(out.tolist()).toEqual([
      [
        [
          [4, 4, 2],
          [4, 4, 2],
          [2, 2, 1],
        ],
      ],
    ]);
    expect(out.is_contiguous()).toBe(true);
  });

  it('takes an image without a batch', () => {
    expect(F.conv2d(r(2, 3, 3), r(4, 2, 3, 3)).shape).toEqual([4, 1, 1]);
    expect(F.conv_transpose2d(r(2, 3, 3), r(2, 4, 3, 3)).shape).toEqual([4, 5, 5]);
  });

  it('of an empty batch is empty and gives zero gradients', () => {
    const w = torch.ones(2, 3, 2, 2, { requires_grad: true });
    const out = F.conv2d(r(0, 3, 4, 4), w);
    expect(out.shape).toEqual([0, 2, 3, 3]);
    out.sum().backward();
    expect(w.grad!.abs().sum().item()).toBe(0);
  });

  it('computes no gradient of an input that wants none', () => {
    const [x, w] = [r(1, 2, 4, 4), torch.ones(3, 2, 3, 3, { requires_grad: true })];
    const out = F.conv2d(x, w);
    expect(out.grad_fn!.name).toBe('ConvolutionBackward0');
    expect(out.grad_fn!.next_functions.map(([node]) => node === null)).toEqual([true, false, true]);
  });

  it('agrees with the transposed convolution as its adjoint', () => {
    torch.manual_seed(0);
    const f64 = { dtype: torch.float64 };
    const [x, w, y] = [
      torch.randn(2, 4, 7, 6, f64),
      torch.randn(6, 2, 3, 2, f64),
      torch.randn(2, 6, 4, 3, f64),
    ];
    const options = { stride: 2, padding: [1, 0], groups: 2 };
    const left = F.conv2d(x, w, options).mul(y).sum().item();
    const back = F.conv_transpose2d(y, w, { ...options, output_padding: 0 });
    expect(back.shape).toEqual([2, 4, 7, 6]);
    expect(back.mul(x).sum().item()).toBeCloseTo(left, 10);
  });
});

describe('errors in torch’s words', () => {
  it.each<[string, () => unknown, string]>([
    [
      'channels',
      () => F.conv2d(r(1, 2, 5, 5), r(4, 3, 3, 3)),
      'Given groups=1, weight of size [4, 3, 3, 3], expected input[1, 2, 5, 5] to have 3 channels, but got 2 channels instead',
    ],
    [
      'kernel too large',
      () => F.conv2d(r(1, 3, 5, 5), r(4, 3, 7, 7)),
      "Calculated padded input size per channel: (5 x 5). Kernel size: (7 x 7). Kernel size can't be greater than actual input size",
    ],
    [
      'dimensions',
      () => F.conv2d(r(5, 5), r(4, 3, 7, 7)),
      'Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [5, 5]',
    ],
    [
      'bias',
      () => F.conv2d(r(1, 3, 5, 5), r(4, 3, 3, 3), r(3)),
      'Given weight of size [4, 3, 3, 3], expected bias to be 1-dimensional with 4 elements, but got bias of size [3] instead',
    ],
    [
      'bias dtype',
      () => F.conv2d(r(1, 3, 5, 5), r(4, 3, 3, 3), torch.ones(4, { dtype: torch.float64 })),
      'bias type (torch.float64) should be the same',
    ],
    ['stride', () => F.conv2d(r(1, 3, 5, 5), r(4, 3, 3, 3), null, 0), 'non-positive stride is not supported'],
    [
      'padding',
      () => F.conv2d(r(1, 3, 5, 5), r(4, 3, 3, 3), null, 1, -1),
      'negative padding is not supported',
    ],
    [
      'dilation',
      () => F.conv2d(r(1, 3, 5, 5), r(4, 3, 3, 3), null, 1, 0, 0),
      'dilation should be greater than zero, but got [0, 0]',
    ],
    [
      'groups',
      () => F.conv2d(r(1, 4, 5, 5), r(3, 2, 3, 3), { groups: 2 }),
      'Given groups=2, expected weight to be divisible by 2 at dimension 0, but got weight of size [3, 2, 3, 3] instead',
    ],
    [
      'no groups',
      () => F.conv2d(r(1, 4, 5, 5), r(4, 4, 3, 3), { groups: 0 }),
      'non-positive groups is not supported',
    ],
    [
      'same with stride',
      () => F.conv2d(r(1, 4, 5, 5), r(4, 4, 3, 3), null, 2, 'same'),
      "padding='same' is not supported for strided convolutions",
    ],
    [
      'padding word',
      () => F.conv2d(r(1, 4, 5, 5), r(4, 4, 3, 3), null, 1, 'foo' as 'same'),
      "Invalid padding string: 'foo'",
    ],
    [
      'conv1d',
      () => F.conv1d(r(5), r(4, 3, 3)),
      'Expected 2D (unbatched) or 3D (batched) input to conv1d, but got input of size: [5]',
    ],
    [
      'transposed channels',
      () => F.conv_transpose2d(r(1, 2, 5, 5), r(4, 3, 3, 3)),
      'Given transposed=1, weight of size [4, 3, 3, 3], expected input[1, 2, 5, 5] to have 4 channels, but got 2 channels instead',
    ],
    [
      'output padding',
      () => F.conv_transpose2d(r(1, 4, 5, 5), r(4, 3, 3, 3), { output_padding: 1 }),
      'output padding must be smaller than either stride or dilation',
    ],
    [
      'a misspelt keyword',
      () => F.conv2d(r(1, 4, 5, 5), r(4, 4, 3, 3), { strides: 2 } as object),
      "unexpected keyword argument 'strides'",
    ],
  ])('%s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
});
