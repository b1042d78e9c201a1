import { RuntimeError, ValueError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { cat } from './join.js';
import { constant_pad_nd } from './pad.js';
import { add, div, mul, pow, sub } from './pointwise_binary.js';
import { narrow } from './view.js';

interface Constants {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;
}

/** k + α/size times running sums of squares. torch's sums: channel 0 never leaves them, since they drop from index 1 on. */
function scaleOf(x: Tensor, { size, alpha, k }: Constants): Tensor {
  const channels = x.shape[1];
  const reach = Math.trunc((size - 1) / 2 + 1);
  const squares = mul(x, x);
  const square = (c: number): Tensor => narrow(squares, 1, c, 1);
  let sum = square(0);
  for (let c = 1; c < Math.min(reach, channels); c++) sum = add(sum, square(c));
  const sums = [sum];
  for (let c = 1; c < channels; c++) {
    if (c < channels - reach + 1) sum = add(sum, square(c + reach - 1));
    if (c > reach) sum = sub(sum, square(c - reach));
    sums.push(sum);
  }
  return add(mul(cat(sums, 1), alpha / size), k);
}

/** The sum over torch's window of each channel c: from c − int(size − (size − 1)/2) on, `size` channels. */
function windowSums(x: Tensor, size: number): Tensor {
  const before = Math.trunc(size - (size - 1) / 2);
  const channels = x.shape[1];
  if (before > size - 1) {
    throw new RuntimeError(
      `start (${before}) + length (${channels}) exceeds dimension size (${channels + size - 1}).`,
    );
  }
  const padded = constant_pad_nd(x, [0, 0, 0, 0, before, size - 1 - before]);
  let sum = narrow(padded, 1, 0, channels);
  for (let j = 1; j < size; j++) sum = add(sum, narrow(padded, 1, j, channels));
  return sum;
}

/** What `nn.CrossMapLRN2d` computes: x / (k + α/size · sums)^β, with torch's sums of squares and torch's gradient. */
export const crossMapLRN2d: Op<
  (input: Tensor, size: number, alpha: number, beta: number, k: number) => Tensor
> = define({
  schema: 'cross_map_lrn2d(Tensor input, int size, float alpha, float beta, float k)',
  forward: (ctx, x: Tensor, size: number, alpha: number, beta: number, k: number) => {
    if (x.ndim !== 4) throw new ValueError(`CrossMapLRN2d: expected a 4-D input, got a ${x.ndim}-D one`);
    if (!x.dtype.is_floating_point) {
      throw new RuntimeError(
        `result type Float can't be cast to the desired output type ${x.dtype.scalarName}`,
      );
    }
    ctx.save(x);
    return mul(pow(scaleOf(x, { size, alpha, beta, k }), -beta), x);
  },
  backward: (ctx, g) => {
    const [x] = ctx.saved();
    const [, size, alpha, beta, k] = ctx.args as [null, number, number, number, number];
    const scale = scaleOf(x, { size, alpha, beta, k });
    const power = pow(scale, -beta);
    const ratio = div(mul(g, mul(power, x)), scale);
    const around = mul(mul(x, windowSums(ratio, size)), (2 * alpha * beta) / size);
    return [sub(mul(power, g), around)];
  },
  // torch's gradient is the derivative of its forward with one channel only.
  samples: (make) => [[make(2, 1, 2, 3), 3, 0.5, 0.75, 1]],
});
