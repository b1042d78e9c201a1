/** What activations share: the form with one parameter, what they save, and their backward. */
import type { Tensor } from '../tensor.js';
import { B_RELU_BACKWARD } from '../wasm/opcode.js';
import { binaryKernel } from './binary_kernel.js';
import { define } from './define.js';
import type { Args, Context, Op } from './define.js';

/** An activation with one named parameter besides its input. */
export type WithOne<K extends string, V = number> = Op<
  (...args: Args<[input: Tensor], [value: V], Partial<Record<K, V>>>) => Tensor
>;

/** Saves the input for backward. */
export function saveInput(ctx: Context, x: Tensor): void {
  if (ctx.needs[0]) ctx.save(x);
}

/** A backward that is one pass over gradient and input (or output) and piecewise linear, so that it is its own derivative. */
export const gated: Op<(grad: Tensor, other: Tensor, op: number, p0: number, p1: number) => Tensor> = define({
  schema: 'activation_backward(Tensor grad, Tensor other, int op, float p0, float p1)',
  forward: (ctx, grad: Tensor, other: Tensor, op: number, p0: number, p1: number) => {
    if (ctx.needs[0]) ctx.save(other);
    return binaryKernel(ctx, op, grad, other, grad.dtype, p0, p1);
  },
  backward: (ctx, v) => {
    const [, , op, p0, p1] = ctx.args as [null, null, number, number, number];
    return [ctx.needs[0] ? gated(v, ctx.saved()[0], op, p0, p1) : null, null];
  },
  samples: (make) => [[make(2, 3), make(2, 3).detach(), B_RELU_BACKWARD, 0, 0]],
});
