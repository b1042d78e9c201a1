import { RuntimeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { address, allocate } from '../tensor_handle.js';
import { runtime } from '../wasm/module.js';
import * as code from '../wasm/opcode.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { cast, dense } from './dense.js';
import { mul } from './pointwise_binary.js';
import { hurwitz, trigamma } from '../special/zeta_number.js';
import { floatDtype, unaryKernel } from './unary_kernel.js';

/** The derivative of `lgamma`. */
export const digamma: Op<(input: Tensor) => Tensor, 'method' | 'inplace'> = define(
  {
    schema: 'digamma(Tensor input)',
    forward: (ctx, x: Tensor) => {
      ctx.save(x);
      return unaryKernel(ctx, code.U_DIGAMMA, x, floatDtype(x.dtype));
    },
    backward: (ctx, g) => [mul(g, polygamma(1, ctx.saved()[0]))],
    samples: (make) => [[make.uniform(0.5, 3, 2, 3)]],
  },
  ['method', 'inplace'],
);

/** The n-th derivative of `digamma`: (−1)^(n+1) n! ζ(n + 1, input). */
export const polygamma: Op<(n: number, input: Tensor) => Tensor> = define({
  schema: 'polygamma(int n, Tensor input)',
  forward: (ctx, n: number, x: Tensor) => {
    if (n < 0) throw new RuntimeError('polygamma(n, x) does not support negative n.');
    ctx.save(x);
    if (n === 0) return unaryKernel(ctx, code.U_DIGAMMA, x, floatDtype(x.dtype));
    const dtype = floatDtype(x.dtype);
    const source = dense(cast(x, dtype));
    const out = allocate(x.shape, dtype);
    let scale = n % 2 === 0 ? -1 : 1;
    for (let k = 2; k <= n; k++) scale *= k;
    const { heap } = runtime();
    const memory = dtype.itemsize === 8 ? heap.f64 : heap.f32;
    const [from, to] = [source, out].map((t) => address(t) / dtype.itemsize);
    const round = dtype.itemsize === 8 ? Number : Math.fround;
    const value = (at: number): number => (n === 1 ? trigamma(at, round) : scale * hurwitz(n + 1, at));
    for (let i = 0; i < x.numel(); i++) memory[to + i] = value(memory[from + i]);
    return out;
  },
  backward: (ctx, g) => {
    const n = ctx.args[0] as number;
    return [mul(g, polygamma(n + 1, ctx.saved()[0]))];
  },
  samples: (make) => [
    [1, make.uniform(0.5, 3, 2, 3)],
    [3, make.uniform(0.5, 3, 3)],
  ],
});
