import { RuntimeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { conv1d } from './conv.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { permute } from './view.js';

/**
 * Convolution over time of [T, B, C_in] with a weight [K, C_in, C_out]: [T + 2·pad − K + 1, B, C_out].
 *
 * @example
 * console.log(torch.conv_tbc(torch.ones(3, 1, 2), torch.ones(2, 2, 1), torch.ones(1)).flatten().tolist()); // [ 5, 5 ]
 */
export const conv_tbc: Op<
  (...args: Args<[input: Tensor, weight: Tensor, bias: Tensor], [pad: number], { pad?: number }>) => Tensor
> = define({
  schema: 'conv_tbc(Tensor input, Tensor weight, Tensor bias, int pad=0)',
  forward: (_ctx, x: Tensor, weight: Tensor, bias: Tensor, pad: number) => {
    if (x.ndim !== 3) throw new RuntimeError('Input must have 3 dims: time, batch, in_channel');
    if (weight.ndim !== 3) {
      throw new RuntimeError('Weight tensor must have 3 dims: kernel_width, in_channels, out_channels.');
    }
    if (bias.ndim !== 1) throw new RuntimeError('Bias must be 1-D');
    if (x.size(2) !== weight.size(1)) {
      throw new RuntimeError('Input dim 2 (input channels) is not == dim 1 in the weight tensor');
    }
    if (weight.size(2) !== bias.size(0)) {
      throw new RuntimeError('Bias size must equal dim 2 in the weight tensor (output channels).');
    }
    const out = conv1d(permute(x, [1, 2, 0]), permute(weight, [2, 1, 0]), bias, 1, pad);
    return permute(out, [2, 0, 1]).contiguous();
  },
  backward: 'composite',
  samples: (make) => [
    [make(4, 2, 3), make(2, 3, 2), make(2)],
    [make(3, 1, 2), make(2, 2, 2), make(2), 1],
  ],
});
