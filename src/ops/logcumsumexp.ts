import { NotImplementedError } from '../errors.js';
import { wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import * as code from '../wasm/opcode.js';
import { gt, lt, where } from './compare.js';
import { define } from './define.js';
import type { Op } from './define.js';
import { flip } from './flip.js';
import { add, mul, neg, sub } from './pointwise_binary.js';
import { exp, log } from './pointwise_unary.js';
import { scanKernel } from './scan.js';

/** The logarithm of the running sum of exponentials along `dim`: log Σ_{j ≤ i} exp(xⱼ), without overflow. */
export const logcumsumexp: Op<(input: Tensor, dim: number | { dim: number }) => Tensor, 'method'> = define(
  {
    schema: 'logcumsumexp(Tensor input, int dim)',
    forward: (ctx, x: Tensor, dim: number) => {
      const d = wrapDim(dim, x.ndim);
      if (!x.dtype.is_floating_point) {
        throw new NotImplementedError(
          `"logcumsumexp_out_dispatch" not implemented for '${x.dtype.scalarName}'`,
        );
      }
      ctx.save(x);
      const out = scanKernel(code.S_LOGCUMSUMEXP, x, d, null);
      ctx.saveOutput(out);
      ctx.state = d;
      return out;
    },
    backward: (ctx, g) => {
      const [x, out] = ctx.saved();
      return [x.ndim === 0 ? g : expSuffix(g, x, out, ctx.state as number)];
    },
    samples: (make) => [
      [make(2, 3), 1],
      [make(4, 2), 0],
      [make(), 0],
    ],
  },
  ['method'],
);

/** Positive and negative weights apart, in logarithms, as torch has its backward. */
function bySign(weights: Tensor, sum: (logs: Tensor) => Tensor): Tensor {
  return sub(
    exp(sum(where(gt(weights, 0), log(weights), -Infinity))),
    exp(sum(where(lt(weights, 0), log(neg(weights)), -Infinity))),
  );
}

type WeightedSum = Op<(weights: Tensor, x: Tensor, out: Tensor, dim: number) => Tensor>;

/** Σ_{i ≥ j} gᵢ exp(xⱼ − outᵢ), where outᵢ is at least each xⱼ: what the gradient of logcumsumexp is. */
export const expSuffix: WeightedSum = define({
  schema: 'exp_suffix(Tensor weights, Tensor x, Tensor out, int dim)',
  forward: (ctx, g: Tensor, x: Tensor, out: Tensor, dim: number) => {
    ctx.save(g, x, out);
    return bySign(g, (logs) => add(flip(logcumsumexp(flip(sub(logs, out), dim), dim), dim), x));
  },
  backward: (ctx, h) => {
    const [g, x, out] = ctx.saved();
    const dim = ctx.args[3] as number;
    const toWeights = expPrefix(h, x, out, dim);
    return [
      toWeights,
      ctx.needs[1] ? mul(h, expSuffix(g, x, out, dim)) : null,
      ctx.needs[2] ? neg(mul(g, toWeights)) : null,
    ];
  },
  samples: (make) => [[make(2, 3), make.uniform(-1, 1, 2, 3), make.uniform(1, 2, 2, 3), 1]],
});

/** Σ_{j ≤ i} hⱼ exp(xⱼ − outᵢ). */
export const expPrefix: WeightedSum = define({
  schema: 'exp_prefix(Tensor weights, Tensor x, Tensor out, int dim)',
  forward: (ctx, h: Tensor, x: Tensor, out: Tensor, dim: number) => {
    ctx.save(h, x, out);
    return bySign(h, (logs) => sub(logcumsumexp(add(logs, x), dim), out));
  },
  backward: (ctx, g) => {
    const [h, x, out] = ctx.saved();
    const dim = ctx.args[3] as number;
    const toWeights = expSuffix(g, x, out, dim);
    return [
      toWeights,
      ctx.needs[1] ? mul(h, toWeights) : null,
      ctx.needs[2] ? neg(mul(g, expPrefix(h, x, out, dim))) : null,
    ];
  },
  samples: (make) => [[make(2, 3), make.uniform(-1, 1, 2, 3), make.uniform(1, 2, 2, 3), 1]],
});
