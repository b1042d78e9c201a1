import { RuntimeError } from '../errors.js';
import { numel, showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { define } from './define.js';
import type { Args, Op } from './define.js';
import { checkSameDtype } from './float_kernel.js';
import { mm } from './matmul.js';
import { add, mul } from './pointwise_binary.js';
import { sum } from './reduce.js';
import { permute, reshape, unsqueeze } from './view.js';

function checkBilinear(a: Tensor, b: Tensor, weight: Tensor, bias: Tensor | null): void {
  if (a.ndim === 0 || b.ndim === 0) {
    throw new RuntimeError('bilinear: expected inputs of at least 1 dimension, got a 0-dim tensor');
  }
  if (a.ndim !== b.ndim) {
    throw new RuntimeError(`bilinear(): input dimensions do not match: got ${a.ndim} and ${b.ndim}`);
  }
  a.shape.slice(0, -1).forEach((size, d) => {
    if (size === b.shape[d]) return;
    throw new RuntimeError(
      `bilinear(): input batch dimensions do not match at dim ${d}: got ${size} and ${b.shape[d]}`,
    );
  });
  if (weight.ndim !== 3) {
    throw new RuntimeError(`bilinear: expected weight [out, in1, in2], got ${showShape(weight.shape)}`);
  }
  [a, b].forEach((input, i) => {
    const [got, expected] = [input.shape[input.ndim - 1], weight.shape[i + 1]];
    if (got === expected) return;
    throw new RuntimeError(
      `bilinear(): input${i + 1} size does not match weight size: got ${got} but expected ${expected}`,
    );
  });
  if (bias !== null && (bias.ndim !== 1 || bias.shape[0] !== weight.shape[0])) {
    throw new RuntimeError(
      `bilinear(): bias size does not match weight size: got ${bias.shape[0] ?? 1} but expected ${weight.shape[0]}`,
    );
  }
  checkSameDtype('bilinear', a, { input2: b, weight, bias });
}

/**
 * out[…, k] = Σᵢⱼ input1[…, i]·weight[k, i, j]·input2[…, j] + bias[k]; weight is [out, in1, in2].
 *
 * @example
 * console.log(F.bilinear(torch.ones(2, 3), torch.ones(2, 4), torch.ones(5, 3, 4)).index(0).tolist()); // [ 12, 12, 12, 12, 12 ]
 */
export const bilinear: Op<
  (
    ...args: Args<
      [input1: Tensor, input2: Tensor, weight: Tensor],
      [bias: Tensor | null],
      { bias?: Tensor | null }
    >
  ) => Tensor
> = define({
  schema: 'bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias=None)',
  forward: (_ctx, a: Tensor, b: Tensor, weight: Tensor, bias: Tensor | null) => {
    checkBilinear(a, b, weight, bias);
    const [O, I, J] = weight.shape as [number, number, number];
    const lead = a.shape.slice(0, -1);
    const N = numel(lead);
    // One product of matrices [N, I]·[I, O·J], then the sums over j.
    const half = mm(reshape(a, [N, I]), reshape(permute(weight, [1, 0, 2]), [I, O * J]));
    const terms = mul(reshape(half, [N, O, J]), unsqueeze(reshape(b, [N, J]), 1));
    const out = reshape(sum(terms, 2), [...lead, O]);
    return bias === null ? out : add(out, bias);
  },
  backward: 'composite',
  samples: (make) => [
    [make(2, 3), make(2, 4), make(2, 3, 4), make(2)],
    [make(2, 3, 2), make(2, 3, 1), make(4, 2, 1)],
    [make(3), make(2), make(1, 3, 2)],
  ],
});
